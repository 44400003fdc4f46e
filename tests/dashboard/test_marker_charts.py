"""Charts around markers, by the data and the scales in their specifications; and what they say in words."""

import numpy as np
import pandas as pd
import pytest

from dashboard import downloads, marker_charts, palette
from dashboard.event_locked import event_locked
from db.emotions import EMOTIONS


def faces(t_s, valence, happy):
    rows = pd.DataFrame({"t_s": np.asarray(t_s, float), "valence": np.asarray(valence, float)})
    return rows.assign(**{name: 0.0 for name in EMOTIONS}).assign(happy=np.asarray(happy, float))


# Before 0, 0.1, 0.2; after 0.3, 0.1, 0.5 (as in the tests of the averages), for valence; happy rises by 0.5 each time.
FACES = faces([9, 10, 19, 20, 29, 30], [0, 0.3, 0.1, 0.1, 0.2, 0.5], [0.1, 0.6, 0.2, 0.7, 0.3, 0.9])
FOUND = event_locked(FACES, [10, 20, 30], 1, 1, 1)
ONE = event_locked(FACES, [10], 1, 1, 0.5)
TWO = event_locked(FACES, [10, 30], 1, 1, 1)
NONE = event_locked(FACES, [100], 1, 1, 1)

ALL = [
    marker_charts.around(FOUND, "valence", "<b>x</b>"), marker_charts.around(ONE, "happy", "a" * 200),
    marker_charts.around(FOUND, "happy", "a", relative=True), marker_charts.before_after(FOUND, "a", 1, 1),
    marker_charts.before_after(ONE, "a", 1, 1, relative=True), marker_charts.around(TWO, "happy", "a"),
]  # fmt: skip


def rows(chart, layer):
    spec = chart.to_dict()
    return spec["datasets"][spec["layer"][layer].get("data", spec.get("data"))["name"]]


@pytest.mark.parametrize("chart", ALL)
def test_every_chart_has_title_units_and_tooltip_and_is_drawn(chart):
    spec = chart.to_dict()
    assert len(spec["title"]["text"]) < 90 and spec["title"]["subtitle"]
    assert any(layer["encoding"].get("tooltip") for layer in spec["layer"])
    titles = [layer["encoding"]["x"].get("title", "") for layer in spec["layer"]]
    assert any("Seconds" in title or "Probability" in title for title in titles if title)
    assert downloads.png(chart).startswith(b"\x89PNG")


def test_the_line_is_the_mean_and_the_band_its_interval():
    chart = marker_charts.around(FOUND, "valence", "a")
    spec = chart.to_dict()
    band, marker, line = spec["layer"]
    assert (band["encoding"]["y"]["field"], band["encoding"]["y2"]["field"]) == ("least", "most")
    assert line["encoding"]["y"]["field"] == "mean" and line["mark"]["color"] == palette.ACCENT
    assert rows(chart, 1) == [{"at_s": 0.0}]
    drawn = rows(chart, 2)
    assert [row["at_s"] for row in drawn] == [-0.5, 0.5]
    assert [row["mean"] for row in drawn] == pytest.approx([0.1, 0.3])
    # The band ends where values do; the interval itself stays as it is, for the tooltip.
    assert drawn[1]["high"] == drawn[1]["most"] == pytest.approx(0.7968, abs=1e-4)
    assert rows(ALL[5], 2)[1]["high"] > 1 and rows(ALL[5], 2)[1]["most"] == 1.0
    assert "3 of 3 markers" in spec["title"]["subtitle"]


def test_gaps_are_gaps():
    drawn = rows(marker_charts.around(ONE, "valence", "a"), 2)
    assert [row["mean"] for row in drawn] == [0.0, None, 0.3, None]
    assert all(row["low"] is None for row in drawn)  # one marker has no interval


def test_before_and_after():
    drawn = {row["emotion"]: row for row in rows(marker_charts.before_after(FOUND, "a", 1, 1), 0)}
    assert list(drawn) == list(EMOTIONS)
    happy = drawn["happy"]
    assert (happy["before"], happy["after"]) == pytest.approx((0.2, 2.2 / 3))
    # By hand: 0.5, 0.5, 0.6 have the mean 0.533 and the standard error 0.0333; t(0.975; 2) is 4.303.
    assert happy["label"] == "+0.53 (+0.39 to +0.68)"
    assert drawn["sad"]["label"] == "0.00 (0.00 to 0.00)"


def test_in_words():
    def say(found, measure):
        return marker_charts.in_words(found, "question", measure, 1, 1)

    assert say(FOUND, "happy") == (
        "Over 3 markers of the type “question”, the mean probability of happy is 0.20 in the 1 s before and 0.73 in "
        "the 1 s after: a change of +0.53 (95 % interval +0.39 to +0.68, 3 markers). Chance alone would rarely make it "
        "rise like that."
    )
    assert say(FOUND, "valence").endswith(
        "the mean valence is +0.10 in the 1 s before and +0.30 in the 1 s after: a change of +0.20 (95 % interval "
        "−0.23 to +0.63, 3 markers). That is within what chance alone would make of it."
    )
    assert "Around one marker" in say(ONE, "happy") and "says nothing about chance" in say(ONE, "happy")
    assert say(NONE, "happy").startswith("No marker of the type “question” has a face both in the 1 s before")
    crowded = event_locked(FACES, [10, 10.5, 20], 1, 1)
    assert "1 of the windows overlap the one before" in say(crowded, "happy")


def test_long_types_are_cut():
    said = marker_charts.in_words(NONE, "x" * 10_000 + "\n", "happy", 1, 1)
    assert len(said) < 300 and "…" in said


@pytest.mark.parametrize(
    ("measure", "relative", "expected"),
    [("valence", False, (-1, 1)), ("sad", False, (0, 1)), ("valence", True, (-2, 2)), ("sad", True, (-1, 1))],
)
def test_what_values_can_be(measure, relative, expected):
    assert marker_charts.possible(measure, relative) == expected
