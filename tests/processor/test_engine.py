"""The pool of worker processes, with real processes that do small things (see engine_work)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

import pytest

from processor.config import Settings
from processor.engine import Failed, Finished, LocalEngine, Progressed, Started
from processor.worker import Job
from tests.processor import engine_work


@pytest.fixture(scope="module")
def engine():
    engine = LocalEngine(Settings(jobs=1), engine_work.load)
    yield engine
    engine.close()


@pytest.fixture
def job(tmp_path):
    """Makes a job whose file holds a command for `engine_work`."""

    def make(run_id: int, command: str, **settings) -> Job:
        path = tmp_path / f"{run_id}.mp4"
        path.write_text(command)
        return Job(run_id, str(path), "clip.mp4", Settings(**settings))

    return make


def until_ended(engine, runs=1, timeout_s=30.0):
    """All events until so many runs have ended."""
    events, deadline = [], time.monotonic() + timeout_s
    while sum(isinstance(event, Finished | Failed) for event in events) < runs:
        assert time.monotonic() < deadline, events
        events += engine.events(0.5)
    return events


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_nothing_to_do(engine):
    assert engine.events() == []
    assert engine.events(0.05) == []


@pytest.mark.slow
def test_one_worker_does_one_job_after_the_other(engine, job):
    for run_id in (1, 2):
        engine.submit(job(run_id, "pid"))
    events = until_ended(engine, runs=2)
    assert [type(event).__name__ for event in events if event.run_id == 1] == ["Started", "Progressed", "Finished"]
    assert Progressed(1, done_s=0.5, duration_s=10.0, frames=1) in events
    pids = {event.result.device for event in events if isinstance(event, Finished)}
    assert len(pids) == 1 and pids != {str(os.getpid())}


def test_result_arrives_whole(engine, job):
    engine.submit(job(1, "seconds 3"))
    result = until_ended(engine)[-1].result
    expected = engine_work.analysis(3)
    for name in ("frames", "tracks", "observations", "model_id", "model_card", "detector", "device", "corrupt_packets"):
        assert getattr(result, name) == getattr(expected, name), name
    assert result.info["recorded_at"] == datetime(2026, 3, 1, 14, 30)
    assert (result.info["duration_s"], result.info["width"]) == (3.0, 64)


def test_empty_result(engine, job):
    """No frames, no faces: tables without rows keep their columns."""
    engine.submit(job(1, "seconds 0"))
    result = until_ended(engine)[-1].result
    assert (result.frames.num_rows, result.observations.num_rows) == (0, 0)
    assert result.observations.schema == engine_work.analysis(0).observations.schema


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "final", "sentence"),
    [
        ("unreadable", True, "clip.mp4 is not a video."),  # the name for people, not the one on disk
        ("bug", False, "clip.mp4 could not be analysed. Something broke: KeyError: 'a mistake of ours'"),
        ("exit 3", False, "clip.mp4 could not be analysed. The worker process ended without a result (exit status 3)."),
        ("crash", False, "clip.mp4 could not be analysed. The worker process ended without a result (signal SIGSEGV)."),
    ],
)
def test_failures_are_sentences_and_the_next_job_runs(engine, job, command, final, sentence):
    engine.submit(job(1, command))
    engine.submit(job(2, "seconds 1"))
    events = until_ended(engine, runs=2)
    assert Failed(1, sentence, final) in events
    assert [event.run_id for event in events if isinstance(event, Finished)] == [2]


@pytest.mark.slow
def test_too_much_memory(engine, job):
    engine.submit(job(1, "hoard 700", max_memory_mb=512))
    sentence = "clip.mp4 could not be analysed. It needed more than 512 MiB of memory (setting `max_memory_mb`)."
    assert until_ended(engine)[-1] == Failed(1, sentence, final=True)


@pytest.mark.slow
def test_too_much_processor_time(engine, job):
    limited = job(1, "burn").settings.model_copy(update={"max_cpu_s": 1})
    engine.submit(Job(1, job(1, "burn").path, "clip.mp4", limited))
    sentence = "clip.mp4 could not be analysed. It took more than 1 s of processor time (setting `max_cpu_s`)."
    assert until_ended(engine)[-1] == Failed(1, sentence, final=True)


def test_model_that_does_not_load(engine, job):
    engine.submit(job(1, "seconds 1", model="broken"))
    engine.submit(job(2, "seconds 1"))
    events = until_ended(engine, runs=2)
    assert Failed(1, "clip.mp4 could not be analysed. There is no model `broken`.", final=True) in events
    assert not any(isinstance(event, Started) and event.run_id == 1 for event in events)
    assert isinstance(events[-1], Finished)


def test_cancel(engine, job):
    engine.submit(job(1, "sleep 60"))
    engine.submit(job(2, "sleep 60"))
    while not any(isinstance(event, Started) for event in engine.events(1)):
        pass
    engine.cancel(2)  # waits for its turn
    engine.cancel(1)  # runs
    engine.submit(job(3, "seconds 1"))
    ended = [event for event in until_ended(engine) if isinstance(event, Finished | Failed)]
    assert [event.run_id for event in ended] == [3]


@pytest.mark.slow
def test_worker_ignores_ctrl_c_and_ends_with_the_engine(job):
    engine = LocalEngine(Settings(jobs=1), engine_work.load)
    engine.submit(job(1, "pid"))
    pid = int(until_ended(engine)[-1].result.device)
    os.kill(pid, signal.SIGINT)
    engine.submit(job(2, "pid"))
    assert int(until_ended(engine)[-1].result.device) == pid
    engine.close()
    engine.close()
    assert not lives(pid)


@pytest.mark.slow
def test_worker_killed_while_idle_is_replaced(engine, job):
    engine.submit(job(1, "pid"))
    pid = int(until_ended(engine)[-1].result.device)
    os.kill(pid, signal.SIGKILL)
    engine.submit(job(2, "pid"))
    engine.submit(job(3, "pid"))
    ended = [event for event in until_ended(engine, runs=2) if isinstance(event, Finished)]
    assert ended and str(pid) not in {event.result.device for event in ended}


@pytest.mark.slow
def test_kill_of_the_parent_leaves_no_orphan(tmp_path):
    """`kill -9` of the service: its worker, in the middle of a job, goes too."""
    (tmp_path / "clip.mp4").write_text("sleep 60")
    script = (
        "import sys; from processor.config import Settings; from processor.engine import LocalEngine, Started\n"
        "from processor.worker import Job; from tests.processor import engine_work\n"
        "if __name__ == '__main__':\n"
        "    engine = LocalEngine(Settings(), engine_work.load)\n"
        "    engine.submit(Job(1, sys.argv[1], 'clip.mp4', Settings()))\n"
        "    while not any(isinstance(event, Started) for event in engine.events(1)): pass\n"
        "    print(engine._slots[0].process.pid, flush=True)\n"
        "    engine.events(60)\n"
    )
    (tmp_path / "parent.py").write_text(script)
    parent = subprocess.Popen(
        [sys.executable, tmp_path / "parent.py", tmp_path / "clip.mp4"],
        stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": os.pathsep.join(map(str, sys.path))},
    )  # fmt: skip
    with parent:
        pid = int(parent.stdout.readline())
        assert lives(pid)
        parent.kill()
    deadline = time.monotonic() + 5
    while lives(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not lives(pid)


def test_what_a_worker_prints_stays_off_standard_output(engine, job, capfd):
    engine.submit(job(1, "babble"))
    until_ended(engine)
    assert capfd.readouterr().out == ""
