"""What is taken from one picture, whether of a file or of a camera: its faces, their crops, and how good it is."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from processor import faces

QUALITY_WIDTH = 640  # brightness and sharpness are measured on a copy at most this wide


@dataclass(frozen=True)
class Look:
    """crops: uint8 (N, size, size), of the N faces; brightness and sharpness as `quality` says."""

    faces: faces.Faces
    crops: np.ndarray
    brightness: float
    sharpness: float


def look(bgr: np.ndarray, detector: faces.Detector, crop_size: int) -> Look:
    """bgr: uint8 (H, W, 3). crop_size: side of the crops that the classifier takes, in pixels."""
    seen = detector.detect(bgr)
    grey = cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY)
    return Look(seen, faces.crop(grey, seen, crop_size), *quality(grey))


def quality(grey: np.ndarray) -> tuple[float, float]:
    """Mean grey level (0 to 255) of a picture uint8 (H, W), and variance of its Laplacian, low where it is blurred."""
    if grey.shape[1] > QUALITY_WIDTH:
        height = max(1, round(grey.shape[0] * QUALITY_WIDTH / grey.shape[1]))
        grey = cv2.resize(grey, (QUALITY_WIDTH, height), interpolation=cv2.INTER_AREA)
    _, deviation = cv2.meanStdDev(cv2.Laplacian(grey, cv2.CV_16S))
    return cv2.mean(grey)[0], float(deviation[0, 0] ** 2)
