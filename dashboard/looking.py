"""What the Try it page does with a picture: look at its faces, keep the answer for this session only, draw boxes.

Nothing is written anywhere: a picture is in memory from the upload until it is removed or the session ends.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from PIL import Image, ImageDraw, ImageFont

from dashboard import network, palette
from processor.config import Home, Settings

if TYPE_CHECKING:
    from processor.pictures import Look

SHOWN_SIDE = 1280  # the longer side of the picture as it is drawn, at most


@dataclass(frozen=True)
class Answer:
    """What a picture showed. picture: uint8 (H, W, 3) RGB with boxes and numbers. note: what is odd about the file."""

    picture: np.ndarray
    size_wh: tuple[int, int]
    look: Look
    note: str | None
    model_id: str
    detector: str
    seconds: float


def answer(data: bytes, name: str, bundle: Path, detector: str, settings: Settings) -> Answer:
    """Look at every face of a picture file, with the steps that a video's frames go through.

    Raises PictureUnreadable, BundleUnusable, or FileNotFoundError where YuNet is chosen and its file is gone.
    """
    # Here, because they bring OpenCV along, which no page shall need to open.
    from processor import faces, pictures

    picture = pictures.read(data, name, settings.max_pixels)
    finder = faces.detector(detector, Home(settings.home).models, settings.min_face_px, settings.min_face_score)
    classifier = network.classifier(bundle)
    started = time.monotonic()
    look = pictures.look(picture.bgr, finder, classifier)
    seconds = time.monotonic() - started
    height, width = picture.bgr.shape[:2]
    drawn = boxed(picture.bgr[:, :, ::-1], look.faces.boxes)
    return Answer(drawn, (width, height), look, picture.note, classifier.model_id, finder.name, seconds)


def kept(key: tuple, make):
    """`make()`, or what it gave for this key before in this session; what is not asked for any more is let go."""
    answers = st.session_state.setdefault("answers", {})
    if key not in answers:
        answers[key] = make()
    st.session_state.setdefault("answers_in_use", set()).add(key)
    return answers[key]


def forget_the_rest() -> None:
    """Let go of every answer that was not asked for since this was last called."""
    in_use = st.session_state.pop("answers_in_use", set())
    answers = st.session_state.get("answers", {})
    st.session_state["answers"] = {key: value for key, value in answers.items() if key in in_use}


def boxed(rgb: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """A picture, uint8 (H, W, 3), made at most SHOWN_SIDE long, with a box and a number, from 1, for each face.

    boxes: (N, 4), x, y, width, height in pixels of the picture.
    """
    image = Image.fromarray(np.ascontiguousarray(rgb))
    scale = min(1.0, SHOWN_SIDE / max(image.size))
    if scale < 1:
        image = image.resize([max(1, round(side * scale)) for side in image.size], Image.Resampling.LANCZOS)
    draw = ImageDraw.Draw(image)
    width = max(2, round(max(image.size) / 300))
    font = ImageFont.load_default(max(12, round(max(image.size) / 40)))
    for number, (x, y, w, h) in enumerate(boxes * scale, 1):
        # White around the colour, so that the box shows on any picture.
        draw.rectangle((x - width, y - width, x + w + width, y + h + width), outline="white", width=width)
        draw.rectangle((x, y, x + w, y + h), outline=palette.ACCENT, width=width)
        left, top, right, bottom = draw.textbbox((0, 0), str(number), font=font)
        room = (right - left + 4 * width, bottom - top + 4 * width)
        corner = (max(0, min(x, image.width - room[0])), max(0, min(y, image.height - room[1])))
        draw.rectangle((*corner, corner[0] + room[0], corner[1] + room[1]), fill=palette.ACCENT)
        draw.text((corner[0] + 2 * width - left, corner[1] + 2 * width - top), str(number), fill="white", font=font)
    return np.asarray(image)
