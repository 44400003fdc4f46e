"""Section Markers of the video page, as a person would use it, without a browser."""

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import marker_files, player, video_excluded, video_markers
from dashboard.marker_times import time_in
from db import annotation_results, results
from db.store import Store
from processor import spool
from tests.dashboard.conftest import AWKWARD

pytestmark = pytest.mark.slow  # whole pages

DONE = "a" * 16
VIDEO = {"video_id": DONE, "name": "first session.mp4", "duration_s": 60.0}

SCRIPT = """
from dashboard import context, video_markers
from dashboard.look import Look
from db import results

con = context.connection()
video = results.video(con, "{video_id}")
run_id = video["current"]["run_id"]
video_markers.section(con, video, results.tracks(con, run_id), results.faces(con, run_id), Look({look}))
context.say_what_was_asked()
"""


@pytest.fixture
def open_section(seeded, monkeypatch):
    """Opens the section on a seeded home, after `markers` and `ranges` have been put into its store."""
    monkeypatch.setenv("MOODREEL_HOME", str(seeded.path))

    def open_(markers=(), ranges=(), look="") -> AppTest:
        if markers or ranges:
            with Store(seeded.store, seeded.results) as store:
                given = [{"marker_id": f"m{n}", **marker} for n, marker in enumerate(markers)]
                store.add_markers(DONE, given, "csv")
                for number, (from_s, to_s, reason) in enumerate(ranges):
                    store.exclude(DONE, f"r{number}", from_s, to_s, reason)
                store.publish()
        app = AppTest.from_string(SCRIPT.format(video_id=DONE, look=look), default_timeout=30).run()
        assert not app.exception, app.exception
        return app

    return open_


def texts(app) -> str:
    kinds = ("markdown", "caption", "info", "warning", "error", "subheader", "toast")
    return "\n".join(str(element.value) for kind in kinds for element in getattr(app, kind))


def button(app, label):
    return next(element for element in app.button if element.label == label)


def requests(home):
    return [spool.load(path) for path in spool.pending(home.spool)]


def marker(t_s, kind="question", end_s=None, note=None):
    return {"t_s": t_s, "end_s": end_s, "kind": kind, "note": note}


def test_nothing_marked_says_what_to_do(open_section):
    said = texts(open_section())
    assert "Press m while the video plays" in said and "press e at its beginning" in said


class TestTyped:
    def test_a_marker(self, seeded, open_section):
        app = open_section()
        app.text_input(key="marker-time").set_value("0:10,5")
        app.text_input(key="marker-end").set_value("12")
        app.text_input(key="marker-note").set_value(" =SUM(A1) ")
        app.selectbox(key="marker-kind").set_value("stimulus")
        button(app, "Add the marker").click().run()
        assert not app.exception
        (request,) = requests(seeded)
        assert request["kind"] == "markers_add" and request["source"] == "typed" and request["video_id"] == DONE
        assert request["markers"] == [{"t_s": 10.5, "end_s": 12.0, "kind": "stimulus", "note": "=SUM(A1)"}]
        assert app.text_input(key="marker-time").value == "" and "Asked for a marker at 0:10.5" in texts(app)

    @pytest.mark.parametrize(
        ("time", "end", "kind", "told"),
        [
            ("", "", "a", "The time must be like 75.5, 1:15.5 or 0:01:15.500. Received: ''."),
            ("x", "", "a", "The time must be like"),
            ("-1", "", "a", "The time -1 does not lie in the video, which is 1:00 long."),
            ("1:02", "", "a", "The time 1:02 does not lie in the video"),
            ("1", "2:00", "a", "The end 2:00 does not lie in the video"),
            ("5", "4", "a", "It ends (0:04) before it begins (0:05)."),
            ("5", "", " ", "The type must have 1 to 200 characters. It has 0."),
            ("5", "", "k" * 10_000, "The type must have 1 to 200 characters. It has 10,000."),
            ("5", "", None, "The type must have 1 to 200 characters"),
        ],
    )
    def test_what_is_none_is_told(self, time, end, kind, told):
        made, problem = video_markers.typed(time, end, kind, "", VIDEO)
        assert made is None and problem.startswith(told)

    def test_a_problem_is_shown_and_nothing_handed_in(self, seeded, open_section):
        app = open_section()
        app.text_input(key="marker-time").set_value("<b>soon</b>")
        button(app, "Add the marker").click().run()
        assert r"\<b\>soon" in app.error[0].value and requests(seeded) == []
        assert app.text_input(key="marker-time").value == "<b>soon</b>"  # to be put right

    def test_a_video_of_unknown_length_has_no_end(self):
        assert time_in(VIDEO | {"duration_s": None}, "9:00:00", "The time") == (32400.0, None)


class TestTable:
    @pytest.fixture
    def before(self):
        rows = [marker(1.23456, "a", note="n"), marker(5, "b", end_s=6.5), marker(75, "<b>\nx", note=None)]
        frame = pd.DataFrame(rows).assign(marker_id=["m0", "m1", "m2"], source=["csv", "player", "eaf"])
        return video_markers.as_table(frame)

    def test_as_people_read_it(self, before):
        assert before.drop(columns="go").values.tolist() == [
            ["0:01.235", "", "a", "n", "CSV"], ["0:05", "0:06.5", "b", "", "player"],
            ["1:15", "", "<b> x", "", "ELAN"],
        ]  # fmt: skip

    def test_nothing_changed(self, before):
        assert video_markers.changes_of(before, before.copy()) == ([], [], [])

    def test_only_what_was_changed_is_asked_for(self, before):
        after = before.drop(index="m2")
        after.loc["m0", "kind"] = "c"  # the time that was shortened for the table stays what it is
        after.loc["m1", ["time", "end", "note"]] = ["0:05.5", None, " late "]
        assert video_markers.changes_of(before, after) == (
            [
                {"marker_id": "m0", "changes": {"kind": "c"}},
                {"marker_id": "m1", "changes": {"t_s": 5.5, "end_s": None, "note": "late"}},
            ],
            ["m2"],
            [],
        )

    def test_what_can_not_be_is_told(self, before):
        after = before.copy()
        after.loc["m0", "time"] = "soon"
        after.loc["m1", ["end", "kind"]] = ["1:99", ""]
        after.loc["m2", "time"] = ""
        assert video_markers.changes_of(before, after)[2] == [
            "0:01.235: 'soon' is no time such as 75.5, 1:15.5 or 0:01:15.500.",
            "0:05: '1:99' is no time such as 75.5, 1:15.5 or 0:01:15.500.",
            "0:05: the type must not be empty.",
            "1:15: '' is no time such as 75.5, 1:15.5 or 0:01:15.500.",
        ]

    def test_changes_are_handed_in(self, seeded, open_section, monkeypatch):
        monkeypatch.setattr("streamlit.session_state", {"markers-edition": 0})
        monkeypatch.setenv("MOODREEL_HOME", str(seeded.path))
        video_markers.save([{"marker_id": "m0", "changes": {"t_s": 2.0}}], ["m1", "m2"])
        change, deletion = requests(seeded)
        assert (change["kind"], change["marker_id"], change["changes"]) == ("marker_change", "m0", {"t_s": 2.0})
        assert (deletion["kind"], deletion["marker_ids"]) == ("markers_delete", ["m1", "m2"])

    def test_go(self, monkeypatch):
        state = {"go": {"row": 1, "label": "Go"}}
        monkeypatch.setattr("streamlit.session_state", state)
        video_markers.go("go", [1.0, 7.25])
        assert player.seeking.wanted()["t"] == 7.25
        state["go"] = {"row": 9, "label": "Go"}  # a row that is gone
        video_markers.go("go", [1.0, 7.25])
        assert player.seeking.wanted()["t"] == 7.25

    def test_the_file_can_be_imported_again(self, seeded, open_section):
        given = [marker(1.2345678, "=1+1", note="a\nb"), marker(5, AWKWARD[:100], end_s=6.5)]
        open_section(given)
        with results.connect(seeded.snapshot) as con:
            rows = annotation_results.markers(con, DONE)
        data = video_markers.as_csv(rows)
        assert b"'=1+1" in data  # harmless in a spreadsheet
        assert marker_files.read_markers("m.csv", data, 60.0).markers == given


class TestImport:
    CSV = b"time,end,kind,note\n5,,question,<b>x</b>\n12.5,14,question,=1+1\nsoon,,a,\n99,,a,\n"

    def upload(self, app, data, name="m.csv"):
        app.file_uploader[0].set_value([(name, data, "text/plain")])
        return app.run()

    def test_nothing_is_imported_before_the_button(self, seeded, open_section):
        app = self.upload(open_section(), self.CSV)
        assert not app.exception and requests(seeded) == []
        shown = app.dataframe[1].value
        assert shown["Time"].tolist() == ["0:05", "0:12.5"] and shown["State"].eq("new").all()
        assert app.dataframe[0].value["why"].str.startswith("Line ").all()
        assert "2 rows are no marker of this video" in [e.label for e in app.expander][1]
        button(app, "Import 2 markers").click().run()
        (request,) = requests(seeded)
        assert (request["kind"], request["source"]) == ("markers_add", "csv")
        assert request["markers"] == [marker(5, note="<b>x</b>"), marker(12.5, end_s=14.0, note="=1+1")]
        assert "Asked to import 2 markers" in texts(app)

    def test_the_very_same_again(self, open_section):
        given = [marker(5, note="<b>x</b>"), marker(12.5, end_s=14.0, note="=1+1")]
        app = self.upload(open_section(given), self.CSV)
        assert "All of these 2 markers in m\\.csv: already there" in texts(app)
        assert not [e for e in app.button if e.label.startswith("Import")]

    def test_some_are_there(self, seeded, open_section):
        app = self.upload(open_section([marker(5, note="<b>x</b>")]), self.CSV)
        button(app, "Import one marker").click().run()
        assert [m["t_s"] for m in requests(seeded)[0]["markers"]] == [12.5]

    def test_of_another_video(self, open_section):
        app = self.upload(open_section(), b"time\n10\n100\n200\n", "<i>other</i>.csv")
        assert "seem to belong to another video" in app.warning[0].value

    def test_a_type_for_those_without_one(self, seeded, open_section):
        app = self.upload(open_section(), b"1\n00:00:01,000 --> 00:00:02,000\nhello\n", "m.srt")
        app.text_input(key="markers-untyped").set_value("line").run()
        button(app, "Import one marker").click().run()
        assert requests(seeded)[0]["markers"] == [marker(1.0, "line", end_s=2.0, note="hello")]

    @pytest.mark.parametrize(
        ("data", "told"),
        [(b"\0\1", "is not a file of text"), (b"", "is empty"), (b"a,b\n1,2\n", "has no column of times")],
    )
    def test_what_is_no_file_of_markers(self, open_section, data, told):
        app = self.upload(open_section(), data, "<b>x</b>.csv")
        assert told in app.error[0].value and "<b>" not in app.error[0].value

    def test_a_file_without_a_single_one(self, open_section):
        app = self.upload(open_section(), b"time\nsoon\n")
        assert "There is no marker of this video" in texts(app)


class TestExcluded:
    def test_how_much(self):
        ranges = pd.DataFrame({"from_s": [1.0, 55.0], "to_s": [3.5, 61.0]})
        assert video_excluded.how_much(ranges, 60.0) == "2 ranges are excluded, 7.5 s in all, 12 % of the video."
        assert video_excluded.how_much(ranges[:1], None) == "One range is excluded, 2.5 s in all."

    def test_they_are_listed(self, open_section):
        app = open_section(ranges=[(1, 3, AWKWARD), (2, 20.5, "door")])
        shown = app.dataframe[0].value
        assert shown[["From", "To"]].values.tolist() == [["0:01", "0:20.5"]]
        assert shown["Reason"][0].endswith("door") and "\n" not in shown["Reason"][0]
        assert "One range is excluded, 20 s in all, 32 % of the video" in texts(app)

    def test_typed(self, seeded, open_section):
        app = open_section()
        for key, value in (("exclude-from", "0:05"), ("exclude-to", "7,5"), ("exclude-reason", "phone")):
            app.text_input(key=key).set_value(value)
        button(app, "Exclude it").click().run()
        (request,) = requests(seeded)
        assert (request["kind"], request["from_s"], request["to_s"], request["reason"]) == ("exclude", 5, 7.5, "phone")

    @pytest.mark.parametrize(
        ("from_", "to", "told"),
        [("5", "5", "must end after it begins"), ("x", "5", "The beginning must be"), ("5", "9:00", "does not lie in")],
    )
    def test_what_is_none_is_told(self, seeded, open_section, from_, to, told):
        app = open_section()
        app.text_input(key="exclude-from").set_value(from_)
        app.text_input(key="exclude-to").set_value(to)
        button(app, "Exclude it").click().run()
        assert told in app.error[0].value.replace("\\", "") and requests(seeded) == []

    def test_there_and_back(self, seeded, monkeypatch):
        monkeypatch.setenv("MOODREEL_HOME", str(seeded.path))
        state = {"a": {"row": 0, "label": video_excluded.GO}, "b": {"row": 0, "label": video_excluded.INCLUDE}}
        monkeypatch.setattr("streamlit.session_state", state)
        ranges = [{"range_id": "r1", "from_s": 3.5, "to_s": 4.0}]
        video_excluded.act("a", ranges)
        assert player.seeking.wanted()["t"] == 3.5 and requests(seeded) == []
        video_excluded.act("b", ranges)
        (request,) = requests(seeded)
        assert (request["kind"], request["range_id"]) == ("include", "r1")


class TestAround:
    GIVEN = tuple(marker(t_s) for t_s in (5, 12, 33, 41, 50)) + (marker(25, "silence"),)

    def charts(self, app):
        return app.get("vega_lite_chart")

    def test_course_and_comparison(self, open_section):
        app = open_section(self.GIVEN)
        assert len(self.charts(app)) == 2
        assert "Over 5 markers of the type “question”, the mean valence is" in texts(app).replace("\\", "")
        assert app.selectbox(key="event-width").value == 0.5  # two frames a second are looked at

    def test_another_type_value_and_window(self, open_section):
        app = open_section(self.GIVEN)
        app.selectbox(key="event-kind").set_value("silence")
        app.selectbox(key="event-value").set_value("happy")
        app.slider(key="event-before").set_value(2)
        app.slider(key="event-after").set_value(2).run()
        assert not app.exception
        # Nobody is in the picture from 20 to 30 s, so that there is no face around the only one of that type.
        assert "No marker of the type “silence” has a face both in the 2 s before" in texts(app)
        assert self.charts(app) == []

    def test_a_part_without_markers(self, open_section):
        app = open_section(self.GIVEN, look="from_s=55.0, to_s=60.0")
        assert "No marker lies in the part of the video" in texts(app)

    def test_without_a_baseline_nothing_is_relative(self, open_section):
        app = open_section(self.GIVEN, look="relative=True")
        assert not app.exception and self.charts(app) == []
