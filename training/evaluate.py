"""How well a bundle does on labelled faces. Only faces it never learned from say anything: use `PublicTest`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from sklearn.metrics import confusion_matrix

from db.emotions import EMOTIONS
from processor.emotions import MODEL_FILE, Classifier
from training import calibrate, speed
from training.datasets import FaceSet, majority_labels
from training.metrics import RESAMPLES, figures, measures, share

GROUPINGS = ("gender", "source", "twin_in_training")  # the columns of a data set by which sub-groups are told apart
MEASURED_SPLITS = ("train", "validation", "PublicTest", "Test")
# Of the faces it learned from, as many as `PublicTest` has are enough to see overfitting.
TRAIN_SAMPLE = 3570


@dataclass(frozen=True)
class Answers:
    """What a bundle says of the faces that one label set counts.

    labels: `fer2013` or `ferplus`. head: the output that was asked. counts: bool (N,), which faces of the set they are.
    truth: int (M,), 0..6. probabilities: (M, 7). M is the number of faces that count.
    """

    labels: str
    head: str
    counts: np.ndarray
    truth: np.ndarray
    probabilities: np.ndarray


def answers(outputs: dict[str, np.ndarray], faces: FaceSet) -> list[Answers]:
    """One for each label set that `faces` has: FER2013's one label, and FER+'s majority where there are votes.

    outputs: `Classifier.outputs(faces.images)`. FER2013's labels are compared with the head that learned them, if the
    network has one; FER+'s with `emotions`, the probabilities that Moodreel stores.
    """
    truths = {"fer2013": faces.fer}
    if faces.votes is not None:
        truths["ferplus"] = majority_labels(faces.votes)
    found = []
    for labels, truth in truths.items():
        head = "fer2013" if labels == "fer2013" and "fer2013" in outputs else "emotions"
        counts = truth >= 0
        if counts.any():
            found.append(Answers(labels, head, counts, truth[counts].astype(int), outputs[head][counts]))
    return found


def evaluate(classifier: Classifier, faces: FaceSet, *, resamples: int = RESAMPLES, seed: int = 0) -> list[dict]:
    """The figures (`metrics.figures`) for each label set that `faces` has, with its name (`labels`) and the `head`.

    Besides, `samples`: every face as columns of equal length, {row: in the data set, truth and predicted: 0..6,
    probability: of the predicted}; and `groups`: {one of GROUPINGS: {value: {n, accuracy, accuracy_3, macro_f1}}}, if
    the data set has such a column with more than one value. Raises ValueError for no faces.
    """
    found = answers(classifier.outputs(faces.images), faces)
    if not found:
        raise ValueError("There is no labelled face to evaluate on.")
    return [_evaluation(answer, faces.where(answer.counts), resamples, seed) for answer in found]


def measure(folder: Path, data: str, faces: FaceSet, splits: tuple[str, ...] = MEASURED_SPLITS) -> dict:
    """What goes into the card of the bundle in `folder`: evaluations of each split that is there, speed and size.

    data: the name of the data set. Of `train`, a seeded sample of 3,570 faces is tried. `calibration` says for each
    head with a temperature what it did to the calibration error, on the last of the splits: one that it was not fitted
    to. Raises ValueError if `faces` has none of the splits.
    """
    classifier = Classifier(folder)
    parts = _present(faces, splits)
    temperatures = calibrate.temperatures_of(classifier.model)
    last = list(parts)[-1]
    told = classifier.outputs(parts[last].images) if temperatures else {}
    return {
        "evaluations": [found for split in parts for found in measured(classifier, data, split, parts[split])],
        "calibration": calibrate.effect(told, parts[last], temperatures, last),
        "speed": speed.speed(classifier),
        "size": size(classifier, folder / MODEL_FILE),
    }


def measured(classifier: Classifier, data: str, split: str, faces: FaceSet) -> list[dict]:
    """`evaluate`, as it is kept: with the names of the data set and the split, and when it was measured (UTC)."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return [{"data": data, "split": split, **found, "evaluated_at": now} for found in evaluate(classifier, faces)]


def part(faces: FaceSet, split: str) -> FaceSet:
    """A split as it is measured: of `train`, always the same 3,570 faces. Raises ValueError if there is none."""
    chosen = faces.split(split)
    return chosen.subset(TRAIN_SAMPLE, seed=0) if split == "train" else chosen


def size(classifier: Classifier, file: Path) -> dict:
    """{parameters, bytes}: numbers that were learned, and the size of the file they come in."""
    return {"parameters": classifier.model.count_params(), "bytes": file.stat().st_size}


def _evaluation(answer: Answers, faces: FaceSet, resamples: int, seed: int) -> dict:
    """faces: those that count."""
    predicted = answer.probabilities.argmax(axis=1)
    evaluation = {
        "labels": answer.labels,
        "head": answer.head,
        **figures(answer.truth, answer.probabilities, resamples=resamples, seed=seed),
        "samples": {
            "row": faces.row.tolist(),
            "truth": answer.truth.tolist(),
            "predicted": predicted.tolist(),
            "probability": [share(value) for value in answer.probabilities.max(axis=1)],
        },
    }
    columns = {name: getattr(faces, name, None) for name in GROUPINGS}
    groups = {name: _groups(column, answer.truth, predicted) for name, column in columns.items() if column is not None}
    # One group alone would be the whole again.
    groups = {name: values for name, values in groups.items() if len(values) > 1}
    return evaluation | ({"groups": groups} if groups else {})


def _groups(column: np.ndarray, truth: np.ndarray, predicted: np.ndarray) -> dict[str, dict]:
    """The figures of the faces with each value of `column` (N,) str; faces without one ("") are left out."""
    found = {}
    for value in np.unique(column[column != ""]):
        member = column == value
        confusion = confusion_matrix(truth[member], predicted[member], labels=np.arange(len(EMOTIONS)))
        found[str(value)] = {"n": int(member.sum())} | {k: share(v) for k, v in measures(confusion).items()}
    return found


def _present(faces: FaceSet, splits: tuple[str, ...]) -> dict[str, FaceSet]:
    found = {}
    for split in splits:
        try:
            found[split] = part(faces, split)
        except ValueError:
            continue
    if not found:
        raise ValueError(f"The data set has none of the splits {', '.join(splits)}, so there is nothing to measure on.")
    return found
