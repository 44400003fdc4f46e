"""Section Exports of the video page: what is known of a video, to take away as files.

Files are made before their buttons, not when a button is clicked, and are kept for the session: Streamlit forgets a
file made on a click as soon as pages that are open draw themselves twice, and those that watch the processor do so
every second. Files that take the processor minutes are its own; see video_made.py.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Hashable

import pandas as pd
import streamlit as st

from dashboard import context, downloads, moment_charts, report, timeline_charts, video_made
from dashboard.look import Look, labelled
from dashboard.moments import key_moments
from dashboard.timeline_charts import Drawing
from dashboard.transitions import transitions
from db import annotation_results, people_results, results

CSV, PARQUET, JSON = "text/csv", "application/vnd.apache.parquet", "application/json"
PNG, SVG, ZIP, PDF = "image/png", "image/svg+xml", "application/zip", "application/pdf"

# What of a video is written into its files: when it changes, they are made again.
_TOLD = ("name", "subject", "cohort", "session", "tags", "consent")

# A file: its button's label, the end of its name, its content, its type.
File = tuple[str, str, bytes, str]


def section(con: results.Connection, video: dict, tracks: pd.DataFrame, faces: pd.DataFrame, look: Look) -> None:
    """Every file that there is of a video. Arguments as of every section of the video page."""
    run = video["current"]
    run_id = run["run_id"]
    markers = annotation_results.markers(con, video["video_id"])
    excluded = annotation_results.excluded(con, video["video_id"])
    baselines = people_results.baselines(con, run_id)

    def drawn() -> dict[str, Drawing]:
        found = timeline_charts.drawings(run, tracks, faces, results.frames(con, run_id), baselines, look)
        pairs = transitions(labelled(faces, look))
        if pairs["count"].any():
            found["transitions"] = _transitions(pairs)
        return found

    def tables() -> list[File]:
        rows = downloads.everything(results.observations(con, run_id), faces, look)
        about = downloads.about(video, run, tracks, faces, look, markers, excluded)
        return [
            ("Everything as CSV", "observations.csv", downloads.observations_csv(rows, video), CSV),
            ("Everything as Parquet", "observations.parquet", downloads.parquet(rows, about), PARQUET),
            ("Everything as JSON", "observations.json", downloads.json_document(rows, about), JSON),
        ]

    def pictures() -> list[File]:
        made = [
            (f"{name.capitalize()}, {kind}", f"{name}.{kind.lower()}", draw(drawing.chart), mime)
            for name, drawing in drawn().items()
            for kind, draw, mime in (("PNG", downloads.png, PNG), ("SVG", downloads.svg, SVG))
        ]
        return [*made, ("All charts, ZIP", "charts.zip", _zipped(video["name"], made), ZIP)]

    def document() -> list[File]:
        moments = key_moments(labelled(faces, look))
        whole = report.pdf(video, run, tracks, faces, look, excluded, markers, drawn(), moments, context.zone())
        return [("Report, PDF", "report.pdf", whole, PDF)]

    told = [str(video[name]) for name in _TOLD]
    of = (run_id, look, *told, *(rows.to_csv() for rows in (tracks, markers, excluded, baselines)))
    st.subheader("Labels", anchor=False)
    st.caption("Time, emotion and category of every face, of the person chosen above, as the analysis stored them.")
    labels = results.labels(con, run_id, look.track_id)
    _buttons(
        video,
        [
            ("Smoothed labels", "smoothed.csv", downloads.labels_csv(labels, smoothed=True), CSV),
            ("Raw labels", "raw.csv", downloads.labels_csv(labels, smoothed=False), CSV),
        ],
    )
    st.subheader("Everything", anchor=False)
    st.caption(
        "Every face with all that is known of it. What is excluded is marked, not left out; labels by other settings "
        "than the analysis had are columns of their own. Parquet and JSON also tell of the video, run and people."
    )
    _buttons(video, _made("tables", of, "Prepare the tables", tables))
    st.subheader("Charts", anchor=False)
    st.caption("The charts of the timeline and the transitions between emotions, as they are set now, on white.")
    _buttons(video, _made("charts", of, "Prepare the charts", pictures))
    st.subheader("Report", anchor=False)
    st.caption("The video, how it was analysed, figures, charts, key moments, markers, and what was excluded, on A4.")
    _buttons(video, _made("report", of, "Prepare the report", document))
    video_made.made(con, video, look)


def _transitions(pairs: pd.DataFrame) -> Drawing:
    """The chart of the section Moments. pairs: as from `transitions.transitions`, some of them counted."""
    most = pairs.loc[pairs["count"].idxmax()]
    said = f"{pairs['count'].sum():,} changes of emotion, most often from {most['from']} to {most['to']}"
    return Drawing(moment_charts.transitions(pairs), pairs, said)


def _made(kind: str, of: Hashable, label: str, make: Callable[[], list[File]]) -> list[File]:
    """The files made on request, if they were made of just this; else a button that asks for them, and none."""
    made_of, files = st.session_state.get(f"exports-{kind}", (None, []))
    if made_of == of:
        return files
    place = st.empty()
    if not place.button(label, icon=":material/inventory_2:", key=f"prepare-{kind}"):
        return []
    with place, st.spinner("Making the files", show_time=True):
        files = make()
    place.empty()
    st.session_state[f"exports-{kind}"] = (of, files)
    return files


def _buttons(video: dict, files: list[File]) -> None:
    """One download button for each file."""
    with st.container(horizontal=True):
        for label, what, data, mime in files:
            name = downloads.file_name(video["name"], what)
            st.download_button(
                label, data, name, mime, key=f"save-{what}", on_click="ignore", icon=":material/download:"
            )


def _zipped(name: str, files: list[File]) -> bytes:
    """The files in one, under the names that they have by themselves."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for _, what, data, _ in files:
            archive.writestr(downloads.file_name(name, what), data)
    return whole.getvalue()
