"""One picture instead of a video: read it safely, and look at its faces exactly as at a frame's.

Pictures are hostile like videos: only three formats are opened, and the size is checked before a pixel is decoded.
"""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from db.emotions import CATEGORY, EMOTIONS, VALENCE
from processor import faces
from processor.emotions import Classifier

FORMATS = ("JPEG", "PNG", "WEBP")
SUFFIXES = ("jpg", "jpeg", "png", "webp")

# What damaged files make Pillow raise. Damaging thousands brought the first three (tests/processor/test_pictures.py);
# the others are what taking bytes apart can raise.
_DAMAGED = (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, struct.error)


class PictureUnreadable(Exception):
    """A picture can't be looked at. The message is a sentence: which file, what is wrong with it, what to do."""


@dataclass(frozen=True)
class Picture:
    """A picture the right way up: uint8 (H, W, 3) BGR. note: a sentence about what is odd about the file, or None."""

    bgr: np.ndarray
    note: str | None = None


@dataclass(frozen=True)
class Look:
    """What a picture shows, largest face first; there may be none.

    faces: where they are. crops: uint8 (N, size, size), what the network saw. probabilities: float32 (N, 7), in the
    order of EMOTIONS; rows sum to 1.
    """

    faces: faces.Faces
    crops: np.ndarray
    probabilities: np.ndarray

    @property
    def emotions(self) -> list[str]:
        """The most probable emotion of each face."""
        return [EMOTIONS[place] for place in self.probabilities.argmax(axis=1)]

    @property
    def categories(self) -> list[str]:
        """The category of each face's most probable emotion."""
        return [CATEGORY[emotion] for emotion in self.emotions]

    @property
    def valences(self) -> np.ndarray:
        """Mean valence of each face under its probabilities, -1 to 1: float (N,)."""
        return self.probabilities @ np.array([VALENCE[emotion] for emotion in EMOTIONS])


def read(data: bytes, name: str, max_pixels: int) -> Picture:
    """Read the bytes of a JPEG, PNG or WebP file; turned upright by its EXIF, transparency on white, first frame only.

    name: what to call it in sentences. Raises PictureUnreadable if it is empty, no such picture, damaged, cut off, or
    has more than `max_pixels` pixels.
    """
    if not data:
        raise PictureUnreadable(f"{name} is empty. Choose the file again.")
    too_large = f"{name} has more than the {max_pixels:,} pixels that are looked at. Make it smaller."
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
        if image.width * image.height > max_pixels:
            raise PictureUnreadable(too_large)
        note = _note(image, name)
        upright = ImageOps.exif_transpose(image)
        rgb = np.asarray(_rgb(upright))
    except UnidentifiedImageError as error:
        raise PictureUnreadable(
            f"{name} is not a picture in JPEG, PNG or WebP. Convert it, or choose another."
        ) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureUnreadable(too_large) from error
    except MemoryError as error:
        raise PictureUnreadable(f"There is not enough memory for {name}. Make it smaller.") from error
    except _DAMAGED as error:
        raise PictureUnreadable(
            f"{name} is damaged or cut off: {str(error).rstrip('.')}. Copy or export it again."
        ) from error
    return Picture(np.ascontiguousarray(rgb[:, :, ::-1]), note)


def _note(image: Image.Image, name: str) -> str | None:
    # A telephone's JPEG may hold several pictures, too (format MPO): these are views or sizes of one.
    frames = getattr(image, "n_frames", 1) if image.format in ("PNG", "WEBP") else 1
    return f"{name} moves: only the first of its {frames} pictures is looked at." if frames > 1 else None


def _rgb(image: Image.Image) -> Image.Image:
    """Eight bits a channel, no transparency."""
    if image.mode.startswith("I"):  # 16 bits of grey: Pillow would clip instead of scale
        image = Image.fromarray((np.asarray(image).astype(np.int64) >> 8).clip(0, 255).astype(np.uint8))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    return image.convert("RGB")


def look(bgr: np.ndarray, detector: faces.Detector, classifier: Classifier) -> Look:
    """Every face in a picture, uint8 (H, W, 3), as `Analyser` sees it in the first frame of a video."""
    detector.reset()
    seen = detector.detect(bgr)
    crops = faces.crop(cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY), seen, classifier.crop_size)
    return Look(seen, crops, classifier(crops))
