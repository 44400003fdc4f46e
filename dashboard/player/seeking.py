"""Moments that Python sends the player to."""

from __future__ import annotations

import math

import streamlit as st

_KEY = "player-seek"
_FOLLOWED = "player-followed"


def seek(t_s: float) -> None:
    """Send the player to a moment, in seconds; it goes there once, when the page is drawn next."""
    number, _ = st.session_state.get(_KEY, (0, 0.0))
    st.session_state[_KEY] = number + 1, float(t_s)


def follow(video_id: str, t_s: str | None) -> None:
    """Send the player to the moment that the page's address names, in seconds; once for each address.

    What is no time there, or none, is passed over: an address can be typed.
    """
    address = video_id, t_s
    if st.session_state.get(_FOLLOWED) == address:
        return
    st.session_state[_FOLLOWED] = address
    try:
        moment = float(t_s or "nan")
    except ValueError:
        return
    if 0 <= moment < math.inf:
        seek(moment)


def forget() -> None:
    """The moment of an address counts anew: another page is open, from which somebody may come back to it."""
    st.session_state.pop(_FOLLOWED, None)


def wanted() -> dict | None:
    """The latest moment asked for: `t`, and `number`, by which the browser knows whether it has been there."""
    if _KEY not in st.session_state:
        return None
    number, t_s = st.session_state[_KEY]
    return {"number": number, "t": t_s}
