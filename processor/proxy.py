"""A small copy of a video that every browser plays, for the player."""

from __future__ import annotations

from pathlib import Path

from processor.film import OnProgress, Quality, film

MAX_WIDTH = 960
QUALITY = Quality(crf=27, max_width=MAX_WIDTH, keyframe_s=1.0)


def make_proxy(path: Path, target: Path, max_pixels: int, on_progress: OnProgress | None = None) -> None:
    """H.264 (yuv420p, at most 960 wide, a keyframe a second) and AAC in an MP4 whose index comes first.

    Picture n is picture n of the original, at the same time from the first one. Raises VideoUnreadable, OSError.
    """
    film(path, target, max_pixels, QUALITY, on_progress=on_progress)
