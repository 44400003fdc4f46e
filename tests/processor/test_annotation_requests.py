"""Requests about markers, excluded ranges and reviewed moments: applied once, or refused with a sentence."""

import json
import re

import pytest

from db.store import Store
from processor import spool
from processor.config import Home
from tests.db import rows
from tests.processor.bench import Bench


class AnnotationBench(Bench):
    def markers(self):
        query = "SELECT marker_id, t_s, end_s, kind, note, source FROM marker ORDER BY t_s, marker_id"
        return [tuple(row.values()) for row in self.store._read(query)]

    def ranges(self):
        return [tuple(row.values()) for row in self.store._read("SELECT from_s, to_s, reason FROM excluded_range")]


@pytest.fixture(scope="module")
def shared_bench(tmp_path_factory):
    """With one video of 40 s."""
    home = Home(tmp_path_factory.mktemp("bench") / "home").create()
    with Store(home.store) as store:
        store.add_video(rows.video("v1"))
        yield AnnotationBench(home, store)


@pytest.fixture
def bench(shared_bench):
    """The bench with nothing marked in its video."""
    for table in ("marker", "excluded_range", "reviewed_moment"):
        shared_bench.store._write(f"DELETE FROM {table}")
    return shared_bench


def add(bench, *markers, source="typed"):
    return bench.apply("markers_add", video_id="v1", markers=list(markers), source=source)


def test_markers_are_added_with_ids_of_the_request(bench):
    state, _, request_id = add(
        bench, {"t_s": 1.5, "kind": " stimulus "}, {"t_s": 2, "end_s": 4.0, "kind": "question", "note": "why?\0"},
        {"t_s": 40.9, "end_s": 40.9, "kind": "end", "note": "  "}, source="csv",
    )  # fmt: skip
    assert state == "applied"
    assert bench.markers() == [
        (f"{request_id}-0", 1.5, None, "stimulus", None, "csv"),
        (f"{request_id}-1", 2.0, 4.0, "question", "why?", "csv"),
        (f"{request_id}-2", 40.9, None, "end", None, "csv"),  # as long as a moment; up to a second beyond is fine
    ]


def test_applied_but_not_cleared_up(bench):
    """Killed between the commit and the clearing up: the request lies there still, and must not count twice."""
    spool.submit(bench.home.spool, "markers_add", video_id="v1", markers=[{"t_s": 1, "kind": "a"}], source="typed")
    (path,) = spool.pending(bench.home.spool)
    kept = path.read_text()
    bench.requests.apply_all()
    path.write_text(kept)
    bench.requests.apply_all()
    assert len(bench.markers()) == 1 and not path.exists()


def test_the_very_same_markers_again_add_nothing(bench):
    given = [{"t_s": number / 10, "kind": "a", "note": "b"} for number in range(20)]
    add(bench, *given, source="csv")
    state, _, request_id = add(bench, *given, {"t_s": 30.0, "kind": "a"}, source="csv")
    (entry,) = bench.store._read("SELECT request FROM request_log WHERE request_id = ?", [request_id])
    logged = json.loads(entry["request"])
    assert (state, logged["asked"], logged["added"]) == ("applied", 21, 1)
    assert "markers" not in logged  # they have a table of their own
    assert len(bench.markers()) == 21


@pytest.mark.slow
def test_ten_thousand_markers_at_once_and_not_one_more(bench):
    given = [{"t_s": number / 1000, "kind": "a"} for number in range(10_001)]
    assert add(bench, *given[:-1])[0] == "applied"
    assert len(bench.markers()) == 10_000
    state, reason, _ = add(bench, *given)
    assert state == "refused" and "10000" in reason and len(reason) < 300


@pytest.mark.parametrize(
    ("marker", "told"),
    [
        ({"t_s": 41.5, "kind": "a"}, "Marker 2 lies beyond the end of v1.mp4: it is at 41.500 s, and the video is 40"),
        ({"t_s": 1, "end_s": 99, "kind": "a"}, "Marker 2 lies beyond the end of v1.mp4"),
        ({"t_s": -0.1, "kind": "a"}, "`markers.1.t_s`: Input should be greater than or equal to 0. Received: '-0.1'"),
        ({"t_s": float("nan"), "kind": "a"}, "`markers.1.t_s`: Input should be a finite number"),
        ({"t_s": float("inf"), "kind": "a"}, "`markers.1.t_s`: Input should be a finite number"),
        ({"t_s": "1", "kind": "a"}, "`markers.1.t_s`: Input should be a valid number"),
        ({"t_s": True, "kind": "a"}, "`markers.1.t_s`: Input should be a valid number"),
        ({"t_s": 1}, "`markers.1.kind`: Field required. Received: nothing"),
        ({"t_s": 1, "kind": " \0"}, "`markers.1.kind`: it must be text that is not empty."),
        ({"t_s": 1, "kind": "a" * 201}, "`markers.1.kind`: it must be at most 200 characters long, and has 201"),
        (
            {"t_s": 1, "kind": "a", "note": "n" * 2001},
            "`markers.1.note`: it must be at most 2,000 characters long, and has 2,001",
        ),
        ({"t_s": 2, "end_s": 1, "kind": "a"}, "`markers.1`: the marker ends .* before it begins"),
        ({"t_s": 1, "kind": "a", "colour": "red"}, "`markers.1.colour`: "),
        (7, "`markers.1`: "),
    ],
)
def test_bad_markers_are_refused_with_all_that_came_with_them(bench, marker, told):
    state, reason, _ = add(bench, {"t_s": 1, "kind": "good"}, marker)
    assert state == "refused" and re.search(told, reason), reason
    assert len(reason) < 400
    assert bench.markers() == []


@pytest.mark.parametrize(
    ("payload", "told"),
    [
        ({"video_id": "v9"}, "There is no video 'v9'."),
        ({"video_id": 1}, "`video_id`: Input should be a valid string"),
        ({"source": "hearsay"}, "`source`: Input should be 'typed'"),
        ({"markers": []}, "`markers`: List should have at least 1 item"),
        ({"markers": {"t_s": 1}}, "`markers`: Input should be a valid list"),
        ({"more": 1}, "`more`: Extra inputs are not permitted"),
    ],
)
def test_other_fields_are_checked_too(bench, payload, told):
    given = {"video_id": "v1", "markers": [{"t_s": 1, "kind": "a"}], "source": "typed"} | payload
    state, reason, _ = bench.apply("markers_add", **given)
    assert state == "refused" and told in reason, reason


def test_a_video_of_unknown_length_has_no_end(bench):
    if bench.store.video("v2") is None:
        bench.store.add_video(rows.video("v2", duration_s=None))
    state, _, _ = bench.apply("markers_add", video_id="v2", markers=[{"t_s": 1e6, "kind": "a"}], source="typed")
    assert state == "applied"


def test_a_marker_is_changed(bench):
    _, _, request_id = add(bench, {"t_s": 1, "end_s": 3, "kind": "a", "note": "n"})
    marker_id = f"{request_id}-0"
    for changes, expected in (
        ({"t_s": 2.5}, (2.5, 3.0, "a", "n")),  # what is not named stays
        ({"t_s": 5, "end_s": 7}, (5.0, 7.0, "a", "n")),
        ({"end_s": None, "note": None}, (5.0, None, "a", None)),
        ({"kind": "b", "note": "other"}, (5.0, None, "b", "other")),
    ):
        assert bench.apply("marker_change", marker_id=marker_id, changes=changes)[0] == "applied"
        assert bench.markers() == [(marker_id, *expected, "typed")]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, "`changes`: it is empty"),
        ({"t_s": None}, "`changes`: `t_s` can't be taken away"),
        ({"kind": None}, "`changes`: `kind` can't be taken away"),
        ({"kind": ""}, "`changes.kind`: "),
        ({"t_s": 3.5}, "The marker ends (`end_s` 3) before it begins (`t_s` 3.5)."),
        ({"end_s": 0.5}, "The marker ends (`end_s` 0.5) before it begins"),
        ({"end_s": 50}, "The marker lies beyond the end of v1.mp4"),
        ({"note": "n" * 2001}, "`changes.note`: "),
        ({"video_id": "v2"}, "`changes.video_id`: Extra inputs are not permitted"),
    ],
)
def test_bad_changes_are_refused(bench, changes, told):
    _, _, request_id = add(bench, {"t_s": 1, "end_s": 3, "kind": "a"})
    before = bench.markers()
    state, reason, _ = bench.apply("marker_change", marker_id=f"{request_id}-0", changes=changes)
    assert state == "refused" and told in reason, reason
    assert bench.markers() == before


def test_a_marker_that_somebody_else_deleted(bench):
    state, reason, _ = bench.apply("marker_change", marker_id="gone", changes={"t_s": 1})
    assert (state, reason) == ("refused", "There is no marker 'gone': it has been deleted, so it was not changed.")
    assert bench.apply("markers_delete", marker_ids=["gone"])[0] == "applied"


def test_markers_are_deleted(bench):
    _, _, request_id = add(bench, *({"t_s": number, "kind": "a"} for number in range(3)))
    ids = [f"{request_id}-0", f"{request_id}-2"]
    for _ in range(2):
        assert bench.apply("markers_delete", marker_ids=ids)[0] == "applied"
        assert [row[1] for row in bench.markers()] == [1.0]
    assert bench.apply("markers_delete", marker_ids=[])[0] == "refused"


def test_ranges_are_excluded_merged_and_counted_again(bench):
    assert bench.apply("exclude", video_id="v1", from_s=1, to_s=3.5, reason=" phone ")[0] == "applied"
    _, _, range_id = bench.apply("exclude", video_id="v1", from_s=3, to_s=5, reason="door")
    assert bench.ranges() == [(1.0, 5.0, "phone; door")]
    for _ in range(2):
        assert bench.apply("include", range_id=range_id)[0] == "applied"
        assert bench.ranges() == []


@pytest.mark.parametrize(
    ("payload", "told"),
    [
        ({"to_s": 2}, "The range must end (`to_s` 2) after it begins (`from_s` 2)."),
        ({"to_s": 1}, "The range must end (`to_s` 1) after it begins (`from_s` 2)."),
        ({"to_s": 42}, "The range lies beyond the end of v1.mp4"),
        ({"from_s": -1}, "`from_s`: "),
        ({"to_s": float("nan")}, "`to_s`: Input should be a finite number"),
        ({"reason": "r" * 2001}, "`reason`: "),
        ({"video_id": "v9"}, "There is no video 'v9'."),
    ],
)
def test_bad_ranges_are_refused(bench, payload, told):
    state, reason, _ = bench.apply("exclude", **{"video_id": "v1", "from_s": 2, "to_s": 4} | payload)
    assert state == "refused" and told in reason, reason
    assert bench.ranges() == []


def test_moments_are_ticked(bench):
    run_id = rows.queue(bench.store)
    moment = "peak/happy/1/12.500"
    for reviewed, count in ((True, 1), (True, 1), (False, 0), (False, 0)):
        assert bench.apply("review", run_id=run_id, moment=moment, reviewed=reviewed)[0] == "applied"
        assert len(bench.store._read("SELECT * FROM reviewed_moment")) == count
    assert bench.apply("review", run_id=999, moment=moment, reviewed=True)[1] == "There is no run 999."
    for payload in ({"run_id": True}, {"reviewed": 1}, {"moment": ""}, {"moment": "m" * 201}):
        state, reason, _ = bench.apply("review", **{"run_id": run_id, "moment": moment, "reviewed": True} | payload)
        assert state == "refused" and f"`{next(iter(payload))}`" in reason
