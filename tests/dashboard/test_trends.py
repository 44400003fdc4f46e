"""Slopes over sessions: worked out by hand, against SciPy, and against simulated subjects."""

import math

import numpy as np
import pytest
from scipy import stats

from dashboard.trends import rolling_mean, trend


@pytest.mark.parametrize(
    ("days", "values"),
    [
        ([], []),
        ([1, 2], [0.1, 0.2]),
        ([1, 2, 3], [0.1, np.nan, 0.2]),  # a session without a value is none
        ([4, 4, 4, 4], [0.1, 0.2, 0.3, 0.4]),  # all on one day
    ],
)
def test_no_slope(days, values):
    assert trend(np.array(days), np.array(values)) is None


def test_slope_by_hand():
    # Pairs: (1-0)/10, (5-0)/20, (5-1)/10 = 0.1, 0.25, 0.4 a day; the median is 0.25, 7.5 in 30 days.
    found = trend([20, 0, 10], [5.0, 0.0, 1.0], per_days=30)
    assert (found.slope, found.low, found.high) == pytest.approx((7.5, 3.0, 12.0))
    assert (found.sessions, found.span_days, found.per_days) == (3, 20, 30)
    # The line goes through the medians, day 10 and 1.0: at day 0 it is 1 - 2.5, at day 20 1 + 2.5.
    assert (found.from_value, found.to_value) == pytest.approx((-1.5, 3.5))
    assert found.coverage == pytest.approx(2 / 3) and found.direction == 0


def test_two_sessions_of_one_day_form_no_pair():
    # Pairs between days: (2-0)/1 and (6-0)/1; between the two of day 1 there is none.
    found = trend([0, 1, 1], [0.0, 2.0, 6.0], per_days=1)
    assert (found.slope, found.low, found.high) == (4.0, 2.0, 6.0)


def test_per_week_and_per_thirty_days_are_the_same_slope():
    rng = np.random.default_rng(3)
    days, values = rng.integers(0, 200, 12), rng.normal(size=12)
    week, month = trend(days, values, 7), trend(days, values, 30)
    assert [week.slope * 30, week.low * 30, week.high * 30] == pytest.approx(
        [side * 7 for side in (month.slope, month.low, month.high)]
    )
    assert (week.from_value, week.to_value) == (month.from_value, month.to_value)
    known = stats.theilslopes(values, days, alpha=0.95)
    assert [week.slope, week.low, week.high] == pytest.approx(
        [known.slope * 7, known.low_slope * 7, known.high_slope * 7]
    )


def test_one_odd_session_does_not_decide():
    days = np.arange(0, 70, 7)
    values = 0.01 * days
    values[4] = 50.0
    found = trend(days, values, per_days=7)
    assert found.slope == pytest.approx(0.07, abs=0.001) and found.direction == 1


def test_direction_only_where_the_interval_says_so():
    assert trend(np.arange(8), -np.arange(8.0)).direction == -1
    assert trend(np.arange(8), [0, 1, 0, 1, 0, 1, 0, 1.0]).direction == 0
    assert trend(np.arange(4), np.arange(4.0)).direction == 0  # four sessions can't give 95 percent
    assert trend(np.arange(4), np.arange(4.0)).coverage == pytest.approx(11 / 12)


def test_the_interval_holds_the_true_slope_as_often_as_it_says():
    rng = np.random.default_rng(5)
    days, held = np.arange(10) * 7, 0
    for _ in range(600):
        found = trend(days, 0.02 * days + rng.normal(size=10), per_days=1)
        held += found.low <= 0.02 <= found.high
    assert 0.923 <= held / 600 <= 0.977  # three standard errors either way


def test_rolling_mean_by_hand():
    days, values = [0, 10, 20, 100], [1.0, 3.0, np.nan, 9.0]
    assert rolling_mean(days, values, 20).tolist() == [2.0, 2.0, 3.0, 9.0]
    found = rolling_mean(days, values, 5)
    assert found[[0, 1, 3]].tolist() == [1.0, 3.0, 9.0] and math.isnan(found[2])
    assert rolling_mean([], [], 5).tolist() == []


def test_bad_input():
    with pytest.raises(ValueError, match="A value is needed for each day"):
        trend([1, 2, 3], [0.1, 0.2])
    with pytest.raises(ValueError, match="per_days"):
        trend([1, 2, 3], [0.1, 0.2, 0.3], 0)
    with pytest.raises(ValueError, match="window_days"):
        rolling_mean([1], [1], 0)
