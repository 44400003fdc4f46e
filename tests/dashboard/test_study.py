"""From people in videos to units in groups; figures worked out by hand."""

import numpy as np
import pandas as pd
import pytest

from dashboard.study import MEASURES, Choice, Group, groups_by, study
from tests.studies import unit

A, B = Group("A", cohorts=("a",)), Group("B", cohorts=("b",))


def table(*rows):
    return pd.DataFrame(list(rows))


def why(found):
    return dict(zip(found.left_out["video_id"], found.left_out["why"], strict=True))


def test_nothing_there_and_nothing_chosen():
    rows = table(unit("1", cohort="a"))
    empty = study(rows.iloc[:0], Choice((A, B)))
    assert empty.units.empty and empty.left_out.empty and empty.n == {"A": 0, "B": 0}
    assert empty.notes == ("A: no video fits what this group asks for.", "B: no video fits what this group asks for.")
    assert study(rows, Choice()).units.empty and study(rows, Choice()).groups == ()


def test_the_columns_are_there_without_a_unit():
    found = study(table(unit("1", cohort="a")), Choice((B,)))
    assert {"group", "unit", "video_ids", *MEASURES} <= set(found.units.columns)
    assert list(found.left_out.columns) == ["video_id", "name", "group", "why"]


def test_measures_of_a_unit():
    found = study(table(unit("1", {"happy": 0.5, "surprise": 0.1, "sad": 0.2}, cohort="a")), Choice((A,)))
    [one] = found.units.to_dict("records")
    assert one["unit"] == "1.mp4" and one["video_ids"] == ["1"] and one["run_ids"] == [1] and one["videos"] == 1
    expected = {
        "happy": 0.5,
        "surprise": 0.1,
        "sad": 0.2,
        "neutral": 0.2,
        "negative": 0.2,
        "positive": 0.6,
        "valence": 0.4,
    }
    assert {name: one[name] for name in expected} == pytest.approx(expected)


def test_shares_or_probabilities():
    row = unit("1", {"happy": 1.0}, cohort="a") | {"p_happy": 0.6, "p_neutral": 0.4}
    assert study(table(row), Choice((A,))).units["happy"].tolist() == [1.0]
    assert study(table(row), Choice((A,), values="probability")).units["happy"].tolist() == [0.6]


def test_people_and_videos_weigh_by_the_time_they_are_seen():
    common = {"subject": "Anna", "cohort": "a", "session": "1"}
    rows = table(
        unit("1", {"happy": 1.0}, track_id=1, person_s=30.0, **common),
        unit("1", {"sad": 1.0}, track_id=2, person_s=10.0, **common),
        unit("2", {"sad": 1.0}, track_id=1, person_s=20.0, run_id=2, **common),
    )
    [everyone] = study(rows, Choice((A,))).units.to_dict("records")
    assert (everyone["happy"], everyone["sad"], everyone["seconds"]) == (0.5, 0.5, 60.0)
    assert (everyone["unit"], everyone["videos"], everyone["run_ids"]) == ("Anna, session 1", 2, [1, 2])
    [main] = study(rows, Choice((A,), person="main")).units.to_dict("records")
    assert (main["happy"], main["seconds"]) == (0.6, 50.0)


def test_what_is_a_session_and_what_is_a_subject():
    rows = table(
        unit("1", cohort="a", subject="Anna", session="1"), unit("2", cohort="a", subject="Anna", session="1"),
        unit("3", cohort="a", subject="Anna", session="2"), unit("4", cohort="a", subject="Ben", session="1"),
        unit("5", cohort="a", subject="Ben"), unit("6", cohort="a", session="1"), unit("7", cohort="a", session="1"),
        unit("8", cohort="a"), unit("9", cohort="a", name="8.mp4"),
    )  # fmt: skip
    found = study(rows, Choice((A,)))
    assert sorted(zip(found.units["unit"], found.units["video_ids"], strict=True)) == [
        ("8.mp4", ["8"]), ("8.mp4 (2)", ["9"]), ("Anna, session 1", ["1", "2"]), ("Anna, session 2", ["3"]),
        ("Ben, 5.mp4", ["5"]), ("Ben, session 1", ["4"]), ("a, session 1", ["6", "7"]),
    ]  # fmt: skip
    found = study(rows, Choice((A,), unit="subject"))
    assert list(zip(found.units["unit"], found.units["video_ids"], strict=True)) == [
        ("Anna", ["1", "2", "3"]), ("Ben", ["4", "5"]),
    ]  # fmt: skip
    assert list(found.units["session"]) == [None, None] and list(found.units["cohort"]) == ["a", "a"]
    assert set(why(found)) == {"6", "7", "8", "9"} and "has no subject" in why(found)["6"]


def test_units_come_by_group_and_time():
    days = pd.to_datetime(["2026-03-01", "2026-01-01", "2026-02-01"])
    rows = table(*(unit(str(i), cohort="ab"[i % 2], recorded_at=day) for i, day in enumerate(days)))
    found = study(rows, Choice((B, A)))
    assert list(found.units["video_ids"]) == [["1"], ["2"], ["0"]]
    assert found.n == {"B": 1, "A": 2} and list(found.of("A")["video_ids"]) == [["2"], ["0"]]


def test_why_videos_are_left_out():
    nan = {"run_id": pd.NA, "track_id": pd.NA, "person_s": np.nan, "coverage": np.nan, "seen": np.nan}
    rows = table(
        unit("new", cohort="a") | nan | {"state": None},
        unit("queued", cohort="a") | nan | {"state": "queued"},
        unit("failed", cohort="a") | nan | {"state": "failed", "error": "It is empty."},
        unit("stopped", cohort="a") | nan | {"state": "cancelled"},
        unit("nobody", cohort="a", track_id=pd.NA, person_s=np.nan, coverage=0.0, seen=0.0),
        unit("excluded", cohort="a", person_s=0.0, coverage=np.nan),
        unit("seldom", cohort="a", coverage=0.31),
        unit("short", cohort="a", person_s=3.0),
        unit("small", cohort="a", face_px=20.0),
        unit("blurred", cohort="a", sharpness=4.0),
        unit("fine", cohort="a", coverage=0.5, person_s=10.0, face_px=40.0, sharpness=5.0),
        unit("of b", cohort="b", coverage=0.1),
    )
    limits = {"min_coverage": 0.5, "min_seconds": 10, "min_face_px": 40, "min_sharpness": 5}
    found = study(rows, Choice((A, Group("All")), **limits))
    assert why(found) == {
        "new": "It has not been analysed yet.",
        "queued": "It has not been analysed yet.",
        "failed": "Its analysis failed: It is empty.",
        "stopped": "Its analysis was cancelled.",
        "nobody": "Nobody was seen in it.",
        "excluded": "The person is not seen outside of the excluded ranges.",
        "seldom": "A face is seen in 31 % of its frames, less than 50 %.",
        "short": "The person is seen for 3.0 s, less than 10 s.",
        "small": "Faces are 20 pixels wide, less than 40.",
        "blurred": "Its sharpness is 4, less than 5.",
        "of b": "A face is seen in 10 % of its frames, less than 50 %.",
    }
    assert dict(zip(found.left_out["video_id"], found.left_out["group"], strict=True))["of b"] == "All"
    assert set(found.left_out["group"]) == {"All", "A, All"}
    assert found.n == {"A": 1, "All": 1}
    assert study(rows, Choice((A,))).n == {"A": 5}  # without limits


def test_the_person_named_like_the_subject():
    rows = table(
        unit("1", {"happy": 1.0}, cohort="a", subject="Anna", label="anna ", track_id=1),
        unit("1", {"sad": 1.0}, cohort="a", subject="Anna", label="Therapist", track_id=2, person_s=600.0),
        unit("2", cohort="a", subject="Ben", label="Carl", track_id=1),
        unit("3", cohort="a", subject="Ben", track_id=1),
        unit("4", cohort="a", label="Dora", track_id=1),
    )
    found = study(rows, Choice((A,), person="named"))
    assert found.units["happy"].tolist() == [1.0] and list(found.units["unit"]) == ["Anna, 1.mp4"]
    assert why(found) == {
        "2": "Nobody in it is named Ben: the names in it are Carl. Name people on the Video page, under People.",
        "3": "Nobody in it is named Ben: nobody in it has a name. Name people on the Video page, under People.",
        "4": "It has no subject, so nobody in it can be named like the subject.",
    }


def test_one_who_is_only_in_excluded_ranges_has_no_weight():
    rows = table(
        unit("1", {"happy": 1.0}, cohort="a", track_id=1),
        {**unit("1", cohort="a", track_id=2, person_s=0.0), "happy": np.nan, "valence": np.nan},
    )
    assert study(rows, Choice((A,))).units["happy"].tolist() == [1.0]


def test_a_video_in_two_groups_is_said_and_counts_in_both():
    rows = table(unit("1", cohort="a", session="1", subject="x"), unit("2", cohort="b", session="1", subject="y"))
    found = study(rows, Choice((A, Group("First", sessions=("1",)))))
    assert found.n == {"A": 1, "First": 2}
    assert found.notes == (
        "In more than one group, and counted in each: 1.mp4. Groups that share videos look more alike.",
    )


def test_saved_filters_and_chosen_videos():
    rows = table(unit("1", cohort="a"), unit("2", cohort="b"), unit("3", cohort="b", name="other.avi"))
    filters = pd.DataFrame({"name": ["mp4"], "filter": [{"text": ".mp4", "states": ["done"]}]})
    choice = Choice((Group("M", filter_name="mp4"), Group("N", filter_name="gone"), Group("V", videos=("3", "9"))))
    found = study(rows, choice, filters)
    assert found.n == {"M": 2, "N": 0, "V": 1}
    assert found.notes == (
        "N: there is no saved filter gone, so this group is empty.",
        "V: 1 of the videos chosen is not there any more.",
    )
    assert study(rows, choice).n == {"M": 0, "N": 0, "V": 1}


def test_what_was_wrong_with_the_address_is_a_note():
    assert "frame" in study(table(unit("1")), Choice.from_query({"unit": "frame"})).notes[0]


def test_names_from_outside_stay_as_they_are():
    rows = table(unit("1", subject="<b>x</b>", cohort="a"), unit("2", subject="x, session 1", cohort="a"))
    assert list(study(rows, Choice(groups_by(rows, "subject"), unit="subject")).units["unit"]) == [
        "<b>x</b>", "x, session 1",
    ]  # fmt: skip
