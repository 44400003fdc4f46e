"""How a figure changes over a subject's sessions: the slope by Theil and Sen, and a rolling mean.

The slope is the median of the slopes between all pairs of sessions on different days (Theil 1950, Sen 1968), so that
one odd session does not decide it; the 95 percent interval is Sen's, as `scipy.stats.theilslopes` has it. Time is
counted in whole days: two sessions of one day form no pair. Sen's interval is made of the slopes between pairs, so with
few sessions it can't be wide enough: even from the smallest to the largest it holds the true slope with a probability
of 1 - 2 / n!, which is 67 percent for three sessions and 92 percent for four. From `CERTAIN_FROM` on it can be 95.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from dashboard.measures import MEASURES
from dashboard.study import Group, Study, study

FEWEST = 3
CERTAIN_FROM = 5
CONFIDENCE = 0.95

_EPOCH = pd.Timestamp(0).toordinal()


SESSION_COLUMNS = ("subject", "unit", "group", "at", "day", "dated", *MEASURES)


def sessions(chosen: Study, zone: str) -> pd.DataFrame:
    """Every session of a study, once, in order of subject and time, whatever the unit of the study is.

    zone: the time zone in which days are counted. Columns: subject (None where unknown), unit (the session, for
    people), group (names of the groups it is in, joined), at (when, in that zone, without one), day (days since 1970),
    dated (`recorded` or `added`: a session is dated by the first of its videos, and one without a recording time by
    when it was added), MEASURES.
    """
    if chosen.people.empty:
        return pd.DataFrame(columns=SESSION_COLUMNS)
    everyone = Group("everyone", videos=tuple(dict.fromkeys(chosen.people["video_id"])))
    rows = study(chosen.people, replace(chosen.choice, groups=(everyone,), unit="session")).units
    videos = chosen.people.drop_duplicates("video_id").set_index("video_id")
    moments = videos["recorded_at"].fillna(videos["added_at"])
    groups = (
        chosen.units.explode("video_ids").groupby("video_ids")["group"].agg(lambda names: list(dict.fromkeys(names)))
    )
    first = [moments[ids].idxmin() for ids in rows["video_ids"]]
    at = moments[first].dt.tz_localize("UTC").dt.tz_convert(zone).dt.tz_localize(None)
    return rows.assign(
        group=[", ".join(dict.fromkeys(name for one in ids for name in groups[one])) for ids in rows["video_ids"]],
        at=at.to_numpy(),
        day=[moment.toordinal() - _EPOCH for moment in at],
        dated=["added" if pd.isna(videos.loc[one, "recorded_at"]) else "recorded" for one in first],
    ).sort_values(["subject", "at", "unit"], kind="stable", ignore_index=True)[list(SESSION_COLUMNS)]


@dataclass(frozen=True)
class Trend:
    """The slope of a figure over days.

    slope, low, high: change per `per_days` days, and its interval. sessions: how many there are; span_days: from the
    first to the last; from_day, to_day: these two, from_value, to_value: where the line is on them.
    """

    slope: float
    low: float
    high: float
    per_days: float
    sessions: int
    from_day: float
    to_day: float
    from_value: float
    to_value: float

    @property
    def span_days(self) -> float:
        return self.to_day - self.from_day

    @property
    def coverage(self) -> float:
        """The highest probability that an interval of this many sessions can have."""
        return min(CONFIDENCE, 1 - 2 / math.factorial(min(self.sessions, 20)))

    @property
    def direction(self) -> int:
        """1 where the figure rises, -1 where it falls, 0 where nobody can say."""
        if self.sessions < CERTAIN_FROM or self.low <= 0 <= self.high:
            return 0
        return 1 if self.slope > 0 else -1


def trend(days: np.ndarray, values: np.ndarray, per_days: float = 30.0) -> Trend | None:
    """The slope through a subject's sessions; None with fewer than three, or all of them on one day.

    days: (N,) day of each session, in any order; values: (N,), NaN where a session has none, which then does not count.
    Raises ValueError if the two don't fit.
    """
    days, values = np.asarray(days, np.float64), np.asarray(values, np.float64)
    if days.shape != values.shape or days.ndim != 1:
        raise ValueError(f"A value is needed for each day. Received: {days.shape} days and {values.shape} values")
    if not per_days > 0:
        raise ValueError(f"`per_days` must be above 0. Received: {per_days!r}")
    known = np.isfinite(values)
    days, values = days[known], values[known]
    if len(days) < FEWEST or days.min() == days.max():
        return None
    from scipy import stats

    found = stats.theilslopes(values, days, alpha=CONFIDENCE)
    ends = np.array([days.min(), days.max()])
    line = found.intercept + found.slope * ends
    return Trend(
        *(float(slope * per_days) for slope in (found.slope, found.low_slope, found.high_slope)),
        per_days, len(days), *ends.tolist(), *line.tolist(),
    )  # fmt: skip


def rolling_mean(days: np.ndarray, values: np.ndarray, window_days: float) -> np.ndarray:
    """At each session, the mean over the sessions at most half a window before or after it; (N,), as `values`.

    days: (N,) in any order; values: (N,), NaN where a session has none. NaN where the window has no value.
    Raises ValueError for a window that is not above 0.
    """
    if not window_days > 0:
        raise ValueError(f"`window_days` must be above 0. Received: {window_days!r}")
    days, values = np.asarray(days, np.float64), np.asarray(values, np.float64)
    near = np.abs(days[:, None] - days[None, :]) <= window_days / 2
    known = np.isfinite(values)
    counts = (near & known).sum(axis=1)
    sums = np.where(near & known, np.where(known, values, 0.0), 0.0).sum(axis=1)
    return np.divide(sums, counts, out=np.full(len(days), np.nan), where=counts > 0)
