"""Every page, opened as a person would, without a browser: on an empty home, on a seeded one, with awkward names."""

import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime, time
from pathlib import Path

import duckdb
import pytest

from db.store import Store
from processor import spool
from processor.status import Status, write

DONE, FAILED, QUEUED, RUNNING, NOBODY, AWKWARD, STOPPED = (name * 16 for name in "abcdef0")
REPOSITORY = Path(__file__).parents[2]


def texts(app) -> str:
    """Everything a page says."""
    kinds = ("title", "markdown", "caption", "info", "warning", "error", "text", "code", "subheader", "toast")
    return "\n".join(str(element.value) for kind in kinds for element in getattr(app, kind))


def button(app, label: str):
    """The button of that label; there must be one."""
    return next(element for element in app.button if element.label == label)


def requests(home) -> list[dict]:
    """What has been handed to the processor."""
    return [spool.load(path) for path in spool.pending(home.spool)]


def alive(home, **more) -> None:
    """A processor that runs, as far as its status says."""
    now = datetime.now(UTC).isoformat()
    write(home.path, Status(os.getpid(), "1", now, now, "running", **more))


JOB = {"run_id": 4, "video_id": RUNNING, "name": "runs.mp4", "attempt": 2, "done_s": 15.0, "duration_s": 60.0}
JOB |= {"frames_done": 30, "speed": 5.0, "frames_per_s": 10.0, "eta_s": 9.0}


class TestLibrary:
    def test_empty(self, home, open_page):
        app = open_page()
        said = texts(app)
        assert str(home.inbox) in said
        assert "not running" in said and "make run" in said and "python -m processor serve" in said
        assert button(app, "Add the sample video")
        assert not app.dataframe

    @pytest.mark.slow
    def test_sample_is_handed_in_as_an_upload(self, home, open_page, monkeypatch):
        def quick(path, seconds=60):
            path.write_bytes(b"video")
            return path

        monkeypatch.setattr("processor.sample.make_sample", quick)
        app = button(open_page(), "Add the sample video").click().run()
        assert not app.exception
        (request,) = requests(home)
        assert (request["kind"], request["name"]) == ("upload", "sample.mp4")
        assert spool.content_of(home.spool, request["request_id"]).read_bytes() == b"video"
        assert "Upload of sample" in texts(app) and "waiting for the processor" in texts(app)

    def test_upload(self, home, open_page):
        app = open_page()
        app.file_uploader[0].set_value([("one.mp4", b"1", "video/mp4"), ("<b>two</b>.mov", b"22", "video/quicktime")])
        app.text_input[0].set_value(" anna ")
        app.text_input[2].set_value("3")
        button(app, "Add to the library").click().run()
        assert not app.exception
        details = [(r["name"], r["subject"], r["cohort"], r["session"]) for r in requests(home)]
        assert details == [("one.mp4", "anna", None, "3"), ("<b>two</b>.mov", "anna", None, "3")]
        assert r"one\.mp4 is handed to the processor" in texts(app)

    @pytest.mark.slow
    def test_upload_of_nothing(self, home, open_page):
        app = button(open_page(), "Add to the library").click().run()
        assert "Choose at least one video" in texts(app)
        assert requests(home) == []

    @pytest.mark.slow
    def test_table(self, seeded, open_page):
        rows = open_page().dataframe[0].value.set_index("video")
        assert rows["state"].to_dict() == {
            "first session.mp4": "done", "broken.mp4": "failed", "waits.mp4": "queued", "runs.mp4": "running",
            "nobody.mp4": "no face", "stopped.mp4": "cancelled",
            '=<b onclick="x()">*it\'s*</b> :smile: 😀 second $x$ [a](http://b).mp4': "done",
        }  # fmt: skip
        assert rows.loc["nobody.mp4", "coverage"] == 0
        # A face from 0 to 20 and from 30 to 60 s.
        assert rows.loc["first session.mp4", "coverage"] == pytest.approx(100 * 50 / 60)

    @pytest.mark.slow
    def test_what_needs_attention(self, seeded, open_page):
        said = texts(open_page())
        assert r"broken\.mp4 ends in the middle: copy it again" in said
        assert r"notes\.mp4 is not a video: remove it" in said
        assert "There is no video 'x'" in said

    @pytest.mark.slow
    def test_retry(self, seeded, open_page):
        app = open_page()
        app.button(key=f"retry-{FAILED}").click().run()
        assert not app.exception
        assert [(r["kind"], r["video_id"]) for r in requests(seeded)] == [("reprocess", FAILED)]
        assert "Asked to analyse" in texts(app)
        assert r"New analysis of broken\.mp4" in texts(app)

    @pytest.mark.slow
    def test_filters(self, seeded, open_page):
        app = open_page()
        app.multiselect[3].set_value(["failed"]).run()
        assert list(app.dataframe[0].value["video"]) == ["broken.mp4"]
        app.multiselect[0].set_value(["+1"]).run()
        assert not app.dataframe
        assert "No video fits" in texts(app)

    @pytest.mark.slow
    def test_running_processor(self, seeded, open_page):
        alive(seeded, queue=2, jobs=[JOB], detector="haar", model="moodnet-1", device="CPU", last_error="a: *b*",
              arriving=["new.mp4"])  # fmt: skip
        app = open_page()
        said = texts(app)
        assert "Processor analysing" in said and "2 in the queue" in said and "Haar" in said
        assert r"a: \*b\*" in said and r"new\.mp4 is being written" in said
        assert "0:15 of 1:00" in app.get("progress")[0].proto.text
        assert "about 9 s left" in app.get("progress")[0].proto.text
        app.button(key="library-cancel-4").click().run()
        assert [(r["kind"], r["run_id"]) for r in requests(seeded)] == [("cancel", 4)]

    @pytest.mark.slow
    def test_results_of_another_version_are_waited_for(self, seeded, open_page):
        with duckdb.connect(seeded.snapshot.resolve()) as con:
            con.execute("DELETE FROM schema_version WHERE version > 3")
        app = open_page()
        assert app.title[0].value == "One moment" and "another version of Moodreel" in app.info[0].value
        assert not app.get("arrow_data_frame") and "not running" in app.warning[0].value

    @pytest.mark.slow
    def test_delete_asks_first(self, seeded, open_page):
        app = open_page()
        app.session_state["deleting"] = [DONE]
        app.run()
        assert requests(seeded) == []
        button(app, "Keep it").click().run()
        assert requests(seeded) == []
        app.session_state["deleting"] = [DONE]
        app.run()
        button(app, "Delete").click().run()
        assert not app.exception
        (request,) = requests(seeded)
        # It lies in a watched folder: the file itself stays unless asked for.
        assert (request["kind"], request["video_id"], request["delete_file"]) == ("delete", DONE, False)


@pytest.mark.slow  # whole pages
class TestVideo:
    def test_empty(self, open_page):
        assert "There is no video yet" in texts(open_page("video"))

    def test_done(self, seeded, open_page):
        app = open_page("video", video=DONE)
        assert [metric.value for metric in app.metric] == ["1:00", "83 %", "2", app.metric[3].value]
        assert r"Model moodnet\-1\-1a2b3c4d" in texts(app) and "detector YuNet" in texts(app)
        assert len(app.get("vega_lite_chart")) == 8
        assert "not where it was" in texts(app)
        assert re.search(r"added \d\d \w+ \d{4}, \d\d:\d\d UTC", texts(app))  # no browser says where it is

    def test_every_chart_says_what_it_shows(self, seeded, open_page):
        for chart in open_page("video", video=DONE).get("vega_lite_chart"):
            assert chart.proto.alt.endswith(".")

    def test_who(self, seeded, open_page):
        app = open_page("video", video=DONE)
        person = next(box for box in app.selectbox if box.label == "Person")
        assert person.options == ["Person 1", "Person 2", "Everyone together"]
        person.select_index(2).run()
        assert not app.exception
        assert app.query_params["person"] == "0"
        assert len(app.get("vega_lite_chart")) == 8

    def test_how(self, seeded, open_page):
        app = open_page("video", video=DONE)
        for kind in ("Raw", "Mode", "Mean"):
            app.segmented_control(key="smoothing").set_value(kind).run()
            assert not app.exception
            assert len(app.get("vega_lite_chart")) == 8
        app.slider(key="window").set_value(10.0).run()
        app.slider(key="threshold").set_value(0.9).run()
        assert not app.exception
        button(app, "Reset").click().run()
        assert app.segmented_control(key="smoothing").value == "Stored"
        assert app.slider(key="threshold").value == 0.0

    def test_undecided(self, seeded, open_page):
        app = open_page("video", video=DONE)
        app.segmented_control(key="smoothing").set_value("Raw")
        app.slider(key="threshold").set_value(0.9).run()
        said = [chart.proto.alt for chart in app.get("vega_lite_chart")]
        assert any("undecided 100 %" in sentence for sentence in said), said

    def test_a_part(self, seeded, open_page):
        app = open_page("video", video=DONE)
        app.slider(key="part").set_value((time(0, 0, 21), time(0, 0, 29))).run()
        assert not app.exception
        assert "Nobody is to be seen in this part" in texts(app)  # nobody from 20 to 30 s
        assert len(app.get("vega_lite_chart")) == 1  # which says so, too

    def test_only_the_chosen_section_is_computed(self, seeded, open_page):
        app = open_page("video", video=DONE)
        for name in ("People", "Moments", "Markers", "Runs", "Exports"):
            app.segmented_control(key="section").set_value(name).run()
            assert not app.exception, name
            assert not any(box.label == "Probabilities as" for box in app.segmented_control)

    def test_baseline_and_exclusion(self, seeded, open_page):
        app = open_page("video", video=DONE)
        assert not any(switch.label == "Relative to baseline" for switch in app.toggle)
        with Store(seeded.store, seeded.results) as store:
            store.put_baseline(1, 1, 0.0, 5.0)
            store.exclude(DONE, "r", 40.0, 50.0)
            store.publish()
        app.run()
        assert "10 s of this video are excluded" in texts(app)
        app.toggle(key="relative").set_value(True).run()
        assert not app.exception
        assert any("above the baseline" in chart.proto.alt for chart in app.get("vega_lite_chart"))

    def test_deleted_meanwhile(self, seeded, open_page):
        app = open_page("video", video=DONE)
        with Store(seeded.store, seeded.results) as store:
            store.delete_video(DONE)
            store.publish()
        app.run()
        assert not app.exception
        assert "it has been deleted" in texts(app)

    def test_very_long_name(self, seeded, open_page):
        with Store(seeded.store, seeded.results) as store:
            store.update_video(DONE, name="x" * 10_000)
            store.publish()
        assert open_page("video", video=DONE).title[0].value == "x" * 10_000  # the style cuts it, not the page

    @pytest.mark.parametrize(
        ("video_id", "expected"),
        [
            (FAILED, r"The analysis failed: broken\.mp4 ends in the middle"),
            (QUEUED, "not running"),
            (RUNNING, "not running"),
            (STOPPED, "cancelled"),
            (NOBODY, "No face was found in any of the 120 frames"),
            ("nonsense", "There is no such video"),
        ],
    )
    def test_states(self, seeded, open_page, video_id, expected):
        assert expected in texts(open_page("video", video=video_id))

    def test_retry(self, seeded, open_page):
        button(open_page("video", video=FAILED), "Retry").click().run()
        assert [(r["kind"], r["video_id"]) for r in requests(seeded)] == [("reprocess", FAILED)]

    def test_progress(self, seeded, open_page):
        alive(seeded, jobs=[JOB])
        app = open_page("video", video=RUNNING)
        assert "attempt 2" in app.get("progress")[0].proto.text
        assert "waits in the queue" in texts(open_page("video", video=QUEUED))

    def test_awkward_name(self, seeded, open_page):
        app = open_page("video", video=AWKWARD)
        assert app.title[0].value.startswith(r"\=\<b onclick\="), app.title[0].value
        assert "\n" not in app.title[0].value
        assert not any("<b" in str(element.value) and r"\<b" not in str(element.value) for element in app.markdown)
        assert len(app.get("vega_lite_chart")) == 8


class TestHome:
    def test_unusable_home_is_said(self, tmp_path, open_page, monkeypatch):
        (tmp_path / "file").write_text("")
        monkeypatch.setenv("MOODREEL_HOME", str(tmp_path / "file"))
        assert "can't be used" in texts(open_page())

    def test_unknown_setting_is_said(self, open_page, monkeypatch):
        monkeypatch.setenv("MOODREEL_SAMPLE_FPS", "-1")
        assert "sample\\_fps" in texts(open_page())

    def test_new_snapshot_is_seen(self, seeded, open_page):
        app = open_page()
        with Store(seeded.store, seeded.results) as store:
            store.update_video(DONE, name="renamed.mp4")
            store.publish()
        app.run()
        assert "renamed.mp4" in list(app.dataframe[0].value["video"])


@pytest.mark.slow
def test_no_network_is_loaded_by_any_page(seeded):
    code = """
import json, sys, pathlib
from streamlit.testing.v1 import AppTest
app = AppTest.from_file("dashboard/app.py", default_timeout=60)
app.session_state["purpose-confirmed"] = True
app.run()
assert not app.exception, app.exception
for page in ("video", "models", "library"):
    app.query_params["video"] = sys.argv[1]
    app.switch_page(f"pages/{page}.py").run()
    assert not app.exception, app.exception
early = sorted(set(sys.modules) & {"cv2"})
for path in sorted(pathlib.Path("dashboard").glob("*.py")):
    if path.stem != "app":
        __import__(f"dashboard.{path.stem}")
print(json.dumps(early + sorted(set(sys.modules) & {"tensorflow", "keras", "jax", "torch"})))
"""
    environment = {**os.environ, "MOODREEL_HOME": str(seeded.path), "PYTHONPATH": str(REPOSITORY)}
    result = subprocess.run(
        [sys.executable, "-c", code, DONE], cwd=REPOSITORY, env=environment, capture_output=True, text=True, timeout=120
    )
    assert result.returncode == 0, result.stderr[-2000:]
    assert json.loads(result.stdout.splitlines()[-1]) == []
