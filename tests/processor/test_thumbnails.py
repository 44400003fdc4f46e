"""Thumbnails follow the setting, the analyses and the files, with real store, files and a worker process."""

import hashlib
import threading
import time

import pytest

from db.store import Store
from processor.config import Settings
from processor.intake import Intake
from processor.thumbnails import Thumbnailing
from processor.watch import Found
from tests import clips
from tests.db import rows

pytestmark = pytest.mark.slow


class Bench:
    """A store, videos in an inbox, and what makes thumbnails of them; `again` is a new process on the same home."""

    def __init__(self, home):
        self.home, self.settings = home, Settings(home=home.path)
        self.store = Store(home.store)
        self.errors: list[str] = []
        self.again()

    def again(self):
        self.intake = Intake(self.store, self.settings, [self.home.inbox], threading.RLock())
        self.thumbnails = Thumbnailing(self.home, self.settings, self.intake, self.errors.append)
        self.thumbnails.tidy()

    def video(self, name="clip.mp4", content=None):
        path = self.home.inbox / name
        clips.plain(path, 1.0)
        if content is not None:
            path.write_bytes(content)
        sha256 = hashlib.sha256(path.read_bytes() + name.encode()).hexdigest()
        status = path.stat()
        video_id, run = self.intake.take(Found(str(path), status.st_size, status.st_mtime_ns), sha256)
        self.store.update_video(video_id, width=320, height=240, duration_s=1.0)
        self.store.start_run(run)
        how = {"model_id": "m", "detector": "yunet", "device": "CPU", "seconds": 1.0, "corrupt_packets": 0}
        self.store.finish_run(run, **rows.tables(("happy", "sad")), **how)
        return video_id

    def until(self, true, timeout_s=40.0):
        deadline = time.monotonic() + timeout_s
        while not true():
            assert time.monotonic() < deadline, (self.files(), self.errors)
            self.thumbnails._next_look_s = 0.0
            self.thumbnails.step()
            time.sleep(0.02)

    def files(self):
        return sorted(file.name for file in self.home.thumbnails.iterdir())

    def known(self):
        return sorted(row["file"] for row in self.store.thumbnails())


@pytest.fixture
def bench(home):
    bench = Bench(home)
    yield bench
    bench.thumbnails.stop()
    bench.store.close()


def test_off_until_somebody_decides(bench):
    bench.video()
    for _ in range(3):
        bench.thumbnails._next_look_s = 0.0
        bench.thumbnails.step()
    assert bench.files() == [] and bench.thumbnails._engine is None and bench.thumbnails.as_status() == {}


def test_on_blurred_off(bench):
    first, second = bench.video("one.mp4"), bench.video("two.mp4")
    plain = sorted(f"{video_id}-{run}-plain.jpg" for video_id, run in ((first, 1), (second, 2)))
    bench.store.put_setting("thumbnails", "on")
    bench.until(lambda: bench.known() == plain)
    assert bench.files() == plain
    sizes = {row["file"]: row["size_bytes"] for row in bench.store.thumbnails()}
    assert sizes == {name: (bench.home.thumbnails / name).stat().st_size for name in plain}

    bench.store.put_setting("thumbnails", "blurred")
    blurred = [name.replace("plain", "blurred") for name in plain]
    bench.until(lambda: bench.known() == blurred)
    assert bench.files() == blurred

    bench.store.put_setting("thumbnails", "off")
    bench.until(lambda: bench.known() == [])
    assert bench.files() == [] and bench.errors == []
    bench.until(lambda: bench.thumbnails._engine is None)


def test_how_far_it_is(bench):
    for number in range(3):
        bench.video(f"{number}.mp4")
    bench.store.put_setting("thumbnails", "on")
    said = []

    def all_there():
        said.append(bench.thumbnails.as_status())
        return len(bench.known()) == 3

    bench.until(all_there)
    assert {"done": 0, "total": 3, "eta_s": None} in said
    assert all(state.get("total", 3) == 3 for state in said)
    assert all((state["eta_s"] is None) == (state["done"] == 0) for state in said if state)


def test_what_can_not_be_made_is_said_once(bench):
    bench.store.put_setting("thumbnails", "on")
    bench.video("broken.mp4", content=b"no video at all, however long one looks at it")
    good = bench.video("good.mp4")
    bench.until(lambda: bench.known() == [f"{good}-2-plain.jpg"] and bench.errors)
    for _ in range(3):
        bench.thumbnails._next_look_s = 0.0
        bench.thumbnails.step()
    assert len(bench.errors) == 1 and "broken.mp4" in bench.errors[0]
    assert bench.files() == [f"{good}-2-plain.jpg"]


def test_gone_meanwhile(bench):
    bench.store.put_setting("thumbnails", "on")
    gone, kept = bench.video("gone.mp4"), bench.video("kept.mp4")
    bench.until(lambda: bench.thumbnails.as_status().get("total") == 2)
    bench.store.delete_video(gone)
    (bench.home.inbox / "gone.mp4").unlink()
    bench.until(lambda: not bench.thumbnails.as_status())
    assert bench.known() == bench.files() == [f"{kept}-2-plain.jpg"]


def test_after_an_interruption(bench):
    bench.store.put_setting("thumbnails", "on")
    video_id = bench.video()
    (bench.home.thumbnails / f"{video_id}-1-plain.jpg.part").write_bytes(b"half")
    (bench.home.thumbnails / "nobody-7-plain.jpg").write_bytes(b"of a video that is gone")
    bench.again()
    assert bench.files() == []
    bench.until(lambda: bench.known() == [f"{video_id}-1-plain.jpg"])
    bench.thumbnails.stop()
    (bench.home.thumbnails / f"{video_id}-1-plain.jpg").unlink()
    bench.again()
    bench.until(lambda: bench.files() == [f"{video_id}-1-plain.jpg"])
