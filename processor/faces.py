"""Faces in a frame, and the crop of each that the network sees."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

# YuNet from the OpenCV model zoo (MIT): the file the zoo serves and its successor, by SHA-256.
YUNET_URL = (
    "https://media.githubusercontent.com/media/opencv/opencv_zoo/main/"
    "models/face_detection_yunet/face_detection_yunet_2023mar.onnx"
)
YUNET_SHA256 = {
    "face_detection_yunet_2026may.onnx": "ebafce4e3c118d6554634be5c27ab333b4c047a9a8c3faf1d7cf93101c22f0f0",
    "face_detection_yunet_2023mar.onnx": "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4",
}

# Faces are looked for on a copy whose longer side is at most this long.
DETECT_SIDE = 640

# After a look at the whole copy, the next frames are searched only for faces of at least half the size of the smallest
# one seen, on a smaller copy: a face does not shrink by half between two frames. As soon as the number of faces
# changes, and at every fourth frame in any case, all sizes are searched again.
FULL_SEARCH_EVERY = 4

# Where FER2013 faces lie in their square, as shares of its side: medians over the 761 of 800 faces that YuNet found,
# and over the 456 of 600 that Haar found. `python -m bench.crops` measures them again, and what they bring.
EYES_AND_MOUTH = np.array([(0.316, 0.377), (0.681, 0.381), (0.346, 0.748), (0.647, 0.754)])  # left to right as seen
HAAR_BOX = (0.012, 0.008, 0.992, 0.992)  # x, y, width, height


@dataclass(frozen=True)
class Faces:
    """The faces of one frame, largest first; there may be none.

    boxes: float32 (N, 4), x, y, width, height in pixels of the frame. scores: float32 (N,), 0 to 1, NaN where the
    detector does not say. landmarks: float32 (N, 4, 2) eyes and mouth corners, left to right as seen, or None.
    """

    boxes: np.ndarray
    scores: np.ndarray
    landmarks: np.ndarray | None

    def __post_init__(self):
        n = len(self.boxes)
        for name, shape in {"boxes": (n, 4), "scores": (n,), "landmarks": (n, 4, 2)}.items():
            value = getattr(self, name)
            if value is not None and value.shape != shape:
                raise ValueError(f"`{name}` must have shape {shape}. Received: {value.shape}")

    def __len__(self) -> int:
        return len(self.boxes)


class Detector(Protocol):
    """Finds faces in the frames of one video after the other. `name` is what the store calls it."""

    name: str

    def reset(self) -> None:
        """Forget what was seen: another video begins."""
        ...

    def detect(self, bgr: np.ndarray) -> Faces:
        """bgr: uint8 (H, W, 3)."""
        ...


class _Attentive(ABC):
    """Searches all sizes now and then, and in between only sizes like those just seen (FULL_SEARCH_EVERY)."""

    finest_px: int  # the smallest face that this detector tells from noise, in pixels of the picture it is given

    def __init__(self, min_face_px: int):
        self._min_face_px = min_face_px
        self.reset()

    def reset(self) -> None:
        self._frame, self._seen, self._least_px = 0, 0, 0.0

    def detect(self, bgr: np.ndarray) -> Faces:
        widest = min(1.0, DETECT_SIDE / max(bgr.shape[:2]))
        found = None
        if self._seen and self._frame % FULL_SEARCH_EVERY:
            found = self._search(bgr, min(widest, self.finest_px / self._least_px), self._least_px)
        if found is None or len(found) != self._seen:
            found = self._search(bgr, widest, self._min_face_px)
        self._frame += 1
        self._seen = len(found)
        if self._seen:
            self._least_px = max(float(found.boxes[:, 2:].max(axis=1).min()) / 2, self._min_face_px)
        return found

    def _search(self, bgr: np.ndarray, scale: float, least_px: float) -> Faces:
        """Faces of at least `least_px` pixels of `bgr`, looked for on a copy of that scale, largest first."""
        small = bgr
        if scale < 1:
            size = tuple(max(1, round(extent * scale)) for extent in bgr.shape[1::-1])
            # Averaging takes three times as long as interpolating, which leaves nothing out above a half.
            small = cv2.resize(bgr, size, interpolation=cv2.INTER_AREA if scale < 0.5 else cv2.INTER_LINEAR)
        faces = self._find(small, scale, least_px * scale)
        order = np.argsort(-faces.boxes[:, 2] * faces.boxes[:, 3], kind="stable")
        order = order[faces.boxes[order, 2:].max(axis=1) >= self._min_face_px]
        landmarks = None if faces.landmarks is None else faces.landmarks[order]
        return Faces(faces.boxes[order], faces.scores[order], landmarks)

    @abstractmethod
    def _find(self, small: np.ndarray, scale: float, least_px: float) -> Faces:
        """All faces in `small`, in pixels of the frame, which is 1 / `scale` times as large."""


class YuNet(_Attentive):
    """YuNet (Wu et al. 2023) through OpenCV: boxes, scores and landmarks."""

    name = "yunet"
    finest_px = 24

    def __init__(self, model: Path, min_face_px: int, min_score: float):
        super().__init__(min_face_px)
        self._net = cv2.FaceDetectorYN.create(str(model), "", (DETECT_SIDE, DETECT_SIDE), min_score)

    def _find(self, small: np.ndarray, scale: float, least_px: float) -> Faces:
        self._net.setInputSize((small.shape[1], small.shape[0]))
        _, found = self._net.detect(small)
        if found is None:
            found = np.zeros((0, 15), np.float32)
        # A row: box (4), then right eye, left eye, nose, right and left mouth corner of the person (10), then score.
        points = found[:, 4:14].reshape(-1, 5, 2)[:, [0, 1, 3, 4]]
        return Faces(found[:, :4] / scale, found[:, 14], points / scale)


class Haar(_Attentive):
    """Viola and Jones' cascade from the OpenCV wheel: boxes only. Scale factor and neighbours are system A's."""

    name = "haar"
    finest_px = 30  # system A's minimum

    def __init__(self, min_face_px: int):
        super().__init__(min_face_px)
        self._cascade = cv2.CascadeClassifier(cv2.data.haarcascades + "haarcascade_frontalface_default.xml")

    def _find(self, small: np.ndarray, scale: float, least_px: float) -> Faces:
        grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)
        least = max(24, round(least_px))  # the cascade was trained on 24x24
        found = self._cascade.detectMultiScale(grey, scaleFactor=1.1, minNeighbors=5, minSize=(least, least))
        boxes = np.asarray(found, dtype=np.float32).reshape(-1, 4) / scale
        return Faces(boxes, np.full(len(boxes), np.nan, np.float32), None)


def detector(name: str, models: Path, min_face_px: int, min_score: float) -> Detector:
    """The detector called `name`; `auto` is YuNet where its file lies in `models`, else Haar.

    Raises FileNotFoundError, saying how to get it, if YuNet is asked for by name and its file is not there.
    """
    if name == "haar":
        return Haar(min_face_px)
    model = yunet_file(models)
    if model is not None:
        return YuNet(model, min_face_px, min_score)
    if name == "auto":
        return Haar(min_face_px)
    raise FileNotFoundError(
        f"YuNet's model file is not in {models}. Get it with `python -m processor models pull`, "
        "or use the detector haar."
    )


def yunet_file(models: Path) -> Path | None:
    """YuNet's model file in the folder `models`, or None. The newest known one wins."""
    return next((models / name for name in YUNET_SHA256 if (models / name).is_file()), None)


def crop(grey: np.ndarray, faces: Faces, size: int) -> np.ndarray:
    """Cut each face out of the frame, uint8 (H, W), framed as FER2013's faces are: uint8 (N, size, size).

    With landmarks, eyes and mouth are moved to where FER2013 has them by rotation, scale and shift; without, the
    square around the box is taken that has the margins of FER2013.
    """
    out = np.empty((len(faces), size, size), dtype=np.uint8)
    for i in range(len(faces)):
        if faces.landmarks is not None:
            transform = similarity(faces.landmarks[i], EYES_AND_MOUTH * size)
        else:
            transform = _box_transform(faces.boxes[i], HAAR_BOX, size)
        out[i] = _warp(grey, transform, size)
    return out


def similarity(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """The rotation, scale and shift, float64 (2, 3), that brings `source` (K, 2) nearest to `target` (K, 2).

    Least squares over x' = a x - b y + c, y' = b x + a y + d.
    """
    x, y = source[:, 0].astype(float), source[:, 1].astype(float)
    one, zero = np.ones_like(x), np.zeros_like(x)
    rows = np.concatenate([np.stack([x, -y, one, zero], 1), np.stack([y, x, zero, one], 1)])
    (a, b, c, d), *_ = np.linalg.lstsq(rows, np.concatenate([target[:, 0], target[:, 1]]), rcond=None)
    return np.array([[a, -b, c], [b, a, d]])


def _box_transform(box: np.ndarray, share: tuple[float, float, float, float], size: int) -> np.ndarray:
    """The scale and shift that puts a detector's box where that detector's boxes lie in FER2013's square."""
    scale = size * (share[2] + share[3]) / (box[2] + box[3])
    centre = size * np.array([share[0] + share[2] / 2, share[1] + share[3] / 2])
    shift = centre - scale * np.array([box[0] + box[2] / 2, box[1] + box[3] / 2])
    return np.array([[scale, 0, shift[0]], [0, scale, shift[1]]], dtype=float)


def _warp(grey: np.ndarray, transform: np.ndarray, size: int) -> np.ndarray:
    """Resample; a face much larger than the crop is averaged down first, so that nothing flickers."""
    scale = float(np.hypot(transform[0, 0], transform[1, 0]))
    if 0 < scale < 0.5:
        corners = np.array([(0, 0), (size, 0), (0, size), (size, size)], dtype=float)
        inverse = cv2.invertAffineTransform(transform)
        x, y = (corners @ inverse[:, :2].T + inverse[:, 2]).T
        left, top = int(np.clip(x.min() - 2, 0, grey.shape[1] - 1)), int(np.clip(y.min() - 2, 0, grey.shape[0] - 1))
        patch = grey[top : max(int(y.max()) + 3, top + 1), left : max(int(x.max()) + 3, left + 1)]
        width, height = (max(1, round(extent * scale * 2)) for extent in patch.shape[::-1])
        shrink = np.diag([width / patch.shape[1], height / patch.shape[0], 1.0])
        patch = cv2.resize(patch, (width, height), interpolation=cv2.INTER_AREA)
        # Pixel centres, not corners, keep their place when a picture is scaled.
        to_frame = np.linalg.inv(shrink)
        to_frame[:2, 2] += np.diag(to_frame)[:2] / 2 - 0.5 + (left, top)
        grey, transform = patch, (np.vstack([transform, (0, 0, 1)]) @ to_frame)[:2]
    return cv2.warpAffine(grey, transform, (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
