"""Playable copies of videos that browsers can't play: offered, on their way, there."""

from __future__ import annotations

import streamlit as st

from dashboard import activity, context
from dashboard.player.playable import GONE
from dashboard.words import duration, plain
from db import made_results

UNPLAYABLE = "This browser can't play the video file. Results are not affected."

# What the browser may report, and what people are told.
_TROUBLES = {"unplayable": UNPLAYABLE, "gone": GONE}


def copy_of(video: dict) -> dict | None:
    """The row of made_file of the video's playable copy, in whatever state; None if none was asked for."""
    con = context.connection()
    return made_results.proxy(con, video["video_id"]) if con else None


def report(video: dict, trouble: object) -> None:
    """Remember, for this session, what went wrong in the browser; anything but a known trouble just draws again."""
    if trouble in _TROUBLES:
        st.session_state[_key(video)] = _TROUBLES[trouble]


def reported(video: dict) -> str | None:
    """What went wrong with this video in the browser, as a sentence; None if nothing did."""
    return st.session_state.get(_key(video))


def offer(video: dict, copy: dict | None) -> None:
    """A button that asks for a copy; or how far it is, or why there is none."""
    if copy is not None and copy["state"] in ("queued", "running"):
        _progress(copy)
        return
    if copy is not None and copy["state"] == "failed":
        st.warning(plain(f"The playable copy could not be made: {copy['error']}"), icon=":material/error:")
    asked_for = f"copy-asked-{video['video_id']}"
    if st.session_state.get(asked_for) and (copy is None or copy["made_id"] == st.session_state[asked_for]):
        st.caption("A playable copy has been asked for.")
        if not context.running(context.processor()):
            activity.processor_line(context.processor())
        return

    def ask() -> None:
        st.session_state[asked_for] = copy["made_id"] if copy else True
        st.session_state.pop(_key(video), None)
        activity.hand_in("make", "Asked for a playable copy.", video_id=video["video_id"], what="proxy", options={})

    st.button("Make a playable copy", icon=":material/movie:", key=f"copy-{video['video_id']}", on_click=ask)


@st.fragment(run_every=1.0)
def _progress(copy: dict) -> None:
    """How far the copy is; the page draws itself again when a new snapshot says that it is there."""
    state = context.processor()
    if not context.running(state):
        activity.processor_line(state)
        return
    job = next((job for job in state.making if job["made_id"] == copy["made_id"]), None)
    if job is None:
        st.caption("The playable copy waits for its turn.")
        return
    left = f", {duration(job['eta_s'])} left" if job.get("eta_s") is not None else ""
    st.progress(min(max(job["share"] or 0.0, 0.0), 1.0), text=f"Making a playable copy{left}")


def _key(video: dict) -> str:
    return f"player-trouble-{video['video_id']}"
