"""Two small runs of one video, compared by hand and by scikit-learn."""

import math

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import cohen_kappa_score

from dashboard import agreement
from dashboard.look import Look, labelled
from tests.dashboard.runs import faces, seen


def frames(n: int, step_s: float = 0.5, first_s: float = 0.0) -> pd.DataFrame:
    """Sampled frames as from results.frames, those columns that are used."""
    t_s = first_s + np.arange(n) * step_s
    return pd.DataFrame({"nth": np.arange(n), "t_s": t_s, "end_s": t_s + step_s})


def compared(a, b, n: int | None = None) -> pd.DataFrame:
    """The pairs of two runs of the same sampled frames."""
    n = n or max(len(a), len(b))
    return agreement.pairs(a, b, agreement.matched_times(frames(n), frames(n)))


def named(*labels: tuple[str, str]) -> pd.DataFrame:
    """The pairs of one face that the runs name so, one frame after another."""
    return compared(seen(faces([one for one, _ in labels])), seen(faces([other for _, other in labels])))


class TestMatchedTimes:
    def test_nothing(self):
        assert agreement.matched_times(frames(0), frames(3)).empty
        assert agreement.matched_times(frames(3), frames(0)).empty

    def test_alike(self):
        times = agreement.matched_times(frames(3), frames(3))
        assert times.to_dict("list") == {
            "place": [0, 1, 2], "nth_a": [0, 1, 2], "nth_b": [0, 1, 2], "t_s": [0.0, 0.5, 1.0], "end_s": [0.5, 1.0, 1.5]
        }  # fmt: skip

    @pytest.mark.parametrize("swapped", [False, True])
    def test_other_frames_a_second(self, swapped):
        """Twice a second against five times: each of the few has the nearest of the many, 0.5 the one of 0.4."""
        few, many = frames(3), frames(6, 0.2)
        times = agreement.matched_times(many, few) if swapped else agreement.matched_times(few, many)
        few_nth, many_nth = ("nth_b", "nth_a") if swapped else ("nth_a", "nth_b")
        assert list(times[few_nth]) == [0, 1, 2]
        assert list(times[many_nth]) == [0, 2, 5]
        assert list(times["t_s"]) == pytest.approx([0.0, 0.4, 1.0] if swapped else [0.0, 0.5, 1.0])
        assert list(times["end_s"] - times["t_s"]) == pytest.approx([0.5] * 3)

    def test_too_far_apart(self):
        assert agreement.matched_times(frames(3), frames(3, first_s=0.7))["nth_a"].tolist() == [1, 2]
        assert agreement.matched_times(frames(1), frames(1, first_s=0.26)).empty

    def test_each_frame_once(self):
        """Two frames of one run near one of the other: the nearer has it."""
        uneven = frames(3).assign(t_s=[0.0, 0.5, 0.6], end_s=[0.5, 0.6, 1.1])
        times = agreement.matched_times(uneven, frames(2))
        assert list(zip(times["nth_a"], times["nth_b"], strict=True)) == [(0, 0), (1, 1)]


class TestPairs:
    def test_nothing(self):
        rows = compared(seen(faces([])), seen(faces(["happy"])))
        assert rows.empty
        found = agreement.agreement(rows)
        assert (found.faces, found.undecided) == (0, 0)
        assert all(math.isnan(value) for value in (found.share, found.kappa, found.low, found.high))
        assert agreement.worst(rows).empty and agreement.over_time(rows).empty
        assert agreement.confusion(rows)["share"].isna().all()

    def test_columns_and_distance(self):
        """0.9 happy against 0.6 happy, the rest neutral: 0.3 of the probability lies elsewhere."""
        rows = compared(seen(faces([("happy", 0.9)])), seen(faces([("happy", 0.6)], track_id=7)))
        (row,) = rows.to_dict("records")
        assert (row["track_a"], row["track_b"], row["label_a"], row["category_b"]) == (1, 7, "happy", "positive")
        assert row["distance"] == pytest.approx(0.3)
        assert (row["valence_a"], row["valence_b"]) == (pytest.approx(0.9), pytest.approx(0.6))
        assert (row["overlap"], row["t_s"], row["end_s"]) == (1.0, 0.0, 0.5)

    def test_boxes_must_overlap(self):
        """Boxes of 100 x 100, one moved to the side: 50 apart a third overlaps, 55 apart 45 / 155."""
        one = seen(faces(["happy"]))
        assert compared(one, seen(faces(["happy"], x=60.0)))["overlap"].tolist() == [pytest.approx(1 / 3)]
        assert compared(one, seen(faces(["happy"], x=65.0))).empty
        assert compared(one, seen(faces(["happy"], x=500.0))).empty

    def test_overlaps_are_largest_in_sum(self):
        """Both of a overlap the first of b most, but only one can have it: the second of a takes what is left."""
        a = seen(faces(["happy"], x=0.0), faces(["sad"], x=20.0, track_id=2))
        b = seen(faces(["happy"], x=10.0, track_id=5), faces(["sad"], x=50.0, track_id=6))
        rows = compared(a, b, 1)
        assert list(zip(rows["track_a"], rows["track_b"], strict=True)) == [(1, 5), (2, 6)]

    def test_what_one_run_saw_alone(self):
        a = seen(faces(["happy", "happy", None, "happy"]), faces([None, "sad", "sad", None], track_id=2, x=300.0))
        b = seen(faces(["happy", None, None, "happy"]))
        times = agreement.matched_times(frames(4), frames(4))
        rows = agreement.pairs(a, b, times)
        assert rows["t_s"].tolist() == [0.0, 1.5]
        alone = agreement.alone(a, rows, times, "a")
        assert alone.to_dict("list") == {
            "track_id": [2, 1], "t_s": [0.5, 0.5], "end_s": [1.5, 1.0], "faces": [2, 1]
        }  # fmt: skip
        assert agreement.alone(b, rows, times, "b").empty

    def test_frames_that_the_other_did_not_look_at_are_not_missed(self):
        a, b = seen(faces(["happy"] * 4, step_s=0.25)), seen(faces(["happy"] * 2))
        times = agreement.matched_times(frames(4, 0.25), frames(2))
        rows = agreement.pairs(a, b, times)
        assert len(rows) == 2
        assert agreement.alone(a, rows, times, "a").empty


class TestKappa:
    # Cohen's own way: 20 and 15 of 50 alike, chance 0.3 + 0.2, so (0.7 - 0.5) / 0.5.
    BY_HAND = [("happy", "happy")] * 20 + [("happy", "sad")] * 5 + [("sad", "happy")] * 10 + [("sad", "sad")] * 15

    def test_by_hand(self):
        found = agreement.agreement(named(*self.BY_HAND))
        assert (found.faces, found.share, found.kappa) == (50, 0.7, pytest.approx(0.4))

    def test_is_scikit_learns(self):
        rng = np.random.default_rng(2)
        labels = [tuple(rng.choice(["happy", "sad", "fear", "neutral"], 2)) for _ in range(300)]
        labels += [(name, name) for name in rng.choice(["happy", "surprise"], 100)]
        rows = named(*labels)
        for what in ("label", "category"):
            expected = cohen_kappa_score(rows[f"{what}_a"], rows[f"{what}_b"])
            assert agreement.agreement(rows, what).kappa == pytest.approx(expected)

    def test_interval(self):
        """Sixteen stretches of 10 s that are all the same: any draw of them gives the same kappa."""
        block = [("happy", "happy")] * 8 + [("sad", "happy")] * 4 + [("sad", "sad")] * 8
        found = agreement.agreement(named(*block * 16))
        assert found.low == pytest.approx(found.kappa) and found.high == pytest.approx(found.kappa)
        mixed = [("happy", "happy"), ("sad", "sad")] * 80 + [("happy", "sad"), ("sad", "happy")] * 20
        found = agreement.agreement(named(*mixed))
        assert -1 <= found.low < found.kappa < found.high <= 1
        assert found == agreement.agreement(named(*mixed))  # the same again

    def test_interval_of_a_short_video_is_unknown(self):
        found = agreement.agreement(named(*[("happy", "sad"), ("sad", "sad")] * 20))
        assert math.isnan(found.low) and math.isnan(found.high) and not math.isnan(found.kappa)

    def test_undefined_where_both_say_one_thing(self):
        found = agreement.agreement(named(*[("happy", "happy")] * 200))
        assert found.share == 1.0
        assert math.isnan(found.kappa) and math.isnan(found.low)

    def test_categories_agree_more(self):
        rows = named(("sad", "fear"), ("happy", "surprise"), ("neutral", "neutral"), ("happy", "sad"))
        assert agreement.agreement(rows).share == 0.25
        assert agreement.agreement(rows, "category").share == 0.75

    def test_undecided_is_not_counted(self):
        look = Look(method="raw", threshold=0.7)
        a = labelled(faces([("happy", 0.6), "happy", "sad"]), look)
        b = labelled(faces(["happy", "happy", ("sad", 0.6)]), look)
        found = agreement.agreement(compared(a, b))
        assert (found.faces, found.undecided, found.share) == (1, 2, 1.0)

    @pytest.mark.parametrize(
        ("value", "word"),
        [(-0.1, "poor"), (0.0, "slight"), (0.2, "slight"), (0.21, "fair"), (0.6, "moderate"), (0.61, "substantial"),
         (0.8, "substantial"), (0.81, "almost perfect"), (1.0, "almost perfect"), (float("nan"), "undefined")],
    )  # fmt: skip
    def test_in_words(self, value, word):
        assert agreement.in_words(value) == word


def test_confusion():
    rows = agreement.confusion(named(("happy", "happy"), ("happy", "sad"), ("happy", "happy"), ("sad", "sad")))
    assert len(rows) == 49
    there = rows[rows["faces"] > 0]
    assert there.to_dict("list") == {
        "a": ["happy", "happy", "sad"], "b": ["happy", "sad", "sad"], "faces": [2, 1, 1],
        "share": [pytest.approx(2 / 3), pytest.approx(1 / 3), 1.0],
    }  # fmt: skip
    by_category = agreement.confusion(named(("sad", "fear"), ("happy", "sad")), "category")
    assert by_category[by_category["faces"] > 0][["a", "b"]].values.tolist() == [
        ["negative", "negative"], ["positive", "negative"]
    ]  # fmt: skip


def test_over_time():
    """One second before and after: at 0 s of 0, 0.5 and 1 s two agree; at 1 s of five three."""
    rows = named(*[("happy", "happy")] * 2, *[("happy", "sad")] * 2, *[("sad", "sad")] * 4)
    found = agreement.over_time(rows, window_s=2.0)
    assert found["share"].tolist()[:3] == pytest.approx([2 / 3, 2 / 4, 3 / 5])
    assert found["segment"].tolist() == [0] * 8
    assert len(agreement.over_time(rows, points=4)) == 4
    shown = ["happy", *[None] * 8, "happy"]
    apart = compared(seen(faces(shown)), seen(faces(shown)), 10)
    assert agreement.over_time(apart, window_s=2.0)["segment"].tolist() == [0, 1]


def test_worst():
    """For one second from 0.5 s on nothing of the probabilities is common, and in the one frame at 3 s neither."""
    a = seen(faces(["happy", "happy", "happy", "happy", "happy", "sad", "happy"]))
    b = seen(faces(["happy", "sad", ("sad", 0.8), ("happy", 0.9), "happy", ("sad", 0.9), "angry"]))
    found = agreement.worst(compared(a, b))
    assert found[["t_s", "end_s", "worst_s", "label_a", "label_b"]].values.tolist() == [
        [0.5, 1.5, 0.5, "happy", "sad"], [3.0, 3.5, 3.0, "happy", "angry"]
    ]  # fmt: skip
    assert found["distance"].tolist() == [1.0, 1.0] and found["weight"].tolist() == [1.0, 0.5]
    assert len(agreement.worst(compared(a, b), at_most=1)) == 1


def test_worst_is_broken_by_gaps():
    a = seen(faces(["happy", None, "happy", "happy"]))
    b = seen(faces(["sad", "sad", "sad", ("sad", 0.6)]))
    found = agreement.worst(compared(a, b))
    assert found[["t_s", "end_s"]].values.tolist() == [[1.0, 2.0], [0.0, 0.5]]
