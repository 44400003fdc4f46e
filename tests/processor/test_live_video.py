"""The video of a live session can be read whatever became of its writer, and its pictures keep their times."""

import numpy as np
import pytest

from processor import decode
from processor.live_video import VideoWriter, fit, fitted, make_whole
from tests.processor.live_sessions import picture

TIMES_S = [0.0, 0.04, 0.11, 0.5, 2.75, 2.751]
MAX_PIXELS = 10_000_000


def written(path, times_s=TIMES_S, size_wh=(64, 48)):
    writer = VideoWriter(path, size_wh)
    for number, t_s in enumerate(times_s):
        writer.add(picture(60 + 30 * number, size_wh), t_s)
    return writer


def pictures(path):
    return [(t_s, frame.to_ndarray(format="gray")) for *_, t_s, frame in _of(path)]


def _of(path):
    return list(decode.pictures(path, MAX_PIXELS, decode.DecodeReport()))


def test_pictures_keep_their_times_and_the_index_comes_first(tmp_path):
    path, target = tmp_path / "video.mp4", tmp_path / "whole.mp4"
    written(path).close()
    info, times_s = make_whole(path, target, MAX_PIXELS)
    assert times_s == pytest.approx(TIMES_S, abs=1e-4)
    assert (info.width, info.height, info.codec) == (64, 48, "h264")
    kept = pictures(target)
    assert [t_s for t_s, _ in kept] == pytest.approx(TIMES_S, abs=1e-4)
    levels = [int(grey[40, 50]) for _, grey in kept]  # outside of the dark corner
    assert levels == pytest.approx(range(60, 240, 30), abs=4)
    content = target.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")


def test_what_was_added_is_in_the_file_before_it_is_closed(tmp_path):
    writer = written(tmp_path / "video.mp4", [number / 10 for number in range(21)])
    _, times_s = make_whole(tmp_path / "video.mp4", tmp_path / "whole.mp4", MAX_PIXELS)
    assert times_s[-1] == pytest.approx(writer.last_s) == pytest.approx(1.9)
    writer.close()


@pytest.mark.parametrize("share", [0.3, 0.5, 0.77, 0.999])
def test_a_video_cut_off_anywhere_is_whole_up_to_there(tmp_path, share):
    path, target = tmp_path / "video.mp4", tmp_path / "whole.mp4"
    written(path, [number / 10 for number in range(50)]).close()
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    _, times_s = make_whole(path, target, MAX_PIXELS)
    assert times_s[-1] > 4.9 * share - 1.0
    assert len(_of(target)) == len(times_s)
    assert times_s == pytest.approx([number / 10 for number in range(len(times_s))], abs=1e-4)


@pytest.mark.parametrize("content", [b"", b"no video", b"#EXTM3U\nhttp://example.org/x.ts\n"])
def test_what_is_no_video_is_unreadable(tmp_path, content):
    (tmp_path / "video.mp4").write_bytes(content)
    with pytest.raises(decode.VideoUnreadable):
        make_whole(tmp_path / "video.mp4", tmp_path / "whole.mp4", MAX_PIXELS)


def test_a_video_without_a_whole_picture_is_unreadable(tmp_path):
    written(tmp_path / "video.mp4").close()
    content = (tmp_path / "video.mp4").read_bytes()
    (tmp_path / "video.mp4").write_bytes(content[: content.index(b"moof")])
    with pytest.raises(decode.VideoUnreadable):
        make_whole(tmp_path / "video.mp4", tmp_path / "whole.mp4", MAX_PIXELS)


def test_odd_sizes_are_made_even(tmp_path):
    written(tmp_path / "video.mp4", size_wh=(65, 49)).close()
    info, _ = make_whole(tmp_path / "video.mp4", tmp_path / "whole.mp4", MAX_PIXELS)
    assert (info.width, info.height) == (64, 48)


def test_a_phone_that_is_turned_is_fitted_in_with_black_beside(tmp_path):
    frame = picture(200, (48, 64))
    canvas = fitted(frame, (64, 48))
    assert canvas.size_wh == (64, 48)
    assert fit((48, 64), (64, 48)) == (0.75, 14.0, 0.0)
    assert (canvas.y[:, :12] == 16).all() and (canvas.y[:, 52:] == 16).all()
    assert canvas.y[40, 44] == pytest.approx(16 + 200 * 219 / 255, abs=3)
    assert (canvas.u == 128).all()


@pytest.mark.parametrize(
    ("size_wh", "into_wh", "expected"),
    [
        ((640, 480), (640, 480), (1.0, 0.0, 0.0)),
        ((1280, 960), (640, 480), (0.5, 0.0, 0.0)),
        ((320, 480), (640, 480), (1.0, 160.0, 0.0)),
        ((1280, 720), (640, 480), (0.5, 0.0, 60.0)),
    ],
)
def test_how_a_picture_lies_in_another(size_wh, into_wh, expected):
    assert fit(size_wh, into_wh) == expected


def test_a_place_that_cannot_be_written_is_an_error(tmp_path):
    with pytest.raises(OSError):
        VideoWriter(tmp_path / "no folder" / "video.mp4", (64, 48))


def test_the_picture_given_is_left_as_it_was(tmp_path):
    frame = picture(120, (64, 48))
    frame.pts = 77
    before = frame.to_ndarray().copy()
    writer = VideoWriter(tmp_path / "video.mp4", (64, 48))
    writer.add(frame, 3.0)
    writer.close()
    assert frame.pts == 77 and np.array_equal(frame.to_ndarray(), before)
