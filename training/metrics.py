"""The figures of predictions against labels: what scikit-learn counts, what a bootstrap says of it, what a chart shows.

Shares are 0 to 1, rounded to four digits: more than 3,570 faces can tell apart. What is undefined is None, never 0: no
data must not look like the worst score. Where an emotion has no face, means over the emotions leave it out.
"""

from __future__ import annotations

import numpy as np
from sklearn.metrics import (
    average_precision_score,
    confusion_matrix,
    precision_recall_curve,
    precision_recall_fscore_support,
    roc_auc_score,
    roc_curve,
)

from db.emotions import CATEGORIES, CATEGORY, EMOTIONS

ECE_BINS = 15  # Guo et al. 2017
RESAMPLES = 1000
INTERVAL = (2.5, 97.5)  # percentiles: 95 percent of the resamples lie between
CURVE_POINTS = 60  # what a chart can show

CATEGORY_OF = np.array([CATEGORIES.index(CATEGORY[emotion]) for emotion in EMOTIONS])
_CLASSES = np.arange(len(EMOTIONS))


def figures(truth: np.ndarray, probabilities: np.ndarray, *, resamples: int = RESAMPLES, seed: int = 0) -> dict:
    """The figures of one label set.

    truth: int (N,), 0..6 in the order of EMOTIONS. probabilities: (N, 7), rows sum to 1.
    Rows of `confusion` (7x7) and `confusion_3` (3x3, the order of CATEGORIES) are the truth. `accuracy_3` counts an
    emotion as right when its category is (system A's three). `intervals` are of a bootstrap by face. `auc` is the mean
    over the emotions of each against the rest. Raises ValueError for no faces.
    """
    if len(truth) == 0:
        raise ValueError("There is no labelled face to evaluate on.")
    predicted = probabilities.argmax(axis=1)
    precision, recall, f1, support = precision_recall_fscore_support(
        truth, predicted, labels=_CLASSES, zero_division=np.nan
    )
    confusion = confusion_matrix(truth, predicted, labels=_CLASSES)
    areas = [_areas(truth == i, probabilities[:, i]) for i in _CLASSES]
    roc, pr = zip(*(_curves(truth == i, probabilities[:, i]) for i in _CLASSES), strict=True)
    return {
        "n": len(truth),
        **{name: share(value) for name, value in measures(confusion).items()},
        "balanced_accuracy": share(recall[support > 0].mean()),
        "auc": share(_mean_defined([auc for auc, _ in areas])),
        "ece": share(expected_calibration_error(truth, probabilities)),
        "intervals": intervals(confusion, resamples, seed),
        "per_class": {
            emotion: {
                "precision": share(precision[i]), "recall": share(recall[i]), "f1": share(f1[i]),
                "support": int(support[i]), "auc": share(areas[i][0]), "average_precision": share(areas[i][1]),
            }
            for i, emotion in enumerate(EMOTIONS)
        },
        "confusion": confusion.tolist(),
        "confusion_3": in_categories(confusion).tolist(),
        "curves": {
            "roc": dict(zip(EMOTIONS, roc, strict=True)),
            "pr": dict(zip(EMOTIONS, pr, strict=True)),
            "calibration": [[share(sure), share(right), n] for sure, right, n in reliability(truth, probabilities)],
        },
    }  # fmt: skip


def measures(confusion: np.ndarray) -> dict[str, np.ndarray]:
    """`accuracy`, `accuracy_3` and `macro_f1` of confusion matrices (..., 7, 7), as arrays (...)."""
    total = confusion.sum(axis=(-1, -2))
    right = np.diagonal(confusion, axis1=-2, axis2=-1)
    seen, named = confusion.sum(axis=-1), confusion.sum(axis=-2)
    f1 = np.where(seen > 0, 2 * right / np.maximum(seen + named, 1), np.nan)
    return {
        "accuracy": right.sum(axis=-1) / total,
        "accuracy_3": np.trace(in_categories(confusion), axis1=-2, axis2=-1) / total,
        "macro_f1": np.nanmean(f1, axis=-1),
    }


def in_categories(confusion: np.ndarray) -> np.ndarray:
    """Confusion of the seven emotions (..., 7, 7) as one of the three categories (..., 3, 3)."""
    member = np.eye(len(CATEGORIES), dtype=confusion.dtype)[CATEGORY_OF]
    return member.T @ confusion @ member


def intervals(confusion: np.ndarray, resamples: int, seed: int) -> dict[str, list[float]]:
    """[low, high] of each of `measures`: 95 percent of a bootstrap by face.

    To draw n faces with replacement and count them is to draw the counts of the cells from a multinomial distribution.
    """
    draws = np.random.default_rng(seed).multinomial(confusion.sum(), (confusion / confusion.sum()).ravel(), resamples)
    drawn = measures(draws.reshape(resamples, *confusion.shape))
    return {name: [share(end) for end in np.percentile(values, INTERVAL)] for name, values in drawn.items()}


def reliability(truth: np.ndarray, probabilities: np.ndarray) -> list[tuple[float, float, int]]:
    """(mean stated probability, share that is right, faces) of each of 15 equal bins of the stated one with faces.

    truth: int (N,). probabilities: (N, K), K at least 2.
    """
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == truth
    bins = np.minimum((confidence * ECE_BINS).astype(int), ECE_BINS - 1)
    groups = [bins == k for k in np.unique(bins)]
    return [(float(confidence[g].mean()), float(right[g].mean()), int(g.sum())) for g in groups]


def expected_calibration_error(truth: np.ndarray, probabilities: np.ndarray) -> float:
    """Mean distance, 0 to 1, between how sure the network is and how often it is right (Guo et al. 2017, 15 bins)."""
    return sum(n * abs(right - sure) for sure, right, n in reliability(truth, probabilities)) / len(truth)


def share(value: float | None) -> float | None:
    """Four digits; NaN, undefined, becomes None."""
    return None if value is None or np.isnan(value) else round(float(value), 4)


def _areas(truth: np.ndarray, scores: np.ndarray) -> tuple[float | None, float | None]:
    """Areas under the ROC and the precision-recall curve of one emotion against the rest; None without both kinds."""
    if truth.all() or not truth.any():
        return None, None
    return roc_auc_score(truth, scores), average_precision_score(truth, scores)


def _curves(truth: np.ndarray, scores: np.ndarray) -> tuple[list, list]:
    """ROC as [false, true positive rate] and precision-recall as [recall, precision], x ascending; [] if undefined."""
    if truth.all() or not truth.any():
        return [], []
    false_positive, true_positive, _ = roc_curve(truth, scores)
    precision, recall, _ = precision_recall_curve(truth, scores)
    return _thinned(false_positive, true_positive), _thinned(recall[::-1], precision[::-1])


def _thinned(x: np.ndarray, y: np.ndarray) -> list[list[float]]:
    """At most 60 points of a curve, evenly along its length, both ends included."""
    length = np.concatenate([[0], np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y)))])
    kept = np.unique(np.searchsorted(length, np.linspace(0, length[-1], CURVE_POINTS)))
    return [[share(x[i]), share(y[i])] for i in kept]


def _mean_defined(values: list[float | None]) -> float | None:
    defined = [value for value in values if value is not None]
    return float(np.mean(defined)) if defined else None
