"""What is taken from one picture."""

import cv2
import numpy as np
import pytest

from processor import faces
from processor.decode import frames
from processor.look import look, quality
from processor.sample import face_xywh


def test_a_picture_without_a_face():
    seen = look(np.full((90, 160, 3), 77, np.uint8), faces.Haar(24), 48)
    assert (len(seen.faces), seen.crops.shape, seen.brightness, seen.sharpness) == (0, (0, 48, 48), 77.0, 0.0)


@pytest.mark.slow
def test_the_face_its_crop_and_the_quality_belong_to_the_same_picture(sample_video):
    bgr = next(frames(sample_video, 2, 10**7)).bgr
    seen = look(bgr, faces.Haar(24), 48)
    x, y, w, h = face_xywh(0, 12)
    assert seen.faces.boxes[0][:2] + seen.faces.boxes[0][2:] / 2 == pytest.approx((x + w / 2, y + h / 2), abs=0.2 * w)
    grey = cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY)
    assert (seen.crops == faces.crop(grey, seen.faces, 48)).all()
    assert (seen.brightness, seen.sharpness) == quality(grey)


def test_quality_of_flat_and_of_busy_pictures():
    flat = np.full((90, 160), 77, np.uint8)
    assert quality(flat) == (77.0, 0.0)
    # Dots of 255 on 0, each alone: the Laplacian is -4 * 255 at a dot and 255 at its four neighbours, so its mean is 0
    # and its variance 20 * 255^2 times the share of dots.
    dots = np.zeros((90, 160), np.uint8)
    dots[2:-2:5, 2:-2:5] = 255
    share = (dots > 0).mean()
    assert quality(dots) == pytest.approx((255 * share, 20 * 255**2 * share))
