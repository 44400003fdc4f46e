"""Whether the browser has a camera, and whether this page may use it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from dashboard.words import one_line

HERE = Path(__file__).parent
PERMISSIONS = ("granted", "denied", "prompt", "unknown")
TROUBLES = ("in_use", "unreadable")
MOST_CAMERAS = 50  # more than a machine has: what a browser sends may be made up

_component = st.components.v2.component("moodreel_camera_state", js=(HERE / "cameras.js").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class CameraState:
    """What the browser tells of its cameras.

    secure: the page came by HTTPS or from this machine; browsers give the camera to no other. supported: this page can
    ask for a camera (never where it is not secure). cameras: how many there are; before permission a browser may say 1
    for several; None where it does not say. names: (id, name) of each, known once the camera may be used.
    permission: one of PERMISSIONS; "unknown" where the browser does not tell. hidden: the tab is not to be seen.
    trouble: "in_use" (another program has the camera), "unreadable" (it gives no picture), or None: nothing known.
    """

    secure: bool
    supported: bool
    cameras: int | None
    permission: str
    hidden: bool
    trouble: str | None = None
    names: tuple[tuple[str, str], ...] = ()


def camera_state(key: str, try_it: bool = False) -> CameraState | None:
    """The state of the browser's cameras, None until it has told; the page is drawn again when it changes.

    try_it: open the camera for a moment, where that is allowed without asking, to learn whether it gives a picture:
    only so a camera that another program uses is known. Not while the camera is connected.
    """
    result = _component(key=key, data={"tryIt": try_it}, default={"state": None}, on_state_change=lambda: None)
    return _read(result.state)


def _read(told: object) -> CameraState | None:
    """What the browser sent; None where it has not the form that its script gives it."""
    if not isinstance(told, dict):
        return None
    cameras, names = told.get("cameras"), told.get("names")
    return CameraState(
        secure=told.get("secure") is True,
        supported=told.get("supported") is True,
        cameras=cameras if isinstance(cameras, int) and 0 <= cameras <= MOST_CAMERAS else None,
        permission=told["permission"] if told.get("permission") in PERMISSIONS else "unknown",
        hidden=told.get("hidden") is True,
        trouble=told["trouble"] if told.get("trouble") in TROUBLES else None,
        names=tuple(
            (camera["id"], one_line(camera["name"]))
            for camera in (names if isinstance(names, list) else [])[:MOST_CAMERAS]
            if isinstance(camera, dict) and isinstance(camera.get("id"), str) and isinstance(camera.get("name"), str)
        ),
    )
