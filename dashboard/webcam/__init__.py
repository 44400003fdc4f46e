"""What the live page needs of the browser, beside the connection itself: components whose scripts lie beside this file.

`camera_state` tells whether there is a camera and whether it may be used, `voice` says a line to screen readers and,
where asked, aloud, `snapshots` sends single pictures through the page's own connection.
"""

from __future__ import annotations

from dashboard.webcam.cameras import CameraState, camera_state
from dashboard.webcam.pictures import snapshots
from dashboard.webcam.speech import voice

__all__ = ["CameraState", "camera_state", "snapshots", "voice"]
