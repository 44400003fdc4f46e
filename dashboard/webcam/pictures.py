"""Single pictures of the camera, through the page's own connection: for where WebRTC does not connect."""

from __future__ import annotations

import base64
import binascii
from pathlib import Path

import streamlit as st

HERE = Path(__file__).parent
LONGER_SIDE_PX = 640  # as large as faces are looked for on
FASTEST_S = 0.2
MOST_CHARACTERS = 4_000_000  # of one picture in base64; one of 640 by 480 has about 70,000

_component = st.components.v2.component(
    "moodreel_snapshots",
    html=(HERE / "pictures.html").read_text(encoding="utf-8"),
    css=(HERE / "pictures.css").read_text(encoding="utf-8"),
    js=(HERE / "pictures.js").read_text(encoding="utf-8"),
)


def snapshots(key: str, every_s: float = 1.0) -> bytes | None:
    """The camera's picture with buttons to start and stop; once it runs, a JPEG about every `every_s` seconds.

    Returns a picture once, when it has come, and None otherwise. The browser sends the next only when it is told that
    the last has arrived, so that nothing queues up. What is returned was sent by a browser: open it as a stranger's.
    """
    number_key = f"{key}-heard"
    result = _component(
        key=key,
        data={
            "everyS": max(FASTEST_S, every_s),
            "longerSide": LONGER_SIDE_PX,
            "heard": st.session_state.get(number_key),
        },
        on_picture_change=lambda: _hear(key, number_key),
    )
    return _jpeg(result.picture)


def _hear(key: str, number_key: str) -> None:
    """Remember which picture has come, so that the page, as it is drawn now, tells the browser."""
    picture = st.session_state[key].picture
    if isinstance(picture, dict) and isinstance(picture.get("id"), str):
        st.session_state[number_key] = picture["id"]


def _jpeg(picture: object) -> bytes | None:
    """The bytes of a picture as the browser sends it; None where it has another form."""
    data = picture.get("jpeg") if isinstance(picture, dict) else None
    if not isinstance(data, str) or len(data) > MOST_CHARACTERS:
        return None
    try:
        return base64.b64decode(data, validate=True) or None
    except (ValueError, binascii.Error):
        return None
