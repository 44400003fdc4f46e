"""What people ask for in the player, as requests to the processor; each exactly once."""

from __future__ import annotations

import math

import streamlit as st

from dashboard import activity
from dashboard.words import clock

_KEY = "player-asked"


def take(video: dict, asks: object) -> None:
    """Hand in what the browser sent that has not been handed in yet.

    asks: a list of dicts, oldest first; each has an `id`, given by the browser, and a `kind`: `marker` {t}, `move`
    {marker_id, t, end}, `exclude` {from, to}; times in seconds. Streamlit may lose what is sent while a page is being
    drawn, so the browser sends a wish until it is told that it was `heard`; by its id it is handed in once. What has
    another form is left out: it did not come from the player.
    """
    known = st.session_state.setdefault(_KEY, [])
    for ask in asks if isinstance(asks, list) else ():
        if not isinstance(ask, dict) or not isinstance(ask.get("id"), str) or ask["id"] in known:
            continue
        known.append(ask["id"])
        _hand_in(video["video_id"], ask)


def heard() -> list[str]:
    """The ids of the latest wishes that have been taken."""
    return st.session_state.get(_KEY, [])[-50:]


def _hand_in(video_id: str, ask: dict) -> None:
    kind = ask.get("kind")
    if kind == "marker" and _is_time(ask.get("t")):
        marker = {"t_s": ask["t"], "kind": "marker"}
        activity.hand_in(
            "markers_add", f"Asked for a marker at {exact(ask['t'])}.",
            video_id=video_id, markers=[marker], source="player",
        )  # fmt: skip
    elif kind == "move" and isinstance(ask.get("marker_id"), str) and _is_time(ask.get("t")):
        changes = {"t_s": ask["t"]} | ({"end_s": ask["end"]} if _is_time(ask.get("end")) else {})
        activity.hand_in(
            "marker_change", f"Asked to move the marker to {exact(ask['t'])}.",
            marker_id=ask["marker_id"], changes=changes,
        )  # fmt: skip
    elif kind == "exclude" and _is_time(ask.get("from")) and _is_time(ask.get("to")) and ask["from"] < ask["to"]:
        activity.hand_in(
            "exclude", f"Asked to exclude {exact(ask['from'])} to {exact(ask['to'])}.",
            video_id=video_id, from_s=ask["from"], to_s=ask["to"],
        )  # fmt: skip


def exact(seconds: float) -> str:
    """A time to the hundredth of a second: 75.456 is 1:15.45."""
    hundredths = math.floor(seconds * 100 + 1e-6)
    return f"{clock(hundredths // 100)}.{hundredths % 100:02d}"


def _is_time(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0
