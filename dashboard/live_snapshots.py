"""Single pictures of the camera instead of a video: for where the browser gets no connection for that.

They go into the same stream as a video's frames would, so that all that is shown beside works with them, too.
"""

from __future__ import annotations

import queue
import time

import av
import streamlit as st

from dashboard import context
from dashboard.face_pictures import data_url
from dashboard.live import Stream
from dashboard.webcam import snapshots
from dashboard.words import plain
from processor.live_faces import Sight
from processor.live_overlay import Overlay, drawn

EVERY_S = 1.0
PATIENCE_S = 3.0  # so long a picture waits for what is seen in it; while the model is loaded it is shown without

NEWEST = "The camera's newest picture, with what is seen in it"

_NEWEST = "snapshots-newest"


@st.fragment
def snapshots_view(stream: Stream, overlay: Overlay) -> None:
    """The camera with its buttons, and the newest picture with what is seen in it; about one a second.

    stream: takes the pictures; one that has not ended. overlay: what to draw.
    """
    from processor.pictures import PictureUnreadable  # brings OpenCV along

    jpeg = snapshots("snapshots", EVERY_S)
    if jpeg is not None:
        try:
            st.session_state[_NEWEST] = id(stream), _looked_at(stream, overlay, jpeg)
        except PictureUnreadable as error:
            st.error(plain(error), icon=":material/broken_image:")
            return
    of, picture = st.session_state.get(_NEWEST, (None, None))
    if of == id(stream):  # and not of another one, from before
        # In the page itself: a file of its own would be gone where the next picture is there before it was fetched.
        st.html(f'<img src="{data_url(picture)}" alt="{NEWEST}" style="width: 100%; border-radius: 0.5rem">')


def _looked_at(stream: Stream, overlay: Overlay, jpeg: bytes):
    """The picture as uint8 (H, W, 3) RGB, with what was seen in it. Raises PictureUnreadable."""
    from processor import pictures

    bgr = pictures.read(jpeg, "The camera's picture", context.settings().max_pixels).bgr
    height, width = (side // 2 * 2 for side in bgr.shape[:2])  # the planes of colours have half the size
    frame = av.VideoFrame.from_ndarray(bgr[:height, :width].copy(), format="bgr24")
    return drawn(frame, _seen(stream, frame), overlay).to_ndarray(format="rgb24")


def _seen(stream: Stream, frame: av.VideoFrame) -> Sight | None:
    """What the stream sees in this frame; None where that takes too long."""
    sights, began_s = queue.SimpleQueue(), time.monotonic()
    unsubscribe = stream.listen(sights.put)
    try:
        stream.take(frame)
        while (left_s := began_s + PATIENCE_S - time.monotonic()) > 0:
            sight = sights.get(timeout=left_s)
            if sight.arrived_s >= began_s:  # and not of the frame before
                return sight
    except queue.Empty:
        pass
    finally:
        unsubscribe()
    return None
