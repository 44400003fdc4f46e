"""What the player is given, and what becomes of what it sends; tests/e2e/test_video_player.py has it in a browser."""

import base64
import json
import math

import numpy as np
import pandas as pd
import pytest

from dashboard.player import handed, obstacle, to_hand_over
from dashboard.player.asked import exact
from db.emotions import CATEGORY, EMOTIONS
from tests.dashboard.test_pages import DONE, requests

TRACKS = pd.DataFrame({"track_id": [2, 1], "label": ["Anna\n<b>", None]})


def face(nth: int, track_id: int, emotion: str, strength: float = 0.7, **more) -> dict:
    """A row as from results.faces, two frames a second."""
    rest = (1 - strength) / 6
    return {
        "frame": nth * 12, "t_s": nth / 2, "end_s": (nth + 1) / 2, "nth": nth, "track_id": track_id,
        "x": 10.4, "y": -3.6, "w": 80.0, "h": 100.0, "face_score": 0.9,
        **{name: strength if name == emotion else rest for name in EMOTIONS},
        "emotion": emotion, "smoothed": emotion, "category": CATEGORY[emotion], "valence": 0.0, "excluded": False,
        **more,
    }  # fmt: skip


def numbers(column: str, kind: str) -> list:
    return np.frombuffer(base64.b64decode(column), kind).tolist()


@pytest.mark.parametrize(
    ("name", "codec", "plays"),
    [("a.mp4", "h264", True), ("a.MOV", "h264", True), ("a.webm", "vp9", True), ("a.mp4", None, True)]
    + [("a.avi", "mpeg4", False), ("a.mkv", "h264", False), ("a.mp4", "hevc", False), ("a.gif", "gif", False)],
)
def test_what_browsers_play(tmp_path, name, codec, plays):
    path = tmp_path / name
    path.write_bytes(b"x")
    assert (obstacle(path, codec) is None) == plays


def test_missing_file(tmp_path):
    assert "not where it was" in obstacle(tmp_path / "gone.mp4", "h264")


class TestColumn:
    def test_values_come_back_rounded(self):
        assert numbers(handed.column(np.array([0.4, 0.6, 70_000.0, -1.0]), "<u2"), "<u2") == [0, 1, 65_535, 0]

    def test_none(self):
        assert handed.column(np.array([]), "u1") == ""


class TestPeople:
    def test_nobody(self):
        assert handed.people(pd.DataFrame([face(0, 1, "happy")]).iloc[:0], TRACKS) == []

    def test_boxes_and_labels(self):
        faces = pd.DataFrame([face(0, 2, "sad", 0.4), face(0, 1, "happy", 0.8), face(1, 2, "fear", 1.0)])
        one, two = handed.people(faces, TRACKS)
        assert (one["id"], one["name"]) == (1, "Person 1")
        assert (two["id"], two["name"]) == (2, "Anna <b> (2)")
        assert numbers(two["t"], "<u4") == [0, 5000]
        assert [numbers(two[side], "<i2") for side in "xywh"] == [[10, 10], [-4, -4], [80, 80], [100, 100]]
        assert numbers(two["label"], "u1") == [EMOTIONS.index("sad"), EMOTIONS.index("fear")]
        assert numbers(two["p"], "u1") == [102, 255]

    def test_label_of_the_look_wins_and_may_be_undecided(self):
        faces = pd.DataFrame([face(0, 1, "sad", 0.52, label="undecided"), face(1, 1, "sad", 0.52, label="angry")])
        (one,) = handed.people(faces, TRACKS)
        assert numbers(one["label"], "u1") == [7, EMOTIONS.index("angry")]
        assert numbers(one["p"], "u1") == [133, 20]  # that of the strongest, 0.52; that of the label, 0.08


class TestLines:
    def test_nobody(self):
        lines = handed.lines(pd.DataFrame([face(0, 1, "sad")]), 2)
        assert lines == {"t": "", "end": "", "gap": "", "emotions": [""] * 7, "category": ""}

    def test_one_person_with_a_gap(self):
        faces = pd.DataFrame([face(nth, 1, "happy") for nth in (0, 1, 4)] + [face(2, 2, "sad")])
        lines = handed.lines(faces, 1)
        assert numbers(lines["t"], "<u4") == [0, 5000, 20_000]
        assert numbers(lines["end"], "<u4") == [5000, 10_000, 25_000]
        assert numbers(lines["gap"], "u1") == [0, 0, 1]
        assert numbers(lines["emotions"][EMOTIONS.index("happy")], "u1") == [178, 178, 178]
        assert numbers(lines["category"], "u1") == [2, 2, 2]

    def test_mean_of_all(self):
        rows = [face(0, 1, "happy", 1.0), face(0, 2, "sad", 1.0), face(1, 1, "happy", 1.0), face(1, 2, "happy", 1.0)]
        lines = handed.lines(pd.DataFrame(rows), None)
        assert numbers(lines["emotions"][EMOTIONS.index("happy")], "u1") == [128, 255]
        assert numbers(lines["category"], "u1") == [1, 2]  # happy and sad at once: in the mean neutral

    def test_undecided(self):
        rows = [face(0, 1, "sad", label_category="undecided"), face(1, 1, "sad", label_category="negative")]
        assert numbers(handed.lines(pd.DataFrame(rows), 1)["category"], "u1") == [3, 0]

    def test_thinned_by_means(self):
        faces = pd.DataFrame([face(nth, 1, "happy", 1.0 if nth % 2 else 0.5) for nth in range(4000)])
        lines = handed.lines(faces, 1)
        assert set(numbers(lines["emotions"][EMOTIONS.index("happy")], "u1")) == {191}  # 0.75
        assert numbers(lines["t"], "<u4")[:3] == [0, 10_000, 20_000]
        assert len(numbers(lines["t"], "<u4")) == 2000
        assert not any(numbers(lines["gap"], "u1"))


def long_video() -> tuple[dict, pd.DataFrame]:
    """Two hours of three people, two frames a second."""
    count = 7200 * 2 * 3
    nth = np.repeat(np.arange(count // 3), 3)
    random = np.random.default_rng(1)
    shares = random.dirichlet(np.ones(7), count)
    label = np.array(EMOTIONS, object)[shares.argmax(axis=1)]
    faces = pd.DataFrame(
        {
            "t_s": nth / 2, "end_s": (nth + 1) / 2, "nth": nth, "track_id": np.tile([1, 2, 3], count // 3),
            **{side: random.uniform(0, 1000, count) for side in "xywh"}, **dict(zip(EMOTIONS, shares.T, strict=True)),
            "smoothed": label, "category": pd.Series(label).map(CATEGORY),
        }
    )  # fmt: skip
    video = {"video_id": "a" * 16, "name": "long", "fps": 25.0, "duration_s": 7200.0, "width": 1920, "height": 1080}
    return video | {"current": {"sample_fps": 2.0}}, faces


def test_two_hours_of_three_people_stay_small():
    video, faces = long_video()
    data = to_hand_over(video, faces, TRACKS, None, None, None)
    assert len(json.dumps(data)) < 1.5e6
    assert [len(numbers(person["t"], "<u4")) for person in data["people"]] == [14_400] * 3  # boxes are not thinned


def test_nothing_known_of_a_video():
    video, _ = long_video()
    data = to_hand_over(video | {"current": None, "fps": None}, None, None, None, None, None)
    assert (data["people"], data["lines"], data["markers"], data["excluded"]) == ([], None, [], [])
    json.dumps(data, allow_nan=False)


def test_markers_and_ranges():
    markers = pd.DataFrame(
        [
            {"marker_id": "m1", "t_s": 1.5, "end_s": math.nan, "kind": "a\nb", "note": None},
            {"marker_id": "m2", "t_s": 2.0, "end_s": 3.0, "kind": "<i>", "note": "n"},
        ]
    )
    assert handed.marked(markers) == [
        {"id": "m1", "t": 1.5, "end": None, "kind": "a b", "note": ""},
        {"id": "m2", "t": 2.0, "end": 3.0, "kind": "<i>", "note": "n"},
    ]
    excluded = pd.DataFrame([{"range_id": "r", "from_s": 1.0, "to_s": 2.0, "reason": None}])
    assert handed.left_out(excluded) == [{"from": 1.0, "to": 2.0, "reason": ""}]


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00.00"), (75.456, "1:15.45"), (3600.29, "1:00:00.29")])
def test_exact(seconds, text):
    assert exact(seconds) == text


# Streamlit's AppTest has no browser, so what a component sends is handed to the same function that its callback calls.
ASKING = """
from dashboard.player import asked
import streamlit as st
for asks in {batches!r}:
    asked.take({{"video_id": "{video}"}}, asks)
st.text(str(st.session_state.get("asked")))
"""


def ask(home, monkeypatch, *batches) -> list[dict]:
    """What the spool holds after these came from the browser, without what every request has."""
    from streamlit.testing.v1 import AppTest

    monkeypatch.setenv("MOODREEL_HOME", str(home.path))
    app = AppTest.from_string(ASKING.format(batches=batches, video=DONE), default_timeout=30).run()
    assert not app.exception
    return [
        {name: value for name, value in request.items() if name not in ("request_id", "requested_at")}
        for request in requests(home)
    ]


class TestAsked:
    @pytest.mark.slow
    def test_each_kind(self, home, monkeypatch):
        asks = [
            {"id": "1", "kind": "marker", "t": 1.25},
            {"id": "2", "kind": "move", "marker_id": "m1", "t": 2, "end": None},
            {"id": "3", "kind": "move", "marker_id": "m2", "t": 2.5, "end": 4.5},
            {"id": "4", "kind": "exclude", "from": 1.0, "to": 2.0},
        ]
        marker = {"t_s": 1.25, "kind": "marker"}
        assert ask(home, monkeypatch, asks) == [
            {"kind": "markers_add", "video_id": DONE, "markers": [marker], "source": "player"},
            {"kind": "marker_change", "marker_id": "m1", "changes": {"t_s": 2}},
            {"kind": "marker_change", "marker_id": "m2", "changes": {"t_s": 2.5, "end_s": 4.5}},
            {"kind": "exclude", "video_id": DONE, "from_s": 1.0, "to_s": 2.0},
        ]

    def test_what_is_sent_again_is_handed_in_once(self, home, monkeypatch):
        first, second = ({"id": name, "kind": "marker", "t": t} for name, t in (("a", 1.0), ("b", 2.0)))
        handed_in = ask(home, monkeypatch, [first], [first, second], [first, second])
        assert [request["markers"][0]["t_s"] for request in handed_in] == [1.0, 2.0]

    @pytest.mark.parametrize(
        "asks",
        [None, "x", [None], [{}], [{"id": 1, "kind": "marker", "t": 1.0}], [{"id": "1", "kind": "delete", "t": 1}]]
        + [[{"id": "1", "kind": "marker", "t": t}] for t in (None, "1", True, -1, math.inf)]
        + [[{"id": "1", "kind": "exclude", "from": 2, "to": 2}], [{"id": "1", "kind": "move", "t": 1}]],
        ids=str,
    )
    def test_other_forms_are_left_out(self, home, monkeypatch, asks):
        from dashboard.player import asked

        monkeypatch.setattr("streamlit.session_state", {})
        monkeypatch.setattr("dashboard.activity.hand_in", lambda *_, **__: pytest.fail("was handed in"))
        asked.take({"video_id": DONE}, asks)


PLAYING = """
from dashboard.player import player, seek
import streamlit as st
video = {{"video_id": "{video}", "name": "a", "path": {path!r}, "codec": {codec!r}, "fps": 25.0, "duration_s": 2.0}}
seek(1.5)
player(video | {{"width": 64, "height": 48, "current": None}})
"""


class TestPlayer:
    @pytest.fixture
    def play(self, home, monkeypatch):
        from streamlit.testing.v1 import AppTest

        monkeypatch.setenv("MOODREEL_HOME", str(home.path))

        def play(path, codec):
            app = AppTest.from_string(PLAYING.format(video=DONE, path=str(path), codec=codec), default_timeout=30).run()
            assert not app.exception
            return app

        return play

    @pytest.mark.slow
    def test_a_copy_is_offered_where_no_browser_plays_the_file_and_asked_for_once(self, play, home, tmp_path):
        (tmp_path / "a.avi").write_bytes(b"x")
        app = play(tmp_path / "a.avi", "mpeg4")
        assert "Browsers don't play this kind of video (mpeg4 in avi)" in app.info[0].value.replace("\\", "")
        (button,) = app.button
        assert button.label == "Make a playable copy"
        app = button.click().run()
        (request,) = requests(home)
        assert {name: request[name] for name in ("kind", "video_id", "what", "options")} == {
            "kind": "make", "video_id": DONE, "what": "proxy", "options": {},
        }  # fmt: skip
        assert not app.button
        assert "has been asked for" in app.caption[0].value

    def test_a_file_that_is_gone_gets_no_player(self, play, tmp_path):
        assert "not where it was" in play(tmp_path / "gone.mp4", "h264").info[0].value

    def test_nothing_is_said_of_a_file_that_plays(self, play, tmp_path):
        (tmp_path / "a.mp4").write_bytes(b"x")
        app = play(tmp_path / "a.mp4", "h264")
        assert not app.info and not app.button
