"""The faces that a model was tried on: a gallery to filter, where the network looked, examples for tooltips.

The store keeps what was predicted, not the faces. They come from the prepared data set in the home's folder `datasets`,
by their row; where it is not there, the page says how to make it.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
import streamlit as st

from dashboard import context, data_sets, face_pictures, network
from dashboard.words import one_line, percent, plain
from db import model_results
from db.emotions import EMOTIONS
from db.results import Connection
from processor.emotions import BundleUnusable
from training.datasets import DatasetUnreadable

PAGE = 24
EVERY = "any"
NBSP = "\N{NO-BREAK SPACE}"
EXAMPLES = 3  # faces in the tooltip of a confusion matrix


def data_file(data: str) -> Path:
    """Where the prepared data set of that name belongs."""
    return context.home().path / "datasets" / f"{Path(data).name}.npz"


def faces_of(row: pd.Series, numbers: Iterable[int]) -> dict[int, np.ndarray] | None:
    """The faces of an evaluation with these row numbers: number to uint8 (48, 48); those that the set has.

    None where the data set is not there. Raises DatasetUnreadable.
    """
    file = data_file(row["data"])
    if not file.is_file():
        return None
    faces = data_sets.opened(file)
    # Row numbers are unique within a split only: a set can be made of several.
    few = faces.where(np.isin(faces.row, list(numbers)))
    try:
        few = few.split(row["split"])
    except ValueError:  # there is no such face in it
        return {}
    return {int(number): face for number, face in zip(few.row, few.images, strict=True)}


def example_pictures(con: Connection, row: pd.Series, categories: bool) -> dict[tuple[str, str], str] | None:
    """For each pair of truth and prediction a picture of the surest faces; None where the faces are not at hand."""
    examples = model_results.examples(con, row["evaluation_id"], categories, EXAMPLES)
    try:
        found = faces_of(row, (number for numbers in examples["rows"] for number in numbers))
    except DatasetUnreadable:
        return None  # the view of faces says what is wrong
    pictures = {}
    for example in examples.itertuples():
        shown = [found[number] for number in example.rows if number in found] if found else []
        if shown:
            row_of_faces = face_pictures.beside_each_other(np.stack(shown))
            pictures[example.truth, example.predicted] = face_pictures.data_url(row_of_faces)
    return pictures or None


# A fragment, so that a click on a face does not draw the whole page again.
@st.fragment
def gallery(row: pd.Series, folder: Path | None) -> None:
    """Predictions of an evaluation, filtered, with their faces. folder: of the model's bundle, None: not here."""
    con = context.connection()
    if con is None:
        return
    chosen = filters()
    _, total = model_results.predictions(con, row["evaluation_id"], **chosen, limit=0)
    if not total:
        st.info("No prediction fits these filters." if any_stored(con, row) else _not_stored())
        return
    page, pages = 1, -(-total // PAGE)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if pages > 1:
            page = int(st.number_input(f"Page of {pages:,}", 1, pages, key=f"page-{pages}", width=160))
        st.caption(f"{total:,} predictions. Each says its label, then what the network named it, and how sure it was.")
    rows, _ = model_results.predictions(con, row["evaluation_id"], **chosen, limit=PAGE, offset=(page - 1) * PAGE)
    try:
        found = faces_of(row, rows["row"])
    except DatasetUnreadable as error:
        st.error(plain(error))
        return
    if found is None:
        how_to_get(row["data"])
    elif not found:
        st.warning(
            f"{plain(data_file(row['data']).name)} has none of these faces: it is another set than the one that was "
            "evaluated. Prepare it again from the same source."
        )
    if not found:
        table(rows)
        return
    with st.container(horizontal=True, gap="medium"):
        for prediction in rows.itertuples():
            if prediction.row in found:
                tile(prediction, row["labels"], found[prediction.row], folder)


def filters() -> dict:
    """What the controls ask for, as model_results.predictions takes it."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        truth = st.selectbox("Labelled", [EVERY, *EMOTIONS], key="gallery-truth", width=150)
        predicted = st.selectbox("Named", [EVERY, *EMOTIONS], key="gallery-predicted", width=150)
        right = st.segmented_control(
            "Which", ["all", "right", "wrong"], default="all", required=True, key="gallery-right"
        )
        order = st.segmented_control(
            "First", ["surest", "least sure"], default="surest", required=True, key="gallery-order"
        )
        sure = st.slider("How sure it was (percent)", 0, 100, (0, 100), key="gallery-sure", width=260)
    return {
        "truth": None if truth == EVERY else truth,
        "predicted": None if predicted == EVERY else predicted,
        "right": {"all": None, "right": True, "wrong": False}[right],
        "probability": (sure[0] / 100, sure[1] / 100),
        "surest_first": order == "surest",
    }


def any_stored(con: Connection, row: pd.Series) -> bool:
    """Whether predictions of the evaluation are stored at all."""
    return model_results.predictions(con, row["evaluation_id"], limit=0)[1] > 0


def _not_stored() -> str:
    return "The predictions of this evaluation are not stored: `python -m training evaluate` stores them."


def tile(prediction, labels: str, face: np.ndarray, folder: Path | None) -> None:
    """One face with what it is labelled and named; a click shows where the network looked."""
    right = prediction.truth == prediction.predicted
    says = prediction.truth if right else f"{prediction.truth} → {prediction.predicted}"
    sure = percent(prediction.probability).replace(" ", NBSP)  # so that a narrow tile does not part the two
    with st.container(width=112, gap="xxsmall"):
        st.image(
            face_pictures.enlarged(face, 112), alt=f"A face labelled {prediction.truth}, named {prediction.predicted}"
        )
        if st.button(
            f"{says} {sure}", key=f"face-{prediction.row}", type="tertiary",
            icon=":material/check:" if right else ":material/close:", disabled=folder is None, wrap=True,
            help="Where did the network look?" if folder else "Its files are not here, so it can't be asked.",
        ):  # fmt: skip
            explanation(prediction.row, labels, prediction.truth, prediction.predicted, face, folder)


@st.dialog("Where the network looked", width="medium")
def explanation(row: int, labels: str, truth: str, predicted: str, face: np.ndarray, folder: Path) -> None:
    """Grad-CAM of one face for what it was named, and for its label where that is another; all seven probabilities."""
    try:
        outputs = network.classifier(folder).outputs(face[None])
        head = "fer2013" if labels == "fer2013" and "fer2013" in outputs else "emotions"  # as it was evaluated
        sure = outputs[head][0]
        wanted = [predicted] if truth == predicted else [predicted, truth]
        maps = {name: network.gradcam(folder, face[None], EMOTIONS.index(name), head)[0] for name in wanted}
    except (BundleUnusable, ValueError) as error:
        st.error(plain(error))
        return
    with st.container(horizontal=True, gap="medium"):
        for picture, text in [
            (face, f"Row {row}, labelled {truth}"),
            *((face_pictures.heat(face, map_), f"What speaks for {name}") for name, map_ in maps.items()),
        ]:
            with st.container(width=210):
                st.image(face_pictures.enlarged(picture, 210), caption=text, alt=text)
    st.caption(
        "The warmer a place, the more it spoke for that emotion (Grad-CAM). It shows where the network looked, not "
        "whether it was right to."
    )
    order = np.argsort(-sure)
    st.markdown(" · ".join(f"{EMOTIONS[place]} **{percent(float(sure[place]))}**" for place in order))


def table(rows: pd.DataFrame) -> None:
    """The predictions without their faces."""
    st.dataframe(
        rows.assign(probability=rows["probability"] * 100), hide_index=True, key="predictions", alt="Predictions",
        column_config={
            "row": st.column_config.NumberColumn("Row", help="Of the face in its data set."),
            "truth": st.column_config.TextColumn("Labelled"),
            "predicted": st.column_config.TextColumn("Named"),
            "probability": st.column_config.NumberColumn("How sure", format="%.0f %%"),
        },
    )  # fmt: skip


def how_to_get(data: str) -> None:
    """What to do where the faces are not at hand."""
    st.info(
        f"The faces of {plain(data)} are not in this home, so only what was predicted can be shown. Prepare the set, "
        "from the folder or the table that you have it in, and they appear here:",
        icon=":material/folder_off:",
    )
    st.code(
        f"python -m training prepare FOLDER_OR_CSV --out {one_line(data_file(data))}", language=None, wrap_lines=True
    )
