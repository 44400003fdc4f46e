"""Figures of an evaluation, worked out by hand."""

import numpy as np
import pytest

from db.emotions import EMOTIONS
from training.evaluate import expected_calibration_error, figures


def sure(names, confidence=1.0):
    """Probabilities that give each named emotion `confidence` and share the rest."""
    rest = (1 - confidence) / 6
    return np.eye(7)[[EMOTIONS.index(name) for name in names]] * (confidence - rest) + rest


def labels(*names):
    return np.array([EMOTIONS.index(name) for name in names])


def test_no_faces():
    with pytest.raises(ValueError, match="no labelled face"):
        figures(np.zeros(0, int), np.zeros((0, 7)))


def test_four_faces_by_hand():
    # happy right; sad taken for angry (same category); neutral taken for happy; happy right
    found = figures(labels("happy", "sad", "neutral", "happy"), sure(["happy", "angry", "happy", "happy"]))
    assert found["n"] == 4
    assert found["accuracy"] == 0.5
    assert found["accuracy_3"] == 0.75
    assert found["per_class"]["happy"] == {"precision": 0.6667, "recall": 1.0, "f1": 0.8, "support": 2}
    assert found["per_class"]["disgust"] == {"precision": None, "recall": None, "f1": None, "support": 0}
    assert found["macro_f1"] == pytest.approx((0.8 + 0 + 0) / 3, abs=1e-4)  # of the classes that occur
    row = found["confusion"][EMOTIONS.index("sad")]
    assert row == [1, 0, 0, 0, 0, 0, 0]


def test_calibration_error():
    # Sure of all at 0.8 and right in 3 of 5: 0.2 off. A perfectly calibrated half: right in 1 of 2 at 0.5.
    truth = labels("happy", "happy", "happy", "sad", "sad")
    assert expected_calibration_error(truth, sure(["happy"] * 5, 0.8)) == pytest.approx(0.2)
    assert expected_calibration_error(labels("happy", "sad"), sure(["happy"] * 2, 0.5)) == pytest.approx(0)
