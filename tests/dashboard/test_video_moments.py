"""Section Moments of the video page, opened without a browser."""

import io
import json
from datetime import time

import pandas as pd
import pytest

from dashboard import downloads, video_moments
from dashboard.moments import key_moments
from db.store import Store
from processor import spool
from tests.dashboard.runs import faces, seen

pytestmark = pytest.mark.slow  # whole pages

DONE, NOBODY = "a" * 16, "e" * 16


def texts(app) -> str:
    kinds = ("markdown", "caption", "info", "warning", "error", "subheader")
    return "\n".join(str(element.value) for kind in kinds for element in getattr(app, kind))


def charts(app) -> int:
    return len(app.get("vega_lite_chart"))


def pictures(app) -> list[dict]:
    """The list of pictures, as it goes to the browser."""
    (one,) = [element for element in app.get("bidi_component") if '"ticks"' in element.proto.json]
    return json.loads(one.proto.json)["pictures"]


@pytest.fixture
def shown() -> pd.DataFrame:
    """Moments of two people, placed: 0.5 s of neutral, then happy, falling, for 4 s; the other one is sad."""
    one = faces(["neutral", *[("happy", 1 - n / 20) for n in range(8)]], x=30.0)
    rows = seen(one, faces(["sad"] * 9, track_id=2, x=300.0))
    return video_moments.placed(key_moments(rows), rows, {1: "=anna (1)"})


def test_placed(shown):
    by_key = shown.set_index("moment")
    assert set(by_key.index) == {"peak/happy/1/0.500", "stretch/happy/1/0.500", "stretch/sad/2/0.000"}
    peak, stretch = by_key.loc["peak/happy/1/0.500"], by_key.loc["stretch/happy/1/0.500"]
    assert (peak["x"], peak["w"], peak["valence"], peak["who"]) == (30.0, 100.0, 1.0, "=anna (1)")
    assert stretch["valence"] == pytest.approx((1 + 0.65) / 2)  # the mean from 1 down to 0.65
    assert by_key.loc["stretch/sad/2/0.000", ["x", "valence", "who"]].tolist() == [300.0, -1.0, "Person 2"]


def test_file(shown):
    rows = pd.read_csv(io.BytesIO(video_moments.as_csv(shown, {"peak/happy/1/0.500"})))
    assert list(rows.columns) == [
        "moment", "kind", "emotion", "track_id", "person", "t_s", "end_s", "strength", "text", "reviewed"
    ]  # fmt: skip
    assert rows.set_index("moment")["reviewed"].to_dict() == {
        "peak/happy/1/0.500": True, "stretch/happy/1/0.500": False, "stretch/sad/2/0.000": False
    }  # fmt: skip
    assert set(rows["person"]) == {"'=anna (1)", "Person 2"}  # no formula for a spreadsheet
    assert downloads.file_name("a b.mp4", "moments.csv") == "a_b_moments.csv"


def test_a_video(seeded, open_page):
    app = open_page("video", video=DONE, section="Moments")
    said = texts(app)
    assert "0 of " in said and "reviewed" in said
    assert charts(app) == 2  # the moments on their line, and the transitions
    assert "changes from one emotion to another" in said
    kinds = next(pills for pills in app.get("button_group") if pills.label == "Kinds")
    assert "Peaks" in kinds.options and "Longest stretches" in kinds.options
    assert len(pictures(app)) == int(texts(app).split(" of ")[1].split(" reviewed")[0])


def test_filters(seeded, open_page):
    app = open_page("video", video=DONE, section="Moments")
    app.multiselect(key="moment-emotions").select("happy").run()
    assert {picture["id"].split("/")[1] for picture in pictures(app)} == {"happy"}
    next(pills for pills in app.get("button_group") if pills.label == "Kinds").set_value([]).run()
    assert not app.exception
    assert "No key moment is of these kinds" in texts(app)


def test_the_store_knows_what_is_reviewed(seeded, open_page):
    with Store(seeded.store, seeded.results) as store:
        run_id = next(run["run_id"] for run in store.runs("done") if run["video_id"] == DONE)
        store.review(run_id, "stretch/none/1/0.000", True)  # of no moment that is there: not counted
        store.publish()
    app = open_page("video", video=DONE, section="Moments")
    assert "0 of " in texts(app)
    key = pictures(app)[0]["id"]
    with Store(seeded.store, seeded.results) as store:
        store.review(run_id, key, True)
        store.publish()
    assert "1 of " in texts(open_page("video", video=DONE, section="Moments"))


def test_a_tick_becomes_a_request(home, monkeypatch):
    monkeypatch.setenv("MOODREEL_HOME", str(home.path))
    state: dict = {}
    monkeypatch.setattr(video_moments.st, "session_state", state)
    assert video_moments.known(3, {"a", "b"}) == {"a", "b"}
    video_moments.review(3, "c", True)
    video_moments.review(3, "a", False)
    asked = [spool.load(path) for path in spool.pending(home.spool)]
    assert [(r["kind"], r["run_id"], r["moment"], r["reviewed"]) for r in asked] == [
        ("review", 3, "c", True), ("review", 3, "a", False)
    ]  # fmt: skip
    assert video_moments.known(3, {"a", "b"}) == {"b", "c"}  # until the processor has done it
    assert video_moments.known(3, {"b", "c"}) == {"b", "c"}
    assert state["review-asked-3"] == {}
    assert video_moments.known(3, {"b"}) == {"b"}  # taken away by somebody else since


def test_nobody_in_this_part(seeded, open_page):
    """Between 20 and 30 s nobody is to be seen."""
    app = open_page("video", video=DONE, section="Moments")
    app.slider(key="part").set_range(time(0, 0, 21), time(0, 0, 29)).run()
    assert not app.exception
    assert charts(app) == 0 and "Nobody is to be seen" in texts(app)
    app = open_page("video", video=NOBODY, section="Moments")
    assert "No face was found" in texts(app)
