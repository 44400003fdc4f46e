"""Ranges of a video that no figure counts: listed, typed, and counted again."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import activity, player
from dashboard.marker_times import exact, time_in
from dashboard.words import duration, missing, one_line, percent, plain
from db import annotation_results, results
from db.annotations import MAX_NOTE

GO = ":material/play_arrow: Go"
INCLUDE = ":material/undo: Count again"
_ADDING = ("exclude-from", "exclude-to", "exclude-reason")
_PROBLEM = "exclude-problem"


def section(con: results.Connection, video: dict) -> None:
    """The excluded ranges of a video, and a form for another one."""
    st.subheader("Excluded ranges", anchor=False)
    ranges = annotation_results.excluded(con, video["video_id"])
    if ranges.empty:
        st.info(
            "Everything counts. To leave a part out, drag over it in the player's timeline, press e at its beginning "
            "and at its end, or type it below.",
            icon=":material/content_cut:",
        )
    else:
        st.markdown(how_much(ranges, video["duration_s"]))
        table(ranges)
    add(video)


def how_much(ranges: pd.DataFrame, duration_s: float | None) -> str:
    """How many seconds, and which share of the video, are excluded."""
    ends = ranges["to_s"] if duration_s is None else ranges["to_s"].clip(upper=duration_s)
    excluded_s = float((ends - ranges["from_s"]).clip(lower=0).sum())
    number = "One range is" if len(ranges) == 1 else f"{len(ranges)} ranges are"
    share = f", {percent(excluded_s / duration_s)} of the video" if duration_s else ""
    return f"{number} excluded, {duration(excluded_s) if excluded_s >= 10 else f'{excluded_s:.1f} s'} in all{share}."


def table(ranges: pd.DataFrame) -> None:
    """The ranges, each with a way there and a way back."""
    config = st.column_config
    rows = pd.DataFrame(
        {
            "From": ranges["from_s"].map(exact),
            "To": ranges["to_s"].map(exact),
            "Reason": ranges["reason"].map(lambda reason: "" if missing(reason) else one_line(reason)),
            "go": GO,
            "include": INCLUDE,
        }
    )
    st.dataframe(
        rows, hide_index=True, width="stretch", key="excluded", alt="Excluded ranges",
        column_config={
            "go": config.ButtonColumn("", width=70, type="tertiary", key="excluded-go", on_click=act,
                                      args=("excluded-go", ranges.to_dict("records"))),
            "include": config.ButtonColumn("", width=130, type="tertiary", key="excluded-include", on_click=act,
                                           args=("excluded-include", ranges.to_dict("records"))),
        },
    )  # fmt: skip


def act(key: str, ranges: list[dict]) -> None:
    """The person clicked in a row: go there, or count it again."""
    click = st.session_state[key]
    if click is None or click["row"] >= len(ranges):
        return
    chosen = ranges[click["row"]]
    if click["label"] == GO:
        player.seek(chosen["from_s"])
    else:
        said = f"Asked to count {exact(chosen['from_s'])} to {exact(chosen['to_s'])} again."
        activity.hand_in("include", said, range_id=chosen["range_id"])


def add(video: dict) -> None:
    """A range typed by hand."""
    with st.form("add-excluded", border=True):
        st.markdown("**Exclude a range**")
        first, second = st.columns(2)
        first.text_input("From", key="exclude-from", placeholder="1:15", max_chars=20)
        second.text_input("To", key="exclude-to", placeholder="1:20.5", max_chars=20)
        st.text_input("Reason", key="exclude-reason", placeholder="optional", max_chars=MAX_NOTE)
        st.form_submit_button("Exclude it", icon=":material/content_cut:", on_click=add_typed, args=(video,))
    if problem := st.session_state.pop(_PROBLEM, None):
        st.error(plain(problem), icon=":material/error:")


def add_typed(video: dict) -> None:
    """Hand in the range of the form, or remember what is wrong with it."""
    said = st.session_state
    (from_s, problem), (to_s, end_problem) = (
        time_in(video, said[key], what) for key, what in (("exclude-from", "The beginning"), ("exclude-to", "The end"))
    )
    problem = problem or end_problem
    if not problem and to_s <= from_s:
        problem = f"The range must end after it begins. Received: {exact(from_s)} to {exact(to_s)}."
    if problem:
        said[_PROBLEM] = problem
        return
    activity.hand_in(
        "exclude", f"Asked to exclude {exact(from_s)} to {exact(to_s)}.",
        video_id=video["video_id"], from_s=from_s, to_s=to_s, reason=said["exclude-reason"].strip() or None,
    )  # fmt: skip
    for key in _ADDING:
        said[key] = ""
