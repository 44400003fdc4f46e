"""Try it: what Moodreel sees in a picture. Nothing is stored."""

from __future__ import annotations

import streamlit as st

from dashboard import context, looking, picture_view
from dashboard.words import one_line, plain


def page() -> None:
    """The whole page, from top to bottom."""
    from processor import pictures  # brings OpenCV along

    context.within_app()
    st.title("Try it", anchor=False)
    st.markdown(
        "Upload a picture to see which faces are found, what the network sees of each, and what it makes of it. "
        "**Nothing is stored**: the picture stays in the memory of this machine until you remove it or leave."
    )
    files = st.file_uploader(
        "Pictures (JPEG, PNG, WebP)",
        pictures.SUFFIXES,
        accept_multiple_files=True,
        max_upload_size=picture_view.MAX_UPLOAD_MB,
    )
    bundle, detector, explained = picture_view.choose()
    for file in files if bundle else ():
        with st.container(border=True):
            st.subheader(plain(file.name), anchor=False)
            picture_view.picture(file, one_line(file.name), bundle, detector, explained)
    looking.forget_the_rest()


page()
