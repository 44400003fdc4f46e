"""What is drawn on a live picture."""

from __future__ import annotations

from dataclasses import dataclass

import av

from processor.live_faces import Sight


@dataclass(frozen=True)
class Overlay:
    """What to draw. big: large letters, to be read across a room. names: of tracks, for those that have one."""

    boxes: bool = True
    labels: bool = True
    blur: bool = False
    big: bool = False
    mirror: bool = True
    names: tuple[tuple[int, str], ...] = ()


def drawn(frame: av.VideoFrame, sight: Sight | None, overlay: Overlay) -> av.VideoFrame:
    """A new picture with the newest sight on it."""
    picture = frame.reformat(format="yuv420p")
    copy = av.VideoFrame.from_ndarray(picture.to_ndarray(), format="yuv420p")
    copy.pts, copy.time_base = frame.pts, frame.time_base
    return copy
