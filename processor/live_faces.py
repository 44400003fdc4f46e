"""What is seen of a live picture: every face with a steady emotion, from nothing but the past."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from db.emotions import EMOTIONS
from processor.faces import Detector
from processor.look import Look, look
from processor.tracks import MAX_GAP_S, Tracker

UNDECIDED = -1
# Another emotion takes over once it is stronger by this much, and an undecided face is decided once it is above the
# threshold by this much: what hovers around a border would flicker.
MARGIN = 0.05
SENSITIVITY = (0.5, 2.0)  # least and most
# A face that was seen this long ago and is not seen now counts as missed.
MISSED_S = 1.0


@dataclass(frozen=True)
class Options:
    """What one viewer wants.

    bundle: folder of the emotion model. detector: `auto`, `yunet` or `haar`. smoothing_s: time constant of the mean
    over what was seen before, in seconds; 0 for the single frame. threshold: 0 to 1; a face whose strongest emotion is
    below it is undecided. sensitivity: emotions and the factors, 0.5 to 2, that their smoothed probabilities are
    multiplied by before the strongest is chosen; 1 for those left out.
    """

    bundle: Path
    detector: str = "auto"
    smoothing_s: float = 1.0
    threshold: float = 0.4
    sensitivity: tuple[tuple[str, float], ...] = ()

    def __post_init__(self):
        if self.detector not in ("auto", "yunet", "haar"):
            raise ValueError(f"`detector` must be auto, yunet or haar. Received: {self.detector!r}")
        if not 0 <= self.smoothing_s < float("inf"):
            raise ValueError(f"`smoothing_s` must be at least 0. Received: {self.smoothing_s}")
        if not 0 <= self.threshold <= 1:
            raise ValueError(f"`threshold` must be 0 to 1. Received: {self.threshold}")
        for emotion, factor in self.sensitivity:
            if emotion not in EMOTIONS or not SENSITIVITY[0] <= factor <= SENSITIVITY[1]:
                raise ValueError(f"`sensitivity` must be emotions and 0.5 to 2. Received: {emotion!r}: {factor}")

    @property
    def factors(self) -> np.ndarray:
        """The sensitivity of every emotion, float (7,)."""
        given = dict(self.sensitivity)
        return np.array([given.get(emotion, 1.0) for emotion in EMOTIONS])


@dataclass(frozen=True)
class LiveFace:
    """One face. box: float (4,), x, y, width, height in pixels of the frame as it came, not mirrored.

    score: 0 to 1, NaN where the detector does not say. raw, smoothed: float (7,), sum to 1. emotion: index into
    EMOTIONS, -1 where it is undecided.
    """

    track_id: int
    box: np.ndarray
    score: float
    raw: np.ndarray
    smoothed: np.ndarray
    emotion: int


@dataclass(frozen=True)
class Sight:
    """What one frame showed. index: its number among those offered, from 0. t_s: seconds since the stream's start.

    arrived_s, done_s: when it came and when it had been looked at, on the monotonic clock. brightness and sharpness as
    in `processor.look`. missed: boxes of faces that were seen a moment before and are not in `faces`.
    """

    index: int
    t_s: float
    arrived_s: float
    done_s: float
    size_wh: tuple[int, int]
    faces: tuple[LiveFace, ...]
    brightness: float
    sharpness: float
    missed: tuple[np.ndarray, ...] = ()


@dataclass
class _Person:
    """weight and total: of the mean over what was seen, both fading with time."""

    t_s: float
    weight: float = 0.0
    total: np.ndarray = field(default_factory=lambda: np.zeros(len(EMOTIONS)))
    emotion: int | None = None


class Steady:
    """From each frame's probabilities to an emotion per track that does not flicker. For frames in order of time."""

    def __init__(self):
        self._people: dict[int, _Person] = {}

    def update(
        self, t_s: float, track_ids: Sequence[int], raw: np.ndarray, options: Options
    ) -> tuple[np.ndarray, list[int]]:
        """raw: float (N, 7), rows sum to 1; N may be 0. Returns smoothed (N, 7), rows sum to 1, and N emotions, or -1.

        Smoothed is the mean over the track's past, weighted by exp(-age / smoothing_s).
        """
        self._people = {name: one for name, one in self._people.items() if t_s - one.t_s <= MAX_GAP_S}
        smoothed, emotions = np.array(raw, dtype=float).reshape(-1, len(EMOTIONS)), []
        for row, track_id in enumerate(track_ids):
            person = self._people.setdefault(int(track_id), _Person(t_s))
            age_s = max(0.0, t_s - person.t_s)
            fade = np.exp(-age_s / options.smoothing_s) if options.smoothing_s > 0 else 0.0
            person.weight, person.total = person.weight * fade + 1, person.total * fade + smoothed[row]
            person.t_s = t_s
            smoothed[row] = person.total / person.weight
            person.emotion = _chosen(smoothed[row] * options.factors, person.emotion, options.threshold)
            emotions.append(person.emotion)
        return smoothed, emotions


def _chosen(strength: np.ndarray, before: int | None, threshold: float) -> int:
    """The emotion to show, given what was shown before (None: nothing yet); what is below the threshold never is."""
    strongest = int(strength.argmax())
    if before is not None and before >= 0 and strength[before] >= max(threshold, strength[strongest] - MARGIN):
        return before
    least = threshold + MARGIN if before == UNDECIDED else threshold
    return strongest if strength[strongest] >= least else UNDECIDED


class Watcher:
    """Follows the faces of one camera, whose pictures may change in size. For frames in order of time."""

    def __init__(self, detector: Detector):
        """detector: may be shared: what it has loaded is used by many, what it has seen is each watcher's own."""
        self._tracker, self._steady = Tracker(), Steady()
        self._size_wh: tuple[int, int] | None = None
        self._recent: dict[int, tuple[float, np.ndarray]] = {}  # track: when and where it was last seen
        self.use(detector)

    def use(self, detector: Detector) -> None:
        """From now on faces are found by this one."""
        self._detector = copy.copy(detector)
        self._detector.reset()

    def forget_emotions(self) -> None:
        """What comes is of another network, and is not mixed with what was."""
        self._steady = Steady()

    def look(self, bgr: np.ndarray, crop_size: int) -> Look:
        """bgr: uint8 (H, W, 3). crop_size: side of the crops that the classifier takes, in pixels."""
        size_wh = bgr.shape[1], bgr.shape[0]
        if size_wh != self._size_wh:
            self._size_wh, self._recent = size_wh, {}
            self._detector.reset()
        return look(bgr, self._detector, crop_size)

    def follow(
        self, t_s: float, seen: Look, raw: np.ndarray, options: Options
    ) -> tuple[tuple[LiveFace, ...], tuple[np.ndarray, ...]]:
        """The faces of what was just looked at, largest first, and the boxes of those that are missed.

        raw: float (N, 7), the emotions of its N faces, rows sum to 1.
        """
        boxes = seen.faces.boxes.astype(float)
        # In shares of the picture: a camera that goes on at half the size still shows the same people.
        ids = self._tracker.update(t_s, boxes / max(self._size_wh))
        smoothed, emotions = self._steady.update(t_s, ids, raw, options)
        faces = tuple(
            LiveFace(int(track_id), *rest)
            for track_id, *rest in zip(ids, boxes, map(float, seen.faces.scores), raw, smoothed, emotions, strict=True)
        )
        self._recent |= {face.track_id: (t_s, face.box) for face in faces}
        self._recent = {one: known for one, known in self._recent.items() if t_s - known[0] <= MISSED_S}
        return faces, tuple(box for one, (_, box) in self._recent.items() if one not in ids)
