"""Normalisation of light: what is left of a face when lamps and cameras are taken out of the picture.

A prepared set notes a method and keeps its pictures as they are. Training normalises what it shows the network; what is
shipped does so by itself, with the same steps as Keras operations (`training.light`).
"""

from __future__ import annotations

import cv2
import numpy as np

from training.datasets import ILLUMINATIONS as METHODS

BLEND = 0.5  # system B weights the two and does not say how

# Tan and Triggs 2010, section II.
GAMMA = 0.2
SIGMAS_PX = (1.0, 2.0)
ALPHA = 0.1
TAU = 10.0
# Taken off every difference: less is rounding, and the power of ALPHA would make it count nearly as much as edges.
NOTHING = 1e-6


def normalised(images: np.ndarray, method: str) -> np.ndarray:
    """Faces with their light normalised, each by itself: uint8 (N, H, W) -> uint8 (N, H, W). N may be 0.

    A picture of one single grey level stays as it is. Raises ValueError for a method that is not in METHODS.
    """
    if method not in METHODS:
        raise ValueError(f"There is no illumination normalisation {method!r}. Known: {', '.join(METHODS)}.")
    if method == "none" or not len(images):
        return images
    change = {"equalise": cv2.equalizeHist, "blend": _blend, "dog": _difference_of_gaussians}[method]
    return np.stack([image if image.min() == image.max() else change(image) for image in images])


def _blend(image: np.ndarray) -> np.ndarray:
    low, high = float(image.min()), float(image.max())
    linear = (image - low) * (255 / (high - low))
    return (BLEND * cv2.equalizeHist(image) + (1 - BLEND) * linear).round().astype(np.uint8)


def _difference_of_gaussians(image: np.ndarray) -> np.ndarray:
    bright = ((image.astype(np.float32) + 1) / 256) ** GAMMA
    narrow, wide = (cv2.GaussianBlur(bright, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE) for sigma in SIGMAS_PX)
    edges = narrow - wide
    edges = np.sign(edges) * np.maximum(np.abs(edges) - NOTHING, 0)
    edges /= np.mean(np.abs(edges) ** ALPHA) ** (1 / ALPHA) or 1
    edges /= np.mean(np.minimum(TAU, np.abs(edges)) ** ALPHA) ** (1 / ALPHA) or 1
    edges = TAU * np.tanh(edges / TAU)
    # Symmetric about 0, so that no edge is middle grey in every picture.
    return ((edges / TAU + 1) * 127.5).round().astype(np.uint8)
