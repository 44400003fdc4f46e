"""What the live page tells of the picture: one sentence for each way it can stand."""

import pytest

from dashboard.live import Now
from dashboard.live_states import PATIENCE_S, state
from dashboard.webcam import CameraState
from processor.live_faces import Sight

FINE = CameraState(secure=True, supported=True, cameras=1, permission="granted", hidden=False)
SIGHT = Sight(0, 0.0, 0.0, 0.1, (640, 480), (), 100.0, 100.0)


def camera(**differs) -> CameraState:
    return CameraState(**{**vars(FINE), **differs})


def now(**differs) -> Now:
    first = {
        "live": False, "ended": None, "frames": 0, "fps": None, "label_age_ms": None, "since_frame_s": None,
        "coverage": None, "people": 0, "sight": None, "trouble": None, "t_s": 0.0,
    }  # fmt: skip
    return Now(**{**first, **differs})


ON = {"live": True, "frames": 9, "since_frame_s": 0.1}


@pytest.mark.parametrize(
    ("seen", "how", "waiting_s", "name", "kind", "words"),
    [
        (None, now(), None, "off", "info", "Press Start"),  # the browser has not told yet
        (FINE, now(), None, "off", "info", "Press Start"),
        (camera(permission="prompt"), now(), None, "off", "info", "allow the camera"),
        (camera(secure=False, supported=False), now(), None, "obstacle", "error", "HTTPS"),
        (camera(supported=False), now(), None, "obstacle", "error", "browser"),
        (camera(cameras=0), now(), None, "obstacle", "error", "no camera"),
        (camera(cameras=None), now(), None, "off", "info", "Press Start"),  # it does not say how many
        (camera(permission="denied"), now(), None, "obstacle", "error", "denies"),
        (camera(trouble="in_use"), now(), None, "obstacle", "error", "Another program"),
        (camera(trouble="unreadable"), now(), None, "obstacle", "error", "no picture"),
        (FINE, now(trouble="The model is gone."), None, "obstacle", "error", "The model is gone."),
        (FINE, now(), 0.0, "connecting", "info", "Connecting"),
        (FINE, now(), PATIENCE_S - 0.1, "connecting", "info", "Connecting"),
        (FINE, now(), PATIENCE_S, "unconnected", "error", "after 8 seconds"),
        (FINE, now(**ON), None, "loading", "info", "being loaded"),
        (FINE, now(**ON, sight=SIGHT), None, "live", "success", "Live."),
        (FINE, now(**ON, looks=False), None, "live", "success", "Live."),  # a clip is recorded
        (FINE, now(**ON, sight=SIGHT), 3.0, "live", "success", "Live."),  # the browser has yet to say so
        (FINE, now(**ON, sight=SIGHT, trouble="Gone."), None, "live", "error", "Gone."),
        (FINE, now(**{**ON, "since_frame_s": 2.5}, sight=SIGHT), None, "paused", "warning", "for 2 seconds"),
        (camera(hidden=True), now(**{**ON, "since_frame_s": 9.0}), None, "paused", "info", "background"),
        (FINE, now(ended="Over.", frames=9), None, "ended", "info", "Stopped"),
        (FINE, now(ended="Over."), None, "off", "info", "Press Start"),  # nothing was ever shown
        (camera(cameras=0), now(ended="Over.", frames=9), None, "obstacle", "error", "no camera"),  # pulled out
    ],
)  # fmt: skip
def test_each_state_says_what_to_do(seen, how, waiting_s, name, kind, words):
    found = state(seen, how, waiting_s)
    assert (found.name, found.kind) == (name, kind)
    assert words in found.text
    assert found.snapshots == (name == "unconnected")


def test_the_camera_waits_for_the_model_but_not_for_one_that_is_gone():
    assert state(FINE, now(), None, prepared=False).name == "preparing"
    assert state(camera(cameras=0), now(), None, prepared=False).name == "obstacle"
    assert "Gone." in state(FINE, now(trouble="Gone."), None, prepared=True).text
