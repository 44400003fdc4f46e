"""Faces as pictures."""

import base64
import io

import numpy as np
import pytest
from PIL import Image, ImageColor

from dashboard import face_pictures


def decoded(url: str) -> np.ndarray:
    kind, _, data = url.partition(",")
    assert kind == "data:image/jpeg;base64"
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))))


def test_data_url():
    grey = decoded(face_pictures.data_url(np.full((48, 48), 200, np.uint8), scale=2))
    assert grey.shape == (96, 96)
    assert np.abs(grey.astype(int) - 200).max() <= 2
    assert decoded(face_pictures.data_url(np.zeros((4, 6, 3), np.uint8))).shape == (4, 6, 3)


def test_enlarged():
    assert face_pictures.enlarged(np.full((48, 24), 9, np.uint8), 100).shape == (200, 100)
    assert face_pictures.enlarged(np.full((48, 48, 3), 9, np.uint8), 96).tolist() == np.full((96, 96, 3), 9).tolist()


def test_beside_each_other():
    faces = np.stack([np.zeros((2, 3), np.uint8), np.full((2, 3), 7, np.uint8)])
    assert face_pictures.beside_each_other(faces, gap=1).tolist() == [[0, 0, 0, 255, 7, 7, 7]] * 2
    assert face_pictures.beside_each_other(faces[:1]).tolist() == faces[0].tolist()


def test_heat():
    face = np.full((1, 3), 100, np.uint8)
    cold, half, hot = face_pictures.heat(face, np.array([[0.0, 0.5, 1.0]]))[0].astype(float)
    colour = np.array(ImageColor.getrgb(face_pictures.HEAT), float)
    assert cold.tolist() == [100, 100, 100]
    assert hot == pytest.approx(100 * 0.25 + colour * 0.75, abs=0.51)
    assert half == pytest.approx((cold + hot) / 2, abs=1)


def test_heat_of_another_size_is_refused():
    with pytest.raises(ValueError, match=r"\(2, 2\).*\(3, 3\)"):
        face_pictures.heat(np.zeros((2, 2), np.uint8), np.zeros((3, 3)))
