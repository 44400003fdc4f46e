"""How well a bundle does on labelled faces. Only faces it never learned from say anything: use `PublicTest`."""

from __future__ import annotations

import numpy as np
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from db.emotions import CATEGORIES, CATEGORY, EMOTIONS
from processor.emotions import Classifier
from training.datasets import FaceSet, majority_labels

ECE_BINS = 15  # Guo et al. 2017

_CATEGORY_OF = np.array([CATEGORIES.index(CATEGORY[emotion]) for emotion in EMOTIONS])


def evaluate(classifier: Classifier, faces: FaceSet) -> list[dict]:
    """The figures for each label set that `faces` has: FER2013's one label, and FER+'s majority where there are votes.

    FER2013's labels are compared with the head that learned them, if the network has one; FER+'s with `emotions`, the
    probabilities that Moodreel stores. `head` says which. Undefined figures are None, never 0.
    """
    outputs = classifier.outputs(faces.images)
    truths = {"fer2013": faces.fer}
    if faces.votes is not None:
        truths["ferplus"] = majority_labels(faces.votes)
    results = []
    for labels, truth in truths.items():
        head = "fer2013" if labels == "fer2013" and "fer2013" in outputs else "emotions"
        counts = truth >= 0
        results.append({"labels": labels, "head": head, **figures(truth[counts], outputs[head][counts])})
    return results


def figures(truth: np.ndarray, probabilities: np.ndarray) -> dict:
    """The figures of one label set.

    truth: int (N,), 0..6. probabilities: (N, 7), rows sum to 1. Shares are 0 to 1. Rows of `confusion` are the truth.
    `accuracy_3` counts an emotion as right when its category is (system A's three). Raises ValueError for no faces.
    """
    if len(truth) == 0:
        raise ValueError("There is no labelled face to evaluate on.")
    predicted = probabilities.argmax(axis=1)
    every = np.arange(len(EMOTIONS))
    precision, recall, f1, support = precision_recall_fscore_support(
        truth, predicted, labels=every, zero_division=np.nan
    )
    return {
        "n": len(truth),
        "accuracy": _share((predicted == truth).mean()),
        "macro_f1": _share(f1[support > 0].mean()),
        "accuracy_3": _share((_CATEGORY_OF[predicted] == _CATEGORY_OF[truth]).mean()),
        "per_class": {
            emotion: {
                "precision": _share(precision[i]), "recall": _share(recall[i]), "f1": _share(f1[i]),
                "support": int(support[i]),
            }
            for i, emotion in enumerate(EMOTIONS)
        },
        "confusion": confusion_matrix(truth, predicted, labels=every).tolist(),
        "ece": _share(expected_calibration_error(truth, probabilities)),
    }  # fmt: skip


def expected_calibration_error(truth: np.ndarray, probabilities: np.ndarray) -> float:
    """Mean distance, 0 to 1, between how sure the network is and how often it is right (Guo et al. 2017, 15 bins)."""
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == truth
    bins = np.minimum((confidence * ECE_BINS).astype(int), ECE_BINS - 1)
    gaps = [
        (bins == k).sum() * abs(right[bins == k].mean() - confidence[bins == k].mean()) for k in np.unique(bins)
    ]  # fmt: skip
    return float(sum(gaps) / len(truth))


def _share(value: float) -> float | None:
    """Four digits: more than 3,570 faces can tell apart. NaN, undefined, becomes None."""
    return None if np.isnan(value) else round(float(value), 4)
