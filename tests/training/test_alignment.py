"""A face comes out at its place, however it lies in the picture."""

import cv2
import numpy as np
import pytest
from skimage import data

from processor.faces import EYES_AND_MOUTH, detector
from training.alignment import aligned


@pytest.fixture(scope="module")
def photograph():
    """A grey photograph with one face of about 100 pixels, not in its middle."""
    return cv2.cvtColor(data.astronaut(), cv2.COLOR_RGB2GRAY)


def alike(one, other):
    return np.corrcoef(one.ravel().astype(float), other.ravel().astype(float))[0, 1]


def turned(picture, degrees, scale):
    height, width = picture.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, scale)
    return cv2.warpAffine(picture, matrix, (width, height), flags=cv2.INTER_AREA)


def test_haar_frames_a_face_alike_in_large_and_small_pictures(photograph, tmp_path):
    haar = detector("haar", tmp_path, 24, 0.7)
    first = aligned(photograph, haar)
    assert first.shape == (48, 48) and first.dtype == np.uint8
    assert alike(first, photograph[65:165, 170:270][::2, ::2][:48, :48]) > 0.3
    smaller = cv2.resize(photograph[40:200, 150:310], (96, 96), interpolation=cv2.INTER_AREA)
    assert alike(first, aligned(smaller, haar)) > 0.8


def test_no_face_is_none(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (60, 60), dtype=np.uint8)
    assert aligned(noise, detector("haar", tmp_path, 24, 0.7)) is None


def test_yunet_turns_a_face_upright(photograph, shared):
    yunet = detector("yunet", shared / "models", 24, 0.7)
    first = aligned(photograph, yunet)
    straight = detector("haar", shared / "models", 24, 0.7)
    tilted = turned(photograph, 10, 0.9)
    assert alike(first, aligned(tilted, yunet)) > alike(aligned(photograph, straight), aligned(tilted, straight))
    assert alike(first, aligned(tilted, yunet)) > 0.75
    # Aligned again, it stays where it is: eyes and mouth are at their places.
    assert alike(first, aligned(first, yunet)) > 0.75
    eyes = first[int(EYES_AND_MOUTH[0, 1] * 48) - 2 :][:5, 10:38]
    assert eyes.mean() < first[26:34, 10:38].mean()  # darker than the cheeks
