"""Where jobs run: analyses, and what else is done to videos.

`Engine` is what the service sees; `LocalEngine` is a pool of processes on this machine.
"""

from __future__ import annotations

import os
import queue
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing import connection, get_context
from typing import Protocol

from processor import worker
from processor.config import Settings
from processor.worker import Job, Result

# A worker that reports nothing for this long is stuck in something that a memory or time limit will not catch.
STALL_S = 600.0
WATCH_EVERY_S = 0.25
_MIB = 1 << 20


@dataclass(frozen=True)
class Started:
    """The worker has its model and begins with the video."""

    run_id: int


@dataclass(frozen=True)
class Progressed:
    """done_s, duration_s: seconds of video, the latter None if unknown. frames: frames looked at so far."""

    run_id: int
    done_s: float
    duration_s: float | None
    frames: int


@dataclass(frozen=True)
class Finished:
    run_id: int
    result: Result


@dataclass(frozen=True)
class Failed:
    """error: a sentence that names the file. final: trying again would not help."""

    run_id: int
    error: str
    final: bool


Event = Started | Progressed | Finished | Failed


class Engine(Protocol):
    """Runs analyses somewhere. Each submitted job ends in one Finished or Failed, unless it is cancelled."""

    def submit(self, job: Job) -> None:
        """Start a job as soon as there is room for it."""

    def events(self, timeout_s: float = 0.0) -> list[Event]:
        """What happened since the last call, in order; waits up to `timeout_s` seconds for the first."""

    def cancel(self, run_id: int) -> None:
        """Give a job up. Events about it that have not been fetched yet may still come."""

    def close(self) -> None:
        """Give everything up and free what is held. Calling it again does nothing."""


@dataclass
class _Slot:
    """One worker process and what it is doing."""

    process: object
    pipe: connection.Connection
    job: Job | None = None
    cpu_s_before: float = 0.0  # processor time the process had used when it began with the video
    heard_s: float = field(default_factory=time.monotonic)


class LocalEngine:
    """Worker processes, one per job slot, started when first needed and kept with their model loaded.

    One thread owns them all: it starts, watches, kills and replaces them. A worker that crashes, exceeds a limit or
    is cancelled takes nothing else with it. `load` makes, inside the worker, the function that does a job.
    """

    def __init__(self, settings: Settings, load: worker.Load = worker.load_analyser):
        self._settings, self._load = settings, load
        self._context = get_context("spawn")  # fork would copy the service's threads' locks, DuckDB's among them
        self._slots: list[_Slot] = []
        self._waiting: list[Job] = []
        self._orders: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._wake_r, self._wake_w = os.pipe()
        self._open = True
        # The kernel kills a worker when the *thread* that started it ends, so they are all started by this one.
        self._thread = threading.Thread(target=self._supervise, name="engine", daemon=True)
        self._thread.start()

    # --- for any thread ---

    def submit(self, job: Job) -> None:
        self._order(lambda: self._waiting.append(job))

    def cancel(self, run_id: int) -> None:
        self._order(lambda: self._give_up(run_id))

    def events(self, timeout_s: float = 0.0) -> list[Event]:
        events = []
        try:
            events.append(self._events.get(timeout=timeout_s) if timeout_s > 0 else self._events.get_nowait())
            while True:
                events.append(self._events.get_nowait())
        except queue.Empty:
            return events

    def close(self) -> None:
        if self._open:
            self._open = False
            self._order(lambda: None)
            self._thread.join()
            os.close(self._wake_r)
            os.close(self._wake_w)

    def _order(self, order: Callable[[], None]) -> None:
        self._orders.put(order)
        os.write(self._wake_w, b"!")

    # --- for the engine's thread only ---

    def _supervise(self) -> None:
        while self._open:
            self._hand_out()
            ready = connection.wait([self._wake_r, *(slot.pipe for slot in self._slots)], WATCH_EVERY_S)
            if self._wake_r in ready:
                os.read(self._wake_r, 4096)
            while not self._orders.empty():
                self._orders.get()()
            for slot in [slot for slot in self._slots if slot.pipe in ready]:
                self._listen(slot)
            for slot in [slot for slot in self._slots if slot.job is not None]:
                self._check_limits(slot)
        for slot in list(self._slots):
            self._kill(slot)

    def _hand_out(self) -> None:
        for slot in self._slots:
            if self._waiting and slot.job is None:
                self._begin(slot, self._waiting.pop(0))
        while self._waiting and len(self._slots) < self._settings.jobs:
            self._begin(self._new_slot(), self._waiting.pop(0))

    def _new_slot(self) -> _Slot:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(
            target=worker.main, args=(theirs, self._load, os.getpid()), name="moodreel-worker", daemon=True
        )
        process.start()
        theirs.close()  # so that the end of the process is the end of the pipe
        slot = _Slot(process, ours)
        self._slots.append(slot)
        return slot

    def _begin(self, slot: _Slot, job: Job) -> None:
        slot.job, slot.heard_s, slot.cpu_s_before = job, time.monotonic(), _cpu_s(slot.process.pid)
        try:
            slot.pipe.send(job)
        except OSError:  # it died while it had nothing to do: a fresh one takes the job
            self._kill(slot)
            self._waiting.insert(0, job)

    def _listen(self, slot: _Slot) -> None:
        try:
            kind, message = worker.receive(slot.pipe)
        except (EOFError, OSError):
            slot.process.join(5)
            self._fail(slot, f"The worker process ended without a result ({_how(slot.process.exitcode)}).")
            return
        except ValueError as error:
            self._fail(slot, f"The worker process sent something that is not a result: {error}.")
            return
        if slot.job is None:
            return
        run_id, slot.heard_s = slot.job.run_id, time.monotonic()
        if kind == "started":
            slot.cpu_s_before = _cpu_s(slot.process.pid)
            self._events.put(Started(run_id))
        elif kind == "progress":
            self._events.put(Progressed(run_id, **message))
        elif kind == "failed":
            slot.job = None
            self._events.put(Failed(run_id, **message))
        else:
            slot.job = None
            self._events.put(Finished(run_id, message))

    def _check_limits(self, slot: _Slot) -> None:
        limits, pid = slot.job.settings, slot.process.pid
        memory_mb = _memory_mb(pid)
        if memory_mb > limits.max_memory_mb:
            why = f"It needed more than {limits.max_memory_mb} MiB of memory (setting `max_memory_mb`)."
        elif _cpu_s(pid) - slot.cpu_s_before > limits.max_cpu_s:
            why = f"It took more than {limits.max_cpu_s} s of processor time (setting `max_cpu_s`)."
        elif time.monotonic() - slot.heard_s > STALL_S:
            why = f"It made no progress for {STALL_S:g} s."
        else:
            return
        self._fail(slot, why, final=True)

    def _fail(self, slot: _Slot, why: str, final: bool = False) -> None:
        job = slot.job
        self._kill(slot)
        if job is not None:
            self._events.put(Failed(job.run_id, f"{job.failure} {why}", final))

    def _give_up(self, run_id: int) -> None:
        self._waiting = [job for job in self._waiting if job.run_id != run_id]
        for slot in [slot for slot in self._slots if slot.job is not None and slot.job.run_id == run_id]:
            self._kill(slot)

    def _kill(self, slot: _Slot) -> None:
        # At once: a worker holds nothing that would have to be put in order.
        slot.process.kill()
        slot.process.join()
        slot.process.close()
        slot.pipe.close()
        self._slots.remove(slot)


def _how(exitcode: int | None) -> str:
    if exitcode is None or exitcode >= 0:
        return f"exit status {exitcode}"
    try:
        return f"signal {signal.Signals(-exitcode).name}"
    except ValueError:
        return f"signal {-exitcode}"


def _memory_mb(pid: int) -> float:
    """Resident memory of a process in MiB; 0 where the system does not say."""
    try:
        with open(f"/proc/{pid}/statm", "rb") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / _MIB
    except (OSError, IndexError):
        return 0.0


def _cpu_s(pid: int) -> float:
    """Processor time of a process in seconds, user and system; 0 where the system does not say."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()  # the name in brackets may hold blanks
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except (OSError, IndexError):
        return 0.0
