"""One moment of a video as a small JPEG, read back."""

import cv2
import numpy as np
import pyarrow as pa
import pytest

from processor.annotate import blurring
from processor.decode import VideoUnreadable
from processor.thumbnail_files import make_thumbnail
from tests import clips

MOST = 10**8


def made(path, tmp_path, t_s=0.0, edit=None):
    target = tmp_path / "thumbnail.jpg.part"
    make_thumbnail(path, target, t_s, MOST, edit)
    assert target.read_bytes()[:3] == b"\xff\xd8\xff"
    return cv2.imdecode(np.frombuffer(target.read_bytes(), np.uint8), cv2.IMREAD_COLOR)


@pytest.mark.slow
def test_it_is_160_wide_and_shows_the_moment(tmp_path):
    clip = clips.plain(tmp_path / "clip.mp4", 6)
    for t_s, number in ((0.0, 0), (5.0, 125)):
        image = made(clip.path, tmp_path, t_s)
        assert image.shape == (120, 160, 3)
        whole = clips.picture(number, (320, 240))
        small = cv2.resize(whole, (160, 120), interpolation=cv2.INTER_AREA)
        assert np.abs(image.astype(float) - small).mean() < 6


def test_beyond_the_end_it_is_the_last_picture(tmp_path):
    clip = clips.plain(tmp_path / "clip.mp4", 1)
    last = cv2.resize(clips.picture(24, (320, 240)), (160, 120), interpolation=cv2.INTER_AREA)
    assert np.abs(made(clip.path, tmp_path, 99.0).astype(float) - last).mean() < 6


def test_a_phone_video_is_upright(tmp_path):
    clip = clips.rotated(tmp_path / "clip.mp4", 90)
    height, width = made(clip.path, tmp_path).shape[:2]
    assert width == 160 and height > width


@pytest.mark.parametrize("kind", [clips.tiny, clips.odd_size, clips.one_frame])
def test_odd_videos(tmp_path, kind):
    clip = kind(tmp_path / "clip.mp4")
    assert made(clip.path, tmp_path).shape[1] == 160


def test_faces_are_blurred(tmp_path):
    clip = clips.plain(tmp_path / "clip.mp4", 1)
    face = {"track_id": [1], "t_s": [0.0], "until_s": [0.5], "x": [96.0], "y": [72.0], "w": [128.0], "h": [96.0]}
    kinds = {"track_id": pa.int32()}
    table = pa.table({name: pa.array(values, kinds.get(name, pa.float64())) for name, values in face.items()})
    plain = made(clip.path, tmp_path)
    blurred = made(clip.path, tmp_path, edit=blurring(table, 0.5, (320, 240)))
    inside = slice(48, 72), slice(64, 96)  # of the box in the thumbnail, which is half as large

    def detail(image):
        return cv2.Laplacian(image[inside], cv2.CV_64F).var()

    assert detail(blurred) < 0.1 * detail(plain)
    assert np.abs(blurred[:10].astype(float) - plain[:10]).mean() < 4  # outside it stays as it is


@pytest.mark.parametrize("kind", [clips.empty_file, clips.text, clips.audio_only, clips.zero_frames])
def test_what_is_no_video(tmp_path, kind):
    path = tmp_path / "clip.mp4"
    kind(path)
    with pytest.raises(VideoUnreadable, match=r"clip\.mp4"):
        make_thumbnail(path, tmp_path / "t.part", 0.0, MOST)
    assert not (tmp_path / "t.part").exists()


def test_a_picture_that_is_too_large(tmp_path):
    clip = clips.plain(tmp_path / "clip.mp4", 1)
    with pytest.raises(VideoUnreadable):
        make_thumbnail(clip.path, tmp_path / "t.part", 0.0, 1000)
