"""Picture files as 48x48 grey faces."""

from __future__ import annotations

import contextlib
import struct
import warnings
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from training.datasets import FACE_SIZE

# A face of fewer pixels across than this is guesswork when enlarged (processor.config: min_face_px).
LEAST_SIDE_PX = 24
FORMATS = ("JPEG", "PNG", "BMP", "WEBP", "TIFF", "GIF", "PPM")

# What Pillow's decoders raise on broken files.
_BROKEN = (
    OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, OverflowError, MemoryError,
    AttributeError, struct.error, zlib.error, Image.DecompressionBombError, Image.DecompressionBombWarning,
)  # fmt: skip


class PictureUnusable(Exception):
    """A file is no picture, or does not decode. `kind` is the reason in two or three words."""

    def __init__(self, kind: str, text: str):
        super().__init__(text)
        self.kind = kind


@contextlib.contextmanager
def careful() -> Iterator[None]:
    """While pictures from outside are decoded: no warnings about odd metadata, and an error before memory is full."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        yield


def read_grey(path: Path) -> np.ndarray:
    """A picture file as grey levels, uint8 (H, W), turned as its EXIF data says.

    Transparent parts become black; 16-bit pictures keep their highest eight bits; of several frames, the first.
    Raises PictureUnusable if it is not a picture of FORMATS, does not decode, or is smaller than LEAST_SIDE_PX.
    """
    try:
        with Image.open(path, formats=FORMATS) as opened:
            picture = ImageOps.exif_transpose(opened)
            if picture.mode.startswith(("I", "F")):
                grey = _eight_bits(np.asarray(picture))
            elif picture.has_transparency_data:
                seen = picture.convert("RGBA")
                grey = np.asarray(Image.alpha_composite(Image.new("RGBA", seen.size, "black"), seen).convert("L"))
            else:
                grey = np.asarray(picture.convert("L"))
    except UnidentifiedImageError as error:
        raise PictureUnusable("not an image", "it is none of " + ", ".join(FORMATS)) from error
    except _BROKEN as error:
        raise PictureUnusable("does not decode", str(error) or type(error).__name__) from error
    height, width = grey.shape
    if min(height, width) < LEAST_SIDE_PX:
        raise PictureUnusable("too small", f"{width}x{height} pixels, at least {LEAST_SIDE_PX} are needed each way")
    return grey


def _eight_bits(levels: np.ndarray) -> np.ndarray:
    if levels.dtype.kind == "f":
        return (np.clip(np.nan_to_num(levels), 0, 1) * 255).round().astype(np.uint8)
    return (np.clip(levels, 0, 65535).astype(np.int64) >> 8).astype(np.uint8)


def square_face(grey: np.ndarray) -> np.ndarray:
    """The middle square of a grey picture, uint8 (H, W), as uint8 (48, 48).

    Resampled with Lanczos' filter over all of the pixels that fall into one (Pillow), which neither blurs nor aliases.
    """
    if grey.shape == (FACE_SIZE, FACE_SIZE):
        return grey
    fitted = ImageOps.fit(Image.fromarray(grey), (FACE_SIZE, FACE_SIZE), Image.Resampling.LANCZOS)
    return np.asarray(fitted)
