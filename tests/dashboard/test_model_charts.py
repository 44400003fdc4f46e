"""Charts of the Models page, by the data and the scales in their specifications."""

import itertools

import pandas as pd
import pytest
import vl_convert

from dashboard import model_charts, palette
from dashboard.model_rows import CLAIMED, KINDS, MEASURED, REPORTED
from db.emotions import CATEGORIES, EMOTIONS


def comparison_rows() -> pd.DataFrame:
    rows = [
        ("moodnet", MEASURED, 0.7, 0.68, 0.72, 3570, "fer2013, PublicTest", "41 epochs"),
        ("cnn", CLAIMED, 0.629, None, None, None, "system E's own", "on validation faces"),
        ("fer", REPORTED, 0.656, None, None, None, "as reported", ""),
    ]
    columns = ["name", "kind", "value", "low", "high", "faces", "counted_on", "about"]
    return pd.DataFrame(rows, columns=columns).astype({"low": float, "high": float, "faces": "Int64"})


def confusion_rows(names: tuple[str, ...]) -> pd.DataFrame:
    """Of each name three faces are right and one is taken for the first; of the last there is none."""
    rows = [
        (truth, predicted, 0 if truth == names[-1] else 3 * (truth == predicted) + (predicted == names[0]))
        for truth, predicted in itertools.product(names, names)
    ]
    table = pd.DataFrame(rows, columns=["truth", "predicted", "faces"])
    return table.assign(share=table["faces"] / table.groupby("truth")["faces"].transform("sum").replace(0, pd.NA))


REPORT = pd.DataFrame(
    {
        "emotion": [*EMOTIONS, "mean", "weighted mean"],
        "precision": 0.5, "recall": 0.5, "support": 3,
        "f1": [0.5, None, 0.4, 0.9, 0.5, 0.8, 0.6, 0.6, 0.6],
        "auc": [0.91, None, 0.86, 0.98, 0.9, 0.97, 0.93, 0.9, 0.9],
        "average_precision": 0.7,
    }
)  # fmt: skip
POINTS = pd.DataFrame(
    {
        "emotion": ["happy", "happy", "sad"],
        "point": [0, 1, 0],
        "x": [0.0, 1.0, 0.0],
        "y": [0.0, 1.0, 0.5],
        "faces": None,
    }
)
CALIBRATION = pd.DataFrame({"emotion": None, "point": [0, 1], "x": [0.6, 0.9], "y": [0.5, 1.0], "faces": [2, 1]})
EPOCHS = pd.DataFrame(
    {"epoch": [1, 2, 1, 2], "part": ["train", "train", "validation", "validation"], "value": [0.5] * 4}
)
CLASSES = pd.DataFrame({"emotion": ["happy"], "name": ["moodnet"], "kind": [MEASURED], "value": [0.9]})
PARTS = pd.DataFrame(
    {"part": ["train", "F"], "n": [10, 5], "accuracy": [0.9, 0.5], "low": [0.8, None], "high": [1.0, None]}
)

ALL = {
    "comparison": model_charts.comparison(comparison_rows(), "FER2013, 7 emotions", "on faces"),
    "classes": model_charts.class_comparison(CLASSES),
    "accuracy": model_charts.training(EPOCHS, "accuracy", "Accuracy, everything"),
    "loss": model_charts.training(EPOCHS, "loss", "Loss, everything"),
    "confusion": model_charts.confusion(
        confusion_rows(EMOTIONS), True, {("sad", "sad"): "data:image/jpeg;base64,AA=="}
    ),
    "confusion of categories": model_charts.confusion(confusion_rows(CATEGORIES), False),
    "roc": model_charts.curves(POINTS, "roc", REPORT, "mean"),
    "pr": model_charts.curves(POINTS, "pr", REPORT),
    "calibration": model_charts.calibration(CALIBRATION, "ECE"),
    "f1": model_charts.f1(REPORT),
    "parts": model_charts.parts(PARTS, "Train against test"),
}


def rows(chart, layer: int | None = None) -> list[dict]:
    """The data of a chart, or of one of its layers."""
    spec = chart.to_dict()
    part = spec if layer is None else spec["layer"][layer]
    return spec["datasets"][part.get("data", spec.get("data"))["name"]]


def units(chart) -> list[dict]:
    """The drawn layers of a chart."""
    spec = chart.to_dict()
    return spec.get("layer", [spec])


@pytest.mark.parametrize("name", ALL)
class TestEveryChart:
    def test_is_valid(self, name):
        assert vl_convert.vegalite_to_vega(ALL[name].to_json())["marks"]

    def test_title(self, name):
        assert ALL[name].to_dict()["title"]["text"]

    def test_axes_say_what_and_in_which_unit(self, name):
        for unit in units(ALL[name]):
            for channel in ("x", "y"):
                encoded = unit["encoding"].get(channel)
                axis = (encoded or {}).get("axis")
                if encoded and encoded["type"] == "quantitative" and axis:
                    assert any(word in axis["title"] for word in ("percent", "0 to 1", "number", "nats")), axis

    def test_tooltip(self, name):
        assert any("tooltip" in unit["encoding"] for unit in units(ALL[name]))

    def test_emotions_in_their_one_colour(self, name):
        for unit in units(ALL[name]):
            colour = unit["encoding"].get("color", {})
            if colour.get("field") == "emotion":
                assert colour["scale"] == {"domain": list(EMOTIONS), "range": palette.EMOTION_RANGE}


def test_comparison_marks_kinds_apart_by_colour_and_shape():
    interval, dots = units(ALL["comparison"])
    for channel in ("color", "shape"):
        scale = dots["encoding"][channel]["scale"]
        assert scale["domain"] == list(KINDS)
        assert len(set(scale["range"])) == len(KINDS)
    assert interval["transform"] == [{"filter": "isValid(datum.low)"}]
    data = {row["name"]: row for row in rows(ALL["comparison"], 1)}
    assert data["moodnet"]["figure"] == "70.0 % (68.0–72.0)"
    assert data["moodnet"]["on"] == "fer2013, PublicTest, 3,570 faces"
    assert (data["cnn"]["figure"], data["cnn"]["on"], data["cnn"]["low"]) == ("62.9 %", "system E's own", None)


def test_training_parts_differ_in_dashes_too():
    scale = units(ALL["loss"])[0]["encoding"]["strokeDash"]["scale"]
    assert scale == {"domain": ["train", "validation"], "range": [[5, 4], [1, 0]]}


def test_confusion_by_row():
    data = {(row["truth"], row["predicted"]): row for row in rows(ALL["confusion"], 0)}
    assert len(data) == 49
    assert (data["sad", "sad"]["label"], data["sad", "angry"]["label"], data["sad", "fear"]["label"]) == (
        "75",
        "25",
        "0",
    )
    assert data["neutral", "neutral"]["label"] == ""  # no such face: no share
    assert data["sad", "sad"]["image"] == "data:image/jpeg;base64,AA=="
    assert data["sad", "fear"]["image"] == model_charts.NO_PICTURE
    assert [tip["field"] for tip in units(ALL["confusion"])[0]["encoding"]["tooltip"]][-1] == "image"
    assert units(ALL["confusion"])[0]["encoding"]["y"]["sort"] == list(EMOTIONS)


def test_confusion_by_count():
    data = {(row["truth"], row["predicted"]): row for row in rows(ALL["confusion of categories"], 0)}
    assert {pair: row["faces"] for pair, row in data.items() if row["faces"]} == {
        ("negative", "negative"): 4, ("neutral", "neutral"): 3, ("neutral", "negative"): 1,
    }  # fmt: skip
    assert (data["negative", "negative"]["shade"], data["neutral", "neutral"]["shade"]) == (1, 0.75)
    assert "image" not in data["negative", "negative"]


def test_curves_tell_the_area():
    legend = units(ALL["roc"])[1]["encoding"]["color"]["legend"]
    assert "datum.value == 'happy' ? 'happy 0.98'" in legend["labelExpr"]
    assert "datum.value == 'disgust' ? 'disgust –'" in legend["labelExpr"]  # undefined
    assert "'happy 0.70'" in units(ALL["pr"])[0]["encoding"]["color"]["legend"]["labelExpr"]
    assert len(units(ALL["roc"])) == 2  # chance is drawn below the curves; there is none such for precision
    assert len(units(ALL["pr"])) == 1


def test_f1_is_of_emotions_and_undefined_is_said():
    data = {row["emotion"]: row["label"] for row in rows(ALL["f1"], 0)}
    assert list(data) == list(EMOTIONS)
    assert (data["disgust"], data["happy"]) == ("undefined", "0.90")


def test_parts():
    assert [row["figure"] for row in rows(ALL["parts"], 0)] == ["90.0 % (80.0–100.0)", "50.0 %"]
