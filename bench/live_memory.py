"""`python -m bench.live_memory`: whether live streams hold more memory the longer they run."""

from __future__ import annotations

import asyncio
import shlex
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from bench import live, machine, sections, videos
from bench.__main__ import bench_home
from bench.live_film import FPS, film

AT_MIN = (1, 5, 10, 20, 30, 45, 60)


async def side_by_side(home: Path, films: list[list[bytes]], minutes: float) -> list[dict]:
    """Stream all films at once, each to a server of its own; as from `live.measured`."""
    return await asyncio.gather(*(live.measured(home, pictures, minutes) for pictures in films))


def table(rows: list[dict]) -> str:
    """The results as a Markdown table: memory after some of the minutes.

    rows: as from `live.measured`, with `size_wh` and `people`; one that broke off has nothing from then on.
    """
    whole = max(len(row["memory_mb"]) for row in rows)
    at = sorted({minute for minute in (*AT_MIN, whole) if minute <= whole})
    lines = [["picture", "faces", "found", "looked at, 1/s", *(f"{minute} min, MiB" for minute in at)]]
    lines.append(["---"] * len(lines[0]))
    for row in rows:
        (width, height), memory_mb = row["size_wh"], row["memory_mb"]
        lines.append([
            f"{width}x{height}", str(row["people"]), f"{row['faces']:.2f}", f"{row['looks']:.1f}",
            *(f"{memory_mb[minute - 1]:.0f}" if minute <= len(memory_mb) else "–" for minute in at),
        ])  # fmt: skip
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def main(
    minutes: Annotated[int, typer.Option(min=1, help="How long the streams run.")] = 30,
    write: Annotated[bool, typer.Option("--write", help="Also put it into bench/RESULTS.md.")] = False,
) -> None:
    """Four streams at once, of each size of the picture and number of faces, each to a server of its own."""
    about = machine.describe()
    which = [(size_wh, people) for size_wh in live.SIZES for people in live.FACES]
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        home, _ = bench_home(scratch)
        video = videos.originals(scratch)[0]
        films = [film(video, size_wh, people) for size_wh, people in which]
        found = asyncio.run(side_by_side(home.path, films, minutes))
    rows = [{"size_wh": size_wh, "people": people, **row} for (size_wh, people), row in zip(which, found, strict=True)]
    for row in rows:
        if row["trouble"]:
            (width, height), people = row["size_wh"], row["people"]
            print(f"{width}x{height}, faces: {people}. {row['trouble']}", file=sys.stderr)
    text = f"""## Live, memory

`{shlex.join(["python", "-m", "bench.live_memory", *sys.argv[1:]])}`, {date.today()}. {about}

Four streams of {FPS} frames a second, as under "Live", for {minutes} minutes at the same time, each to a server in a
process of its own, whose memory this is. They share the machine's cores, so none is looked at as often as it would be
alone: this is a measure of memory only. Model `{rows[0]["model"]}`, detector `{rows[0]["detector"]}`.

{table(rows)}
"""
    print(text)
    if write:
        sections.write(text, "`python -m bench.live_memory`")


if __name__ == "__main__":
    typer.run(main)
