"""The part of the store that knows models and how well they do."""

from __future__ import annotations

import json

from db.emotions import EMOTIONS
from db.session import Session, utc, utc_now

MEASURES = ("accuracy", "accuracy_3", "macro_f1", "ece")


class Evaluations(Session):
    """Models, their training curves and their evaluations."""

    def add_model(self, model_id: str, name: str, version: str, sha256: str, card: dict) -> None:
        """Record a model; one that is known already is left as it is."""
        self._write(
            "INSERT INTO model (model_id, name, version, sha256, card, added_at) VALUES (?, ?, ?, ?, ?, ?) "
            "ON CONFLICT DO NOTHING",
            [model_id, name, version, sha256, json.dumps(card), utc_now()],
        )

    def put_evaluations(self, model_id: str, evaluations: list[dict], curves: list[dict]) -> None:
        """Store how well a model does, in place of what was stored under the same ids before.

        Args:
            evaluations: each {data, split, labels, n, accuracy, accuracy_3, macro_f1, ece, evaluated_at, per_class:
                {emotion: {precision, recall, f1, support}}, confusion: 7 rows (truth) of 7 counts (predicted) in the
                order of EMOTIONS, samples: [{row, truth, predicted, probability}]}. A measure that is missing is NULL;
                `evaluated_at` is now unless given; per_class, confusion and samples may be missing.
            curves: the training curves, one dict an epoch, {epoch, measure: value, ...}; they take the place of the
                model's curves before.
        """
        with self.transaction():
            self._write("DELETE FROM training_epoch WHERE model_id = ?", [model_id])
            self._insert(
                "training_epoch",
                [
                    [model_id, int(point["epoch"]), measure, value]
                    for point in curves
                    for measure, value in point.items()
                    if measure != "epoch"
                ],
            )
            for evaluation in evaluations:
                self._put_evaluation(model_id, evaluation)

    def _put_evaluation(self, model_id: str, evaluation: dict) -> None:
        key = "/".join((model_id, evaluation["data"], evaluation["split"], evaluation["labels"]))
        for table in ("evaluation", "evaluation_class", "confusion", "prediction_sample"):
            self._write(f"DELETE FROM {table} WHERE evaluation_id = ?", [key])
        self._write(
            "INSERT INTO evaluation "
            f"(evaluation_id, model_id, data, split, labels, n, {', '.join(MEASURES)}, evaluated_at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                *(key, model_id, evaluation["data"], evaluation["split"], evaluation["labels"], evaluation["n"]),
                *(evaluation.get(measure) for measure in MEASURES),
                utc(evaluation.get("evaluated_at")) or utc_now(),
            ],
        )
        self._insert(
            "evaluation_class",
            [
                [key, emotion, scores.get("precision"), scores.get("recall"), scores.get("f1"), scores["support"]]
                for emotion, scores in evaluation.get("per_class", {}).items()
            ],
        )
        self._insert(
            "confusion",
            [
                [key, truth, predicted, faces]
                for truth, row in zip(EMOTIONS, evaluation["confusion"], strict=True)
                for predicted, faces in zip(EMOTIONS, row, strict=True)
            ]
            if "confusion" in evaluation
            else [],
        )
        self._insert(
            "prediction_sample",
            [
                [key, sample["row"], sample["truth"], sample["predicted"], sample["probability"]]
                for sample in evaluation.get("samples", [])
            ],
        )

    def _insert(self, table: str, rows: list[list]) -> None:
        for row in rows:
            self._write(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)
