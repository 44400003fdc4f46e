import os
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import duckdb
import pytest

from db.connection import connect
from db.store import Store, StoreBusy, StoreDamaged, StoreWriteFailed
from tests.db.rows import analysed, queue, video

REPOSITORY = Path(__file__).parents[2]


def count(store, table):
    return store._read(f"SELECT count(*) AS n FROM {table}")[0]["n"]


# --- opening


def test_a_new_store_is_empty(store):
    assert store.videos() == [] and store.files() == {} and store.runs() == [] and store.next_runs(10) == []
    assert store.video("v1") is None and store.run(1) is None
    assert not store.request_handled("r1")


def test_a_store_is_made_with_its_folder_and_opens_again(tmp_path):
    path = tmp_path / "deep" / "store.duckdb"
    with Store(path) as store:
        store.add_video(video())
    with Store(path) as store:
        assert store.video("v1")["name"] == "v1.mp4"


def test_closing_twice_is_harmless(home):
    store = Store(home.store)
    store.close()
    store.close()


HOLD = """
import sys
from pathlib import Path
from db.store import Store
with Store(Path(sys.argv[1])):
    print("open", flush=True)
    input()
"""


@pytest.mark.slow
def test_a_store_that_another_process_has_is_refused_with_its_number_and_command(home):
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, home.store],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
    ) as other:
        other.stdout.readline()
        with pytest.raises(
            StoreBusy, match=rf"in use by process {other.pid} \((?s:.)*from db.store import Store(?s:.)*stop that"
        ) as caught:
            Store(home.store)
        other.communicate("\n", timeout=20)
    assert caught.value.pid == other.pid
    assert str(home.store) in caught.value.command
    Store(home.store).close()


def test_a_store_that_this_process_has_is_refused_too(store, home):
    with pytest.raises(StoreBusy, match=f"process {os.getpid()} "):
        Store(home.store)
    with pytest.raises(StoreBusy, match=f"process {os.getpid()} "):
        connect(home.store, read_only=True)
    store.add_video(video())  # the first one goes on


@pytest.mark.parametrize(
    "content",
    [
        b"",  # empty: made by a program that died, or on a full disk
        b"hello world" * 1000,  # text
        b"\0" * 20_000,  # zeros
    ],
)
def test_what_is_no_store_is_refused_and_not_touched(home, content):
    home.store.write_bytes(content)
    with pytest.raises(StoreDamaged, match="Move it away"):
        Store(home.store)
    assert home.store.read_bytes() == content


def test_a_store_cut_off_in_the_middle_is_damaged_as_soon_as_the_missing_part_is_needed(home):
    with Store(home.store) as store:
        analysed(store, "v1", "happy")
    os.truncate(home.store, home.store.stat().st_size // 2)
    with pytest.raises(StoreDamaged, match="Move it away"), Store(home.store) as store:
        for table in ("video", "run", "frame", "track", "observation"):
            store._read(f"FROM {table}")


# --- transactions


def test_a_transaction_is_kept_whole_or_not_at_all(store):
    with pytest.raises(ZeroDivisionError), store.transaction():
        store.add_video(video("v1"))
        raise ZeroDivisionError
    assert store.videos() == []
    with store.transaction():
        store.add_video(video("v1"))
    assert len(store.videos()) == 1


def test_a_transaction_inside_another_joins_it(store):
    with pytest.raises(ZeroDivisionError), store.transaction():
        with store.transaction():
            store.add_video(video("v1"))
        raise ZeroDivisionError
    assert store.videos() == []


def test_after_a_failed_transaction_the_next_one_works(store):
    with pytest.raises(duckdb.ConstraintException):
        store.add_video(video("v1", source="tape"))
    assert store.add_video(video("v1"))


def test_threads_take_turns(store):
    def add(name):
        for i in range(10):
            with store.transaction():
                store.add_video(video(f"{name}{i}"))
                store.put_file(f"/{name}{i}", f"{name}{i}", 1, 1, None)

    threads = [threading.Thread(target=add, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.videos()) == len(store.files()) == 30


def test_a_disk_that_refuses_is_said_in_a_sentence_and_nothing_is_kept(store, monkeypatch):
    error = duckdb.TransactionException('Failed to commit: Could not write file "store.wal": No space left on device')
    with pytest.raises(StoreWriteFailed, match="store.duckdb could not be written.*nothing of this change was kept"):
        with store.transaction():
            store.add_video(video())
            raise error
    assert store.videos() == []


# --- videos and files


def test_a_video_is_known_by_its_id(store):
    assert store.add_video(video("v1", subject="s1", tags={"room": "2"}))
    assert not store.add_video(video("v1", subject="other"))
    found = store.video("v1")
    assert (found["subject"], found["tags"], found["duration_s"]) == ("s1", {"room": "2"}, 40.0)


def test_a_video_can_be_changed(store):
    store.add_video(video("v1"))
    store.update_video("v1", cohort="pilot", tags={"a": "b", "c": "d"}, consent=True)
    store.update_video("v1", cohort=None)
    found = store.video("v1")
    assert (found["cohort"], found["tags"], found["consent"]) == (None, {"a": "b", "c": "d"}, True)


def test_a_video_that_is_unknown_cannot_be_changed_or_deleted(store):
    with pytest.raises(KeyError, match="no video 'v9'"):
        store.update_video("v9", cohort="x")
    with pytest.raises(KeyError):
        store.delete_video("v9")
    with pytest.raises(KeyError):
        queue(store, "v9")


def test_names_that_are_no_columns_are_refused(store):
    store.add_video(video("v1"))
    with pytest.raises(ValueError, match="Received: colour"):
        store.update_video("v1", **{"colour": 1})
    with pytest.raises(ValueError, match="Received: name = 'x' --"):
        store.add_video(video("v2", **{"name = 'x' --": 1}))


@pytest.mark.parametrize(
    "name",
    ['it\'s "quoted"', "two\nlines", "\N{FACE WITH TEARS OF JOY}", "../../etc/passwd", "'; DROP TABLE video; --"],
)
def test_any_name_is_kept_as_it_is(store, name):
    store.add_video(video("v1", name=name, subject=name))
    store.put_file(name, "v1", 1, 2, None)
    assert store.video("v1")["name"] == store.video("v1")["subject"] == name
    assert list(store.files()) == [name]


def test_moments_are_kept_in_utc(store):
    noon = datetime(2026, 3, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    store.add_video(video("v1", recorded_at=noon))
    store.add_video(video("v2", recorded_at=datetime(2026, 3, 1, 12)))
    assert store.video("v1")["recorded_at"] == datetime(2026, 3, 1, 10)
    assert store.video("v2")["recorded_at"] == datetime(2026, 3, 1, 12)
    age = datetime.now(UTC).replace(tzinfo=None) - store.video("v1")["added_at"]
    assert timedelta(0) <= age < timedelta(minutes=1)


def test_files_are_put_replaced_and_removed(store):
    store.remove_files([])
    store.put_file("/a", None, 5, 10**18 + 1, "It is empty.")
    store.put_file("/b", "v1", 6, 2, None)
    store.put_file("/a", "v1", 7, 3, None)
    assert store.files()["/a"] == {"video_id": "v1", "size_bytes": 7, "mtime_ns": 3, "error": None}
    store.remove_files(["/a", "/never seen"])
    assert list(store.files()) == ["/b"]


def test_deleting_a_video_leaves_nothing_of_it_and_all_of_the_others(store):
    for name in ("v1", "v2"):
        analysed(store, name, "happy", "sad")
        queue(store, name)
        store.put_file(f"/inbox/{name}.mp4", name, 1, 2, None)
    store.delete_video("v1")
    assert [row["video_id"] for row in store.videos()] == ["v2"]
    assert list(store.files()) == ["/inbox/v2.mp4"]
    assert [count(store, name) for name in ("run", "run_summary", "frame", "track", "observation")] == [2, 1, 2, 1, 2]
    assert store.add_video(video("v1"))


# --- requests, models, evaluations


def test_a_request_is_logged_with_the_change_it_makes_or_not_at_all(store):
    store.add_video(video())
    with pytest.raises(ZeroDivisionError), store.transaction():
        store.update_video("v1", cohort="a")
        store.log_request("r1", "edit", "2026-03-01T12:00:00+02:00", "applied", None, {"video_id": "v1"})
        raise ZeroDivisionError
    assert not store.request_handled("r1")
    with store.transaction():
        store.update_video("v1", cohort="a")
        store.log_request("r1", "edit", "2026-03-01T12:00:00+02:00", "applied", None, {"video_id": "v1"})
    assert store.request_handled("r1")
    [row] = store._read("SELECT requested_at, request ->> 'video_id' AS video_id FROM request_log")
    assert row == {"requested_at": datetime(2026, 3, 1, 10), "video_id": "v1"}


def test_a_request_is_logged_once(store):
    store.log_request("r1", "edit", "2026-03-01T12:00:00", "refused", "There is no such video.", {})
    with pytest.raises(duckdb.ConstraintException):
        store.log_request("r1", "edit", "2026-03-01T12:00:00", "applied", None, {})
