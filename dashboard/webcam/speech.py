"""A line that screen readers say when it changes, and the browser's own voice, where asked."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard.words import one_line

HERE = Path(__file__).parent

_component = st.components.v2.component(
    "moodreel_voice",
    html='<p class="line" role="status" aria-live="polite"></p>',
    css=(HERE / "speech.css").read_text(encoding="utf-8"),
    js=(HERE / "speech.js").read_text(encoding="utf-8"),
)


def voice(text: str | None, speak: bool, key: str) -> None:
    """Show a line of text, which screen readers say whenever it changes; None leaves the line as it was.

    speak: let the browser's speech synthesis say it, too: once when it is switched on, then changes only. What comes
    while it still speaks waits, and only the newest of it.
    """
    _component(key=key, data={"text": None if text is None else one_line(text), "speak": speak})
