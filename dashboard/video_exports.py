"""Section Exports of the video page: what is known of a video, to take away as files.

Files that take the processor minutes are its own; see video_made.py.
"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import context, downloads, moment_charts, report, timeline_charts, video_made
from dashboard.file_buttons import CSV, JSON, PARQUET, PDF, PNG, SVG, ZIP, File, buttons, made, zipped
from dashboard.look import Look, labelled
from dashboard.moments import key_moments
from dashboard.timeline_charts import Drawing
from dashboard.transitions import transitions
from db import annotation_results, people_results, results

# What of a video is written into its files: when it changes, they are made again.
_TOLD = ("name", "subject", "cohort", "session", "tags", "consent")


def section(con: results.Connection, video: dict, tracks: pd.DataFrame, faces: pd.DataFrame, look: Look) -> None:
    """Every file that there is of a video. Arguments as of every section of the video page."""
    run = video["current"]
    run_id, name = run["run_id"], video["name"]
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
        files = [
            (f"{what.capitalize()}, {kind}", f"{what}.{kind.lower()}", draw(drawing.chart), mime)
            for what, drawing in drawn().items()
            for kind, draw, mime in (("PNG", downloads.png, PNG), ("SVG", downloads.svg, SVG))
        ]
        return [*files, ("All charts, ZIP", "charts.zip", zipped(name, files), ZIP)]

    def document() -> list[File]:
        moments = key_moments(labelled(faces, look))
        whole = report.pdf(video, run, tracks, faces, look, excluded, markers, drawn(), moments, context.zone())
        return [("Report, PDF", "report.pdf", whole, PDF)]

    told = [str(video[name]) for name in _TOLD]
    of = (run_id, look, *told, *(rows.to_csv() for rows in (tracks, markers, excluded, baselines)))
    st.subheader("Labels", anchor=False)
    st.caption("Time, emotion and category of every face, of the person chosen above, as the analysis stored them.")
    labels = results.labels(con, run_id, look.track_id)
    buttons(
        name,
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
    buttons(name, made("tables", of, "Prepare the tables", tables))
    st.subheader("Charts", anchor=False)
    st.caption("The charts of the timeline and the transitions between emotions, as they are set now, on white.")
    buttons(name, made("charts", of, "Prepare the charts", pictures))
    st.subheader("Report", anchor=False)
    st.caption("The video, how it was analysed, figures, charts, key moments, markers, and what was excluded, on A4.")
    buttons(name, made("report", of, "Prepare the report", document))
    video_made.made(con, video, look)


def _transitions(pairs: pd.DataFrame) -> Drawing:
    """The chart of the section Moments. pairs: as from `transitions.transitions`, some of them counted."""
    most = pairs.loc[pairs["count"].idxmax()]
    said = f"{pairs['count'].sum():,} changes of emotion, most often from {most['from']} to {most['to']}"
    return Drawing(moment_charts.transitions(pairs), pairs, said)
