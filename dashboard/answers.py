"""What became of the requests that somebody made in this browser window: a refusal is told where it was asked."""

from __future__ import annotations

import streamlit as st

from dashboard.words import plain
from db import request_results
from db.results import Connection

_WAITING, _REFUSED = "requests-waiting", "requests-refused"


def wait_for(*request_ids: str) -> None:
    """Requests have been handed in; what was refused before them has been read."""
    st.session_state[_WAITING] = [*waiting(), *request_ids]
    st.session_state[_REFUSED] = []


def waiting() -> list[str]:
    """The requests of this window that the snapshot shown does not tell of yet, oldest first."""
    return list(st.session_state.get(_WAITING, ()))


def say(con: Connection) -> None:
    """Why requests of this window were refused, if any were; each stays until the next request is made."""
    asked = waiting()
    if asked:
        dealt_with = request_results.outcomes(con, asked)
        refused = [dealt_with[request_id] for request_id in asked if dealt_with.get(request_id)]
        st.session_state[_WAITING] = [request_id for request_id in asked if request_id not in dealt_with]
        st.session_state[_REFUSED] = [*st.session_state.get(_REFUSED, ()), *refused]
        for reason in refused:  # who has scrolled down does not see the place where it stays
            st.toast(plain(reason), icon=":material/block:")
    for reason in dict.fromkeys(st.session_state.get(_REFUSED, ())):
        st.error(plain(reason), icon=":material/block:")
