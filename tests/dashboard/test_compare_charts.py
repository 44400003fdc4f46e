"""The charts of comparisons: what they are drawn from, in which scale, and that they can be drawn."""

import json
import re

import numpy as np
import pandas as pd
import pytest

from dashboard import compare_charts, compare_drawings, compare_strips, downloads, group_statistics, palette
from dashboard.choice import Choice, Group, groups_by
from dashboard.measures import MEASURES, amount
from dashboard.study import study
from db.emotions import EMOTIONS
from tests import studies


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return studies.rows(np.random.default_rng(1), 0.15, subjects=8)


@pytest.fixture(scope="module")
def of_two(rows):
    """Two cohorts of eight subjects, with a session each."""
    return study(rows, Choice(groups_by(rows, "cohort")))


@pytest.fixture(scope="module")
def figures(of_two) -> pd.DataFrame:
    return group_statistics.describe(of_two)


@pytest.fixture(scope="module")
def results(of_two) -> pd.DataFrame:
    return group_statistics.compare(of_two)


def spec(chart) -> dict:
    return json.loads(chart.to_json())


def data_of(chart) -> list[list[dict]]:
    """The rows of every layer that has some."""
    whole = spec(chart)
    layers = [layer for layer in whole["layer"]]
    return [
        whole["datasets"][layer["data"]["name"]] if "name" in layer["data"] else layer["data"]["values"]
        for layer in layers
        if "data" in layer
    ] or list(whole["datasets"].values())


def named(whole: dict) -> dict:
    """The specification with the running numbers that altair gives to layers left out."""
    text = re.sub(r'"view_[0-9a-f]+_\d+"', '"view"', json.dumps(whole))
    return json.loads(text)


def distribution(found, figures, measure, zone="UTC") -> compare_drawings.Distribution:
    return compare_drawings.distributions(found, figures, zone)[MEASURES.index(measure)]


def test_every_cell_of_the_heat_map(of_two, figures):
    [cells] = data_of(compare_charts.heat_map(figures, of_two.n))
    assert len(cells) == 2 * len(MEASURES)
    found = {(cell["who"], cell["what"]): cell for cell in cells}
    mean = figures.set_index(["group", "measure"])["mean"]["control", "happy"]
    cell = found["control (n = 8)", "Happy"]
    assert cell["text"] == f"{100 * mean:.0f}" and cell["figure"].startswith(f"{amount('happy', mean)} (95 %: ")
    shares = [cell["shade"] for cell in cells if cell["what"] != "Valence"]
    assert max(shares) == 1 and min(shares) >= 0
    assert {cell["kind"] for cell in cells if cell["what"] == "Valence"} <= {"positive", "negative"}


def test_many_groups_are_the_rows_of_the_heat_map(rows):
    many = study(rows, Choice(groups_by(rows, "subject")))
    whole = spec(compare_charts.heat_map(group_statistics.describe(many), many.n))
    assert whole["layer"][0]["encoding"]["y"]["field"] == "who"
    assert len(many.groups) > compare_charts.FEW_GROUPS


def test_the_radar_has_one_scale_and_a_style_for_each_group(of_two, figures):
    chart = compare_charts.radar(figures, of_two.n)
    web, lines, points, words = data_of(chart)
    means = figures.set_index(["group", "measure"])["mean"]
    for line, name in zip(lines, of_two.groups, strict=True):
        spots = np.array(line["geometry"]["coordinates"])
        assert spots[0].tolist() == spots[-1].tolist()  # closed
        np.testing.assert_allclose(np.hypot(*spots[:-1].T), [means[name, emotion] for emotion in EMOTIONS], atol=1e-12)
    assert spots[0][0] == pytest.approx(0)  # the first emotion stands above the middle
    largest = max(np.hypot(*np.array(each["geometry"]["coordinates"]).T).max() for each in web)
    assert largest >= means[means.index.get_level_values(1).isin(EMOTIONS)].max()
    layers = spec(chart)["layer"]
    assert layers[1]["encoding"]["strokeDash"]["scale"]["range"] == list(palette.GROUP_DASHES[:2])
    assert layers[2]["encoding"]["shape"]["scale"]["range"] == list(palette.GROUP_SHAPES[:2])
    assert [point["who"] for point in points[:: len(EMOTIONS)]] == ["control (n = 8)", "treatment (n = 8)"]
    assert len(words) == len(EMOTIONS) + 4


def test_a_radar_of_many_groups_says_how_many_are_drawn(rows):
    many = study(rows, Choice(groups_by(rows, "subject")))
    chart = compare_charts.radar(group_statistics.describe(many), many.n)
    assert f"first 6 of {len(many.groups)} groups" in spec(chart)["title"]["subtitle"]
    assert len(data_of(chart)[1]) == compare_charts.ON_RADAR


def test_a_group_without_units_is_on_no_radar_and_a_dash_on_the_heat_map(rows):
    found = study(rows, Choice((Group("here", cohorts=("control",)), Group("gone", cohorts=("none",)))))
    figures = group_statistics.describe(found)
    assert len(data_of(compare_charts.radar(figures, found.n))[1]) == 1
    strip = compare_strips.drawn(distribution(found, figures, "sad").strip, found.n)
    for chart in (compare_drawings.glance(found, figures).chart, strip):
        assert "gone (n = 0)" in chart.to_json()


@pytest.mark.parametrize("measure", ["happy", "valence"])
def test_every_unit_is_a_point_that_leads_to_its_video(of_two, figures, measure):
    found = distribution(of_two, figures, measure, "Europe/Vienna")
    chart = compare_strips.drawn(found.strip, of_two.n)
    *_, points = data_of(chart)
    assert len(points) == 16 == len(found.rows)
    first = of_two.units.iloc[0]
    times = 1 if measure == "valence" else 100
    assert points[0]["value"] == pytest.approx(first[measure] * times)
    assert (points[0]["video"], points[0]["unit"]) == (first["video_ids"][0], first["unit"])
    whole = spec(chart)
    assert [param["name"] for param in whole["params"]] == ["point"]
    assert any("Share of time (%)" in text for text in [json.dumps(whole)]) == (measure == "happy")
    assert "control (n = 8)" in json.dumps(whole)


def test_a_box_needs_five_units(rows):
    few = rows[rows["subject"].isin(["c01", "c02", "c03", "c04", *(f"t{number:02d}" for number in range(1, 6))])]
    found = study(few, Choice(groups_by(few, "cohort")))
    strip = distribution(found, group_statistics.describe(found), "sad").strip
    boxed = data_of(compare_strips.drawn(strip, found.n))[0]
    assert {row["who"] for row in boxed} == {"treatment (n = 5)"}


@pytest.mark.slow
def test_measures_drawn_together_are_the_same_charts(rows):
    """In groups of four and five, and of five in which two have no valence: with a box for some measures only."""
    some = rows[rows["subject"].isin(["c01", "c02", "t01", "t02", "t03", "t04", "t05"])].copy()
    some.loc[some["subject"].isin(["t01", "t02"]), "valence"] = np.nan
    found = study(some, Choice(groups_by(some, "cohort")))
    strips = [one.strip for one in compare_drawings.distributions(found, group_statistics.describe(found), "UTC")]
    assert {"boxed" in one.tables for one in strips} == {True, False}
    for one, together in zip(strips, compare_strips.specifications(strips, found.n), strict=True):
        alone = spec(compare_strips.drawn(one, found.n))
        sets = {name: json.loads(table.to_json(orient="records")) for name, table in together["datasets"].items()}
        assert named(json.loads(json.dumps({**together, "datasets": sets}))) == named(alone)


def test_the_forest_is_in_points_and_says_what_is_less_what(of_two, results):
    drawing = compare_drawings.differences(of_two, results)
    _, _, dots = data_of(drawing.chart)
    found = {dot["what"]: dot for dot in dots}
    assert len(found) == len(MEASURES)
    wanted = of_two.of("control")["happy"].mean() - of_two.of("treatment")["happy"].mean()
    assert found["Happy"]["shown"] == pytest.approx(100 * wanted, rel=1e-4)
    assert found["Happy"]["low"] < 100 * wanted < found["Happy"]["high"]
    assert found["Happy"]["sure"] == compare_charts.SIGNIFICANT  # 15 points more, of 25, in a study of 16
    assert found["Fear"]["sure"] == compare_charts.NOT_SIGNIFICANT
    lines = spec(drawing.chart)["title"]["subtitle"]
    assert lines[0] == "control less treatment: above 0, control has more." and "n = 8 and 8 sessions" in lines[1]
    assert "happy −" in drawing.alt


@pytest.mark.slow
def test_every_drawing_can_be_saved(of_two, figures, results):
    drawings = compare_drawings.all_of(of_two, figures, results, "UTC")
    assert list(drawings) == ["glance", "radar", "differences", *MEASURES]
    for name in ("glance", "radar", "differences", "happy"):
        assert downloads.png(drawings[name].chart, scale=1).startswith(b"\x89PNG"), name
        assert downloads.svg(drawings[name].chart).startswith(b"<svg"), name
        assert not drawings[name].rows.empty


@pytest.mark.parametrize(("value", "text"), [(0.0321, "0.032"), (0.00004, "< 0.001"), (1.0, "1.000"), (None, "–")])
def test_p_values(value, text):
    assert compare_charts.p_value(value) == text
