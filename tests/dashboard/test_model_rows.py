"""Figures in words, and our measurements beside claims."""

import pandas as pd
import pytest

from dashboard import model_rows
from dashboard.model_rows import CLAIMED, MEASURED, REPORTED
from training.systems import CLAIMS, REFERENCES

MODELS = [
    {
        "model_id": "cnn-1-aa",
        "name": "cnn",
        "version": "1",
        "card": {"epochs": 30, "minutes": 90, "machine": "2 cores"},
    },
    {"model_id": "moodnet-2-bb", "name": "moodnet", "version": "2", "card": {}},
    {"model_id": "moodnet-1-cc", "name": "moodnet", "version": "1", "card": {}},
]


def evaluations(*rows: tuple) -> pd.DataFrame:
    """Rows (model_id, labels, split, accuracy, accuracy_3)."""
    table = pd.DataFrame(rows, columns=["model_id", "labels", "split", "accuracy", "accuracy_3"])
    for measure in ("accuracy", "accuracy_3"):
        table = table.assign(**{f"{measure}_low": table[measure] - 0.01, f"{measure}_high": table[measure] + 0.01})
    return table.assign(data="fer2013", n=3570)


MEASUREMENTS = evaluations(
    ("cnn-1-aa", "fer2013", "PublicTest", 0.6, 0.7),
    ("moodnet-2-bb", "fer2013", "PublicTest", 0.72, 0.84),
    ("moodnet-2-bb", "ferplus", "PublicTest", 0.89, 0.91),
    ("moodnet-2-bb", "fer2013", "train", 0.99, 0.99),
)


def test_figures_in_words():
    assert model_rows.in_percent(0.69134) == "69.1 %"
    assert model_rows.in_percent(None) == model_rows.in_percent(float("nan")) == "–"
    assert model_rows.with_interval(0.6913, 0.676, 0.7063) == "69.1 % (67.6–70.6)"
    assert model_rows.with_interval(0.6913, None, None) == "69.1 %"
    assert model_rows.score(0.6513, 0.63, 0.6688) == "0.651 (0.630–0.669)"
    assert model_rows.score(None) == "–"


@pytest.mark.parametrize(
    ("card", "expected"),
    [
        ({}, ""),
        ({"epochs": 41, "minutes": 109, "machine": "2 cores"}, "41 epochs, in 1 h 49 min, on 2 cores"),
        ({"epochs": 3, "minutes": "unknown"}, "3 epochs"),
    ],
)
def test_how_it_was_trained(card, expected):
    assert model_rows.trained(card) == expected


def test_names_are_as_long_as_they_must_be():
    assert model_rows.names(MODELS) == {"cnn-1-aa": "cnn", "moodnet-2-bb": "moodnet 2", "moodnet-1-cc": "moodnet 1"}
    twice = [*MODELS, {**MODELS[2], "model_id": "moodnet-1-dd"}]
    assert model_rows.names(twice)["moodnet-1-dd"] == "moodnet-1-dd"


def test_the_same_network_by_two_recipes_is_called_by_them():
    def model(model_id: str, recipe: str | None) -> dict:
        return {"model_id": model_id, "name": "cnn", "version": "1", "card": {"recipe": recipe and {"name": recipe}}}

    both = [model("cnn-1-aa", "system-b"), model("cnn-1-bb", "system-e")]
    assert model_rows.names(both) == {"cnn-1-aa": "cnn, system B", "cnn-1-bb": "cnn, system E"}
    third = model("cnn-1-cc", "system-e")
    assert set(model_rows.names([*both, third]).values()) == {"cnn-1-aa", "cnn-1-bb", "cnn-1-cc"}
    assert model_rows.names([both[0], model("cnn-1-dd", None)])["cnn-1-aa"] == "cnn-1-aa"


def test_comparison_keeps_ours_and_theirs_apart():
    rows = model_rows.comparison(MEASUREMENTS, MODELS, "fer2013", "fer2013", "PublicTest", "accuracy")
    assert rows["value"].is_monotonic_decreasing
    ours = rows[rows["kind"] == MEASURED]
    assert ours[["name", "value", "faces", "counted_on"]].values.tolist() == [
        ["moodnet 2", 0.72, 3570, "fer2013, PublicTest"], ["cnn", 0.6, 3570, "fer2013, PublicTest"],
    ]  # fmt: skip
    assert list(ours["about"]) == ["", "30 epochs, in 1 h 30 min, on 2 cores"]
    theirs = rows[rows["kind"] != MEASURED]
    assert theirs["low"].isna().all() and theirs["model_id"].isna().all()
    claimed = theirs[theirs["kind"] == CLAIMED]
    assert sorted(claimed["value"]) == sorted(claim.accuracy for claim in CLAIMS if claim.accuracy is not None)
    assert set(theirs.loc[theirs["kind"] == REPORTED, "name"]) == {other.name for other in REFERENCES}


def test_comparison_of_three_categories():
    rows = model_rows.comparison(MEASUREMENTS, MODELS, "fer2013", "fer2013", "PublicTest", "accuracy_3")
    best_claim = rows[rows["kind"] == CLAIMED].iloc[0]
    assert (best_claim["name"], best_claim["value"], best_claim["faces"]) == ("resnet50v2", 0.78, 7178)
    assert "system A" in best_claim["counted_on"]


def test_nothing_is_claimed_about_other_labels_and_other_faces():
    rows = model_rows.comparison(MEASUREMENTS, MODELS, "ferplus", "fer2013", "PublicTest", "accuracy")
    assert rows[["name", "kind", "value"]].values.tolist() == [
        ["moodnet 2", MEASURED, 0.89], ["fer", REPORTED, 0.683],
    ]  # fmt: skip
    assert list(
        model_rows.comparison(MEASUREMENTS, MODELS, "ferplus", "fer2013", "PublicTest", "accuracy_3")["kind"]
    ) == [MEASURED]
    elsewhere = MEASUREMENTS.assign(data="mine")
    assert set(model_rows.comparison(elsewhere, MODELS, "fer2013", "mine", "PublicTest", "accuracy")["kind"]) == {
        MEASURED
    }
    assert model_rows.comparison(MEASUREMENTS, MODELS, "fer2013", "mine", "Test", "accuracy").empty


def test_class_comparison():
    report = pd.DataFrame({"emotion": ["happy", "fear", "mean", "weighted mean"], "f1": [0.9, None, 0.9, 0.9]})
    rows = model_rows.class_comparison({"moodnet": report}, "fer2013")
    assert rows[rows["kind"] == MEASURED][["emotion", "name", "value"]].values.tolist() == [["happy", "moodnet", 0.9]]
    assert set(rows.loc[rows["kind"] == CLAIMED, "name"]) == {"vgg16_small (C)", "resnet18 (D)"}
    assert set(model_rows.class_comparison({"moodnet": report}, "ferplus")["kind"]) == {MEASURED}
