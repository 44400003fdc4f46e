"""Taking in live sessions: what was seen, and the video where it was kept, become a video with a finished run."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from db import privacy
from db.session import utc_now
from db.store import Store
from processor import watch
from processor.bookkeeping import store_info, store_result
from processor.config import Home, Settings
from processor.engine import Failed, Finished, LocalEngine
from processor.intake import Intake, bring_in
from processor.live_form import marker_of
from processor.live_journal import ABOUT, LOCK, MARKERS, SIGHTS
from processor.live_session import SHORTEST_S, WHOLE, LiveJob, load_reader, read_about, smoothed_as
from processor.metadata import FieldInvalid, parse_time
from processor.spool import Request, RequestRefused
from processor.watch import Found
from processor.worker import Load, Result

CUT_OFF = "It was cut off; what had been written by then is kept."
CLOSING_S = 30.0  # at most, between the request and the end of the writing, which follows at once
WAIT_S = 0.25


class _Dropped(RequestRefused):
    """A session of which nothing may be kept, or is worth it."""


class LiveRequests:
    """Applies them. changing: within it, what is written is one transaction; applied: writes the log entry.

    stopping: whether the service ends, so that what takes long is left for its next start. load: what reads a session,
    in a worker process.
    """

    def __init__(
        self, home: Home, settings: Settings, intake: Intake, changing: Callable[[], AbstractContextManager],
        applied: Callable[..., None], stopping: Callable[[], bool], load: Load = load_reader,
    ):  # fmt: skip
        self.home, self.settings, self.intake, self.changing = home, settings, intake, changing
        self.store: Store = intake.store
        self.applied, self.stopping, self.load = applied, stopping, load
        self.kinds = {"live_session": self._live_session}

    def _live_session(self, request: Request) -> None:
        live_id = request.fields["live_id"]
        if request.request_id != live_id:
            raise RequestRefused(f"The request must have the id of its session, {live_id}.")
        folder = self.home.live / live_id
        lock = held(folder, CLOSING_S)
        if lock is None:
            raise RequestRefused("The session is not there, or still being written.")
        with lock:
            about = self._about(folder)
            try:
                self._refuse_without_consent(about)
                result = self._read(folder, about["name"])
                if (result.info["duration_s"] or 0.0) < SHORTEST_S:
                    raise _Dropped(f"{about['name']} is not kept: it was shorter than {SHORTEST_S:g} second.")
                sha256, file = self._content(folder, result)
                with self.changing():
                    self._take(request, about, result, sha256, file)
            except _Dropped:
                shutil.rmtree(folder)
                raise
            shutil.rmtree(folder)  # should the process die before this, `recover` does it

    def _about(self, folder: Path) -> dict:
        try:
            about = read_about(folder)
        except (OSError, FieldInvalid) as error:
            raise RequestRefused(f"What session it is can't be read: {error}") from error
        began_at = parse_time("began_at", about["began_at"])
        return about | {"began_at": began_at, "name": about["name"] or f"Live {began_at:%Y-%m-%d %H:%M}"}

    def _read(self, folder: Path, name: str) -> Result:
        """What the session showed, read in a worker process. Raises RequestRefused, StillChanging at the end."""
        engine = LocalEngine(self.settings.model_copy(update={"jobs": 1}), self.load)
        try:
            engine.submit(LiveJob(folder.name, str(folder), name, self.settings))
            while not self.stopping():
                for event in engine.events(WAIT_S):
                    if isinstance(event, Finished):
                        return event.result
                    if isinstance(event, Failed):
                        raise RequestRefused(event.error) if event.final else RuntimeError(event.error)
            raise watch.StillChanging(str(folder))
        finally:
            engine.close()

    def _refuse_without_consent(self, about: dict) -> None:
        day = utc_now().date()
        why = self.store.read_with(lambda con: privacy.why_not_kept(con, about["subject"], day))
        if not about["consent"]:
            why = f"{about['name']} is not kept: it was not said that who is filmed agreed."
        if why:
            raise _Dropped(why)

    def _content(self, folder: Path, result: Result) -> tuple[str, Found | None]:
        """What the session is known by, its SHA-256, and its file in the library, where it has one."""
        if not result.info["has_video"]:
            digest = hashlib.sha256()
            for name in (ABOUT, SIGHTS, MARKERS):
                if watch.stat_regular(str(folder / name)) is not None:
                    digest.update(watch.fingerprint(str(folder / name), self.stopping)[0].encode())
            return digest.hexdigest(), None
        sha256, size_bytes, mtime_ns = watch.fingerprint(str(folder / WHOLE), self.stopping)
        target = self.home.library / f"{sha256}.mp4"
        bring_in(folder / WHOLE, target)
        status = target.stat()
        return sha256, Found(str(target), status.st_size, status.st_mtime_ns)

    def _take(self, request: Request, about: dict, result: Result, sha256: str, file: Found | None) -> None:
        """A new video. What was seen becomes its run; where nothing looked, it is analysed like any other."""
        seen = result.frames.num_rows > 0
        fields = {name: about[name] for name in ("subject", "cohort", "session", "name")}
        fields |= {"recorded_at": about["began_at"], "consent": True}
        smoothing = smoothed_as(about, self.settings).smoothing_name
        run = {"sample_fps": about["sample_fps"], "smoothing": smoothing} if seen else {}
        video_id, run_id = self.intake.take_live(sha256, file, fields, run)
        markers = [marker_of(marker) for marker in result.info["markers"]]
        for number, marker in enumerate(markers):
            marker["marker_id"] = f"{request.request_id}-{number}"
        if seen:
            self.store.start_run(run_id)
            if self.store.model_card(result.model_id) is not None:  # a session brings no other card for a known one
                self.intake.models.add(result.model_id)
            if request.fields["cut_off"]:
                result = replace(result, note=" ".join(filter(None, (CUT_OFF, result.note))))
            store_result(self.intake, run_id, video_id, result)
        else:
            store_info(self.store, video_id, result.info)
        self.store.add_markers(video_id, markers, "live")
        self.applied(request, video_id=video_id, run_id=run_id)


def held(folder: Path, patience_s: float = 0.0) -> BinaryIO | None:
    """The lock of a session, to be closed; None if the session is gone, or still being written after that time."""
    deadline = time.monotonic() + patience_s
    try:
        descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError:
        return None
    lock = open(descriptor, "r+b")
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                lock.close()
                return None
            time.sleep(0.05)
        else:
            if folder.is_dir():
                return lock
            lock.close()
            return None
