"""Inside a worker process: do one job after the other, with the model kept loaded.

Videos are hostile, so a worker is trusted with nothing: jobs come to it over a pipe, and what it sends back is JSON
and Arrow, never pickled objects. It ends with the service, however the service ends.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from multiprocessing.connection import Connection

import pyarrow as pa

from processor.config import Settings

PROGRESS_EVERY_S = 1.0
_PR_SET_PDEATHSIG = 1
_TABLES = ("frames", "tracks", "observations")


class JobRefused(Exception):
    """A job can't be done, and trying again would not help; the message is a sentence that names the file."""


@dataclass(frozen=True)
class Job:
    """One analysis to do; other things that are done to a video are kinds of it.

    run_id: the run, or what else the job is known by. path: the file; name: how it is called in sentences.
    """

    run_id: int | str
    path: str
    name: str
    settings: Settings

    @property
    def failure(self) -> str:
        """How the sentence begins that says why it did not succeed."""
        return f"{self.name} could not be analysed."

    def do(self, work: Callable, mailbox: _Mailbox) -> object:
        """Do it with what was loaded; returns what `send` takes."""
        return work(self.path, mailbox.progress)

    def send(self, result: object, mailbox: _Mailbox) -> None:
        """Send what came of it, as the last message of the job."""
        mailbox.send_result(result)


@dataclass(frozen=True)
class Result:
    """What an analysis found. info: the fields of `decode.VideoInfo` as a dict; the rest as in `pipeline.Analysis`."""

    info: dict
    frames: pa.Table
    tracks: pa.Table
    observations: pa.Table
    model_id: str
    model_card: dict
    detector: str
    device: str
    seconds: float
    corrupt_packets: int
    note: str | None = None  # a sentence about what is odd, such as a file that breaks off


# (path, report progress) -> an object with the fields of `Result`, `info` being a dataclass.
Analyse = Callable[[str, Callable], object]
# Makes, once in a worker, what its jobs are done with: an Analyse, or whatever their `do` takes.
Load = Callable[[Settings], Callable]


def load_analyser(settings: Settings) -> Analyse:
    """Load detector and network. The import is here because only a worker may take the seconds and the memory."""
    from pathlib import Path

    from processor.pipeline import Analyser

    analyser = Analyser(settings)
    return lambda path, on_progress: analyser.analyse(Path(path), on_progress)


def main(pipe: Connection, load: Load, parent_pid: int) -> None:
    """Where a worker process starts: take jobs from the pipe until it closes."""
    _settle_in(parent_pid)
    mailbox = _Mailbox(pipe)
    work, loaded_for = None, None
    while True:
        job = mailbox.next_job()
        try:
            if work is None or job.settings != loaded_for:
                work = None  # let go of the old network before the new one is loaded
                work, loaded_for = load(job.settings), job.settings
        except Exception as error:
            # Whatever is wrong with a model, a second try with the same file will not mend it.
            mailbox.send("failed", error=f"{job.failure} {why_not_loaded(error)}", final=True)
            continue
        mailbox.send("started")
        _do(job, work, mailbox)


def _do(job: Job, work: Callable, mailbox: _Mailbox) -> None:
    from processor.decode import VideoUnreadable

    try:
        result = job.do(work, mailbox)
    except VideoUnreadable as error:
        # An upload lies under its hash, which tells nobody anything.
        sentence = str(error).replace(os.path.basename(job.path), job.name)
        mailbox.send("failed", error=sentence, final=True)
    except JobRefused as error:
        mailbox.send("failed", error=str(error), final=True)
    except MemoryError:
        mailbox.send("failed", error=f"{job.failure} There was not enough memory.", final=True)
    except Exception as error:
        # A fault of ours or of a library: the log has where; the run says what, and may be tried again.
        traceback.print_exc()
        why = f"{type(error).__name__}: {error}"
        mailbox.send("failed", error=f"{job.failure} Something broke: {why}", final=False)
    else:
        job.send(result, mailbox)


def why_not_loaded(error: Exception) -> str:
    """A sentence on what came of loading a detector or a network."""
    # Errors of ours are sentences already; any other needs its type and place to mean something.
    if type(error).__module__.startswith("processor.") or (isinstance(error, OSError) and error.errno is None):
        return str(error)
    traceback.print_exception(error)
    return f"The model could not be loaded: {type(error).__name__}: {error}"


def _settle_in(parent_pid: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the service, which then ends its workers
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.dup2(2, 1)  # standard output belongs to the command's answer; libraries that print shall do it elsewhere
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write("900")  # when the machine runs out of memory, better a worker than the service
    if os.getppid() != parent_pid:  # the service died before the line above took hold
        os._exit(1)


class _Mailbox:
    """The worker's end of the pipe. A thread reads it, so that the end of the service is noticed in mid-job too."""

    def __init__(self, pipe: Connection):
        self._pipe = pipe
        self._jobs: list[Job] = []
        self._arrived = threading.Condition()
        self._sent_s = 0.0
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        while True:
            try:
                job = self._pipe.recv()
            except (EOFError, OSError):
                os._exit(0)
            with self._arrived:
                self._jobs.append(job)
                self._arrived.notify()

    def next_job(self) -> Job:
        with self._arrived:
            self._arrived.wait_for(lambda: self._jobs)
            return self._jobs.pop(0)

    def send(self, kind: str, **message) -> None:
        self._pipe.send_bytes(json.dumps({"kind": kind, **message}, default=_to_json).encode())

    def progress(self, progress) -> None:
        """Takes a `pipeline.Progress`; passes on about one a second."""
        if time.monotonic() - self._sent_s >= PROGRESS_EVERY_S:
            self._sent_s = time.monotonic()
            self.send(
                "progress", done_s=progress.done_s, duration_s=progress.duration_s, frames=progress.frames_sampled
            )

    def send_result(self, analysis) -> None:
        plain = ("model_id", "model_card", "detector", "device", "seconds", "corrupt_packets", "note")
        self.send("result", info=asdict(analysis.info), **{name: getattr(analysis, name) for name in plain})
        for name in _TABLES:
            self._pipe.send_bytes(_to_ipc(getattr(analysis, name)))


def receive(pipe: Connection) -> tuple[str, dict | Result]:
    """The service's end: the next message as (kind, fields), or ("result", Result).

    Raises EOFError when the worker is gone, ValueError if it sent something that is neither JSON nor Arrow.
    """
    message = json.loads(pipe.recv_bytes())
    kind = message.pop("kind")
    if kind != "result":
        return kind, message
    if message["info"].get("recorded_at"):
        message["info"]["recorded_at"] = datetime.fromisoformat(message["info"]["recorded_at"])
    tables = {name: pa.ipc.open_stream(pipe.recv_bytes()).read_all() for name in _TABLES}
    return kind, Result(**message, **tables)


def _to_json(value):
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"A {type(value).__name__} can't be sent to the service.")


def _to_ipc(table: pa.Table) -> pa.Buffer:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()
