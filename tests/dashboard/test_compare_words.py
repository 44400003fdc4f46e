"""A comparison in words."""

import pandas as pd
import pytest

from dashboard.choice import Choice, Group
from dashboard.compare_words import chosen_by, few, left_out, settings, units_of, videos_of
from dashboard.study import study
from tests.studies import unit


@pytest.mark.parametrize(
    ("group", "text"),
    [
        (Group("a"), "every video"),
        (Group("a", cohorts=("x", "y")), "cohort x or y"),
        (Group("a", subjects=("s",), tags=(("site", "A"), ("site", "B"))), "subject s; site A or B"),
        (Group("a", from_day="2026-01-02", to_day="2026-02-03"), "from 2026-01-02; to 2026-02-03"),
        (Group("a", filter_name="mine"), "saved filter mine"),
        (Group("a", videos=("v", "w")), "one.mp4, a video that is gone"),
        (Group("a", videos=("v", "w", "x", "y")), "4 videos chosen one by one"),
        (Group("a", cohorts=("two\nlines",)), "cohort two lines"),
    ],
)  # fmt: skip
def test_what_a_group_is_chosen_by(group, text):
    assert chosen_by(group, {"v": "one.mp4"}) == text


def test_counts():
    assert [units_of("session", 1), units_of("subject", 1200), videos_of(1)] == [
        "1 session",
        "1,200 subjects",
        "1 video",
    ]


def test_settings_name_only_the_rules_that_hold():
    assert settings(Choice())[-1] == ("Left out by rule", "nothing")
    said = dict(settings(Choice(min_coverage=0.25, min_seconds=10, unit="subject")))
    assert said["Left out by rule"] == "Face in view in less than 25 % of the frames; Person seen for less than 10 s"
    assert said["Unit"] == "Subjects"


def test_what_is_left_out_and_what_is_few():
    rows = pd.DataFrame(
        [unit(f"v{number}", cohort="a", subject=f"s{number}", person_s=float(number)) for number in range(1, 8)]
    )
    found = study(rows, Choice((Group("a", cohorts=("a",)), Group("all")), min_seconds=2.5))
    assert left_out(found) == "2 of 7 videos left out."
    assert few(found) == []
    small = study(rows, Choice((Group("a"),), min_seconds=4))
    assert left_out(small) == "3 of 7 videos left out."
    assert "a (4 sessions)" in few(small)[0]
    assert left_out(study(rows, Choice((Group("a"),)))) == "None of 7 videos is left out."
