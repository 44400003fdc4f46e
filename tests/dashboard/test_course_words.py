"""Sentences on trends and courses: what they say, and that they say no more than there is."""

import pandas as pd
import pytest

from dashboard.course_words import by_chance, course_sentence, since, trend_sentence, without_trend
from dashboard.trends import trend


def curve(*rows):
    return pd.DataFrame(rows, columns=["group", "from_s", "to_s", "at_s", "mean", "low", "high", "n"])


def test_a_clear_trend():
    rising = trend(range(0, 60, 10), [0.1, 0.2, 0.3, 0.4, 0.5, 0.6], per_days=30)
    assert trend_sentence("p\n01", "happy", rising, "30 days") == (
        "p 01: Happy rises, by +30.0 points per 30 days (95 % interval +30.0 points to +30.0 points) over 6 sessions "
        "in 50 days."
    )
    falling = trend(range(0, 60, 10), [0.6, 0.5, 0.4, 0.3, 0.2, 0.1], per_days=7)
    assert "Valence falls, by −0.07 per week" in trend_sentence("p", "valence", falling, "week")


def test_no_clear_trend():
    flat = trend(range(8), [0.0, 0.5, 0.1, 0.4, 0.0, 0.5, 0.1, 0.4], per_days=7)
    said = trend_sentence("p", "valence", flat, "week")
    assert said.startswith("p: no clear trend.") and "includes no change" in said


def test_too_few_for_an_interval():
    three = trend([0, 1, 2], [0.0, 0.1, 0.2], per_days=7)
    said = trend_sentence("p", "valence", three, "week")
    assert "3 sessions are too few for a 95 % interval" in said and "67 %" in said and "rises" not in said


def test_who_has_none_and_what_chance_does():
    few = without_trend(pd.Series({"a": 2, "<b>": 0}))
    assert few == "No slope with fewer than 3 sessions on which there is something to count: a (2), <b> (0)."
    assert without_trend(pd.Series({"a": 4}), at_once=True) == "No slope, because all sessions are of one day: a (4)."
    assert by_chance(20, 3).startswith("3 of 20 slopes rise or fall clearly. If nobody changed, about 1 of 20")
    assert "about 0.5 of 10" in by_chance(10, 0)


def test_courses():
    shown = curve(
        ("a", -1, 0, -0.5, 0.1, 0.0, 0.2, 4), ("a", 0, 1, 0.5, 0.3, 0.2, 0.4, 5), ("a", 1, 2, 1.5, 0.2, 0.1, 0.3, 5),
        ("b", -1, 0, -0.5, None, None, None, 1), ("b", 0, 1, 0.5, None, None, None, 0),
    )  # fmt: skip
    assert course_sentence(shown, "happy", "“x”") == (
        "Happy around “x”. a (n 4 to 5): 10.0 % on average before, 25.0 % on average after, highest 0.5 s after "
        "(30.0 %); b: no curve, because fewer than two have data."
    )
    relative = course_sentence(shown[shown["group"] == "a"], "valence", "“x”", relative=True)
    assert relative.startswith("Valence relative to before around “x”. a (n 4 to 5): +0.10 on average before")
    assert course_sentence(curve(), "valence", "0:10 in the video").endswith("nobody has data there.")


@pytest.mark.parametrize(("seconds", "said"), [(-2.5, "2.5 s before"), (3.0, "3 s after"), (0.25, "0.25 s after")])
def test_since(seconds, said):
    assert since(seconds) == said
