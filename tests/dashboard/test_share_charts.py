"""The charts of how long, by the data and the scales in their specifications."""

import pandas as pd
import pytest

from dashboard import palette, share_charts, timeline
from db.emotions import EMOTIONS
from tests.dashboard.test_charts import rows, units

NAMES = [*EMOTIONS, "undecided"]


def seconds(**held: float) -> pd.DataFrame:
    """As from timeline.seconds."""
    table = timeline.seconds(pd.DataFrame({"t_s": [], "end_s": [], "label": []}))
    table["seconds"] = [held.get(name, 0.0) for name in NAMES]
    return table.assign(share=table["seconds"] / (table["seconds"].sum() or float("nan")))


SOME = seconds(angry=0.5, happy=2.5, sad=0.5, surprise=0.5, neutral=12.0)
PARTS = pd.DataFrame({"start_s": [0.0, 0.0, 120.0], "emotion": ["happy", "sad", "sad"], "seconds": [40.0, 5.0, 60.0]})


class TestCategorySeconds:
    def test_bars(self):
        data = rows(share_charts.category_seconds(timeline.category_seconds(SOME)), 0)
        assert {row["category"]: row["label"] for row in data} == {
            "negative": "1.0 s",
            "neutral": "12.0 s",
            "positive": "3.0 s",
        }

    def test_undecided_has_a_bar_where_there_is_some(self):
        data = rows(share_charts.category_seconds(timeline.category_seconds(seconds(happy=1.0, undecided=3.0))), 0)
        assert {row["category"]: row["seconds"] for row in data} == {
            "negative": 0.0, "neutral": 0.0, "positive": 1.0, "undecided": 3.0,
        }  # fmt: skip

    def test_unit(self):
        chart = share_charts.category_seconds(timeline.category_seconds(SOME)).to_dict()
        assert all("seconds" in layer["encoding"]["x"]["title"].lower() for layer in chart["layer"])


class TestShares:
    def test_names_and_percentages_are_written(self):
        chart = share_charts.shares(SOME)
        # 0.5, 2.5, 0.5, 0.5 and 12 of 16 seconds.
        assert [row["label"] for row in rows(chart, 1)] == [
            "angry 3 %", "happy 16 %", "sad 3 %", "surprise 3 %", "neutral 75 %",
        ]  # fmt: skip
        assert units(chart)[1]["encoding"]["text"]["field"] == "label"

    def test_small_ones_are_listed(self):
        assert share_charts.shares(SOME).to_dict()["title"]["subtitle"] == ["Besides: angry 3 %, sad 3 %, surprise 3 %"]
        assert "subtitle" not in share_charts.shares(seconds(happy=1.0)).to_dict()["title"]

    def test_colours(self):
        scale = units(share_charts.shares(seconds(happy=1.0, undecided=1.0)))[0]["encoding"]["color"]["scale"]
        assert (scale["domain"][-1], scale["range"][-1]) == ("undecided", palette.UNDECIDED_COLOUR)

    def test_of_nothing(self):
        assert rows(share_charts.shares(seconds()), 0) == []


class TestDistribution:
    def test_parts(self):
        chart = share_charts.distribution(PARTS, 0.0, 150.0)
        assert [(row["from_s"], row["to_s"], row["emotion"], row["seconds"]) for row in rows(chart)] == [
            (0.0, 60.0, "happy", 40.0),
            (0.0, 60.0, "sad", 5.0),
            (120.0, 150.0, "sad", 60.0),  # the last minute ends with the video; nobody in the second one
        ]
        assert chart.to_dict()["encoding"]["y"]["stack"] == "zero"

    @pytest.mark.parametrize(("part_s", "word"), [(60.0, "minute"), (10.0, "10 seconds")])
    def test_title(self, part_s, word):
        assert word in share_charts.distribution(PARTS, 0.0, 150.0, part_s).to_dict()["title"]["text"]
