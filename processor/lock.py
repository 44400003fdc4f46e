"""One process at a time works on a home: a lock that the system lets go of however the process ends."""

from __future__ import annotations

import fcntl
import os
import sys
from pathlib import Path


class HomeBusy(Exception):
    """Another process works on this home; the sentence names it."""


class HomeLock:
    """Holds `moodreel.lock` in the home from the start; `release` lets go. Raises HomeBusy."""

    def __init__(self, home: Path):
        self._file = open(home / "moodreel.lock", "a+", encoding="utf-8")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._file.seek(0)
            who = self._file.read().strip() or "another process"
            self._file.close()
            raise HomeBusy(
                f"The home {home} is in use by {who}. Stop that one first, or choose another --home."
            ) from error
        self._file.truncate(0)
        self._file.write(f"process {os.getpid()} ({' '.join(['python', '-m', 'processor', *sys.argv[1:]])})\n")
        self._file.flush()

    def release(self) -> None:
        self._file.close()
