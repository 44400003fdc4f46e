"""A run under way, as the service follows it and as `status.json` shows it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from processor.worker import Job


@dataclass
class Active:
    """A run that the engine has: attempt is 0 until the worker begins with the video; *_s on the monotonic clock."""

    job: Job
    video_id: str
    attempt: int = 0
    duration_s: float | None = None
    done_s: float = 0.0
    frames: int = 0
    began_s: float = field(default_factory=time.monotonic)

    def as_status(self) -> dict:
        elapsed_s = time.monotonic() - self.began_s
        speed = self.done_s / elapsed_s if self.done_s > 0 and elapsed_s > 0 else None
        left_s = None if self.duration_s is None else max(self.duration_s - self.done_s, 0.0)
        return {
            "run_id": self.job.run_id, "video_id": self.video_id, "name": self.job.name, "attempt": self.attempt,
            "frames_done": self.frames, "done_s": self.done_s, "duration_s": self.duration_s, "speed": speed,
            "frames_per_s": self.frames / elapsed_s if speed else None,
            "eta_s": left_s / speed if speed and left_s is not None else None,
        }  # fmt: skip
