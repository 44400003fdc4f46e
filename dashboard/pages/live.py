"""Live: the camera with what is seen in it, a clip to be analysed, or a photo. Nothing is kept unless asked for."""

from __future__ import annotations

import streamlit as st

from dashboard import context, live_photo, live_view

LIVE, RECORD, PHOTO = "Live", "Record, then analyse", "Photo"


def page() -> None:
    """The whole page, from top to bottom."""
    context.within_app()
    st.title("Live", anchor=False)
    mode = st.segmented_control(
        "What to do", [LIVE, RECORD, PHOTO], default=LIVE, required=True, key="live-mode", bind="query-params",
        label_visibility="collapsed", wrap=True,
    )  # fmt: skip
    if mode == PHOTO:
        live_view.leave()
        live_photo.photo()
    else:
        live_view.section(record=mode == RECORD)


page()
