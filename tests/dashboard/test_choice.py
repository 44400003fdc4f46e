"""A comparison and the address that says all of it."""

from datetime import datetime

import pandas as pd
import pytest

from dashboard.choice import MOST_GROUPS, Choice, Group, groups_by, named_apart
from dashboard.listing import by_filter
from tests.studies import unit

EVERYTHING = Choice(
    (
        Group(
            "Before & after; ☕",
            cohorts=("a", "b&c=d"),
            subjects=("Zoë +1",),
            sessions=("1", "%"),
            tags=(("site", "x=y"),),
        ),
        Group("2", videos=("0a", "1b"), from_day="2026-01-31", to_day="2026-02-01", filter_name="mine & yours"),
    ),
    unit="subject", person="named", values="probability", min_coverage=0.35, min_seconds=12.5, min_face_px=40,
    min_sharpness=3,
)  # fmt: skip


@pytest.mark.parametrize("choice", [Choice(), Choice((Group("a"),)), EVERYTHING, Choice(person="main")])
def test_there_and_back(choice):
    query = choice.to_query()
    assert all(isinstance(value, str) for value in query.values())
    again = Choice.from_query({**query, "of": "another page"})
    assert again == choice and again.problems == ()


def test_what_is_as_at_first_is_not_in_the_address():
    assert Choice().to_query() == {}
    assert Choice((Group("A", cohorts=("a",)),), min_coverage=0.5).to_query() == {
        "g1": "name=A&cohort=a", "coverage": "0.5",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("query", "expected", "named"),
    [
        ({"unit": "frame"}, Choice(), "'frame'"),
        ({"person": ""}, Choice(), "person"),
        ({"coverage": "1.5"}, Choice(), "'1.5'"),
        ({"coverage": "50%"}, Choice(), "'50%'"),
        ({"seconds": "-1"}, Choice(), "'-1'"),
        ({"seconds": "inf"}, Choice(), "'inf'"),
        ({"sharpness": "nan"}, Choice(), "'nan'"),
        ({"g1": "name=A&from=31.01.2026"}, Choice((Group("A"),)), "from='31.01.2026'"),
        ({"g1": "name=A&tag=site"}, Choice((Group("A"),)), "tag='site'"),
        ({"g1": "name=A&colour=red&cohort=a"}, Choice((Group("A", cohorts=("a",)),)), "colour='red'"),
    ],
)
def test_what_cannot_be_is_left_as_at_first_and_named(query, expected, named):
    found = Choice.from_query(query)
    assert found == expected
    assert len(found.problems) == 1 and named in found.problems[0]


def test_groups_come_in_the_order_of_their_numbers_and_have_names_of_their_own():
    query = {"g10": "name=B", "g2": "name=B", "g1": "name=%20", "g0": "name=no", "g01": "name=no", "gx": "name=no"}
    found = Choice.from_query(query)
    assert [group.name for group in found.groups] == ["Group 1", "B", "B (2)"]
    assert Choice.from_query(found.to_query()) == found


def test_there_is_a_limit_to_groups():
    found = Choice.from_query({f"g{number}": f"name={number}" for number in range(1, MOST_GROUPS + 3)})
    assert len(found.groups) == MOST_GROUPS and len(found.problems) == 1


@pytest.mark.parametrize(
    "bad", [{"unit": "frame"}, {"values": "median"}, {"min_coverage": 2}, {"groups": (Group("a"), Group("a"))}]
)
def test_a_choice_that_cannot_be(bad):
    with pytest.raises(ValueError):
        Choice(**bad)


def test_a_group_with_a_day_that_is_none():
    with pytest.raises(ValueError):
        Group("a", from_day="2026-02-30")


def test_names_that_are_taken():
    names = [group.name for group in named_apart([Group("a"), Group(" a  "), Group("a (2)"), Group(""), Group("")])]
    assert names == ["a", "a (2)", "a (2) (2)", "Group", "Group (2)"]


def test_a_group_for_each_value_there_is():
    rows = pd.DataFrame([
        unit("1", cohort="b", tags={"site": "x"}), unit("2", cohort="a", tags={"site": "x", "lamp": "on"}),
        unit("3", tags={}), unit("4", cohort="b"),
    ])  # fmt: skip
    assert groups_by(rows, "cohort") == (Group("a", cohorts=("a",)), Group("b", cohorts=("b",)))
    assert groups_by(rows, "tag:site") == (Group("x", tags=(("site", "x"),)),)
    assert groups_by(rows, "session") == groups_by(rows, "tag:none") == ()


def test_a_group_chooses_as_the_library_filters():
    rows = pd.DataFrame([
        unit("1", cohort="a", tags={"site": "x"}, recorded_at=pd.Timestamp(2026, 3, 1, 23)),
        unit("2", cohort="a", tags={"site": "y"}, recorded_at=pd.Timestamp(2026, 3, 2)),
        unit("3", cohort="a", tags={"site": "z"}, recorded_at=pd.NaT, added_at=datetime(2026, 3, 1)),
        unit("4", cohort="b", tags={"site": "x"}, recorded_at=pd.Timestamp(2026, 3, 1)),
    ])  # fmt: skip
    group = Group("g", cohorts=("a",), tags=(("site", "x"), ("site", "y")), to_day="2026-03-01")
    assert list(by_filter(rows, group.filter())["video_id"]) == ["1"]
    assert list(by_filter(rows, Group("g", from_day="2026-03-02").filter())["video_id"]) == ["2"]
    assert list(by_filter(rows, Group("g", to_day="2026-03-01").filter())["video_id"]) == ["1", "3", "4"]
