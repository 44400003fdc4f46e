"""Models in the store: their cards, how well they do, and how they were trained."""

from datetime import datetime

from db.emotions import EMOTIONS
from tests.db.rows import evaluation

PARTS = ("evaluation_class", "confusion", "evaluation_curve", "evaluation_group", "prediction_sample")
KEY = "m-1/fer/PublicTest/fer2013"


def rows(store, query):
    return [tuple(row.values()) for row in store._read(query)]


def count(store, *tables):
    return [store._read(f"SELECT count(*) AS n FROM {table}")[0]["n"] for table in tables]


def test_an_unknown_model_has_no_card(store):
    assert store.model_card("m-1") is None


def test_of_a_known_model_the_card_is_replaced_and_nothing_else(store):
    store.add_model("m-1", "m", "1", "hash", {"limits": "none"})
    [(added_at,)] = rows(store, "SELECT added_at FROM model")
    store.add_model("m-1", "m", "1", "hash", {"limits": "some"})
    assert rows(store, "SELECT name, version, sha256, added_at FROM model") == [("m", "1", "hash", added_at)]
    assert store.model_card("m-1") == {"limits": "some"}


def test_samples_are_no_part_of_the_stored_card(store):
    given = {"name": "m", "evaluations": [evaluation()]}
    store.add_model("m-1", "m", "1", "hash", given)
    [stored] = store.model_card("m-1")["evaluations"]
    assert "samples" not in stored and stored["confusion"] == evaluation()["confusion"]
    assert "samples" in given["evaluations"][0]


def test_no_evaluations(store):
    store.put_evaluations("m-1", [], [])
    assert count(store, "evaluation", "training_epoch") == [0, 0]


def test_everything_of_an_evaluation_is_stored(store):
    store.put_evaluations("m-1", [evaluation(evaluated_at="2026-03-01T12:00:00+02:00")])
    [stored] = store._read("SELECT * FROM evaluation")
    assert stored == {
        "evaluation_id": KEY, "model_id": "m-1", "data": "fer", "split": "PublicTest", "labels": "fer2013", "n": 3,
        "accuracy": 0.6667, "accuracy_3": 0.6667, "macro_f1": 0.6667, "ece": 0.1,
        "evaluated_at": datetime(2026, 3, 1, 10), "balanced_accuracy": 0.75, "auc": 0.875,
        "accuracy_low": 0.3333, "accuracy_high": 1.0, "accuracy_3_low": 0.0, "accuracy_3_high": 1.0,
        "macro_f1_low": 0.25, "macro_f1_high": 1.0,
    }  # fmt: skip
    assert count(store, *PARTS) == [7, 49, 3 + 2 + 2, 2, 3]
    assert rows(store, "SELECT * FROM evaluation_class WHERE emotion = 'sad'") == [
        (KEY, "sad", 1.0, 0.5, 0.6667, 2, 1.0, 1.0)
    ]
    assert rows(store, "SELECT f1, support FROM evaluation_class WHERE emotion = 'fear'") == [(None, 0)]
    # Rows are the truth.
    assert rows(store, "SELECT truth, predicted FROM confusion WHERE faces > 0 AND truth <> predicted") == [
        ("sad", "happy")
    ]
    assert rows(store, "SELECT * FROM evaluation_curve WHERE kind <> 'roc' ORDER BY kind DESC, point") == [
        (KEY, "pr", "sad", 0, 0.0, 1.0, None), (KEY, "pr", "sad", 1, 1.0, 1.0, None),
        (KEY, "calibration", None, 0, 0.6, 0.5, 2), (KEY, "calibration", None, 1, 0.9, 1.0, 1),
    ]  # fmt: skip
    assert rows(store, "SELECT * FROM evaluation_group ORDER BY value") == [
        (KEY, "gender", "F", 2, 0.5, 0.5, 0.3333), (KEY, "gender", "M", 1, 1.0, 1.0, 1.0),
    ]  # fmt: skip
    assert rows(store, "SELECT row, truth, predicted, probability FROM prediction_sample ORDER BY row") == [
        (4, "happy", "happy", 0.8999999761581421), (7, "sad", "happy", 0.75), (9, "sad", "sad", 0.5),
    ]  # fmt: skip


def test_what_is_missing_is_null_or_has_no_rows(store):
    store.put_evaluations("m-1", [{"data": "fer", "split": "Test", "labels": "ferplus", "n": 0, "accuracy": None}])
    [stored] = store._read("SELECT * FROM evaluation")
    assert (stored["n"], stored["accuracy"], stored["auc"], stored["macro_f1_low"]) == (0, None, None, None)
    assert stored["evaluated_at"] is not None
    assert count(store, *PARTS) == [0] * 5


def test_an_evaluation_takes_the_place_of_the_one_before_and_of_no_other(store):
    store.put_evaluations("m-1", [evaluation(), evaluation(split="train")], [{"epoch": 1, "loss": 2.0}])
    store.put_evaluations("m-2", [evaluation()])
    store.put_evaluations("m-1", [evaluation(accuracy=0.5, groups={})])
    assert rows(store, "SELECT model_id, split, accuracy FROM evaluation ORDER BY ALL") == [
        ("m-1", "PublicTest", 0.5), ("m-1", "train", 0.6667), ("m-2", "PublicTest", 0.6667),
    ]  # fmt: skip
    assert count(store, *PARTS) == [21, 147, 21, 4, 9]
    assert count(store, "training_epoch") == [1]  # no curves were given, so those before stay


def test_curves_take_the_place_of_those_before(store):
    store.put_evaluations("m-1", [], [{"epoch": 0, "loss": 3.0}, {"epoch": 1, "loss": 2.5}])
    store.put_evaluations("m-1", [], [{"epoch": 1, "loss": 2.0, "val_loss": None}])
    assert rows(store, "SELECT * FROM training_epoch ORDER BY measure") == [
        ("m-1", 1, "loss", 2.0), ("m-1", 1, "val_loss", None),
    ]  # fmt: skip


def test_a_whole_card_is_stored_at_once(store):
    n = 3570
    columns = {"row": list(range(n)), "truth": [3] * n, "predicted": [4] * n, "probability": [0.5] * n}
    confusion = [[0] * 7 for _ in EMOTIONS]
    confusion[3][4] = n
    card = [
        evaluation(split=split, labels=labels, n=n, samples=columns, confusion=confusion)
        for split in ("train", "validation", "PublicTest")
        for labels in ("fer2013", "ferplus")
    ]
    store.put_evaluations("m-1", card)
    assert count(store, "prediction_sample") == [6 * n]
