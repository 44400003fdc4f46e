"""What the benchmark prints, against figures worked out by hand."""

import shutil

import pytest

from bench import videos
from bench.__main__ import table
from bench.measure import Spread, decode, side_by_side
from tests import clips


def test_spread_is_median_low_and_high():
    assert Spread.of([3.0, 1.0, 2.0]) == Spread(median=2.0, low=1.0, high=3.0)
    assert str(Spread.of([0.5])) == "0.50 (0.50–0.50)"


def test_work_takes_turns():
    order = []
    side_by_side({"a": lambda: order.append("a"), "b": lambda: order.append("b")}, repeats=3)
    assert order == ["a", "b"] * 3


def test_ratio_above_its_limit_is_bold():
    def row(name, limit, seconds):
        size = {"name": name, "codec": "h264", "size": "640x360", "frames": 25, "limit": limit}
        return size | {"decode": Spread(2, 2, 2), "haar": Spread(seconds, seconds, seconds), "haar_peak_mb": 812.4}

    lines = table([row("slow.mp4", 1.5, 3.2), row("fast.mp4", 2.0, 3.2)], ["haar"]).splitlines()
    assert lines[2].endswith("| 3.20 (3.20–3.20) | **1.60** | 812 |")
    assert lines[3].endswith("| 3.20 (3.20–3.20) | 1.60 | 812 |")


def test_decode_counts_every_frame(tmp_path):
    assert decode(clips.variable_rate(tmp_path / "clip.mp4").path) == 35


@pytest.mark.parametrize("times", [1, 3])
def test_loop_repeats_the_file(tmp_path, times):
    if shutil.which("ffmpeg") is None:
        pytest.skip("needs ffmpeg, which is not installed")
    clip = clips.plain(tmp_path / "clip.mp4", seconds=1)
    assert decode(videos.looped(clip.path, times, tmp_path)) == clip.frames * times
