"""Moments that Python sends the player to."""

from __future__ import annotations

import streamlit as st

_KEY = "player-seek"


def seek(t_s: float) -> None:
    """Send the player to a moment, in seconds; it goes there once, when the page is drawn next."""
    number, _ = st.session_state.get(_KEY, (0, 0.0))
    st.session_state[_KEY] = number + 1, float(t_s)


def wanted() -> dict | None:
    """The latest moment asked for: `t`, and `number`, by which the browser knows whether it has been there."""
    if _KEY not in st.session_state:
        return None
    number, t_s = st.session_state[_KEY]
    return {"number": number, "t": t_s}
