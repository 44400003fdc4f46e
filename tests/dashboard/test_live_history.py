"""Sums over what was seen, worked out by hand, and memory that has an end."""

import numpy as np
import pytest

from dashboard.live_history import FULL_S, THIN_S, History
from db.emotions import EMOTIONS
from processor.live_faces import LiveFace, Sight

HAPPY, SAD = EMOTIONS.index("happy"), EMOTIONS.index("sad")


def sight(t_s, *faces):
    """faces: (track_id, emotion)."""
    found = tuple(
        LiveFace(track_id, np.array([0.0, 0.0, 10.0, 10.0]), 0.9, np.full(7, 1 / 7), np.full(7, 1 / 7), emotion)
        for track_id, emotion in faces
    )
    return Sight(round(t_s * 10), t_s, 100 + t_s, 100.1 + t_s, (640, 480), found, 120.0, 300.0)


def test_nothing_seen_is_no_figure():
    history = History()
    assert history.coverage is None
    assert history.shares() == {}
    assert history.people == 0
    assert history.recent(60) == []


def test_shares_are_by_the_time_of_people():
    history = History()
    history.add(sight(0.0, (1, HAPPY), (2, SAD)))  # both until 0.5
    history.add(sight(0.5, (1, HAPPY)))  # until 0.75
    history.add(sight(0.75, (1, -1)))  # until 1.0
    history.add(sight(1.0))
    history.add(sight(1.5, (1, SAD)))  # the newest counts with the next
    shares = history.shares()
    assert shares["happy"] == pytest.approx(0.75 / 1.5)
    assert shares["sad"] == pytest.approx(0.5 / 1.5)
    assert shares["undecided"] == pytest.approx(0.25 / 1.5)
    assert sum(shares.values()) == pytest.approx(1)
    assert history.coverage == pytest.approx(4 / 5)


def test_somebody_seen_before_a_gap_did_not_stay_for_all_of_it():
    history = History()
    history.add(sight(0.0, (1, HAPPY)))
    history.add(sight(600.0, (1, SAD)))  # as after the computer slept: happy for one second of these at most
    history.add(sight(601.0, (1, SAD)))
    assert history.shares()["happy"] == history.shares()["sad"] == pytest.approx(0.5)


def test_what_flashes_up_is_nobody():
    history = History()
    for t_s in (0.0, 0.1, 0.2):
        history.add(sight(t_s, (1, HAPPY), *([(2, SAD)] if t_s < 0.2 else [])))
    assert history.people == 1


def test_recent_is_full_near_and_thin_far():
    history = History()
    for number in range(2001):
        history.add(sight(number / 10, (1, HAPPY)))  # 200 s, ten a second
    assert [one.t_s for one in history.recent(1)] == [pytest.approx(199 + place / 10) for place in range(11)]
    assert len(history.recent(FULL_S)) == FULL_S * 10 + 1
    everything = history.recent(float("inf"))
    assert everything[0].t_s == 0.0
    far = [one.t_s for one in everything if one.t_s < 200 - FULL_S]
    assert np.diff(far) == pytest.approx(THIN_S)
    assert [one.t_s for one in everything] == sorted(one.t_s for one in everything)


def test_memory_has_an_end(monkeypatch):
    monkeypatch.setattr("dashboard.live_history.THIN_SIGHTS", 50)
    history = History()
    for number in range(1000):
        history.add(sight(float(number), (number, HAPPY)))
    assert len(history.recent(float("inf"))) == 50 + FULL_S + 1
