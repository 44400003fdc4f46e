"""Which alerts a person's expressions raise: rules over probabilities, at once for a run or frame by frame for live.

What a rule says, exactly. Its target is an emotion, or a category, whose probability is the sum of those of its
emotions. A sampled frame in which a person is seen stands for the time until the next sampled frame, but for two
steps of the sample rate at most, so that a gap in what was looked at counts as nothing. It is *held* where the
target's smoothed probability is at or above the threshold. With the end of every held frame ends a window of
`within_s` seconds; the window *reaches* when the held time in it is `at_least_s` seconds or more. Windows of the same
person that reach and overlap are one alert. It begins with the first held frame of its first window, a frame that lies
in the window with its last part only included, and ends with the last held frame whose window reaches. Frames in
excluded ranges are left out before: they hold nothing, and time goes on.

No store and no clock in here: `raised` takes the arrays of a whole run, `Live` one frame after the other; both give
the same alerts.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from db.emotions import CATEGORIES, CATEGORY, EMOTIONS
from processor.smooth import softened

TARGETS = tuple(dict.fromkeys((*EMOTIONS, *CATEGORIES)))  # neutral is both, and the same number as both
DEFAULT_SENSITIVITY = 0.5  # the threshold of a target for which nobody has chosen one
LONGEST_STEPS = 2  # of the sample rate: the longest that a frame can stand for
_HAIR_S = 1e-9  # so that a time that is reached exactly is reached, whatever its rounding

# Column k adds up what target k consists of.
_SUMS = np.array([[emotion == target or CATEGORY[emotion] == target for target in TARGETS] for emotion in EMOTIONS])


@dataclass(frozen=True)
class Rule:
    """When to raise an alert. threshold: 0 to 1, None to follow the sensitivity of its target. Times in seconds.

    Raises ValueError for a target that there is not, or times that can't be.
    """

    rule_id: str
    name: str
    target: str
    threshold: float | None
    at_least_s: float
    within_s: float

    def __post_init__(self) -> None:
        if self.target not in TARGETS:
            raise ValueError(f"Unknown target. Expected one of {', '.join(TARGETS)}. Received: {self.target!r}")
        if self.threshold is not None and not 0 <= self.threshold <= 1:
            raise ValueError(f"The threshold must be from 0 to 1. Received: {self.threshold!r}")
        if not 0 < self.at_least_s <= self.within_s < math.inf:
            raise ValueError(
                "The time to hold must be more than 0 s and at most the window. "
                f"Received: {self.at_least_s!r} s within {self.within_s!r} s"
            )

    def threshold_in_force(self, sensitivity: Mapping[str, float]) -> float:
        """The probability from which on the target holds. sensitivity: threshold by target, where one was chosen."""
        return self.threshold if self.threshold is not None else sensitivity.get(self.target, DEFAULT_SENSITIVITY)


@dataclass(frozen=True)
class Seen:
    """What counts of a run: one row a face, in order of time. Times in seconds from the start of the video.

    t_s, end_s: float (N,), when the frame begins and until when it stands. track_id: int (N,). probabilities: float
    (N, 7), in the order of EMOTIONS, smoothed. N may be 0. Raises ValueError where the lengths differ.
    """

    t_s: np.ndarray
    end_s: np.ndarray
    track_id: np.ndarray
    probabilities: np.ndarray

    def __post_init__(self) -> None:
        shapes = [values.shape for values in (self.t_s, self.end_s, self.track_id)]
        if shapes != [(len(self.t_s),)] * 3 or self.probabilities.shape != (len(self.t_s), len(EMOTIONS)):
            raise ValueError(f"Expected (N,), (N,), (N,) and (N, 7). Received: {shapes}, {self.probabilities.shape}")


@dataclass(frozen=True)
class Raised:
    """An alert. start_s, end_s: of its first and last held frame; held_s: for how long in between the target held;
    peak: its highest probability there; threshold: the one in force."""

    rule_id: str
    rule: str
    target: str
    threshold: float
    track_id: int
    start_s: float
    end_s: float
    held_s: float
    peak: float


def what_counts(
    t_s: np.ndarray, track_id: np.ndarray, probabilities: np.ndarray, frames_s: np.ndarray, step_s: float,
    window_s: float, excluded: Sequence[tuple[float, float]] = (),
) -> Seen:  # fmt: skip
    """The faces of a run as rules look at them.

    t_s (N,), ascending, track_id (N,), probabilities (N, 7) as the network gave them. frames_s (M,): the times of all
    sampled frames, also those without a face. step_s: one step of the sample rate. window_s: width of the run's centred
    mean, over which the probabilities are smoothed as they are on the video page; 0 for a run that smoothed labels
    (`mode:5`), whose probabilities are taken as they are. excluded: ranges [from, to) that count in nothing; as on the
    page, they are taken out after smoothing.
    """
    soft = softened(t_s, track_id, probabilities, window_s) if window_s > 0 else np.asarray(probabilities, np.float64)
    times = np.unique(frames_s)
    following = np.append(times[1:], times[-1:] + step_s)
    end_s = np.minimum(following[np.searchsorted(times, t_s)], t_s + LONGEST_STEPS * step_s) if len(times) else t_s
    counts = np.ones(len(t_s), bool)
    for from_s, to_s in excluded:
        counts &= (t_s < from_s) | (t_s >= to_s)
    return Seen(t_s[counts], end_s[counts], track_id[counts], soft[counts])


def raised(rows: Seen, rules: Sequence[Rule], sensitivity: Mapping[str, float]) -> list[Raised]:
    """The alerts that rules raise in one run, in order of rules, tracks and time.

    sensitivity: threshold by target, for rules without one of their own.
    """
    found = []
    targets = rows.probabilities @ _SUMS if rules else np.zeros((0, len(TARGETS)))
    places = {int(track): np.flatnonzero(rows.track_id == track) for track in np.unique(rows.track_id)}
    for rule in rules:
        threshold, p = rule.threshold_in_force(sensitivity), targets[:, TARGETS.index(rule.target)]
        for track, of in places.items():
            held = of[p[of] >= threshold]
            for alert in _alerts(rows.t_s[held], rows.end_s[held], p[held], rule.at_least_s, rule.within_s):
                found.append(Raised(rule.rule_id, rule.name, rule.target, threshold, track, *alert))
    return found


def _alerts(t_s: np.ndarray, end_s: np.ndarray, p: np.ndarray, at_least_s: float, within_s: float):
    """(start_s, end_s, held_s, peak) of each alert that the held frames of one person make up."""
    if not len(t_s):
        return
    total = np.concatenate([[0.0], np.cumsum(end_s - t_s)])  # held seconds before each frame, and after the last
    from_s = end_s - within_s
    first = np.searchsorted(end_s, from_s, side="right")  # the first held frame with a part in the window
    before = total[first] + np.maximum(from_s - t_s[first], 0)
    reaches = np.flatnonzero(total[1:] - before >= at_least_s - _HAIR_S)
    if not len(reaches):
        return
    apart = np.flatnonzero(np.diff(end_s[reaches]) >= within_s) + 1
    for part in np.split(reaches, apart):
        begin, end = first[part[0]], part[-1]
        held_s = total[end + 1] - total[begin]
        yield float(t_s[begin]), float(end_s[end]), float(held_s), float(p[begin : end + 1].max())


@dataclass
class _Course:
    """How one rule stands with one person. frames: held ones that may still lie in a window: (t_s, end_s, p)."""

    frames: deque[tuple[float, float, float]] = field(default_factory=deque)
    held_s: float = 0.0  # within the window
    start_s: float | None = None  # of the alert under way
    end_s: float = 0.0
    alert_s: float = 0.0  # held in the alert, and since its last reaching window
    since_s: float = 0.0
    peak: float = 0.0
    since_peak: float = 0.0


class Live:
    """The same alerts from frames as they come.

    Push every sampled frame, also without faces: with it the frame before is complete, so what is told is up to its
    beginning. An alert begins with the window that reaches; it is over when no window can overlap it any more, which is
    `within_s` seconds after its end. step_s: one step of the sample rate.
    """

    def __init__(self, rules: Sequence[Rule], sensitivity: Mapping[str, float], step_s: float):
        self._rules = [(rule, rule.threshold_in_force(sensitivity), TARGETS.index(rule.target)) for rule in rules]
        self._step_s = step_s
        self._pending: tuple[float, dict[int, np.ndarray]] | None = None
        self._courses: dict[tuple[int, int], _Course] = {}

    def push(self, t_s: float, faces: Mapping[int, np.ndarray]) -> tuple[list[Raised], list[Raised]]:
        """A frame at t_s, later than the one before, with the probabilities (7,) of each person (track) in it.

        Returns (begun, over): alerts that begin now, as far as they have come, and alerts that are over, whole. Raises
        ValueError for a frame that is not later than the one before.
        """
        if self._pending is not None and t_s <= self._pending[0]:
            raise ValueError(f"Frames must come in order of time. Received: {t_s} s after {self._pending[0]} s")
        told = self._complete(float(t_s))
        self._pending = float(t_s), {int(track): np.asarray(values) @ _SUMS for track, values in faces.items()}
        return told

    def finish(self) -> tuple[list[Raised], list[Raised]]:
        """No more frames come; returns as `push` does, with every alert under way as over."""
        begun, over = self._complete(self._pending[0] + self._step_s) if self._pending is not None else ([], [])
        self._pending = None
        return begun, over + self._over(math.inf)

    def _complete(self, now_s: float) -> tuple[list[Raised], list[Raised]]:
        """The frame before stands until now_s, or for the longest that one can."""
        if self._pending is None:
            return [], []
        t_s, faces = self._pending
        end_s = min(now_s, t_s + LONGEST_STEPS * self._step_s)
        begun, over = [], self._over(end_s)  # its window overlaps no alert that is over by then
        for track, targets in faces.items():
            for number, (rule, threshold, column) in enumerate(self._rules):
                if (p := float(targets[column])) >= threshold:
                    course = self._courses.setdefault((number, track), _Course())
                    if _held(course, rule, (t_s, end_s, p)):
                        begun.append(self._alert(number, track))
        return begun, over + self._over(now_s)

    def _over(self, now_s: float) -> list[Raised]:
        over = []
        for (number, track), course in self._courses.items():
            if course.start_s is not None and now_s - course.end_s >= self._rules[number][0].within_s:
                over.append(self._alert(number, track))
                course.start_s = None
        return over

    def _alert(self, number: int, track: int) -> Raised:
        (rule, threshold, _), course = self._rules[number], self._courses[number, track]
        return Raised(
            rule.rule_id, rule.name, rule.target, threshold, track, course.start_s, course.end_s, course.alert_s,
            course.peak,
        )  # fmt: skip


def _held(course: _Course, rule: Rule, frame: tuple[float, float, float]) -> bool:
    """Take one more held frame in; returns whether an alert begins with it."""
    t_s, end_s, p = frame
    from_s = end_s - rule.within_s
    course.frames.append(frame)
    course.held_s += end_s - t_s
    course.since_s += end_s - t_s
    course.since_peak = max(course.since_peak, p)
    while course.frames[0][1] <= from_s:
        first = course.frames.popleft()
        course.held_s -= first[1] - first[0]
    outside_s = max(from_s - course.frames[0][0], 0.0)  # of a frame that lies in the window with its last part only
    if course.held_s - outside_s < rule.at_least_s - _HAIR_S:
        return False
    begins = course.start_s is None
    if begins:
        course.start_s = course.frames[0][0]
        course.alert_s = sum(end - begin for begin, end, _ in course.frames)
        course.peak = max(peak for *_, peak in course.frames)
    else:
        course.alert_s += course.since_s
        course.peak = max(course.peak, course.since_peak)
    course.end_s, course.since_s, course.since_peak = end_s, 0.0, 0.0
    return begins
