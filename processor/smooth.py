"""From the raw probabilities of single frames to one steady emotion over time, along each track."""

from __future__ import annotations

import numpy as np

MODE_WINDOW = 5  # predictions (system A)


def smooth(t_s: np.ndarray, track: np.ndarray, probabilities: np.ndarray, method: str, window_s: float) -> np.ndarray:
    """The smoothed emotion of each observation, as an index into `db.emotions.EMOTIONS`.

    t_s: float (N,), seconds. track: int (N,). probabilities: float (N, 7), rows sum to 1. N may be 0.
    method `mean`: the largest of the mean probabilities within `window_s` / 2 before and after.
    method `mode`: the most frequent of the last 5 raw emotions (system A); of equals, the latest seen.
    Rows may come in any order; the result, int (N,), has the same one. Raises ValueError for another method.
    """
    if method not in ("mean", "mode"):
        raise ValueError(f"Unknown smoothing. Expected 'mean' or 'mode'. Received: {method!r}")
    smoothed = np.zeros(len(t_s), dtype=np.int64)
    for name in np.unique(track):
        rows = np.flatnonzero(track == name)
        rows = rows[np.argsort(t_s[rows], kind="stable")]
        if method == "mean":
            smoothed[rows] = centred_mean(t_s[rows], probabilities[rows], window_s).argmax(axis=1)
        else:
            smoothed[rows] = _latest_mode(probabilities[rows].argmax(axis=1))
    return smoothed


def centred_mean(t_s: np.ndarray, values: np.ndarray, window_s: float) -> np.ndarray:
    """Mean of `values` (N, K) over all rows within `window_s` / 2 of each row's time; `t_s` (N,) must ascend."""
    # A hair wider, so that a neighbour at exactly half a window counts whatever its rounding.
    half = window_s / 2 + 1e-9
    first = np.searchsorted(t_s, t_s - half, side="left")
    last = np.searchsorted(t_s, t_s + half, side="right")
    total = np.vstack([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0, dtype=np.float64)])
    return (total[last] - total[first]) / (last - first)[:, None]


def softened(t_s: np.ndarray, track: np.ndarray, probabilities: np.ndarray, window_s: float) -> np.ndarray:
    """The centred mean along each track; arguments as for `smooth`. Float (N, 7), in the rows' order."""
    out = np.array(probabilities, dtype=np.float64)
    for name in np.unique(track):
        rows = np.flatnonzero(track == name)
        rows = rows[np.argsort(t_s[rows], kind="stable")]
        out[rows] = centred_mean(t_s[rows], out[rows], window_s)
    return out


def labels(
    t_s: np.ndarray, track: np.ndarray, probabilities: np.ndarray, stored: np.ndarray, method: str, window_s: float,
    threshold: float,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """What each observation is called under a method, and how probable that is.

    stored: the emotions as the analysis smoothed them, as indices; the other arguments as for `smooth`. method
    `stored`, `raw`, `mean` (over window_s) or `mode`; probabilities are softened over window_s with `mean`, and with
    `stored` where that is above 0. Returns emotions as indices, -1 (undecided) where even the strongest one is less
    probable than `threshold`, and the probability of each, or of the strongest where it is undecided.
    """
    if window_s > 0 and method in ("mean", "stored"):
        probabilities = softened(t_s, track, probabilities, window_s)
    strongest = probabilities.max(axis=1, initial=0.0)
    if method == "stored":
        chosen = np.array(stored, dtype=np.int64)
    elif method == "mode":
        chosen = smooth(t_s, track, probabilities, "mode", window_s)
    else:
        chosen = probabilities.argmax(axis=1)
    undecided = strongest < threshold
    shown = np.where(undecided, strongest, probabilities[np.arange(len(chosen)), chosen])
    return np.where(undecided, -1, chosen), shown


def _latest_mode(labels: np.ndarray) -> np.ndarray:
    """The most frequent of each label and the four before it; of equally frequent ones the latest seen."""
    recent = np.full((MODE_WINDOW, len(labels)), -1)  # row k: the label k places before
    for back in range(min(MODE_WINDOW, len(labels))):
        recent[back, back:] = labels[: len(labels) - back]
    counts = np.where(recent < 0, 0, (recent[:, None] == recent[None]).sum(axis=1))
    return recent[counts.argmax(axis=0), np.arange(len(labels))]  # the first of equals is the latest
