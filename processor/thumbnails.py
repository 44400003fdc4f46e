"""Small pictures of videos for the library, made only where somebody decided so (setting `thumbnails`).

They follow the setting, the analyses and the excluded ranges: what lacks is made, in a worker process and behind the
analyses; what is outdated or not wanted any more is removed.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from db.session import utc_now
from processor.config import Home, Settings
from processor.engine import Event, Failed, Finished, LocalEngine
from processor.file_job import FileJob, faces_to_draw
from processor.intake import Intake
from processor.worker import Load

log = logging.getLogger(__name__)

KIND = {"off": None, "blurred": "blurred", "on": "plain"}  # by the setting
LOOK_EVERY_S = 2.0
AT_A_TIME = 20  # handed to the worker


@dataclass(frozen=True)
class ThumbnailJob(FileJob):
    """One thumbnail to make; run_id is the name of its file. faces None: they stay as they are."""

    video_id: str
    t_s: float

    @property
    def failure(self) -> str:
        return f"The thumbnail of {self.name} could not be made."

    def do(self, work: Callable, mailbox) -> None:
        work(self)


def load_thumbnailer(settings: Settings) -> Callable[[ThumbnailJob], None]:
    """Inside a worker: what makes thumbnails. Analyses come first: it takes only the time that they leave."""
    from processor.annotate import blurring
    from processor.thumbnail_files import make_thumbnail

    os.nice(10)

    def make(job: ThumbnailJob) -> None:
        edit = None if job.faces is None else blurring(job.faces, job.step_s, job.size_wh)
        make_thumbnail(Path(job.path), Path(job.target), job.t_s, settings.max_pixels, edit)

    return make


class Thumbnailing:
    """Keeps folder and table as the setting says. Call `tidy`, then `step` again and again, `tidy` at times, `stop`.

    on_error: told of every failure, in a sentence. What failed is tried again when Moodreel is started anew.
    """

    def __init__(
        self, home: Home, settings: Settings, intake: Intake, on_error: Callable[[str], None],
        load: Load = load_thumbnailer,
    ):  # fmt: skip
        self.folder, self.settings, self.intake, self.store = home.thumbnails, settings, intake, intake.store
        self._on_error, self._load = on_error, load
        self._engine: LocalEngine | None = None
        self._wanted: tuple[str | None, datetime | None] = None, None
        self._to_make: list[dict] = []
        self._at_work: dict[str, ThumbnailJob] = {}
        self._events: list[Event] = []
        self._given_up: set[str] = set()
        self._done, self._began_s, self._next_look_s = 0, 0.0, 0.0

    def step(self) -> None:
        """Deal with what the worker says, look what is to be done, and hand it to the worker."""
        with self.intake.lock:
            if self._engine is not None:
                self._events += self._engine.events()
            while self._events:
                self._handle(self._events[0])  # should the store refuse it, it is tried again
                self._events.pop(0)
            if time.monotonic() >= self._next_look_s:
                self._next_look_s = time.monotonic() + LOOK_EVERY_S
                self._look()
            while self._to_make and len(self._at_work) < AT_A_TIME:
                self._begin(self._to_make.pop(0))
            if not self._at_work:
                self._rest()

    def stop(self) -> None:
        """At once: what was to be made is made next time."""
        with self.intake.lock:
            self._rest()
            self.tidy()

    def tidy(self) -> None:
        """Remove files that belong to nothing; forget thumbnails whose file is gone, so that they are made again."""
        with self.intake.lock:
            kept = set()
            for row in self.store.thumbnails():
                if (self.folder / row["file"]).is_file():
                    kept.add(row["file"])
                else:
                    self.store.drop_thumbnail(row["video_id"])
            for file in self.folder.iterdir():
                if file.name not in kept and file.name.removesuffix(".part") not in self._at_work:
                    file.unlink(missing_ok=True)

    def as_status(self) -> dict:
        """For `status.json`: {done, total, eta_s (None until known)}; empty while there is nothing to make."""
        left = len(self._to_make) + len(self._at_work)
        if not left:
            return {}
        each_s = (time.monotonic() - self._began_s) / self._done if self._done else None
        return {
            "done": self._done, "total": self._done + left, "eta_s": each_s * left if each_s is not None else None,
        }  # fmt: skip

    # --- what is to be done ---

    def _look(self) -> None:
        """Compare what there is with what there should be; removes at once, and notes what is to be made."""
        wanted = self._kind_and_since()
        if wanted != self._wanted:
            self._rest()  # what is at work may be what nobody wants any more
            self._wanted = wanted
        elif self._at_work:
            return
        kind, since = wanted
        if kind is None:
            self._remove(self.store.thumbnails())
            return
        todo = self.store.thumbnails_to_make(kind, since)
        self._remove(todo["drop"])
        self._to_make = [
            row for row in todo["make"]
            if row["file"] not in self._given_up and self.intake.holds(row["video_id"], row["path"])
        ]  # fmt: skip
        self._done, self._began_s = 0, time.monotonic()

    def _kind_and_since(self) -> tuple[str | None, datetime | None]:
        """Which kind is wanted (None: none), and of videos added since when (None: of all)."""
        days = self.store.setting("retention_days").get("thumbnails")
        today = utc_now().replace(hour=0, minute=0, second=0, microsecond=0)
        return KIND[self.store.setting("thumbnails")], None if days is None else today - timedelta(days=days)

    def _remove(self, rows: list[dict]) -> None:
        for row in rows:
            self.store.drop_thumbnail(row["video_id"])
            (self.folder / row["file"]).unlink(missing_ok=True)
        if rows:
            log.info("Thumbnails removed: %d.", len(rows))

    # --- one thumbnail ---

    def _begin(self, row: dict) -> None:
        t_s = self.store.good_moment(row["run_id"])
        if t_s is None:
            return  # all of it is excluded
        drawn = {}
        if self._wanted[0] == "blurred":
            drawn = faces_to_draw(self.store, row["video_id"], row["run_id"])
        target = str(self.folder / f"{row['file']}.part")
        job = ThumbnailJob(
            row["file"], row["path"], row["name"], self.settings, target, row["video_id"], t_s, **drawn
        )  # fmt: skip
        if self._engine is None:
            self._engine = LocalEngine(self.settings.model_copy(update={"jobs": 1}), self._load)
        self._at_work[row["file"]] = job
        self._engine.submit(job)

    def _handle(self, event: Event) -> None:
        job = self._at_work.get(event.run_id)
        if job is None:
            return
        if isinstance(event, Failed):
            self._given_up.add(event.run_id)
            Path(job.target).unlink(missing_ok=True)
            self._on_error(event.error)
            log.warning("%s", event.error)
        elif isinstance(event, Finished):
            self._finish(job)
        else:
            return
        del self._at_work[event.run_id]
        self._done += 1

    def _finish(self, job: ThumbnailJob) -> None:
        part, file = Path(job.target), Path(job.target).with_suffix("")
        if part.exists():  # else the store refused, and this is the second try
            part.replace(file)
        still = self.intake.holds(job.video_id, job.path)
        if not still or not self.store.put_thumbnail(job.video_id, file.name, job.t_s, file.stat().st_size):
            file.unlink(missing_ok=True)

    def _rest(self) -> None:
        """End the worker, with all its memory."""
        if self._engine is not None:
            self._engine.close()
            self._engine = None
        for job in self._at_work.values():
            Path(job.target).unlink(missing_ok=True)
        self._events.clear()
        self._at_work.clear()
        self._to_make.clear()
