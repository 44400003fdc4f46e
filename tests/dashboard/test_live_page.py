"""The live page, without a browser and without WebRTC: pictures are handed to its stream as snapshots are."""

import json
import time

import av
import numpy as np
import pytest

from dashboard import network
from dashboard.live import Stream
from processor import spool
from processor.live_journal import ABOUT
from tests.dashboard.conftest import seed

pytestmark = pytest.mark.slow  # whole pages

PATIENCE_S = 120.0  # until a network is loaded on a busy machine


@pytest.fixture
def live_page(open_page, monkeypatch):
    """Opens the live page. AppTest's runtime has no sessions, which streamlit-webrtc would look for."""
    import streamlit_webrtc.component as component

    monkeypatch.setattr(component, "get_this_session_info", lambda: None)
    opened = []

    def open_(**query):
        opened.append(open_page("live", **query))
        return opened[-1]

    yield open_
    for app in opened:
        if "live-room" in app.session_state:
            app.session_state["live-room"].stream.close()


def button(app, label: str):
    return next(one for one in app.button if one.label == label)


def feed(app, seconds: float = 2.0) -> None:
    """Grey pictures come in, ten a second, for so long of its time, and until one was looked at if they are."""
    stream = app.session_state["live-room"].stream
    frame = av.VideoFrame.from_ndarray(np.full((240, 320, 3), 128, np.uint8), format="bgr24")
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end and stream.now().t_s < seconds:
        stream.take(frame)
        time.sleep(0.1)
    while stream.now().looks and stream.now().sight is None:
        assert time.monotonic() < end, stream.now()
        stream.take(frame)
        time.sleep(0.1)


def requests(home) -> list[dict]:
    return [json.loads(path.read_text()) for path in spool.pending(home.spool)]


def test_a_session_is_kept_only_with_consent_and_goes_through_the_spool(live_page, home):
    seed(home)
    app = live_page()
    assert "being loaded" in app.info[0].value or "Press Start" in app.info[0].value
    button(app, "Keep from now on").click().run()
    assert "Nothing is kept without consent" in app.error[0].value

    app.checkbox(key="live-consent").check()
    button(app, "Keep from now on").click().run()
    assert "press Start first" in app.error[0].value

    end = time.monotonic() + PATIENCE_S
    while not app.success and time.monotonic() < end:  # a busy machine draws late
        feed(app)
        app.run()
    assert app.success[0].value == r"Live\."
    assert {one.label: one.value for one in app.metric}["Coverage"] == "0 %"  # nobody is in a grey picture
    app.checkbox(key="live-consent").check()
    app.selectbox(key="live-subject").set_value("anna")
    button(app, "Keep from now on").click().run()
    assert not app.error
    assert any("Keeping" in one.value for one in app.markdown)
    feed(app, seconds=4.0)
    app.text_input(key="live-marker-note").set_value("she laughs")
    button(app, "Mark").click().run()
    button(app, "Stop keeping").click().run()

    (request,) = requests(home)
    assert request["kind"] == "live_session"
    folder = home.live / request["live_id"]
    about = json.loads((folder / ABOUT).read_text())
    assert (about["subject"], about["consent"], about["keep_video"]) == ("anna", True, True)
    assert about["model_id"].startswith("moodnet-")
    (marker,) = [json.loads(line) for line in (folder / "markers.jsonl").read_text().splitlines()]
    assert (marker["kind"], marker["note"]) == ("marker", "she laughs")
    assert any("handed to the processor" in one.value for one in app.info)


def test_a_session_that_is_thrown_away_leaves_nothing(live_page, home):
    app = live_page(**{"live-mode": "Record, then analyse"})
    feed(app)
    app.run()
    app.checkbox(key="live-consent").check()
    button(app, "Record").click().run()
    assert len(list(home.live.iterdir())) == 1
    button(app, "Throw away").click().run()
    assert list(home.live.iterdir()) == [] and requests(home) == []


def test_settings_come_from_the_address_and_reach_the_stream(live_page, monkeypatch):
    change, given = Stream.change, []
    monkeypatch.setattr(Stream, "change", lambda stream, *options: given.append(options) or change(stream, *options))
    app = live_page(**{"live-threshold": "0.6", "live-happy": "1.5", "live-blur": "true", "live-detector": "Haar"})
    app.slider(key="live-smoothing").set_value(0.0).run()
    options, overlay = given[-1]
    assert (overlay.blur, overlay.mirror) == (True, True)
    assert (options.threshold, options.smoothing_s, options.detector) == (0.6, 0.0, "haar")
    assert options.sensitivity == (("happy", 1.5),)


def test_another_mode_ends_the_stream(live_page):
    app = live_page()
    stream = app.session_state["live-room"].stream
    app.segmented_control(key="live-mode").set_value("Photo").run()
    assert not app.exception
    assert stream.now().ended is not None
    app.segmented_control(key="live-mode").set_value("Live").run()
    assert app.session_state["live-room"].stream is not stream


def test_a_run_of_the_page_leaves_the_networks_alone(live_page):
    from keras.src.backend.common import global_state
    from streamlit.runtime.scriptrunner import script_runner

    cleaning = script_runner._clean_problem_modules
    try:
        network.keep_state()
        state = global_state.GLOBAL_STATE_TRACKER
        live_page().run()
        assert global_state.GLOBAL_STATE_TRACKER is state
    finally:
        script_runner._clean_problem_modules = cleaning
