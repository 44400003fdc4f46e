"""Figures of an evaluation, worked out by hand, or by scikit-learn and scipy."""

import numpy as np
import pytest
from scipy.stats import binom
from sklearn.metrics import balanced_accuracy_score, f1_score, roc_auc_score

from db.emotions import CATEGORIES, EMOTIONS
from training.metrics import CURVE_POINTS, expected_calibration_error, figures, in_categories, reliability


def sure(names, confidence=1.0):
    """Probabilities that give each named emotion `confidence` and share the rest."""
    rest = (1 - confidence) / 6
    return np.eye(7)[[EMOTIONS.index(name) for name in names]] * (confidence - rest) + rest


def labels(*names):
    return np.array([EMOTIONS.index(name) for name in names])


def noise(n=400, seed=5):
    """Labels, and probabilities that know something of them."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 7, n)
    probabilities = rng.dirichlet(np.ones(7), n) + 0.3 * np.eye(7)[truth]
    return truth, probabilities / probabilities.sum(axis=1, keepdims=True)


def test_no_faces():
    with pytest.raises(ValueError, match="no labelled face"):
        figures(np.zeros(0, int), np.zeros((0, 7)))


def test_four_faces_by_hand():
    # happy right; sad taken for angry (same category); neutral taken for happy; happy right
    found = figures(labels("happy", "sad", "neutral", "happy"), sure(["happy", "angry", "happy", "happy"]))
    assert found["n"] == 4
    assert found["accuracy"] == 0.5
    assert found["accuracy_3"] == 0.75
    # happy: found 3 times, twice rightly; above each face that is not happy but for the tie with neutral: (2 - 0.5) / 2
    assert found["per_class"]["happy"] == {
        "precision": 0.6667, "recall": 1.0, "f1": 0.8, "support": 2, "auc": 0.75, "average_precision": 0.6667,
    }  # fmt: skip
    assert found["per_class"]["disgust"] == {
        "precision": None, "recall": None, "f1": None, "support": 0, "auc": None, "average_precision": None,
    }  # fmt: skip
    assert found["macro_f1"] == pytest.approx((0.8 + 0 + 0) / 3, abs=1e-4)  # of the classes that occur
    assert found["balanced_accuracy"] == pytest.approx((1 + 0 + 0) / 3, abs=1e-4)
    row = found["confusion"][EMOTIONS.index("sad")]
    assert row == [1, 0, 0, 0, 0, 0, 0]
    assert CATEGORIES == ("negative", "neutral", "positive")
    assert found["confusion_3"] == [[1, 0, 0], [0, 0, 1], [0, 0, 2]]
    assert found["curves"]["roc"]["disgust"] == [] and found["curves"]["pr"]["disgust"] == []


def test_one_emotion_alone_has_no_curve_against_the_rest():
    found = figures(labels("happy", "happy"), sure(["happy", "sad"]))
    assert (found["accuracy"], found["auc"], found["per_class"]["happy"]["auc"]) == (0.5, None, None)


def test_they_are_those_of_scikit_learn():
    truth, probabilities = noise()
    found, predicted = figures(truth, probabilities), probabilities.argmax(axis=1)
    assert found["macro_f1"] == pytest.approx(f1_score(truth, predicted, average="macro"), abs=1e-4)
    assert found["balanced_accuracy"] == pytest.approx(balanced_accuracy_score(truth, predicted), abs=1e-4)
    assert found["auc"] == pytest.approx(roc_auc_score(truth, probabilities, multi_class="ovr"), abs=1e-4)


def test_calibration_error():
    # Sure of all at 0.8 and right in 3 of 5: 0.2 off. A perfectly calibrated half: right in 1 of 2 at 0.5.
    truth = labels("happy", "happy", "happy", "sad", "sad")
    assert expected_calibration_error(truth, sure(["happy"] * 5, 0.8)) == pytest.approx(0.2)
    assert expected_calibration_error(labels("happy", "sad"), sure(["happy"] * 2, 0.5)) == pytest.approx(0)


def test_calibration_curve_by_hand():
    # Three faces at 0.8, two of them right; two at 0.5, none right: (3 * |0.6667 - 0.8| + 2 * 0.5) / 5.
    truth = labels("happy", "happy", "sad", "sad", "sad")
    probabilities = np.concatenate([sure(["happy"] * 3, 0.8), sure(["happy"] * 2, 0.5)])
    assert reliability(truth, probabilities) == [(0.5, 0.0, 2), (pytest.approx(0.8), pytest.approx(2 / 3), 3)]
    found = figures(truth, probabilities)
    assert found["curves"]["calibration"] == [[0.5, 0.0, 2], [0.8, 0.6667, 3]]
    assert found["ece"] == 0.28


def test_certainty_lies_in_the_last_bin():
    assert reliability(labels("happy"), sure(["happy"], 1.0)) == [(1.0, 1.0, 1)]


def test_interval_is_that_of_a_binomial_distribution():
    n, right = 1000, 700
    truth = np.zeros(n, int)
    predicted = sure(["angry"] * right + ["happy"] * (n - right))
    low, high = figures(truth, predicted, resamples=20_000)["intervals"]["accuracy"]
    # Drawing faces with replacement draws the number of right ones from this distribution.
    assert [low, high] == pytest.approx(binom(n, right / n).ppf([0.025, 0.975]) / n, abs=0.002)


def test_intervals_hold_their_figure_and_depend_on_the_seed_alone():
    truth, probabilities = noise()
    first, again, other = (figures(truth, probabilities, seed=seed) for seed in (0, 0, 1))
    for name, (low, high) in first["intervals"].items():
        assert low < first[name] < high
    assert first["intervals"] == again["intervals"] != other["intervals"]


def test_confusions_add_up_in_categories():
    confusions = np.arange(2 * 49).reshape(2, 7, 7)
    in_three = in_categories(confusions)
    assert in_three.shape == (2, 3, 3)
    assert in_three.sum() == confusions.sum()
    positive = [EMOTIONS.index("happy"), EMOTIONS.index("surprise")]
    assert in_three[1, 2, 2] == confusions[1][np.ix_(positive, positive)].sum()


def test_curves_are_thinned_between_their_ends():
    truth, probabilities = noise(3000)
    curves = figures(truth, probabilities)["curves"]
    for emotion in EMOTIONS:
        roc, pr = curves["roc"][emotion], curves["pr"][emotion]
        assert roc[0] == [0, 0] and roc[-1] == [1, 1] and pr[0][0] == 0 and pr[-1][0] == 1
        for curve in (roc, pr):
            assert 20 < len(curve) <= CURVE_POINTS
            assert [x for x, _ in curve] == sorted(x for x, _ in curve)
    # What was left out lies on what was kept: the area stays.
    x, y = np.array(curves["roc"]["fear"]).T
    assert np.trapezoid(y, x) == pytest.approx(roc_auc_score(truth == 2, probabilities[:, 2]), abs=0.005)
