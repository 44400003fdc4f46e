"""A photo of the camera, and every face in it. Nothing is stored."""

from __future__ import annotations

import streamlit as st

from dashboard import looking, picture_view
from dashboard.live_states import obstacle
from dashboard.webcam import camera_state


def photo() -> None:
    """Take a photo, see every face in it with its probabilities.

    Where the page may not use a camera it says why, and takes a file instead: telephones offer their camera for that.
    """
    from processor import pictures  # brings OpenCV along

    st.caption("**Nothing is stored**: the photo stays in the memory of this machine until you clear it or leave.")
    bundle, detector, explained = picture_view.choose("photo-")
    problem = obstacle(camera_state("photo-camera"))
    if problem is not None:
        st.warning(problem.text, icon=f":material/{problem.icon}:")
        file = st.file_uploader(
            "A picture instead (JPEG, PNG, WebP)", pictures.SUFFIXES, max_upload_size=picture_view.MAX_UPLOAD_MB,
            key="photo-file",
            help="A telephone offers its camera here, too.",
        )  # fmt: skip
    else:
        file = st.camera_input("Photo", key="photo-picture", resolution="720p")
    if file is not None and bundle is not None:
        picture_view.picture(file, "The photo", bundle, detector, explained)
    looking.forget_the_rest()
