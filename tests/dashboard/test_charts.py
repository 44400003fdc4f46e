"""The charts over time, by the data and the scales in their specifications."""

import pandas as pd
import pytest

from dashboard import chart_parts, charts, palette
from db.emotions import EMOTIONS

NAN = float("nan")


def course(*rows: tuple) -> pd.DataFrame:
    """Rows (t_s, end_s, segment, value), as from timeline.course; happiness is certain where the value is +1."""
    table = pd.DataFrame(rows, columns=["t_s", "end_s", "segment", "value"])
    for emotion in EMOTIONS:
        table[emotion] = 0.0
    table["happy"] = (table["value"] == 1).astype(float)
    table["neutral"] = 1 - table["happy"]
    return table.assign(valence=table["happy"], low=table["happy"] - 0.5, high=table["happy"] + 0.5, faces=1)


# Seen at 0.0, 0.5, 1.0; away at 1.5; seen once at 2.0; away; seen at 3.0 and 3.5.
RAW = course(
    (0.0, 0.5, 0, 1), (0.5, 1.0, 0, 0), (1.0, 1.5, 0, 1), (2.0, 2.5, 1, -1), (3.0, 3.5, 2, 0), (3.5, 4.0, 2, 1)
)  # fmt: skip
SMOOTHED = RAW.assign(value=[1, 1, 1, -1, 0, 0])
PRESENT = pd.DataFrame({"track_id": [1, 2], "start_s": [0.0, 1.0], "end_s": [1.5, 2.0]})
STRIP = pd.DataFrame({"what": ["One face", "Too dark"], "start_s": [0.0, 2.0], "end_s": [1.5, 2.5]})

ALL = {
    "probabilities": charts.probabilities(RAW, 0.0, 4.0, "how"),
    "areas": charts.probabilities(RAW, 0.0, 4.0, "how", stacked=True),
    "relative": charts.probabilities(RAW, 0.0, 4.0, relative=True),
    "valence": charts.valence(RAW, 0.0, 4.0, "how"),
    "category": charts.category(SMOOTHED, 0.0, 4.0, RAW),
    "presence": charts.presence(PRESENT, {2: "<b>A</b>"}, 0.0, 4.0),
    "coverage": charts.coverage(STRIP, 0.0, 4.0, "how"),
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
        assert ALL[name].to_dict()["title"]["text"]

    def test_axes_say_what_and_in_which_unit(self, name):
        for unit in units(ALL[name]):
            for channel in ("x", "y"):
                encoded = unit["encoding"].get(channel)
                if encoded and encoded["type"] == "quantitative":
                    said = (encoded.get("title") or encoded["axis"]["title"]).lower()
                    assert any(word in said for word in ("m:ss", "0 to 1", "1 to 1", "category"))

    def test_tooltip(self, name):
        assert any("tooltip" in unit["encoding"] for unit in units(ALL[name]))

    def test_colours_in_the_one_order(self, name):
        for unit in units(ALL[name]):
            scale = unit["encoding"].get("color", {}).get("scale")
            if scale and scale["domain"] == list(EMOTIONS):
                assert scale["range"] == palette.EMOTION_RANGE


class TestProbabilities:
    def test_broken_at_gaps(self):
        chart = ALL["probabilities"]
        assert [row["segment"] for row in rows(chart, 0)] == [0, 0, 0, 1, 2, 2]
        assert units(chart)[0]["encoding"]["detail"]["field"] == "segment"
        assert [row["t_s"] for row in rows(chart, 1)] == [2.0]  # alone in its segment: a line would not show it
        assert rows(chart, 2)[4]["time"] == "0:03"

    def test_areas_last_as_long_as_their_points_hold(self):
        area = units(ALL["areas"])[0]
        assert (area["mark"]["type"], area["encoding"]["y2"]["field"]) == ("area", "below")
        assert area["encoding"]["detail"]["field"] == "segment"
        neutral = [row for row in rows(ALL["areas"], 0) if row["emotion"] == "neutral"]
        assert [(row["t_s"], row["segment"]) for row in neutral] == [
            (0.0, 0), (0.5, 0), (1.0, 0), (1.5, 0), (2.0, 1), (2.5, 1), (3.0, 2), (3.5, 2), (4.0, 2),
        ]  # fmt: skip

    def test_areas_lie_on_top_of_each_other(self):
        torn = RAW.head(1).assign(angry=0.2, happy=0.5, neutral=0.3)
        data = rows(charts.probabilities(torn, 0.0, 4.0, stacked=True), 0)
        edges = {row["emotion"]: (row["below"], row["probability"]) for row in data}
        assert (edges["angry"], edges["happy"], edges["neutral"]) == ((0.0, 0.2), (0.2, 0.7), (0.7, 1.0))

    def test_relative_values_go_below_zero_and_are_never_stacked(self):
        for chart in (ALL["relative"], charts.probabilities(RAW, 0.0, 4.0, stacked=True, relative=True)):
            y = units(chart)[0]["encoding"]["y"]
            assert y["scale"]["domain"] == [-1, 1]
            assert units(chart)[0]["mark"]["type"] == "line"
            assert "Relative" in y["title"]
            assert "relative to baseline" in chart.to_dict()["title"]["text"]


class TestValence:
    def test_band_and_line_are_broken_at_gaps(self):
        band, line = units(ALL["valence"])[1:3]
        assert {band["encoding"]["detail"]["field"], line["encoding"]["detail"]["field"]} == {"segment"}
        assert (band["encoding"]["y"]["field"], band["encoding"]["y2"]["field"]) == ("low", "high")
        assert band["transform"] == [{"filter": "isValid(datum.low)"}]

    def test_band_ends_where_valence_does(self):
        assert max(row["high"] for row in rows(ALL["valence"], 1)) == 1  # 1 + 0.5
        far = rows(charts.valence(RAW, 0.0, 4.0, relative=True), 1)
        assert max(row["high"] for row in far) == 1.5  # relative valence goes from -2 to 2


class TestCategory:
    def test_spans(self):
        raw = charts.spans(RAW)[["start_s", "end_s", "value"]].values.tolist()
        assert raw == [[0, 0.5, 1], [0.5, 1, 0], [1, 1.5, 1], [2, 2.5, -1], [3, 3.5, 0], [3.5, 4, 1]]
        smoothed = charts.spans(SMOOTHED)
        assert smoothed[["start_s", "end_s", "value"]].values.tolist() == [[0, 1.5, 1], [2, 2.5, -1], [3, 4, 0]]
        assert list(smoothed["category"]) == ["positive", "negative", "neutral"]

    def test_steps_close_each_segment(self):
        assert charts.steps(charts.spans(RAW))[["t_s", "value", "line"]].values.tolist() == [
            [0, 1, 0], [0.5, 0, 0], [1, 1, 0], [1.5, 1, 0], [2, -1, 1], [2.5, -1, 1], [3, 0, 2], [3.5, 1, 2], [4, 1, 2],
        ]  # fmt: skip

    def test_undecided_has_a_lane_and_breaks_the_line(self):
        torn = RAW.assign(value=[1, NAN, 1, -1, 0, NAN])
        spans = charts.spans(torn)
        assert list(spans["category"]) == ["positive", "undecided", "positive", "negative", "neutral", "undecided"]
        assert list(spans["line"]) == [0, 1, 2, 3, 4, 5]
        assert set(charts.steps(spans)["value"]) == {-1, 0, 1}
        chart = charts.category(torn, 0.0, 4.0)
        bars = units(chart)[-1]["encoding"]
        assert "'undecided'" in bars["y"]["axis"]["labelExpr"]
        assert bars["color"]["scale"]["domain"] == ["negative", "neutral", "positive", "undecided"]
        assert bars["color"]["scale"]["range"][-1] == palette.UNDECIDED_COLOUR
        assert "undecided" not in str(ALL["category"].to_dict())  # not mentioned where there is none

    def test_nothing(self):
        assert charts.spans(RAW.head(0)).empty
        assert charts.steps(charts.spans(RAW.head(0))).empty

    def test_with_another_behind(self):
        assert len(units(ALL["category"])) == 3  # raw behind, smoothed, bars
        raw = charts.category(RAW, 0.0, 4.0)
        assert len(units(raw)) == 2
        assert len(rows(raw, 1)) == 6


def test_presence():
    assert [(row["who"], row["start"], row["end"]) for row in rows(ALL["presence"])] == [
        ("Person 1", "0:00", "0:01"),
        ("<b>A</b> (2)", "0:01", "0:02"),
    ]


def test_coverage_has_a_row_for_each_kind_seen_or_not():
    y = ALL["coverage"].to_dict()["encoding"]["y"]
    assert y["scale"]["domain"] == ["One face", "Several faces", "No face", "Too dark", "Blurred", "Excluded"]
    assert "color" not in ALL["coverage"].to_dict()["encoding"]  # told apart by place, not by colour


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
    assert chart_parts.time_marks(from_s, to_s) == expected


class TestManyPoints:
    """A line keeps all its points; what can be pointed at, and what is read aloud, is limited."""

    @pytest.mark.parametrize("points, pointed_at", [(0, 0), (1, 1), (250, 250), (251, 126), (600, 200)])
    @pytest.mark.parametrize("draw, line", [(charts.probabilities, 0), (charts.valence, 2)])
    def test_few_can_be_pointed_at(self, draw, line, points, pointed_at):
        chart = draw(course(*((2.0 * n, 2.0 * n + 2, 0, 0) for n in range(points))), 0.0, 1200.0)
        assert len(chart.layer[line].data) == points
        assert len(chart.layer[-1].data) == pointed_at

    @pytest.mark.parametrize("stretches, spoken", [(120, True), (121, False)])
    def test_many_stretches_are_not_read_aloud_one_by_one(self, stretches, spoken):
        rows = pd.DataFrame([("One face", 2.0 * n, 2.0 * n + 1) for n in range(stretches)])
        chart = charts.coverage(rows.set_axis(["what", "start_s", "end_s"], axis=1), 0.0, 300.0)
        assert chart.mark.aria is spoken
