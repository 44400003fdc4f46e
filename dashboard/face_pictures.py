"""Faces as pictures for a page: small ones for tooltips, several beside each other, a heat map laid over one."""

from __future__ import annotations

import base64
import io

import numpy as np
from PIL import Image, ImageColor

from dashboard import palette

# What a heat map is drawn in: warm on a grey face, and none of the colours of an emotion in a chart beside it.
HEAT = palette.CATEGORY_COLOURS["negative"]
HEAT_AT_MOST = 0.75  # how much of the face the hottest place covers; at 1 nothing of it would be seen


def data_url(picture: np.ndarray, scale: int = 1) -> str:
    """A picture, uint8 (H, W) grey or (H, W, 3) RGB, as a JPEG in a data URL, each pixel `scale` times as wide."""
    image = Image.fromarray(picture)
    if scale != 1:
        image = image.resize((image.width * scale, image.height * scale), Image.Resampling.BICUBIC)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=85)
    return f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def enlarged(picture: np.ndarray, width_px: int) -> np.ndarray:
    """A picture, as for data_url, made this wide: a browser would blur one of 48 pixels more."""
    height_px = round(picture.shape[0] * width_px / picture.shape[1])
    return np.asarray(Image.fromarray(picture).resize((width_px, height_px), Image.Resampling.BICUBIC))


def beside_each_other(faces: np.ndarray, gap: int = 2) -> np.ndarray:
    """Faces, uint8 (N, H, W) with N at least 1, in one row: uint8 (H, N·W + (N − 1)·gap), white between them."""
    number, height, width = faces.shape
    row = np.full((height, number * (width + gap) - gap), 255, np.uint8)
    for place, face in enumerate(faces):
        row[:, place * (width + gap) : place * (width + gap) + width] = face
    return row


def heat(face: np.ndarray, map_: np.ndarray) -> np.ndarray:
    """A heat map over a face. face: uint8 (H, W); map_: float (H, W), 0 to 1. Returns uint8 (H, W, 3) RGB."""
    if face.shape != map_.shape:
        raise ValueError(f"The heat map must be as large as the face, {face.shape}. Received: {map_.shape}")
    share = np.clip(map_, 0, 1)[..., None] * HEAT_AT_MOST
    grey = face[..., None].astype(np.float32)
    return np.rint(grey * (1 - share) + np.array(ImageColor.getrgb(HEAT), np.float32) * share).astype(np.uint8)
