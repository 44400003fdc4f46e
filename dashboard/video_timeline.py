"""The timeline of the video page: every chart of the look, with its numbers and its sentence."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import timeline
from dashboard.drawing import draw
from dashboard.look import Look
from dashboard.timeline_charts import Drawing, drawings
from db import people_results, results


def section(con: results.Connection, video: dict, tracks: pd.DataFrame, faces: pd.DataFrame, look: Look) -> None:
    """All charts. Arguments as every section of the page takes them (see dashboard/pages/video.py)."""
    run = video["current"]
    lines = st.segmented_control(
        "Probabilities as",
        ["Lines", "Areas"],
        default="Lines",
        required=True,
        key="drawn_as",
        bind="query-params",
        disabled=look.relative,
        help="Areas lie on top of each other and add up to 1."
        if not look.relative
        else "Relative values can't add up.",
    )
    frames = results.frames(con, run["run_id"])
    baselines = people_results.baselines(con, run["run_id"])
    drawn = drawings(run, tracks, faces, frames, baselines, look, stacked=lines == "Areas")
    for name in ("coverage", "presence", "probabilities", "valence", "category", "distribution"):
        _draw(name, drawn)
    if "seconds" not in drawn:
        st.info("Nobody is to be seen in this part of the video, or it is excluded.")
    elif "probabilities" not in drawn:
        st.info("Nobody here has a baseline with a face in it, so there is nothing to be relative to.")
    else:
        beside = st.columns(2)
        for column, name in zip(beside, ("seconds", "shares"), strict=True):
            with column:
                _draw(name, drawn)
    looked_at = ((frames["t_s"] >= look.from_s) & (frames["t_s"] < look.to_s)).sum()
    bin_s = timeline.bin_s(int(looked_at), look.from_s, look.to_s)
    if bin_s:
        st.caption(f"Lines are thinned to what a screen shows: one point is the mean of {bin_s:.1f} s.")


def _draw(name: str, drawn: dict[str, Drawing]) -> None:
    """One chart, if there is something to show."""
    if name in drawn:
        draw(name, drawn[name].chart, drawn[name].rows, drawn[name].alt)
