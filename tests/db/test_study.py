"""What runs and people are added up to, and that it stays true whatever is changed; figures worked out by hand."""

import pyarrow as pa
import pytest

from db.check import check
from db.store import Store
from processor.carry_over import carry_over
from processor.people import store_people
from tests.db.crowd import seen
from tests.db.rows import analysed, finish, queue, video


def people(store, run_id):
    """{track: (observations, seconds, happy, sad, valence)}"""
    rows = store._read("SELECT * FROM track_summary WHERE run_id = ? ORDER BY track_id", [run_id])
    names = ("observations", "seconds", "happy", "sad", "valence")
    return {
        row["track_id"]: tuple(None if row[name] is None else round(row[name], 4) for name in names) for row in rows
    }


def quality(store, run_id):
    """(frames, frames_with_face, seconds, excluded_s)"""
    [row] = store._read("SELECT * FROM run_quality WHERE run_id = ?", [run_id])
    return row["frames"], row["frames_with_face"], row["seconds"], row["excluded_s"]


def wrong(store):
    return [finding for finding in check(store._connection) if finding.wrong]


def edit(kind, track_id, **fields):
    return {"kind": kind, "track_id": track_id, "into_id": None, "at_s": None, "name": None, **fields}


def test_frames_of_half_a_second(store):
    run_id = seen(store, {1: "hhs.n", 2: "..ss."})
    assert quality(store, run_id) == (5, 5, 2.5, 0.0)
    assert people(store, run_id) == {1: (4, 2.0, 0.5, 0.25, 0.25), 2: (2, 1.0, 0.0, 1.0, -1.0)}
    [row] = store._read("SELECT brightness, sharpness, face_px, face_score FROM run_quality")
    assert row == pytest.approx({"brightness": 100.0, "sharpness": 10.0, "face_px": 40.0, "face_score": 0.9})


def test_a_frame_stands_for_the_time_to_the_next_and_the_last_for_one_step(store):
    store.add_video(video())
    run_id = queue(store, sample_fps=4.0)
    finish(store, run_id, emotions=("happy", "sad", "happy"), t_s=(0.0, 0.5, 2.0))
    assert quality(store, run_id) == (3, 3, 2.25, 0.0)
    # happy for 0.5 + 0.25 of 2.25 s, sad for 1.5 s
    assert people(store, run_id) == {1: (3, 2.25, 0.3333, 0.6667, -0.3333)}


def test_shares_are_of_the_smoothed_labels_and_means_of_what_faces_show(store):
    run_id = seen(store, {1: "hsh"}, smoothed={1: "hhh"})
    [row] = store._read("SELECT * FROM track_summary WHERE run_id = ?", [run_id])
    assert (row["happy"], row["sad"]) == (1.0, 0.0)
    assert (row["p_happy"], row["p_sad"]) == pytest.approx((2 / 3, 1 / 3))


def test_the_median_is_that_of_the_frames_and_faces_that_count(store):
    store.add_video(video())
    run_id = queue(store)
    found = {
        "frames": [
            {"frame": i, "t_s": i / 2, "faces": 1, "brightness": light, "sharpness": sharp}
            for i, (light, sharp) in enumerate([(10.0, 1.0), (20.0, 9.0), (60.0, 2.0), (200.0, 500.0)])
        ],
        "tracks": [{"track_id": 1, "first_s": 0.0, "last_s": 1.5, "observations": 4}],
        "observations": [
            {"frame": i, "t_s": i / 2, "track_id": 1, "x": 0.0, "y": 0.0, "w": w, "h": w, "face_score": score,
             **dict.fromkeys(("angry", "disgust", "fear", "happy", "sad", "surprise"), 0.0), "neutral": 1.0,
             "emotion": "neutral", "smoothed": "neutral", "category": "neutral", "valence": 0.0}
            for i, (w, score) in enumerate([(30.0, 0.5), (50.0, 0.7), (40.0, 0.9), (900.0, 0.1)])
        ],
    }  # fmt: skip
    store.finish_run(
        run_id, **{name: pa.Table.from_pylist(rows) for name, rows in found.items()}, model_id="m-1",
        detector="yunet", device="CPU", seconds=1.0, corrupt_packets=0,
    )  # fmt: skip
    store.exclude("v1", "r", 1.5, 9.0)
    [row] = store._read("SELECT brightness, sharpness, face_px, face_score FROM run_quality")
    assert row == pytest.approx({"brightness": 30.0, "sharpness": 2.0, "face_px": 40.0, "face_score": 0.7})


@pytest.mark.parametrize("frames", [0, 3])
def test_nobody_was_seen(store, frames):
    store.add_video(video())
    run_id = queue(store)
    finish(store, run_id, empty_frames=frames)
    assert quality(store, run_id) == (frames, 0, frames / 2, 0.0) and people(store, run_id) == {}
    assert wrong(store) == []


def test_excluding_and_including(store):
    run_id, other = seen(store, {1: "hhs.n", 2: "..ss."}), seen(store, {1: "h"}, "v2")
    store.exclude("v1", "a", 1.0, 1.5)  # the frame at 1.0 s, not that at 1.5 s
    assert quality(store, run_id) == (4, 4, 2.0, 0.5)
    assert people(store, run_id) == {1: (3, 1.5, 0.6667, 0.0, 0.6667), 2: (1, 0.5, 0.0, 1.0, -1.0)}
    store.exclude("v1", "b", 1.5, 2.0)  # touches the first: now they are one
    assert quality(store, run_id) == (3, 3, 1.5, 1.0)
    assert people(store, run_id)[2] == (0, 0.0, None, None, None)  # still in the run, but not in what counts
    assert people(store, other) == {1: (1, 0.5, 1.0, 0.0, 1.0)}
    assert wrong(store) == []
    assert store.include("b")
    assert quality(store, run_id) == (5, 5, 2.5, 0.0)
    assert people(store, run_id)[2] == (2, 1.0, 0.0, 1.0, -1.0)
    assert not store.include("b") and wrong(store) == []


def test_two_ranges_apart_and_everything_excluded(store):
    run_id = seen(store, {1: "hhssn"})
    store.exclude("v1", "a", 0.0, 0.5)
    store.exclude("v1", "b", 2.0, 2.5)
    assert (quality(store, run_id), people(store, run_id)) == ((3, 3, 1.5, 1.0), {1: (3, 1.5, 0.3333, 0.6667, -0.3333)})
    store.exclude("v1", "c", 0.0, 99.0)
    assert (quality(store, run_id), people(store, run_id)) == ((0, 0, 0.0, 2.5), {1: (0, 0.0, None, None, None)})
    [row] = store._read("SELECT brightness, sharpness, face_px, face_score FROM run_quality")
    assert set(row.values()) == {None} and wrong(store) == []


def test_a_range_counts_for_every_run_of_the_video_before_and_after(store):
    before = seen(store, {1: "hhss"})
    store.exclude("v1", "a", 0.0, 1.0)
    after = seen(store, {1: "hhss"})
    assert people(store, before) == people(store, after) == {1: (2, 1.0, 0.0, 1.0, -1.0)}


def test_merging_splitting_and_undoing(store):
    run_id = seen(store, {1: "hh..", 2: "..ss"}, smoothing="mean:0s")
    store.exclude("v1", "r", 0.0, 0.5)
    merge, split = edit("merge", 2, into_id=1), edit("split", 1, at_s=1.5, into_id=3)
    store_people(store, store.run(run_id), [merge])
    assert people(store, run_id) == {1: (3, 1.5, 0.3333, 0.6667, -0.3333)}
    store_people(store, store.run(run_id), [merge, split])
    assert people(store, run_id) == {1: (2, 1.0, 0.5, 0.5, 0.0), 3: (1, 0.5, 0.0, 1.0, -1.0)}
    assert wrong(store) == []
    store_people(store, store.run(run_id), [])
    assert people(store, run_id) == {1: (1, 0.5, 1.0, 0.0, 1.0), 2: (2, 1.0, 0.0, 1.0, -1.0)}
    assert wrong(store) == []


def test_names_that_go_over_to_a_new_run(store):
    before = seen(store, {1: "hh..", 2: "..ss"})
    store_people(store, store.run(before), [edit("name", 1, name="Anna")])
    run_id = seen(store, {1: "hhss"})
    assert carry_over(store, store.run(before), store.run(run_id)) == 0  # half of the faces are not more than half
    again = seen(store, {1: "hh..", 2: "..ss"})
    assert carry_over(store, store.run(before), store.run(again)) == 1
    assert people(store, again) == people(store, before) == {1: (2, 1.0, 1.0, 0.0, 1.0), 2: (2, 1.0, 0.0, 1.0, -1.0)}
    assert wrong(store) == []


def test_a_change_that_breaks_leaves_the_figures_as_they_were(store):
    run_id = seen(store, {1: "hh"})
    with pytest.raises(RuntimeError), store.transaction():
        store.exclude("v1", "a", 0.0, 0.5)
        assert quality(store, run_id)[3] == 0.5
        raise RuntimeError
    assert quality(store, run_id) == (2, 2, 1.0, 0.0)


def test_deleting_the_video_takes_its_figures_along(store):
    for name in ("v1", "v2"):
        analysed(store, name, "happy")
    store.delete_video("v1")
    for table in ("run_quality", "track_summary"):
        assert [row["run_id"] for row in store._read(f"SELECT run_id FROM {table}")] == [2]


def test_a_store_from_before_gets_its_figures_when_it_is_opened(store):
    for name in ("v1", "v2"):
        seen(store, {1: "hhs.n", 2: "..ss."}, name)
    store.exclude("v2", "a", 0.0, 1.0)
    tables = ("run_quality", "track_summary")
    before = {table: store._read(f"SELECT * FROM {table} ORDER BY ALL") for table in tables}
    for table in tables:
        store._write(f"DELETE FROM {table}")
    path = store.path
    store.close()
    with Store(path) as again:
        assert {table: again._read(f"SELECT * FROM {table} ORDER BY ALL") for table in tables} == before
        assert again.add_up_what_is_missing() == 0


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("UPDATE run_quality SET seconds = 9", "run_quality agrees with the frames and faces that count"),
        ("UPDATE run_quality SET sharpness = NULL", "run_quality agrees with the frames and faces that count"),
        ("DELETE FROM run_quality", "run_quality agrees with the frames and faces that count"),
        ("UPDATE track_summary SET happy = 0.9", "track_summary agrees with the observations that count"),
        ("UPDATE track_summary SET seconds = 0", "track_summary agrees with the observations that count"),
        ("DELETE FROM track_summary", "track_summary agrees with the observations that count"),
        ("INSERT INTO track_summary FROM track_summary", "track_summary agrees with the observations that count"),
        ("UPDATE track_summary SET track_id = 7", "track_summary agrees with the observations that count"),
        ("INSERT INTO run_quality BY NAME SELECT * REPLACE (9 AS run_id) FROM run_quality",
         "every row belongs to a finished run"),
    ],
)  # fmt: skip
def test_the_check_finds_figures_that_are_wrong(store, damage, said):
    seen(store, {1: "hhs.n"})
    store._write(damage)
    assert [finding.name for finding in wrong(store)] == [said]
