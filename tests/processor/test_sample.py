"""The sample video shows what it says, checked with OpenCV's Haar cascade, which had no part in making it."""

import av
import cv2
import numpy as np
import pytest

from processor import sample

SECONDS = 12  # length of the fixture `sample_video`


@pytest.fixture(scope="module")
def frames(sample_video):
    """Every fifth frame: {t_s: uint8 (360, 640, 3) BGR}."""
    with av.open(str(sample_video)) as video:
        return {f.time: f.to_ndarray(format="bgr24") for i, f in enumerate(video.decode(video=0)) if i % 5 == 0}


def haar_faces(image):
    """Boxes x, y, w, h of the faces in `image`."""
    cascade = cv2.CascadeClassifier(cv2.data.haarcascades + "haarcascade_frontalface_default.xml")
    return cascade.detectMultiScale(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), 1.1, 8, minSize=(90, 90))


def test_length_rate_and_size(sample_video):
    with av.open(str(sample_video)) as video:
        stream = video.streams.video[0]
        assert (stream.codec_context.name, stream.width, stream.height) == ("h264", 640, 360)
        assert (stream.frames, stream.average_rate) == (SECONDS * 25, 25)


def test_face_is_where_it_says():
    """21.6 s of 60 is a row of the camera: face centre (223, 119.5), camera at (256, 150), 1.25 times, no tilt."""
    assert sample.face_xywh(21.6) == pytest.approx((222.5, 71.25, 112.5, 141.25))


@pytest.mark.parametrize(
    ("t_s", "shown"),
    [
        (0.0, True),
        (2.0, True),
        (4.8, True),  # at its smallest
        (8.2, False),  # below the chin
        (9.2, False),
        (10.4, True),  # returned
        (11.8, True),
    ],
)
def test_another_detector_agrees(frames, t_s, shown):
    faces = haar_faces(frames[t_s])
    assert len(faces) == shown
    if shown:
        centre = faces[0][:2] + faces[0][2:] / 2
        x, y, width, height = sample.face_xywh(t_s, SECONDS)
        assert np.abs(centre - (x + width / 2, y + height / 2)).max() < 0.15 * width


def test_spans_in_and_out_of_view_do_not_meet():
    (first_in, first_out), (second_in, second_out) = sample.in_view_s(60)
    ((leaves, returns),) = sample.out_of_view_s(60)
    assert 0 == first_in < first_out < leaves < returns < second_in < second_out
    assert second_out == pytest.approx(59.96)  # the last frame
    assert 8 < returns - leaves < 10


def test_mouth_changes(frames):
    """A smile shows teeth, which are pale, a closed mouth does not; an open one is dark inside."""

    def mouth(t_s):
        x, y, width, height = (round(v) for v in sample.face_xywh(t_s, SECONDS))
        hsv = cv2.cvtColor(frames[t_s], cv2.COLOR_BGR2HSV)
        mouth = hsv[y + int(height * 0.66) : y + int(height * 0.9), x + width // 4 : x + width * 3 // 4]
        pale = (mouth[..., 1] < 40) & (mouth[..., 2] > 150)
        return pale.mean(), (mouth[..., 2] < 90).mean()

    closed, smile, surprise = mouth(0.4), mouth(2.4), mouth(10.6)
    assert smile[0] > 0.03 > 3 * closed[0]
    assert surprise[1] > 0.05 > 3 * closed[1]


@pytest.mark.slow
def test_same_length_same_bytes(tmp_path):
    first, second = (sample.make_sample(tmp_path / name, seconds=1) for name in ("a.mp4", "b.mp4"))
    assert first.read_bytes() == second.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mp4", "b.mp4"]


def test_no_length_is_refused(tmp_path):
    with pytest.raises(ValueError, match="at least one frame. Received: seconds=0"):
        sample.make_sample(tmp_path / "none.mp4", seconds=0)
    assert not list(tmp_path.iterdir())
