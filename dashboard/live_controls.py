"""Settings of the live page: picture, recognition, sensitivity, voice. Those worth a bookmark are in the address."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import streamlit as st

from dashboard import activity, context
from dashboard.model_choice import bundles_to_choose, detectors_to_choose
from dashboard.words import one_line
from db.emotions import EMOTIONS
from processor.live_faces import Options
from processor.live_overlay import Overlay

SIZES = {"320 × 240": (320, 240), "640 × 480": (640, 480), "1280 × 720": (1280, 720)}
USUAL_SIZE = "640 × 480"
FRAME_RATE = 30  # asked of the camera, which gives what it has


@dataclass(frozen=True)
class Controls:
    """What the controls are set to.

    size_wh: asked of the camera. speak: whether changes are said aloud. look: whether frames are looked at, or only
    shown.
    """

    options: Options
    overlay: Overlay
    size_wh: tuple[int, int]
    speak: bool
    look: bool = True

    @property
    def constraints(self) -> dict:
        """What the browser is asked for, as `getUserMedia` takes it; a camera that has another size gives that."""
        width, height = self.size_wh
        video = {"width": {"ideal": width}, "height": {"ideal": height}, "frameRate": {"ideal": FRAME_RATE}}
        return {"video": video, "audio": False}


def controls(connected: bool, keeping: bool, record: bool) -> Controls | None:
    """The controls, closed at first, and what they are set to; None where there is no model at all.

    connected: whether the camera is on; its size can't be changed then. keeping: whether a session is kept, whose model
    and detector can't be changed then. record: a clip is recorded: nothing is looked at,
    and it is analysed afterwards with what is the default then.
    """
    settings, models = context.settings(), context.home().models
    known, usual = bundles_to_choose(settings, models)
    if not known:
        return None
    with st.expander("Settings", icon=":material/tune:", key="live-settings"):
        if record:
            size, mirror = _size(connected), _mirror()
            overlay = Overlay(boxes=False, labels=False, mirror=mirror)
            return Controls(Options(usual or known[0]), overlay, SIZES[size], speak=False, look=False)
        picture, recognition, strength = st.columns(3, gap="medium")
        with picture:
            size = _size(connected)
            overlay = Overlay(
                mirror=_mirror(),
                boxes=_toggle("Boxes around faces", "boxes", True),
                labels=_toggle("Labels", "labels", True),
                big=_toggle("Big labels", "big", False, "To be read across a room."),
                blur=_toggle(
                    "Blur faces", "blur", False, "In the picture shown here. A video that is kept is not blurred."
                ),
            )
            speak = st.toggle(
                "Speak changes", key="live-speak",
                help="The browser says aloud when an emotion changes. Screen readers are told either way.",
            )  # fmt: skip
        with recognition:
            options = _recognition(known, usual, models, keeping)
        with strength:
            sensitivity = _sensitivity()
    return Controls(replace(options, sensitivity=sensitivity), overlay, SIZES[size], speak)


def _size(connected: bool) -> str:
    return st.selectbox(
        "Picture size", list(SIZES), list(SIZES).index(USUAL_SIZE), key="live-size", bind="query-params",
        disabled=connected, help="Asked of the camera. Stop to change it. Which camera: Choose camera, below it.",
    )  # fmt: skip


def _mirror() -> bool:
    return _toggle("Mirror", "mirror", True, "As in a mirror. What is kept is never mirrored.")


def _recognition(known: list[Path], usual: Path | None, models: Path, keeping: bool) -> Options:
    """Which model and detector, how steady, and how sure."""
    folders = {one_line(folder.name): folder for folder in known}
    names = list(folders)
    model = st.selectbox(
        "Model", names, names.index(one_line(usual.name)) if usual else 0, key="live-model", bind="query-params",
        disabled=keeping, help="What is kept is by one model and detector." if keeping else None,
    )  # fmt: skip
    detector = st.selectbox(
        "Detector", ["auto", *detectors_to_choose(models)], key="live-detector", bind="query-params", disabled=keeping,
        format_func=lambda name: activity.DETECTORS.get(name, "The best there is"),
    )  # fmt: skip
    smoothing_s = st.slider(
        "Smoothing (seconds)", 0.0, 5.0, 1.0, 0.25, "%.2f s", key="live-smoothing", bind="query-params",
        help="Mean over what was seen before. More is steadier, and later. 0: each picture by itself.",
    )  # fmt: skip
    threshold = st.slider(
        "Undecided below", 0.0, 0.9, 0.4, 0.05, "%.2f", key="live-threshold", bind="query-params",
        help="A face whose strongest emotion is weaker than this is called undecided.",
    )  # fmt: skip
    return Options(folders[model], detector, smoothing_s, threshold)


def _sensitivity() -> tuple[tuple[str, float], ...]:
    """The factors that are not 1."""
    factors = [
        (
            emotion,
            st.slider(
                f"Sensitivity: {emotion}", 0.5, 2.0, 1.0, 0.1, "× %.1f", key=f"live-{emotion}", bind="query-params",
                help="Its probability is multiplied by this before the strongest is chosen; charts, alerts and what "
                "is kept are not changed." if emotion == EMOTIONS[0] else None,
            ),
        )
        for emotion in EMOTIONS
    ]  # fmt: skip
    return tuple((emotion, factor) for emotion, factor in factors if factor != 1.0)


def _toggle(label: str, name: str, value: bool, why: str | None = None) -> bool:
    return st.toggle(label, value, key=f"live-{name}", bind="query-params", help=why)
