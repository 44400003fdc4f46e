"""Queries about models, by values that can be added up by hand."""

import duckdb
import pandas as pd
import pytest

from db import model_results, results
from db.emotions import CATEGORIES, EMOTIONS
from db.store import Store
from tests.db.rows import analysed, evaluation, finish, queue, video

ID = "m-1-abc/fer/PublicTest/fer2013"


@pytest.fixture
def con(store: Store):
    """A store with one evaluated model, and a connection to what it published."""
    store.add_model("m-1-abc", "m", "1", "abc", {"name": "m", "curves": [1], "evaluations": [], "limits": "many"})
    curves = [
        {"epoch": 0, "loss": 2.0, "fer2013_categorical_accuracy": 0.2, "val_fer2013_loss": 1.5, "seconds": 60},
        {"epoch": 1, "loss": 1.0, "fer2013_categorical_accuracy": 0.4, "val_fer2013_loss": None, "seconds": 61},
    ]
    store.put_evaluations("m-1-abc", [evaluation()], curves)
    store.publish()
    with results.connect(store.path.parent / "results.duckdb") as con:
        yield con


@pytest.fixture
def nothing(store: Store):
    """A connection to an empty store."""
    store.publish()
    with results.connect(store.path.parent / "results.duckdb") as con:
        yield con


def test_an_empty_store_has_nothing(nothing):
    assert model_results.up_to_date(nothing)
    assert model_results.models(nothing) == []
    assert model_results.evaluations(nothing).empty
    assert model_results.to_analyse(nothing, "m-1-abc", "m") == (0, 0)
    for found in (
        model_results.report(nothing, ID), model_results.confusion(nothing, ID), model_results.groups(nothing, ID),
        model_results.curve(nothing, ID, "roc"), model_results.epochs(nothing, "m-1-abc"),
        model_results.examples(nothing, ID),
    ):  # fmt: skip
        assert found.empty
    rows, total = model_results.predictions(nothing, ID)
    assert (len(rows), total) == (0, 0)


def test_a_store_from_before_is_noticed():
    with duckdb.connect() as con:
        con.execute("CREATE TABLE model (model_id VARCHAR)")
        assert not model_results.up_to_date(con)


def test_models(con):
    (model,) = model_results.models(con)
    assert (model["model_id"], model["name"], model["version"], model["videos"]) == ("m-1-abc", "m", "1", 0)
    assert model["card"] == {"name": "m", "limits": "many"}  # what has tables of its own is left out


def test_evaluations(con):
    (row,) = model_results.evaluations(con).to_dict("records")
    assert (row["evaluation_id"], row["name"], row["version"], row["n"]) == (ID, "m", "1", 3)
    assert (row["accuracy"], row["accuracy_low"], row["accuracy_high"]) == (0.6667, 0.3333, 1.0)


def test_report(con):
    rows = model_results.report(con, ID).set_index("emotion")
    assert list(rows.index) == [*EMOTIONS, "mean", "weighted mean"]
    assert rows.loc["happy", ["precision", "recall", "support"]].tolist() == [0.5, 1.0, 1]
    assert pd.isna(rows.loc["fear", "f1"])  # nobody showed it: undefined, not 0
    # One face is happy (precision 0.5, recall 1, AUC 0.75), two are sad (1, 0.5 and 1).
    assert rows.loc["mean", ["precision", "recall", "support", "auc"]].tolist() == [0.75, 0.75, 3, 0.875]
    assert rows.loc["weighted mean", "precision"] == pytest.approx((0.5 * 1 + 1 * 2) / 3)
    assert rows.loc["weighted mean", "recall"] == pytest.approx((1 * 1 + 0.5 * 2) / 3)
    assert rows.loc["weighted mean", "auc"] == pytest.approx((0.75 * 1 + 1 * 2) / 3)


def test_confusion_of_emotions(con):
    rows = model_results.confusion(con, ID)
    assert list(rows["truth"]) == [truth for truth in EMOTIONS for _ in EMOTIONS]
    assert list(rows["predicted"]) == list(EMOTIONS) * 7
    cells = rows.set_index(["truth", "predicted"])
    assert rows["faces"].sum() == 3
    assert cells.loc[("sad", "happy")].tolist() == [1, 0.5]
    assert cells.loc[("sad", "sad")].tolist() == [1, 0.5]
    assert cells.loc[("happy", "happy")].tolist() == [1, 1.0]
    assert pd.isna(cells.loc[("fear", "fear"), "share"])


def test_confusion_of_categories(con):
    rows = model_results.confusion(con, ID, categories=True)
    assert list(rows["truth"]) == [truth for truth in CATEGORIES for _ in CATEGORIES]
    cells = rows.set_index(["truth", "predicted"])
    assert cells.loc[("negative", "positive")].tolist() == [1, 0.5]
    assert cells.loc[("negative", "negative")].tolist() == [1, 0.5]
    assert cells.loc[("positive", "positive")].tolist() == [1, 1.0]
    assert cells.loc[("neutral", "neutral"), "faces"] == 0


def test_curves(con):
    roc = model_results.curve(con, ID, "roc")
    assert roc[["emotion", "point", "x", "y"]].values.tolist() == [
        ["happy", 0, 0.0, 0.0], ["happy", 1, 0.5, 1.0], ["happy", 2, 1.0, 1.0],
    ]  # fmt: skip
    calibration = model_results.curve(con, ID, "calibration")
    assert calibration[["x", "y", "faces"]].values.tolist() == [[0.6, 0.5, 2], [0.9, 1.0, 1]]


def test_groups(con):
    rows = model_results.groups(con, ID)
    assert rows[["grouping", "value", "n", "accuracy"]].values.tolist() == [
        ["gender", "F", 2, 0.5],
        ["gender", "M", 1, 1],
    ]


def test_epochs(con):
    rows = model_results.epochs(con, "m-1-abc")
    assert rows[["figure", "head", "part", "epoch", "value"]].values.tolist() == [
        ["accuracy", "fer2013", "train", 0, 0.2], ["accuracy", "fer2013", "train", 1, 0.4],
        ["loss", "all", "train", 0, 2.0], ["loss", "all", "train", 1, 1.0],
        ["loss", "fer2013", "validation", 0, 1.5],  # undefined in the second epoch; seconds are no curve
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        ("loss", ("all", "loss", "train")),
        ("val_loss", ("all", "loss", "validation")),
        ("accuracy", ("all", "accuracy", "train")),
        ("val_categorical_accuracy", ("all", "accuracy", "validation")),
        ("ferplus_accuracy", ("ferplus", "accuracy", "train")),
        ("val_ferplus_sparse_categorical_accuracy", ("ferplus", "accuracy", "validation")),
        ("learning_rate", None),
    ],
)
def test_names_of_measures(store, measure, expected):
    store.put_evaluations("m", [], [{"epoch": 1, measure: 0.5}])
    store.publish()
    with results.connect(store.path.parent / "results.duckdb") as con:
        rows = model_results.epochs(con, "m")[["head", "figure", "part"]].values.tolist()
    assert rows == ([list(expected)] if expected else [])


# Row 4 is happy (0.9, right), row 7 is sad taken for happy (0.75), row 9 is sad (0.5, right).
@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, [4, 7, 9]),
        ({"surest_first": False}, [9, 7, 4]),
        ({"truth": "sad"}, [7, 9]),
        ({"predicted": "happy"}, [4, 7]),
        ({"right": True}, [4, 9]),
        ({"right": False}, [7]),
        ({"probability": (0.5, 0.75)}, [7, 9]),
        ({"probability": (0.9, 1.0)}, [4]),  # 0.9 in 32 bits is a little less than 0.9
        ({"truth": "sad", "right": True}, [9]),
        ({"truth": "fear"}, []),
    ],
)
def test_predictions(con, filters, expected):
    rows, total = model_results.predictions(con, ID, **filters)
    assert list(rows["row"]) == expected
    assert total == len(expected)


def test_predictions_by_pages(con):
    rows, total = model_results.predictions(con, ID, limit=2, offset=2)
    assert (list(rows["row"]), total) == ([9], 3)


def test_examples(con):
    rows = model_results.examples(con, ID)
    assert rows.values.tolist() == [["happy", "happy", [4]], ["sad", "happy", [7]], ["sad", "sad", [9]]]
    by_category = model_results.examples(con, ID, categories=True, each=1)
    assert ["negative", "positive", [7]] in by_category.values.tolist()


def test_examples_are_the_surest(store):
    samples = {"row": [1, 2, 3], "truth": [3, 3, 3], "predicted": [3, 3, 3], "probability": [0.5, 0.9, 0.7]}
    store.add_model("m-1-abc", "m", "1", "abc", {})
    store.put_evaluations("m-1-abc", [evaluation(samples=samples)])
    store.publish()
    with results.connect(store.path.parent / "results.duckdb") as con:
        assert model_results.examples(con, ID, each=2)["rows"].tolist() == [[2, 3]]


def test_to_analyse(store):
    analysed(store, "v1", "happy")  # by model m-1, see rows.finish
    store.add_video(video("v2"))  # a run waits that asks for the bundle by its name
    queue(store, "v2", model_id="m")
    store.add_video(video("v3"))
    store.start_run(failed := queue(store, "v3", model_id="m"))
    store.fail_run(failed, "v3.mp4 ends in the middle.")
    store.add_video(video("v4", missing_since="2026-01-01"))
    store.add_video(video("v5"))
    store.start_run(run := queue(store, "v5"))
    finish(store, run, emotions=("sad",))
    store.add_video(video("v6"))  # a run waits that names no model: it will use the default
    queue(store, "v6")
    store.publish()
    with results.connect(store.path.parent / "results.duckdb") as con:
        assert model_results.to_analyse(con, "m-1", "m", default=True) == (1, 5)
        assert model_results.to_analyse(con, "m-1", "m") == (2, 5)  # v3, v6; v4's file is gone
        assert model_results.to_analyse(con, "other-1", "other") == (5, 5)


@pytest.mark.parametrize(
    ("splits", "expected"),
    [
        ([], None),
        (["train", "validation", "PublicTest"], "PublicTest"),
        (["train", "validation"], "validation"),
        (["train", "Test"], "Test"),
        (["mine"], "mine"),
    ],
)
def test_first_split(splits, expected):
    assert model_results.first_split(splits) == expected
