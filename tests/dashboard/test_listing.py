import json
from datetime import date, datetime

import pandas as pd
import pytest

from dashboard import listing
from processor import spool

VIDEOS = pd.DataFrame(
    {
        "video_id": ["a", "b", "c"],
        "name": ["First\nday.mp4", "second.mp4", "third.mp4"],
        "subject": ["anna", None, "Ben"],
        "cohort": ["pilot", "pilot", None],
        "session": ["1", None, None],
        "state": ["done", "done", "failed"],
        "frames_sampled": [20, 20, None],
        "coverage": [0.5, 0.0, None],
        "mean_valence": [0.25, None, None],
        "valence_curve": [[0.5, None], [None, None], None],
        "tags": [{"site": "Vienna", "arm": "B"}, {"site": "Graz"}, None],
        "recorded_at": pd.to_datetime(["2025-12-31 23:59:59", None, None]),
        "added_at": pd.to_datetime(["2026-01-02 03:04:05"] * 3),
    }
)
SHOWN = listing.with_state(VIDEOS)


def test_state_of_a_video_without_a_face_is_a_finding():
    assert list(SHOWN["shown"]) == ["done", "no face", "failed"]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, "abc"),
        ({"text": "FIRST anna"}, "a"),
        ({"text": "pilot"}, "ab"),
        ({"text": "(["}, ""),  # not a pattern
        ({"cohorts": ["pilot"], "subjects": ["anna"]}, "a"),
        ({"subjects": ["anna", "Ben"]}, "ac"),
        ({"sessions": ["1"]}, "a"),
        ({"states": ["no face", "failed"]}, "bc"),
        ({"tags": {"site": ["Vienna", "Graz"]}}, "ab"),
        ({"tags": {"site": ["Vienna", "Graz"], "arm": ["B"]}}, "a"),
        ({"tags": {"site": [], "colour": ["red"]}}, ""),
        ({"tags": {"site": []}}, "abc"),
        ({"to_day": "2025-12-31"}, "a"),
        ({"from_day": date(2026, 1, 1)}, "bc"),  # recorded nobody knows when: added on 2 January
        ({"from_day": "2025-12-31", "to_day": "2026-01-01"}, "a"),
        ({"from_day": "2026-01-02", "to_day": "2026-01-01"}, ""),
    ],
)
def test_filters(filters, expected):
    assert "".join(listing.chosen(SHOWN, **filters)["video_id"]) == expected
    assert "".join(listing.by_filter(SHOWN, filters)["video_id"]) == expected


def test_what_a_saved_filter_leaves_open_lets_everything_through():
    assert len(listing.by_filter(SHOWN, {"text": None, "tags": None, "cohorts": [], "from_day": None})) == 3
    assert len(listing.chosen(SHOWN.iloc[:0], tags={"site": ["Graz"]}, from_day="2026-01-01")) == 0
    assert list(listing.by_filter(VIDEOS, {"states": ["done"]})["video_id"]) == ["a", "b", "c"]  # no state to go by


@pytest.mark.parametrize("filter", [{"from_day": "yesterday"}, {"to_day": "31.12.2026"}])
def test_a_day_that_is_none(filter):
    with pytest.raises(ValueError):
        listing.by_filter(SHOWN, filter)


def test_choices():
    assert listing.choices(VIDEOS, "subject") == ["Ben", "anna"]


def test_table():
    rows = listing.table(listing.chosen(SHOWN, cohorts=["pilot"]))
    assert list(rows["video"]) == ["First day.mp4", "second.mp4"]
    assert rows["coverage"].iloc[0] == 50
    assert rows["course"].iloc[0].startswith("data:image/svg+xml")
    assert pd.isna(rows["course"].iloc[1])
    assert str(rows["added"].iloc[0]) == "2026-01-02 03:04:05+00:00"


@pytest.mark.parametrize(
    ("state", "first"),
    [
        ("queued", listing.CANCEL),
        ("running", listing.CANCEL),
        ("failed", listing.RETRY),
        ("done", listing.AGAIN),
        ("no face", listing.AGAIN),
        ("cancelled", listing.AGAIN),
    ],
)
def test_actions(state, first):
    assert listing.actions(state) == [first, listing.DELETE]


def test_waiting_requests_in_order(home):
    assert listing.waiting(home.spool, {}, {}) == []
    spool.submit(home.spool, "reprocess", video_id="a")
    spool.submit(home.spool, "cancel", run_id=7)
    spool.submit(home.spool, "delete", video_id="unknown", delete_file=False)
    spool.submit(home.spool, "default_model", model="mine")
    spool.submit(home.spool, "evaluation", card={"name": "cnn"}, evaluations=[])
    (home.spool / "9-broken.json").write_text("{")
    (home.spool / "9-new.json").write_text(json.dumps({"kind": "new kind"}))
    assert listing.waiting(home.spool, {"a": "one\n.mp4"}, {7: "two.mp4"}) == [
        "New analysis of one .mp4",
        "Cancelling two.mp4",
        "Deletion of a video",
        "Making mine the default",
        "Figures of cnn",
        "A request that can't be read (9-broken.json)",
        "Request about a video",
    ]


def test_every_kind_of_request_is_called_something():
    assert {kind for kind in spool._KINDS if listing.asked(kind, "x") == "Request about x"} == set()


def test_a_request_about_a_person_is_called_by_the_video(home):
    spool.submit(home.spool, "people_name", run_id=7, revision=0, track_id=1, name="Anna")
    assert listing.waiting(home.spool, {}, {7: "two.mp4"}) == ["Naming a person of two.mp4"]


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("UTC", "03 Jul 2026, 12:05 UTC"),
        ("Europe/Vienna", "03 Jul 2026, 14:05 CEST"),
        ("America/New_York", "03 Jul 2026, 08:05 EDT"),
        ("nowhere", "03 Jul 2026, 12:05 UTC"),
        ("../../etc/passwd", "03 Jul 2026, 12:05 UTC"),
        ("", "03 Jul 2026, 12:05 UTC"),
    ],
)
def test_moment_in_the_zone_of_who_looks(zone, expected):
    assert listing.moment(datetime(2026, 7, 3, 12, 5, 59), zone) == expected
