"""Files made from videos on request: one after the other, in a worker process, while analyses go on."""

from __future__ import annotations

import errno
import logging
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

from processor.config import Home, Settings
from processor.engine import Event, Failed, Finished, LocalEngine, Progressed
from processor.file_job import FileJob, faces_to_draw
from processor.intake import Intake
from processor.worker import JobRefused, Load

log = logging.getLogger(__name__)

SUFFIXES = {"proxy": ".mp4", "annotated": ".mp4", "clips": ".zip"}
TITLES = {"proxy": "The playable copy", "annotated": "The annotated video", "clips": "The ZIP of clips"}
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True)
class MakingJob(FileJob):
    """One file to make; run_id is its made_id."""

    kind: str
    options: dict

    @property
    def failure(self) -> str:
        return f"{TITLES[self.kind]} of {self.name} could not be made."

    def do(self, work: Callable, mailbox) -> None:
        def on_progress(share: float | None) -> None:
            mailbox.progress(SimpleNamespace(done_s=share or 0.0, duration_s=1.0, frames_sampled=0))

        try:
            work(self, on_progress)
        except OSError as error:
            if error.errno not in _FULL:
                raise
            raise JobRefused(f"{self.failure} The disk is full: free some space, then ask for it again.") from error


def load_maker(settings: Settings) -> Callable[[MakingJob, Callable], None]:
    """Inside a worker: what makes files. Analyses come first: it takes only the time that they leave."""
    from processor.annotate import annotate, blurring
    from processor.clip_files import make_clips
    from processor.proxy import make_proxy

    os.nice(10)

    def make(job: MakingJob, on_progress: Callable[[float | None], None]) -> None:
        path, target, options, most = Path(job.path), Path(job.target), job.options, settings.max_pixels
        if job.kind == "proxy":
            make_proxy(path, target, most, on_progress)
        elif job.kind == "annotated":
            annotate(path, target, most, job.faces, job.step_s, options, job.size_wh, on_progress)
        else:
            edit = blurring(job.faces, job.step_s, job.size_wh) if options["blur"] else None
            make_clips(
                path, target, most, options["moments"], options["before_s"], options["after_s"], edit, on_progress
            )

    return make


@dataclass
class _Active:
    """The file that is being made. share: 0 to 1."""

    job: MakingJob
    video_id: str
    share: float = 0.0
    began_s: float = field(default_factory=time.monotonic)

    def as_status(self) -> dict:
        elapsed_s = time.monotonic() - self.began_s
        return {
            "made_id": self.job.run_id, "video_id": self.video_id, "kind": self.job.kind, "name": self.job.name,
            "share": self.share or None,
            "eta_s": elapsed_s * (1 - self.share) / self.share if self.share > 0 else None,
        }  # fmt: skip


class Making:
    """Does what is queued in table made_file. Call `start`, `step` again and again, `tidy` at times, `stop`.

    A file is written beside as `<made_id>.<suffix>.part` by the worker, which is killed when it is not wanted any more;
    this process gives it its name when it is whole. on_error: told of every failure, in a sentence.
    """

    def __init__(
        self, home: Home, settings: Settings, intake: Intake, on_error: Callable[[str], None],
        load: Load = load_maker,
    ):  # fmt: skip
        self.folder, self.settings, self.intake, self.store = home.made, settings, intake, intake.store
        self._on_error, self._load = on_error, load
        self._engine: LocalEngine | None = None
        self._active: _Active | None = None
        self._events: list[Event] = []

    def start(self) -> None:
        """What the last process was making is queued again; what it left half made goes."""
        if interrupted := self.store.requeue_made():
            log.info("Queued again, after Moodreel was interrupted: %d files to make.", len(interrupted))
        self.tidy()

    def stop(self) -> None:
        """At once: what is being made is queued again."""
        with self.intake.lock:
            self._rest()
            self.store.requeue_made()
            self._remove_parts()

    def as_status(self) -> list[dict]:
        """For `status.json`."""
        active = self._active
        return [active.as_status()] if active is not None else []

    def step(self) -> None:
        """Deal with what the worker says, and begin with the next file when there is none at work."""
        with self.intake.lock:
            if self._engine is not None:
                self._events += self._engine.events()
            while self._events:
                self._handle(self._events[0])  # should the store refuse it, it is tried again
                self._events.pop(0)
            if self._active is not None and self.store.made_file(self._active.job.run_id) is None:
                log.info("%s of %s is not wanted any more.", TITLES[self._active.job.kind], self._active.job.name)
                self._rest()  # waits for the end of the worker, so that it leaves nothing more
                self._remove_parts()
            if self._active is None:
                self._begin_next()

    def tidy(self) -> None:
        """Remove files that belong to nothing, and note which finished ones are gone."""
        with self.intake.lock:
            self._remove_parts()
            for made in self.store.made_files():
                if made["state"] == "done" and not (self.folder / made["file"]).is_file():
                    self.store.remove_made(made["made_id"], "The file is not in the folder made/ any more.")

    # --- the file at work ---

    def _begin_next(self) -> None:
        made = self.store.next_made()
        if made is None:
            self._rest()
            return
        job = self._job(made)
        if not self.intake.holds(made["video_id"], made["path"]):
            self._fail(
                job, f"{job.failure} The video is not where it was, or has changed: put it back, then ask again."
            )
            return
        if self._engine is None:
            self._engine = LocalEngine(self.settings.model_copy(update={"jobs": 1}), self._load)
        self.store.start_made(made["made_id"])
        self._active = _Active(job, made["video_id"])
        self._engine.submit(job)

    def _job(self, made: dict) -> MakingJob:
        target = self.folder / f"{made['made_id']}{SUFFIXES[made['kind']]}.part"
        drawn = {}
        if made["kind"] == "annotated" or made["options"].get("blur"):
            drawn = faces_to_draw(self.store, made["video_id"], made["run_id"])
        return MakingJob(
            made["made_id"], made["path"], made["name"], self.settings, str(target), made["kind"], made["options"],
            **drawn,
        )  # fmt: skip

    def _handle(self, event: Event) -> None:
        active = self._active
        if active is None or event.run_id != active.job.run_id:
            return
        if isinstance(event, Progressed):
            active.share = event.done_s
        elif isinstance(event, Failed):
            self._fail(active.job, event.error)
        elif isinstance(event, Finished):
            self._finish(active)

    def _finish(self, active: _Active) -> None:
        job, part = active.job, Path(active.job.target)
        if not self.intake.holds(active.video_id, job.path):
            self._fail(job, f"{job.failure} The video was removed or changed meanwhile: put it back, then ask again.")
            return
        file = part.with_suffix("")
        if part.exists():  # else the store refused, and this is the second try
            with part.open("rb") as written:
                os.fsync(written.fileno())
            part.replace(file)
        if self.store.finish_made(job.run_id, file.name, file.stat().st_size):
            log.info("%s of %s is made.", TITLES[job.kind], job.name)
            self._make_room(job.run_id)
        else:
            file.unlink()
        self._active = None

    def _fail(self, job: MakingJob, error: str) -> None:
        Path(job.target).unlink(missing_ok=True)
        self.store.fail_made(job.run_id, error)
        self._active = None
        self._on_error(error)
        log.warning("%s", error)

    def _rest(self) -> None:
        """End the worker, with all its memory."""
        if self._engine is not None:
            self._engine.close()
            self._engine = None
        self._events.clear()
        self._active = None

    # --- the folder ---

    def _remove_parts(self) -> None:
        wanted = {made["file"] for made in self.store.made_files()}
        for file in self.folder.iterdir():
            at_work = self._active is not None and file.name.startswith(f"{self._active.job.run_id}.")
            if file.name not in wanted and not at_work and not file.is_dir():
                file.unlink(missing_ok=True)

    def _make_room(self, just_made: str) -> None:
        """Keep to `made_quota_mb`: proxies go first, then the others; of each the one least recently used."""
        done = [made for made in self.store.made_files() if made["state"] == "done"]
        too_much = sum(made["size_bytes"] for made in done) - self.settings.made_quota_mb * 1_000_000
        for made in sorted(done, key=lambda made: (made["kind"] != "proxy", self._used_s(made))):
            if too_much > 0 and made["made_id"] != just_made:
                (self.folder / made["file"]).unlink(missing_ok=True)
                self.store.remove_made(
                    made["made_id"],
                    f"It was removed to make room: made files may take {self.settings.made_quota_mb:,} MB "
                    "(setting `made_quota_mb`).",
                )
                too_much -= made["size_bytes"]

    def _used_s(self, made: dict) -> float:
        """When a file was last read, as the file system says it (many note that once a day), or made."""
        try:
            status = (self.folder / made["file"]).stat()
        except OSError:
            return 0.0
        return max(status.st_atime, status.st_mtime)
