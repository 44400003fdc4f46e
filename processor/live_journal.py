"""The journal of a live session: what is seen, and the video, kept on the disk while the camera runs.

A session is a folder `live/<live_id>/` of the home: `about.json`, `sights.jsonl`, `markers.jsonl`, and `video.mp4` if
that is kept. Whoever writes holds a lock on the file `lock`, which the system lets go of however the process ends, so
that the processor can tell a session that goes on from one that was cut off (processor/live_recovery.py). The request
that hands a session in has its id, so that it is taken in once, whoever asks for it.
"""

from __future__ import annotations

import errno
import fcntl
import json
import logging
import os
import shutil
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import av

from db.connection import sync_folder
from processor import spool
from processor.config import Home
from processor.live_form import about_of, marker_of
from processor.live_video import VideoWriter
from processor.metadata import FieldInvalid

if TYPE_CHECKING:
    from processor.live_faces import Sight

log = logging.getLogger(__name__)

ABOUT, SIGHTS, MARKERS, VIDEO, LOCK = "about.json", "sights.jsonl", "markers.jsonl", "video.mp4", "lock"
SYNC_EVERY_S = 1.0  # so much is lost at most where the power fails
IDLE_S = 120.0  # a session of which nobody hears any more ends by itself
MOST_FRAMES, MOST_LINES = 25, 3000  # that wait to be written; what comes beyond that is left out
_TIE_S = 1e-6


class JournalRefused(Exception):
    """A session can't be kept; the message says why, as a sentence."""


@dataclass(frozen=True)
class About:
    """What a session is and how it is looked at.

    consent: who is filmed agreed to it. keep_video: whether the video is kept, too. name: None for the time it began.
    bundle, model_id, model_card, detector, device: what looks at it. sample_fps: of how many sights a second the
    observations are kept. smoothing, smoothing_window_s: as in the settings. analyse_later: only the video is kept, and
    analysed like any other.
    """

    subject: str | None
    cohort: str | None
    session: str | None
    consent: bool
    keep_video: bool
    name: str | None
    bundle: str
    model_id: str
    model_card: dict
    detector: str
    device: str
    sample_fps: float = 5.0
    smoothing: str = "mean"
    smoothing_window_s: float = 1.5
    analyse_later: bool = False


class Journal:
    """Writes one session; made by `begin`. Every method may be called from any thread, and returns at once.

    Times are those of the stream; in the session they count from the first picture, or from the first sight where no
    video is kept. trouble: why something could not be written, as a sentence. safe_s: up to which second of the session
    nothing would be lost if the machine failed now. request_id: of the request that hands it in, once it has ended.
    """

    def __init__(self, folder: Path, spool_folder: Path, about: About, lock: BinaryIO):
        self.folder, self.live_id, self.about = folder, folder.name, about
        self.trouble: str | None = None
        self.safe_s = 0.0
        self.request_id: str | None = None
        self._spool, self._lock_file = spool_folder, lock
        self._with_video = about.keep_video or about.analyse_later
        self._begin_s: float | None = None
        self._next_s = 0.0  # of the grid on which sights are kept
        self._frames = 0  # that wait
        self._waiting: deque[tuple[Callable, tuple]] = deque()
        self._changed = threading.Condition()
        self._stopping = self._over = False
        self._ending = threading.Lock()
        self._lines: dict[str, BinaryIO] = {}
        self._video: VideoWriter | None = None
        self._written_s = 0.0
        self._heard = time.monotonic()
        self._thread = threading.Thread(target=self._write, name=f"live journal {self.live_id}", daemon=True)

    @classmethod
    def begin(cls, home: Home, about: About) -> Journal:
        """Begin to keep a session. Raises JournalRefused: without consent, for a detail that does not fit, or where
        the disk can't be written."""
        if not about.consent:
            raise JournalRefused("The session is not kept: who is filmed must have agreed to it.")
        live_id = spool.new_id()
        given = {"live_id": live_id, "began_at": datetime.now(UTC).isoformat(), **asdict(about)}
        try:
            about_of(given)
        except FieldInvalid as error:
            raise JournalRefused(f"The session can't be kept: {error}") from error
        beside, folder = home.live / f".{live_id}", home.live / live_id
        try:
            beside.mkdir(parents=True)
            lock = (beside / LOCK).open("wb")
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _write_whole(beside / ABOUT, given)
            beside.rename(folder)  # so that no session is seen without what it is about, nor unlocked
            sync_folder(home.live)
            journal = cls(folder, home.spool, about, lock)
            journal._open()
        except OSError as error:
            shutil.rmtree(beside, ignore_errors=True)
            shutil.rmtree(folder, ignore_errors=True)
            raise JournalRefused(f"The session can't be kept in {home.live}: {error.strerror}.") from error
        journal._thread.start()
        return journal

    # --- for whoever watches the camera ---

    def add_sight(self, sight: Sight) -> None:
        """What was seen in one picture; kept where the next time of the grid has come."""
        with self._changed:
            if self.about.analyse_later or not self._in_time(sight.t_s, begins=not self._with_video):
                return
            t_s = sight.t_s - self._begin_s
            if t_s < self._next_s - _TIE_S:
                return
            step_s = 1 / self.about.sample_fps
            self._next_s = (int((t_s + _TIE_S) / step_s) + 1) * step_s
            self._put(self._write_sight, (t_s, sight))

    def add_frame(self, frame: av.VideoFrame, t_s: float) -> None:
        """A picture for the video, where it is kept. It must not be changed afterwards."""
        with self._changed:
            if not self._with_video or not self._in_time(t_s, begins=True) or self._frames >= MOST_FRAMES:
                return
            self._frames += 1
            self._put(self._write_frame, (t_s - self._begin_s, frame))

    def add_marker(self, t_s: float, kind: str, note: str | None = None) -> None:
        """Mark a moment. Raises JournalRefused for a kind or a note that does not fit."""
        with self._changed:
            t_s = max(0.0, t_s - self._begin_s) if self._begin_s is not None else 0.0
            marker = {"t_s": t_s, "end_s": None, "kind": kind, "note": note}
            try:
                marker_of(marker)
            except FieldInvalid as error:
                raise JournalRefused(f"The marker is not kept: {error}") from error
            self._put(self._write_line, (MARKERS, marker))

    def end(self) -> str:
        """Write what waits, close the session and hand it in; returns the request's id. Again: the same id.

        Raises JournalRefused if it was discarded or is gone, OSError where the spool can't be written: then the
        processor finds the session by itself.
        """
        self._stop()
        return self._hand_in()

    def discard(self) -> None:
        """Keep nothing of the session. Does nothing once it has ended."""
        self._stop()
        with self._ending:
            if not self._over:
                self._over = True
                shutil.rmtree(self.folder, ignore_errors=True)
                self._lock_file.close()

    # --- under the lock ---

    def _in_time(self, t_s: float, begins: bool) -> bool:
        """Whether something at that time of the stream belongs to the session. begins: it may be what starts it."""
        self._heard = time.monotonic()
        if self._begin_s is None and begins:
            self._begin_s = t_s
        return not self._stopping and self._begin_s is not None and t_s >= self._begin_s

    def _put(self, write: Callable, what: tuple) -> None:
        if not self._stopping and len(self._waiting) < MOST_LINES:
            self._waiting.append((write, what))
            self._changed.notify()

    # --- in the journal's thread ---

    def _open(self) -> None:
        for name in (SIGHTS, MARKERS):
            self._lines[name] = (self.folder / name).open("ab", buffering=0)

    def _write(self) -> None:
        synced_s = time.monotonic()
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._stopping, SYNC_EVERY_S)
                what = self._waiting.popleft() if self._waiting else None
                idle = time.monotonic() - self._heard > IDLE_S
            if what is not None:
                self._try(*what)
            done = what is None and (self._stopping or idle)
            if done or time.monotonic() - synced_s >= SYNC_EVERY_S:
                self._try(self._sync, ())
                synced_s = time.monotonic()
            if done:
                break
        self._close()
        if not self._stopping:
            with self._changed:
                self._stopping = True
            try:
                self._hand_in()
            except (JournalRefused, OSError) as error:
                log.warning("The live session %s ended by itself and is not handed in yet: %s", self.live_id, error)

    def _try(self, write: Callable, what: tuple) -> None:
        """Nothing is written any more once something could not be: what is on the disk stays whole."""
        try:
            if write == self._write_frame:
                with self._changed:
                    self._frames -= 1
            if self.trouble is None:
                write(*what)
        except (OSError, av.FFmpegError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            self.trouble = (
                f"The session can't be written any further: {why}. What was kept until {self.safe_s:.0f} s is safe."
            )
            log.warning("Live session %s: %s", self.live_id, self.trouble)

    def _write_sight(self, t_s: float, sight: Sight) -> None:
        faces = [
            {
                "track": face.track_id,
                "box": [round(float(side), 2) for side in face.box],
                "score": None if face.score != face.score else round(float(face.score), 4),
                "raw": [round(float(share), 6) for share in face.raw],
            }
            for face in sight.faces
        ]
        line = {"t_s": round(t_s, 6), "size_wh": list(sight.size_wh), "brightness": round(float(sight.brightness), 3)}
        self._write_line(SIGHTS, line | {"sharpness": round(float(sight.sharpness), 3), "faces": faces})

    def _write_line(self, name: str, line: dict) -> None:
        data = json.dumps(line).encode() + b"\n"
        if self._lines[name].write(data) != len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if name == SIGHTS:
            self._written_s = max(self._written_s, line["t_s"])

    def _write_frame(self, t_s: float, frame: av.VideoFrame) -> None:
        if self._video is None:
            self._video = VideoWriter(self.folder / VIDEO, (frame.width, frame.height))
        self._video.add(frame, t_s)

    def _sync(self) -> None:
        if not (self.folder / ABOUT).exists():
            raise FileNotFoundError(2, "it was removed, such as by erasing its subject")
        for file in self._lines.values():
            os.fsync(file.fileno())
        if self._video is not None:
            self._video.sync()
        self.safe_s = max(self._written_s, self._video.last_s if self._video else 0.0)

    def _close(self) -> None:
        for file in self._lines.values():
            file.close()
        if self._video is not None:
            self._video.close()

    # --- at the end ---

    def _stop(self) -> None:
        with self._changed:
            self._stopping = True
            self._changed.notify()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _hand_in(self) -> str:
        with self._ending:
            if self.request_id is None:
                if self._over or not (self.folder / ABOUT).exists():
                    raise JournalRefused("The session is not kept: it was discarded, or its subject was erased.")
                try:
                    # Before the lock is let go of: a session that is unlocked without a request is one cut off.
                    self.request_id = hand_in(self._spool, self.live_id)
                finally:
                    self._over = True
                    self._lock_file.close()
            return self.request_id


def hand_in(spool_folder: Path, live_id: str, cut_off: bool = False) -> str:
    """Ask the processor to take a session in; returns the request's id. cut_off: whether its writer died."""
    return spool.submit_as(spool_folder, live_id, "live_session", live_id=live_id, cut_off=cut_off)


def _write_whole(path: Path, content: dict) -> None:
    with path.open("w", encoding="utf-8") as file:
        json.dump(content, file)
        file.flush()
        os.fsync(file.fileno())
