"""Which files in the watched folders are new and finished being written. No store and no clock in here.

A file counts as finished when its size and modification time have held for `settle_s` seconds and it can be opened.
Files already known by path, size and time cost one `stat` a scan and are never opened again.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

# What a video's name ends in, in lower case. `.ts` is left out: it is far more often source code than video.
VIDEO_SUFFIXES = (
    ".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".mts", ".m2ts", ".3gp", ".gif", ".wmv", ".flv",
    ".ogv",
)  # fmt: skip

# What programs append while they are still writing (rsync, browsers, cloud clients, editors).
TEMPORARY_SUFFIXES = (".part", ".partial", ".tmp", ".temp", ".crdownload", ".download", ".filepart", ".!ut", "~")
TEMPORARY_PREFIXES = (".", "~", "#")

SIDECAR_SUFFIX = ".json"
_CHUNK_BYTES = 1 << 20


class StillChanging(Exception):
    """A file was written to or replaced while it was being read."""


@dataclass(frozen=True)
class Found:
    """A file as a scan sees it: absolute path, size in bytes, modification time in nanoseconds since 1970."""

    path: str
    size_bytes: int
    mtime_ns: int

    @property
    def name(self) -> str:
        return os.path.basename(self.path)


@dataclass
class Scan:
    """What one scan found, each list in path order."""

    finished: list[Found] = field(default_factory=list)  # new or changed, held still, opens: read it now
    unreadable: list[tuple[Found, str]] = field(default_factory=list)  # with a sentence; reported once
    vanished: list[str] = field(default_factory=list)  # known before, gone now
    arriving: list[Found] = field(default_factory=list)  # still settling
    sidecars: list[str] = field(default_factory=list)  # known videos whose `.json` beside them is new or changed
    blocked: list[str] = field(default_factory=list)  # sentences: folders that could not be listed


def is_video_name(name: str) -> bool:
    """Whether a file of this name is looked at: not hidden, not temporary, and named like a video."""
    lower = name.lower()
    if lower.startswith(TEMPORARY_PREFIXES) or lower.endswith(TEMPORARY_SUFFIXES):
        return False
    return lower.endswith(VIDEO_SUFFIXES)


def in_words(path: str) -> str:
    """A path as text that any store or log can hold: bytes that are not UTF-8 become `\\xNN`."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def why_unreadable(path: str, error: OSError) -> str:
    """The sentence for a file that can't be opened or read."""
    if isinstance(error, PermissionError):
        return f"{in_words(path)} can't be opened: permission denied. Let the user that runs Moodreel read it."
    return f"{in_words(path)} can't be read: {error.strerror or error}. Check the disk, or copy the file here again."


def stat_regular(path: str) -> os.stat_result | None:
    """`lstat` of a regular file; None when it is gone, a link, or anything else."""
    try:
        found = os.lstat(path)
    except OSError:
        return None
    return found if stat.S_ISREG(found.st_mode) else None


def open_plain(path: str | Path) -> BinaryIO:
    """Open for reading, but not through a link, and without waiting for a writer should the name be a pipe's."""
    return open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), "rb")


def fingerprint(path: str, stopping: Callable[[], bool] = lambda: False) -> tuple[str, int, int]:
    """SHA-256 (64 hex digits), size in bytes and mtime in nanoseconds of a file that holds still.

    Raises OSError if it can't be opened or read, StillChanging if it changed meanwhile or `stopping()` became true.
    """
    with open_plain(path) as file:
        before = os.fstat(file.fileno())
        if not stat.S_ISREG(before.st_mode):
            raise StillChanging(f"{in_words(path)} is no longer a plain file.")
        digest, left = hashlib.sha256(), before.st_size
        # No further than it was long at first: a file that grows as fast as we read would have no end.
        while left > 0 and (chunk := file.read(min(left, _CHUNK_BYTES))):
            digest.update(chunk)
            left -= len(chunk)
            if stopping():
                raise StillChanging(f"Reading {in_words(path)} was broken off.")
    after = stat_regular(path)
    held = ("st_size", "st_mtime_ns", "st_ino")
    if after is None or any(getattr(before, name) != getattr(after, name) for name in held):
        raise StillChanging(f"{in_words(path)} changed while it was being read.")
    return digest.hexdigest(), before.st_size, before.st_mtime_ns


class Watcher:
    """Remembers what was seen where; tell it with `remember` once a file is dealt with.

    settle_s: seconds a file must hold still. known: path -> (size in bytes, mtime in ns) of files dealt with earlier.
    unreadable: those of them that could not be opened. skip: folders never looked into.
    """

    def __init__(
        self, settle_s: float, known: dict[str, tuple[int, int]] | None = None, unreadable: Iterable[str] = (),
        skip: Iterable[Path] = (),
    ):  # fmt: skip
        self.settle_s = settle_s
        self._known = dict(known or {})
        self._unreadable = set(unreadable)
        self._skip = {str(folder) for folder in skip}
        self._arriving: dict[str, tuple[Found, float]] = {}
        self._sidecars: dict[str, int] | None = None  # None until the first scan, which only takes stock
        self._last_scan_s: float | None = None

    def remember(self, path: str, size_bytes: int, mtime_ns: int, readable: bool = True) -> None:
        """This file is dealt with: leave it alone until it changes (or, if not readable, until it opens)."""
        self._known[path] = (size_bytes, mtime_ns)
        (self._unreadable.discard if readable else self._unreadable.add)(path)

    def remember_all(self, known: dict[str, tuple[int, int]]) -> None:
        """Files dealt with by other ways than a scan."""
        self._known |= known

    def forget(self, path: str) -> None:
        """Start over with this file, as if it had just arrived."""
        self._known.pop(path, None)
        self._unreadable.discard(path)
        self._arriving.pop(path, None)

    def scan(self, folders: Iterable[Path], now_s: float) -> Scan:
        """Look through the folders. now_s: wall-clock seconds since 1970, on the clock of the files' times."""
        result, seen, arriving, sidecars = Scan(), set(), {}, {}
        barred: list[str] = []
        for folder in folders:
            for found in self._files(str(folder), sidecars, barred, result.blocked):
                if found.path in seen:
                    continue
                seen.add(found.path)
                if self._known.get(found.path) == (found.size_bytes, found.mtime_ns):
                    if found.path in self._unreadable and why_not_open(found.path) is None:
                        result.finished.append(found)
                    continue
                since_s = self._still_since(found, now_s)
                if now_s - since_s < self.settle_s:
                    arriving[found.path] = (found, since_s)
                    result.arriving.append(found)
                elif (why := why_not_open(found.path)) is None:
                    arriving[found.path] = (found, since_s)  # until `remember`: it may change while it is read
                    result.finished.append(found)
                else:
                    result.unreadable.append((found, why))
        result.vanished = self._gone(seen, [str(folder) for folder in folders], barred)
        result.sidecars = self._changed_sidecars(sidecars, arriving)
        self._arriving, self._sidecars, self._last_scan_s = arriving, sidecars, now_s
        for found_list in (result.finished, result.arriving):
            found_list.sort(key=lambda found: found.path)
        return result

    def _still_since(self, found: Found, now_s: float) -> float:
        """Since when this size and time are known to have held, in seconds since 1970."""
        earlier = self._arriving.get(found.path)
        if earlier is not None and earlier[0] == found:
            return earlier[1]
        # Written since the last scan, by the file's own time: it has held still since then. Any other time (a file
        # moved here with its old time, a clock that is off) proves nothing, so the wait starts now.
        mtime_s = found.mtime_ns / 1e9
        if self._last_scan_s is not None and self._last_scan_s <= mtime_s <= now_s:
            return mtime_s
        return now_s

    def _gone(self, seen: set[str], folders: list[str], barred: list[str]) -> list[str]:
        """Known paths below the folders that were not seen, less those in a folder that could not be listed."""
        missing = [path for path in list(self._known) if path not in seen]  # a copy: other threads may add to it
        if not missing:
            return []
        below = tuple(os.path.join(folder, "") for folder in folders)
        hidden_by = tuple(os.path.join(folder, "") for folder in barred)
        return sorted(path for path in missing if path.startswith(below) and not path.startswith(hidden_by))

    def _changed_sidecars(self, sidecars: dict[str, int], arriving: dict) -> list[str]:
        if self._sidecars is None:
            return []
        return sorted(
            video
            for path, mtime_ns in sidecars.items()
            if self._sidecars.get(path) != mtime_ns
            and (video := path.removesuffix(SIDECAR_SUFFIX)) in self._known
            and video not in arriving
        )

    def _files(self, folder: str, sidecars: dict[str, int], barred: list[str], blocked: list[str]) -> Iterator[Found]:
        for path, status in walk(folder, self._skip, barred, blocked):
            if path.endswith(SIDECAR_SUFFIX):
                sidecars[path] = status.st_mtime_ns
            else:
                yield Found(path, status.st_size, status.st_mtime_ns)


def why_not_open(path: str) -> str | None:
    """None if the file opens for reading; else a sentence."""
    if in_words(path) != path:
        return f"{in_words(path)} has a name that is not UTF-8 text, so it can't be recorded. Rename it."
    try:
        open_plain(path).close()
    except OSError as error:
        return why_unreadable(path, error)
    return None


def walk(
    folder: str, skip: Iterable[str] = (), barred: list[str] | None = None, blocked: list[str] | None = None
) -> Iterator[tuple[str, os.stat_result]]:
    """Videos, and `.json` files named after a video, below a folder, with their `stat`.

    Links are not followed, neither to files nor to folders: what a link inside the folder points to is found at its
    own place, and what lies outside was not asked for. Folders that can't be listed are added to `barred`, with a
    sentence in `blocked`.
    """
    stack = [folder]
    while stack:
        current = stack.pop()
        try:
            entries = os.scandir(current)
        except OSError as error:
            if barred is not None and blocked is not None:
                barred.append(current)
                blocked.append(f"The folder {in_words(current)} can't be looked into: {error.strerror}.")
            continue
        with entries:
            for entry in entries:
                try:
                    if entry.is_dir(follow_symlinks=False):
                        if not entry.name.startswith(".") and entry.path not in skip:
                            stack.append(entry.path)
                    elif is_video_name(entry.name.removesuffix(SIDECAR_SUFFIX)) and entry.is_file(
                        follow_symlinks=False
                    ):
                        yield entry.path, entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue  # removed since the folder was listed
