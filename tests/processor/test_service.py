"""The service in this process, with real store, files and worker processes; the work itself is a stand-in."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import time

import pytest

from db import publish, results
from db.emotions import EMOTIONS
from processor import spool, status
from processor.config import Settings
from processor.lock import HomeBusy
from processor.service import Service
from tests.processor import engine_work


@pytest.fixture
def start(home, monkeypatch):
    """Starts a service on the home, one that looks more often; several one after the other if need be."""
    for name in ("SCAN_EVERY_S", "REQUESTS_EVERY_S", "DISPATCH_EVERY_S", "PUBLISH_EVERY_S"):
        monkeypatch.setattr(f"processor.service.{name}", 0.1)
    started = []

    def start(**settings):
        service = Service(Settings(home=home.path, settle_s=0.2, **settings), engine_work.load)
        service.start()
        started.append(service)
        return service

    yield start
    for service in started:
        if not service.stopping.is_set():
            service.stop()


def until(service, true, timeout_s=40.0):
    deadline = time.monotonic() + timeout_s
    while not true():
        assert time.monotonic() < deadline, [service.store.runs(), service.store.files()]
        service.analyses.step(0.05)


def states(service):
    return {run["run_id"]: run["state"] for run in service.store.runs()}


def put(home, name, content):
    path = home.inbox / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


def video_of(service, content):
    return service.store.video(hashlib.sha256(content.encode()).hexdigest()[:16])


def test_from_a_dropped_file_to_a_published_result(start, home):
    service = start()
    put(home, "pilot/wolfgang/clip.mp4", "seconds 5")
    until(service, lambda: states(service) == {1: "done"} and not service.store.changed)
    video = video_of(service, "seconds 5")
    assert (video["cohort"], video["subject"], video["width"], video["duration_s"]) == ("pilot", "wolfgang", 64, 5.0)
    service.write_status()
    now = status.read(home.path)
    assert now.alive and (now.queue, now.done, now.failed, now.model) == (0, 1, 0, "stand-in-1-00000000")
    with results.connect(home.snapshot) as con:
        assert con.execute("SELECT count(*), min(t_s), max(t_s) FROM timeline").fetchone() == (5, 0.0, 4.0)
        assert con.execute("SELECT attempt, corrupt_packets, note FROM run").fetchone() == (
            1, 2, "clip.mp4 breaks off.",
        )  # fmt: skip
    service.stop()
    now = status.read(home.path)
    assert (now.state, now.alive, now.jobs) == ("stopped", False, [])


@pytest.mark.slow
def test_the_last_trouble_is_in_the_status(start, home):
    service = start()
    put(home, "a.mp4", "unreadable")
    until(service, lambda: service.status.last_error == "a.mp4 is not a video.")
    put(home, "b.mp4.json", "{not json")
    put(home, "b.mp4", "seconds 1")
    until(service, lambda: "b.mp4.json is left aside" in service.status.last_error)
    until(service, lambda: list(states(service).values()) == ["failed", "done"])
    service.write_status()
    now = status.read(home.path)
    assert (now.queue, now.done, now.failed, now.last_error) == (0, 1, 1, service.status.last_error)


@pytest.mark.slow
def test_changed_while_analysed(start, home):
    """What was found in the old content is dropped; the new content becomes a video of its own."""
    service = start()
    path = put(home, "clip.mp4", "sleep 2")
    until(service, lambda: any(job["attempt"] for job in service.analyses.as_status()))
    path.write_text("seconds 4")
    until(service, lambda: "done" in states(service).values())
    (done,) = service.store.runs("done")
    assert done["video_id"] == video_of(service, "seconds 4")["video_id"]
    old = video_of(service, "sleep 2")
    assert old["missing_since"] is not None and states(service)[1] == "queued"


@pytest.mark.slow
def test_a_person_comes_before_the_folder(start, home):
    service = start()
    put(home, "a.mp4", "sleep 1")
    for number in range(3):
        put(home, f"b{number}.mp4", f"seconds {number + 2}")
    until(service, lambda: len(states(service)) == 4)
    with (home.inbox.parent / "upload").open("w+b") as data:
        data.write(b"seconds 9")
        data.seek(0)
        spool.submit_upload(home.spool, "mine.mp4", data)
    until(service, lambda: list(states(service).values()) == ["done"] * 5)
    order = sorted(service.store.runs(), key=lambda run: run["started_at"])
    assert [run["run_id"] for run in order][:2] == [1, 5]


@pytest.mark.slow
def test_cancel_and_delete_while_running(start, home):
    service = start(jobs=2)
    put(home, "a.mp4", "sleep 60")
    put(home, "b.mp4", "sleep 61")
    until(service, lambda: sum(job["attempt"] for job in service.analyses.as_status()) == 2)
    cancelled, deleted = service.store.runs("running")
    spool.submit(home.spool, "cancel", run_id=cancelled["run_id"])
    spool.submit(home.spool, "delete", video_id=deleted["video_id"], delete_file=True)
    until(service, lambda: not service.analyses.as_status())
    assert states(service) == {cancelled["run_id"]: "cancelled"}
    put(home, "c.mp4", "seconds 1")
    until(service, lambda: "done" in states(service).values())
    assert len(list(home.inbox.iterdir())) == 2


def test_second_service_is_refused(start, home):
    start()
    with pytest.raises(HomeBusy, match=rf"The home {home.path} is in use by process {os.getpid()} \(.+\)\. Stop that"):
        Service(Settings(home=home.path), engine_work.load)


@pytest.mark.slow
def test_full_disk_while_publishing(start, home, monkeypatch, caplog):
    monkeypatch.setattr("processor.service.PUBLISH_RETRY_S", 0.2)
    full = True
    copy = publish.copy

    def copy_to_full_disk(*args):
        if full:
            raise OSError(errno.ENOSPC, "No space left on device")
        copy(*args)

    monkeypatch.setattr(publish, "copy", copy_to_full_disk)
    service = start()
    put(home, "clip.mp4", "seconds 1")
    until(service, lambda: states(service) == {1: "done"})
    time.sleep(0.5)
    told = [record for record in caplog.records if "No space left on device" in record.getMessage()]
    assert (
        len({record.getMessage() for record in told}) == len(told) <= 3
    )  # each snapshot's sentence once, not every try
    assert "No space left" in service.status.last_error
    full = False
    until(service, lambda: not service.store.changed)
    with results.connect(home.snapshot) as con:
        assert con.execute("SELECT state FROM run").fetchall() == [("done",)]


@pytest.mark.slow
def test_deleted_video_does_not_come_back(start, home):
    service = start()
    path = put(home, "clip.mp4", "seconds 1")
    until(service, lambda: states(service) == {1: "done"})
    video_id = video_of(service, "seconds 1")["video_id"]
    spool.submit(home.spool, "delete", video_id=video_id, delete_file=False)
    until(service, lambda: service.store.videos() == [])
    service.stop()
    service = start()
    for _ in range(3):
        service.scan()
    assert path.exists() and service.store.videos() == []


@pytest.mark.slow
def test_leftovers_are_tidied_away_after_a_day(start, home, monkeypatch):
    service = start()
    for name in ("library/orphan.mp4", "spool/1-a.json.part", "spool/1-b.content"):
        (home.path / name).write_text("left")
    service.tidy()
    assert (home.library / "orphan.mp4").exists()  # it may belong to something that is just going on
    monkeypatch.setattr("processor.bookkeeping.LEFTOVER_S", -1.0)
    service.tidy()
    assert list(home.library.iterdir()) == [] and [path.name for path in home.spool.iterdir()] == ["refused"]


@pytest.mark.slow
def test_removed_while_analysed(start, home):
    """What the worker had open stayed as it was: the results stand, and the video is marked as missing."""
    service = start()
    path = put(home, "clip.mp4", "sleep 1")
    until(service, lambda: any(job["attempt"] for job in service.analyses.as_status()))
    path.unlink()
    until(service, lambda: states(service) == {1: "done"})
    until(service, lambda: video_of(service, "sleep 1")["missing_since"] is not None)


def test_the_shipped_model_is_in_the_results_before_any_video(start, home):
    service = start()
    until(service, lambda: home.snapshot.exists() and not service.store.changed)
    with results.connect(home.snapshot) as con:
        query = "SELECT split, labels, accuracy FROM evaluation JOIN model USING (model_id) WHERE name = 'moodnet'"
        found = {(split, labels): accuracy for split, labels, accuracy in con.execute(query).fetchall()}
    assert found[("PublicTest", "ferplus")] > 0.8


@pytest.mark.slow
def test_a_new_default_model_is_in_force_without_a_restart(start, home):
    service = start()
    put(home, "a.mp4", "seconds 1")
    until(service, lambda: list(states(service).values()) == ["done"])
    folder = home.models / "broken"  # a name that makes the stand-in say which model it was asked for
    folder.mkdir()
    (folder / "model.keras").write_bytes(b"weights")
    card = {"name": "broken", "version": "1", "emotions": EMOTIONS, "sha256": hashlib.sha256(b"weights").hexdigest()}
    (folder / "model.json").write_text(json.dumps(card))
    request_id = spool.submit(home.spool, "default_model", model="broken")
    until(service, lambda: service.store.request_handled(request_id))
    put(home, "b.mp4", "seconds 2")
    until(service, lambda: "failed" in states(service).values())
    [run] = service.store.runs("failed")
    assert run["error"] == "b.mp4 could not be analysed. There is no model `broken`."
