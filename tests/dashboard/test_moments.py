"""Key moments of small runs, checked against values worked out by hand."""

import numpy as np
import pandas as pd
import pytest
from scipy.signal import peak_prominences

from dashboard.look import Look, labelled
from dashboard.moments import COLUMNS, change_points, key_moments, tenths
from tests.dashboard.runs import faces, seen


def happy(*probabilities: float | None) -> list:
    """A face whose happiness takes these values; None: not seen."""
    return [None if value is None else ("happy", value) for value in probabilities]


def only(moments: pd.DataFrame, kind: str) -> list[tuple]:
    """(emotion, track, t_s, strength) of the moments of a kind, in their order."""
    rows = moments[moments["kind"] == kind]
    return [(row.emotion, row.track_id, row.t_s, round(row.strength, 6)) for row in rows.itertuples()]


def test_nothing():
    moments = key_moments(seen(faces([])))
    assert list(moments.columns) == list(COLUMNS) and moments.empty


class TestPeaks:
    def test_by_hand(self):
        """0.9 stands out by 0.9 - 0.1; 0.5 at 3.5 s descends to 0.2 before anything higher comes, so by 0.3."""
        shown = seen(faces(happy(0.1, 0.2, 0.9, 0.6, 0.2, 0.3, 0.4, 0.5, 0.1, 0.1)))
        moments = key_moments(shown, apart_s=0.0)
        assert only(moments, "peak") == [("happy", 1, 1.0, 0.8), ("happy", 1, 3.5, 0.3)]
        first = moments[moments["kind"] == "peak"].iloc[0]
        assert first["moment"] == "peak/happy/1/1.000"
        assert first["text"] == "Happiness peaks at 90 % at 0:01"
        assert first["end_s"] == 1.5

    def test_prominence_is_scipys(self):
        values = np.random.default_rng(3).random(60)
        moments = key_moments(seen(faces(happy(*values))), prominence=0.0, apart_s=0.0, peaks=100)
        inner = [(t_s, strength) for _, _, t_s, strength in only(moments, "peak") if 0 < t_s < 29.5]
        places = [round(t_s * 2) for t_s, _ in inner]
        padded = np.concatenate([[values.min()], values, [values.min()]])
        expected = peak_prominences(padded, np.array(places) + 1)[0]
        assert [strength for _, strength in inner] == pytest.approx(expected, abs=1e-5)
        rising = [n for n in range(1, 59) if values[n - 1] < values[n] > values[n + 1]]
        assert places == rising

    def test_too_flat(self):
        assert only(key_moments(seen(faces(happy(0.1, 0.25, 0.1)))), "peak") == []
        assert only(key_moments(seen(faces(happy(0.1, 0.25, 0.1))), prominence=0.1), "peak") == [
            ("happy", 1, 0.5, 0.15)
        ]

    def test_neutral_has_none(self):
        rows = seen(faces([("neutral", 0.5), ("neutral", 1.0), ("neutral", 0.5)]))
        assert {emotion for emotion, *_ in only(key_moments(rows), "peak")} == {"sad"}

    def test_nearer_than_apart_the_stronger_stays(self):
        shown = seen(faces(happy(0.0, 0.6, 0.0, 0.9, 0.0, 0.0, 0.0, 0.5, 0.0)))
        assert [t_s for _, _, t_s, _ in only(key_moments(shown, apart_s=2.0), "peak")] == [1.5, 3.5]
        assert [t_s for _, _, t_s, _ in only(key_moments(shown, apart_s=2.1), "peak")] == [1.5]

    def test_only_the_strongest_few(self):
        shown = seen(faces(happy(0.0, 0.6, 0.0, 0.9, 0.0, 0.7, 0.0, 0.8, 0.0)))
        assert [t_s for _, _, t_s, _ in only(key_moments(shown, apart_s=0, peaks=2), "peak")] == [1.5, 3.5]

    def test_at_the_end_of_a_stretch(self):
        """Rising until the face is gone, and back at its highest: each peaks where it is highest in its stretch."""
        shown = seen(faces(happy(0.1, 0.4, 0.8, None, 0.9, 0.5, 0.3)))
        assert only(key_moments(shown, apart_s=0.0), "peak") == [("happy", 1, 1.0, 0.7), ("happy", 1, 2.0, 0.6)]

    def test_a_gap_is_no_valley(self):
        """Flat on both sides of the gap: nothing peaks, although the values before and after differ."""
        assert only(key_moments(seen(faces(happy(0.9, 0.9, 0.9, None, 0.1, 0.1)))), "peak") == []

    def test_what_is_excluded_is_a_gap(self):
        rows = faces(happy(0.9, 0.9, 0.1, 0.9, 0.9))
        assert [t_s for _, _, t_s, _ in only(key_moments(seen(rows), apart_s=0), "peak")] == [0.0, 1.5]
        rows.loc[2, "excluded"] = True
        assert only(key_moments(seen(rows), apart_s=0), "peak") == []

    def test_people_for_themselves(self):
        one, other = faces(happy(0.0, 0.9, 0.0)), faces(happy(0.8, 0.8, 0.1, 0.8), track_id=2)
        moments = only(key_moments(seen(one, other), apart_s=0), "peak")
        assert moments == [("happy", 2, 0.0, 0.7), ("happy", 1, 0.5, 0.9), ("happy", 2, 1.5, 0.7)]


class TestChanges:
    def test_by_hand(self):
        """Four seconds at valence 0.2, then four at 0.8: the penalty is 3 * 0.3^2 / 2, parting gains 4 * 0.6^2 / 2."""
        moments = key_moments(seen(faces(happy(*[0.2] * 8, *[0.8] * 8))))
        assert only(moments, "change") == [(None, 1, 4.0, 0.6)]
        change = moments[moments["kind"] == "change"].iloc[0]
        assert change["moment"] == "change/valence/1/4.000"
        assert change["text"] == "Valence rises from +0.2 to +0.8 at 0:04"

    def test_falls(self):
        rows = seen(faces([*[("happy", 0.3)] * 8, *[("sad", 0.2)] * 8]))
        change = key_moments(rows).query("kind == 'change'").iloc[0]
        assert change["text"] == "Valence falls from +0.3 to −0.2 at 0:04"
        assert change["strength"] == pytest.approx(0.5)

    def test_too_small_a_shift(self):
        assert only(key_moments(seen(faces(happy(*[0.2] * 8, *[0.49] * 8)))), "change") == []
        assert only(key_moments(seen(faces(happy(*[0.2] * 200, *[0.49] * 200)))), "change") == []
        assert len(only(key_moments(seen(faces(happy(*[0.2] * 6, *[0.51] * 6)))), "change")) == 1

    def test_too_short(self):
        """Two frames of 0.9 raise the mean of three seconds by 2 / 6 of 0.8, less than 0.3; three by 0.4."""
        assert only(key_moments(seen(faces(happy(*[0.1] * 8, *[0.9] * 2, *[0.1] * 8)))), "change") == []
        assert len(only(key_moments(seen(faces(happy(*[0.1] * 8, *[0.9] * 3, *[0.1] * 8)))), "change")) == 2
        assert only(key_moments(seen(faces(happy(*[0.1] * 5, *[0.9] * 8)))), "change") != []
        assert only(key_moments(seen(faces(happy(*[0.1] * 3, *[0.9] * 3)))), "change") == []

    def test_not_across_a_gap(self):
        assert only(key_moments(seen(faces(happy(*[0.1] * 10, None, *[0.9] * 10)))), "change") == []

    def test_the_strongest(self):
        levels = [0.1, 0.9, 0.4, 0.8]
        rows = seen(faces(happy(*[level for level in levels for _ in range(10)])))
        assert only(key_moments(rows), "change") == [(None, 1, 5.0, 0.8), (None, 1, 10.0, 0.5), (None, 1, 15.0, 0.4)]
        assert only(key_moments(rows, changes=1), "change") == [(None, 1, 5.0, 0.8)]

    def test_is_the_best_division(self):
        """Against every division there is of twelve values."""
        values = np.random.default_rng(5).normal(0, 0.4, 12).round(2)
        t_s, shift, hold_s = np.arange(12.0), 0.05, 1.0

        def cost(corners) -> float:
            parts = np.split(values, corners)
            return sum(((part - part.mean()) ** 2).sum() for part in parts) + len(parts) * hold_s * shift**2 / 2

        divisions = [[n + 1 for n in range(11) if bits >> n & 1] for bits in range(2**11)]
        best = min(divisions, key=cost)
        assert len(best) > 5
        assert change_points(t_s, t_s + 1, values, shift, hold_s) == best

    def test_seconds_count_not_frames(self):
        """The same course, sampled four times as often in its second half."""
        t_s = np.concatenate([np.arange(0, 4, 0.5), np.arange(4, 8, 0.125)])
        end_s = np.append(t_s[1:], 8.0)
        values = np.where(t_s < 4, 0.0, 0.5)
        assert change_points(t_s, end_s, values, 0.3, 3.0) == [8]
        assert change_points(t_s, end_s, values, 0.3, 4.0) == [8]
        assert change_points(t_s, end_s, values, 0.3, 4.1) == []

    def test_long_stretches_to_the_frame(self):
        """More values than are looked at one by one."""
        t_s = np.arange(0, 4500, 0.5)
        noise = np.random.default_rng(1).normal(0, 0.02, len(t_s))
        values = np.select([t_s < 1001.5, t_s < 3000], [0.2, 0.9], -0.4) + noise
        assert change_points(t_s, t_s + 0.5, values, 0.3, 3.0) == [2003, 6000]


class TestStretches:
    def test_by_hand(self):
        rows = seen(faces(["happy", "happy", "sad", "happy", "happy", "happy", None, "happy", "happy"]))
        moments = key_moments(rows, stretch_s=0.0)
        assert only(moments, "stretch") == [("sad", 1, 1.0, 0.5), ("happy", 1, 1.5, 1.5)]
        row = moments[(moments["kind"] == "stretch") & (moments["emotion"] == "happy")].iloc[0]
        assert (row["moment"], row["end_s"]) == ("stretch/happy/1/1.500", 3.0)
        assert row["text"] == "Longest stretch of happiness: 1.5 s from 0:01.5 to 0:03"

    def test_of_equally_long_ones_the_first(self):
        rows = seen(faces(["happy", "happy", "sad", "sad", "happy", "happy"]))
        assert only(key_moments(rows), "stretch") == [("happy", 1, 0.0, 1.0), ("sad", 1, 1.0, 1.0)]

    def test_gaps_and_exclusions_break_it(self):
        shown = faces(["neutral"] * 9)
        shown.loc[5, "excluded"] = True
        assert only(key_moments(seen(shown)), "stretch") == [("neutral", 1, 0.0, 2.5)]

    def test_undecided_is_no_emotion(self):
        rows = labelled(faces([("happy", 0.6)] * 4 + ["happy"] * 2), Look(method="raw", threshold=0.7))
        assert only(key_moments(rows), "stretch") == [("happy", 1, 2.0, 1.0)]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0:00"), (65.2, "1:05.2"), (130, "2:10"), (59.96, "1:00"), (3600.04, "1:00:00"), (3725.35, "1:02:05.4")],
)
def test_tenths(seconds, text):
    assert tenths(seconds) == text
