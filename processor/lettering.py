"""Names and labels as small pictures."""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

# Ours, DejaVu Sans, writes Latin, Greek, Cyrillic, Arabic and more. After it come fonts of the system, found by name.
FONTS = (
    str(Path(__file__).with_name("fonts") / "DejaVuSans-Bold.ttf"), "NotoSansCJK-Bold.ttc", "NotoSansCJK-Regular.ttc",
    "wqy-zenhei.ttc", "Arial Unicode.ttf", "msyh.ttc",
)  # fmt: skip
_NOWHERE = "\U0010ffff"  # a character that no font has
MAX_LETTERS = 60


def plate(text: str, height_px: int, rgb: tuple[int, int, int]) -> np.ndarray:
    """The text, white with a black outline, on a plate of a colour: uint8 (H, W, 3) RGB of even sides.

    height_px: height of the letters. Text is cut after 60 letters; what no font at hand can write is a question mark.
    """
    text = "".join(letter if letter.isprintable() else " " for letter in text)
    text = text if len(text) <= MAX_LETTERS else text[: MAX_LETTERS - 1] + "…"
    font, written = _font_for(text, height_px)
    outline = max(1, height_px // 10)
    left, top, right, bottom = font.getbbox(written, stroke_width=outline)
    above, below = font.getmetrics()
    pad = max(2, height_px // 5)
    wide, tall = (int(side) // 2 * 2 + 2 for side in (right - left + 2 * pad, above + below + pad))
    picture = Image.new("RGB", (wide, tall), rgb)
    ImageDraw.Draw(picture).text(
        (pad - left, pad // 2), written, "white", font, stroke_width=outline, stroke_fill="black"
    )
    return np.asarray(picture)


@lru_cache(256)
def _font_for(text: str, height_px: int) -> tuple[ImageFont.FreeTypeFont, str]:
    """The font that has most of the letters, and the text with question marks for those that it lacks."""
    tried = [(font, "".join(letter if _has(font, letter) else "?" for letter in text)) for font in _fonts(height_px)]
    return min(tried, key=lambda entry: sum(a != b for a, b in zip(entry[1], text, strict=True)))


@cache
def _fonts(height_px: int) -> list[ImageFont.FreeTypeFont]:
    found = []
    for name in FONTS:
        try:
            found.append(ImageFont.truetype(name, height_px))
        except OSError:
            continue
    return found


def _has(font: ImageFont.FreeTypeFont, letter: str) -> bool:
    return letter.isspace() or bytes(font.getmask(letter)) != bytes(font.getmask(_NOWHERE))
