import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from db.store import Store
from tests.db.rows import analysed, finish, queue, tables, video

REPOSITORY = Path(__file__).parents[2]


def count(store, table):
    return store._read(f"SELECT count(*) AS n FROM {table}")[0]["n"]


def summary(store, run_id):
    return store._read("SELECT * FROM run_summary WHERE run_id = ?", [run_id])[0]


# --- the queue


def test_the_next_runs_are_the_most_urgent_then_the_oldest(store):
    for name in ("v1", "v2", "v3"):
        store.add_video(video(name))
    bulk = [queue(store, "v1"), queue(store, "v2")]
    urgent = queue(store, "v3", priority=10, detector="yunet", model_id="m-2")
    first = store.next_runs(1)[0]
    assert first["run_id"] == urgent
    assert (first["path"], first["name"], first["duration_s"]) == ("/inbox/v3.mp4", "v3.mp4", 40.0)
    assert (first["detector"], first["model_id"], first["state"]) == ("yunet", "m-2", "queued")
    assert [run["run_id"] for run in store.next_runs(9)] == [urgent, *bulk]


def test_a_started_run_is_no_longer_queued_and_counts_its_attempts(store):
    store.add_video(video())
    run_id = queue(store)
    assert store.start_run(run_id) == 1
    assert store.next_runs(9) == []
    assert [run["run_id"] for run in store.runs("running")] == [run_id]
    with pytest.raises(ValueError, match=f"run {run_id}, running"):
        store.start_run(run_id)
    assert store.requeue_run(run_id, "The worker died.")
    assert store.run(run_id)["error"] == "The worker died."
    assert store.start_run(run_id) == 2
    assert store.run(run_id)["error"] is None


def test_a_failed_run_says_why_and_can_be_tried_again_from_the_first_attempt(store):
    store.add_video(video())
    run_id = queue(store)
    store.start_run(run_id)
    assert store.fail_run(run_id, "It is empty.")
    run = store.run(run_id)
    assert (run["state"], run["error"], run["finished_at"] >= run["started_at"]) == ("failed", "It is empty.", True)
    assert store.requeue_run(run_id)
    assert store.start_run(run_id) == 1


def test_what_comes_after_a_run_has_ended_changes_nothing(store):
    store.add_video(video())
    cancelled, done = queue(store), queue(store)
    assert store.cancel_run(cancelled)
    assert finish(store, done, emotions=("happy",))
    before = store.runs()
    store.publish()
    assert not store.cancel_run(cancelled) and not store.cancel_run(done)
    assert not store.fail_run(cancelled, "late") and not store.fail_run(done, "late")
    assert not finish(store, cancelled, emotions=("sad",)) and not finish(store, done, emotions=("sad",))
    assert not store.requeue_run(done)
    assert store.runs() == before
    assert count(store, "observation") == 1


def test_a_run_that_is_unknown_is_an_error(store):
    for change in (store.start_run, store.cancel_run, store.requeue_run, lambda run: store.fail_run(run, "x")):
        with pytest.raises(KeyError, match="no run 99"):
            change(99)
    with pytest.raises(KeyError):
        finish(store, 99)


def test_interrupted_runs_start_again_until_their_attempts_are_used_up(store):
    assert store.requeue_interrupted(3) == []
    store.add_video(video())
    tired, fresh, waiting = queue(store), queue(store), queue(store)
    for attempt in range(2):
        assert store.start_run(tired) == attempt + 1
        assert store.requeue_interrupted(3) == [tired]
    store.start_run(tired)
    store.start_run(fresh)
    assert store.requeue_interrupted(3) == [fresh]
    assert [store.run(run)["state"] for run in (tired, fresh, waiting)] == ["failed", "queued", "queued"]
    assert "stopped 3 times" in store.run(tired)["error"]


# --- finished runs


def test_a_run_without_any_frame_can_finish(store):
    store.add_video(video())
    run_id = queue(store)
    assert finish(store, run_id)
    run = store.run(run_id)
    assert (run["state"], run["current"], run["frames_sampled"], run["frames_with_face"]) == ("done", True, 0, 0)
    found = summary(store, run_id)
    assert (found["observations"], found["tracks"], found["mean_valence"], found["happy"]) == (0, 0, None, None)
    assert found["valence_curve"] == [None] * 40


def test_no_face_is_a_finding(store):
    store.add_video(video())
    run_id = queue(store)
    finish(store, run_id, empty_frames=8)
    run = store.run(run_id)
    assert (run["frames_sampled"], run["frames_with_face"]) == (8, 0)
    assert store._read("SELECT coverage FROM video_summary") == [{"coverage": 0.0}]


def test_a_finished_run_is_added_up(store):
    store.add_video(video())
    run_id = queue(store)
    finish(store, run_id, emotions=("happy", "happy", "sad", "neutral"), empty_frames=1)
    run, found = store.run(run_id), summary(store, run_id)
    assert (run["model_id"], run["detector"], run["device"], run["seconds"]) == ("m-1", "haar", "CPU", 1.5)
    assert (run["frames_sampled"], run["frames_with_face"], run["corrupt_packets"]) == (5, 4, 0)
    assert (found["observations"], found["tracks"]) == (4, 1)
    assert [found[name] for name in ("happy", "sad", "neutral", "angry")] == [0.5, 0.25, 0.25, 0.0]
    assert found["mean_valence"] == 0.25  # (1 + 1 - 1 + 0) / 4


def test_shares_count_the_smoothed_emotion_not_the_raw_one(store):
    store.add_video(video())
    run_id = queue(store)
    found = tables(("happy", "sad", "happy"))
    smoothed = pa.array(["happy"] * 3)
    found["observations"] = found["observations"].set_column(
        found["observations"].column_names.index("smoothed"), "smoothed", smoothed
    )
    store.finish_run(run_id, **found, model_id="m", detector="haar", device="CPU", seconds=1.0, corrupt_packets=0)
    assert (summary(store, run_id)["happy"], summary(store, run_id)["sad"]) == (1.0, 0.0)


@pytest.mark.parametrize(
    ("duration_s", "t_s", "parts"),
    [
        (40.0, (0.0, 0.999, 1.0, 39.9), {0: 0.0, 1: 1.0, 39: 0.0}),  # parts of 1 s; the first holds +1 and -1
        (80.0, (0.0, 1.0, 2.0, 79.0), {0: 0.0, 1: 1.0, 39: 0.0}),  # parts of 2 s
        (40.0, (0.0, 20.0, 40.0, 41.0), {0: 1.0, 20: -1.0, 39: 0.5}),  # frames after the end that the file states
        (None, (0.0, 1.0, 2.0, 4.0), {0: 1.0, 10: -1.0, 20: 1.0, 39: 0.0}),  # unknown duration: 4 s, parts of 0.1 s
        (0.0, (0.0, 1.0, 2.0, 4.0), {0: 1.0, 10: -1.0, 20: 1.0, 39: 0.0}),  # a duration of 0 is unknown too
        (None, (0.0, 0.0, 0.0, 0.0), {0: 0.25}),  # all at once
    ],
)
def test_the_curve_has_40_parts_of_the_video(store, duration_s, t_s, parts):
    store.add_video(video(duration_s=duration_s))
    run_id = queue(store)
    finish(store, run_id, emotions=("happy", "sad", "happy", "neutral"), t_s=t_s)
    assert summary(store, run_id)["valence_curve"] == [parts.get(part) for part in range(40)]


def test_rows_go_in_by_name_whatever_their_order(store):
    store.add_video(video())
    run_id = queue(store)
    found = {name: table.select(table.column_names[::-1]) for name, table in tables(("fear",)).items()}
    store.finish_run(run_id, **found, model_id="m", detector="haar", device="CPU", seconds=1.0, corrupt_packets=0)
    [row] = store._read("SELECT * FROM observation")
    assert (row["run_id"], row["frame"], row["fear"], row["angry"], row["face_score"]) == (run_id, 0, 1.0, 0.0, None)
    assert (row["emotion"], row["smoothed"], row["category"], row["valence"]) == ("fear", "fear", "negative", -1.0)


def test_tables_with_other_columns_are_refused(store):
    store.add_video(video())
    run_id = queue(store)
    found = tables(("fear",))
    found["frames"] = found["frames"].drop_columns("faces")
    with pytest.raises(ValueError, match="for table frame. Received: frame, t_s, brightness, sharpness"):
        store.finish_run(run_id, **found, model_id="m", detector="haar", device="CPU", seconds=1.0, corrupt_packets=0)


def test_an_emotion_nobody_knows_stores_nothing(store):
    store.add_video(video())
    run_id = queue(store)
    found = tables(("fear",))
    found["observations"] = found["observations"].set_column(15, "emotion", pa.array(["bored"]))
    with pytest.raises(duckdb.ConversionException, match="bored"):
        store.finish_run(run_id, **found, model_id="m", detector="haar", device="CPU", seconds=1.0, corrupt_packets=0)
    assert (store.run(run_id)["state"], count(store, "frame")) == ("queued", 0)


@pytest.mark.parametrize("table", ["frame", "track", "observation"])
def test_a_finish_that_breaks_in_the_middle_leaves_nothing(store, monkeypatch, table):
    store.add_video(video())
    run_id = queue(store)
    store.start_run(run_id)
    insert = store._insert_arrow

    def break_at(name, *arguments, **constants):
        insert(name, *arguments, **constants)
        if name == table:
            raise MemoryError("in the middle")

    with monkeypatch.context() as patched:
        patched.setattr(store, "_insert_arrow", break_at)
        with pytest.raises(MemoryError):
            finish(store, run_id, emotions=("happy",))
    assert store.run(run_id)["state"] == "running"
    assert [count(store, name) for name in ("frame", "track", "observation", "run_summary")] == [0, 0, 0, 0]
    assert finish(store, run_id, emotions=("happy",))
    assert [count(store, name) for name in ("frame", "track", "observation", "run_summary")] == [1, 1, 1, 1]


def test_the_newest_finished_run_is_the_current_one(store):
    store.add_video(video("v1"))
    other = analysed(store, "v2", "sad")
    old, new, last = queue(store), queue(store), queue(store)
    assert finish(store, old)
    assert store.run(old)["current"]
    assert finish(store, last)
    # One that was overtaken: its results are kept, but the newer ones stay current.
    assert finish(store, new)
    assert [store.run(run)["current"] for run in (old, new, last, other)] == [False, False, True, True]


MANY = """
import sys
from pathlib import Path
from db.store import Store
from tests.db.rows import finish, queue, video
with Store(Path(sys.argv[1])) as store:
    store.requeue_interrupted(99)
    store.add_video(video())
    while True:
        run_id = queue(store)
        store.start_run(run_id)
        finish(store, run_id, emotions=("happy", "sad") * 50)
        print(run_id, flush=True)
"""


def test_kill_9_loses_no_finished_run_and_leaves_no_half_one(home):
    said = []
    for delay_s in (0.004, 0.013):  # into the middle of the next one
        with subprocess.Popen(
            [sys.executable, "-c", MANY, home.store], stdout=subprocess.PIPE, text=True, cwd=REPOSITORY
        ) as process:
            said += [int(process.stdout.readline()) for _ in range(3)]
            time.sleep(delay_s)
            process.kill()
            said += [int(line) for line in process.stdout]
    with Store(home.store) as store:
        done = [run["run_id"] for run in store.runs("done")]
        assert set(said) <= set(done)
        for table, rows in (("observation", 100), ("frame", 100), ("track", 1), ("run_summary", 1)):
            found = store._read(f"SELECT run_id, count(*) AS n FROM {table} GROUP BY run_id ORDER BY run_id")
            assert [(row["run_id"], row["n"]) for row in found] == [(run_id, rows) for run_id in done]
        assert [run["run_id"] for run in store.runs() if run["current"]] == done[-1:]
        assert {run["state"] for run in store.runs()} <= {"done", "queued", "running"}
