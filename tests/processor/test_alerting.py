"""Alerts of a person's probabilities: by hand, against a count of every millisecond, and frame by frame."""

import dataclasses

import numpy as np
import pytest

from db.emotions import EMOTIONS
from processor.alerting import TARGETS, Live, Raised, Rule, Seen, raised, what_counts

SAD = EMOTIONS.index("sad")


def rule(at_least_s=2.0, within_s=3.0, threshold=0.6, target="sad", rule_id="r"):
    return Rule(rule_id, f"rule {rule_id}", target, threshold, at_least_s, within_s)


def probabilities(sad):
    """Rows in which sad has these probabilities and neutral the rest."""
    rows = np.zeros((len(sad), 7))
    rows[:, SAD], rows[:, EMOTIONS.index("neutral")] = sad, 1 - np.asarray(sad, float)
    return rows


def seen(letters, step_s=0.5, track=1):
    """One person, a letter a frame: s is sad, n is not, a dot is nobody."""
    shown = [(number * step_s, letter) for number, letter in enumerate(letters) if letter != "."]
    t_s = np.array([t for t, _ in shown], float)
    return Seen(t_s, t_s + step_s, np.full(len(t_s), track), probabilities([letter == "s" for _, letter in shown]))


def spans(rows, *rules, sensitivity=()):
    return [(a.start_s, a.end_s, a.held_s) for a in raised(rows, rules, dict(sensitivity))]


@pytest.mark.parametrize(
    ("letters", "expected"),
    [
        ("", []),
        ("nnnnnnnn", []),
        ("sssnnnsss", []),  # 1.5 s in each of (-1.5, 1.5] and (1.5, 4.5]
        ("ssss", [(0, 2, 2)]),  # reached exactly
        ("nssss", [(0.5, 2.5, 2)]),
        ("ss..ss", [(0, 3, 2)]),  # 2 s held in 3 s, with a gap in sight that holds nothing
        ("ss...ss", []),  # the window before 3.5 s begins at 0.5 s
        ("sssnss", [(0, 3, 2.5)]),  # reached at 2.5 s with 2 s, and at 3 s with 2.5 s
        ("ssssnnnnnnssss", [(0, 2, 2), (5, 7, 2)]),  # the windows (-1, 2] and (4, 7] do not overlap
        ("ssssnnssss", [(0, 5, 4)]),  # those that end at 2 s and at 4.5 s do
        ("ssssnns", [(0, 3.5, 2.5)]),  # (0.5, 3.5] holds 1.5 s of the first stretch and the last half second
        ("ssssnnns", [(0, 2, 2)]),  # (1, 4] holds 1 s and half a second
    ],
)
def test_by_hand(letters, expected):
    assert spans(seen(letters), rule()) == expected


def test_threshold_peak_and_sensitivity():
    t_s = np.arange(4.0)
    rows = Seen(t_s, t_s + 1, np.ones(4, int), probabilities([0.6, 0.9, 0.7, 0.59]))
    (alert,) = raised(rows, [rule()], {"sad": 0.1})  # its own threshold counts
    assert alert == Raised("r", "rule r", "sad", 0.6, 1, 0.0, 3.0, 3.0, 0.9)
    follows = rule(threshold=None)
    assert spans(rows, follows, sensitivity={"sad": 0.59}.items()) == [(0, 4, 4)]
    assert spans(rows, follows, sensitivity={"happy": 0.0}.items()) == [(0, 4, 4)]  # 0.5 where nobody chose
    assert raised(rows, [], {}) == []


def test_a_category_adds_up_its_emotions():
    rows = np.full((4, 7), 0.0)
    rows[:, [EMOTIONS.index(name) for name in ("angry", "fear", "sad", "happy")]] = 0.25
    t_s = np.arange(4.0)
    faces = Seen(t_s, t_s + 1, np.ones(4, int), rows)
    assert raised(faces, [rule(threshold=0.75, target="negative")], {})[0].peak == pytest.approx(0.75)
    assert raised(faces, [rule(threshold=0.76, target="negative")], {}) == []
    assert TARGETS == (*EMOTIONS, "negative", "positive")


def test_each_person_by_themselves():
    one, two = seen("ssss", track=1), seen("nnss", track=2)
    both = Seen(*(np.concatenate(pair) for pair in zip(vars(one).values(), vars(two).values(), strict=True)))
    assert [alert.track_id for alert in raised(both, [rule(), rule(1.0, 1.0, rule_id="short")], {})] == [1, 1, 2]


def test_what_counts():
    """Frames at 0, 0.5, 1 and, after a gap in the file, 4 and 4.5 s; the person is not in the one at 0.5 s."""
    frames = np.array([0, 0.5, 1.0, 4.0, 4.5])
    at = np.array([0, 1.0, 4.0, 4.5])
    rows = what_counts(at, np.ones(4, int), probabilities([1, 0, 1, 1]), frames, 0.5, 0.0)
    assert rows.end_s.tolist() == [0.5, 2.0, 4.5, 5.0]  # two steps at most; the last one for a step
    assert rows.probabilities[:, SAD].tolist() == [1, 0, 1, 1]
    soft = what_counts(at, np.ones(4, int), probabilities([1, 0, 1, 1]), frames, 0.5, 2.0, [(4.0, 4.5)])
    assert soft.t_s.tolist() == [0, 1, 4.5]  # a range ends before its end
    assert soft.probabilities[:, SAD].tolist() == [0.5, 0.5, 1]  # smoothed before the range is taken out
    nobody = what_counts(np.empty(0), np.empty(0, int), np.empty((0, 7)), np.empty(0), 0.5, 1.5)
    assert raised(nobody, [rule()], {}) == []


@pytest.mark.parametrize("change", [{"target": "anger"}, {"threshold": 1.1}, {"at_least_s": 0}, {"within_s": 1.0}])
def test_rules_that_can_not_be(change):
    with pytest.raises(ValueError, match="Received: "):
        dataclasses.replace(rule(), **change)


def test_rows_of_different_lengths():
    with pytest.raises(ValueError, match="Expected"):
        Seen(np.zeros(2), np.zeros(2), np.zeros(1, int), np.zeros((2, 7)))


def random_rows(rng, tracks=2):
    """Moody people who come and go; times are whole milliseconds, frames between 100 and 900 ms apart."""
    frames_s = np.cumsum(rng.integers(100, 900, 120)) / 1000
    t_s, track = (part.ravel() for part in np.meshgrid(frames_s, np.arange(tracks), indexing="ij"))
    here = rng.random(len(t_s)) < 0.9
    mood = np.repeat(rng.random(len(t_s) // 8 + 1), 8)[: len(t_s)]
    sad = np.clip(mood + rng.normal(0, 0.15, len(t_s)), 0, 1)
    return what_counts(t_s[here], track[here], probabilities(sad[here]), frames_s, 0.4, 0.0), frames_s


def counted(rows, one):
    """The same by counting milliseconds, window by window."""
    found = []
    for track in np.unique(rows.track_id):
        of = (rows.track_id == track) & (rows.probabilities[:, SAD] >= one.threshold)
        frames = [(round(a * 1000), round(b * 1000), p) for a, b, p in
                  zip(rows.t_s[of], rows.end_s[of], rows.probabilities[of, SAD], strict=True)]  # fmt: skip
        held = np.zeros(200_000, bool)
        for a, b, _ in frames:
            held[a:b] = True
        w, windows = round(one.within_s * 1000), []
        for _, b, _ in frames:
            if held[max(b - w, 0) : b].sum() >= one.at_least_s * 1000:
                if windows and b - w < windows[-1][1]:
                    windows[-1][1] = b
                else:
                    windows.append([b - w, b])
        for a, b in windows:
            inside = [frame for frame in frames if frame[1] > a and frame[1] <= b]
            begin = inside[0][0]
            peak = max(p for *_, p in inside)
            found.append((int(track), begin, b, int(held[begin:b].sum()), peak))
    return found


@pytest.mark.parametrize("seed", range(12))
def test_against_counting_and_frame_by_frame(seed):
    rng = np.random.default_rng(seed)
    rows, frames_s = random_rows(rng)
    within_s = float(rng.choice([2.5, 5.0, 12.0]))
    one = rule(at_least_s=round(within_s * rng.uniform(0.3, 1.0), 2), within_s=within_s, threshold=0.5)
    found = raised(rows, [one], {})
    whole = [(a.track_id, round(a.start_s * 1000), round(a.end_s * 1000), round(a.held_s * 1000)) for a in found]
    expected = counted(rows, one)
    assert whole == [alert[:4] for alert in expected]
    assert [a.peak for a in found] == [alert[4] for alert in expected]

    live, begun, over = Live([one], {}, 0.4), [], []
    for t_s in frames_s:
        now = np.flatnonzero(rows.t_s == t_s)
        for list_, new in zip((begun, over), live.push(t_s, {rows.track_id[n]: rows.probabilities[n] for n in now}),
                              strict=True):  # fmt: skip
            list_ += new
    for list_, new in zip((begun, over), live.finish(), strict=True):
        list_ += new
    over.sort(key=lambda alert: (alert.track_id, alert.start_s))
    begun.sort(key=lambda alert: (alert.track_id, alert.start_s))
    assert [(a.track_id, a.start_s, a.end_s) for a in over] == [(a.track_id, a.start_s, a.end_s) for a in found]
    assert [(a.held_s, a.peak) for a in over] == [pytest.approx((a.held_s, a.peak)) for a in found]
    assert [(a.track_id, a.start_s) for a in begun] == [(a.track_id, a.start_s) for a in found]
    assert all(a.end_s <= b.end_s for a, b in zip(begun, over, strict=True))


def test_some_of_these_raise_something():
    """The comparison above is one of something with something."""
    counts = []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        rows, _ = random_rows(rng)
        counts.append(len(raised(rows, [rule(2.0, 5.0, 0.5)], {})))
    assert min(counts) > 0


def test_live_tells_at_once():
    """At 2 frames a second: the fourth sad frame is complete when the fifth comes, and 2 s have held."""
    live = Live([rule()], {}, 0.5)
    told = [live.push(n / 2, {1: row}) for n, row in enumerate(probabilities([1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0]))]
    assert [bool(begun) for begun, _ in told].index(True) == 4
    assert [bool(over) for _, over in told].index(True) == 10  # 3 s after its end at 2 s
    with pytest.raises(ValueError, match="order of time"):
        live.push(1.0, {})
    assert live.finish() == ([], [])
