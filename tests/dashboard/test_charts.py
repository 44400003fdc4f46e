"""Charts, by the data and the scales in their specifications."""

import pandas as pd
import pytest

from dashboard import charts, palette
from db.emotions import CATEGORIES, EMOTIONS


def series(*rows: tuple) -> pd.DataFrame:
    """Rows (t_s, end_s, segment, raw, smoothed); happiness is certain where raw is +1, else neutral."""
    table = pd.DataFrame(rows, columns=["t_s", "end_s", "segment", "raw", "smoothed"])
    for emotion in EMOTIONS:
        table[emotion] = 0.0
    table["happy"] = (table["raw"] == 1).astype(float)
    table["neutral"] = 1 - table["happy"]
    return table.assign(observations=1)


# Seen at 0.0, 0.5, 1.0; away at 1.5; seen once at 2.0; away; seen at 3.0 and 3.5.
COURSE = series(
    (0.0, 0.5, 0, 1, 1),
    (0.5, 1.0, 0, 0, 1),
    (1.0, 1.5, 0, 1, 1),
    (2.0, 2.5, 1, -1, -1),
    (3.0, 3.5, 2, 0, 0),
    (3.5, 4.0, 2, 1, 0),
)
SECONDS = pd.DataFrame(
    {
        "emotion": EMOTIONS,
        "category": ["negative", "negative", "negative", "positive", "negative", "positive", "neutral"],
        "raw": [1.0, 0.0, 0.0, 2.0, 1.0, 0.0, 4.0],
        "smoothed": [0.5, 0.0, 0.0, 2.5, 0.5, 0.5, 4.0],
    }
)
PARTS = pd.DataFrame({"start_s": [0.0, 0.0, 120.0], "emotion": ["happy", "sad", "sad"], "seconds": [40.0, 5.0, 60.0]})
PRESENT = pd.DataFrame({"track_id": [1, 2], "label": [None, "<b>A</b>"], "start_s": [0.0, 1.0], "end_s": [1.5, 2.0]})

ALL = {
    "probabilities": charts.probabilities(COURSE, 0.0, 4.0, "how"),
    "category": charts.category(COURSE, 0.0, 4.0),
    "seconds": charts.category_seconds(SECONDS),
    "shares": charts.shares(SECONDS),
    "distribution": charts.distribution(PARTS, 0.0, 150.0),
    "presence": charts.presence(PRESENT, 0.0, 4.0),
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
    def test_title(self, name):
        title = ALL[name].to_dict()["title"]
        assert title["text"]

    def test_axes_say_what_and_in_which_unit(self, name):
        for unit in units(ALL[name]):
            for channel in ("x", "y"):
                encoded = unit["encoding"].get(channel)
                if encoded and encoded["type"] == "quantitative":
                    title = encoded.get("title") or encoded["axis"]["title"]
                    assert any(word in title.lower() for word in ("m:ss", "seconds", "percent", "0 to 1", "category"))

    def test_tooltip(self, name):
        assert any("tooltip" in unit["encoding"] for unit in units(ALL[name]))

    def test_colours_in_the_one_order(self, name):
        for unit in units(ALL[name]):
            scale = unit["encoding"].get("color", {}).get("scale")
            if scale is None:
                continue
            names = EMOTIONS if scale["domain"] == list(EMOTIONS) else CATEGORIES
            colours = palette.EMOTION_RANGE if names is EMOTIONS else palette.CATEGORY_RANGE
            assert (scale["domain"], scale["range"]) == (list(names), colours)


def test_probabilities_are_broken_at_gaps():
    chart = ALL["probabilities"]
    assert [row["segment"] for row in rows(chart, 0)] == [0, 0, 0, 1, 2, 2]
    assert units(chart)[0]["encoding"]["detail"]["field"] == "segment"
    assert [row["t_s"] for row in rows(chart, 1)] == [2.0]  # alone in its segment: a line would not show it
    assert rows(chart, 2)[4]["time"] == "0:03"


def test_spans():
    raw = charts.spans(COURSE, "raw")[["start_s", "end_s", "value"]].values.tolist()
    assert raw == [[0, 0.5, 1], [0.5, 1, 0], [1, 1.5, 1], [2, 2.5, -1], [3, 3.5, 0], [3.5, 4, 1]]
    smoothed = charts.spans(COURSE, "smoothed")
    assert smoothed[["start_s", "end_s", "value"]].values.tolist() == [[0, 1.5, 1], [2, 2.5, -1], [3, 4, 0]]
    assert list(smoothed["category"]) == ["positive", "negative", "neutral"]


def test_steps_close_each_segment():
    steps = charts.steps(charts.spans(COURSE, "raw"))
    assert steps[["t_s", "value", "segment"]].values.tolist() == [
        [0, 1, 0], [0.5, 0, 0], [1, 1, 0], [1.5, 1, 0], [2, -1, 1], [2.5, -1, 1], [3, 0, 2], [3.5, 1, 2], [4, 1, 2],
    ]  # fmt: skip


def test_category_raw_and_smoothed():
    assert len(units(charts.category(COURSE, 0.0, 4.0, smoothed=True))) == 3  # raw behind, smoothed, bars
    raw = charts.category(COURSE, 0.0, 4.0, smoothed=False)
    assert len(units(raw)) == 2
    assert len(rows(raw, 1)) == 6


def test_category_seconds():
    values = {row["category"]: row["seconds"] for row in rows(ALL["seconds"], 0)}
    assert values == {"negative": 1.0, "neutral": 4.0, "positive": 3.0}
    raw = charts.category_seconds(SECONDS, smoothed=False)
    assert [row["label"] for row in rows(raw, 0)] == ["2.0 s", "4.0 s", "2.0 s"]


def test_shares():
    values = {row["emotion"]: row["share"] for row in rows(ALL["shares"], 0)}
    assert values == {**dict.fromkeys(EMOTIONS, 0.0), "angry": 1 / 16, "happy": 5 / 16, "sad": 1 / 16,
                      "surprise": 1 / 16, "neutral": 0.5}  # fmt: skip
    assert list(values) == list(EMOTIONS)


def test_shares_of_nothing():
    nothing = charts.shares(SECONDS.assign(smoothed=0.0))
    assert {row["share"] for row in rows(nothing, 0)} == {0.0}


def test_distribution():
    data = rows(ALL["distribution"])
    assert [(row["from_s"], row["to_s"], row["emotion"], row["seconds"]) for row in data] == [
        (0.0, 60.0, "happy", 40.0),
        (0.0, 60.0, "sad", 5.0),
        (120.0, 150.0, "sad", 60.0),  # the last minute ends with the video; nobody in the second one
    ]
    assert ALL["distribution"].to_dict()["encoding"]["y"]["stack"] == "zero"
    assert "minute" in ALL["distribution"].to_dict()["title"]["text"]
    assert "10 seconds" in charts.distribution(PARTS, 0.0, 150.0, 10.0).to_dict()["title"]["text"]


def test_presence():
    assert [(row["who"], row["start"], row["end"]) for row in rows(ALL["presence"])] == [
        ("Person 1", "0:00", "0:01"),
        ("<b>A</b> (2)", "0:01", "0:02"),
    ]


@pytest.mark.parametrize(
    ("from_s", "to_s", "expected"),
    [
        (0, 4, [0, 1, 2, 3, 4]),
        (0, 60, [0, 10, 20, 30, 40, 50, 60]),
        (65, 130, [70, 80, 90, 100, 110, 120, 130]),
        (0, 7200, [0, 900, 1800, 2700, 3600, 4500, 5400, 6300, 7200]),
    ],
)
def test_time_marks(from_s, to_s, expected):
    assert charts.time_marks(from_s, to_s) == expected
