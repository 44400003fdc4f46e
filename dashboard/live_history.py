"""What was seen in one live session, in bounded memory: the last minute and a half in full, the rest once a second."""

from __future__ import annotations

from collections import Counter, deque

from dashboard.words import UNDECIDED
from db.emotions import EMOTIONS
from processor.live_faces import Sight

FULL_S = 90.0  # for as long every sight is kept
THIN_S = 1.0  # older ones: one in so many seconds
THIN_SIGHTS = 6 * 3600  # of which so many are kept: six hours
GAP_S = 1.0  # for longer than this, nobody is said to have stayed as last seen
SEEN = 3  # sights of a track until it counts as somebody: what is seen once or twice often is no face


class History:
    """Sights in the order of their time, and sums over all of them. Not safe for threads: its owner has the lock."""

    def __init__(self):
        self._full: deque[Sight] = deque()
        self._thin: deque[Sight] = deque(maxlen=THIN_SIGHTS)
        self._seconds = dict.fromkeys((*EMOTIONS, UNDECIDED), 0.0)
        self._tracks: Counter[int] = Counter()
        self._looked = self._with_face = 0

    def add(self, sight: Sight) -> None:
        """Take in the next sight."""
        if self._full:
            before = self._full[-1]
            lasted_s = min(sight.t_s - before.t_s, GAP_S)
            for face in before.faces:
                self._seconds[UNDECIDED if face.emotion < 0 else EMOTIONS[face.emotion]] += lasted_s
        self._looked += 1
        self._with_face += bool(sight.faces)
        self._tracks.update(face.track_id for face in sight.faces)
        self._full.append(sight)
        while sight.t_s - self._full[0].t_s > FULL_S:
            old = self._full.popleft()
            if not self._thin or old.t_s - self._thin[-1].t_s >= THIN_S:
                self._thin.append(old)

    def recent(self, seconds: float) -> list[Sight]:
        """The sights of the last `seconds` before the newest, oldest first; those older than 90 s once a second."""
        if not self._full:
            return []
        since_s = self._full[-1].t_s - seconds
        return [sight for kept in (self._thin, self._full) for sight in kept if sight.t_s >= since_s]

    def shares(self) -> dict[str, float]:
        """Of the time that people were in the picture, added up over people: the share of each of `EMOTIONS` and of
        "undecided"; they sum to 1. Empty while nobody was seen."""
        total_s = sum(self._seconds.values())
        return {name: seconds / total_s for name, seconds in self._seconds.items()} if total_s else {}

    @property
    def coverage(self) -> float | None:
        """Share of the frames looked at that have a face, 0 to 1; None before the first."""
        return self._with_face / self._looked if self._looked else None

    @property
    def people(self) -> int:
        """Tracks seen so far, without those that flashed up."""
        return sum(1 for count in self._tracks.values() if count >= SEEN)
