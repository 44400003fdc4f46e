"""Charts of moments, transitions and two runs: valid, with everything said in words and shapes as well."""

import json

import pandas as pd
import pytest

from dashboard import agreement, moment_charts, timeline
from dashboard.moments import key_moments
from dashboard.transitions import transitions
from tests.dashboard.runs import faces, seen
from tests.dashboard.test_agreement import named

SHOWN = [("happy", 0.1), ("happy", 0.9), ("happy", 0.1), None, *["sad"] * 8, *["happy"] * 8]


@pytest.fixture
def rows() -> pd.DataFrame:
    return seen(faces(SHOWN))


def drawn(chart) -> dict:
    """The chart as it goes to the browser; to_dict checks it against the schema, to_json that it is JSON."""
    spec = json.loads(chart.to_json())
    assert spec["title"]["text"] and spec["height"] >= 250
    return spec


def values(spec: dict) -> list[dict]:
    return [row for data in spec["datasets"].values() for row in data]


def marks(spec: dict) -> list[str]:
    return [layer["mark"]["type"] for layer in spec["layer"]]


def test_moments(rows):
    found = key_moments(rows).assign(valence=0.5, who="Person 1")
    spec = drawn(moment_charts.moments(timeline.course(rows), found, 0.0, 10.0))
    points = spec["layer"][-1]
    assert points["encoding"]["shape"]["scale"] == {
        "domain": ["Peaks", "Changes of valence", "Longest stretches"],
        "range": ["triangle-up", "diamond", "M-1,-0.4H1V0.4H-1Z"],
    }
    assert [tip["field"] for tip in points["encoding"]["tooltip"]] == ["text", "who", "time"]
    texts = {row["text"] for row in values(spec) if "text" in row}
    assert texts == set(found["text"]) and "Happiness peaks at 90 % at 0:00.5" in texts
    assert {row["time"] for row in values(spec) if row.get("kind") == "stretch"} >= {"0:02 to 0:06"}


def test_only_the_kinds_there_are(rows):
    found = key_moments(rows).query("kind == 'peak'").assign(valence=0.5, who="Person 1")
    spec = drawn(moment_charts.moments(timeline.course(rows), found, 0.0, 10.0))
    assert spec["layer"][-1]["encoding"]["shape"]["scale"]["domain"] == ["Peaks"]


def test_transitions():
    rows = transitions(seen(faces(["happy", "sad", "happy", "sad", "happy", "fear"])))
    spec = drawn(moment_charts.transitions(rows))
    cells = {(row["row"], row["column"]): row for row in values(spec)}
    assert len(cells) == 42
    assert (cells["happy", "sad"]["text"], cells["happy", "sad"]["part"]) == ("2", "67 %")
    assert (cells["happy", "angry"]["text"], cells["happy", "angry"]["part"]) == ("", "")
    assert cells["fear", "sad"]["of_row"] == "–"
    assert [tip["field"] for tip in spec["layer"][0]["encoding"]["tooltip"]] == ["row", "column", "number", "of_row"]
    inks = [drawn(moment_charts.transitions(rows, dark))["layer"][1]["encoding"]["color"]["value"]
            for dark in (False, True)]  # fmt: skip
    assert inks == ["black", "white"]


def test_run_confusion():
    rows = agreement.confusion(named(("happy", "sad"), ("happy", "happy"), ("sad", "sad")))
    spec = drawn(moment_charts.run_confusion(rows, ("Run 1", "Run 2")))
    cells = {(row["row"], row["column"]): row for row in values(spec)}
    assert (cells["happy", "sad"]["text"], cells["happy", "sad"]["part"]) == ("1", "50 %")
    assert spec["layer"][0]["encoding"]["y"]["axis"]["title"] == "Run 1"
    assert spec["layer"][0]["encoding"]["x"]["axis"]["title"] == "Run 2"


@pytest.mark.parametrize("what", ["valence", "category"])
def test_both_runs(what):
    rows = pd.DataFrame({"t_s": [0.0, 0.5, 3.0], "segment": [0, 0, 1], "a": [1, 0, -1], "b": [0.25, -1, 1]})
    spec = drawn(moment_charts.both_runs(rows, ("Run 1", "Run 2"), what, 0.0, 4.0, "Mean of all faces"))
    line = spec["layer"][0]["encoding"]
    assert line["strokeDash"]["scale"] == {"domain": ["Run 1", "Run 2"], "range": [[1, 0], [6, 4]]}
    assert line["color"]["scale"]["domain"] == ["Run 1", "Run 2"]
    assert line["detail"]["field"] == "segment"
    assert len(values(spec)) == 6
    assert spec["layer"][1]["transform"] == [{"filter": {"field": "segment", "oneOf": [1]}}]


def test_over_time():
    rows = agreement.over_time(named(("happy", "happy"), ("happy", "sad"), ("sad", "sad")), window_s=1.0)
    spec = drawn(moment_charts.over_time(rows, 1.0, 0.0, 2.0))
    assert marks(spec) == ["area", "line", "circle", "circle"]
    assert spec["layer"][1]["encoding"]["y"]["axis"]["title"] == "Faces named alike (percent)"
    assert [row["time"] for row in values(spec)] == ["0:00", "0:00", "0:01"]


def test_nothing_to_draw_is_valid():
    nothing = seen(faces([]))
    drawn(moment_charts.transitions(transitions(nothing)))
    drawn(moment_charts.run_confusion(agreement.confusion(named()), ("Run 1", "Run 2")))
