"""Queries that people type: each in a process of its own that can read the snapshot and nothing else, within limits.

The engine sees to it that a query only reads (see db/sandbox_process.py), and stops it in time and in memory. What the
engine does not notice ends with its process: a page, and whoever else asks, goes on.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import pyarrow as pa

PROGRAM = Path(__file__).with_name("sandbox_process.py")
AT_ONCE = 3  # queries; the next one waits its turn
GRACE_S = 5.0  # beyond the limit, for the process to say so by itself
EXCERPT = 110  # characters of a line that are shown around a mistake

# What a program needs to run, and no more of the environment: keys and passwords are none of a query's business.
_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "TZ")


@dataclass(frozen=True)
class Limits:
    """rows, result_bytes: where a result is cut; seconds, memory_bytes: where a query ends; characters: of its text."""

    rows: int = 100_000
    result_bytes: int = 64_000_000
    seconds: float = 10.0
    memory_bytes: int = 1_000_000_000
    characters: int = 100_000


LIMITS = Limits()


@dataclass(frozen=True)
class Answer:
    """rows: what was found, no two columns of the same name. truncated: which limit cut it, "rows", "bytes" or None."""

    rows: pa.Table
    truncated: str | None
    seconds: float


@dataclass(frozen=True)
class Place:
    """Where in a text something is wrong. line, column: from 1, in characters; excerpt: the line with marks below."""

    line: int
    column: int
    excerpt: str


class QueryFailed(Exception):
    """A query gave no answer; the message says why. place: where in its text, None where that is not known."""

    def __init__(self, message: str, place: Place | None = None):
        self.place = place
        super().__init__(message)


class Running:
    """A query under way, in a thread that looks after its process. snapshot: the published file.

    started_at: of time.monotonic, None while it waits for its turn.
    """

    def __init__(self, snapshot: Path, sql: str, limits: Limits = LIMITS):
        # Half of a surrogate pair is no text that could be handed on.
        self.sql = sql.encode("utf-8", "replace").decode()
        self.snapshot, self.limits = Path(snapshot), limits
        self.started_at: float | None = None
        self._stopped = threading.Event()
        self._process: subprocess.Popen | None = None
        self._outcome: Answer | QueryFailed | None = None
        self._guard = threading.Lock()
        # Not the thread's own `join`, which a Ctrl-C can leave believing that the thread has ended.
        self._ended = threading.Event()
        threading.Thread(target=self._run, daemon=True, name="query").start()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Whether it has come to its end, at the latest after that time."""
        return self._ended.wait(timeout_s)

    def elapsed_s(self) -> float:
        """For how long it has been running; 0 while it waits for its turn."""
        return time.monotonic() - self.started_at if self.started_at is not None else 0.0

    def stop(self) -> None:
        """End it now; does nothing where it has ended."""
        with self._guard:
            self._stopped.set()
            if self._process is not None:
                self._process.kill()

    def answer(self) -> Answer:
        """What it found, once it has ended; waits for that. Raises QueryFailed."""
        self.wait()
        if isinstance(self._outcome, QueryFailed):
            raise self._outcome
        return self._outcome

    def _run(self) -> None:
        try:
            self._outcome = self._asked()
        except QueryFailed as error:
            self._outcome = error
        except Exception as error:  # a thread has nobody else to tell
            self._outcome = QueryFailed(f"The query could not be run: {type(error).__name__}: {error}.")
        finally:
            self._ended.set()

    def _asked(self) -> Answer:
        if len(self.sql) > self.limits.characters:
            raise QueryFailed(
                f"The query is {len(self.sql):,} characters long; at most {self.limits.characters:,} are read."
            )
        while not _turns.acquire(timeout=0.1):
            self._unless_stopped()
        try:
            with self._guard:
                self._unless_stopped()
                self._process = _taken()
            return self._answered(self._process)
        finally:
            _turns.release()

    def _answered(self, process: subprocess.Popen) -> Answer:
        self.started_at = time.monotonic()
        limit = threading.Timer(self.limits.seconds + GRACE_S, process.kill)
        limit.daemon = True
        limit.start()
        prepare()  # the next query's starts meanwhile
        asked = {"snapshot": str(self.snapshot.resolve()), "sql": self.sql, **asdict(self.limits)}
        header, rows = None, None
        try:
            with process:
                process.stdin.write(json.dumps(asked).encode() + b"\n")
                process.stdin.flush()
                line = process.stdout.readline()
                header = json.loads(line) if line.endswith(b"\n") else None
                if header and "error" not in header:
                    rows = pa.ipc.open_stream(process.stdout).read_all()
        except (OSError, ValueError):  # it ended in the middle of a sentence
            header = None
        finally:
            limit.cancel()
            process.kill()
        self._unless_stopped()
        if header is None:
            raise self._died(process.returncode)
        if "error" in header:
            raise self._failed(header)
        return Answer(_named(rows), header["truncated"], header["seconds"])

    def _unless_stopped(self) -> None:
        if self._stopped.is_set():
            raise QueryFailed("The query was stopped.")

    def _died(self, status: int) -> QueryFailed:
        if self.elapsed_s() >= self.limits.seconds:
            return self._late()
        name = signal.Signals(-status).name if -status in set(signal.Signals) else f"status {status}"
        return QueryFailed(
            f"The query broke the process that it ran in ({name}), and nothing else: it probably needs more than the "
            f"{_size(self.limits.memory_bytes)} of memory there are. Ask for less at a time."
        )

    def _late(self) -> QueryFailed:
        return QueryFailed(
            f"The query was stopped after {self.limits.seconds:g} seconds, which is the limit. Ask for less: one run, "
            "one video, a table of sums such as video_summary; or use the same results from another tool (see below)."
        )

    def _failed(self, header: dict) -> QueryFailed:
        message = header["error"]
        if message.startswith("INTERRUPT Error"):
            return self._late()
        if message.startswith("Out of Memory Error"):
            return QueryFailed(
                f"The query was stopped because it needs more than {_size(self.limits.memory_bytes)} of memory, which "
                "is the limit. Ask for less at a time, or add it up first (GROUP BY)."
            )
        return QueryFailed(message, place(self.sql, header["location"]))


def ask(snapshot: Path, sql: str, limits: Limits = LIMITS) -> Answer:
    """The answer to one query. Raises QueryFailed."""
    return Running(snapshot, sql, limits).answer()


def place(sql: str, location: list[int] | None) -> Place | None:
    """Where that is; location: [from which byte, how many of them], None: unknown, as is what lies outside the text."""
    if location is None or not 0 <= location[0] <= len(sql.encode()):
        return None
    at = len(sql.encode()[: location[0]].decode(errors="ignore"))
    length = len(sql.encode()[location[0] : location[0] + location[1]].decode(errors="ignore"))
    begin = sql.rfind("\n", 0, at) + 1
    line, number = sql[begin:].partition("\n")[0], sql.count("\n", 0, at) + 1
    column = at - begin
    first = max(0, min(column - EXCERPT // 2, len(line) - EXCERPT))
    shown = "".join(character if character.isprintable() else " " for character in line[first : first + EXCERPT])
    head = f"Line {number}: {'…' if first else ''}"
    tail = "…" if first + EXCERPT < len(line) else ""
    marks = "^" * max(1, min(length, len(line) - column, first + EXCERPT - column))
    return Place(number, column + 1, f"{head}{shown}{tail}\n{' ' * (len(head) + column - first)}{marks}")


# --- processes that wait for a query

_turns = threading.BoundedSemaphore(AT_ONCE)
_kept: list[subprocess.Popen] = []
_kept_guard = threading.Lock()


def prepare() -> None:
    """Have a process ready, so that the next query need not wait for one to start."""
    with _kept_guard:
        _kept[:] = [process for process in _kept if process.poll() is None]
        if not _kept:
            _kept.append(_started())


def _taken() -> subprocess.Popen:
    with _kept_guard:
        while _kept:
            process = _kept.pop()
            if process.poll() is None:
                return process
    return _started()


def _started() -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-I", str(PROGRAM)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=os.sep,
        env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
        start_new_session=True,  # a Ctrl-C in the terminal is for us
    )


@atexit.register
def _let_go() -> None:
    for process in _kept:
        process.kill()
        process.communicate()


def _named(rows: pa.Table) -> pa.Table:
    """The rows with names that occur once: of two columns `a`, the second is `a_1`."""
    names: list[str] = []
    for name in rows.column_names:
        number, new = 0, name
        while new in names:
            number, new = number + 1, f"{name}_{number + 1}"
        names.append(new)
    return rows.rename_columns(names)


def _size(size_bytes: int) -> str:
    return f"{size_bytes / 1e9:g} GB"
