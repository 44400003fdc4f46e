"""Pictures of a camera for the tests of what looks at them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import cache

import av
import cv2
import numpy as np
from skimage import data

from processor.live_faces import Sight

# So long is waited for what has to come; on a busy machine a network takes its time to load.
LONG_S = 240


@cache
def portrait(scale: float = 1.0) -> np.ndarray:
    """One face, uint8 (480, 640, 3) BGR at scale 1: the middle of `astronaut`, which is in the public domain."""
    photo = cv2.copyMakeBorder(data.astronaut()[:480, :, ::-1], 0, 0, 64, 64, cv2.BORDER_REPLICATE)
    return cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def camera(bgr: np.ndarray) -> av.VideoFrame:
    """As a camera's picture comes: in planes."""
    return av.VideoFrame.from_ndarray(bgr, format="bgr24").reformat(format="yuv420p")


class Sights(list):
    """What a viewer is told. held: whoever tells has to wait until `go_on`, the first time."""

    def __init__(self, held: bool = False):
        self._changed, self._free = threading.Condition(), threading.Event()
        if not held:
            self._free.set()

    def __call__(self, sight: Sight) -> None:
        with self._changed:
            self.append(sight)
            self._changed.notify_all()
        self._free.wait(LONG_S)

    def go_on(self) -> None:
        self._free.set()

    def wait_for(self, count: int) -> list[Sight]:
        """The sights so far, once there are so many."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self) >= count, LONG_S), f"{len(self)} of {count} sights came"
            return list(self)


def until(true: Callable[[], object]) -> None:
    """Wait for something that comes about in another thread."""
    deadline = time.monotonic() + LONG_S
    while not true():
        assert time.monotonic() < deadline, "it never came about"
        time.sleep(0.005)
