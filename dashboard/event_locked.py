"""What faces show around events of one type: the course averaged over events, and before against after.

Every event counts once, however many faces were seen around it. For an event e and a bin [a, b) of seconds relative to
it, the value is the mean over all faces with e + a <= t_s < e + b; an event without a face there, because the window
leaves the video, is excluded or shows nobody, does not count in that bin.

Over the n events that count, with mean m and standard deviation s (divisor n - 1), the 95 percent interval is Student's
m ± t(0.975; n - 1) · s / √n; with fewer than two events there is none. It takes the values of the events as normal and
independent, which they are less the more their windows overlap. Before against after is the paired version: for each
event with faces on both sides the mean of [e, e + after_s) minus that of [e - before_s, e), then the same interval over
these differences (Student 1908).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from db.emotions import EMOTIONS

MEASURES = ("valence", *EMOTIONS)
CONFIDENCE = 0.95
MAX_BINS = 1000

_CLOSE = 1e-6  # seconds; sums of decimal fractions are not exact, and no two frames are that close


@dataclass(frozen=True)
class EventLocked:
    """What `event_locked` found.

    course: a row for each measure and bin: measure (`valence` or an emotion), from_s, to_s and at_s (the bin and its
    middle, relative to the event), mean, low, high (its interval), n (events with a face in the bin). NaN where there
    is none. change: a row for each measure: before, after (means over the events that have both), difference (after
    minus before), low, high (its interval), n. events: how many there are, moments that coincide counted once; seen:
    how many have a face in their window; overlapping: how many
    have a window that overlaps that of the one before.
    """

    course: pd.DataFrame
    change: pd.DataFrame
    events: int
    seen: int
    overlapping: int


def event_locked(
    labelled: pd.DataFrame, events_s: Sequence[float], before_s: float, after_s: float, bin_s: float = 0.5
) -> EventLocked:
    """The values around events, averaged over them.

    labelled: as from `dashboard.look.labelled`, in order of t_s. events_s: seconds, in any order. before_s, after_s:
    the window, above 0; bin_s: width of a bin; bins meet at the event, and the outermost end with the window.
    Raises ValueError for a window, a width or a time that can't be, or more than MAX_BINS bins.
    """
    for name, value in (("before_s", before_s), ("after_s", after_s)):
        if not 0 < value < math.inf:
            raise ValueError(f"`{name}` must be above 0. Received: {value!r}")
    edges = bin_edges(before_s, after_s, bin_s)
    left, right = int((edges < -_CLOSE).sum()), int((edges > _CLOSE).sum())
    events = np.unique(np.asarray(events_s, np.float64))
    if not np.isfinite(events).all():
        raise ValueError(f"Events must be finite numbers of seconds. Received: {events_s!r}")

    event, row, since_s = _pairs(labelled["t_s"].to_numpy(np.float64), events, before_s, after_s)
    place = np.clip(np.floor(since_s / bin_s + _CLOSE).astype(int) + left, 0, left + right - 1)
    is_after = (since_s > -_CLOSE).astype(int)
    courses, changes = [], []
    for measure in MEASURES:
        values = labelled[measure].to_numpy(np.float64)[row]
        means = _means(event, place, values, (len(events), left + right))
        courses.append({"measure": measure, **_interval(means)})
        sides = _means(event, is_after, values, (len(events), 2))
        sides = sides[~np.isnan(sides).any(axis=1)]
        found = _interval(sides[:, 1:] - sides[:, :1])
        changes.append(
            {
                "measure": measure,
                "before": sides[:, 0].mean() if len(sides) else np.nan,
                "after": sides[:, 1].mean() if len(sides) else np.nan,
                "difference": found["mean"][0],
                **{name: found[name][0] for name in ("low", "high", "n")},
            }
        )
    bins = {"from_s": edges[:-1], "to_s": edges[1:], "at_s": (edges[:-1] + edges[1:]) / 2}
    course = pd.concat([pd.DataFrame(bins | one) for one in courses], ignore_index=True)
    return EventLocked(
        course[["measure", "from_s", "to_s", "at_s", "mean", "low", "high", "n"]],
        pd.DataFrame(changes),
        events=len(events),
        seen=len(np.unique(event)),
        overlapping=int((np.diff(events) < before_s + after_s).sum()),
    )


def bin_edges(before_s: float, after_s: float, bin_s: float) -> np.ndarray:
    """The edges of the bins around an event, in seconds relative to it: they meet at 0, and the outermost end with the
    window. One side may be 0. Raises ValueError for a window or a width that can't be, or more than MAX_BINS bins.
    """
    for name, value in (("before_s", before_s), ("after_s", after_s)):
        if not 0 <= value < math.inf:
            raise ValueError(f"`{name}` must be 0 or above. Received: {value!r}")
    for name, value in (("before_s + after_s", before_s + after_s), ("bin_s", bin_s)):
        if not 0 < value < math.inf:
            raise ValueError(f"`{name}` must be above 0. Received: {value!r}")
    left, right = (math.ceil(side / bin_s - _CLOSE) for side in (before_s, after_s))
    if left + right > MAX_BINS:
        raise ValueError(f"At most {MAX_BINS} bins are possible. Received: {left + right}")
    return np.clip(np.arange(-left, right + 1) * bin_s, -before_s, after_s)


def _pairs(
    t_s: np.ndarray, events: np.ndarray, before_s: float, after_s: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Every pair of an event and a row in its window: place of the event, place of the row, seconds since the event."""
    first = np.searchsorted(t_s, events - before_s - _CLOSE)
    count = np.searchsorted(t_s, events + after_s - _CLOSE) - first
    event = np.repeat(np.arange(len(events)), count)
    row = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count) + np.repeat(first, count)
    return event, row, t_s[row] - events[event]


def _means(event: np.ndarray, place: np.ndarray, values: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """The mean of the values of each event in each place, of that shape; NaN where there are none."""
    flat, known = event * shape[1] + place, ~np.isnan(values)
    counts = np.bincount(flat[known], minlength=shape[0] * shape[1])
    sums = np.bincount(flat[known], values[known], minlength=shape[0] * shape[1])
    return np.divide(sums, counts, out=np.full(len(sums), np.nan), where=counts > 0).reshape(shape)


def _interval(means: np.ndarray) -> dict[str, np.ndarray]:
    """Mean over the rows (events) of each column, its interval, and how many rows count there."""
    known = ~np.isnan(means)
    n = known.sum(axis=0)
    blank = np.full(means.shape[1], np.nan)
    mean = np.divide(np.where(known, means, 0.0).sum(axis=0), n, out=blank.copy(), where=n > 0)
    squares = (np.where(known, means - mean, 0.0) ** 2).sum(axis=0)
    several = n > 1
    error = np.sqrt(np.divide(squares, n * (n - 1.0), out=blank.copy(), where=several))
    reach = stats.t.ppf((1 + CONFIDENCE) / 2, np.where(several, n - 1, 1)) * error
    return {"mean": mean, "low": mean - reach, "high": mean + reach, "n": n}
