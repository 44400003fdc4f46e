"""What people show around moments, added up in bins: by hand, and against what is computed of all faces of a run."""

import numpy as np
import pandas as pd
import pytest

from dashboard.event_locked import event_locked
from dashboard.look import Look, labelled
from db import course_results, results
from tests.dashboard.conftest import finish
from tests.db import rows


def windows(*found):
    return pd.DataFrame(found, columns=["window", "run_id", "at_s"])


def people(*found):
    return pd.DataFrame(found, columns=["run_id", "track_id"])


@pytest.fixture
def runs(store):
    """Two videos of 4 s, a face every half second: v1 happy, then sad from 2 s, of which 2.5 to 3 s do not count."""
    one = rows.analysed(store, "v1", *["happy"] * 4, *["sad"] * 4)
    two = rows.analysed(store, "v2", *["surprise"] * 4, *["neutral"] * 4)
    store.exclude("v1", "r1", 2.5, 3, "phone")
    store.add_markers("v1", [{"marker_id": name, "t_s": t_s, "end_s": None, "kind": kind, "note": None}
                             for name, t_s, kind in (("m2", 2.0, "smile"), ("m1", 0.5, "frown"))], "csv")  # fmt: skip
    return one, two


@pytest.fixture
def con(store, home, runs):
    store.publish()
    with results.connect(home.snapshot) as con:
        yield con


def found(con, runs, measure="valence", values="share", at_s=2.0, window=(1, 1.5, 1.0)):
    one, two = runs
    asked = windows((0, one, at_s), (1, two, at_s))
    shown = course_results.around(con, asked, people((one, 1), (two, 1)), measure, values, *window)
    return shown.values.tolist()


def test_by_hand(con, runs):
    # v1 from 1 to 2: happy twice; from 2: sad at 2.0, 2.5 does not count; 3.0 lies in the last bin, cut at 3.5.
    assert found(con, runs) == [
        [0, -1, 2.0, 2], [0, 0, -1.0, 1], [0, 1, -1.0, 1], [1, -1, 2.0, 2], [1, 0, 0.0, 2], [1, 1, 0.0, 1],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("measure", "totals"),
    [
        ("happy", [2, 0, 0, 0, 0, 0]),
        ("positive", [2, 0, 0, 2, 0, 0]),
        ("negative", [0, 1, 1, 0, 0, 0]),
        ("neutral", [0, 0, 0, 0, 2, 1]),
    ],
)
def test_measures(con, runs, measure, totals):
    # Every probability in these runs is 0 or 1, as is every label.
    for values in ("share", "probability"):
        assert [row[2] for row in found(con, runs, measure, values)] == totals


def test_windows_that_overlap_and_leave_the_video(con, runs):
    one, _ = runs
    asked = windows((0, one, 0.25), (1, one, 0.5), (2, one, 50.0))
    shown = course_results.around(con, asked, people((one, 1)), "valence", "share", 1, 0.5, 1)
    assert shown.values.tolist() == [[0, -1, 1.0, 1], [0, 0, 1.0, 1], [1, -1, 1.0, 1], [1, 0, 1.0, 1]]


def test_only_people_asked_for(con, runs):
    one, two = runs
    nobody = course_results.around(con, windows((0, one, 2.0)), people((two, 1), (one, 2)), "valence", "share", 1, 1, 1)
    assert nobody.empty and list(nobody.columns) == ["window", "bin", "total", "faces"]
    assert course_results.around(con, windows(), people(), "valence", "share", 1, 1, 1).empty


def test_what_there_is_not(con, runs):
    for measure, values in (("joy", "share"), ("happy", "mode"), ("valence); DROP TABLE run; --", "share")):
        with pytest.raises(ValueError, match="There is no measure"):
            found(con, runs, measure, values)


def test_markers_of_several_videos(con):
    assert course_results.marked(con, ["v2", "v1"]).values.tolist() == [["v1", 0.5, "frown"], ["v1", 2.0, "smile"]]
    assert course_results.marked(con, []).empty


@pytest.mark.parametrize("measure", ["valence", "happy"])
def test_the_same_as_around_markers_of_one_video(store, home, measure):
    store.add_video(rows.video("v1", duration_s=60.0))
    run = store.queue_run("v1", sample_fps=2.0, smoothing="mean:1.5s")
    store.start_run(run)
    finish(store, run)
    store.exclude("v1", "r1", 35, 37.5)
    store.publish()
    events, window = [5.1, 20.0, 33.3, 36.0, 59.9], (3, 4, 0.7)
    with results.connect(home.snapshot) as con:
        faces = labelled(results.faces(con, run), Look(None, "raw", 0.0, 0.0))
        asked = windows(*((place, run, at_s) for place, at_s in enumerate(events)))
        shown = course_results.around(con, asked, people((run, 1), (run, 2)), measure, "probability", *window)
    known = event_locked(faces, events, *window).course
    known = known[known["measure"] == measure]
    means = (shown["total"] / shown["faces"]).groupby(shown["bin"])
    left = 5  # bins before
    assert means.mean().to_numpy() == pytest.approx(known["mean"].to_numpy())
    assert means.count().to_numpy().tolist() == known["n"].tolist()
    assert np.array_equal(means.mean().index + left, np.arange(len(known)))
