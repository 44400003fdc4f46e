"""The table of the memory of live streams, and two short streams at once."""

import asyncio
import shutil

import pytest

from bench import live_film, live_memory
from bench.__main__ import bench_home
from tests import clips


def test_memory_is_told_after_some_minutes_and_at_the_end():
    rows = [
        {
            "size_wh": (640, 480),
            "people": people,
            "faces": 1.0,
            "looks": 9.04,
            "memory_mb": [900.0 + n for n in range(12)],
        }
        for people in (1, 3)
    ]
    rows[0]["memory_mb"] = [900.0] * 5  # broke off
    lines = live_memory.table(rows).splitlines()
    assert lines[0].endswith("| looked at, 1/s | 1 min, MiB | 5 min, MiB | 10 min, MiB | 12 min, MiB |")
    assert lines[2] == "| 640x480 | 1 | 1.00 | 9.0 | 900 | 900 | – | – |"
    assert lines[3] == "| 640x480 | 3 | 1.00 | 9.0 | 900 | 904 | 909 | 911 |"


@pytest.mark.slow
def test_two_streams_at_once(tmp_path):
    if shutil.which("ffmpeg") is None:
        pytest.skip("needs ffmpeg, which is not installed")
    clip = clips.plain(tmp_path / "clip.mp4", seconds=1)
    films = [live_film.film(clip.path, (320, 240), people) for people in (1, 3)]
    home, _ = bench_home(tmp_path)
    found = asyncio.run(live_memory.side_by_side(home.path, films, 0.05))
    assert [one["trouble"] for one in found] == [None, None]
    assert all(one["looks"] > 0 and one["memory_mb"][0] > 100 for one in found)
