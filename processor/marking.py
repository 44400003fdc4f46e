"""How a face is marked on a picture: a box in the colour of its emotion, and beside it who it is and what it shows."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from db.colours import EMOTION_COLOURS
from processor.canvas import Box, Canvas, Planes, even
from processor.lettering import plate

RGB = tuple[int, int, int]
UNDECIDED_RGB: RGB = (110, 115, 125)


def caption(name: str | None, number: int, emotion: str, share: float) -> str:
    """Such as `Zoë  happy 87 %`; who has no name is called by a number. share: 0 to 1."""
    return f"{name or f'Person {number}'}  {with_share(emotion, share)}"


def with_share(emotion: str, share: float) -> str:
    """Such as `happy 87 %`. share: 0 to 1."""
    return f"{emotion} {100 * share:.0f} %"


def colour(emotion: str) -> RGB:
    """The emotion's; grey for any other word, such as `undecided`."""
    known = EMOTION_COLOURS.get(emotion)
    return tuple(bytes.fromhex(known.removeprefix("#"))) if known else UNDECIDED_RGB


def letters_px(canvas: Canvas, lines: int = 24) -> int:
    """How high letters are of which so many lines would fill a picture's shorter side."""
    return max(12, min(canvas.size_wh) // lines)


def mark_box(canvas: Canvas, box: Box, rgb: RGB) -> None:
    """A border as thick as it takes to be seen."""
    canvas.outline(box, rgb, even(max(2, min(canvas.size_wh) / 180)))


class Labels:
    """Writes labels. It remembers what it wrote, since a label is the same on many pictures."""

    def __init__(self):
        self._stamp = lru_cache(512)(_stamp)

    def write(self, canvas: Canvas, left: float, top: float, text: str, rgb: RGB, height_px: int) -> None:
        """At a place, or beside it where it would reach out of the picture."""
        canvas.paste(left, top, self._stamp(text, rgb, height_px, canvas.high_definition))

    def write_beside(self, canvas: Canvas, box: Box, text: str, rgb: RGB, height_px: int) -> None:
        """Above a box, or below it where there is no room."""
        label = self._stamp(text, rgb, height_px, canvas.high_definition)
        left, top, _, bottom = box
        tall = label[0].shape[0]
        canvas.paste(left, top - tall if top >= tall else bottom, label)


def _stamp(text: str, rgb: RGB, height_px: int, high_definition: bool) -> Planes:
    nothing = np.zeros((0, 0), np.uint8)
    return Canvas(nothing, nothing, nothing, high_definition).stamp(plate(text, height_px, rgb))
