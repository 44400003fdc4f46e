"""A live session is on the disk as it runs, at the times it had, and can be handed in, thrown away or left alone."""

import fcntl
import json
import threading
import time

import pytest

from processor import live_journal, spool
from processor.live_form import about_of
from processor.live_journal import Journal, JournalRefused
from processor.live_session import read_about
from tests.processor.live_sessions import about, picture, record, sight


@pytest.fixture
def begin(home):
    """Begins journals, and ends those that a test leaves open."""
    journals = []

    def begin(**changes) -> Journal:
        journals.append(Journal.begin(home, about(**changes)))
        return journals[-1]

    yield begin
    for journal in journals:
        journal.discard()


def lines(journal: Journal, name: str) -> list[dict]:
    return [json.loads(line) for line in (journal.folder / name).read_text().splitlines()]


def locked(journal: Journal) -> bool:
    with (journal.folder / "lock").open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def test_sights_are_kept_on_a_grid_and_count_from_the_first(begin):
    journal = begin(keep_video=False)
    for number in range(16):  # 15 a second, from 100 s of the stream on
        journal.add_sight(sight(100 + number / 15, emotion=None if number == 9 else 3))
    journal.end()
    kept = lines(journal, "sights.jsonl")
    assert [line["t_s"] for line in kept] == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1.0], abs=1e-6)
    assert [len(line["faces"]) for line in kept] == [1, 1, 1, 0, 1, 1]
    assert kept[0]["faces"][0] == {
        "track": 7, "box": [80, 60, 40, 40], "score": None, "raw": pytest.approx([0.05, 0.05, 0.05, 0.7] + 3 * [0.05])
    }  # fmt: skip
    assert not (journal.folder / "video.mp4").exists()


def test_after_a_pause_the_grid_goes_on(begin):
    journal = begin(keep_video=False)
    for t_s in (0, 0.05, 0.31, 0.39, 0.4, 7.77, 7.79, 7.9):
        journal.add_sight(sight(t_s))
    journal.end()
    assert [line["t_s"] for line in lines(journal, "sights.jsonl")] == [0, 0.31, 0.4, 7.77, 7.9]


def test_with_a_video_times_count_from_its_first_picture(begin):
    journal = begin()
    journal.add_sight(sight(4.9))  # of a picture before the first that is kept
    journal.add_frame(picture(100), 5.0)
    journal.add_sight(sight(5.0))
    journal.add_marker(5.5, "question", " loud ")
    journal.add_marker(1.0, "early")
    journal.end()
    assert [line["t_s"] for line in lines(journal, "sights.jsonl")] == [0]
    assert [(line["t_s"], line["kind"], line["note"]) for line in lines(journal, "markers.jsonl")] == [
        (0.5, "question", " loud "), (0.0, "early", None)
    ]  # fmt: skip


def test_a_session_says_what_it_is_and_is_locked_while_it_runs(home, begin):
    journal = begin(subject="  Anna ")
    given = read_about(journal.folder)
    assert (given["live_id"], given["subject"], given["sample_fps"]) == (journal.live_id, "Anna", 5.0)
    assert locked(journal) and not spool.pending(home.spool)
    request_id = journal.end()
    assert not locked(journal)
    assert request_id == journal.live_id == journal.request_id
    request = spool.parse(request_id, spool.load(home.spool / f"{request_id}.json"))
    assert (request.kind, request.fields) == ("live_session", {"live_id": request_id, "cut_off": False})


def test_ending_from_many_threads_hands_in_once_and_nothing_is_added_afterwards(home, begin):
    journal, ids = begin(keep_video=False), []
    journal.add_sight(sight(0))
    threads = [threading.Thread(target=lambda: ids.append(journal.end())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    journal.add_sight(sight(1))
    journal.add_frame(picture(1), 1)
    journal.add_marker(1, "late")
    assert set(ids) == {journal.live_id} and len(spool.pending(home.spool)) == 1
    assert len(lines(journal, "sights.jsonl")) == 1 and not lines(journal, "markers.jsonl")
    journal.discard()
    assert journal.folder.exists()


def test_a_session_thrown_away_leaves_nothing(home, begin):
    journal = begin()
    record(journal, 0.5)
    journal.discard()
    journal.discard()
    assert list(home.live.iterdir()) == [] == spool.pending(home.spool)
    with pytest.raises(JournalRefused, match="not kept: it was discarded"):
        journal.end()


def test_a_session_that_nobody_feeds_ends_by_itself(home, begin, monkeypatch):
    monkeypatch.setattr(live_journal, "IDLE_S", 0.0)
    monkeypatch.setattr(live_journal, "SYNC_EVERY_S", 0.01)
    journal = begin(keep_video=False)
    journal._thread.join(30)
    assert [path.stem for path in spool.pending(home.spool)] == [journal.live_id] == [journal.end()]


def test_no_picture_waits_longer_than_a_few_others(begin, monkeypatch):
    held = threading.Event()
    monkeypatch.setattr(live_journal.VideoWriter, "add", lambda self, frame, t_s: held.wait(30))
    journal = begin()
    for number in range(200):
        journal.add_frame(picture(100, (32, 32)), number / 25)
    assert len(journal._waiting) <= live_journal.MOST_FRAMES
    held.set()
    journal.end()


def test_what_was_synced_is_said_to_be_safe(begin, monkeypatch):
    monkeypatch.setattr(live_journal, "SYNC_EVERY_S", 0.01)
    journal = begin()
    record(journal, 2.0)
    while journal.safe_s < 1.9 and journal.trouble is None:
        time.sleep(0.01)
    assert journal.trouble is None and journal.safe_s <= 2.0


def test_a_session_whose_folder_is_taken_away_says_so(begin, monkeypatch):
    import shutil

    monkeypatch.setattr(live_journal, "SYNC_EVERY_S", 0.01)
    journal = begin(keep_video=False)
    shutil.rmtree(journal.folder)
    while journal.trouble is None:
        time.sleep(0.01)
    assert "it was removed" in journal.trouble
    with pytest.raises(JournalRefused, match="its subject was erased"):
        journal.end()


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"consent": False}, "who is filmed must have agreed"),
        ({"subject": "x" * 201}, "`subject`"),
        ({"sample_fps": 0.0}, "`sample_fps`"),
        ({"smoothing": "median"}, "`smoothing`"),
        ({"model_card": {}}, "The card of the model lacks name, version, emotions, sha256"),
        ({"model_id": "other-1.0-abababab"}, "The card is that of tiny-1.0-abababab"),
    ],
)
def test_a_session_that_may_not_or_cannot_be_kept_is_refused(home, changes, why):
    with pytest.raises(JournalRefused, match=why):
        Journal.begin(home, about(**changes))
    assert list(home.live.iterdir()) == []


def test_a_home_that_cannot_be_written_is_a_sentence(home):
    home.live.rmdir()
    home.live.write_text("in the way")
    with pytest.raises(JournalRefused, match="can't be kept in .*live"):
        Journal.begin(home, about())


def test_a_marker_that_does_not_fit_is_refused(begin):
    with pytest.raises(JournalRefused, match="`kind`: it must be text that is not empty"):
        begin().add_marker(1, " ")


def test_what_is_said_of_a_session_is_checked_field_by_field():
    from dataclasses import asdict

    from processor.metadata import FieldInvalid

    whole = {"live_id": "0" * 20 + "-" + "a" * 8, "began_at": "2026-03-01T10:00:00+00:00", **asdict(about())}
    assert about_of(whole)["subject"] == "Anna"
    for field, value in (("live_id", "../../etc"), ("began_at", "yesterday"), ("consent", 1), ("more", 2)):
        with pytest.raises(FieldInvalid, match=field):
            about_of(whole | {field: value})
