"""The part of the store that knows models and how well they do."""

from __future__ import annotations

import json

import pyarrow as pa

from db.emotions import EMOTIONS
from db.session import Session, utc, utc_now

MEASURES = ("accuracy", "balanced_accuracy", "accuracy_3", "macro_f1", "auc", "ece")
CLASS_MEASURES = ("precision", "recall", "f1", "support", "auc", "average_precision")
GROUP_MEASURES = ("n", "accuracy", "accuracy_3", "macro_f1")
# What hangs on an evaluation, and the evaluation.
EVALUATION_TABLES = (
    "evaluation_class", "evaluation_curve", "evaluation_group", "confusion", "prediction_sample", "evaluation",
)  # fmt: skip


class Evaluations(Session):
    """Models, their training curves and their evaluations."""

    def add_model(self, model_id: str, name: str, version: str, sha256: str, card: dict) -> None:
        """Record a model; of one that is known already, the card is replaced. Samples in the card are left out."""
        self._write(
            "INSERT INTO model (model_id, name, version, sha256, card, added_at) VALUES (?, ?, ?, ?, ?, ?) "
            "ON CONFLICT DO UPDATE SET card = excluded.card",
            [model_id, name, version, sha256, json.dumps(without_samples(card)), utc_now()],
        )

    def model_card(self, model_id: str) -> dict | None:
        """The card of a model as it was recorded, without samples; None if the model is not known."""
        rows = self._read("SELECT card FROM model WHERE model_id = ?", [model_id])
        return json.loads(rows[0]["card"]) if rows else None

    def put_evaluations(self, model_id: str, evaluations: list[dict], curves: list[dict] | None = None) -> None:
        """Store how well a model does, in place of what was stored under the same ids before.

        Args:
            evaluations: each as `training.evaluate` gives it, with `data` and `split`. What must be there: data, split,
                labels, n. A measure that is missing is NULL; `evaluated_at` is now unless given. In `confusion` rows
                are the truth, in the order of EMOTIONS; `samples` are columns: {row, truth, predicted, probability},
                the middle two as places in EMOTIONS.
            curves: the training curves, one dict an epoch, {epoch, measure: value, ...}; they take the place of the
                model's curves before. None leaves those as they are.
        """
        with self.transaction():
            if curves is not None:
                self._write("DELETE FROM training_epoch WHERE model_id = ?", [model_id])
                values = [
                    (int(point["epoch"]), measure, value)
                    for point in curves
                    for measure, value in point.items()
                    if measure != "epoch"
                ]
                self._insert("training_epoch", ("epoch", "measure", "value"), values, model_id=model_id)
            for evaluation in evaluations:
                self._put_evaluation(model_id, evaluation)

    def _put_evaluation(self, model_id: str, evaluation: dict) -> None:
        names = ("data", "split", "labels")
        key = "/".join((model_id, *(evaluation[name] for name in names)))
        for table in EVALUATION_TABLES:
            self._write(f"DELETE FROM {table} WHERE evaluation_id = ?", [key])
        intervals = evaluation.get("intervals", {})
        row = {
            "model_id": model_id,
            **{name: evaluation[name] for name in (*names, "n")},
            **{measure: evaluation.get(measure) for measure in MEASURES},
            **{f"{measure}_low": low for measure, (low, _) in intervals.items()},
            **{f"{measure}_high": high for measure, (_, high) in intervals.items()},
            "evaluated_at": utc(evaluation.get("evaluated_at")) or utc_now(),
        }
        self._insert("evaluation", tuple(row), [tuple(row.values())], evaluation_id=key)
        for table, columns, rows in (
            ("evaluation_class", ("emotion", *CLASS_MEASURES), _classes(evaluation)),
            ("evaluation_curve", ("kind", "emotion", "point", "x", "y", "faces"), _points(evaluation)),
            ("evaluation_group", ("grouping", "value", *GROUP_MEASURES), _groups(evaluation)),
            ("confusion", ("truth", "predicted", "faces"), _cells(evaluation)),
            ("prediction_sample", ("row", "truth", "predicted", "probability"), _samples(evaluation)),
        ):
            self._insert(table, columns, rows, evaluation_id=key)

    def _insert(self, table: str, columns: tuple[str, ...], rows: list[tuple], **key: str) -> None:
        """Insert rows of these columns, each with the column of `key` added: thousands in one go."""
        if rows:
            by_column = [list(column) for column in zip(*rows, strict=True)]
            self._insert_arrow(table, pa.table(by_column, names=columns), **key)


def without_samples(card: dict) -> dict:
    """A bundle's card less the single predictions in it, which have a table of their own."""
    if not isinstance(card.get("evaluations"), list):
        return card
    evaluations = [{name: value for name, value in e.items() if name != "samples"} for e in card["evaluations"]]
    return {**card, "evaluations": evaluations}


# --- parts of an evaluation as rows; none where it lacks that part ---


def _classes(evaluation: dict) -> list[tuple]:
    return [(name, *map(scores.get, CLASS_MEASURES)) for name, scores in evaluation.get("per_class", {}).items()]


def _points(evaluation: dict) -> list[tuple]:
    curves = evaluation.get("curves", {})
    by_emotion = [
        (kind, emotion, point, x, y, None)
        for kind in ("roc", "pr")
        for emotion, points in curves.get(kind, {}).items()
        for point, (x, y) in enumerate(points)
    ]
    calibration = enumerate(curves.get("calibration", ()))
    return by_emotion + [("calibration", None, point, x, y, faces) for point, (x, y, faces) in calibration]


def _groups(evaluation: dict) -> list[tuple]:
    return [
        (grouping, value, *map(figures.get, GROUP_MEASURES))
        for grouping, values in evaluation.get("groups", {}).items()
        for value, figures in values.items()
    ]


def _cells(evaluation: dict) -> list[tuple]:
    if "confusion" not in evaluation:
        return []
    return [
        (truth, predicted, faces)
        for truth, row in zip(EMOTIONS, evaluation["confusion"], strict=True)
        for predicted, faces in zip(EMOTIONS, row, strict=True)
    ]


def _samples(evaluation: dict) -> list[tuple]:
    if "samples" not in evaluation:
        return []
    columns = evaluation["samples"]
    truth, predicted = ([EMOTIONS[i] for i in columns[name]] for name in ("truth", "predicted"))
    return list(zip(columns["row"], truth, predicted, columns["probability"], strict=True))
