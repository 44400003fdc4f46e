"""From files to videos: what the store is told when a file appears, moves, changes or goes.

The content's SHA-256 is the identity. Every video's file has a row in table `file`, with the size and time it had when
it was hashed; an analysis is only begun, and its result only kept, while the file still has them.
"""

from __future__ import annotations

import os
import re
import shutil
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from db.store import Store
from processor import metadata
from processor.config import Settings
from processor.default_model import in_force
from processor.watch import Found, stat_regular

FOLDER_PRIORITY = 0
PERSON_PRIORITY = 10  # somebody is waiting


class _Row(NamedTuple):
    video_id: str | None
    size_bytes: int
    mtime_ns: int


class Intake:
    """Keeps tables `video` and `file` and the queue in step with the files.

    folders: the watched ones, for cohort and subject. lock: held while anything is changed, so that the picture of
    table `file` that is kept in memory (5,000 files are looked up every second) agrees with the store.
    """

    def __init__(self, store: Store, settings: Settings, folders: Iterable[Path], lock: threading.RLock):
        self.store, self.settings, self.folders, self.lock = store, settings, tuple(folders), lock
        self._rows: dict[str, _Row] = {}
        self._paths: dict[str, set[str]] = {}
        self._library = str(settings.home / "library") + os.sep
        self._without_run: set[str] | None = None
        self._depth = 0
        self.models: set[str] = set()  # recorded since the start
        self._read_rows()

    @contextmanager
    def changing(self) -> Iterator[None]:
        """The lock and a transaction; when it is rolled back, the picture in memory is too. Nested ones join."""
        with self.lock:
            self._depth += 1
            try:
                with self.store.transaction():
                    yield
            except BaseException:
                if self._depth == 1:
                    self._read_rows()
                raise
            finally:
                self._depth -= 1

    def _read_rows(self) -> None:
        self._rows, self._paths = {}, {}
        rows = self.store.files()
        self.unreadable = [path for path, row in rows.items() if row["error"] is not None]
        for path, row in rows.items():
            self._keep(path, _Row(row["video_id"], row["size_bytes"], row["mtime_ns"]))

    def known(self) -> dict[str, tuple[int, int]]:
        """path -> (size in bytes, mtime in ns) of every file that was dealt with."""
        return {path: (row.size_bytes, row.mtime_ns) for path, row in self._rows.items()}

    def is_known(self, path: str) -> bool:
        """Whether this file was dealt with."""
        return path in self._rows

    def video_at(self, path: str) -> str | None:
        """The video that the file at `path` holds."""
        row = self._rows.get(path)
        return row.video_id if row else None

    def take(
        self, found: Found, sha256: str, *, source: str = "watch", priority: int = FOLDER_PRIORITY,
        fields: dict | None = None, run: dict | None = None,
    ) -> tuple[str, int | None]:  # fmt: skip
        """A file with this content is there. A new video is queued; returns (video_id, run_id or None).

        fields: columns of a new video, such as subject and name. run: overrides of the settings, if any, for its run.
        """
        video_id, run_id = sha256[:16], None
        with self.changing():
            self._let_go(found.path, video_id)
            video = self.store.video(video_id)
            if video is None:
                if self.store.is_left_out(sha256):
                    self.store.take_back(sha256)  # somebody asks for it by hand
                new = {
                    "video_id": video_id, "sha256": sha256, "name": metadata.clean(found.name), "path": found.path,
                    "size_bytes": found.size_bytes, "source": source,
                }  # fmt: skip
                self.store.add_video(new | (fields or {}))
                run_id = self.queue(video_id, priority=priority, **(run or {}))
            elif not self.is_there(video):
                run_id = self._came_back(video, found, priority, (fields or {}).get("name"))
            self.store.put_file(found.path, video_id, found.size_bytes, found.mtime_ns, None)
            self._keep(found.path, _Row(video_id, found.size_bytes, found.mtime_ns))
        return video_id, run_id

    def take_live(self, sha256: str, found: Found | None, fields: dict, run: dict) -> tuple[str, int]:
        """A live session, and its file in the library, or None where only what was seen is kept; a run is queued.

        fields: columns of table `video`; run: overrides of the settings. Returns (video_id, run_id).
        """
        with self.changing():
            if found is not None:
                video_id, run_id = self.take(
                    found, sha256, source="live", priority=PERSON_PRIORITY, fields=fields, run=run
                )
                return video_id, run_id or self.queue(video_id, priority=PERSON_PRIORITY, **run)
            video = {
                "video_id": sha256[:16], "sha256": sha256, "path": "", "size_bytes": 0, "source": "live",
                "missing_since": _now(),
            }  # fmt: skip
            self.store.add_video(video | fields)
            return video["video_id"], self.queue(video["video_id"], priority=PERSON_PRIORITY, **run)

    def record_unreadable(self, found: Found, path: str, error: str) -> None:
        """This file can't be read, and why. path: its path as text that the store can hold."""
        with self.changing():
            self._let_go(path, None)
            self.store.put_file(path, None, found.size_bytes, found.mtime_ns, error)
            self._keep(path, _Row(None, found.size_bytes, found.mtime_ns))

    def lose(self, paths: list[str]) -> None:
        """These files are gone: their videos move to another copy, or are marked as missing. Results stay."""
        with self.changing():
            for path in paths:
                self._let_go(path, None)
                self._drop(path)
            self.store.remove_files(paths)

    def delete(self, video_id: str, delete_file: bool) -> list[str]:
        """Forget a video with all its results; returns the files to remove once that is committed.

        Watched files that are to stay are kept in mind without a video, so that the next scan does not bring it back.
        """
        with self.changing():
            video = self.store.video(video_id)
            rows = {path: self._rows[path] for path in sorted(self._paths.get(video_id, ()))}
            self.store.delete_video(video_id)
            for path, row in rows.items():
                self.store.put_file(path, None, row.size_bytes, row.mtime_ns, None)
                self._keep(path, row._replace(video_id=None))
            remove = {path for path in [*rows, video["path"]] if delete_file or path.startswith(self._library)}
        return sorted(remove - {""})  # of a live session without a video

    def queue(self, video_id: str, *, priority: int, **overrides) -> int:
        """Queue a run. overrides: sample_fps, detector, model, smoothing where they differ from the service's."""
        wanted = with_overrides(self.settings, overrides)
        if self._without_run is not None:
            self._without_run.discard(video_id)
        # Until the run ends, model_id and detector say what was asked for; NULL means whatever the service is set to.
        return self.store.queue_run(
            video_id, sample_fps=wanted.sample_fps, smoothing=wanted.smoothing_name, priority=priority,
            model_id=overrides.get("model"), detector=overrides.get("detector"),
        )  # fmt: skip

    def settings_of(self, run: dict) -> Settings:
        """The settings for a queued run."""
        overrides = {"sample_fps": run["sample_fps"], "smoothing": run["smoothing"]}
        overrides |= {"model": run["model_id"], "detector": run["detector"]}
        return with_overrides(self.settings, {name: value for name, value in overrides.items() if value is not None})

    def holds(self, video_id: str, path: str) -> bool:
        """Whether the file at `path` is still the one that was hashed as this video, by its size and time."""
        row, status = self._rows.get(path), stat_regular(path)
        return row is not None and status is not None and row == _Row(video_id, status.st_size, status.st_mtime_ns)

    def check_unwatched(self) -> None:
        """Mark uploads, and files given by hand, whose file is gone, and clear the mark where it is back."""
        with self.lock:
            for video in self.store.videos():
                inside = any(Path(video["path"]).is_relative_to(folder) for folder in self.folders)
                there = inside or self.holds(video["video_id"], video["path"])
                if not inside and there == (video["missing_since"] is not None):
                    self.store.update_video(video["video_id"], missing_since=None if there else _now())

    def start_scan(self) -> None:
        """Forget what was noted about the queue for the duration of one scan."""
        self._without_run = None

    def _came_back(self, video: dict, found: Found, priority: int, name: str | None) -> int | None:
        """The content of a known video, whose own file is gone: moved, renamed, put back or uploaded."""
        self._move(video, found.path, name)
        if self._without_run is None:
            has_run = {run["video_id"] for state in ("queued", "running", "done") for run in self.store.runs(state)}
            self._without_run = {row["video_id"] for row in self.store.videos()} - has_run
        return self.queue(video["video_id"], priority=priority) if video["video_id"] in self._without_run else None

    def _move(self, video: dict, path: str, name: str | None = None) -> None:
        """The file of this video is now at `path`."""
        columns = {"path": path, "missing_since": None}
        if name is not None:
            columns["name"] = name
        elif not path.startswith(self._library):  # there the name is only a hash
            columns["name"] = metadata.clean(os.path.basename(path))
        # Where the folders had said who it is, the new folders do so now; what a person entered stays.
        before, after = (metadata.of_folders(place, self.folders) for place in (video["path"], path))
        columns |= {name: after.get(name) for name in before if video[name] == before[name]}
        self.store.update_video(video["video_id"], **columns)

    def is_there(self, video: dict) -> bool:
        """Whether the file of this video is still in its place."""
        row = self._rows.get(video["path"])
        return row is not None and row.video_id == video["video_id"] and stat_regular(video["path"]) is not None

    def _let_go(self, path: str, video_id: str | None) -> None:
        """The file at `path` no longer holds what it did, unless that was `video_id`."""
        before = self._rows.get(path)
        if before is None or before.video_id is None or before.video_id == video_id:
            return
        video = self.store.video(before.video_id)
        self._paths[before.video_id].discard(path)
        if video is None or video["path"] != path:
            return
        copies = sorted(self._paths[before.video_id])
        if copies:
            self._move(video, copies[0])
        else:
            self.store.update_video(before.video_id, missing_since=_now())

    def _keep(self, path: str, row: _Row) -> None:
        self._drop(path)
        self._rows[path] = row
        if row.video_id is not None:
            self._paths.setdefault(row.video_id, set()).add(path)

    def _drop(self, path: str) -> None:
        before = self._rows.pop(path, None)
        if before is not None and before.video_id is not None:
            self._paths[before.video_id].discard(path)


def bring_in(content: Path, target: Path) -> None:
    """Content of the spool or of a live session into the library, so that it can be done again if the process dies."""
    if target.exists():
        return
    try:
        os.link(content, target)
    except OSError:  # a file system without hard links
        beside = target.with_name(f".{target.name}.part")
        shutil.copyfile(content, beside)
        beside.replace(target)


def with_overrides(settings: Settings, overrides: dict) -> Settings:
    """The settings of a run: the service's, with the model in force now, and with some replaced.

    smoothing may be a method, or as the store names it: `mean:1.5s`, `mode:5`.
    """
    overrides = {"model": in_force(settings).name} | overrides
    if window := re.fullmatch(r"(mean|mode):([\d.]+)s?", overrides.get("smoothing", "")):
        overrides["smoothing"] = window[1]
        if window[1] == "mean":
            overrides["smoothing_window_s"] = float(window[2])
    return Settings(**(settings.model_dump() | overrides))


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
