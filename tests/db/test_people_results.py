"""Who is who, as pages read it from the published snapshot."""

import math

import pytest

from db import people_results, results
from tests.db.crowd import seen


def name(store, run_id, **labels):
    """Name tracks: t1="Anna"."""
    named = {int(track[1:]): label for track, label in labels.items()}
    edits = [
        {"kind": "name", "track_id": track, "into_id": None, "at_s": None, "name": label}
        for track, label in named.items()
    ]
    store.put_people(run_id, edits, named)


@pytest.fixture
def read(store):
    """Publishes, and calls a function on the snapshot."""

    def read(function, *arguments):
        store.publish()
        with results.connect(store.path.parent / "results.duckdb") as con:
            return function(con, *arguments)

    return read


def test_nothing_was_said(store, read):
    run_id = seen(store, {1: "hh"})
    for function in (people_results.edits, people_results.baselines):
        assert read(function, run_id).empty and read(function, 99).empty
    assert read(people_results.subjects).empty
    assert list(read(people_results.subjects).columns) == ["name", "videos", "tracks", "seconds"]
    assert read(people_results.also_in, "Anna", "v1").empty


def test_edits_come_in_order(store, read):
    run_id = seen(store, {1: "hhhh"})
    given = [
        {"kind": "split", "track_id": 1, "into_id": 2, "at_s": 1.0, "name": None},
        {"kind": "name", "track_id": 1, "into_id": None, "at_s": None, "name": "Anna"},
        {"kind": "name", "track_id": 1, "into_id": None, "at_s": None, "name": None},
    ]
    store.put_people(run_id, given, {})
    found = read(people_results.edits, run_id)
    assert list(found["edit"]) == [1, 2, 3] and list(found["kind"]) == ["split", "name", "name"]
    assert (found.loc[0, "into_id"], found.loc[0, "at_s"]) == (2, 1.0)
    assert found.loc[1, "name"] == "Anna" and math.isnan(found.loc[1, "at_s"])
    assert found["name"].isna().tolist() == [True, False, True]


def test_baselines(store, read):
    run_id = seen(store, {1: "hh", 2: "ss"})
    store.put_baseline(run_id, 2, 0.0, 1.0)
    [row] = read(people_results.baselines, run_id).itertuples(index=False)
    assert tuple(row) == (2, 0.0, 1.0)


def test_the_same_name_is_the_same_person_in_whichever_video(store, read):
    name(store, seen(store, {1: "hhhh", 2: "..ss", 3: "s..."}, "v1"), t1="Anna", t2="Straße")
    name(store, seen(store, {1: "hh", 2: "ss"}, "v2"), t1="STRASSE", t2="anna ")
    name(store, seen(store, {1: "h.", 2: ".h"}, "v3"), t1="Anna", t2="Anna")
    found = read(people_results.subjects).set_index("name")
    # 4 + 2 + 1 + 1 faces of Anna and 2 + 2 of the other, each for half a second.
    assert found.loc["Anna"].tolist() == [3, 4, 4.0]
    assert found.loc["STRASSE"].tolist() == [2, 2, 2.0]
    assert len(found) == 2
    others = read(people_results.also_in, " ANNA", "v2")
    assert others[["video_id", "video", "tracks", "seconds"]].to_numpy().tolist() == [
        ["v3", "v3.mp4", 2, 1.0], ["v1", "v1.mp4", 1, 2.0],
    ]  # fmt: skip


def test_only_the_current_run_of_a_video_counts(store, read):
    name(store, seen(store, {1: "hh"}, "v1"), t1="Anna")
    seen(store, {1: "hh"}, "v1")
    assert read(people_results.subjects).empty


def test_names_from_outside_are_only_names(store, read):
    awkward = "'; DROP TABLE run; -- <b>😀</b>"
    name(store, seen(store, {1: "h"}, "v1"), t1=awkward)
    name(store, seen(store, {1: "h"}, "v2"), t1=awkward)
    assert list(read(people_results.subjects)["name"]) == [awkward]
    assert list(read(people_results.also_in, awkward, "v1")["video_id"]) == ["v2"]
