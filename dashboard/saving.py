"""The download buttons of the video page.

Files are made before their buttons, not when a button is clicked: Streamlit forgets a file made on a click as soon as
pages that are open draw themselves twice, and those that watch the processor do so every second.
"""

from __future__ import annotations

from collections.abc import Hashable

import altair as alt
import streamlit as st

from dashboard import downloads
from db import results


def save(
    con: results.Connection,
    video: dict,
    track_id: int | None,
    drawn: dict[str, alt.TopLevelMixin],
    about: Hashable,
) -> None:
    """Labels at once; the whole table and the pictures, which take a second or two, when they are asked for.

    drawn: the charts by name. about: what they show; what was prepared for something else is not offered any more.
    """
    run_id = video["current"]["run_id"]

    def button(label: str, what: str, data: bytes, mime: str) -> None:
        name = downloads.file_name(video["name"], what)
        st.download_button(label, data, name, mime, key=f"save-{what}", on_click="ignore", icon=":material/download:")

    st.subheader("Downloads", anchor=False)
    labels = results.labels(con, run_id, track_id)
    with st.container(horizontal=True):
        button("Smoothed labels", "smoothed.csv", downloads.labels_csv(labels, smoothed=True), "text/csv")
        button("Raw labels", "raw.csv", downloads.labels_csv(labels, smoothed=False), "text/csv")
    wanted = (run_id, about)
    if st.session_state.get("prepared") != wanted:
        if not st.button("Prepare the charts as PNG and everything as CSV", icon=":material/inventory_2:"):
            return
        st.session_state["prepared"] = wanted
    with st.spinner("Making the files"):
        table = downloads.observations_csv(results.observations(con, run_id), video)
        pictures = {name: downloads.png(chart) for name, chart in drawn.items()}
    with st.container(horizontal=True):
        button("Everything", "observations.csv", table, "text/csv")
        for name, picture in pictures.items():
            button(name.capitalize(), f"{name}.png", picture, "image/png")
