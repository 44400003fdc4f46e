"""Progress bars on standard error: one for all videos, one for each that is being analysed."""

from __future__ import annotations

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from processor.log import plain


class Bars:
    """Use as a context; call `show` as often as there is something new."""

    def __init__(self, console: Console):
        self._progress = Progress(
            TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[note]}"),
            console=console, transient=True,
        )  # fmt: skip
        self._all: TaskID | None = None
        self._tasks: dict[int, TaskID] = {}

    def __enter__(self) -> Bars:
        self._progress.start()
        return self

    def __exit__(self, *_) -> None:
        self._progress.stop()

    def show(self, jobs: list[dict], ended: int, total: int) -> None:
        """jobs: as in `status.json`; ended: how many of the `total` videos are finished, well or not."""
        if self._all is None:
            self._all = self._progress.add_task("all videos", total=total, note="")
        self._progress.update(self._all, completed=ended, note=f"{ended} of {total}")
        for run_id in set(self._tasks) - {job["run_id"] for job in jobs}:
            self._progress.remove_task(self._tasks.pop(run_id))
        for job in jobs:
            if job["run_id"] not in self._tasks:
                name = plain(job["name"])[:40].replace("[", "\\[")
                self._tasks[job["run_id"]] = self._progress.add_task(name, total=None, note="")
            self._progress.update(
                self._tasks[job["run_id"]], completed=job["done_s"], total=job["duration_s"], note=note(job)
            )


def note(job: dict) -> str:
    """Frames a second and time left, in words; what is not known yet is left out."""
    if not job["attempt"]:
        return "loading the model"
    parts = [f"{job['frames_per_s']:.0f} frames/s" if job["frames_per_s"] else ""]
    if job["eta_s"] is not None:
        minutes, seconds = divmod(round(job["eta_s"]), 60)
        parts.append(f"{minutes}:{seconds:02} left")
    return ", ".join(part for part in parts if part)
