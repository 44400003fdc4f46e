"""Whether one network is better than another, so that "better" means something: both are asked about the same faces."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from scipy.stats import binomtest

from db.emotions import EMOTIONS
from training.metrics import INTERVAL, RESAMPLES, intervals, measures, share

SIGNIFICANT = 0.05


def compare(truth: np.ndarray, predicted: dict[str, np.ndarray], *, resamples: int = RESAMPLES, seed: int = 0) -> dict:
    """The figures of each network on the same faces, and of each pair.

    truth: int (N,), 0..6. predicted: {name: int (N,)}, two or more. Returns {n, models: {name: accuracy, accuracy_3,
    macro_f1, intervals}, pairs: [{a, b, differences, mcnemar, sentence}]}, in the order given. `differences` are b less
    a, {measure: {difference, low, high}}, 95 percent of a paired bootstrap: both networks are tried on each resample.
    `mcnemar` is {only_a, only_b, p, p_adjusted}: the faces that one alone has right, the exact test of whether that is
    chance, and p after Holm's correction for as many tests as there are pairs. Raises ValueError for fewer than two
    networks or no faces.
    """
    if len(predicted) < 2:
        raise ValueError(f"It takes two networks to compare. Received: {', '.join(predicted) or 'none'}.")
    if len(truth) == 0:
        raise ValueError("There is no labelled face to compare on.")
    models = {}
    for name, answers in predicted.items():
        confusion = _counts(truth, answers)
        figures = {measure: share(value) for measure, value in measures(confusion).items()}
        models[name] = figures | {"intervals": intervals(confusion, resamples, seed)}
    pairs = [
        {"a": a, "b": b} | _pair(truth, predicted[a], predicted[b], resamples, seed)
        for a, b in combinations(predicted, 2)
    ]
    for pair, p in zip(pairs, holm([pair["mcnemar"]["p"] for pair in pairs]), strict=True):
        pair["mcnemar"]["p_adjusted"] = p
        pair["sentence"] = sentence(pair)
    return {"n": len(truth), "models": models, "pairs": pairs}


def holm(p_values: list[float]) -> list[float]:
    """p values after Holm's correction (1979): with many tests, some are small by chance."""
    adjusted, highest = [0.0] * len(p_values), 0.0
    for rank, i in enumerate(np.argsort(p_values)):
        highest = max(highest, min(1.0, p_values[i] * (len(p_values) - rank)))
        adjusted[i] = highest
    return adjusted


def sentence(pair: dict) -> str:
    """What a pair comes to, in words: which is better in seven classes and by how much, or that it can't be told."""
    difference, low, high = (100 * pair["differences"]["accuracy"][key] for key in ("difference", "low", "high"))
    p = pair["mcnemar"]["p_adjusted"]
    told = f"p = {p:.3f}" if p >= 0.001 else "p < 0.001"
    if p >= SIGNIFICANT:
        return (
            f"No difference can be told between {pair['a']} and {pair['b']}: {difference:+.1f} points "
            f"(95 % {low:+.1f} to {high:+.1f}), McNemar {told}."
        )
    better, worse = ("b", "a") if difference > 0 else ("a", "b")
    low, high = (low, high) if difference > 0 else (-high, -low)
    return (
        f"{pair[better]} is better than {pair[worse]} by {abs(difference):.1f} points "
        f"(95 % {low:.1f} to {high:.1f}), McNemar {told}."
    )


def _pair(truth: np.ndarray, a: np.ndarray, b: np.ndarray, resamples: int, seed: int) -> dict:
    # To draw faces with replacement is to draw how often each (truth, a, b) occurs.
    joint = _counts(truth, a, b)
    draws = np.random.default_rng(seed).multinomial(len(truth), joint.ravel() / len(truth), resamples)
    draws = draws.reshape(resamples, *joint.shape)
    differences = {}
    observed_a, observed_b = measures(joint.sum(axis=2)), measures(joint.sum(axis=1))
    drawn_a, drawn_b = measures(draws.sum(axis=3)), measures(draws.sum(axis=2))
    for measure in observed_a:
        low, high = np.percentile(drawn_b[measure] - drawn_a[measure], INTERVAL)
        differences[measure] = {
            "difference": share(observed_b[measure] - observed_a[measure]), "low": share(low), "high": share(high),
        }  # fmt: skip
    only_a, only_b = int(((a == truth) & (b != truth)).sum()), int(((a != truth) & (b == truth)).sum())
    p = binomtest(only_a, only_a + only_b).pvalue if only_a + only_b else 1.0
    return {"differences": differences, "mcnemar": {"only_a": only_a, "only_b": only_b, "p": float(p)}}


def _counts(*labels: np.ndarray) -> np.ndarray:
    """How often each combination of the labels (N,) occurs, as (7, 7, ...) int."""
    shape = (len(EMOTIONS),) * len(labels)
    return np.bincount(np.ravel_multi_index(labels, shape), minlength=np.prod(shape)).reshape(shape)
