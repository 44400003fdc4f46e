"""Figures of an evaluation as tables for a terminal."""

from __future__ import annotations

from rich.table import Table

from db.emotions import CATEGORIES, EMOTIONS
from training.cli.options import percent, stdout, with_interval

MEASURES = {
    "accuracy": "7 classes", "balanced_accuracy": "7 classes, balanced", "accuracy_3": "3 categories",
    "macro_f1": "macro F1", "auc": "AUC", "ece": "calibration error",
}  # fmt: skip
LABELS = {"fer2013": "FER2013's labels", "ferplus": "FER+ majority"}


def show_measures(results: list[dict]) -> None:
    """One column for each label set, so that they stand side by side; 95 percent intervals in brackets."""
    table = Table("percent", *(f"{LABELS[r['labels']]}, {r['n']:,} faces" for r in results), title="All faces")
    for measure, words in MEASURES.items():
        table.add_row(words, *(with_interval(result, measure) for result in results))
    stdout.print(table)


def show_classes(result: dict) -> None:
    """What each emotion is found by and taken for, in seven classes and in three."""
    words = {
        "precision": "precision",
        "recall": "recall",
        "f1": "F1",
        "auc": "AUC",
        "average_precision": "avg. precision",
    }
    table = Table("percent", *words.values(), "faces", title=f"By emotion, {LABELS[result['labels']]}")
    for emotion, figures in result["per_class"].items():
        table.add_row(emotion, *(percent(figures[name]) for name in words), f"{figures['support']:,}")
    stdout.print(table)
    for names, key in ((EMOTIONS, "confusion"), (CATEGORIES, "confusion_3")):
        table = Table("label", *names, title=f"Taken for (columns), {LABELS[result['labels']]}")
        for name, row in zip(names, result[key], strict=True):
            table.add_row(name, *(f"{faces:,}" for faces in row))
        stdout.print(table)
    for grouping, groups in result.get("groups", {}).items():
        table = Table(
            "group", "faces", "7 classes, %", "3 categories, %", "macro F1, %", title=f"By {grouping.replace('_', ' ')}"
        )
        for value, figures in groups.items():
            shares = (percent(figures[name]) for name in ("accuracy", "accuracy_3", "macro_f1"))
            table.add_row(value, f"{figures['n']:,}", *shares)
        stdout.print(table)


def show_overfitting(results: list[dict]) -> None:
    """How much better it does on faces it learned from."""
    for result in results:
        seen = result["train"]
        stdout.print(
            f"{LABELS[result['labels']]}: {percent(seen['accuracy'])} % of {seen['n']:,} faces of the training part, "
            f"{percent(result['accuracy'])} % of {result['split']}: a gap of {100 * seen['gap']:.1f} points."
        )


def show_cost(result: dict) -> None:
    """Speed and size."""
    speed, size = result["speed"], result["size"]
    stdout.print(
        f"{speed['faces_per_s']:,} faces a second in batches of 64 ({speed['batch_64_ms']} ms), "
        f"{speed['batch_1_ms']} ms for one face, on {speed['device']} ({speed['machine']}). "
        f"{size['parameters']:,} parameters, {size['bytes'] / 1e6:.1f} MB."
    )
