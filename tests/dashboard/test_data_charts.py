"""Charts of the Data and Try it pages, by the data and the scales in their specifications."""

import numpy as np
import pandas as pd
import pytest

from dashboard import data_charts, palette
from db.emotions import EMOTIONS
from training import exploration

COUNTS = pd.DataFrame(
    [("FER2013", "train", "happy", 30, 0.75), ("FER2013", "train", "sad", 10, 0.25), ("FER+", "Test", "fear", 5, 1.0)],
    columns=["labels", "part", "emotion", "faces", "share"],
)
LEVELS = np.zeros((8, 256), np.int64)
LEVELS[3, [0, 100, 255]] = (2, 1, 1)
LEVELS[7] = LEVELS[3]
R = np.full((7, 7), 0.9)
R[2], R[:, 2] = np.nan, np.nan  # no fear
R[0, 3] = R[3, 0] = -0.25
POINTS = pd.DataFrame({"x": [1.0, 2.0], "y": [0.0, -1.0], "emotion": ["happy", "sad"], "image": ["data:a", "data:b"]})
TABLE = np.diag([10] * 7)
TABLE[4] = [0, 0, 0, 1, 2, 0, 5]
TABLE[1] = 0  # nobody is disgusted

ALL = {
    "counts": data_charts.counts(COUNTS, "Faces"),
    "shares": data_charts.shares(COUNTS),
    "histogram": data_charts.histogram(exploration.histogram(LEVELS), by_emotion=False),
    "histogram by emotion": data_charts.histogram(exploration.histogram(LEVELS), by_emotion=True),
    "moments": data_charts.moments(exploration.moments(LEVELS)),
    "components": data_charts.components(POINTS, (0.28, 0.1), 3000),
    "correlation": data_charts.correlation(R, "Correlation", "Pearson's r"),
    "faces": data_charts.face_correlation(np.array([[1, -0.5], [-0.5, 1]]), ["happy", "sad"]),
    "disagreement": data_charts.disagreement(TABLE),
    "probabilities": data_charts.probabilities(np.array([0, 0, 0, 0.75, 0.25, 0, 0]), "Face 1"),
}


def drawn(name: str) -> list[dict]:
    """The drawn layers of a chart."""
    spec = ALL[name].to_dict()
    return spec.get("layer", [spec])


def rows(name: str) -> list[dict]:
    """The data of a chart."""
    (data,) = ALL[name].to_dict()["datasets"].values()
    return data


@pytest.mark.parametrize("name", ALL)
class TestEveryChart:
    def test_title(self, name):
        assert ALL[name].to_dict()["title"]["text"]

    def test_quantities_have_a_unit(self, name):
        words = ("number", "percent", "0 black to 255 white")
        for layer in drawn(name):
            for channel in ("x", "y"):
                encoded = layer["encoding"].get(channel, {})
                if encoded.get("type") == "quantitative":
                    title = encoded.get("title") or encoded["axis"]["title"]
                    assert any(word in title.lower() for word in words) or "% of the variance" in title

    def test_tooltip(self, name):
        assert any("tooltip" in layer["encoding"] for layer in drawn(name))

    def test_emotions_in_the_one_order_and_their_colours(self, name):
        for layer in drawn(name):
            for channel in ("x", "y", "color"):
                encoded = layer["encoding"].get(channel, {})
                if encoded.get("field") == "emotion" and name != "moments":
                    assert encoded["sort"] == list(EMOTIONS)
            scale = layer["encoding"].get("color", {}).get("scale", {})
            if set(scale.get("domain", ())) >= set(EMOTIONS):
                assert scale["range"] == palette.EMOTION_RANGE


def test_counts_name_every_emotion():
    assert {row["emotion"]: row["label"] for row in rows("counts")} == {
        **dict.fromkeys(EMOTIONS, "0"), "happy": "30", "sad": "10", "fear": "5",
    }  # fmt: skip


def test_shares_have_a_bar_for_each_part_of_each_label_set():
    assert list(dict.fromkeys(row["where"] for row in rows("shares"))) == ["FER2013, train", "FER+, Test"]
    assert drawn("shares")[0]["encoding"]["x"]["stack"] == "zero"


def test_histogram_of_all_and_by_emotion():
    assert [(row["levels"], row["share"]) for row in rows("histogram") if row["share"]] == [
        ("0 to 7", 0.5), ("96 to 103", 0.25), ("248 to 255", 0.25),
    ]  # fmt: skip
    assert {row["emotion"] for row in rows("histogram by emotion")} == {"happy"}


def test_moments_leave_out_what_has_none():
    found = {row["emotion"]: (row["low"], row["mean"], row["high"]) for row in rows("moments")}
    deviation = np.std([0, 0, 100, 255])
    assert set(found) == {"happy", "all"}
    assert found["happy"] == pytest.approx((88.75 - deviation, 88.75, 88.75 + deviation))


def test_components_say_what_they_explain_and_show_the_face():
    spec = ALL["components"].to_dict()
    assert "38 %" in spec["title"]["subtitle"][0] and "3,000" in spec["title"]["subtitle"][0]
    assert spec["encoding"]["x"]["axis"]["title"] == "Component 1 (28.0 % of the variance)"
    # Vega shows a field of the name `image` as a picture.
    assert spec["encoding"]["tooltip"][0]["field"] == "image"


def test_correlation_leaves_out_what_is_not_defined():
    cells = {(row["row"], row["column"]): row for row in rows("correlation")}
    assert len(cells) == 36 and ("fear", "happy") not in cells
    assert cells["angry", "happy"]["label"] == "−0.25"
    assert (cells["angry", "happy"]["strength"], cells["sad", "sad"]["strength"]) == (0, 1)


def test_correlation_of_nothing():
    assert data_charts.correlation(np.full((7, 7), np.nan), "Correlation", "r").to_dict()["title"]["text"]


def test_face_correlation_tells_the_sign_by_colour():
    values = {(row["one"], row["other"]): (row["sign"], row["strength"]) for row in rows("faces")}
    assert values["happy", "sad"] == ("negative", 0.5)
    assert values["happy", "happy"] == ("positive", 1)


def test_disagreement_is_in_shares_of_a_row():
    cells = {(row["row"], row["column"]): row for row in rows("disagreement")}
    assert cells["sad", "neutral"]["label"] == "62 %" and cells["sad", "neutral"]["faces"] == 5
    assert cells["sad", "angry"]["label"] == ""
    assert cells["disgust", "disgust"]["strength"] == 0


def test_probabilities_are_written_out():
    assert [row["label"] for row in rows("probabilities")][3:5] == ["75.0 %", "25.0 %"]
    assert [row["emotion"] for row in rows("probabilities")] == list(EMOTIONS)
