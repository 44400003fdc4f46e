"""What people marked, as pages read it from the published snapshot."""

import math

import pytest

from db import annotation_results, results
from tests.db import rows


@pytest.fixture
def con(store, home):
    """A snapshot of two videos, one of which has been marked; its run is the first one."""
    run_id = rows.analysed(store, "v1", "happy")
    store.add_video(rows.video("v2"))
    given = [
        {"marker_id": "b", "t_s": 7.5, "end_s": None, "kind": "stimulus", "note": None},
        {"marker_id": "a", "t_s": 2.0, "end_s": 3.5, "kind": "question", "note": "why?"},
    ]
    store.add_markers("v1", given, "srt")
    store.exclude("v1", "r2", 9, 12)
    store.exclude("v1", "r1", 1, 2, "phone")
    store.review(run_id, "peak/happy/1/0.000", True)
    store.publish()
    with results.connect(home.snapshot) as con:
        yield con


def test_of_a_video_that_nobody_marked(con):
    assert annotation_results.markers(con, "v2").empty
    assert annotation_results.excluded(con, "v2").empty
    assert annotation_results.reviewed(con, 99) == set()


def test_markers_in_order_of_time(con):
    found = annotation_results.markers(con, "v1")
    assert list(found.columns) == ["marker_id", "t_s", "end_s", "kind", "note", "source", "made_at"]
    assert found[["marker_id", "t_s", "kind", "note", "source"]].values.tolist() == [
        ["a", 2.0, "question", "why?", "srt"], ["b", 7.5, "stimulus", None, "srt"],
    ]  # fmt: skip
    assert found["end_s"][0] == 3.5 and math.isnan(found["end_s"][1])


def test_excluded_ranges_in_order_of_time(con):
    found = annotation_results.excluded(con, "v1")
    assert list(found.columns) == ["range_id", "from_s", "to_s", "reason", "made_at"]
    assert found[["range_id", "from_s", "to_s", "reason"]].values.tolist() == [
        ["r1", 1.0, 2.0, "phone"], ["r2", 9.0, 12.0, None],
    ]  # fmt: skip


def test_reviewed_moments(con):
    assert annotation_results.reviewed(con, 1) == {"peak/happy/1/0.000"}
