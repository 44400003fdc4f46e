"""Key moments: what in a video is worth looking at first, found in the numbers; nothing here draws or reads.

Three kinds, each for every person by itself. A gap, an excluded range and the edge of the part looked at end whatever
is looked for: nothing is ever said about a time in which nobody was seen.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from scipy.signal import find_peaks

from dashboard.stretches import constant, in_order
from dashboard.words import percent, precise
from db.emotions import EMOTIONS

COLUMNS = ("moment", "kind", "emotion", "track_id", "t_s", "end_s", "strength", "text")

KINDS = {"peak": "Peaks", "change": "Changes of valence", "stretch": "Longest stretches"}

NOUNS = {
    "angry": "anger",
    "disgust": "disgust",
    "fear": "fear",
    "happy": "happiness",
    "sad": "sadness",
    "surprise": "surprise",
    "neutral": "a neutral face",
}

# More points than this in one stretch are averaged in blocks before changes are looked for among them: the time that
# takes grows with their square.
_BLOCKS = 2000


def key_moments(
    labelled: pd.DataFrame,
    *,
    prominence: float = 0.2,
    apart_s: float = 5.0,
    peaks: int = 3,
    shift: float = 0.3,
    hold_s: float = 3.0,
    changes: int = 5,
    stretch_s: float = 1.0,
) -> pd.DataFrame:
    """The key moments of every person, in order of time; no row where there is nothing to say.

    labelled: as from `look.labelled`; peaks and changes are those of its probabilities and valence, smoothed or not.

    - `peak`: the probability of an emotion other than neutral is higher than around it by `prominence` at least
      (0 to 1; how far one must descend before anything higher is reached, `scipy.signal.peak_prominences`; beyond the
      ends of an unbroken stretch lies its lowest value, so that it can peak at its ends). Of each emotion the `peaks`
      strongest that are `apart_s` seconds apart. Strength: the prominence.
    - `change`: the mean of valence shifts. See `change_points` for `hold_s` and `shift`; the `changes` strongest.
      Strength: the difference of the means before and after, without its sign.
    - `stretch`: the longest time for which the label stays the same emotion, if that is `stretch_s` seconds; of
      equally long ones the first. Strength: seconds.

    Columns: moment (the key, as `peak/happy/1/12.500`; for a change as `change/valence/1/12.500`), kind, emotion (None
    for a change), track_id, t_s (a peak's, or the first of the new mean or of the stretch), end_s (of a stretch; else
    of the frame at t_s), strength, text (a sentence; says nothing of who it is).
    """
    rows = in_order(labelled)
    found = [
        *_peaks(rows, prominence, apart_s, peaks),
        *_changes(rows, shift, hold_s, changes),
        *_stretches(rows, stretch_s),
    ]
    keyed = [(f"{kind}/{emotion or 'valence'}/{who}/{t_s:.3f}", kind, emotion, who, t_s, *rest)
             for kind, emotion, who, t_s, *rest in found]  # fmt: skip
    out = pd.DataFrame(keyed, columns=COLUMNS, dtype=object)
    out = out.astype({"track_id": int, "t_s": float, "end_s": float, "strength": float})
    return out.sort_values(["t_s", "track_id", "kind"], kind="stable", ignore_index=True)


def tenths(seconds: float) -> str:
    """A moment of a video to a tenth of a second, where there are any: 65.21 is 1:05.2, 130 is 2:10."""
    return precise(seconds, 1)


def change_points(t_s: np.ndarray, end_s: np.ndarray, values: np.ndarray, shift: float, hold_s: float) -> list[int]:
    """Where the mean of an unbroken stretch of values shifts: the places of the first value of each new mean.

    t_s, end_s, values: float (N,); each value holds from t_s to end_s. The stretch is divided so that the squared
    distance of the values to the mean of their part, times the seconds for which they hold, plus a penalty for each
    part, is least; parts last `hold_s` seconds at least. Found by optimal partitioning (Jackson et al. 2005, IEEE
    Signal Processing Letters 12(2), 105-108). The penalty, hold_s * shift^2 / 2, is what parting two parts of `hold_s`
    seconds whose means differ by `shift` gains: that is the least that counts. Then parts whose means differ by less,
    which gain as much where they are long, are put together, the most alike first. Something shorter than `hold_s`
    counts by what it does to the mean of that many seconds.
    """
    weights = end_s - t_s
    blocks = -(-len(values) // _BLOCKS)
    edges = np.append(np.arange(0, len(values), max(blocks, 1)), len(values))  # of the blocks, among the values
    time = np.concatenate([[0.0], np.cumsum(weights)])  # seconds before each value
    sums = np.concatenate([[0.0], np.cumsum(weights * values)])
    least = hold_s - 1e-9  # a hair less, whatever the rounding of the times
    if time[-1] < 2 * least:
        return []
    # Of the squared distances only -(sum)^2 / seconds differs between divisions.
    at, total, penalty = time[edges], sums[edges], hold_s * shift**2 / 2
    best = np.full(len(edges), np.inf)
    best[0], came_from = 0.0, np.zeros(len(edges), dtype=int)
    for end in range(1, len(edges)):
        begins = np.searchsorted(at, at[end] - least, side="right")  # how many begin early enough
        if begins:
            costs = best[:begins] - (total[end] - total[:begins]) ** 2 / (at[end] - at[:begins]) + penalty
            came_from[end] = costs.argmin()
            best[end] = costs[came_from[end]]
    corners, place = [len(values)], len(edges) - 1
    while place > 0:
        place = came_from[place]
        corners.append(int(edges[place]))
    corners.reverse()
    if blocks > 1:
        corners = _refined(corners, time, sums, least)
    while len(corners) > 2:
        shifts = np.abs(np.diff(np.diff(sums[corners]) / np.diff(time[corners])))
        if shifts.min() >= shift - 1e-9:
            break
        corners.pop(int(shifts.argmin()) + 1)
    return corners[1:-1]


def _refined(corners: list[int], time: np.ndarray, sums: np.ndarray, least: float) -> list[int]:
    """Each corner moved to the very value at which dividing the two parts beside it is best."""
    corners = list(corners)
    for place in range(1, len(corners) - 1):
        first, last = corners[place - 1], corners[place + 1]
        between = np.arange(first + 1, last)
        between = between[(time[between] - time[first] >= least) & (time[last] - time[between] >= least)]
        left, right = time[between] - time[first], time[last] - time[between]
        gain = (sums[between] - sums[first]) ** 2 / left + (sums[last] - sums[between]) ** 2 / right
        corners[place] = int(between[gain.argmax()])
    return corners


def _unbroken(rows: pd.DataFrame) -> list[slice]:
    """The places of the unbroken stretches; rows: as from stretches.in_order."""
    corners = np.append(np.flatnonzero(rows["segment"].diff().to_numpy() != 0), len(rows))
    return [slice(*ends) for ends in zip(corners, corners[1:], strict=False)]


def _peaks(rows: pd.DataFrame, prominence: float, apart_s: float, at_most: int) -> Iterator[tuple]:
    track, t_s, end_s = (rows[name].to_numpy() for name in ("track_id", "t_s", "end_s"))
    unbroken = _unbroken(rows)
    for emotion in EMOTIONS:
        if emotion == "neutral":
            continue
        values = rows[emotion].to_numpy(np.float64)
        tops: list[tuple[float, int]] = []
        for part in unbroken:
            lowest = [values[part].min()]
            if values[part].max() - lowest[0] < prominence:
                continue  # most stretches of a restless video are too flat
            places, about = find_peaks(np.concatenate([lowest, values[part], lowest]), prominence=prominence)
            tops += zip(about["prominences"], places - 1 + part.start, strict=True)
        taken: dict[int, list[float]] = {}  # by person
        for strength, top in sorted(tops, key=lambda top: (-top[0], top[1])):
            others = taken.setdefault(int(track[top]), [])
            if len(others) < at_most and all(abs(t_s[top] - other) >= apart_s - 1e-9 for other in others):
                others.append(t_s[top])
                text = f"{NOUNS[emotion].capitalize()} peaks at {percent(values[top])} at {tenths(t_s[top])}"
                yield "peak", emotion, int(track[top]), t_s[top], end_s[top], float(strength), text


def _changes(rows: pd.DataFrame, shift: float, hold_s: float, at_most: int) -> Iterator[tuple]:
    track, t_s, end_s, valence = (rows[name].to_numpy() for name in ("track_id", "t_s", "end_s", "valence"))
    found: dict[int, list[tuple]] = {}  # by person
    for part in _unbroken(rows):
        inner = change_points(t_s[part], end_s[part], valence[part].astype(np.float64), shift, hold_s)
        corners = [part.start, *(part.start + place for place in inner), part.stop]
        parts = [slice(*ends) for ends in zip(corners, corners[1:], strict=False)]
        means = [float(np.average(valence[one], weights=(end_s - t_s)[one])) for one in parts]
        for before, after, new in zip(means, means[1:], corners[1:], strict=False):
            word = "rises" if after > before else "falls"
            text = f"Valence {word} from {_tenth(before)} to {_tenth(after)} at {tenths(t_s[new])}"
            moment = ("change", None, int(track[new]), t_s[new], end_s[new], abs(after - before), text)
            found.setdefault(int(track[new]), []).append(moment)
    for moments in found.values():
        yield from sorted(moments, key=lambda moment: (-moment[5], moment[3]))[:at_most]


def _tenth(valence: float) -> str:
    """A valence to a tenth, with its sign."""
    return f"{valence:+.1f}".replace("-", "−") if round(valence, 1) else "0.0"


def _stretches(rows: pd.DataFrame, at_least_s: float) -> Iterator[tuple]:
    held = constant(rows, "label")
    held = held[held["value"].isin(EMOTIONS)]
    held = held.assign(seconds=held["end_s"] - held["t_s"])
    held = held[held["seconds"] >= at_least_s - 1e-9].sort_values("seconds", ascending=False, kind="stable")
    for row in held.drop_duplicates(["track_id", "value"]).itertuples():
        text = (
            f"Longest stretch of {NOUNS[row.value]}: {row.seconds:.1f} s from {tenths(row.t_s)} to {tenths(row.end_s)}"
        )
        yield "stretch", row.value, int(row.track_id), float(row.t_s), float(row.end_s), float(row.seconds), text
