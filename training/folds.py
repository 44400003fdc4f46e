"""Cross-validation (system B): every face of `Training` is tested once, by a network that did not learn from it."""

from __future__ import annotations

import json
from pathlib import Path

import keras
import numpy as np
from rich.console import Console
from rich.table import Table
from sklearn.model_selection import StratifiedKFold

from training import train
from training.datasets import FaceSet
from training.metrics import figures
from training.recipes import Recipe

RESULTS_FILE = "folds.json"
MEASURES = ("accuracy", "accuracy_3", "macro_f1")
BATCH = 64


def split(faces: FaceSet, count: int, seed: int) -> list[tuple[FaceSet, FaceSet]]:
    """(the others, the fold) for each of `count` folds of `Training`, every emotion shared evenly.

    Raises ValueError if an emotion has fewer faces than there are folds.
    """
    training = faces.where(faces.usage == "Training")
    fewest = np.unique(training.fer, return_counts=True)[1].min(initial=len(training))
    if fewest < count:
        raise ValueError(f"{count} folds need {count} faces of every emotion; one has only {fewest}. Take fewer folds.")
    folds = StratifiedKFold(count, shuffle=True, random_state=seed).split(training.images, training.fer)
    return [(training.where(others), training.where(fold)) for others, fold in folds]


def cross_validate(
    network: str, faces: FaceSet, folder: Path, recipe: Recipe, count: int, **options
) -> dict[str, dict | list]:
    """Train `count` networks, each in `folder/fold-1` and so on, and test each on its fold, by FER2013's labels.

    Returns, and writes to `folder/folds.json`: `folds`, a list of {n, accuracy, accuracy_3, macro_f1}; `mean` and `sd`
    (with n - 1) of each. Started again after a stop, it goes on where it was.

    Args:
        options: as `train.train` takes them.
    """
    results = []
    for number, (others, fold) in enumerate(split(faces, count, recipe.seed), start=1):
        model = train.train(network, [others], folder / f"fold-{number}", recipe, **options)
        probabilities = model.predict(fold.images[..., None], batch_size=BATCH, verbose=0)["fer2013"]
        found = figures(fold.fer.astype(int), probabilities, resamples=1)
        results.append({"n": len(fold), **{measure: found[measure] for measure in MEASURES}})
        keras.utils.clear_session(free_memory=True)
    columns = {measure: [result[measure] for result in results] for measure in MEASURES}
    summary = {
        "network": network,
        "recipe": recipe.name,
        "folds": results,
        "mean": {measure: round(float(np.mean(values)), 4) for measure, values in columns.items()},
        "sd": {measure: round(float(np.std(values, ddof=1)), 4) for measure, values in columns.items()},
    }
    (folder / RESULTS_FILE).write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")
    return summary


def show(summary: dict) -> None:
    """A line for each fold, then mean and standard deviation, in percent."""
    table = Table("fold", "faces", "7 classes, %", "3 categories, %", "macro F1, %")
    for number, result in enumerate(summary["folds"], start=1):
        table.add_row(str(number), f"{result['n']:,}", *(f"{100 * result[measure]:.1f}" for measure in MEASURES))
    spread = (f"{100 * summary['mean'][m]:.1f} ± {100 * summary['sd'][m]:.1f}" for m in MEASURES)
    table.add_row("mean ± sd", "", *spread)
    Console().print(table)
