"""A session that is handed in becomes a video with a finished run, or an answer says why not."""

import shutil
import threading
from datetime import date, timedelta

import pytest

from db import privacy_results, request_results, results
from db.session import utc_now
from processor import retention, spool
from processor.config import Settings
from processor.erasing import LIVE, preview
from processor.intake import Intake
from processor.live_journal import Journal
from processor.live_recovery import recover
from processor.requests import Requests
from tests.processor.live_sessions import about, record, sight


@pytest.fixture
def service(home, store):
    """What of the service takes in sessions."""
    settings = Settings(home=home.path)
    intake = Intake(store, settings, (home.inbox,), threading.RLock())
    return Requests(home, settings, store, intake, lambda run_id: None)


def session(home, seconds=2.0, **changes) -> str:
    """A session that was handed in; its id."""
    journal = Journal.begin(home, about(**changes))
    record(journal, seconds)
    journal.add_marker(11.5, "question", "loud")
    return journal.end()


def answer(store, live_id) -> str | None:
    rows = store._read("SELECT state, reason FROM request_log WHERE request_id = ?", [live_id])
    return rows[0]["reason"] if rows and rows[0]["state"] == "refused" else None


@pytest.mark.slow
def test_a_session_becomes_a_video_like_any_other(home, store, service):
    live_id = session(home, name=None)
    assert service.apply_all() == 1 and answer(store, live_id) is None
    store.publish()
    with results.connect(home.snapshot) as con:
        kept = request_results.kept_as(con, live_id)
        video = results.video(con, kept["video_id"])
    assert (video["source"], video["subject"], video["cohort"], video["session"]) == ("live", "Anna", "A", "2")
    assert video["consent"] and video["missing_since"] is None and video["name"].startswith("Live 20")
    assert video["duration_s"] == pytest.approx(2.0, abs=0.2) and video["codec"] == "h264"
    assert service.intake.holds(video["video_id"], video["path"]) and video["path"].endswith(f"{video['sha256']}.mp4")
    run = video["current"]
    assert run["run_id"] == kept["run_id"] and run["state"] == "done" and run["frames_with_face"] == 11
    assert (run["sample_fps"], run["smoothing"], run["model_id"]) == (5.0, "mean:1.5s", "tiny-1.0-abababab")
    assert [(m["t_s"], m["kind"], m["source"]) for m in store._read("SELECT * FROM marker")] == [
        (1.5, "question", "live")
    ]
    assert store._read("SELECT happy FROM track_summary") == [{"happy": 1.0}]
    assert list(home.live.iterdir()) == [] == spool.pending(home.spool)


@pytest.mark.slow
def test_without_a_video_only_what_was_seen_is_there(home, store, service):
    session(home, keep_video=False, name="Interview", subject=None)
    service.apply_all()
    video = store.videos()[0]
    assert (video["name"], video["path"], video["size_bytes"]) == ("Interview", "", 0)
    assert video["missing_since"] is not None and video["duration_s"] == pytest.approx(2.0)
    service.intake.check_unwatched()
    assert store.videos()[0]["missing_since"] is not None
    again = spool.submit(home.spool, "reprocess", video_id=video["video_id"])
    deleted = spool.submit(home.spool, "delete", video_id=video["video_id"], delete_file=True)
    service.apply_all()
    assert "only what was seen is kept, not the video" in answer(store, again)
    assert answer(store, deleted) is None and store.videos() == [] and home.path.is_dir()


@pytest.mark.slow
def test_a_clip_is_queued_for_an_ordinary_analysis(home, store, service):
    session(home, analyse_later=True)
    service.apply_all()
    (run,), (video,) = store.runs(), store.videos()
    assert (run["state"], run["sample_fps"], run["priority"]) == ("queued", 2.0, 10)
    assert video["source"] == "live" and service.intake.holds(video["video_id"], video["path"])


@pytest.mark.slow
def test_a_session_that_was_too_short_is_dropped_with_an_answer(home, store, service):
    live_id = session(home, seconds=0.5)
    service.apply_all()
    assert "it was shorter than 1 second" in answer(store, live_id)
    assert list(home.live.iterdir()) == [] == store.videos()


@pytest.mark.slow
def test_what_died_after_the_commit_is_not_kept_twice(home, store, service):
    live_id = session(home, keep_video=False)
    shutil.copytree(home.live / live_id, home.path / "copy")
    service.apply_all()
    shutil.move(home.path / "copy", home.live / live_id)  # as if the process had died before it cleared up
    assert recover(home, store) == [] == list(home.live.iterdir())
    assert len(store.videos()) == 1


@pytest.mark.parametrize(
    ("consent", "why"),
    [
        ({"given": False, "given_on": None, "expires_on": None, "note": None}, "was refused or withdrawn"),
        ({"given": True, "given_on": None, "expires_on": date(2026, 1, 31), "note": None}, "ended on 31 Jan 2026"),
    ],
)
def test_against_what_a_subject_said_nothing_is_kept(home, store, service, consent, why):
    store.put_consent("Anna", **consent)
    live_id = session(home, 0.2)
    service.apply_all()
    assert why in answer(store, live_id)
    assert list(home.live.iterdir()) == [] == store.videos()
    store.publish()
    with results.connect(home.snapshot) as con:
        today = utc_now().date()
        assert why in privacy_results.why_not_kept(con, "Anna", today)
        assert privacy_results.why_not_kept(con, "Ben", today) is privacy_results.why_not_kept(con, None, today) is None
        assert request_results.kept_as(con, live_id) == {
            "reason": answer(store, live_id), "video_id": None, "run_id": None
        }  # fmt: skip
        assert request_results.kept_as(con, "0") is None


def test_a_yes_that_holds_lets_a_session_be_kept(store):
    day = date(2026, 3, 1)
    store.put_consent("Anna", given=True, given_on=None, expires_on=day, note=None)
    assert store.read_with(lambda con: privacy_results.why_not_kept(con, "Anna", day)) is None
    assert store.read_with(lambda con: privacy_results.why_not_kept(con, "Anna", day + timedelta(days=1)))


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"live_id": "../../etc"}, "`live_id`"),
        ({"live_id": "0" * 20 + "-" + "a" * 8}, "must have the id of its session"),
        ({}, "`live_id`"),
    ],
)
def test_a_request_that_is_none_is_refused(home, store, service, fields, why):
    request_id = spool.submit(home.spool, "live_session", **fields)
    service.apply_all()
    assert why in answer(store, request_id)


def test_a_session_that_is_gone_is_refused_and_one_that_is_damaged_stays(home, store, service):
    gone, damaged = session(home, 0.2), session(home, 0.2)
    shutil.rmtree(home.live / gone)
    (home.live / damaged / "about.json").write_text("{")
    service.apply_all()
    assert "is not there" in answer(store, gone)
    assert "What session it is can't be read" in answer(store, damaged)
    assert recover(home, store) == [] and (home.live / damaged).is_dir()


@pytest.mark.slow
def test_sessions_that_are_not_in_the_store_are_erased_with_their_subject(home, store, service):
    mine, other = session(home, 0.2), session(home, 0.2, subject="Ben")
    going_on = Journal.begin(home, about(subject="ANNA "))
    going_on.add_sight(sight(0))
    store.publish()
    with results.connect(home.snapshot) as con:
        seen = preview(con, home, (home.inbox,), "Anna")
    assert {path.split("/")[-2] for path in seen.files[LIVE]} == {mine, going_on.live_id}
    for live_id in (mine, other):
        (home.spool / f"{live_id}.json").unlink()
    spool.submit(
        home.spool, "erase", subject="Anna", token=seen.token, receipt_id="0123abcd", subject_hash="a" * 64,
        places=[], mentions=True,
    )  # fmt: skip
    service.apply_all()
    assert [folder.name for folder in home.live.iterdir()] == [other]
    receipt = store.erasure("0123abcd")["receipt"]
    assert receipt["files"][LIVE] == len(seen.files[LIVE]) and not receipt["search"]["in_files"]
    going_on.discard()


def test_sessions_that_lie_around_are_removed_when_videos_are(home, store, service):
    live_id = session(home, 0.2)
    (home.spool / f"{live_id}.json").unlink()
    store.put_setting("retention_days", {"videos": 3, "thumbnails": None, "made": None, "results": None})
    now = utc_now()
    (due,) = store.read_with(lambda con: retention.schedule(con, home, store.settings()))
    assert (due.kind, due.key) == ("videos", live_id) and abs(due.at - now - timedelta(days=3)) < timedelta(minutes=5)
    assert due.size_bytes == sum(file.stat().st_size for file in (home.live / live_id).iterdir()) > 0
    for later, left in ((timedelta(days=2), [live_id]), (timedelta(days=4), [])):
        retention.Retention(home, service.intake, print, lambda later=later: now + later).step()
        assert [folder.name for folder in home.live.iterdir()] == left
