"""Pictures of a camera for the tests of what looks at them."""

from __future__ import annotations

from functools import cache

import av
import cv2
import numpy as np
from skimage import data


@cache
def portrait(scale: float = 1.0) -> np.ndarray:
    """One face, uint8 (480, 640, 3) BGR at scale 1: the middle of `astronaut`, which is in the public domain."""
    photo = cv2.copyMakeBorder(data.astronaut()[:480, :, ::-1], 0, 0, 64, 64, cv2.BORDER_REPLICATE)
    return cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def camera(bgr: np.ndarray) -> av.VideoFrame:
    """As a camera's picture comes: in planes."""
    return av.VideoFrame.from_ndarray(bgr, format="bgr24").reformat(format="yuv420p")
