"""What is removed after a number of days, and what is not while the clock can't be believed."""

import threading
from datetime import datetime, timedelta

import pytest

from processor.config import Settings
from processor.intake import Intake
from processor.retention import MOST_UNSEEN, WAIT, Retention, schedule
from processor.watch import Found
from tests.dashboard.conftest import finish

DAY = timedelta(days=1)


class Clock:
    """A wall clock that somebody may set, and one that nobody does."""

    def __init__(self, at: datetime):
        self.at, self.elapsed_s = at, 1000.0

    def passes(self, time: timedelta) -> None:
        self.at += time
        self.elapsed_s += time.total_seconds()


class Kept:
    """A home with an upload and a watched video, each analysed, the first with a file made of it."""

    def __init__(self, home, store):
        self.home, self.store = home, store
        self.intake = Intake(store, Settings(home=home.path), (home.inbox,), threading.RLock())
        self.told = []
        for video_id, path in (("a" * 16, home.library / "a.mp4"), ("b" * 16, home.inbox / "b.mp4")):
            path.write_bytes(b"video")
            found = Found(str(path), 5, path.stat().st_mtime_ns)
            _, run = self.intake.take(found, video_id * 4, source="upload" if "a" in video_id else "watch")
            store.start_run(run)
            finish(store, run, seconds=4, people=1)
        store.queue_made("m", "a" * 16, "proxy", {})
        store.start_made("m")
        (home.made / "m.mp4").write_bytes(b"proxy")
        store.finish_made("m", "m.mp4", 5)
        self.clock = Clock(max(run["finished_at"] for run in store.runs()))
        self.retention = Retention(
            home, self.intake, self.told.append, lambda: self.clock.at, lambda: self.clock.elapsed_s
        )

    def keep(self, watched: bool = False, **days) -> None:
        none = {"videos": None, "thumbnails": None, "made": None, "results": None}
        self.store.put_setting("retention_days", none | days)
        self.store.put_setting("retention_watched", watched)

    def files(self) -> list[str]:
        folders = (self.home.library, self.home.inbox, self.home.made)
        return sorted(path.name for folder in folders for path in folder.iterdir())


@pytest.fixture
def kept(home, store) -> Kept:
    return Kept(home, store)


def test_without_a_decision_everything_stays(kept):
    kept.clock.passes(20 * DAY)
    assert kept.retention.step() == 0 and kept.files() == ["a.mp4", "b.mp4", "m.mp4"]


def test_videos_go_and_their_results_stay(kept):
    kept.keep(videos=7)
    kept.clock.passes(6 * DAY)
    assert kept.retention.step() == 0
    kept.clock.passes(1.1 * DAY)
    assert kept.retention.step() == 1 and kept.files() == ["b.mp4", "m.mp4"]
    video = kept.store.video("a" * 16)
    assert video["missing_since"] is not None and kept.store.current_run("a" * 16) is not None
    assert kept.retention.step() == 0


def test_watched_files_go_only_where_somebody_said_so(kept):
    (kept.home.inbox / "b.mp4.json").write_text("{}")
    kept.keep(watched=True, videos=7)
    kept.clock.passes(8 * DAY)
    assert kept.retention.step() == 2 and kept.files() == ["m.mp4"]
    assert kept.store.files() == {}


def test_made_files_go(kept):
    kept.keep(made=1)
    kept.clock.passes(2 * DAY)
    assert kept.retention.step() == 1 and kept.files() == ["a.mp4", "b.mp4"]
    assert "as many days" in kept.store.made_file("m")["error"]


def test_results_go_with_all_that_hangs_on_them_and_watched_files_are_not_taken_in_again(kept):
    kept.keep(results=10)
    kept.clock.passes(11 * DAY)
    assert kept.retention.step() == 2 and kept.store.videos() == [] and kept.store.runs() == []
    assert kept.files() == ["b.mp4"] and kept.intake.is_known(str(kept.home.inbox / "b.mp4"))


def test_what_waits_to_be_analysed_keeps_its_results(kept):
    kept.keep(results=10)
    kept.intake.queue("a" * 16, priority=0)
    kept.clock.passes(11 * DAY)
    assert kept.retention.step() == 1 and [v["video_id"] for v in kept.store.videos()] == ["a" * 16]


def test_the_preview_says_what_goes_when(kept):
    kept.keep(videos=7, made=1, results=30)
    plan = kept.store.read_with(lambda con: schedule(con, kept.home, kept.store.settings()))
    assert [(due.kind, due.key[0]) for due in plan] == [
        ("made", "m"), ("videos", "a"), ("results", "a"), ("results", "b"),
    ]  # fmt: skip
    assert plan[0].at - kept.store.made_file("m")["finished_at"] == DAY
    assert plan[1].files == (str(kept.home.library / "a.mp4"),) and plan[1].size_bytes == 5


def test_a_clock_that_was_put_back_removes_nothing(kept):
    kept.keep(videos=1, made=1)
    kept.clock.at -= DAY
    kept.store.update_video("a" * 16, added_at=kept.clock.at - 5 * DAY)
    assert kept.retention.step() == 0 and len(kept.files()) == 3
    assert "Nothing is removed by retention until the clock is right." in kept.told[0]
    kept.clock.passes(1.5 * DAY)
    assert kept.retention.step() == 1


def test_a_clock_that_jumps_far_ahead_waits_for_a_day(kept):
    kept.keep(videos=7, made=7)
    kept.retention.step()
    kept.clock.at += MOST_UNSEEN + 5 * DAY  # nobody waited for that long
    kept.clock.passes(timedelta(hours=1))
    assert kept.retention.step() == 0 and len(kept.files()) == 3 and "put the clock right" in kept.told[0]
    kept.clock.at -= MOST_UNSEEN + 5 * DAY  # somebody did
    kept.clock.passes(2 * WAIT)
    assert kept.retention.step() == 0 and len(kept.files()) == 3


def test_after_a_long_time_switched_off_it_waits_for_a_day_and_then_goes_on(kept):
    kept.keep(videos=7, made=7)
    kept.clock.passes(2 * MOST_UNSEEN)
    assert kept.retention.step() == 0
    for _ in range(23):
        kept.clock.passes(timedelta(hours=1))
        assert kept.retention.step() == 0
    kept.clock.passes(timedelta(hours=1))
    assert kept.retention.step() == 2 and kept.files() == ["b.mp4"]
