"""Charts of sessions and of courses, by the data and the scales in their specifications."""

import numpy as np
import pandas as pd
import pytest

from dashboard import course_charts, downloads, palette
from dashboard.measures import MEASURES
from dashboard.trends import trend

GROUPS = ("control", "<b>treat</b>")
ENDS = pd.Timestamp("2026-01-01"), pd.Timestamp("2026-06-01")


def sessions(values, group="control", rolling=np.nan):
    at = pd.date_range("2026-01-05 09:30", periods=len(values), freq="14D")
    return pd.DataFrame(
        {"subject": "p\n1", "unit": [f"p1, session {number}" for number in range(len(values))], "group": group,
         "at": at, "day": (at - pd.Timestamp(0)).days, "dated": "recorded", "rolling": rolling,
         **{name: values for name in MEASURES}}
    )  # fmt: skip


def curve(*rows):
    return pd.DataFrame(rows, columns=["group", "from_s", "to_s", "at_s", "mean", "low", "high", "n"])


COURSES = curve(
    ("control", -1, 0, -0.5, 0.1, 0.0, 0.2, 4), ("control", 0, 1, 0.5, 0.3, 0.2, 0.4, 4),
    ("control", 1, 2, 1.5, np.nan, np.nan, np.nan, 1), ("control", 2, 3, 2.5, 0.2, 0.1, 0.3, 2),
    (GROUPS[1], -1, 0, -0.5, 0.2, 0.1, 0.3, 3), (GROUPS[1], 0, 1, 0.5, 0.1, 0.0, 0.3, 3),
    (GROUPS[1], 1, 2, 1.5, 0.2, 0.1, 0.3, 3), (GROUPS[1], 2, 3, 2.5, 0.2, 0.1, 0.3, 2),
)  # fmt: skip


def panel(rows, measure="happy", domain=(0, 50)):
    found = trend(rows["day"], rows[measure], 30)
    shown = course_charts.panel_data(rows, found, measure)
    return course_charts.trend_panel(shown, measure, "share", GROUPS, ENDS, domain)


def data(spec, layer):
    one = spec["layer"][layer]
    if "values" in one.get("data", {}):
        return one["data"]["values"]
    return spec["datasets"][one.get("data", spec.get("data"))["name"]]


def test_a_panel_has_points_rolling_mean_and_slope():
    spec = panel(sessions([0.1, 0.2, 0.3, 0.4], rolling=[0.1, 0.2, 0.3, 0.4])).to_dict()
    assert spec["title"]["text"] == "p 1" and spec["title"]["subtitle"] == "4 sessions"
    assert [layer["mark"]["type"] for layer in spec["layer"]] == ["line", "point", "line"]
    assert [row["value"] for row in data(spec, 1)] == pytest.approx([10, 20, 30, 40])
    assert data(spec, 1)[0]["at"] == "2026-01-05T09:30:00"  # the wall clock, which no browser moves
    assert [row["value"] for row in data(spec, 2)] == pytest.approx([10, 40])
    for layer in spec["layer"]:
        assert layer["encoding"]["x"]["scale"]["domain"][0] == {
            "year": 2026, "month": 1, "date": 1, "hours": 0, "minutes": 0,
        }  # fmt: skip
    points = spec["layer"][1]["encoding"]
    assert points["y"]["scale"]["domain"] == [0, 50] and points["y"]["title"] == "Share of time (%)"
    assert points["color"]["condition"]["scale"] == {
        "domain": ["control", "<b>treat</b>"], "range": list(palette.GROUP_COLOURS[:2]),
    }  # fmt: skip


@pytest.mark.slow
def test_a_panel_without_a_slope_or_with_a_session_in_two_groups():
    spec = panel(sessions([0.1, np.nan])).to_dict()
    assert spec["title"]["subtitle"] == "1 session" and [len(data(spec, place)) for place in range(3)] == [0, 1, 0]
    both = panel(sessions([0.1, 0.2], group="control, <b>treat</b>")).to_dict()
    assert both["layer"][1]["encoding"]["color"]["value"] == palette.GREY
    assert downloads.png(panel(sessions([0.1, 0.2, 0.3]))).startswith(b"\x89PNG")


def test_other_panels_differ_in_title_and_data_only():
    one, other = sessions([0.1, 0.2, 0.3]), sessions([0.4, 0.5]).assign(subject="p2")
    shown = course_charts.panel_data(other, None, "happy")
    assert course_charts.for_another(panel(one).to_dict(), shown) == panel(other).to_dict()


def test_domains():
    assert course_charts.value_domain(pd.Series([0.1, 0.3, np.nan]), "happy") == pytest.approx((0, 32))
    assert course_charts.value_domain(pd.Series([-0.95, 0.05]), "valence") == pytest.approx((-1, 0.13))
    assert course_charts.value_domain(pd.Series([0.99, 1.0]), "happy") == (0, 100)
    assert course_charts.value_domain(pd.Series([], dtype=float), "valence") == (-1, 1)


def test_courses_have_colours_dashes_and_end_where_few_have_data():
    chart = course_charts.group_courses(COURSES, "happy", "share", GROUPS, "“smile”")
    spec = chart.to_dict()
    kinds = [layer["mark"]["type"] for layer in spec["layer"]]
    assert kinds == ["area", "rule", "line", "circle", "point"]
    drawn = data(spec, 2)
    assert len(drawn) == 7 and len({row["segment"] for row in drawn}) == 3
    assert drawn[1]["mean"] == pytest.approx(30.0)
    # What stands between two gaps is no line.
    assert [(row["group"], row["at_s"]) for row in data(spec, 3)] == [("control", 2.5)]
    line = spec["layer"][2]["encoding"]
    assert line["strokeDash"]["scale"]["range"] == [list(palette.GROUP_DASHES[0]), list(palette.GROUP_DASHES[1])]
    assert line["color"]["scale"]["domain"] == ["control", "<b>treat</b>"]
    legends = [layer["encoding"]["color"]["legend"] for layer in spec["layer"] if "color" in layer["encoding"]]
    assert all(legend and legend["orient"] == "top" for legend in legends)
    assert spec["title"]["text"] == "Happy around “smile”"
    assert downloads.png(chart).startswith(b"\x89PNG")


def test_a_group_keeps_its_colour_when_others_have_no_data():
    alone = COURSES[COURSES["group"] == GROUPS[1]]
    spec = course_charts.group_courses(alone, "valence", "share", GROUPS, "0:10 in the video", relative=True).to_dict()
    assert spec["layer"][2]["encoding"]["color"]["scale"]["range"] == [palette.group_colour(1)]
    assert spec["layer"][2]["encoding"]["y"]["title"] == "Valence relative to before"
    whole = course_charts.group_courses(alone.assign(from_s=alone["from_s"] + 2, at_s=alone["at_s"] + 2, to_s=9.0),
                                        "happy", "share", GROUPS, "x", relative=True).to_dict()  # fmt: skip
    assert "rule" not in [layer["mark"]["type"] for layer in whole["layer"]]  # the moment is not in the picture


def test_sizes_are_drawn_to_the_end():
    spec = course_charts.group_sizes(COURSES, GROUPS, "“smile”").to_dict()
    drawn = next(iter(spec["datasets"].values()))
    assert [(row["from_s"], row["n"]) for row in drawn if row["group"] == "control"] == [
        (-1, 4), (0, 4), (1, 1), (2, 2), (3, 2),
    ]  # fmt: skip
