"""The controls of the video page: which person, which part, how smoothed, how sure. They live in the address.

Every setting that differs from what it is at first is a parameter of the page's address, so that a view can be kept as
a bookmark or sent to a colleague who uses the same Moodreel.
"""

from __future__ import annotations

import math
from datetime import time, timedelta

import pandas as pd
import streamlit as st

from dashboard.choosing import one_of
from dashboard.look import Look
from dashboard.words import person, smoothing, smoothing_window_s

EVERYONE = 0  # no track has this number

STORED, RAW, MEAN, MODE = "Stored", "Raw", "Mean", "Mode"
METHODS = {STORED: "stored", RAW: "raw", MEAN: "mean", MODE: "mode"}
WINDOW_S, THRESHOLD = 1.5, 0.0  # at first

# A slider for the part counts in times of day, and of a short clip nobody wants a part.
SHORTEST_S, LONGEST_S = 20, 24 * 3600


def controls(video: dict, tracks: pd.DataFrame, baselines: pd.DataFrame) -> Look:
    """The controls, and what they are set to. video, tracks: as from results; baselines: as from people_results."""
    run = video["current"]
    end_s = whole_s(video, tracks)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        track_id = _person(tracks)
        kind = st.segmented_control(
            "Smoothing",
            list(METHODS),
            default=STORED,
            required=True,
            key="smoothing",
            bind="query-params",
            help=f"Stored: as it was analysed ({smoothing(run['smoothing'])}). Raw: each frame by itself. Mean: of the "
            "probabilities over a window of time. Mode: the most frequent of the last five frames.",
        )
        st.button("Reset", icon=":material/restart_alt:", on_click=_reset, args=(end_s,), key="reset")
    window_s = smoothing_window_s(run["smoothing"]) if kind == STORED else 0.0
    with st.container(horizontal=True, vertical_alignment="bottom", key="sliders"):
        if kind == MEAN:
            window_s = st.slider(
                "Window (seconds)", 0.5, 10.0, WINDOW_S, 0.5, "%.1f s", key="window", bind="query-params", width=210
            )
        threshold = st.slider(
            "Undecided below", 0.0, 0.9, THRESHOLD, 0.05, "%.2f", key="threshold", bind="query-params", width=210,
            help="A face whose most probable emotion is less probable than this is called undecided. 0 is off.",
        )  # fmt: skip
        from_s, to_s = _part(end_s)
    relative = _relative(track_id, baselines)
    return Look(track_id, METHODS[kind], window_s, threshold, from_s, to_s, relative)


def whole_s(video: dict, tracks: pd.DataFrame) -> int:
    """Where the video ends, in whole seconds: at its length, or where somebody was seen last if that is later."""
    last_s = float(tracks["last_s"].max()) + 1 / video["current"]["sample_fps"] if len(tracks) else 0.0
    return max(1, math.ceil(max(video["duration_s"] or 0.0, last_s)))


def _person(tracks: pd.DataFrame) -> int | None:
    """The person chosen, by the number in the address; the most seen one if that is nobody."""
    names = {int(row.track_id): person(row.track_id, row.label) for row in tracks.itertuples()}
    if len(names) > 1:
        names[EVERYONE] = "Everyone together"
    wanted = st.query_params.get("person", "")
    wanted = int(wanted) if wanted.isdecimal() and int(wanted) in names else None

    def changed(who: int) -> None:
        st.query_params["person"] = str(who)

    # The key carries the address, so that following a link wins over what was chosen before.
    index = list(names).index(wanted) if wanted is not None else 0
    return one_of("Person", names, key=f"person-{wanted}", index=index, on_change=changed, width=210) or None


def _part(end_s: int) -> tuple[float, float]:
    """The part of the video to look at."""
    if not SHORTEST_S <= end_s < LONGEST_S:
        return 0.0, float(end_s)
    until = time_of(end_s)
    part = st.slider(
        "Part of the video", time_of(0), until, (time_of(0), until), timedelta(seconds=1),
        format="H:mm:ss" if end_s >= 3600 else "m:ss", key="part", bind="query-params", width=300,
    )  # fmt: skip
    from_s, to_s = (float(moment.hour * 3600 + moment.minute * 60 + moment.second) for moment in part)
    return from_s, max(to_s, from_s + 1)


def _relative(track_id: int | None, baselines: pd.DataFrame) -> bool:
    """Whether values are shown relative to a baseline; asked only where there is one."""
    if baselines.empty or (track_id is not None and track_id not in set(baselines["track_id"])):
        return False
    return st.toggle(
        "Relative to baseline",
        key="relative",
        bind="query-params",
        help="Probabilities and valence minus the person's means over the baseline stretch. Labels stay as they are."
        + (" People without a baseline are left out." if track_id is None else ""),
    )


def _reset(end_s: int) -> None:
    """Everything as it is at first."""
    first = {"smoothing": STORED, "window": WINDOW_S, "threshold": THRESHOLD, "relative": False, "drawn_as": "Lines"}
    if SHORTEST_S <= end_s < LONGEST_S:
        first["part"] = (time_of(0), time_of(end_s))
    for key, value in first.items():
        if key in st.session_state:
            st.session_state[key] = value
    st.query_params.pop("person", None)


def time_of(seconds: int) -> time:
    """Seconds as the time of day that a slider takes."""
    return time(seconds // 3600, seconds // 60 % 60, seconds % 60)
