"""What jobs that make a file from a video have in common, whether somebody asked for it or a setting does."""

from __future__ import annotations

from dataclasses import dataclass, field

import pyarrow as pa

from db.store import Store
from processor.worker import Job


@dataclass(frozen=True)
class FileJob(Job):
    """One file to make at `target`. faces, step_s, size_wh: as `annotate` and `blurring` take them, where needed."""

    target: str
    faces: pa.Table | None = field(default=None, kw_only=True)
    step_s: float = field(default=0.0, kw_only=True)
    size_wh: tuple[int, int] = field(default=(0, 0), kw_only=True)

    def send(self, result: None, mailbox) -> None:
        mailbox.send("made")


def faces_to_draw(store: Store, video_id: str, run_id: int) -> dict:
    """The fields faces, step_s and size_wh of a FileJob for what a run found in a video."""
    video, run = store.video(video_id), store.run(run_id)
    return {
        "faces": store.faces_of_run(run_id), "step_s": 1 / run["sample_fps"],
        "size_wh": (video["width"], video["height"]),
    }  # fmt: skip
