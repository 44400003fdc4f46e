"""The film of the live benchmark, its table, and one short run of all of it."""

import asyncio
import shutil

import av
import numpy as np
import pytest

from bench import live, live_film
from bench.__main__ import bench_home
from tests import clips


@pytest.mark.parametrize("number", [0, 1, 149, 255])
def test_number_comes_back_mirrored_and_noisy(number):
    luma = np.full((48, 160), 90, np.uint8)
    live_film.stamp(luma, number)
    noisy = luma[:, ::-1] + np.random.default_rng(1).integers(0, 20, luma.shape, np.uint8)
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(noisy), format="gray")
    assert live_film.number_of(frame) == number


def row(**figures):
    usual = {
        "size_wh": (640, 480), "people": 1, "faces": 0.98, "fps": 29.5, "looks": 21.0, "age_ms": (60.4, 120.0),
        "delay_ms": (80.0, 160.0), "first_s": 0.9, "cpu": 1.25, "memory_mb": [900.0],
    }  # fmt: skip
    return usual | figures


def test_targets_that_are_missed_are_bold():
    lines = live.table([row(), row(fps=14.9, age_ms=(151.0, 400.0))], 1).splitlines()
    assert lines[2] == "| 640x480 | 1 | 0.98 | 29.5 | 21.0 | 60 | 120 | 80 | 160 | 0.9 | 1.25 | 900 | – |"
    assert "| **14.9** |" in lines[3] and "| **151** | 400 |" in lines[3]


def test_larger_pictures_have_no_target():
    large = live.table([row(size_wh=(1280, 720), fps=9.0, age_ms=(300.0, 400.0))], 1)
    assert "**" not in large


def test_memory_at_the_end_of_long_runs():
    lines = live.table([row(memory_mb=[900.0, 950.0, 905.0])], 30).splitlines()
    assert "at 30 min" in lines[0] and lines[2].endswith("| 900 | 905 |")


@pytest.mark.slow
def test_a_stream_is_measured(tmp_path):
    if shutil.which("ffmpeg") is None:
        pytest.skip("needs ffmpeg, which is not installed")
    clip = clips.plain(tmp_path / "clip.mp4", seconds=1)
    pictures = live_film.film(clip.path, (320, 240), 3)
    assert len(pictures) == live_film.FRAMES
    home, _ = bench_home(tmp_path)
    found = asyncio.run(live.measured(home.path, pictures, minutes=0.05))
    assert found["trouble"] is None and found["faces"] == 0
    assert found["looks"] > 0 and found["fps"] > 0
    assert 0 < found["age_ms"][0] <= found["age_ms"][1] and 0 < found["delay_ms"][0] <= found["delay_ms"][1]
    assert found["cpu"] > 0 and found["memory_mb"][0] > 0
