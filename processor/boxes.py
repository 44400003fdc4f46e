"""Where each face is at any moment of a video, from the frames that were looked at."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from processor.tracks import MAX_GAP_S

# Between two sights of a face that lie at most so many steps apart, its box moves evenly from one to the other.
JOINED_STEPS = 1.5
# Shares of a box by which it is enlarged on each side, to blur hair, ears and chin too.
BLUR_MARGIN = 0.3


class Boxes:
    """The faces of a run. faces: columns track_id (N,), t_s (N,), until_s (N,), in order of track and time.

    xywh: float (N, 4), pixels as displayed: left, top, width, height. step_s: seconds between frames looked at.
    """

    def __init__(self, track_id: np.ndarray, t_s: np.ndarray, until_s: np.ndarray, xywh: np.ndarray, step_s: float):
        self._t_s, self._xywh, self._step_s = t_s, np.asarray(xywh, float).reshape(-1, 4), step_s
        # A box that nothing follows holds until the next frame that was looked at, where the face was not seen.
        self._until_s = np.minimum(until_s, t_s + JOINED_STEPS * step_s)
        edges = np.flatnonzero(np.diff(track_id)) + 1
        bounds = [0, *edges, len(t_s)] if len(t_s) else []
        self._tracks = [range(a, b) for a, b in zip(bounds, bounds[1:], strict=False)]

    def at(self, t_s: float) -> Iterator[tuple[int, np.ndarray]]:
        """The faces in the picture at a moment: (row of the last sight of it, box as (4,) left, top, width, height)."""
        for rows in self._tracks:
            row = self._before(rows, t_s)
            if row is not None:
                following = self._following(rows, row, JOINED_STEPS * self._step_s)
                if following is not None:
                    yield row, self._between(row, following, t_s)
                elif t_s < self._until_s[row]:
                    yield row, self._xywh[row]

    def to_blur(self, t_s: float) -> Iterator[tuple[float, float, float, float]]:
        """What to blur at a moment, as (left, top, right, bottom): every face, enlarged, a step before and after, too.

        Who was missed for as long as the tracker waits for a face is blurred meanwhile: nobody shall flash through.
        """
        for rows in self._tracks:
            first, last = self._t_s[rows[0]] - self._step_s, self._until_s[rows[-1]] + self._step_s
            if not first <= t_s <= last:
                continue
            row = self._before(rows, t_s)
            if row is None:
                yield enlarged(self._xywh[rows[0]])
                continue
            following = self._following(rows, row, MAX_GAP_S)
            if following is not None:
                yield enlarged(self._between(row, following, t_s))
                continue
            if t_s <= self._until_s[row] + self._step_s:
                yield enlarged(self._xywh[row])
            if row < rows[-1] and t_s >= self._t_s[row + 1] - self._step_s:
                yield enlarged(self._xywh[row + 1])

    def _before(self, rows: range, t_s: float) -> int | None:
        """The last of a track's rows at or before a moment."""
        place = int(np.searchsorted(self._t_s[rows.start : rows.stop], t_s + 1e-6, side="right")) - 1
        return rows[place] if place >= 0 else None

    def _following(self, rows: range, row: int, gap_s: float) -> int | None:
        """The next sight of the same face, if it is near enough."""
        near = row < rows[-1] and self._t_s[row + 1] - self._t_s[row] <= gap_s + 1e-6
        return row + 1 if near else None

    def _between(self, row: int, following: int, t_s: float) -> np.ndarray:
        share = (t_s - self._t_s[row]) / max(self._t_s[following] - self._t_s[row], 1e-9)
        return self._xywh[row] + min(max(share, 0.0), 1.0) * (self._xywh[following] - self._xywh[row])


def enlarged(xywh: np.ndarray) -> tuple[float, float, float, float]:
    """What to blur of a face, (left, top, right, bottom): its box (x, y, width, height) with hair, ears and chin."""
    x, y, w, h = xywh
    return x - BLUR_MARGIN * w, y - BLUR_MARGIN * h, x + (1 + BLUR_MARGIN) * w, y + (1 + BLUR_MARGIN) * h
