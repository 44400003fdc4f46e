"""Evaluations from outside are checked field by field, and refused in a sentence."""

import pytest

from processor.evaluation_form import checked
from processor.metadata import FieldInvalid
from tests.db.rows import evaluation

CARD = {
    "name": "m", "version": "1", "sha256": "ab" * 32, "licence": "none",
    "emotions": ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"],
}  # fmt: skip


def test_no_evaluations():
    assert checked(CARD, []) == []


def test_what_is_right_comes_back_whole():
    [found] = checked(CARD, [evaluation()])
    given = evaluation()
    assert {name: found[name] for name in ("accuracy", "intervals", "confusion", "groups", "samples")} == {
        name: given[name] for name in ("accuracy", "intervals", "confusion", "groups", "samples")
    }
    assert found["curves"] == given["curves"]
    assert found["per_class"]["sad"] == given["per_class"]["sad"]


def test_the_least_that_must_be_there():
    least = {"data": "d", "split": "s", "labels": "ferplus", "n": 0}
    [found] = checked(CARD, [least])
    assert found | least == found and "confusion" not in found


def test_what_is_not_known_is_left_out():
    [found] = checked(CARD, [evaluation(sharpness=3)])
    assert "sharpness" not in found


@pytest.mark.parametrize(
    ("card", "evaluations", "said"),
    [
        (None, [], "`card`: Input should be a valid dictionary"),
        ({}, [], "`card.name`: Field required"),
        ({**CARD, "sha256": "xyz"}, [], "`card.sha256`: String should match pattern"),
        ({**CARD, "emotions": ["happy", "sad"]}, [], "`card`: it is for other emotions: expected angry, disgust"),
        ({**CARD, "curves": [{"loss": 1.0}]}, [], "`card`: every point of `curves` needs its `epoch`."),
        (CARD, None, "`evaluations`: Input should be a valid list"),
        (CARD, [7], "`evaluations.0`: Input should be a valid dictionary"),
        (CARD, [{"data": "d"}], "`evaluations.0.split`: Field required"),
        (CARD, [evaluation(labels="mine")], "`evaluations.0.labels`: Input should be 'fer2013' or 'ferplus'"),
        (CARD, [evaluation(accuracy=1.01)], "`evaluations.0.accuracy`: Input should be less than or equal to 1"),
        (CARD, [evaluation(auc=float("nan"))], "`evaluations.0.auc`: Input should be"),
        (CARD, [evaluation(accuracy="0.5")], "`evaluations.0.accuracy`: Input should be a valid number"),
        (CARD, [evaluation(n=True)], "`evaluations.0.n`: Input should be a valid integer"),
        (CARD, [evaluation(per_class={"bored": {"support": 3}})], "`evaluations.0.per_class.bored"),
        (CARD, [evaluation(confusion=[[0] * 7] * 6)], "`evaluations.0.confusion`: List should have at least 7 items"),
        (CARD, [evaluation(n=4)], "`evaluations.0`: `confusion` has 3 faces, and `n` says 4."),
        (
            CARD,
            [evaluation(samples={"row": [1], "truth": [7], "predicted": [0], "probability": [0.5]})],
            "`evaluations.0.samples.truth.0`: Input should be less than 7. Received: '7'.",
        ),
        (
            CARD,
            [evaluation(samples={"row": [1, 2], "truth": [0], "predicted": [0], "probability": [0.5]})],
            "`evaluations.0.samples`: the columns must be equally long, and are [1, 2].",
        ),
        (CARD, [evaluation(curves={"roc": {"happy": [[0.5]]}})], "`evaluations.0.curves.roc.happy.0`: List should"),
    ],
)
def test_what_is_wrong_is_said(card, evaluations, said):
    with pytest.raises(FieldInvalid) as refused:
        checked(card, evaluations)
    assert str(refused.value).startswith(said), refused.value
