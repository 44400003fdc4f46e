"""Files that come, move, change and go: real scans of a real inbox into a real store; nothing is analysed."""

from __future__ import annotations

import errno
import hashlib
import logging
import shutil
import threading
import time

import pytest

from db.store import Store
from processor import watch
from processor.arrivals import Arrivals
from processor.config import Settings
from processor.intake import Intake
from processor.watch import Found


class Bench:
    """A store, an inbox, and what scans it; `again` is a new process on the same home."""

    def __init__(self, home):
        self.home, self.store = home, Store(home.store)
        self.stopping = threading.Event()
        self.again()

    def again(self, settle_s=0.05):
        settings = Settings(home=self.home.path, settle_s=settle_s)
        self.intake = Intake(self.store, settings, [self.home.inbox], threading.RLock())
        self.errors: list[str] = []
        self.arrivals = Arrivals(self.home, settings, self.intake, self.errors.append, self.stopping.is_set)

    def put(self, name, content):
        path = self.home.inbox / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        return path

    def until(self, true, timeout_s=20.0):
        deadline = time.monotonic() + timeout_s
        while not true():
            assert time.monotonic() < deadline, self.store.files()
            self.arrivals.scan()
            time.sleep(0.02)

    def video(self, content):
        return self.store.video(hashlib.sha256(content.encode()).hexdigest()[:16])

    def states(self):
        return {run["run_id"]: run["state"] for run in self.store.runs()}


@pytest.fixture
def bench(home, blank):
    shutil.copy(blank, home.store)
    bench = Bench(home)
    yield bench
    bench.store.close()


def test_an_empty_inbox_and_none(bench):
    bench.arrivals.scan()
    assert (bench.arrivals.as_status(), bench.store.files(), bench.errors) == ([], {}, [])
    bench.home.inbox.rmdir()
    bench.arrivals.scan()
    assert bench.home.inbox.is_dir()


def test_a_new_file_settles_and_is_queued(bench):
    bench.again(settle_s=60)
    path = bench.put("pilot/wolfgang/clip.mp4", "one")
    bench.arrivals.scan()
    assert bench.arrivals.as_status() == ["clip.mp4"] and bench.store.videos() == []
    bench.again()
    bench.until(lambda: bench.states() == {1: "queued"})
    video = bench.video("one")
    assert (video["path"], video["cohort"], video["subject"]) == (str(path), "pilot", "wolfgang")
    bench.arrivals.scan()
    assert bench.arrivals.as_status() == []


def test_at_most_twenty_names_are_told(bench):
    bench.again(settle_s=60)
    for number in range(21):
        bench.put(f"{number:02}.mp4", "x")
    bench.arrivals.scan()
    assert bench.arrivals.as_status() == [f"{number:02}.mp4" for number in range(20)]


def test_copies_renames_and_removals(bench):
    first, second = bench.put("a/s1/clip.mp4", "one"), bench.put("a/s2/copy.mp4", "one")
    bench.until(lambda: len(bench.store.files()) == 2)
    assert len(bench.store.videos()) == 1 and bench.states() == {1: "queued"}  # two copies, one video, one run
    first.unlink()
    bench.until(lambda: bench.video("one")["path"] == str(second))  # the other copy stands in
    assert bench.video("one")["missing_since"] is None
    second.unlink()
    bench.until(lambda: bench.video("one")["missing_since"] is not None)
    assert bench.states() == {1: "queued"}
    bench.put("b/s3/renamed.mp4", "one")
    bench.until(lambda: bench.video("one")["missing_since"] is None)
    video = bench.video("one")
    assert (video["name"], video["cohort"], video["subject"]) == ("renamed.mp4", "b", "s3")
    assert bench.states() == {1: "queued"} and bench.errors == []


def test_new_content_is_another_video(bench):
    path = bench.put("clip.mp4", "one")
    bench.until(lambda: bench.video("one"))
    path.write_text("another")
    bench.until(lambda: bench.video("another"))
    assert bench.video("one")["missing_since"] is not None and bench.video("another")["path"] == str(path)


def test_unreadable_file_is_recorded_once_and_retried(bench, monkeypatch):
    path = bench.put("clip.mp4", "one")
    locked, open_plain = True, watch.open_plain

    def lock(name):
        if locked and str(name) == str(path):
            raise PermissionError(errno.EACCES, "Permission denied", str(name))
        return open_plain(name)

    monkeypatch.setattr(watch, "open_plain", lock)
    bench.until(lambda: str(path) in bench.store.files())
    sentence = f"{path} can't be opened: permission denied. Let the user that runs Moodreel read it."
    assert bench.store.files()[str(path)]["error"] == sentence
    for _ in range(3):
        bench.arrivals.scan()
    assert bench.errors == [sentence]
    locked = False
    bench.until(lambda: bench.states() == {1: "queued"})
    assert bench.store.files()[str(path)]["error"] is None


def test_a_file_that_breaks_off_while_it_is_read(bench, monkeypatch):
    path = bench.put("clip.mp4", "one")
    monkeypatch.setattr(
        watch, "fingerprint", lambda *_: (_ for _ in ()).throw(OSError(errno.EIO, "Input/output error"))
    )
    bench.until(lambda: bench.errors)
    assert bench.errors == [f"{path} can't be read: Input/output error. Check the disk, or copy the file here again."]
    assert bench.store.files()[str(path)]["error"] == bench.errors[0]


def test_a_folder_that_cannot_be_looked_into_is_told_of_once(bench, monkeypatch, caplog):
    caplog.set_level(logging.INFO)
    bench.put("locked/clip.mp4", "one")
    locked, scandir = True, watch.os.scandir

    def lock(name):
        if locked and str(name).endswith("locked"):
            raise PermissionError(errno.EACCES, "Permission denied", str(name))
        return scandir(name)

    monkeypatch.setattr(watch.os, "scandir", lock)
    for _ in range(3):
        bench.arrivals.scan()
    sentence = f"The folder {bench.home.inbox / 'locked'} can't be looked into: Permission denied."
    assert bench.errors == [sentence] and bench.store.videos() == []
    locked = False
    bench.until(lambda: bench.video("one"))
    assert caplog.messages.count(sentence) == 1 and caplog.messages.count("folders: all right again.") == 1


def test_sidecar_before_and_after_and_a_bad_one(bench):
    bench.put("a.mp4.json", '{"subject": "S01", "tags": {"room": "a"}}')
    bench.put("b.mp4.json", "{not json")
    bench.put("a.mp4", "one")
    bench.put("b.mp4", "two")
    bench.until(lambda: bench.video("one") and bench.video("two"))
    assert bench.video("one")["subject"] == "S01"
    assert bench.video("one")["tags"] == {"room": "a"}
    assert len(bench.errors) == 1 and "b.mp4.json is left aside" in bench.errors[0]
    bench.arrivals.scan()
    bench.put("b.mp4.json", '{"subject": "S02"}')
    bench.until(lambda: bench.video("two")["subject"] == "S02")


def test_what_requests_dealt_with_is_not_dealt_with_again(bench):
    bench.again(settle_s=0)
    path = bench.put("clip.mp4", "one")
    status = path.stat()
    video_id, _ = bench.intake.take(Found(str(path), status.st_size, status.st_mtime_ns), "f" * 64)
    bench.intake.delete(video_id, delete_file=False)
    bench.arrivals.catch_up()
    bench.arrivals.scan()
    assert bench.store.videos() == []


def test_a_deleted_video_does_not_come_back_in_a_new_process(bench):
    path = bench.put("clip.mp4", "one")
    bench.until(lambda: bench.video("one"))
    bench.intake.delete(bench.video("one")["video_id"], delete_file=False)
    bench.again(settle_s=0)
    for _ in range(3):
        bench.arrivals.scan()
    assert path.exists() and bench.store.videos() == []


def test_stopping_breaks_a_scan_off(bench):
    bench.put("clip.mp4", "one")
    bench.stopping.set()
    bench.again(settle_s=0)
    for _ in range(3):
        bench.arrivals.scan()
    assert bench.store.files() == {}
    bench.stopping.clear()
    bench.until(lambda: bench.video("one"))
