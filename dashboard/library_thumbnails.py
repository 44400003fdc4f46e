"""The switch for thumbnails: none unless somebody wants them, since they are pictures of people."""

from __future__ import annotations

import streamlit as st

from dashboard import activity
from db import privacy_results
from db.results import Connection

WORDS = {"off": "None", "blurred": "With blurred faces", "on": "As they are"}


def control(con: Connection) -> None:
    """A popover in which thumbnails are switched on and off."""
    setting = privacy_results.settings(con)["thumbnails"]
    with st.popover("Thumbnails", icon=":material/image:"):
        # The key carries the setting, so that one that was decided elsewhere shows here.
        key = f"thumbnails-{setting}"
        st.radio(
            "Thumbnails", list(WORDS), index=list(WORDS).index(setting), format_func=WORDS.get, key=key,
            on_change=_ask, args=(key, setting),
        )  # fmt: skip
        st.caption(
            "Small pictures of the people in the videos, made on this machine and kept in the home folder until you "
            "switch them off. Faces that an analysis never found can't be blurred."
        )


def _ask(key: str, setting: str) -> None:
    wanted = st.session_state[key]
    activity.hand_in(
        "setting_change", f"Asked for thumbnails: {WORDS[wanted].lower()}.", name="thumbnails", value=wanted,
        seen=setting,
    )  # fmt: skip
