"""Opening the store file as its one user, and saying plainly why it can't be opened."""

from __future__ import annotations

import fcntl
import os
import re
import threading
from pathlib import Path

import duckdb


class StoreError(Exception):
    """The store can't be used; the message says why and what to do."""


class StoreBusy(StoreError):
    """Another process has the store; `pid` and `command` say which one (None and "" where nobody can tell)."""

    def __init__(self, path: Path, pid: int | None, command: str):
        self.pid, self.command = pid, command
        who = "another process" if pid is None else f"process {pid}"
        super().__init__(
            f"{path} is in use by {who}{f' ({command})' if command else ''}. "
            "Only one process can open the store: stop that one first, or read results.duckdb instead."
        )


class StoreTooNew(StoreError):
    """The store was written by a newer Moodreel or a newer DuckDB."""


class StoreDamaged(StoreError):
    """The file is no store, or not a whole one."""


class StoreWriteFailed(StoreError):
    """The disk refused a change (full, gone, read-only); nothing of that change was kept."""


# Which stores this process has open, with its id, so that a forked child does not believe it has them too. DuckDB would
# let us open the same file twice here; the second closing would then give up the lock of the first (see StoreFile).
_open_here: dict[Path, int] = {}
_open_here_guard = threading.Lock()


class StoreFile:
    """The open store: `connection`, and `descriptor` to read the file's bytes with.

    The operating system drops *every* lock that a process has on a file as soon as the process closes *any* descriptor
    of it. So nobody in this process may open and close the store's file, not even to copy it: read through
    `descriptor`, which stays open until the connection is closed.

    Raises StoreBusy, StoreTooNew, StoreDamaged or StoreError.
    """

    def __init__(self, path: Path):
        self.path = Path(path).resolve()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with _open_here_guard:
            if _open_here.get(self.path) == os.getpid():
                raise StoreBusy(self.path, os.getpid(), command_of(os.getpid()))
            self.connection = connect(self.path)
            self.descriptor = os.open(self.path, os.O_RDONLY)
            _open_here[self.path] = os.getpid()

    def replace_by(self, fresh: Path) -> None:
        """Put the closed file `fresh` into this one's place, and go on with it. No transaction may be open.

        Whenever the process dies, the one or the other whole file is there. Nobody else gets at the store meanwhile:
        the new one is locked before it has its name, and by the same process that DuckDB then asks for the lock.
        """
        with _open_here_guard:
            descriptor = os.open(fresh, os.O_RDWR)
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.fsync(descriptor)
            os.replace(fresh, self.path)
            sync_folder(self.path.parent)
            self.connection.close()  # of the old file, which has no name any more and nothing that waits in a log
            os.close(self.descriptor)
            self.descriptor = descriptor
            self.connection = connect(self.path)

    def close(self) -> None:
        """Close both; closing again does nothing."""
        with _open_here_guard:
            if self.descriptor is None:
                return
            self.connection.close()
            os.close(self.descriptor)
            self.descriptor = None
            _open_here.pop(self.path, None)


def connect(path: Path, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """A connection to the store file at `path`.

    Raises StoreBusy, StoreTooNew, StoreDamaged or StoreError.
    """
    try:
        return duckdb.connect(path, read_only=read_only)
    except duckdb.Error as error:
        raise explain(path, str(error)) from error


def explain(path: Path, message: str) -> StoreError:
    """DuckDB's `message` about a file that it could not open, as one of our exceptions."""
    if "Could not set lock" in message:
        found = re.search(r"held in (.+?) \(PID (\d+)\)|PID (\d+)", message)
        pid = int(found[2] or found[3]) if found else None
        # The command line where we may read it (Linux, same user), else the program as DuckDB names it.
        return StoreBusy(path, pid, command_of(pid) or (found[1] or "" if found else ""))
    if "different configuration" in message:
        return StoreBusy(path, os.getpid(), command_of(os.getpid()))
    if "version number" in message or "newer version" in message:
        return StoreTooNew(
            f"{path} was written by a newer DuckDB than the one installed here: update Moodreel. ({message})"
        )
    if "Permission denied" in message or "Cannot open file" in message:
        return StoreError(f"{path} can't be opened: look at the file's owner and permissions. ({message})")
    return StoreDamaged(
        f"{path} is not a store, or a damaged one. Move it away, or put a backup in its place; "
        f"the last published results are still in results.duckdb. ({message})"
    )


def sync_folder(folder: Path) -> None:
    """Bring a folder's names to the disk, so that a rename survives a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def command_of(pid: int | None) -> str:
    """The command line of process `pid`, or "" where the system does not tell."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return ""
