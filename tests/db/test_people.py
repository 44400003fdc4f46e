"""Who is who in a run, as the store keeps it."""

import duckdb
import pyarrow as pa
import pytest

from db.check import check
from tests.db.crowd import seen, stored, who

NAME = {"kind": "name", "track_id": 1, "into_id": None, "at_s": None, "name": "Anna"}
MERGE = {"kind": "merge", "track_id": 2, "into_id": 1, "at_s": None, "name": None}


def merged(store, run_id):
    """The faces of a run with person 2 as person 1, and everybody sad."""
    found = store.found_faces(run_id)
    columns = {"frame": found["frame"], "tracked_as": found["tracked_as"]}
    return pa.table({**columns, "track_id": [1] * len(found), "smoothed": ["sad"] * len(found)})


def wrong(store):
    return [finding for finding in check(store._connection) if finding.wrong]


def test_a_new_run_is_as_the_tracker_found_it(store):
    run_id = seen(store, {1: "hh..", 2: "..ss"})
    assert store.people_edits(run_id) == [] and store.baselines(run_id) == []
    assert store.run(run_id)["people_revision"] == 0
    faces = store.found_faces(run_id)
    assert faces["tracked_as"].to_pylist() == faces["track_id"].to_pylist() == [1, 1, 2, 2]
    assert faces["t_s"].to_pylist() == [0.0, 0.5, 1.0, 1.5]
    assert [track["track_id"] for track in store.tracks(run_id)] == [1, 2]


def test_a_run_that_is_unknown(store):
    assert store.people_edits(7) == [] and len(store.found_faces(7)) == 0
    with pytest.raises(KeyError, match="run 7"):
        store.put_people(7, [], {})
    with pytest.raises(KeyError, match="run 7"):
        store.put_baseline(7, 1, 0.0, 1.0)


def test_a_name_is_the_tracks_label_and_leaves_the_faces_alone(store):
    run_id = seen(store, {1: "hh", 2: "ss"})
    before = stored(store, run_id)
    store.put_people(run_id, [NAME], {1: "Anna"})
    after = stored(store, run_id)
    assert [track["label"] for track in after["track"]] == ["Anna", None]
    assert after["observation"] == before["observation"] and after["run_summary"] == before["run_summary"]
    [edit] = store.people_edits(run_id)
    assert edit.pop("made_at") is not None and edit == NAME
    assert store.run(run_id)["people_revision"] == 1


def test_merging_changes_faces_tracks_and_summary_and_where_they_lie_stays(store):
    first, run_id, last = (seen(store, {1: "hh..n", 2: "..ss."}, name) for name in ("v1", "v2", "v3"))
    others = stored(store, first), stored(store, last)
    before = stored(store, run_id)
    rowids = store._read("SELECT rowid, frame FROM observation WHERE run_id = ? ORDER BY rowid", [run_id])
    store.put_people(run_id, [MERGE], {}, merged(store, run_id))
    assert who(store, run_id) == {1: "sssss"}
    assert {face["category"] for face in stored(store, run_id)["observation"]} == {"negative"}
    [track] = store.tracks(run_id)
    assert (track["first_s"], track["last_s"], track["observations"]) == (0.0, 2.0, 5)
    [summary] = stored(store, run_id)["run_summary"]
    assert (summary["tracks"], summary["sad"], summary["happy"]) == (1, 1.0, 0.0)
    assert summary["mean_valence"] == before["run_summary"][0]["mean_valence"]  # of what the faces show
    assert stored(store, run_id)["frame"] == before["frame"]
    # In place: the rows of a run lie together, and those of others are not touched.
    assert store._read("SELECT rowid, frame FROM observation WHERE run_id = ? ORDER BY rowid", [run_id]) == rowids
    assert (stored(store, first), stored(store, last)) == others
    assert wrong(store) == []


def test_edits_keep_their_order_and_when_they_were_made(store):
    run_id = seen(store, {1: "hh..", 2: "..ss"})
    store.put_people(run_id, [NAME], {1: "Anna"})
    [first] = store.people_edits(run_id)
    store.put_people(run_id, [first, {**NAME, "name": "Berta"}], {1: "Berta"})
    assert [edit["name"] for edit in store.people_edits(run_id)] == ["Anna", "Berta"]
    assert store.people_edits(run_id)[0] == first
    store.put_people(run_id, [], {})
    assert store.people_edits(run_id) == [] and store.tracks(run_id)[0]["label"] is None
    assert store.run(run_id)["people_revision"] == 3


def test_what_breaks_in_the_middle_leaves_everything_as_it_was(store):
    run_id = seen(store, {1: "hh..", 2: "..ss"})
    before = stored(store, run_id)
    bad = merged(store, run_id).set_column(3, "smoothed", pa.array(["bored"] * 4))
    with pytest.raises(duckdb.Error):
        store.put_people(run_id, [MERGE], {}, bad)
    assert stored(store, run_id) == before and store.people_edits(run_id) == []
    assert store.run(run_id)["people_revision"] == 0


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "=1+1", "😀 Zoë", "x" * 200, "'; DROP TABLE run; --"])
def test_names_are_text_and_nothing_else(store, name):
    run_id = seen(store, {1: "h"})
    store.put_people(run_id, [{**NAME, "name": name}], {1: name})
    assert store.tracks(run_id)[0]["label"] == store.people_edits(run_id)[0]["name"] == name


def test_one_baseline_each(store):
    run_id = seen(store, {1: "hh", 2: "ss"})
    store.put_baseline(run_id, 2, 0.0, 1.0)
    store.put_baseline(run_id, 1, 0.0, 0.5)
    store.put_baseline(run_id, 1, 0.5, 1.0)
    assert store.baselines(run_id) == [
        {"track_id": 1, "from_s": 0.5, "to_s": 1.0}, {"track_id": 2, "from_s": 0.0, "to_s": 1.0},
    ]  # fmt: skip
    store.remove_baseline(run_id, 1)
    store.remove_baseline(run_id, 1)
    assert [row["track_id"] for row in store.baselines(run_id)] == [2]


def test_the_baseline_of_one_merged_away_goes_and_the_targets_stays(store):
    run_id = seen(store, {1: "hh..", 2: "..ss"})
    store.put_baseline(run_id, 1, 0.0, 1.0)
    store.put_baseline(run_id, 2, 1.0, 2.0)
    store.put_people(run_id, [MERGE], {}, merged(store, run_id))
    assert store.baselines(run_id) == [{"track_id": 1, "from_s": 0.0, "to_s": 1.0}]


def test_deleting_the_video_takes_its_people_along(store):
    run_id = seen(store, {1: "hh..", 2: "..ss"})
    other = seen(store, {1: "h"}, "v2")
    for run in (run_id, other):
        store.put_people(run, [NAME], {1: "Anna"})
        store.put_baseline(run, 1, 0.0, 1.0)
    store.delete_video("v1")
    assert store.people_edits(run_id) == [] and store.baselines(run_id) == []
    assert len(store.people_edits(other)) == len(store.baselines(other)) == 1


def test_the_check_finds_people_that_nobody_merged_and_baselines_of_nobody(store):
    run_id = seen(store, {1: "hh..", 2: "..ss"})
    store.put_people(run_id, [MERGE], {}, merged(store, run_id))
    store._write("DELETE FROM people_edit")
    store._write("INSERT INTO baseline VALUES (?, 9, 0, 1, now()::TIMESTAMP)", [run_id])
    assert [finding.name for finding in wrong(store)] == [
        "people who were not merged or split are as the tracker found them",
        "every baseline is that of a person, one each",
    ]
