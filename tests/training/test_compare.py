"""When one network counts as better than another: by hand, and by scipy."""

import json

import numpy as np
import pytest
from scipy.stats import binom

from training.compare import compare, holm


def answers(*runs):
    """Answers (N,) from (emotion, times) runs."""
    return np.concatenate([np.full(times, emotion) for emotion, times in runs])


def test_one_network_or_no_faces():
    with pytest.raises(ValueError, match="takes two networks to compare. Received: one"):
        compare(np.zeros(3, int), {"one": np.zeros(3, int)})
    with pytest.raises(ValueError, match="no labelled face"):
        compare(np.zeros(0, int), {"a": np.zeros(0, int), "b": np.zeros(0, int)})


def test_by_hand():
    # All are angry (0). a has faces 0-59 right; b has 0-49 and 60-79: 10 that only a has, 20 that only b has.
    truth = np.zeros(100, int)
    a, b = answers((0, 60), (3, 40)), answers((0, 50), (2, 10), (0, 20), (3, 20))
    found = compare(truth, {"a": a, "b": b})
    assert found["n"] == 100
    assert (found["models"]["a"]["accuracy"], found["models"]["b"]["accuracy"]) == (0.6, 0.7)
    # Fear (2) is of the same category as angry.
    assert found["models"]["b"]["accuracy_3"] == 0.8
    [pair] = found["pairs"]
    assert pair["differences"]["accuracy"]["difference"] == 0.1
    assert pair["differences"]["accuracy_3"]["difference"] == 0.2
    assert (pair["mcnemar"]["only_a"], pair["mcnemar"]["only_b"]) == (10, 20)
    # Exact McNemar: twice the chance of 10 or fewer heads in 30 throws.
    assert pair["mcnemar"]["p"] == pytest.approx(2 * binom(30, 0.5).cdf(10))
    assert pair["mcnemar"]["p_adjusted"] == pair["mcnemar"]["p"]
    low, high = pair["differences"]["accuracy"]["low"], pair["differences"]["accuracy"]["high"]
    # The difference is a mean of 10 times -1, 20 times +1 and 70 times 0.
    spread = 1.96 * np.sqrt((0.3 - 0.1**2) / 100)
    assert [low, high] == pytest.approx([0.1 - spread, 0.1 + spread], abs=0.015)
    assert pair["sentence"] == (
        f"No difference can be told between a and b: +10.0 points (95 % {100 * low:+.1f} to {100 * high:+.1f}), "
        "McNemar p = 0.099."
    )
    json.dumps(found)


@pytest.mark.parametrize("order", [("good", "bad"), ("bad", "good")])
def test_the_better_one_is_named_first_with_a_positive_interval(order):
    truth = np.zeros(1000, int)
    networks = {"good": answers((0, 800), (1, 200)), "bad": answers((0, 700), (1, 300))}
    [pair] = compare(truth, {name: networks[name] for name in order})["pairs"]
    assert pair["sentence"].startswith("good is better than bad by 10.0 points (95 % 8.")
    assert pair["sentence"].endswith("), McNemar p < 0.001.")


def test_a_network_and_itself():
    truth = np.arange(70) % 7
    [pair] = compare(truth, {"a": np.roll(truth, 1), "b": np.roll(truth, 1)})["pairs"]
    assert pair["mcnemar"]["p"] == 1
    assert all(set(d.values()) == {0} for d in pair["differences"].values())
    assert pair["sentence"].startswith("No difference can be told between a and b: +0.0 points")


def test_three_networks_are_three_pairs_and_p_is_adjusted():
    truth = np.zeros(100, int)
    networks = {"a": answers((0, 60), (1, 40)), "b": answers((0, 66), (1, 34)), "c": answers((0, 90), (1, 10))}
    pairs = compare(truth, networks)["pairs"]
    assert [(pair["a"], pair["b"]) for pair in pairs] == [("a", "b"), ("a", "c"), ("b", "c")]
    # a against b: 6 to 0, p = 2 / 2**6, the largest of three: it stays.
    assert pairs[0]["mcnemar"]["p_adjusted"] == pytest.approx(2 / 2**6)
    assert pairs[1]["mcnemar"]["p_adjusted"] == pytest.approx(3 * 2 / 2**30)


def test_holm_by_hand():
    assert holm([]) == []
    assert holm([0.04]) == [0.04]
    # 0.01 * 3; 0.02 * 2; 0.03 * 1, but not below the one before
    assert holm([0.03, 0.01, 0.02]) == pytest.approx([0.04, 0.03, 0.04])
    assert holm([0.9, 0.8]) == [1, 1]
