"""Sections of the Data page about what is wrong with a set: labels that contradict each other, and duplicates."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from dashboard import data_charts, data_sets
from dashboard.data_pieces import FACES_AT_ONCE, about, clicked, counting, draw, show
from dashboard.data_sets import Shown, figure
from dashboard.face_pictures import beside_each_other
from dashboard.gallery import gallery
from dashboard.words import percent
from db.emotions import EMOTIONS
from training import exploration

PAIRS_AT_ONCE = 16
PAIR_PX = 164  # two beside each other on a telephone


def disagreement(shown: Shown) -> None:
    """Where FER+'s votes contradict FER2013's labels."""
    if shown.faces.votes is None:
        st.info("This data set has one set of labels. With the votes of FER+ (`--ferplus`), they are compared here.")
        return
    table, left_out = exploration.disagreement(shown.faces)
    if not table.sum():
        st.info("No face in this part has a majority in FER+ to compare with.")
        return
    agree = np.trace(table) / table.sum()
    columns = st.columns(2, wrap=False)
    columns[0].metric("Labels agree", percent(agree), help="Of the faces that have both labels.")
    columns[1].metric(
        "Without a FER+ label", f"{left_out:,}", help="No emotion has more than half of the votes, or contempt has."
    )
    draw(data_charts.disagreement(table), "Table of FER2013's labels against those of FER+")
    np.fill_diagonal(table, 0)
    fer, ferplus = np.unravel_index(table.argmax(), table.shape)
    columns = st.columns(2)
    fer = columns[0].selectbox("FER2013 says", EMOTIONS, index=int(fer), key="fer")
    ferplus = columns[1].selectbox("FER+ says", EMOTIONS, index=int(ferplus), key="ferplus")
    seed = clicked("others", "disagreement")
    places = exploration.labelled_as(shown.faces, EMOTIONS.index(fer), EMOTIONS.index(ferplus), FACES_AT_ONCE, seed)
    if len(places):
        show(shown, places)
        counting("Draw others", "others", "disagreement", icon=":material/casino:")
    else:
        st.info("There is no such face in this part.")


def duplicates(part: Shown) -> None:
    """Pictures that are there twice, in the whole set, because a picture in two parts is the worst of them."""
    st.markdown(
        "A picture that is in training and in a test makes the test too easy; one that has two labels teaches nothing. "
        "This looks at the whole set, whatever part is chosen."
    )
    shown = data_sets.everything(part)
    if not clicked("more", "duplicates"):
        note = "Compares every face with every other: some ten seconds for 30,000 faces, the first time."
        counting("Look for duplicates", "more", "duplicates", type="primary", icon=":material/search:", help=note)
        return
    found = figure("repeated", "Comparing every face with every other", shown)
    metrics = [half.columns(2, wrap=False) for half in st.columns(2)]
    metrics[0][0].metric("Exact copies", f"{len(found.copies):,}", help="Faces with the very pixels of an earlier one.")
    contradicting = shown.labels[found.copies[:, 0]] != shown.labels[found.copies[:, 1]]
    metrics[0][1].metric("With another label", f"{contradicting.sum():,}", help="Of the exact copies.")
    metrics[1][0].metric(
        "Near duplicates", f"{len(found.near):,}", help="Pairs, cropped, retouched or mirrored otherwise."
    )
    metrics[1][1].metric("Of them mirrored", f"{found.mirrored.sum():,}")
    if found.leaks:
        st.subheader("The same picture in two parts", anchor=False)
        rows = [
            {"part": a, "also in": b, "exact copies": exact, "near duplicates": near}
            for leak in found.leaks
            for a, b, exact, near in zip(leak["splits"], leak["splits"][::-1], leak["exact"], leak["near"], strict=True)
        ]  # fmt: skip
        st.dataframe(pd.DataFrame(rows), hide_index=True, width="stretch")
        st.caption("A row counts the faces of the part that are in the other part, too.")
    seed = clicked("others", "duplicates")
    for name, pairs in (
        ("Exact copies with another label", found.copies[contradicting]),
        ("Near duplicates", found.near),
    ):
        if len(pairs):
            st.subheader(name, anchor=False)
            chosen = exploration.sample(np.ones(len(pairs), bool), PAIRS_AT_ONCE, seed)
            show_pairs(shown, pairs[chosen])
    if len(found.copies) or len(found.near):
        counting("Draw others", "others", "duplicates", icon=":material/casino:")


def show_pairs(shown: Shown, pairs: np.ndarray) -> None:
    """Pairs of faces, int (P, 2), beside each other, with both labels."""
    pictures = np.stack([beside_each_other(shown.faces.images[pair]) for pair in pairs])
    labels = [" | ".join(EMOTIONS[label] for label in shown.labels[pair]) for pair in pairs]
    tips = [" | ".join(about(shown.faces, place) for place in pair) for pair in pairs]
    st.html(gallery(pictures, labels, tips, PAIR_PX))
