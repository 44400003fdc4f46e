"""The playable copy: every picture of the original at its own time, with its sound."""

import shutil

import pytest

from processor import decode
from processor.proxy import make_proxy
from tests import clips
from tests.processor import films

pytestmark = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="needs ffmpeg to make videos with sound")


def proxy(path, tmp_path):
    target = tmp_path / "copy.mp4.part"
    shares = []
    make_proxy(path, target, 10**8, shares.append)
    assert shares == sorted(shares) and 0 <= shares[0] and shares[-1] <= 1
    return target


@pytest.mark.parametrize(
    "kind", ["hevc.mp4", "avi", *(pytest.param(k, marks=pytest.mark.slow) for k in ("webm", "ts", "mov"))]
)
def test_pictures_and_sound_of_every_kind(tmp_path, kind):
    source = films.with_sound(tmp_path / f"clip.{kind}", kind, 3)
    made = films.probe(target := proxy(source, tmp_path))
    assert films.times(target) == pytest.approx(films.times(source), abs=1e-4)
    assert (made["video"]["codec_name"], made["video"]["pix_fmt"], made["audio"]["codec_name"]) == (
        "h264", "yuv420p", "aac",
    )  # fmt: skip
    assert float(made["audio"]["duration"]) == pytest.approx(3.0, abs=0.05)
    assert films.loudness(target, 0.1, 0.9) < 1e-4 < 0.05 < films.loudness(target, 1.1, 1.9)
    assert films.loudness(target, 2.1, 2.9) < 1e-4


@pytest.mark.slow
def test_small_quick_to_seek_and_its_index_first(tmp_path):
    source = films.with_sound(tmp_path / "clip.mp4", "mp4", 4, "1280x720")
    target = proxy(source, tmp_path)
    made = films.probe(target)["video"]
    assert (made["width"], made["height"]) == (960, 540)
    keyframes = films.keyframes(target)
    assert keyframes[0] == 0 and max(b - a for a, b in zip(keyframes, keyframes[1:], strict=False)) <= 1.05
    content = target.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")
    assert target.stat().st_size < source.stat().st_size / 2


def test_picture_n_is_picture_n(tmp_path):
    """Variable rate, B-frames: the numbers drawn into the pictures come out in order, at their times."""
    clip = clips.variable_rate(tmp_path / "clip.mp4")
    target = proxy(clip.path, tmp_path)
    assert films.times(target) == pytest.approx(clip.times_s, abs=1e-4)
    report = decode.DecodeReport()
    numbers = [clips.number_of(p.to_ndarray(format="bgr24")) for *_, p in decode.pictures(target, 10**8, report)]
    assert numbers == list(range(clip.frames))


@pytest.mark.parametrize("rotation_deg", [90, 180, 270])
def test_phone_videos_are_stored_upright(tmp_path, rotation_deg):
    clip = clips.rotated(tmp_path / "clip.mp4", rotation_deg)
    target = proxy(clip.path, tmp_path)
    info = decode.probe(target, 10**8)
    assert (info.width, info.height, info.rotation_deg) == (240, 320, 0)
    assert [clips.number_of(bgr) for bgr in films.pictures(target)] == list(range(clip.frames))


@pytest.mark.parametrize(
    ("make", "size_wh"),
    [
        (clips.odd_size, (640, 358)),
        (clips.tiny, (16, 16)),
        (clips.one_frame, (320, 240)),
        (clips.late_start, (320, 240)),
    ],
)
def test_odd_ones(tmp_path, make, size_wh):
    clip = make(tmp_path / "clip.mkv")
    target = proxy(clip.path, tmp_path)
    info = decode.probe(target, 10**8)
    assert (info.width, info.height) == size_wh
    assert films.times(target) == pytest.approx(clip.times_s, abs=2e-3)  # Matroska counts in milliseconds
    assert films.probe(target)["audio"] is None


def test_damaged_packets_are_left_out_as_when_analysed(tmp_path):
    clip = clips.corrupt(tmp_path / "clip.mp4")
    assert films.times(proxy(clip.path, tmp_path)) == pytest.approx(films.times(clip.path), abs=1e-4)


@pytest.mark.slow
def test_sound_that_begins_before_or_after_the_pictures_stays_in_step(tmp_path):
    """The tone begins with second 1 of the sound; that starts half a second before, or after, the first picture."""
    source = films.with_sound(tmp_path / "clip.mp4", "mp4", 3)
    for offset_s in (-0.5, 0.5):
        shifted = tmp_path / f"shifted{offset_s}.mkv"
        films.shift_sound(source, shifted, offset_s)
        target = proxy(shifted, tmp_path)
        edge_s = 1 + offset_s
        quiet, loud = (
            films.loudness(target, edge_s - 0.3, edge_s - 0.1),
            films.loudness(target, edge_s + 0.1, edge_s + 0.8),
        )
        assert quiet < 1e-4 < 0.05 < loud, offset_s


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (clips.text, "clip.mp4 can't be opened as a video"),
        (clips.audio_only, "clip.mp4 has no picture. It holds sound only."),
        (clips.empty_file, r"clip.mp4 is empty \(0 bytes\)"),
        (lambda path: None, "clip.mp4 is gone"),
    ],
)
def test_what_is_no_video(tmp_path, make, sentence):
    make(tmp_path / "clip.mp4")
    with pytest.raises(decode.VideoUnreadable, match=sentence):
        make_proxy(tmp_path / "clip.mp4", tmp_path / "copy.mp4", 10**8)


def test_zero_frames_and_too_large(tmp_path):
    clips.zero_frames(tmp_path / "clip.avi")
    with pytest.raises(decode.VideoUnreadable, match="without a single picture"):
        make_proxy(tmp_path / "clip.avi", tmp_path / "copy.mp4", 10**8)
    clips.plain(tmp_path / "clip.mp4", 1)
    with pytest.raises(decode.VideoUnreadable, match="the limit is 1,000 pixels"):
        make_proxy(tmp_path / "clip.mp4", tmp_path / "copy.mp4", 1000)


def test_a_playlist_is_not_followed(tmp_path):
    secret = clips.plain(tmp_path / "secret.mp4", 1).path
    for number, pointer in enumerate(clips.POINTERS.values()):
        pointer(path := tmp_path / f"{number}.mp4", secret)
        with pytest.raises(decode.VideoUnreadable):
            make_proxy(path, tmp_path / "copy.mp4", 10**8)


def test_a_full_disk_is_an_error_of_the_disk(tmp_path):
    source = films.with_sound(tmp_path / "clip.mp4", "mp4", 1)
    with pytest.raises(OSError) as error:
        make_proxy(source, "/dev/full", 10**8)
    assert error.value.errno == 28
