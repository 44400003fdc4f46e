"""What is queued is analysed, with real store, files and worker processes; the work itself is a stand-in."""

from __future__ import annotations

import hashlib
import shutil
import threading
import time

import pytest

from db.store import Store, StoreError
from processor.analyses import Analyses
from processor.config import Settings
from processor.intake import Intake
from processor.watch import Found
from tests.processor import engine_work


class Bench:
    """A store, videos in an inbox, and what analyses them; `again` is a new process on the same home."""

    def __init__(self, home):
        self.home, self.store = home, Store(home.store)
        self.stopping = threading.Event()
        self.analyses = None

    def again(self, only=None, **settings):
        settings = Settings(home=self.home.path, **settings)
        self.intake = Intake(self.store, settings, [self.home.inbox], threading.RLock())
        self.errors, self.ended = [], []
        self.analyses = Analyses(
            settings, self.intake, self.errors.append, self.ended.append, self.stopping.is_set, only, engine_work.load
        )
        self.analyses.start()

    def put(self, name, content, priority=0):
        """A video in the inbox; returns its run, or None if it is no new one."""
        path = self.home.inbox / name
        path.write_text(content)
        status = path.stat()
        found = Found(str(path), status.st_size, status.st_mtime_ns)
        return self.intake.take(found, hashlib.sha256(content.encode()).hexdigest(), priority=priority)[1]

    def until(self, true, timeout_s=40.0):
        deadline = time.monotonic() + timeout_s
        while not true():
            assert time.monotonic() < deadline, self.store.runs()
            self.analyses.dispatch()
            self.analyses.step(0.05)

    def at_work(self):
        return [job["run_id"] for job in self.analyses.as_status() if job["attempt"]]

    def states(self):
        return {run["run_id"]: run["state"] for run in self.store.runs()}


@pytest.fixture
def bench(home, blank):
    shutil.copy(blank, home.store)
    bench = Bench(home)
    bench.again()
    yield bench
    bench.analyses.stop()
    bench.store.close()


def test_nothing_to_do(bench):
    bench.analyses.dispatch()
    bench.analyses.step()
    assert (bench.analyses.as_status(), bench.errors, bench.ended) == ([], [], [])


def test_from_queued_to_done(bench):
    run_id = bench.put("clip.mp4", "sleep 1")
    bench.until(bench.at_work)
    bench.until(lambda: bench.analyses.as_status()[0]["done_s"])
    [job] = bench.analyses.as_status()
    assert (job["run_id"], job["name"], job["attempt"], job["duration_s"]) == (run_id, "clip.mp4", 1, 10.0)
    bench.until(lambda: bench.states() == {run_id: "done"})
    assert bench.store.runs()[0]["model_id"] == "stand-in-1-00000000"
    assert [result.device for result in bench.ended] == ["CPU"]
    assert (bench.analyses.as_status(), bench.errors) == ([], [])


@pytest.mark.slow
def test_bad_videos_fail_with_their_sentence_and_good_ones_go_on(bench):
    bench.analyses.stop()
    bench.again(max_attempts=2)
    for name, content in (("a", "unreadable"), ("b", "crash"), ("c", "misfit"), ("d", "crash-once")):
        bench.put(f"{name}.mp4", content)
    bench.until(lambda: sorted(bench.states().values()) == ["done", "failed", "failed", "failed"])
    told = {run["error"]: run["attempt"] for run in bench.store.runs("failed")}
    crash = "b.mp4 could not be analysed. The worker process ended without a result (signal SIGSEGV)."
    misfit = next(
        error for error in told if error.startswith("What was found in c.mp4 could not be stored: ValueError")
    )
    assert told == {"a.mp4 is not a video.": 1, f"{crash} It was tried 2 times.": 2, misfit: 1}
    assert bench.store.runs("done")[0]["attempt"] == 2
    assert bench.errors == ["a.mp4 is not a video.", crash, crash, crash.replace("b.mp4", "d.mp4")]
    assert [result is None for result in bench.ended] == [True, True, True, False, True, False]  # a, b, b, c, d, d


@pytest.mark.slow
def test_the_most_urgent_first_and_no_more_than_there_are_slots(bench):
    busy = bench.put("a.mp4", "sleep 1")
    bench.until(bench.at_work)
    later, urgent = bench.put("b.mp4", "seconds 1"), bench.put("c.mp4", "seconds 2", priority=10)
    bench.analyses.dispatch()
    assert bench.at_work() == [busy] and len(bench.analyses.as_status()) == 1
    bench.until(lambda: list(bench.states().values()) == ["done"] * 3)
    order = sorted(bench.store.runs(), key=lambda run: run["started_at"])
    assert [run["run_id"] for run in order] == [busy, urgent, later]


@pytest.mark.slow
def test_only_the_runs_asked_for(bench):
    bench.analyses.stop()
    bench.again(only=set())
    other, asked = bench.put("a.mp4", "seconds 1"), bench.put("b.mp4", "seconds 2")
    bench.analyses.dispatch()
    assert bench.analyses.as_status() == []
    bench.analyses.only.add(asked)
    bench.until(lambda: bench.states() == {other: "queued", asked: "done"})


def test_nothing_is_begun_while_stopping(bench):
    bench.stopping.set()
    bench.put("a.mp4", "seconds 1")
    bench.analyses.dispatch()
    assert bench.analyses.as_status() == []


def test_removed_while_queued(bench, monkeypatch):
    monkeypatch.setattr("processor.analyses.FILE_GRACE_S", 0.3)
    run_id = bench.put("b.mp4", "seconds 1")
    (bench.home.inbox / "b.mp4").unlink()
    bench.analyses.dispatch()
    assert bench.states() == {run_id: "queued"}  # it may turn up again
    bench.until(lambda: bench.states() == {run_id: "failed"})
    assert bench.store.run(run_id)["error"] == (
        "b.mp4 was removed or changed before it was analysed. Put it back to have it analysed."
    )
    assert bench.ended == [None]


@pytest.mark.slow
def test_given_up_while_at_work(bench):
    first, second = bench.put("a.mp4", "sleep 60"), bench.put("b.mp4", "seconds 1")
    bench.until(bench.at_work)
    bench.analyses.give_up(second)  # not at work: nothing to stop
    bench.store.cancel_run(first)
    bench.analyses.give_up(first)
    assert bench.analyses.as_status() == []
    bench.until(lambda: bench.states() == {first: "cancelled", second: "done"})


@pytest.mark.slow
def test_stop_puts_runs_back_without_counting_the_attempt(bench):
    run_id = bench.put("clip.mp4", "sleep 1.5")
    bench.until(bench.at_work)
    bench.analyses.stop()
    [run] = bench.store.runs()
    assert (run["state"], run["attempt"], bench.analyses.as_status()) == ("queued", 0, [])
    bench.again()
    bench.until(lambda: bench.states() == {run_id: "done"})
    assert bench.store.run(run_id)["attempt"] == 1


@pytest.mark.slow
def test_a_killed_process_is_gone_on_with(bench):
    run_id = bench.put("clip.mp4", "seconds 1")
    bench.store.start_run(run_id)
    bench.analyses.stop()
    bench.again()
    assert bench.states() == {run_id: "queued"}
    bench.until(lambda: bench.states() == {run_id: "done"})


@pytest.mark.slow
def test_a_result_that_the_store_refuses_is_kept_and_tried_again(bench, monkeypatch):
    """Such as on a full disk."""
    full, finish = True, bench.store.finish_run

    def finish_run(*args, **fields):
        if full:
            raise StoreError("The disk is full.")
        return finish(*args, **fields)

    monkeypatch.setattr(bench.store, "finish_run", finish_run)
    run_id = bench.put("clip.mp4", "seconds 1")
    bench.until(lambda: bench.errors)
    for _ in range(3):
        bench.analyses.step()
    assert bench.errors == ["The disk is full."]  # said once
    assert bench.states() == {run_id: "running"} and bench.ended == []
    full = False
    bench.until(lambda: bench.states() == {run_id: "done"})
