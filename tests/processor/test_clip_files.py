"""Clips of moments: exact to the picture, with their sound, in one ZIP."""

import shutil
import zipfile

import cv2
import numpy as np
import pytest

from processor import decode
from processor.annotate import blurring
from processor.clip_files import clip_name, make_clips
from tests import clips
from tests.processor import films
from tests.processor.faces_seen import faces

pytestmark = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="needs ffmpeg to make videos with sound")


def made(path, tmp_path, moments, before_s=0.2, after_s=0.4, **options):
    target = tmp_path / "clips.zip.part"
    shares = []
    make_clips(path, target, 10**8, moments, before_s, after_s, on_progress=shares.append, **options)
    assert shares == sorted(shares) and shares[-1] <= 1
    assert [file.name for file in tmp_path.glob("clips*")] == [target.name]
    with zipfile.ZipFile(target) as archive:
        assert all(entry.compress_type == zipfile.ZIP_STORED for entry in archive.infolist())
        archive.extractall(tmp_path / "out")
        return [tmp_path / "out" / name for name in archive.namelist()]


def numbers(path):
    return [clips.number_of(bgr) for bgr in films.pictures(path)]


@pytest.mark.parametrize("kind", ["mp4", "hevc.mp4", "avi", "mkv", pytest.param("webm", marks=pytest.mark.slow)])
def test_exact_to_the_picture(tmp_path, kind):
    """25 pictures a second: of moment 6 s, from 5.8 on and before 6.4, those are 145 to 159."""
    clip = clips.of_kind(tmp_path / f"clip.{kind}", kind, seconds=8)
    late, early = made(clip.path, tmp_path, [{"t_s": 6.0, "name": "peak happy"}, {"t_s": 0.1, "name": "first"}])[::-1]
    assert (early.name, late.name) == ("01_first_0-00-00.mp4", "02_peak_happy_0-00-06.mp4")
    assert numbers(late) == list(range(145, 160))
    assert numbers(early) == list(range(13))  # before_s reaches before the video
    assert films.times(late) == pytest.approx([n / 25 for n in range(15)], abs=2e-3)


@pytest.mark.slow
def test_sound_of_the_part_and_no_other(tmp_path):
    """The tone is on in every odd second: of 4.5 to 5.5, in the second half."""
    source = films.with_sound(tmp_path / "clip.mp4", "mp4", 7)
    [clip] = made(source, tmp_path, [{"t_s": 5.0, "name": "x"}], 0.5, 0.5)
    sound = films.probe(clip)["audio"]
    assert sound["codec_name"] == "aac" and float(sound["duration"]) == pytest.approx(1.0, abs=0.05)
    assert films.loudness(clip, 0.05, 0.45) < 1e-4 < 0.05 < films.loudness(clip, 0.55, 0.95)


def test_variable_rate_and_a_moment_in_a_pause(tmp_path):
    clip = clips.variable_rate(tmp_path / "clip.mp4")
    pause_s = max(b - a for a, b in zip(clip.times_s, clip.times_s[1:], strict=False))
    assert pause_s == pytest.approx(2.0)
    before = next(t for t, u in zip(clip.times_s, clip.times_s[1:], strict=False) if u - t > 1.9)
    first, second = made(
        clip.path, tmp_path, [{"t_s": before, "name": "a"}, {"t_s": before + 2, "name": "b"}], 0.35, 0.1
    )
    expected = [t for t in clip.times_s if before - 0.35 <= t < before + 0.1]
    assert films.times(first) == pytest.approx([t - expected[0] for t in expected], abs=1e-3)
    assert numbers(second)[0] == clip.times_s.index(before) + 1


def test_blurred(tmp_path):
    noise = np.random.default_rng(5).integers(60, 190, (240, 320, 1), dtype=np.uint8).repeat(3, axis=2)
    path = tmp_path / "clip.mp4"
    clips.write(path, clips.even(4, 25), turn=lambda _: noise, encoder={"crf": "5", "preset": "ultrafast"})
    edit = blurring(faces((1, 3.0, (100, 100, 60, 60), "happy")), 0.5, (320, 240))
    [clip] = made(path, tmp_path, [{"t_s": 3.0, "name": "x"}], edit=edit)

    def sharpness(picture, x):
        return cv2.Laplacian(cv2.cvtColor(picture[100:160, x : x + 60], cv2.COLOR_BGR2GRAY), cv2.CV_64F).var()

    for picture in films.pictures(clip):
        assert sharpness(picture, 100) < 100 < sharpness(picture, 220)


def test_a_moment_after_the_last_picture_has_no_clip(tmp_path):
    clip = clips.plain(tmp_path / "clip.mp4", 2)
    moments = [{"t_s": 1.0, "name": "in"}, {"t_s": 2.5, "name": "out"}]
    [only] = made(clip.path, tmp_path, moments)
    assert only.name == "01_in_0-00-01.mp4"
    with pytest.raises(decode.VideoUnreadable, match="clip.mp4 has no picture at any of these moments."):
        make_clips(clip.path, tmp_path / "no.zip", 10**8, moments[1:], 0.2, 0.4)


@pytest.mark.parametrize(
    ("number", "of", "name", "t_s", "expected"),
    [
        (1, 5, "peak happy", 65.4, "01_peak_happy_0-01-05.mp4"),
        (12, 340, "Zoë: стресс?", 3661, "012_Zoë_стресс_1-01-01.mp4"),
        (1, 1, "../../etc/passwd", 0, "01_etc_passwd_0-00-00.mp4"),
        (1, 1, "<>:|*", 0, "01_moment_0-00-00.mp4"),
        (1, 1, "x" * 200, 0, f"01_{'x' * 60}_0-00-00.mp4"),
    ],
)
def test_names_that_every_file_system_takes(number, of, name, t_s, expected):
    assert clip_name(number, of, {"name": name, "t_s": t_s}) == expected
