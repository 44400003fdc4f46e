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


def _latest_mode(labels: np.ndarray) -> np.ndarray:
    """The most frequent of each label and the four before it; of equally frequent ones the latest seen."""
    modes = np.empty_like(labels)
    for i in range(len(labels)):
        recent = labels[max(0, i + 1 - MODE_WINDOW) : i + 1][::-1]
        names, first, counts = np.unique(recent, return_index=True, return_counts=True)
        modes[i] = names[np.lexsort((first, -counts))[0]]
    return modes
