"""Live sessions for tests: what they are about, what is seen in them, and a writer to be killed."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from types import SimpleNamespace

import av
import numpy as np

from processor.config import Home
from processor.live_journal import MOST_FRAMES, About, Journal

CARD = {"name": "tiny", "version": "1.0", "sha256": "ab" * 32, "emotions": []}
WIDTH, HEIGHT = 320, 240


def about(**changes) -> About:
    """A session of Anna, kept with its video unless said otherwise."""
    fields = {
        "subject": "Anna", "cohort": "A", "session": "2", "consent": True, "keep_video": True, "name": None,
        "bundle": "tiny", "model_id": "tiny-1.0-abababab", "model_card": CARD, "detector": "haar", "device": "CPU",
    }  # fmt: skip
    return About(**fields | changes)


def picture(level: int, size_wh: tuple[int, int] = (WIDTH, HEIGHT)) -> av.VideoFrame:
    """A grey picture, of which the upper left quarter is black."""
    rgb = np.full((size_wh[1], size_wh[0], 3), level % 256, np.uint8)
    rgb[: size_wh[1] // 2, : size_wh[0] // 2] = 0
    return av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(format="yuv420p")


def sight(t_s: float, emotion: int | None = 3, box=(80, 60, 40, 40), size_wh=(WIDTH, HEIGHT), track_id=7):
    """What one picture showed: a face that shows one emotion (index into EMOTIONS), or none; as live_faces.Sight."""
    faces = ()
    if emotion is not None:
        raw = np.full(7, 0.05)
        raw[emotion] = 0.7
        faces = (SimpleNamespace(track_id=track_id, box=np.array(box, float), score=float("nan"), raw=raw),)
    return SimpleNamespace(t_s=t_s, size_wh=size_wh, faces=faces, brightness=100.0, sharpness=50.0)


def record(journal: Journal, seconds: float, from_s: float = 10.0, fps: int = 10) -> None:
    """Give a journal pictures, and after each what was seen in it, as quickly as it takes them."""
    for number in range(round(seconds * fps) + 1):
        t_s = from_s + number / fps
        journal.add_frame(picture(min(250, 40 + number)), t_s)
        journal.add_sight(sight(t_s))
        while journal._frames >= MOST_FRAMES:  # what comes while so many wait is left out
            time.sleep(0.001)


def main(home: str, keep_video: str) -> None:
    """Write a session in real time until somebody kills this process, and say how far it is with every picture."""
    journal = Journal.begin(Home(Path(home)).create(), about(keep_video=keep_video == "video"))
    began = time.monotonic()
    print(journal.live_id, flush=True)
    while True:
        t_s = time.monotonic() - began
        journal.add_frame(picture(int(t_s * 10) % 200 + 40), t_s)
        journal.add_sight(sight(t_s))
        print(f"{t_s:.3f} {journal.safe_s:.3f} {journal.trouble or ''}", flush=True)
        time.sleep(0.04)


if __name__ == "__main__":
    main(*sys.argv[1:])
