"""Smoothing, against values worked out by hand."""

import numpy as np
import pytest

from db.emotions import EMOTIONS
from processor.smooth import centred_mean, smooth


def certain(*names):
    """Probabilities that are sure of each named emotion."""
    return np.eye(7)[[EMOTIONS.index(name) for name in names]]


def named(indices):
    return [EMOTIONS[index] for index in indices]


@pytest.mark.parametrize("method", ["mean", "mode"])
def test_nothing(method):
    assert smooth(np.zeros(0), np.zeros(0, int), np.zeros((0, 7)), method, 1.5).shape == (0,)


def test_unknown_method():
    with pytest.raises(ValueError, match="Received: 'median'"):
        smooth(np.zeros(1), np.zeros(1, int), certain("happy"), "median", 1.5)


def test_mode_takes_the_most_frequent_of_the_last_five():
    raw = certain("happy", "happy", "sad", "sad", "sad", "fear", "happy")
    # windows: h | hh | hhs | hhss (tie, sad is later) | hhsss | hsssf | sssfh
    expected = ["happy", "happy", "happy", "sad", "sad", "sad", "sad"]
    assert named(smooth(np.arange(7.0), np.ones(7, int), raw, "mode", 1.5)) == expected


def test_mean_removes_a_single_flicker_and_keeps_a_real_change():
    raw = certain("happy", "happy", "sad", "happy", "happy", "sad", "sad", "sad")
    expected = ["happy"] * 5 + ["sad"] * 3
    assert named(smooth(np.arange(8) / 2, np.ones(8, int), raw, "mean", 1.5)) == expected


def test_centred_mean_counts_by_seconds_not_by_rows():
    t_s = np.array([0.0, 0.1, 0.75, 3.0])
    values = np.array([[0.0], [1.0], [5.0], [7.0]])
    # within 0.75 s of 0.0: 0.0, 0.1, 0.75 (at the edge); of 3.0: itself alone
    assert centred_mean(t_s, values, 1.5)[:, 0] == pytest.approx([2, 2, 2, 7])


def test_tracks_do_not_mix_and_order_is_kept():
    raw = certain("happy", "sad", "happy", "sad", "happy", "sad")
    t_s = np.array([1.0, 0.0, 0.5, 0.5, 0.0, 1.0])
    track = np.array([1, 2, 1, 2, 1, 2])
    for method in ("mean", "mode"):
        assert named(smooth(t_s, track, raw, method, 1.5)) == ["happy", "sad"] * 3
