"""What to tell about the live picture: what is going on, what is in the way, and what to do about it.

No Streamlit inside: from what the browser and the stream tell to a sentence.
"""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.live import Now
from dashboard.webcam import CameraState

PATIENCE_S = 8.0  # so long a connection may take
NO_PICTURE_S = 2.0  # without a picture for longer than this, something is wrong
HOW_TO = "docs/live.md says how."


@dataclass(frozen=True)
class State:
    """How the live picture stands.

    name: `preparing`, `off`, `connecting`, `unconnected`, `loading`, `live`, `paused`, `obstacle` or `ended`. kind: how
    serious it is: `success`, `info`, `warning` or `error`. text: what is going on and what to do, a sentence or two.
    snapshots: whether single pictures are likely to work where this does not.
    """

    name: str
    kind: str
    icon: str
    text: str
    snapshots: bool = False


def state(camera: CameraState | None, now: Now, waiting_s: float | None, prepared: bool = True) -> State:
    """How it stands.

    camera: what the browser told of its cameras, None until it has. waiting_s: for how long the browser has been
    offering a connection, None where it does not. prepared: whether the model has been loaded, or could not be.
    """
    if now.live:
        return _live(camera, now)
    if waiting_s is not None and waiting_s >= PATIENCE_S:
        return State(
            "unconnected", "error", "wifi_off",
            f"There is no connection after {int(waiting_s)} seconds. The camera works, so something between this "
            "browser and Moodreel blocks the video: a firewall, a VPN, a network that keeps its devices apart, or "
            f"another network, which takes a TURN server (setting `ice_servers`; {HOW_TO}) Take snapshots instead: "
            "single pictures about once a second, through the connection that this page has.",
            snapshots=True,
        )  # fmt: skip
    if waiting_s is not None:
        return State("connecting", "info", "sync", "Connecting. This takes a few seconds.")
    if why := obstacle(camera):
        return why
    if not prepared:
        return State(
            "preparing", "info", "hourglass_empty",
            "The emotion model is being loaded: a few seconds, the first time. Then the camera can be started here.",
        )  # fmt: skip
    if now.ended is not None and now.frames:
        return State("ended", "info", "stop_circle", "Stopped. What is shown is from before; press Start to go on.")
    if now.trouble:
        return State("obstacle", "error", "error", now.trouble)
    return State(
        "off", "info", "videocam",
        "Press Start, and allow the camera when the browser asks. The picture goes to this Moodreel only, and nothing "
        "is kept unless you ask for it.",
    )  # fmt: skip


def _live(camera: CameraState | None, now: Now) -> State:
    """While the connection stands."""
    if (now.since_frame_s or 0.0) > NO_PICTURE_S:
        if camera is not None and camera.hidden:
            return State(
                "paused", "info", "visibility_off",
                "This tab was in the background, where browsers stop the picture. It goes on by itself.",
            )  # fmt: skip
        return State(
            "paused", "warning", "videocam_off",
            f"No picture for {int(now.since_frame_s)} seconds: the camera was pulled out, switched off or covered by "
            "another program, or the connection is interrupted. Look at the camera; if it does not go on by itself, "
            "press Stop, then Start.",
        )  # fmt: skip
    if now.trouble:
        return State("live", "error", "error", now.trouble)
    if now.looks and now.sight is None:
        return State(
            "loading", "info", "hourglass_empty",
            "The picture is here. The emotion model is being loaded: a few seconds, the first time.",
        )  # fmt: skip
    return State("live", "success", "videocam", "Live.")


def obstacle(camera: CameraState | None) -> State | None:
    """What keeps the camera from this page, as far as the browser tells."""
    if camera is None:
        return None
    if not camera.secure:
        return State(
            "obstacle", "error", "lock_open",
            "Browsers give the camera only to pages that come by HTTPS, or from this machine at 127.0.0.1 or "
            f"localhost. Open Moodreel there, or set up HTTPS: {HOW_TO}",
        )  # fmt: skip
    if not camera.supported:
        return State(
            "obstacle", "error", "browser_not_supported",
            "This browser can't give a camera to a page. Use a newer Firefox, Chrome, Edge or Safari.",
        )  # fmt: skip
    if camera.cameras == 0:
        return State(
            "obstacle", "error", "videocam_off",
            "This browser finds no camera. Plug one in, or switch it on; the page notices by itself.",
        )  # fmt: skip
    if camera.permission == "denied":
        return State(
            "obstacle", "error", "no_photography",
            "The browser denies the camera to this page. Allow it beside the address, then start again.",
        )  # fmt: skip
    if camera.trouble == "in_use":
        return State(
            "obstacle", "error", "videocam_off",
            "Another program, or another tab, is using the camera. Close it there, then start again.",
        )  # fmt: skip
    if camera.trouble == "unreadable":
        return State(
            "obstacle", "error", "videocam_off",
            "The camera gives no picture. Unplug it and plug it in again, or choose another one, then start again.",
        )  # fmt: skip
    return None
