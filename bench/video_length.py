"""`python -m bench.video_length`: memory must not grow with a video's length.

Analyses a short video and a long one, made by repeating the same file, each in a fresh process.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Annotated

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import typer

from bench import machine, measure, videos
from bench.__main__ import bench_home
from processor.config import load
from processor.decode import probe


def main(
    short_min: Annotated[float, typer.Option(help="Length of the short video, in minutes.")] = 2,
    long_min: Annotated[float, typer.Option(help="Length of the long video, in minutes.")] = 120,
) -> None:
    """Print the largest memory and the time for a short and a long video."""
    print(machine.describe(), "\n")
    print("| length, min | size, MB | analysis, s | times real time | peak, MiB |\n| --- | --- | --- | --- | --- |")
    peaks = []
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        home, _ = bench_home(scratch)
        settings = load(home=home.path)
        video = videos.originals(scratch)[0]
        duration_s = probe(video, settings.max_pixels).duration_s
        for minutes in (short_min, long_min):
            file = videos.looped(video, max(1, round(minutes * 60 / duration_s)), scratch)
            length_s = probe(file, settings.max_pixels).duration_s
            peak_mb, seconds = measure.peak_memory_mb(file, settings)
            peaks.append(peak_mb)
            size_mb = file.stat().st_size / 1e6
            print(f"| {length_s / 60:.1f} | {size_mb:.0f} | {seconds:.1f} | {length_s / seconds:.0f} | {peak_mb:.0f} |")
            file.unlink()
    print(f"\nThe long one uses {peaks[1] / peaks[0]:.2f} times the memory of the short one.")


if __name__ == "__main__":
    typer.run(main)
