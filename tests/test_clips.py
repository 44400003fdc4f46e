"""The clips that other tests trust are what they say, read back with PyAV and nothing of Moodreel."""

import av
import pytest

from tests import clips


def shown(path):
    """Times from the first picture on, and numbers, of the pictures in `path`, as stored."""
    with av.open(str(path)) as video:
        pictures = [(frame.time, clips.number_of(frame.to_ndarray(format="bgr24"))) for frame in video.decode(video=0)]
    return [t_s - pictures[0][0] for t_s, _ in pictures], [number for _, number in pictures]


@pytest.mark.slow
@pytest.mark.parametrize("kind", clips.CONTAINERS)
def test_every_kind(tmp_path, kind):
    clip = clips.of_kind(tmp_path / f"clip.{kind}", kind, seconds=1)
    times_s, numbers = shown(clip.path)
    assert times_s == pytest.approx(clip.times_s, abs=0.001)
    assert numbers == list(range(clip.frames))


@pytest.mark.parametrize("make", [clips.one_frame, clips.tiny, clips.odd_size, clips.variable_rate, clips.late_start])
def test_odd_ones(tmp_path, make):
    clip = make(tmp_path / "clip.mp4")
    times_s, numbers = shown(clip.path)
    assert times_s == pytest.approx(clip.times_s, abs=0.001)
    assert numbers == list(range(clip.frames))


def test_rotated_says_so(tmp_path):
    with av.open(str(clips.rotated(tmp_path / "clip.mp4", 90).path)) as video:
        frame = next(video.decode(video=0))
        assert (frame.width, frame.height, frame.rotation) == (320, 240, -90)  # FFmpeg counts anticlockwise


def test_corrupt_loses_only_the_damaged(tmp_path):
    clip = clips.corrupt(tmp_path / "clip.mp4")
    numbers, bad = [], 0
    with av.open(str(clip.path)) as video:
        for packet in video.demux(video=0):
            try:
                numbers += [clips.number_of(frame.to_ndarray(format="bgr24")) for frame in packet.decode()]
            except av.error.InvalidDataError:
                bad += 1
    assert numbers == [number for number in range(50) if number not in clip.damaged]
    assert bad == len(clip.damaged) == 3


def test_growing_ends_complete(tmp_path):
    with clips.growing(tmp_path / "clip.mp4", b"0123456789" * 100, seconds=0.1) as writer:
        assert writer.is_alive()
    assert (tmp_path / "clip.mp4").read_bytes() == b"0123456789" * 100
