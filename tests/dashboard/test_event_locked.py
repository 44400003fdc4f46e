"""Averages around events: values worked out by hand, and intervals against SciPy's and NumPy's own."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from dashboard.event_locked import MEASURES, bin_edges, event_locked
from db.emotions import EMOTIONS


def faces(t_s, valence, **emotions):
    """Rows as from dashboard.look.labelled, as far as they are needed here."""
    rows = pd.DataFrame({"t_s": np.asarray(t_s, float), "valence": np.asarray(valence, float)})
    return rows.assign(**{name: emotions.get(name, 0.0) for name in EMOTIONS})


def course(found, measure="valence"):
    return found.course[found.course["measure"] == measure].reset_index(drop=True)


def change(found, measure="valence"):
    return found.change.set_index("measure").loc[measure]


def test_without_faces_or_events():
    for rows, events in ((faces([], []), []), (faces([], []), [1.0]), (faces([1.0], [0.5]), [])):
        found = event_locked(rows, events, 1, 1)
        assert (found.events, found.seen, found.overlapping) == (len(events), 0, 0)
        assert list(found.change["measure"]) == list(MEASURES) and found.change["n"].eq(0).all()
        assert found.course["mean"].isna().all() and found.course["n"].eq(0).all()


def test_one_event_by_hand():
    # A face each half second; the event is at 10 s.
    rows = faces([8.5, 9.0, 9.5, 10.0, 10.5, 11.0], [9, 0.1, 0.3, 0.5, 0.7, 9], happy=0.25)
    found = event_locked(rows, [10.0], 1, 1, bin_s=0.5)
    shown = course(found)
    assert shown[["from_s", "to_s", "at_s"]].values.tolist() == [
        [-1, -0.5, -0.75], [-0.5, 0, -0.25], [0, 0.5, 0.25], [0.5, 1, 0.75],
    ]  # fmt: skip
    assert shown["mean"].tolist() == [0.1, 0.3, 0.5, 0.7]
    assert shown["n"].tolist() == [1, 1, 1, 1]
    assert shown[["low", "high"]].isna().all(axis=None)  # one event has no spread
    after = change(found)
    assert after[["before", "after", "difference"]].tolist() == pytest.approx([0.2, 0.6, 0.4])
    assert after["n"] == 1 and math.isnan(after["low"])
    assert change(found, "happy")[["before", "after", "difference"]].tolist() == [0.25, 0.25, 0.0]
    assert (found.events, found.seen, found.overlapping) == (1, 1, 0)


def test_mean_and_interval_are_those_of_scipy():
    # Three events; values of each constant on both sides: before 0, 0.1, 0.2; after 0.3, 0.1, 0.5.
    before, after = [0.0, 0.1, 0.2], [0.3, 0.1, 0.5]
    events = [10.0, 20.0, 30.0]
    t_s = [second for event in events for second in (event - 1, event)]
    found = event_locked(faces(t_s, np.ravel([before, after], order="F")), [30.0, 10.0, 20.0], 1, 1, bin_s=1)
    for place, values in enumerate((before, after)):
        row = course(found).iloc[place]
        low, high = stats.t.interval(0.95, 2, np.mean(values), stats.sem(values))
        assert row[["mean", "low", "high", "n"]].tolist() == pytest.approx([np.mean(values), low, high, 3])
    paired = stats.ttest_rel(after, before)
    low, high = paired.confidence_interval(0.95)
    row = change(found)
    # By hand: differences 0.3, 0, 0.3 have the mean 0.2 and the standard error 0.1; t(0.975; 2) is 4.303.
    assert row[["difference", "low", "high"]].tolist() == pytest.approx([0.2, low, high])
    assert row["high"] == pytest.approx(0.2 + 4.303 * 0.1, abs=1e-4)
    assert row[["before", "after"]].tolist() == pytest.approx([0.1, 0.3])


def test_events_count_only_where_data_is():
    # The first event's window begins before the video; the second one's after is excluded; the third sees nobody.
    t_s = [0.0, 0.5, 1.0, 19.0, 19.5]
    found = event_locked(faces(t_s, [0.2, 0.4, 0.6, -0.2, -0.4]), [0.5, 20.0, 50.0], 1, 1, bin_s=0.5)
    shown = course(found)
    assert shown["n"].tolist() == [1, 2, 1, 1]
    assert shown["mean"].tolist() == pytest.approx([-0.2, (0.2 - 0.4) / 2, 0.4, 0.6])
    row = change(found)
    assert row[["before", "after", "difference", "n"]].tolist() == pytest.approx([0.2, 0.5, 0.3, 1])
    assert (found.events, found.seen) == (3, 2)


def test_every_event_counts_once_however_many_faces():
    # Four faces around the first event, one around the second: the mean is that of the events, not of the faces.
    found = event_locked(faces([10.0, 10.0, 10.5, 10.5, 20.0], [1, 0, 1, 0, 0]), [10.0, 20.0], 1, 1, bin_s=1)
    assert course(found)["mean"][1] == 0.25
    assert course(found)["n"][1] == 2


def test_moments_that_coincide_are_one_event_and_overlap_is_counted():
    found = event_locked(faces([10.0], [0.5]), [10.0, 10.0, 11.5, 40.0], 1, 1)
    assert (found.events, found.seen, found.overlapping) == (3, 1, 1)


def test_bins_meet_at_the_event_and_end_with_the_window():
    # Sums such as 0.1 + 0.2 fall into the bin where they belong, and what lies outside of the window in none.
    t_s = 5 + np.arange(-12, 13) / 10
    found = event_locked(faces(t_s, np.arange(-12, 13)), [5.0], 0.7, 0.7, bin_s=0.3)
    shown = course(found)
    assert shown["from_s"].tolist() == pytest.approx([-0.7, -0.6, -0.3, 0, 0.3, 0.6])
    assert shown["to_s"].tolist() == pytest.approx([-0.6, -0.3, 0, 0.3, 0.6, 0.7])
    assert shown["mean"].tolist() == [-7, -5, -2, 1, 4, 6]
    assert change(found)[["before", "after"]].tolist() == [-4, 3]


def test_against_a_plain_loop():
    random = np.random.default_rng(4)
    t_s = np.sort(random.uniform(0, 300, 900))
    rows = faces(t_s, random.normal(size=900), **{name: random.uniform(size=900) for name in EMOTIONS})
    events = random.uniform(0, 300, 25)
    found = event_locked(rows, events, 3, 5, bin_s=1)
    for measure in ("valence", "sad"):
        shown = course(found, measure)
        for place, begin in enumerate(range(-3, 5)):
            values = [rows.loc[(t_s >= event + begin) & (t_s < event + begin + 1), measure].mean() for event in events]
            values = np.array(values)[~np.isnan(values)]
            low, high = stats.t.interval(0.95, len(values) - 1, values.mean(), stats.sem(values))
            expected = [values.mean(), low, high, len(values)]
            assert shown.iloc[place][["mean", "low", "high", "n"]].tolist() == pytest.approx(expected)


def test_many_events_in_a_long_video():
    rows = faces(np.arange(0, 7200, 0.5), np.zeros(14400))
    found = event_locked(rows, np.arange(10_000) * 0.72, 30, 30, bin_s=0.5)
    assert found.events == 10_000 and len(course(found)) == 120
    assert course(found)["mean"].abs().max() == 0


@pytest.mark.parametrize(
    ("events", "window", "told"),
    [
        ([1.0], (0, 1, 0.5), "`before_s` must be above 0"),
        ([1.0], (1, -1, 0.5), "`after_s` must be above 0"),
        ([1.0], (1, math.inf, 0.5), "`after_s` must be above 0"),
        ([1.0], (1, math.nan, 0.5), "`after_s` must be above 0"),
        ([1.0], (1, 1, 0), "`bin_s` must be above 0"),
        ([1.0], (60, 60, 0.01), "At most 1000 bins are possible. Received: 12000"),
        ([math.nan], (1, 1, 0.5), "Events must be finite"),
    ],
)
def test_what_can_not_be(events, window, told):
    with pytest.raises(ValueError, match=told):
        event_locked(faces([1.0], [0.5]), events, *window)


def test_bins_may_begin_at_the_event():
    assert bin_edges(0, 1, 0.5).tolist() == [0.0, 0.5, 1.0]
    assert bin_edges(1, 0.7, 0.5).tolist() == [-1.0, -0.5, 0.0, 0.5, 0.7]
    for window in ((0, 0, 1), (-1, 1, 1), (1, 1, 0), (1, math.inf, 1), (1, 1000, 0.5)):
        with pytest.raises(ValueError, match="Received"):
            bin_edges(*window)
