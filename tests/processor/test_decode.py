"""Decoding: times, sampling, rotation, and what is refused with which words."""

import os

import av
import numpy as np
import pytest

from processor.decode import DecodeReport, VideoUnreadable, ended_early, frames, probe
from tests import clips

EIGHT_K = 8192 * 4320


def sampled(path, fps=2.0, report=None):
    return [(frame.index, frame.t_s) for frame in frames(path, fps, EIGHT_K, report)]


def nearest(times_s, fps):
    """The frames nearest to the grid, worked out the slow way: each grid time looks at all frames."""
    grid = np.arange(0, times_s[-1] + 1e-6, 1 / fps)
    return sorted({int(np.abs(np.array(times_s) - tick).round(6).argmin()) for tick in grid})


@pytest.mark.slow
@pytest.mark.parametrize("kind", clips.CONTAINERS)
def test_every_container_gives_the_frames_nearest_to_the_grid(tmp_path, kind):
    clip = clips.of_kind(tmp_path / f"clip.{kind}", kind, seconds=3)
    seen = sampled(clip.path)
    assert [index for index, _ in seen] == nearest(clip.times_s, 2)
    assert [t_s for _, t_s in seen] == pytest.approx([clip.times_s[index] for index, _ in seen], abs=0.001)


@pytest.mark.parametrize("fps", [0.5, 2, 7, 25, 60])
@pytest.mark.parametrize("make", [clips.plain, clips.variable_rate, clips.late_start, clips.one_frame])
def test_sampling_at_any_rate(tmp_path, make, fps):
    clip = make(tmp_path / "clip.mp4")
    seen = sampled(clip.path, fps)
    assert [index for index, _ in seen] == nearest(clip.times_s, fps)
    assert [t_s for _, t_s in seen] == pytest.approx([clip.times_s[index] for index, _ in seen], abs=0.001)


def test_pictures_belong_to_their_numbers(tmp_path):
    clip = clips.plain(tmp_path / "clip.mp4", seconds=3)
    seen = list(frames(clip.path, 4, EIGHT_K))
    assert [clips.number_of(frame.bgr) for frame in seen] == [frame.index for frame in seen]


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_phone_video_comes_out_upright(tmp_path, rotation):
    clip = clips.rotated(tmp_path / "clip.mp4", rotation)
    seen = list(frames(clip.path, 2, EIGHT_K))
    assert [clips.number_of(frame.bgr) for frame in seen] == [frame.index for frame in seen]
    info = probe(clip.path, EIGHT_K)
    assert (info.width, info.height) == seen[0].bgr.shape[1::-1] == tuple(clip.size_wh)


@pytest.mark.slow
@pytest.mark.parametrize("make", [clips.tiny, clips.odd_size, clips.frame_8k])
def test_sizes(tmp_path, make):
    clip = make(tmp_path / "clip.mp4")
    info = probe(clip.path, EIGHT_K)
    assert (info.width, info.height, info.codec) == (*clip.size_wh, clip.codec)
    assert next(frames(clip.path, 2, EIGHT_K)).bgr.shape == (*clip.size_wh[::-1], 3)


def test_probe_says_what_the_container_says(tmp_path):
    info = probe(clips.plain(tmp_path / "clip.mp4", seconds=2).path, EIGHT_K)
    assert info.duration_s == pytest.approx(2.0, abs=0.001)
    assert info.fps == pytest.approx(25)
    assert info.frames == 50


def test_damaged_packets_are_skipped_and_counted(tmp_path):
    clip = clips.corrupt(tmp_path / "clip.mp4", damaged=(10, 11, 30))
    report = DecodeReport()
    seen = [index for index, _ in sampled(clip.path, 25, report)]
    assert report.corrupt_packets == 3
    assert len(seen) == 47


def test_half_a_video_gives_what_is_there_and_says_so(tmp_path):
    clip = clips.cut_with_index(tmp_path / "half.mp4")
    report = DecodeReport()
    seen = sampled(clip.path, 2, report)
    assert 0 < len(seen) < len(nearest(clip.times_s, 2))
    assert "breaks off" in ended_early(clip.path, report)


def test_a_whole_video_does_not_end_early(tmp_path):
    clip = clips.plain(tmp_path / "clip.mp4")
    report = DecodeReport()
    sampled(clip.path, 2, report)
    assert ended_early(clip.path, report) is None


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (clips.empty_file, "is empty"),
        (clips.text, "can't be opened as a video"),
        (clips.noise, "can't be opened as a video"),
        (clips.cut_at_half, "can't be opened as a video"),
        (clips.cut_at_1_kb, "can't be opened as a video"),
        (clips.audio_only, "sound only"),
        (clips.zero_frames, "without a single picture"),
        pytest.param(clips.beyond_8k, "8320x4400", marks=pytest.mark.slow),
        (clips.sdp, "can't be opened as a video"),
    ],
)
def test_bad_input_is_refused_in_a_sentence_that_names_the_file(tmp_path, make, words):
    path = tmp_path / "clip.mp4"
    make(path)
    for attempt in (lambda: probe(path, EIGHT_K), lambda: list(frames(path, 2, EIGHT_K))):
        with pytest.raises(VideoUnreadable) as refusal:
            attempt()
        assert words in str(refusal.value)
        assert str(refusal.value).startswith("clip.mp4 ")


@pytest.mark.parametrize("make", [clips.hls_playlist, clips.concat_script, clips.dash_manifest])
def test_a_playlist_is_refused_and_its_target_never_opened(tmp_path, make):
    target = tmp_path / "secret.mp4"
    os.mkfifo(target)  # opening it would block for ever
    make(tmp_path / "list.mp4", target)
    with pytest.raises(VideoUnreadable, match="playlist"):
        probe(tmp_path / "list.mp4", EIGHT_K)


def test_a_playlist_in_disguise_is_stopped_by_the_list_of_containers(tmp_path):
    """Leading comments keep it from being recognised; FFmpeg itself would still take it for a script."""
    target = clips.plain(tmp_path / "secret.mp4").path
    path = tmp_path / "list.mp4"
    path.write_text(f"# nothing to see\nffconcat version 1.0\nfile '{target}'\n")
    with av.open(str(path), format="concat", options={"safe": "0"}) as followed:
        assert followed.streams.video
    with pytest.raises(VideoUnreadable):
        probe(path, EIGHT_K)


def test_missing_and_forbidden_files(tmp_path):
    with pytest.raises(VideoUnreadable, match="is gone"):
        probe(tmp_path / "nothing.mp4", EIGHT_K)
    with pytest.raises(VideoUnreadable, match="can't be read"):
        probe(tmp_path, EIGHT_K)


@pytest.mark.parametrize("name", ['it\'s "mine".mp4', "two\nlines.mp4", "🎬 ünï.mp4", "100%:d.mp4", "-v.mp4"])
def test_odd_names(tmp_path, name):
    clip = clips.plain(tmp_path / name, seconds=1)
    assert len(sampled(clip.path)) == 2


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path):
    clip = clips.plain(tmp_path / "clip.mp4", seconds=2)
    reading = frames(clip.path, 2, EIGHT_K)
    next(reading)
    with open(clip.path, "ab") as file:
        file.write(b"more")
    with pytest.raises(VideoUnreadable, match="changed while it was being read"):
        list(reading)
