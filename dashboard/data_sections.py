"""Sections of the Data page about the pictures: each asks for figures, draws them and says what they are."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from dashboard import data_charts
from dashboard.data_pieces import FACES_AT_ONCE, clicked, counting, draw, show
from dashboard.data_sets import Shown, figure
from dashboard.gallery import gallery
from db.emotions import EMOTIONS
from training import exploration

SAMPLED_EACH = 6  # faces of each emotion whose correlation is drawn
AUGMENTED_FACES, AUGMENTED_TIMES = 6, 6
AVERAGE_PX = 104  # three beside each other on a telephone


def counts(shown: Shown) -> None:
    """How many faces there are, and how the parts are made up."""
    rows = exploration.counts(shown.whole)
    faces = np.bincount(shown.labels[shown.labels >= 0], minlength=len(EMOTIONS))
    chosen = pd.DataFrame({"emotion": EMOTIONS, "faces": faces})
    most, least = chosen["faces"].max(), chosen["faces"].min()
    metrics = [half.columns(2, wrap=False) for half in st.columns(2)]
    metrics[0][0].metric("Faces", f"{len(shown.faces):,}")
    metrics[0][1].metric("With a label", f"{shown.labelled:,}", help="FER+ gives none without a majority of its votes.")
    metrics[1][0].metric("Largest class", chosen.loc[chosen["faces"].idxmax(), "emotion"] if most else "–")
    metrics[1][1].metric(
        "To the smallest",
        f"{most / least:.1f} : 1" if least else "–",
        help="Faces of the largest class for one of the smallest.",
    )
    columns = st.columns(2)
    with columns[0]:
        draw(
            data_charts.counts(chosen, f"Faces of each emotion, {shown.label_set}"),
            "Bars of the number of faces of each emotion",
        )
    with columns[1]:
        draw(data_charts.shares(rows), "Stacked bars of each emotion's share in each part of the set")
    st.caption(
        "`train` and `validation` are the two parts of `Training`: every twentieth face is held off for choosing and "
        "calibrating. The other parts are never trained on."
    )
    with st.expander("As a table", icon=":material/table:"):
        table = rows.pivot_table(index=["labels", "part"], columns="emotion", values="faces", sort=False)
        table = table[list(EMOTIONS)].assign(together=table.sum(axis=1)).astype(int).reset_index()
        st.dataframe(table, hide_index=True, width="stretch")


def faces(shown: Shown) -> None:
    """A sample of the faces, of one emotion or of any."""
    emotion = st.pills("Emotion", ["any", *EMOTIONS], default="any", required=True, key="emotion")
    there = shown.labels >= 0 if emotion == "any" else shown.labels == EMOTIONS.index(emotion)
    seed, more = clicked("others", "faces"), clicked("more", "faces")
    places = exploration.sample(there, FACES_AT_ONCE * (1 + more), seed)
    if not len(places):
        st.info(f"No face in this part is labelled {emotion}.")
        return
    show(shown, places)
    st.caption(
        f"{len(places):,} of {there.sum():,} faces, drawn by chance (seed {seed}). "
        "Point at one to see what is known of it."
    )
    with st.container(horizontal=True):
        if len(places) < there.sum():
            counting("Show more", "more", "faces", icon=":material/expand_more:")
        counting("Draw others", "others", "faces", icon=":material/casino:")


def grey_levels(shown: Shown) -> None:
    """Histogram of the pixels, mean and deviation."""
    levels = figure("levels", "Counting grey levels", shown)
    rows, moments = exploration.histogram(levels), exploration.moments(levels)
    columns = st.columns(2)
    with columns[0]:
        draw(data_charts.histogram(rows, by_emotion=False), "Histogram of the grey levels of all faces")
    with columns[1]:
        draw(data_charts.moments(moments), "Mean and standard deviation of the grey levels of each emotion")
    draw(data_charts.histogram(rows, by_emotion=True), "Lines of the distribution of grey levels of each emotion")
    everything = moments.iloc[-1]
    st.caption(f"All faces: mean {everything['mean']:.1f}, standard deviation {everything['deviation']:.1f}.")


def averages(shown: Shown) -> None:
    """The average face of each emotion, and where faces differ."""
    found = figure("averages", "Averaging", shown)
    names = (*EMOTIONS, "all faces")
    there = [place for place, number in enumerate(found.faces) if number]
    captions = [f"{names[place]} ({found.faces[place]:,})" for place in there]
    st.subheader("Average face", anchor=False)
    pictures = found.mean[there].round().astype(np.uint8)
    st.html(gallery(pictures, captions, [f"Average face: {caption}" for caption in captions], AVERAGE_PX))
    st.subheader("Standard deviation of each pixel", anchor=False)
    widest = found.deviation[there].max() or 1
    pictures = (found.deviation[there] / widest * 255).round().astype(np.uint8)
    st.html(gallery(pictures, captions, [f"Where faces differ: {caption}" for caption in captions], AVERAGE_PX))
    st.caption(f"Bright where the faces of an emotion differ: white is a deviation of {widest:.0f} of 255 grey levels.")


def likeness(shown: Shown) -> None:
    """Which faces lie near each other: principal components and correlation."""
    seed = clicked("others", "likeness")
    try:
        rows, explained, fitted = figure("components", "Finding the principal components", shown, seed)
    except ValueError:
        st.info("Principal components need at least three labelled faces. Choose another part.")
    else:
        draw(
            data_charts.components(rows, explained, fitted), "Scatter of faces on their first two principal components"
        )
        st.caption(f"{len(rows):,} faces, drawn by chance (seed {seed}).")
        counting("Draw others", "others", "likeness", icon=":material/casino:")
    mean = figure("averages", "Averaging", shown).mean
    pairs = figure("pairs", "Correlating all pairs", shown)
    columns = st.columns(2)
    with columns[0]:
        heading = "Correlation of the average faces", "Pearson's r over pixels"
        draw(
            data_charts.correlation(exploration.average_correlation(mean), *heading),
            "Table of the correlation of average faces",
        )
    with columns[1]:
        heading = "Correlation of two faces", "Mean of Pearson's r over all pairs"
        draw(data_charts.correlation(pairs, *heading), "Table of the mean correlation of two faces of two emotions")
    places, r = figure("single", "Correlating faces", shown, SAMPLED_EACH, seed)
    names = [EMOTIONS[label] for label in shown.labels[places]]
    with st.container(width=760):
        draw(data_charts.face_correlation(r, names), "Table of the correlation of single faces, sorted by emotion")


def augmentation(shown: Shown) -> None:
    """What training makes of faces, so that no face is seen twice in the same form."""
    st.markdown(
        "In training each face is changed by chance, and anew each time: mirrored, turned, scaled, shifted, lit "
        "differently, partly covered, as its recipe says. The first of each row is the face as it is evaluated."
    )
    if not clicked("more", "augmentation"):
        note = "Loads the network library: a few seconds, the first time."
        counting("Show examples", "more", "augmentation", type="primary", icon=":material/auto_fix_high:", help=note)
        return
    seed = clicked("others", "augmentation")
    places = tuple(int(place) for place in exploration.sample(shown.labels >= 0, AUGMENTED_FACES, seed))
    with st.spinner("Loading the network library"):
        recipe = st.selectbox("Recipe", exploration.augmentations(), key="recipe", width=300)
    versions = figure("augmented", "Changing some of", shown, places, AUGMENTED_TIMES, seed, recipe)
    for place, row in zip(places, versions, strict=True):
        name = EMOTIONS[shown.labels[place]]
        tips = [f"{name}, unchanged", *[f"{name}, changed"] * (len(row) - 1)]
        st.html(gallery(row, [name, *[""] * (len(row) - 1)], tips))
    counting("Draw others", "others", "augmentation", icon=":material/casino:")
