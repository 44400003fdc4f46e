"""The mean course of groups around a moment of each session: a stimulus, a question, a start.

A face counts in the window and the bin in which it lies; a window's value in a bin is the mean over its faces. A unit
(a session, or a subject) with several windows has the mean of those that have a value there, so that everybody counts
once. A group's curve is the mean over its units; it ends where fewer than `FEWEST` units have a value.

The band is a percentile bootstrap over units (Efron 1979): the group is drawn again `RESAMPLES` times with replacement,
whole units with their whole course, and the band holds the middle 95 percent of the means in each bin by itself. With a
handful of units it is too narrow; below `ENOUGH` the page says so.

Relative to before: from every window its mean over the faces before the moment is taken away first; a window that has
none does not count.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

FEWEST = 2
ENOUGH = 5
RESAMPLES = 2000

_CLOSE = 1e-6


def windows(units: pd.DataFrame, moments: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The windows to look at, and which unit each belongs to.

    units: rows with run_ids and video_ids (lists of the same length). moments: video_id, at_s; those of one video that
    coincide count once. Returns (windows: window, run_id, at_s, each once; places: unit (the place of the row in
    units), window).
    """
    moments = moments[["video_id", "at_s"]].drop_duplicates()
    runs = pd.DataFrame(
        [
            (place, run_id, video_id)
            for place, (run_ids, video_ids) in enumerate(zip(units["run_ids"], units["video_ids"], strict=True))
            for run_id, video_id in zip(run_ids, video_ids, strict=True)
        ],
        columns=["unit", "run_id", "video_id"],
    ).drop_duplicates()
    pairs = runs.merge(moments, on="video_id").sort_values(["run_id", "at_s", "unit"], ignore_index=True)
    pairs["window"] = pairs.groupby(["run_id", "at_s"], sort=True).ngroup().astype(np.int64)
    found = pairs[["window", "run_id", "at_s"]].drop_duplicates(ignore_index=True)
    return found, pairs[["unit", "window"]]


def unit_courses(
    places: pd.DataFrame, found: pd.DataFrame, units: int, edges: np.ndarray, relative: bool = False
) -> np.ndarray:
    """The course of every unit, (units, bins), NaN where it has no value.

    places: as from `windows`. found: as from `course_results.around`, bins counted from the moment; edges: (bins + 1,)
    as from `event_locked.bin_edges`. relative: minus each window's mean before the moment.
    """
    left, bins = int((edges < -_CLOSE).sum()), len(edges) - 1
    size = 0 if places.empty else int(places["window"].max()) + 1
    flat = found["window"].to_numpy(np.int64) * bins + found["bin"].to_numpy(np.int64) + left
    total = np.bincount(flat, found["total"].to_numpy(np.float64), minlength=size * bins).reshape(-1, bins)
    faces = np.bincount(flat, found["faces"].to_numpy(np.float64), minlength=size * bins).reshape(-1, bins)
    values = _ratio(total, faces)
    if relative:
        before = _ratio(total[:, :left].sum(axis=1), faces[:, :left].sum(axis=1))
        values = values - before[:, None]
    of = values[places["window"].to_numpy(np.int64)]
    sums, counts = np.zeros((units, bins)), np.zeros((units, bins))
    np.add.at(sums, places["unit"].to_numpy(np.int64), np.nan_to_num(of))
    np.add.at(counts, places["unit"].to_numpy(np.int64), ~np.isnan(of))
    return _ratio(sums, counts)


def group_courses(courses: np.ndarray, groups: Sequence[str], edges: np.ndarray, seed: int = 0) -> pd.DataFrame:
    """The mean course of each group, in the order in which they occur.

    courses: (units, bins), as from `unit_courses`; groups: of each unit. Columns: group, from_s, to_s, at_s (the bin
    and its middle, relative to the moment), mean, low, high (NaN where fewer than `FEWEST` units have a value), n
    (units that have one).
    """
    names = np.asarray(groups, dtype=object)
    bins = {"from_s": edges[:-1], "to_s": edges[1:], "at_s": (edges[:-1] + edges[1:]) / 2}
    parts = []
    for group in dict.fromkeys(groups):
        of = courses[names == group]
        known = ~np.isnan(of)
        n = known.sum(axis=0)
        mean = np.where(n >= FEWEST, _ratio(np.nan_to_num(of).sum(axis=0), n), np.nan)
        low, high = _band(of[known.any(axis=1)], np.random.default_rng(seed))
        parts.append(pd.DataFrame({"group": group, **bins, "mean": mean, "low": low, "high": high, "n": n}))
    columns = ["group", *bins, "mean", "low", "high", "n"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def _band(values: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The interval of the mean over the rows of (n, bins) in each column; NaN with fewer than `FEWEST` values there."""
    n, bins = values.shape
    low, high = np.full((2, bins), np.nan)
    known = ~np.isnan(values)
    enough = known.sum(axis=0) >= FEWEST
    if not enough.any():
        return low, high
    drawn = rng.multinomial(n, np.full(n, 1 / n), size=RESAMPLES).astype(np.float64)
    # A resample without anybody who has a value in a bin says nothing on that bin.
    means = _ratio(drawn @ np.nan_to_num(values[:, enough]), drawn @ known[:, enough])
    low[enough], high[enough] = np.nanpercentile(means, [2.5, 97.5], axis=0)
    return low, high


def _ratio(sums: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Sums by counts; NaN where there is nothing."""
    return np.divide(sums, counts, out=np.full(np.shape(sums), np.nan), where=counts > 0)
