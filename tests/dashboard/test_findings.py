"""The sentences about the charts, on two people worked out by hand (see tests/dashboard/rows.py)."""

import pandas as pd
import pytest

from dashboard import findings, timeline
from dashboard.look import Look, labelled
from tests.dashboard.rows import faces, two_people


@pytest.fixture
def rows():
    """The faces of person 1, raw: happy, happy, sad, away, happy, neutral."""
    return labelled(two_people(), Look(track_id=1, method="raw"))


def test_probabilities(rows):
    assert findings.probabilities(timeline.course(rows)) == (
        "Probability of each emotion over time: happy is the most probable on average (0.60); sad peaks at 0:01 (1.00)."
    )


def test_valence(rows):
    assert findings.valence(timeline.course(rows)) == (
        "Valence over time: +0.40 on average, highest at 0:00 (+1.00), lowest at 0:01 (−1.00)."
    )


def test_category(rows):
    # positive, positive, negative, (away), positive, neutral: a gap is not a change.
    assert findings.category(timeline.course(rows)) == (
        "Category over time: positive 60 %, negative 20 %, neutral 20 %; it changes 2 times."
    )


def test_undecided_is_said():
    torn = faces((0.0, 1, {"happy": 0.5, "sad": 0.5}, "happy"), (0.5, 1, {"sad": 1.0}, "sad"))
    course = timeline.course(labelled(torn, Look(method="raw", threshold=0.6)))
    assert "undecided 50 %" in findings.category(course)


def test_how_long(rows):
    seconds = timeline.seconds(rows)
    assert findings.shares(seconds) == "Share of each emotion: happy 60 %, sad 20 %, neutral 20 % of the time."
    assert findings.seconds(timeline.category_seconds(seconds)) == (
        "Seconds per category: positive 1.5 s, negative 0.5 s, neutral 0.5 s."
    )


def test_distribution(rows):
    assert findings.distribution(timeline.distribution(rows, 1.0), 1.0) == (
        "Emotions in every 1 seconds: the most of any but neutral is happy from 0:00, 1.0 s."
    )
    calm = labelled(faces((0.0, 1, {"neutral": 1.0}, "neutral")), Look())
    assert "nothing but neutral" in findings.distribution(timeline.distribution(calm), 60.0)


def test_presence():
    spans = timeline.presence(two_people())  # 1.5 + 1 and 1.5 + 0.5 seconds
    assert findings.presence(spans, 2) == "2 people are in the picture, in 4 stretches, 4 s together."


def test_coverage():
    strip = pd.DataFrame(
        {"what": ["One face", "No face", "Too dark"], "start_s": [0.0, 3.0, 3.5], "end_s": [3.0, 4.5, 4.5]}
    )
    # The last frame would hold beyond the part: 3 of 4 seconds with a face.
    assert findings.coverage(strip, 0.0, 4.0) == (
        "What was to be seen: one face 75 %, no face 25 %, too dark 12 % of the time."
    )


def test_nobody(rows):
    nothing = timeline.course(rows.head(0))
    said = {
        findings.probabilities(nothing), findings.valence(nothing), findings.category(nothing),
        findings.shares(timeline.seconds(rows.head(0))), findings.presence(timeline.presence(rows.head(0)), 0),
        findings.seconds(timeline.category_seconds(timeline.seconds(rows.head(0)))),
        findings.distribution(timeline.distribution(rows.head(0)), 60.0),
    }  # fmt: skip
    assert said == {findings.NOTHING}
    assert "No frame" in findings.coverage(pd.DataFrame({"what": [], "start_s": [], "end_s": []}), 0.0, 4.0)
