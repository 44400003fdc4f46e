"""Mean courses of groups around moments: worked out by hand, and the band against SciPy's bootstrap."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from dashboard.aligned import group_courses, unit_courses, windows
from dashboard.event_locked import bin_edges

NAN = math.nan


def units(*rows):
    return pd.DataFrame(rows, columns=["unit", "run_ids", "video_ids"])


def found(*rows):
    return pd.DataFrame(rows, columns=["window", "bin", "total", "faces"])


def moments(*rows):
    return pd.DataFrame(rows, columns=["video_id", "at_s"])


def test_windows_are_looked_at_once_and_belong_to_every_unit():
    chosen = units(("one", [7], ["a"]), ("two", [7, 8], ["a", "b"]), ("three", [9], ["c"]))
    what, where = windows(chosen, moments(("a", 5.0), ("a", 5.0), ("a", 2.0), ("b", 1.0), ("z", 1.0)))
    assert what.values.tolist() == [[0, 7, 2.0], [1, 7, 5.0], [2, 8, 1.0]]
    assert sorted(where.itertuples(index=False, name=None)) == [(0, 0), (0, 1), (1, 0), (1, 1), (1, 2)]


def test_no_windows():
    for chosen, marked in ((units(), moments(("a", 1.0))), (units(("one", [7], ["a"])), moments())):
        what, where = windows(chosen, marked)
        assert what.empty and where.empty
        courses = unit_courses(where, found(), len(chosen), bin_edges(1, 1, 1))
        assert courses.shape == (len(chosen), 2) and np.isnan(courses).all()
    assert group_courses(np.empty((0, 2)), [], bin_edges(1, 1, 1)).empty


def test_mean_within_the_unit_first():
    # Unit 0 has windows 0 (two faces before: 0.2 and 0.4; one after: 0.9) and 1 (after only: 0.1); unit 1 has window 1.
    where = pd.DataFrame({"unit": [0, 0, 1], "window": [0, 1, 1]})
    rows = found((0, -1, 0.6, 2), (0, 0, 0.9, 1), (1, 0, 0.1, 1))
    courses = unit_courses(where, rows, 3, bin_edges(1, 1, 1))
    assert courses == pytest.approx(np.array([[0.3, 0.5], [NAN, 0.1], [NAN, NAN]]), nan_ok=True)


def test_relative_to_what_was_before():
    # Before: faces of 0.2 and 0.4 in one bin, of 0.9 in the other: (0.6 + 0.9) / 3 = 0.5, each face alike.
    where = pd.DataFrame({"unit": [0, 1], "window": [0, 1]})
    rows = found((0, -2, 0.6, 2), (0, -1, 0.9, 1), (0, 0, 0.7, 1), (1, 0, 0.7, 1))
    courses = unit_courses(where, rows, 2, bin_edges(2, 1, 1), relative=True)
    assert courses == pytest.approx(np.array([[-0.2, 0.4, 0.2], [NAN, NAN, NAN]]), nan_ok=True)


def test_groups_by_hand():
    courses = np.array([[0.0, 0.4], [1.0, NAN], [0.3, 0.3]])
    shown = group_courses(courses, ["a", "a", "b"], bin_edges(0, 1, 0.5))
    assert shown[["group", "from_s", "to_s", "at_s", "n"]].values.tolist() == [
        ["a", 0.0, 0.5, 0.25, 2], ["a", 0.5, 1.0, 0.75, 1], ["b", 0.0, 0.5, 0.25, 1], ["b", 0.5, 1.0, 0.75, 1],
    ]  # fmt: skip
    # Two units drawn twice give means of 0, 0.5 and 1, with 1/4, 1/2 and 1/4. One unit has no mean course.
    assert shown[["mean", "low", "high"]].to_numpy()[0].tolist() == [0.5, 0.0, 1.0]
    assert shown[["mean", "low", "high"]].iloc[1:].isna().all(axis=None)


def test_band_is_that_of_scipy():
    values = np.random.default_rng(2).normal(0.2, 0.3, (15, 1))
    shown = group_courses(values, ["a"] * 15, np.array([0.0, 1.0])).iloc[0]
    known = stats.bootstrap((values[:, 0],), np.mean, method="percentile", n_resamples=9999, rng=1).confidence_interval
    assert shown["mean"] == pytest.approx(values.mean())
    assert (shown["low"], shown["high"]) == pytest.approx((known.low, known.high), abs=0.012)
    again = group_courses(values, ["a"] * 15, np.array([0.0, 1.0])).iloc[0]
    assert (again["low"], again["high"]) == (shown["low"], shown["high"])  # a page drawn again says the same


def test_units_without_a_value_do_not_count():
    values = np.array([[0.1], [NAN], [0.3], [NAN], [0.5]])
    alone = group_courses(values[[0, 2, 4]], ["a"] * 3, np.array([0.0, 1.0]))
    assert group_courses(values, ["a"] * 5, np.array([0.0, 1.0])).equals(alone)
