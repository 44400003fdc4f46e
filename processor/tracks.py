"""Who is who from frame to frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

# A face that was seen `gap` seconds ago may have moved REACH + SPEED * gap face widths from where it is expected.
REACH = 0.8
SPEED = 0.6
# Lost for longer than this, a face that appears is a new one.
MAX_GAP_S = 4.0
# Between two sightings a face grows or shrinks by less than this factor.
MAX_GROWTH = 2.0
# A distance of one face width weighs as much as no overlap at all.
_IMPOSSIBLE = 1e6


@dataclass
class _Track:
    track_id: int
    t_s: float
    box: np.ndarray  # x, y, w, h in pixels
    velocity: np.ndarray  # of the centre, pixels a second


class Tracker:
    """Gives every face of every frame the number of its track, from 1, in order of appearance.

    Faces are matched to tracks by overlap and by distance from where each track's motion would have brought it
    (Hungarian assignment). A face that leaves and returns within a few seconds near where it left keeps its number.
    """

    def __init__(self):
        self._tracks: list[_Track] = []
        self._next_id = 1

    def update(self, t_s: float, boxes: np.ndarray) -> np.ndarray:
        """boxes: float (N, 4), x, y, width, height in pixels; N may be 0. Returns int32 (N,). `t_s` must ascend."""
        self._tracks = [track for track in self._tracks if t_s - track.t_s <= MAX_GAP_S]
        ids = np.zeros(len(boxes), dtype=np.int32)
        if len(boxes) and self._tracks:
            cost = np.array([[_cost(track, t_s, box) for box in boxes] for track in self._tracks])
            for row, column in zip(*linear_sum_assignment(cost), strict=True):
                if cost[row, column] < _IMPOSSIBLE:
                    ids[column] = self._tracks[row].track_id
                    _move(self._tracks[row], t_s, boxes[column])
        for column in np.flatnonzero(ids == 0):
            ids[column] = self._next_id
            self._tracks.append(_Track(self._next_id, t_s, boxes[column].astype(float), np.zeros(2)))
            self._next_id += 1
        return ids


def iou(a: np.ndarray, b: np.ndarray) -> float:
    """Intersection over union of two boxes (x, y, width, height), 0 to 1."""
    overlap = np.minimum(a[:2] + a[2:], b[:2] + b[2:]) - np.maximum(a[:2], b[:2])
    if (overlap <= 0).any():
        return 0.0
    shared = overlap.prod()
    return float(shared / (a[2:].prod() + b[2:].prod() - shared))


def _cost(track: _Track, t_s: float, box: np.ndarray) -> float:
    """How unlikely it is that `box` is this track's face: 0 is where it was expected, larger is worse."""
    gap_s = t_s - track.t_s
    growth = max(box[2] / track.box[2], track.box[2] / box[2])
    # Motion carries on for a moment, not for seconds: people turn back.
    expected = track.box.copy()
    expected[:2] += track.velocity * min(gap_s, 0.5)
    width = (box[2] + track.box[2]) / 2
    nearest = min(np.hypot(*(_centre(box) - _centre(where))) / width for where in (expected, track.box))
    if growth > MAX_GROWTH or nearest > REACH + SPEED * gap_s:
        return _IMPOSSIBLE
    return nearest + (1 - iou(expected, box)) + np.log(growth)


def _move(track: _Track, t_s: float, box: np.ndarray) -> None:
    gap_s = t_s - track.t_s
    if gap_s > 0:
        track.velocity = (_centre(box) - _centre(track.box)) / gap_s
    track.t_s, track.box = t_s, box.astype(float)


def _centre(box: np.ndarray) -> np.ndarray:
    return box[:2] + box[2:] / 2
