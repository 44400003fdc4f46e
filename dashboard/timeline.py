"""What the charts of the timeline show, worked out from the faces of a look: pure functions, tables in, tables out.

`rows` are faces as from `look.labelled`: one row per face per sampled frame, with what does not count left out. A face
holds from its frame to the next sampled one. `undecided` counts as one more emotion, in a category of its own.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from dashboard.look import UNDECIDED
from db.emotions import CATEGORIES, CATEGORY, EMOTIONS

# What a screen can show: a chart is 500 to 1,000 pixels wide on most. More points than this on one line only cost time,
# most of it in the browser.
SCREEN_POINTS = 600

# Width of the band about the valence, in seconds, where the look itself has no window (and is not thinned to a wider).
BAND_S = 2.0

# When a frame is called too dark or blurred. Measured on three sample videos, darkened and blurred in steps. As they
# are, mean grey levels are 58 to 146; YuNet begins to miss faces at about 20, and classifiers suffer before that.
# Variances of the Laplacian are 11 to 365 as they are, 13 to 22 after a Gaussian blur of 1 pixel (of a picture 640
# wide), at most 5 after one of 2, and from 3 pixels on faces are missed. Darkness lowers the variance too, so a dark
# frame is not also called blurred. A flat scene can be low as well: the strip says what was measured, no more.
DARK_BELOW = 40.0
BLURRED_BELOW = 10.0

# The rows of the coverage strip, from top to bottom.
ONE, SEVERAL, NONE, DARK, BLURRED, EXCLUDED = (
    "One face", "Several faces", "No face", "Too dark", "Blurred", "Excluded",
)  # fmt: skip
COVERAGE = (ONE, SEVERAL, NONE, DARK, BLURRED, EXCLUDED)


def bin_s(frames: int, from_s: float, to_s: float, points: int = SCREEN_POINTS) -> float | None:
    """How many seconds one point of a line stands for, so that there are at most `points`; None: one frame each."""
    return (to_s - from_s) / points if frames > points else None


def course(rows: pd.DataFrame, from_s: float = 0.0, bin_s: float | None = None, window_s: float = 0.0) -> pd.DataFrame:
    """The course of the emotions, one row per point in order of time; empty without a face.

    Of several faces in a frame, or frames in a bin of `bin_s` seconds (None: a point is a frame), each point is the
    mean. Columns: t_s, end_s (until when it holds), segment (a new number wherever a sampled frame that does not count,
    or without the face, lies between this point and the one before: lines are broken there), the seven probabilities,
    value (the category as -1, 0, +1: the mean over the decided faces, rounded, halves towards 0; NaN where all are
    undecided), valence, low and high (valence less and plus one standard deviation of the raw valences of the faces
    within `window_s` around, of BAND_S if that is 0, or of a bin if that is wider; NaN of a lone face), faces.
    """
    nth, t_s = rows["nth"].to_numpy(), rows["t_s"].to_numpy()
    place = nth if bin_s is None else np.floor((t_s - from_s) / bin_s).astype(int)
    grouped = rows.groupby(place, sort=True)
    points = grouped[[*EMOTIONS, "value", "valence"]].mean()
    points.insert(0, "t_s", grouped["t_s"].min())
    points.insert(1, "end_s", grouped["end_s"].max())
    points["faces"] = grouped.size()
    points["value"] = _rounded(points["value"])
    first, last = grouped["nth"].min().to_numpy(), grouped["nth"].max().to_numpy()
    broken = np.concatenate([[0], np.cumsum(first[1:] - last[:-1] > 1)])[: len(points)]
    points.insert(2, "segment", broken)
    middle = grouped["t_s"].mean().to_numpy()
    deviation = _deviation(t_s, rows["raw_valence"].to_numpy(), middle, max(window_s or BAND_S, bin_s or 0.0))
    points["low"], points["high"] = points["valence"] - deviation, points["valence"] + deviation
    return points.reset_index(drop=True)


def _rounded(mean: pd.Series) -> pd.Series:
    """-1, 0 or +1, halves towards 0; NaN stays."""
    return pd.Series(np.sign(mean).where(mean.abs() > 0.5, mean * 0), index=mean.index) + 0.0


def _deviation(t_s: np.ndarray, values: np.ndarray, at_s: np.ndarray, window_s: float) -> np.ndarray:
    """Standard deviation (of a sample) of the values within window_s / 2 of each moment; NaN of fewer than two."""
    order = np.argsort(t_s, kind="stable")
    t_s, values = t_s[order], values[order].astype(float)
    half = window_s / 2 + 1e-9
    first, last = np.searchsorted(t_s, at_s - half), np.searchsorted(t_s, at_s + half, side="right")
    n = (last - first).astype(float)
    total, squares = (np.concatenate([[0.0], np.cumsum(power)]) for power in (values, values**2))
    spread = (squares[last] - squares[first]) - (total[last] - total[first]) ** 2 / np.maximum(n, 1)
    return np.sqrt(np.maximum(spread, 0.0) / np.where(n > 1, n - 1, np.nan))


def seconds(rows: pd.DataFrame) -> pd.DataFrame:
    """How long each emotion was seen, in the order of EMOTIONS, and last `undecided`; times of several faces add up.

    Columns: emotion, category, seconds, share (of all the seconds, 0 to 1; NaN without a face).
    """
    held = (rows["end_s"] - rows["t_s"]).groupby(rows["label"]).sum()
    names = [*EMOTIONS, UNDECIDED]
    out = pd.DataFrame({"emotion": names, "category": [CATEGORY.get(name, UNDECIDED) for name in names]})
    out["seconds"] = held.reindex(names, fill_value=0.0).to_numpy(float)
    total = out["seconds"].sum()
    out["share"] = out["seconds"] / total if total else np.nan
    return out


def category_seconds(seconds: pd.DataFrame) -> pd.DataFrame:
    """The seconds (as from `seconds`) per category. Columns: category (last: undecided), seconds, share."""
    order = [*CATEGORIES, UNDECIDED]
    return seconds.groupby("category")[["seconds", "share"]].sum(min_count=1).reindex(order).reset_index()


def distribution(rows: pd.DataFrame, part_s: float = 60.0) -> pd.DataFrame:
    """How long each emotion was seen in each part of the video; a face counts in the part in which its frame lies.

    Parts without a face have no row. Columns: start_s (of the part), emotion, seconds; in the order of EMOTIONS.
    """
    start_s = np.floor(rows["t_s"] / part_s) * part_s
    emotion = pd.Categorical(rows["label"], [*EMOTIONS, UNDECIDED])
    held = (rows["end_s"] - rows["t_s"]).rename("seconds")
    sums = held.groupby([start_s.rename("start_s"), pd.Series(emotion, rows.index, name="emotion")], observed=True)
    return sums.sum().reset_index().astype({"emotion": object})


def presence(faces: pd.DataFrame, bridge_s: float = 0.0) -> pd.DataFrame:
    """When each track is in the picture, as unbroken spans in order of track and time.

    faces: as from `db.results.faces` or `look.labelled`. Absences shorter than bridge_s are bridged.
    Columns: track_id, start_s, end_s.
    """
    rows = faces.sort_values(["track_id", "nth"], kind="stable", ignore_index=True)
    track, nth, t_s, end_s = (rows[name].to_numpy() for name in ("track_id", "nth", "t_s", "end_s"))
    away = (nth[1:] - nth[:-1] > 1) & (t_s[1:] - end_s[:-1] >= bridge_s)
    first, last = _stretches(away | (track[1:] != track[:-1]), len(rows))
    return pd.DataFrame({"track_id": track[first], "start_s": t_s[first], "end_s": end_s[last]})


def _stretches(parted: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """The first and the last place of each stretch of n rows; parted (n - 1): whether a row begins a new one."""
    starts = np.concatenate([[0], np.flatnonzero(parted) + 1]) if n else np.array([], int)
    return starts, np.append(starts[1:], n)[: len(starts)] - 1


def coverage(frames: pd.DataFrame, from_s: float = 0.0, to_s: float = float("inf")) -> pd.DataFrame:
    """What was to be seen in each stretch of the video, in the order of COVERAGE and of time.

    frames: as from `db.results.frames`. An excluded frame is only that; any other has one, several or no faces, and may
    be too dark (mean grey level under DARK_BELOW) or else blurred (Laplacian variance under BLURRED_BELOW) besides.
    Columns: what (one of COVERAGE), start_s, end_s.
    """
    rows = frames[(frames["t_s"] >= from_s) & (frames["t_s"] < to_s)]
    counts = ~rows["excluded"]
    which = {
        ONE: counts & (rows["faces"] == 1),
        SEVERAL: counts & (rows["faces"] > 1),
        NONE: counts & (rows["faces"] == 0),
        DARK: counts & (rows["brightness"] < DARK_BELOW),
        BLURRED: counts & (rows["sharpness"] < BLURRED_BELOW) & (rows["brightness"] >= DARK_BELOW),
        EXCLUDED: ~counts,
    }
    nth, t_s, end_s = (rows[name].to_numpy() for name in ("nth", "t_s", "end_s"))
    found = []
    for what, is_so in which.items():
        places = np.flatnonzero(is_so)
        first, last = _stretches(np.diff(nth[places]) != 1, len(places))
        found.append(pd.DataFrame({"what": what, "start_s": t_s[places[first]], "end_s": end_s[places[last]]}))
    return pd.concat(found, ignore_index=True)
