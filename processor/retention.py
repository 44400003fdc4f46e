"""Retention: what has been kept for as many days as was decided is removed, if the clock can be believed.

A computer that woke up with a wrong date must not empty a library. So nothing is removed while the clock is behind the
newest moment that the store tells of; when it says that more than MOST_UNSEEN has passed since that moment, or since
the last look, nothing is removed until Moodreel has been running for WAIT more: time to put the date right.
"""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from db import retention
from db.session import utc, utc_now
from processor.config import Home
from processor.intake import Intake
from processor.live_session import read_about
from processor.log import Complaints
from processor.metadata import FieldInvalid, parse_time
from processor.watch import SIDECAR_SUFFIX

log = logging.getLogger(__name__)

SLACK = timedelta(minutes=5)
MOST_UNSEEN = timedelta(days=30)
WAIT = timedelta(days=1)


@dataclass(frozen=True)
class Due:
    """Something that is removed at a moment (UTC). kind: videos, thumbnails, made, results; key: of video or made file,
    or of a live session that lies in the home's folder and is not in the store, which counts as a video.

    name: of the video. files: paths that go; of results, none are listed. size_bytes: of the files.
    """

    kind: str
    key: str
    name: str
    files: tuple[str, ...]
    size_bytes: int
    at: datetime


def schedule(con, home: Home, settings: dict) -> list[Due]:
    """What is to be removed and when, the first to go first. con: of the store or a snapshot; settings: as from it."""
    days, found = settings["retention_days"], []
    folders = {"thumbnails": home.thumbnails, "made": home.made}
    for row in retention.ages(con):
        keep = days[row["kind"]]
        if keep is None:
            continue
        files = ()
        if row["kind"] == "videos":
            if not settings["retention_watched"] and not Path(row["file"]).is_relative_to(home.library):
                continue
            files = (row["file"],)
        elif row["file"]:
            files = (str(folders[row["kind"]] / row["file"]),)
        at = row["since"] + timedelta(days=keep)
        found.append(Due(row["kind"], row["key"], row["name"], files, row["size_bytes"] or 0, at))
    if days["videos"] is not None:
        found += _sessions(home, timedelta(days=days["videos"]))
    return sorted(found, key=lambda due: (due.at, due.kind, due.key))


def _sessions(home: Home, keep: timedelta) -> Iterator[Due]:
    """Live sessions that could not be taken in, or not yet, from the day they began."""
    for folder in home.live.glob("*/"):
        files = {str(file): file.lstat().st_size for file in folder.iterdir()}
        try:
            about = read_about(folder)
            name, began_at = about["name"] or "A live session", parse_time("began_at", about["began_at"])
        except (OSError, FieldInvalid):
            name, began_at = "A live session", utc(datetime.fromtimestamp(folder.stat().st_mtime, UTC))
        yield Due("videos", folder.name, name, tuple(files), sum(files.values()), began_at + keep)


class Retention:
    """Call `step` at the start and from time to time. now: the wall clock in UTC; elapsed_s: a clock that nobody sets.

    on_error: told why nothing is removed, in a sentence.
    """

    def __init__(
        self, home: Home, intake: Intake, on_error: Callable[[str], None],
        now: Callable[[], datetime] = utc_now, elapsed_s: Callable[[], float] = time.monotonic,
    ):  # fmt: skip
        self.home, self.intake, self.store = home, intake, intake.store
        self._now, self._elapsed_s = now, elapsed_s
        self._complaints = Complaints(log, on_error)
        self._last: tuple[datetime, float] | None = None  # of both clocks, at the last look
        self._not_before_s = 0.0

    def step(self) -> int:
        """Remove what is due; returns how many things. Thumbnails follow by themselves (processor/thumbnails.py)."""
        with self.intake.lock:
            due = [one for one in self._schedule() if one.at <= self._now() and one.kind != "thumbnails"]
            if not self._believable() or not due:
                return 0
            for one in due:
                self._remove(one)
                log.info("Retention: %s of %s were kept long enough and are removed.", one.kind, one.key)
            return len(due)

    def _schedule(self) -> list[Due]:
        return self.store.read_with(lambda con: schedule(con, self.home, self.store.settings()))

    def _believable(self) -> bool:
        now, elapsed_s = self._now(), self._elapsed_s()
        newest = self.store.read_with(retention.newest_moment) or now
        if self._last is not None:  # where the clock should be by now, had nobody set it
            newest = max(newest, self._last[0] + timedelta(seconds=elapsed_s - self._last[1]))
        self._last = now, elapsed_s
        why = ""
        if now < newest - SLACK:
            why = (
                f"The computer's clock says {now:%d %b %Y, %H:%M} UTC, and it was {newest:%d %b %Y, %H:%M} before. "
                "Nothing is removed by retention until the clock is right."
            )
        elif now - newest > MOST_UNSEEN:
            self._not_before_s = elapsed_s + WAIT.total_seconds()
        if not why and elapsed_s < self._not_before_s:
            why = (
                f"The computer's clock says {now:%d %b %Y}, more than {MOST_UNSEEN.days} days after anything that "
                "Moodreel knows of. If that is wrong, put the clock right: what retention would remove is removed once "
                "Moodreel has been running for a day."
            )
        self._complaints.about("retention", why)
        return not why

    def _remove(self, due: Due) -> None:
        """Files first: should the process die in between, the row is still there and the rest is done next time."""
        if due.kind == "results":
            files = self._with_made(due.key)
            with self.intake.changing():
                files += self.intake.delete(due.key, False)
            _unlink(files)
            return
        files = list(due.files)
        if (session := self.home.live / due.key).is_dir():
            shutil.rmtree(session)
            return
        if due.kind == "videos":
            rows = [path for path, row in self.store.files().items() if row["video_id"] == due.key]
            watched = self.store.setting("retention_watched")
            files += [path for path in rows if watched or Path(path).is_relative_to(self.home.library)]
            files += [path + SIDECAR_SUFFIX for path in files if not Path(path).is_relative_to(self.home.library)]
        _unlink(files)
        with self.intake.changing():
            if due.kind == "made":
                self.store.remove_made(due.key, "It was kept for as many days as was decided on the Privacy page.")
            else:
                self.intake.lose(files)

    def _with_made(self, video_id: str) -> list[str]:
        files = [str(self.home.made / made["file"]) for made in self.store.made_files(video_id) if made["file"]]
        return files + [
            str(self.home.thumbnails / row["file"]) for row in self.store.thumbnails() if row["video_id"] == video_id
        ]


def _unlink(files: Iterable[str]) -> None:
    for file in files:
        Path(file).unlink(missing_ok=True)
