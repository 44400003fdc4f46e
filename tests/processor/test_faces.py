"""Detection and crops: positions worked out by hand, and real faces where the shared data is there."""

import cv2
import numpy as np
import pytest

from processor import faces
from processor.faces import EYES_AND_MOUTH, Faces, Haar, YuNet, crop, similarity


def one_face(landmarks=None, box=(0, 0, 10, 10)):
    points = None if landmarks is None else np.array([landmarks], np.float32)
    return Faces(np.array([box], np.float32), np.ones(1, np.float32), points)


@pytest.fixture(scope="session")
def portrait():
    """A face, 512x512 BGR: scikit-image's astronaut (public domain)."""
    from skimage.data import astronaut

    return np.ascontiguousarray(astronaut()[..., ::-1])


@pytest.fixture
def yunet(shared):
    return YuNet(shared / "models" / "face_detection_yunet_2026may.onnx", min_face_px=24, min_score=0.7)


def test_shapes_are_checked_where_faces_are_made():
    with pytest.raises(ValueError, match=r"`scores` must have shape \(1,\). Received: \(2,\)"):
        Faces(np.zeros((1, 4)), np.zeros(2), None)


def test_similarity_finds_the_rotation_scale_and_shift_that_was_applied():
    angle, scale, shift = 0.3, 0.25, (7, -3)
    matrix = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    source = np.array([(10, 20), (50, 22), (15, 70), (48, 69)], float)
    found = similarity(source, source @ matrix.T + shift)
    assert found == pytest.approx(np.column_stack([matrix, shift]))


def test_crop_of_no_faces():
    empty = Faces(np.zeros((0, 4)), np.zeros(0), np.zeros((0, 4, 2)))
    assert crop(np.zeros((50, 50), np.uint8), empty, 48).shape == (0, 48, 48)


@pytest.mark.parametrize("scale", [0.5, 1.0, 3.0, 8.0])
@pytest.mark.parametrize("turn_deg", [0, 25])
def test_eyes_and_mouth_land_where_fer2013_has_them(scale, turn_deg):
    """Bright dots at the landmarks of a turned face must come out at FER2013's positions, whatever the face's size."""
    side = 48 * scale
    turn = cv2.getRotationMatrix2D((side / 2, side / 2), turn_deg, 1)
    points = (EYES_AND_MOUTH * side) @ turn[:, :2].T + turn[:, 2] + 100
    picture = np.zeros((int(side) + 200, int(side) + 200), np.uint8)
    for x, y in points:
        cv2.circle(picture, (round(x * 16), round(y * 16)), round(1.5 * scale * 16), 255, -1, cv2.LINE_AA, shift=4)
    out = crop(picture, one_face(points), 48)[0].astype(float)
    rows, columns = np.mgrid[:48, :48]
    for x, y in EYES_AND_MOUTH * 48:
        near = out * (np.hypot(columns - x, rows - y) < 5)
        centre = np.array([(columns * near).sum(), (rows * near).sum()]) / near.sum()
        assert centre == pytest.approx((x, y), abs=0.6)


def test_crop_over_the_edge_of_the_frame_repeats_the_edge():
    frame = np.full((60, 60), 200, np.uint8)
    out = crop(frame, one_face(box=(-20, -20, 60, 60)), 48)
    assert (out == 200).all()


def test_haar_finds_the_face_and_not_the_background(portrait):
    found = Haar(min_face_px=60).detect(portrait)
    x, y, w, h = found.boxes[0]
    # Eyes at about (200..255, 100), chin at about 190.
    assert x < 200 and x + w > 255 and y < 100 and y + h > 160
    assert len(Haar(24).detect(np.full((240, 320, 3), 128, np.uint8))) == 0


def test_smallest_face_is_respected(portrait):
    assert len(Haar(min_face_px=400).detect(portrait)) == 0


def test_boxes_are_in_pixels_of_the_frame_not_of_the_copy(portrait):
    large = cv2.resize(portrait, None, fx=4, fy=4)
    small = Haar(min_face_px=60).detect(portrait).boxes[0]
    assert Haar(min_face_px=240).detect(large).boxes[0] == pytest.approx(4 * small, abs=40)


def test_yunet_sees_the_same_face_with_landmarks(portrait, yunet):
    found = yunet.detect(portrait)
    (left, right, mouth_left, mouth_right) = found.landmarks[0]
    assert left[0] < right[0] and mouth_left[0] < mouth_right[0]  # left to right as seen
    assert left[1] < mouth_left[1] and right[1] < mouth_right[1]
    # Read off the photograph by eye.
    assert found.landmarks[0] == pytest.approx(np.array([(201, 102), (247, 103), (199, 143), (240, 143)]), abs=6)
    assert found.scores[0] > 0.8
    assert len(yunet.detect(np.full((240, 320, 3), 128, np.uint8))) == 0


@pytest.mark.parametrize("side", [64, 128, 256])
def test_looking_only_for_sizes_like_those_seen_loses_no_face(portrait, side):
    """Haar, several frames on: a face of any size stays found, a second one is found as soon as it is there."""
    face = cv2.resize(portrait[30:230, 120:320], (side, side), interpolation=cv2.INTER_AREA)
    detector = Haar(min_face_px=24)
    alone = np.full((480, 640, 3), 90, np.uint8)
    alone[100 : 100 + side, 50 : 50 + side] = face
    both = alone.copy()
    both[100 : 100 + side, 350 : 350 + side] = face
    counts = [len(detector.detect(frame)) for frame in [alone, alone, alone, both, both, both, alone, alone]]
    assert counts == [1, 1, 1, 2, 2, 2, 1, 1]


def test_a_new_video_is_looked_at_afresh(portrait):
    detector = Haar(min_face_px=24)
    first = detector.detect(portrait).boxes
    detector.detect(portrait)
    detector.reset()
    assert (detector.detect(portrait).boxes == first).all()


def test_auto_takes_yunet_only_where_its_file_is(tmp_path, shared):
    assert faces.detector("auto", tmp_path, 24, 0.7).name == "haar"
    with pytest.raises(FileNotFoundError, match="models pull"):
        faces.detector("yunet", tmp_path, 24, 0.7)
    (tmp_path / "face_detection_yunet_2026may.onnx").symlink_to(shared / "models" / "face_detection_yunet_2026may.onnx")
    assert faces.detector("auto", tmp_path, 24, 0.7).name == "yunet"
    assert faces.detector("haar", tmp_path, 24, 0.7).name == "haar"
