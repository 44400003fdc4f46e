"""Sections Over time and Stimulus of the Compare page as people use them, without a browser."""

import json
import shutil
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from dashboard import compare_over_time, compare_stimulus
from dashboard.course_words import PER
from dashboard.event_locked import bin_edges
from dashboard.study import Choice, Group, study
from dashboard.trends import sessions, trend
from db.store import Store
from tests import studies
from tests.db import rows as stored

TWO = {"g1": "name=control&cohort=control", "g2": "name=treatment&cohort=treatment"}
slow = pytest.mark.slow


def said(app) -> str:
    kinds = ("markdown", "caption", "info", "warning")
    return "\n".join(str(each.value) for kind in kinds for each in app.get(kind)).replace("\\", "")


def charts(app) -> int:
    return len(app.get("vega_lite_chart"))


@pytest.fixture
def home_of_study(home, sample_video):
    """Two cohorts of five subjects with six sessions, each happier than the one before; one that was seen once; a
    stimulus."""
    path = home.library / "advert.mp4"
    shutil.copy(sample_video, path)
    with Store(home.store, home.results) as store:
        studies.fill(store, 0.1, subjects=5, sessions=6, trend=0.05, seconds=40, started_s=20)
        store.add_video(stored.video("x1", cohort="control", subject="once", recorded_at=None))
        run = stored.queue(store, "x1")
        store.start_run(run)
        stored.finish(store, run, emotions=("happy",) * 8)
        store.add_video(stored.video("f" * 16, name="advert.mp4", path=str(path), codec="h264", width=640, height=360))
        store.publish()
    return home


# --- Sessions --------------------------------------------------------------------------------------------------------


def unit(video_id, run_id, happy, **columns):
    return studies.unit(video_id, {"happy": happy}, run_id=run_id, **columns)


def test_sessions_of_a_study_of_subjects():
    day = pd.Timestamp("2026-03-01 23:30")
    people = pd.DataFrame([
        unit("a", 1, 0.2, subject="p1", cohort="x", session="1", recorded_at=day),
        unit("b", 2, 0.4, subject="p1", cohort="x", session="1", recorded_at=day + timedelta(hours=1)),
        unit("c", 3, 0.6, subject="p1", cohort="y", session="2", recorded_at=pd.NaT, added_at=day + timedelta(days=9)),
        unit("d", 4, 0.8, subject=None, cohort="y", session=None, recorded_at=day),
    ])  # fmt: skip
    groups = (Group("X", cohorts=("x",)), Group("Y", cohorts=("y",)), Group("all"))
    found = sessions(study(people, Choice(groups, unit="subject")), "Europe/Vienna")
    # The first two videos are one session; one hour before midnight in London is half past midnight in Vienna.
    assert found[["subject", "unit", "group", "dated"]].values.tolist() == [
        ["p1", "p1, session 1", "X, all", "recorded"], ["p1", "p1, session 2", "Y, all", "added"],
    ]  # fmt: skip
    assert found["at"].tolist() == [pd.Timestamp("2026-03-02 00:30"), pd.Timestamp("2026-03-11 00:30")]
    assert np.diff(found["day"]).tolist() == [9] and found["happy"].tolist() == pytest.approx([0.3, 0.6])
    # In UTC the first day is the one before.
    assert sessions(study(people, Choice(groups)), "UTC")["day"].min() == found["day"].min() - 1


def test_no_sessions():
    people = pd.DataFrame([unit("a", 1, 0.2, cohort="x")])
    assert sessions(study(people, Choice((Group("none", cohorts=("z",)),))), "UTC").empty


def test_tables():
    rows = pd.DataFrame({"subject": "=p", "unit": "s", "group": "g", "at": pd.Timestamp("2026-03-02 00:30"),
                         "dated": "added", "happy": [0.25], "rolling": [0.5]})  # fmt: skip
    assert compare_over_time.sessions_table(rows, "happy").to_dict("records") == [
        {"subject": "=p", "session": "s", "groups": "g", "date": "2026-03-02T00:30:00", "dated_by": "added",
         "measure": "happy", "value": 0.25, "rolling_mean": 0.5}
    ]  # fmt: skip
    found = {"p": trend([0, 1, 2], [0.0, 0.1, 0.2], 7), "q": None}
    (one,) = compare_over_time.slopes_table(found, "happy", "week").to_dict("records")
    assert (one["subject"], one["sessions"], one["days"], one["per"]) == ("p", 3, 2, "week")
    assert one["slope"] == pytest.approx(0.7) and one["interval"] == pytest.approx(2 / 3)
    units = pd.DataFrame({"group": "g", "unit": ["u", "v"], "subject": "p", "session": "1"})
    table = compare_stimulus.unit_table(units, np.array([[np.nan, 0.5], [np.nan, np.nan]]), bin_edges(1, 1, 1), "happy")
    assert table.to_dict("records") == [
        {"measure": "happy", "group": "g", "unit": "u", "subject": "p", "session": "1", "from_s": 0.0, "to_s": 1.0,
         "value": 0.5}
    ]  # fmt: skip
    assert list(PER.values()) == [7, 30]


# --- The page --------------------------------------------------------------------------------------------------------


@slow
def test_over_time(open_page, home_of_study):
    app = open_page("compare", section="Over time", trend="Happy", **TWO)
    assert charts(app) == 11
    text = said(app)
    rising = text.count("Happy rises, by")
    assert rising >= 1 and "Happy falls" not in text  # it rises by five points from one session to the next
    assert "No slope with fewer than 3 sessions" in text and "once (1)" in text
    assert f"{rising} of 10 slopes rise or fall clearly" in text
    assert "1 of 61 sessions are dated by when they were added" in text
    app.segmented_control(key="trend_per").set_value("week").run()
    app.selectbox(key="trend_window").set_value("Off").run()
    app.multiselect(key="trend_subjects").set_value(["c01", "once"]).run()
    assert not app.exception
    assert charts(app) == 2 and "per week" in said(app)
    shared = open_page("compare", section="Over time", trend="Happy", trend_window="Off", trend_per="week",
                       trend_subjects=["c01", "once"], **TWO)  # fmt: skip
    assert charts(shared) == 2 and "per week" in said(shared)


@slow
def test_stimulus(open_page, home_of_study):
    app = open_page("compare", section="Stimulus", **TWO)
    assert charts(app) == 2
    text = said(app)
    assert "Valence around “stimulus”" in text and "60 sessions of 61 have data" in text
    assert "Without a moment or a face around it: once" in text
    app.selectbox(key="course").set_value("happy").run()
    app.toggle(key="course_relative").set_value(True).run()
    app.number_input(key="course_after").set_value(30.0).run()
    assert not app.exception and "relative to before" in said(app)
    shared = open_page("compare", section="Stimulus", course="Happy", course_relative="true", course_after="30", **TWO)
    assert "Happy relative to before around" in said(shared)
    app.segmented_control(key="course_at").set_value("Time in the video").run()
    app.number_input(key="course_offset").set_value(500.0).run()
    assert not app.exception and "Nobody who counts is seen around" in said(app)
    app.number_input(key="course_bin").set_value(0.1).run()
    app.number_input(key="course_after").set_value(600.0).run()
    assert "bins: make them wider" in said(app)


@slow
def test_the_stimulus_is_played_beside(open_page, home_of_study):
    app = open_page("compare", section="Stimulus", course_video="f" * 16, **TWO)
    (player,) = [json.loads(one.proto.json) for one in app.get("bidi_component") if '"groups"' in one.proto.json]
    assert player["name"] == "advert.mp4" and player["url"].startswith("/files/video/")
    assert [group["name"] for group in player["groups"]] == ["control", "treatment"]
    assert (player["from"], player["to"]) == (-5, 15) and len(player["groups"][0]["mean"]) == 40
    gone = open_page("compare", section="Stimulus", course_video="x1", **TWO)
    assert "The video file is not where it was" in said(gone)


@slow
def test_without_markers_and_without_subjects(open_page, home):
    with Store(home.store, home.results) as store:
        stored.analysed(store, "v1", *["happy"] * 8)
        store.publish()
    everything = {"g1": "name=everything"}
    assert "None of these videos has a marker" in said(open_page("compare", section="Stimulus", **everything))
    assert "none of the sessions compared has one" in said(open_page("compare", section="Over time", **everything))
