"""Making files on request, with real store, files and worker processes."""

from __future__ import annotations

import hashlib
import os
import threading
import time
import zipfile

import pytest

from db.store import Store
from processor import decode
from processor.config import Settings
from processor.intake import Intake
from processor.making import Making
from processor.watch import Found
from tests import clips
from tests.db import rows
from tests.processor import films, making_work


class Bench:
    """A store, videos in an inbox, and what makes files of them; `again` is a new process on the same home."""

    def __init__(self, home, **settings):
        self.home, self.settings = home, Settings(home=home.path, **settings)
        self.store = Store(home.store)
        self.errors: list[str] = []
        self.again()

    def again(self):
        self.intake = Intake(self.store, self.settings, [self.home.inbox], threading.RLock())
        self.making = Making(self.home, self.settings, self.intake, self.errors.append, making_work.load)
        self.making.start()

    def video(self, name="clip.mp4", seconds=1.0):
        path = self.home.inbox / name
        clips.plain(path, seconds)
        sha256 = hashlib.sha256(path.read_bytes() + name.encode()).hexdigest()
        status = path.stat()
        return self.intake.take(Found(str(path), status.st_size, status.st_mtime_ns), sha256)[0]

    def ask(self, video_id, kind="proxy", made_id=None, **options):
        made_id = made_id or f"{time.time_ns():020d}-x"
        return self.store.queue_made(made_id, video_id, kind, options)

    def until(self, true, timeout_s=40.0):
        deadline = time.monotonic() + timeout_s
        while not true():
            assert time.monotonic() < deadline, self.store.made_files()
            self.making.step()
            time.sleep(0.02)

    def state(self, made_id):
        row = self.store.made_file(made_id)
        return row["state"] if row else None

    def folder(self):
        return sorted(file.name for file in self.home.made.iterdir())


@pytest.fixture
def bench(home):
    bench = Bench(home)
    yield bench
    bench.making.stop()
    bench.store.close()


def test_nothing_to_do_needs_no_process(bench):
    bench.making.step()
    bench.making.tidy()
    assert bench.making.as_status() == [] and bench.making._engine is None


@pytest.mark.slow
def test_from_asked_for_to_there(bench):
    made_id = bench.ask(bench.video())
    bench.until(lambda: bench.state(made_id) == "done")
    row = bench.store.made_file(made_id)
    file = bench.home.made / row["file"]
    assert (row["file"], row["size_bytes"], row["error"]) == (f"{made_id}.mp4", file.stat().st_size, None)
    assert len(films.times(file)) == 25 and bench.folder() == [file.name]
    bench.making.step()
    assert bench.making._engine is None  # its memory is free again


@pytest.mark.slow
def test_annotated_and_clips_get_the_faces_from_the_store(bench):
    video_id = bench.video(seconds=2)
    bench.store.update_video(video_id, width=320, height=240)
    run_id = rows.queue(bench.store, video_id)
    rows.finish(bench.store, run_id, emotions=("happy", "happy", "sad"))
    drawn = {"labels": False, "blur": True, "method": "stored", "window_s": 0.0, "threshold": 0.0, "excluded": []}
    annotated = bench.store.queue_made("a", video_id, "annotated", drawn, run_id=run_id)
    options = {"moments": [{"t_s": 1.0, "name": "x"}], "before_s": 0.2, "after_s": 0.2, "blur": True}
    zipped = bench.store.queue_made("z", video_id, "clips", options, run_id=run_id)
    bench.until(lambda: bench.state(annotated) == bench.state(zipped) == "done")
    picture = films.pictures(bench.home.made / "a.mp4")[5]
    assert abs(picture[15, 10:12].astype(int) - (10, 127, 178)).max() < 40  # the border, in the colour of happy
    with zipfile.ZipFile(bench.home.made / "z.zip") as archive:
        assert archive.namelist() == ["01_x_0-00-01.mp4"]


@pytest.mark.slow
def test_one_at_a_time_in_order_with_progress(bench):
    first, second = bench.ask(bench.video("sleep-a.mp4")), bench.ask(bench.video("b.mp4"))
    bench.until(lambda: bench.making.as_status() and bench.making.as_status()[0]["share"])
    [now] = bench.making.as_status()
    assert (now["made_id"], now["kind"], now["name"], now["share"]) == (first, "proxy", "sleep-a.mp4", 0.25)
    assert now["eta_s"] > 0 and now["video_id"] == bench.store.made_file(first)["video_id"]
    assert (bench.state(first), bench.state(second)) == ("running", "queued")
    bench.store.delete_made(first)  # not wanted any more
    bench.until(lambda: bench.state(second) == "done")
    assert bench.folder() == [f"{second}.mp4"] and bench.errors == []


def test_given_up_while_it_waits(bench):
    made_id = bench.ask(bench.video())
    bench.store.delete_made(made_id)
    bench.making.step()
    assert bench.making.as_status() == [] and bench.folder() == []


@pytest.mark.slow
def test_deleting_the_video_stops_its_making(bench):
    video_id = bench.video("sleep-a.mp4")
    made_id = bench.ask(video_id)
    bench.until(lambda: bench.folder() == [f"{made_id}.mp4.part"])
    bench.store.delete_video(video_id)
    bench.making.step()
    assert bench.folder() == [] and bench.making.as_status() == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("crash-a.mp4", "The worker process ended without a result (signal SIGSEGV)."),
        ("full-a.mp4", "The disk is full: free some space, then ask for it again."),
    ],
)
def test_failures_are_sentences_and_the_next_one_is_made(bench, name, why):
    bad, good = bench.ask(bench.video(name)), bench.ask(bench.video("good.mp4"))
    bench.until(lambda: bench.state(good) == "done")
    sentence = f"The playable copy of {name} could not be made. {why}"
    assert bench.store.made_file(bad)["error"] == sentence and bench.errors == [sentence]
    assert bench.state(bad) == "failed" and bench.folder() == [f"{good}.mp4"]


@pytest.mark.slow
def test_no_video_at_all(bench):
    video_id = bench.video("text.mp4")
    path = bench.home.inbox / "text.mp4"
    clips.audio_only(path)
    status = path.stat()
    bench.intake.take(Found(str(path), status.st_size, status.st_mtime_ns), "f" * 64)
    made_id = bench.ask("f" * 16)
    bench.until(lambda: bench.state(made_id) == "failed")
    assert bench.errors == ["text.mp4 has no picture. It holds sound only. Drop the video recording instead."]
    assert bench.ask(video_id) and bench.folder() == []


def test_a_video_that_is_gone_or_another_one(bench):
    made_id = bench.ask(bench.video())
    (bench.home.inbox / "clip.mp4").unlink()
    bench.making.step()
    sentence = (
        "The playable copy of clip.mp4 could not be made. "
        "The video is not where it was, or has changed: put it back, then ask again."
    )
    assert bench.store.made_file(made_id)["error"] == sentence and bench.making._engine is None


@pytest.mark.slow
def test_changed_while_it_was_made(bench):
    video_id = bench.video("clip.mp4", 4)
    made_id = bench.ask(video_id)
    bench.until(lambda: bench.state(made_id) == "running")
    os.utime(bench.home.inbox / "clip.mp4", (1, 1))
    bench.until(lambda: bench.state(made_id) == "failed")
    assert "was removed or changed meanwhile" in bench.errors[0] and bench.folder() == []


@pytest.mark.slow
def test_a_killed_process_leaves_nothing_half_made_and_loses_no_request(bench):
    """What lies there after `kill -9`: a row that says running, a part, perhaps the whole file before the commit."""
    made_id = bench.ask(bench.video())
    bench.store.start_made(made_id)
    for name in (f"{made_id}.mp4.part", f"{made_id}.mp4", f"{made_id}.zip.part.clip", "0-gone.mp4.part"):
        (bench.home.made / name).write_bytes(b"half")
    bench.again()
    assert bench.folder() == [] and bench.state(made_id) == "queued"
    bench.until(lambda: bench.state(made_id) == "done")
    assert decode.probe(bench.home.made / f"{made_id}.mp4", 10**8).codec == "h264"


@pytest.mark.slow
def test_stopping_queues_again(bench):
    made_id = bench.ask(bench.video("sleep-a.mp4"))
    bench.until(lambda: bench.state(made_id) == "running" and bench.folder())
    bench.making.stop()
    assert bench.state(made_id) == "queued" and bench.folder() == [] and bench.making.as_status() == []


@pytest.mark.slow
def test_a_finished_file_that_somebody_removed(bench):
    made_id = bench.ask(bench.video())
    bench.until(lambda: bench.state(made_id) == "done")
    (bench.home.made / f"{made_id}.mp4").unlink()
    bench.making.tidy()
    assert bench.state(made_id) == "cancelled"
    assert bench.ask(bench.store.videos()[0]["video_id"]) != made_id  # so it is made anew


def test_quota_takes_the_least_recently_used_copies_first(bench):
    """Room for 1 MB; three that take 0.6 MB each, and one that is only just there."""
    bench.making.settings = bench.settings.model_copy(update={"made_quota_mb": 1})
    for number, (made_id, kind) in enumerate([("clips", "clips"), ("old", "proxy"), ("used", "proxy")]):
        file = bench.home.made / f"{made_id}.bin"
        file.write_bytes(b"x" * 300_000)
        os.utime(file, (1000 + number, 1000 + number))
        bench.ask(bench.video(f"{number}.mp4"), kind, made_id)
        bench.store.finish_made(made_id, file.name, 300_000)
    os.utime(bench.home.made / "old.bin", (500, 500))
    big = bench.ask(bench.video("new.mp4"), "proxy", "new")
    (bench.home.made / "new.bin").write_bytes(b"x" * 200_000)
    bench.store.finish_made(big, "new.bin", 200_000)
    bench.making._make_room(big)
    assert {m["made_id"]: m["state"] for m in bench.store.made_files()} == {
        "clips": "done", "old": "cancelled", "used": "done", "new": "done",
    }  # fmt: skip
    assert bench.store.made_file("old")["error"] == (
        "It was removed to make room: made files may take 1 MB (setting `made_quota_mb`)."
    )
    assert bench.folder() == ["clips.bin", "new.bin", "used.bin"]
    bench.making.settings = bench.settings.model_copy(update={"made_quota_mb": 0})
    bench.making._make_room(big)
    assert bench.folder() == ["new.bin"]  # never the one that was just made
