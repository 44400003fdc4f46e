"""What comes into the watched folders, changes there and goes: seen by a scan, hashed, handed to the intake."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from processor import metadata, watch
from processor.config import Home, Settings
from processor.intake import Intake
from processor.log import Complaints
from processor.watch import Found, Watcher, in_words

log = logging.getLogger(__name__)

MOST_NAMED = 20  # files on their way in, for `status.json`


class Arrivals:
    """Keeps the intake in step with the folders it looks after. Call `scan` again and again.

    on_error: told of every trouble with a file or folder, in a sentence. stopping: whether to break off a scan.
    """

    def __init__(
        self, home: Home, settings: Settings, intake: Intake, on_error: Callable[[str], None],
        stopping: Callable[[], bool],
    ):  # fmt: skip
        self.home, self.intake, self.store, self.folders = home, intake, intake.store, intake.folders
        self._on_error, self._stopping = on_error, stopping
        ours = (home.library, home.spool, home.models, home.results, home.made)
        self._watcher = Watcher(settings.settle_s, intake.known(), intake.unreadable, skip=ours)
        self._arriving: list[Found] = []
        self._complaints = Complaints(log, on_error)

    def as_status(self) -> list[str]:
        """For `status.json`: names of files that are still being written or settling, the first 20."""
        return [in_words(found.name) for found in self._arriving[:MOST_NAMED]]

    def scan(self) -> None:
        """Look through the watched folders; hash what is new and finished; note what is gone."""
        self.home.create()  # should somebody have removed the inbox
        found = self._watcher.scan(self.folders, time.time())
        self._arriving = found.arriving
        self._complaints.about("folders", " ".join(found.blocked))
        self.intake.start_scan()
        if found.vanished:
            known = [path for path in found.vanished if self.intake.is_known(in_words(path))]  # not what was erased
            self.intake.lose([in_words(path) for path in found.vanished])
            for path in known:
                log.info("%s is gone; its results stay.", path)
            for path in found.vanished:
                self._watcher.forget(path)
        for file, why in found.unreadable:
            self._unreadable(file, why)
        for file in found.finished:
            if self._stopping():
                return
            self._take(file)
        for path in found.sidecars:
            self._take_sidecar(path)

    def catch_up(self) -> None:
        """Take note of the files that requests have dealt with, so that no scan does so again."""
        self._watcher.remember_all(self.intake.known())

    # --- one file ---

    def _take(self, file: Found) -> None:
        """Hash a finished file and hand it to the intake. One that changes meanwhile is left for a later scan."""
        try:
            sha256, size_bytes, mtime_ns = watch.fingerprint(file.path, self._stopping)
        except (watch.StillChanging, FileNotFoundError):
            return
        except OSError as error:
            self._unreadable(file, watch.why_unreadable(file.path, error))
            return
        if self.store.is_left_out(sha256):
            self._watcher.remember(file.path, size_bytes, mtime_ns)
            return
        fields, warning = metadata.of_file(file.path, self.folders)
        if warning:
            log.warning("%s", warning)
            self._on_error(warning)
        found = Found(file.path, size_bytes, mtime_ns)
        _, run_id = self.intake.take(found, sha256, fields=fields)
        self._watcher.remember(file.path, size_bytes, mtime_ns)
        log.info("%s is %s.", file.path, f"queued as run {run_id}" if run_id else "known already")

    def _take_sidecar(self, path: str) -> None:
        fields, warning = metadata.of_sidecar(path)
        video_id = self.intake.video_at(path)
        if warning:
            self._complaints.about(f"sidecar {path}", warning)
        elif fields and video_id is not None:
            self.store.update_video(video_id, **fields)

    def _unreadable(self, file: Found, why: str) -> None:
        self.intake.record_unreadable(file, in_words(file.path), why)
        self._watcher.remember(file.path, file.size_bytes, file.mtime_ns, readable=False)
        log.warning("%s", why)
        self._on_error(why)
