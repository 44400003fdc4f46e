"""The tables and charts of the live page, from sights made by hand."""

import numpy as np
import pytest

from dashboard import live_charts
from db.emotions import EMOTIONS
from processor.live_faces import LiveFace, Sight

HAPPY, SAD = EMOTIONS.index("happy"), EMOTIONS.index("sad")


def face(track_id: int, emotion: int, strength: float = 1.0) -> LiveFace:
    p = np.full(7, (1 - strength) / 6)
    p[emotion] = strength
    return LiveFace(track_id, np.array([0.0, 0.0, 9.0, 9.0]), 0.9, p, p, emotion)


def sight(t_s: float, *faces: LiveFace) -> Sight:
    return Sight(0, t_s, t_s, t_s, (640, 480), faces, 100.0, 100.0)


class TestMinute:
    def test_nothing_seen_is_a_row_for_every_point_all_empty(self):
        rows = live_charts.minute([], 0.0)
        assert len(rows) == 120
        assert rows["ago_s"].iloc[[0, -1]].tolist() == [-59.75, -0.25]
        assert rows[list(EMOTIONS)].isna().all(axis=None)

    def test_a_point_is_the_mean_of_the_faces_in_it(self):
        sights = [sight(99.6, face(1, HAPPY), face(2, SAD)), sight(99.9, face(1, HAPPY)), sight(100.0, face(1, HAPPY))]
        rows = live_charts.minute(sights, 100.0)
        assert rows["happy"].iloc[-1] == pytest.approx(3 / 4)
        assert rows["sad"].iloc[-1] == pytest.approx(1 / 4)
        assert rows["happy"].iloc[:-1].isna().all()

    def test_of_one_person(self):
        rows = live_charts.minute([sight(99.9, face(1, HAPPY), face(2, SAD, 0.4))], 100.0, track_id=2)
        assert rows["sad"].iloc[-1] == pytest.approx(0.4)

    def test_where_nothing_was_looked_at_for_a_moment_it_goes_on_and_where_nobody_was_seen_it_breaks(self):
        rows = live_charts.minute([sight(97.1, face(1, HAPPY)), sight(99.6)], 100.0)
        assert rows["happy"].iloc[-6:].fillna(-1).tolist() == [1, 1, 1, -1, -1, -1]
        rows = live_charts.minute([sight(97.1, face(1, HAPPY)), sight(97.6)], 100.0)
        assert rows["happy"].iloc[-6:].fillna(-1).tolist() == [1, -1, -1, -1, -1, -1]

    def test_what_is_older_than_a_minute_is_left_out(self):
        assert live_charts.minute([sight(39.9, face(1, HAPPY))], 100.0)["happy"].isna().all()


class TestSpans:
    def test_nothing_seen(self):
        assert live_charts.spans([], 0.0).empty

    def test_a_lane_changes_where_the_category_does_and_breaks_where_nobody_is_seen(self):
        sights = [sight(50 + t / 2, face(3, HAPPY if t < 4 else SAD)) for t in range(8)]  # 50 to 53.5
        sights += [sight(56.0, face(3, SAD)), sight(56.5, face(3, SAD))]
        rows = live_charts.spans(sights, 60.0)
        assert rows[["category", "start_s", "end_s"]].values.tolist() == [
            ["positive", -10.0, -8.0], ["negative", -8.0, -6.5], ["negative", -4.0, -3.5],
        ]  # fmt: skip
        assert set(rows["person"]) == {"Person 3"}

    def test_undecided_is_a_category_of_its_own(self):
        assert live_charts.spans([sight(1, face(1, -1)), sight(2, face(1, -1))], 2)["category"].tolist() == [
            "undecided"
        ]

    def test_of_many_people_those_seen_most(self):
        sights = [sight(t, *(face(n, HAPPY) for n in range(1, 9) if n > 2 or t < 2)) for t in range(6)]
        assert set(live_charts.spans(sights, 5.0)["track_id"]) == {3, 4, 5, 6, 7, 8}


class TestSession:
    def test_nothing_seen(self):
        rows, part_s, until_s = live_charts.session([])
        assert rows.empty and (part_s, until_s) == (10.0, 0.0)

    def test_a_face_counts_until_the_next_sight_but_no_longer_than_a_second(self):
        sights = [sight(0.0, face(1, HAPPY)), sight(0.5, face(1, SAD)), sight(4.0), sight(12.0, face(1, HAPPY))]
        rows, part_s, until_s = live_charts.session(sights)
        assert (part_s, until_s) == (10.0, 12.0)
        assert rows.values.tolist() == [[0.0, "happy", 0.5], [0.0, "sad", 1.0]]  # the last one has not lasted yet

    def test_parts_grow_with_the_session(self):
        assert live_charts.session([sight(0.0), sight(3600.0)])[1] == 120.0  # 30 parts of two minutes


def test_shares_are_told_the_largest_first():
    shares = {"angry": 0.0, "happy": 0.25, "neutral": 0.75}
    assert live_charts.shares_in_words(shares) == "neutral 75 %, happy 25 %"
    assert live_charts.shares_in_words({}) == "Nobody has been seen yet."
    assert live_charts.slices(shares)["label"].tolist() == ["happy 25 %", "neutral 75 %"]


def test_charts_are_drawn_of_something_and_of_nothing():
    sights = [sight(t / 2, face(1, HAPPY), face(2, -1)) for t in range(20)]
    for told in (sights, []):
        rows = live_charts.lines(live_charts.minute(told, 10.0))
        assert live_charts.probabilities(rows).to_dict()["encoding"]["x"]["scale"]["domain"] == [-60, 0]
        assert live_charts.categories(live_charts.spans(told, 10.0)).to_dict()["mark"]["type"] == "bar"
    assert live_charts.share_bar(live_charts.slices({"happy": 1.0})).to_dict()["mark"]["type"] == "bar"
