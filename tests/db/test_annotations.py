"""Markers, excluded ranges and reviewed moments in the store."""

import pytest

from db.annotations import MAX_NOTE, joined, same_marker
from tests.db import rows


@pytest.fixture
def store(store):
    """A store with two videos."""
    for video_id in ("v1", "v2"):
        store.add_video(rows.video(video_id))
    return store


def marker(number, t_s, end_s=None, kind="stimulus", note=None):
    return {"marker_id": f"m{number}", "t_s": t_s, "end_s": end_s, "kind": kind, "note": note}


def markers(store, video_id="v1"):
    query = "SELECT marker_id, t_s, end_s, kind, note, source FROM marker WHERE video_id = ? ORDER BY marker_id"
    return [tuple(row.values()) for row in store._read(query, [video_id])]


def ranges(store, video_id="v1"):
    query = "SELECT from_s, to_s, reason FROM excluded_range WHERE video_id = ? ORDER BY from_s"
    return [tuple(row.values()) for row in store._read(query, [video_id])]


def test_no_markers(store):
    assert store.add_markers("v1", [], "csv") == 0
    assert store.delete_markers([]) == 0
    assert markers(store) == []


def test_markers_are_added_once(store):
    given = [marker(0, 1.5), marker(1, 2.0, 4.25, "question", "why?")]
    assert store.add_markers("v1", given, "csv") == 2
    assert markers(store) == [("m0", 1.5, None, "stimulus", None, "csv"), ("m1", 2.0, 4.25, "question", "why?", "csv")]
    assert store.add_markers("v1", given, "csv") == 0
    # The same under another id, a tenth of a millisecond beside; and twice among those that come.
    again = [marker(2, 1.50004), marker(3, 1.501), marker(4, 1.501), marker(5, 2.0, 4.25, "question")]
    assert store.add_markers("v1", again, "typed") == 2
    assert [row[0] for row in markers(store)] == ["m0", "m1", "m3", "m5"]
    assert store.add_markers("v2", [marker(9, 1.5)], "csv") == 1  # another video has its own


def test_markers_of_a_video_that_is_not_there(store):
    with pytest.raises(KeyError, match="no video 'v9'"):
        store.add_markers("v9", [marker(0, 1.0)], "csv")


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ({"t_s": 1.0, "end_s": None, "kind": "a", "note": None}, True),
        ({"t_s": 1.0, "end_s": float("nan"), "kind": "a", "note": ""}, True),
        ({"t_s": 1.0004, "kind": "a"}, True),
        ({"t_s": 1.001, "kind": "a"}, False),
        ({"t_s": 1.0, "end_s": 1.0, "kind": "a"}, False),
        ({"t_s": 1.0, "kind": "A"}, False),
        ({"t_s": 1.0, "kind": "a", "note": "b"}, False),
    ],
)
def test_what_counts_as_the_same(other, same):
    assert (same_marker({"t_s": 1.0, "end_s": None, "kind": "a", "note": None}) == same_marker(other)) is same


def test_a_marker_is_changed(store):
    store.add_markers("v1", [marker(0, 1.5), marker(1, 3.0)], "csv")
    assert store.marker("m1")["t_s"] == 3.0
    store.change_marker("m1", t_s=5.0, end_s=6.0, kind="question", note="moved")
    assert markers(store)[1] == ("m1", 5.0, 6.0, "question", "moved", "csv")
    assert markers(store)[0][1] == 1.5
    with pytest.raises(KeyError):
        store.change_marker("m9", t_s=5.0, end_s=None, kind="a", note=None)
    assert store.marker("m9") is None


def test_deleting_twice_is_nothing_to_do(store):
    store.add_markers("v1", [marker(0, 1.5), marker(1, 3.0)], "csv")
    assert store.delete_markers(["m0", "m9"]) == 1
    assert store.delete_markers(["m0", "m9"]) == 0
    assert [row[0] for row in markers(store)] == ["m1"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([(1, 2, "a")], [(1, 2, "a")]),
        ([(1, 2, "a"), (3, 4, "b")], [(1, 2, "a"), (3, 4, "b")]),
        ([(1, 2, "a"), (2, 4, "b")], [(1, 4, "a; b")]),  # they touch
        ([(3, 5, "b"), (1, 4, "a")], [(1, 5, "b; a")]),
        ([(1, 9, "a"), (2, 3, None)], [(1, 9, "a")]),  # inside
        ([(2, 3, None), (1, 9, None)], [(1, 9, None)]),
        ([(1, 2, "a"), (3, 4, "b"), (5, 6, "a"), (8, 9, "d"), (2, 5, "c")], [(1, 6, "a; b; c"), (8, 9, "d")]),
    ],
)
def test_ranges_that_overlap_or_touch_become_one(store, given, expected):
    for number, (from_s, to_s, reason) in enumerate(given):
        store.exclude("v1", f"r{number}", from_s, to_s, reason)
    assert ranges(store) == expected


def test_ranges_of_another_video_stay(store):
    store.exclude("v1", "r1", 1, 5)
    store.exclude("v2", "r2", 2, 6)
    assert (ranges(store), ranges(store, "v2")) == ([(1, 5, None)], [(2, 6, None)])
    with pytest.raises(KeyError):
        store.exclude("v9", "r3", 1, 2)


def test_a_range_is_counted_again(store):
    store.exclude("v1", "r1", 1, 5)
    assert store.include("r1") and not store.include("r1")
    assert ranges(store) == []


def test_joined_reasons_stay_within_the_limit():
    assert joined([]) is None and joined([None, ""]) is None
    assert joined(["a; b", "b; c"]) == "a; b; c"
    long = joined(["a" * MAX_NOTE, "b"])
    assert len(long) == MAX_NOTE and long.endswith("a…")


def test_moments_are_ticked(store):
    run_id = rows.analysed(store, "v3", "happy")
    for reviewed in (True, True):
        store.review(run_id, "peak/happy/1/0.000", reviewed)
    assert len(store._read("SELECT * FROM reviewed_moment")) == 1
    store.review(run_id, "peak/happy/1/0.000", False)
    store.review(run_id, "peak/happy/1/0.000", False)
    assert store._read("SELECT * FROM reviewed_moment") == []
    with pytest.raises(KeyError):
        store.review(99, "peak/happy/1/0.000", True)


def test_they_go_with_their_video(store):
    run_id = rows.analysed(store, "v3", "happy")
    store.review(run_id, "peak/happy/1/0.000", True)
    for number, video_id in enumerate(("v1", "v3")):
        store.add_markers(video_id, [marker(number, 1.5)], "csv")
        store.exclude(video_id, f"r{number}", 1, 2)
    store.delete_video("v3")
    left = [store._read(f"SELECT * FROM {table}") for table in ("marker", "excluded_range", "reviewed_moment")]
    assert [len(rows) for rows in left] == [1, 1, 0]
