"""Data: what a prepared set of labelled faces looks like, before a network learns from it."""

from __future__ import annotations

import shlex
from pathlib import Path

import streamlit as st

from dashboard import context, data_labels, data_sections, data_sets
from dashboard.data_sets import Shown
from dashboard.words import one_line, plain
from training.datasets import DatasetUnreadable


def page() -> None:
    """The whole page, from top to bottom."""
    context.within_app()
    st.title("Data", anchor=False)
    files = data_sets.prepared(context.home().path)
    if not files:
        nothing()
        return
    try:
        shown = choose(files)
    except DatasetUnreadable as error:
        st.error(plain(error), icon=":material/error:")
        return
    if not len(shown.whole):
        st.info("This data set holds no face. Prepare it again from its source.")
        return
    section = st.segmented_control(
        "Look at", IN_ORDER, default=IN_ORDER[0], required=True, key="section", label_visibility="collapsed", wrap=True
    )
    if section in OF_ALL:
        OF_ALL[section](shown)
    elif shown.labelled:
        OF_LABELLED[section](shown)
    else:
        st.info(f"No face in this part has a label in {shown.label_set}. Choose another part, or other labels.")


def choose(files: list[Path]) -> Shown:
    """Which set, which part of it, and whose labels. Raises DatasetUnreadable."""
    columns = st.columns([2, 1, 1])
    path = columns[0].selectbox("Data set", files, format_func=lambda path: one_line(path.stem), key="data_set")
    whole = data_sets.opened(path)
    part = columns[1].selectbox("Part", data_sets.parts(whole), key=f"part-{path}")
    label_set = columns[2].selectbox("Labels", data_sets.label_sets(whole), key=f"labels-{path}")
    if whole.illumination != "none":
        st.caption(
            "Pictures are shown as the set has them. Training normalises their light "
            f"({one_line(whole.illumination)}), and so does a network trained on them; under Augmentation it is done."
        )
    return data_sets.shown(path, part, label_set)


def nothing() -> None:
    """The page of somebody who has prepared no set yet."""
    with st.container(border=True):
        st.subheader("No data set here yet", anchor=False)
        st.markdown(
            "Only training needs labelled faces; videos are analysed without them. Bring a set into the form that "
            "Moodreel trains on, such as Kaggle's `fer2013.csv` with the votes of FER+ (`fer2013new.csv`):"
        )
        home = context.home().path
        command = f"python -m training prepare fer2013.csv --ferplus fer2013new.csv --home {shlex.quote(str(home))}"
        st.code(command, language="bash", wrap_lines=True)
        st.markdown("Prepared sets are looked for in this folder:")
        st.code(str(home / "datasets"), language=None, wrap_lines=True)


# Those that are about labelled faces only say so where no face has a label.
OF_LABELLED = {
    "Faces": data_sections.faces,
    "Grey levels": data_sections.grey_levels,
    "Average faces": data_sections.averages,
    "Likeness": data_sections.likeness,
    "Augmentation": data_sections.augmentation,
}
OF_ALL = {
    "Counts": data_sections.counts,
    "Label disagreement": data_labels.disagreement,
    "Duplicates": data_labels.duplicates,
}
IN_ORDER = [
    "Counts", "Faces", "Grey levels", "Average faces", "Likeness", "Label disagreement", "Duplicates", "Augmentation",
]  # fmt: skip

page()
