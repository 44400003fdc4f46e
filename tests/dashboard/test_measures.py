"""What is compared, and how its values are written."""

import numpy as np
import pytest

from dashboard.measures import MEASURES, amount, axis, difference, factor, members, title
from db.emotions import CATEGORIES, EMOTIONS


def test_every_emotion_category_and_valence_once():
    assert set(MEASURES) == {*EMOTIONS, *CATEGORIES, "valence"} and len(MEASURES) == 10
    titles = [title(measure) for measure in MEASURES]
    assert titles[-4:] == ["Neutral", "Negative emotions", "Positive emotions", "Valence"]
    assert len(set(titles)) == 10
    with pytest.raises(ValueError, match="'bored'"):
        title("bored")


def test_members():
    assert members("negative") == ["angry", "disgust", "fear", "sad"] and members("positive") == ["happy", "surprise"]


@pytest.mark.parametrize(
    ("measure", "value", "as_amount", "as_difference"),
    [
        ("happy", 0.1824, "18.2 %", "+18.2 points"),
        ("happy", -0.041, "-4.1 %", "−4.1 points"),
        ("happy", 0.0002, "0.0 %", "0.0 points"),
        ("happy", -0.0002, "-0.0 %", "0.0 points"),
        ("valence", -0.123, "−0.12", "−0.12"),
        ("valence", 0.004, "0.00", "0.00"),
        ("sad", np.nan, "–", "–"),
        ("valence", None, "–", "–"),
    ],
)
def test_values_in_words(measure, value, as_amount, as_difference):
    if value is None or not value < 0 or measure == "valence":  # no share is below 0
        assert amount(measure, value) == as_amount
    assert difference(measure, value) == as_difference


def test_axes():
    assert axis("happy", "share") == "Share of time (%)" and axis("sad", "probability") == "Mean probability (%)"
    assert axis("valence", "share") == "Mean valence (−1 to 1)"
    assert (factor("negative"), factor("valence")) == (100, 1)
