"""`python -m bench`: analysis beside decoding alone, for each video and detector, as a Markdown table."""

from __future__ import annotations

import os
import shlex
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import Annotated

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import typer

from bench import machine, measure, sections, videos
from processor import faces
from processor.config import Home, Settings, load
from processor.decode import probe
from processor.pipeline import Analyser

DETECTORS = ("yunet", "haar")

# DESIGN section 6: how often the time to only decode an analysis may take, by height in pixels.
RATIO_BELOW_720, RATIO_FROM_720 = 2.0, 1.5


def table(rows: list[dict], detectors: list[str]) -> str:
    """The results as a Markdown table; a ratio above its limit is bold."""
    head = ["video", "codec", "size", "frames", "decode only, s"]
    for name in detectors:
        head += [f"{name}: analysis, s", "ratio", "peak, MiB"]
    lines = [head, ["---"] * len(head)]
    for row in rows:
        cells = [row["name"], row["codec"], row["size"], str(row["frames"]), str(row["decode"])]
        for name in detectors:
            ratio = row[name].median / row["decode"].median
            cells += [str(row[name]), f"**{ratio:.2f}**" if ratio > row["limit"] else f"{ratio:.2f}",
                      f"{row[name + '_peak_mb']:.0f}"]  # fmt: skip
        lines.append(cells)
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def bench_home(scratch: Path) -> tuple[Home, list[str]]:
    """A home for the benchmark with the models of the real one, and the detectors that can be measured."""
    home, shared = Home(scratch / "home").create(), videos.shared_folder()
    real = Home(load().home).models
    files = list(real.iterdir()) if real.is_dir() else []
    yunet = faces.yunet_file(real) or (shared and faces.yunet_file(shared / "models"))
    for file in {*files, *([yunet] if yunet else [])}:
        (home.models / file.name).symlink_to(file.resolve())
    if not yunet:
        print("YuNet's file is not here (python -m processor models pull): only Haar is measured.", file=sys.stderr)
    return home, [name for name in DETECTORS if name == "haar" or yunet]


def main(
    repeats: Annotated[int, typer.Option(min=1, help="Measurements of each; the median is shown.")] = 5,
    quick: Annotated[bool, typer.Option(help="Only the first video, without re-encodings.")] = False,
    write: Annotated[bool, typer.Option("--write", help="Also put it into bench/RESULTS.md.")] = False,
) -> None:
    """Time a whole analysis at the default settings, without start-up, beside only decoding the same file."""
    about = machine.describe()
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        home, detectors = bench_home(scratch)
        files = videos.originals(scratch)
        files = files[:1] if quick else files + videos.reencodings(files[0], scratch)
        settings = {name: load(home=home.path, detector=name) for name in detectors}
        analysers = {name: Analyser(settings[name]) for name in detectors}
        rows = [_row(file, analysers, settings, repeats) for file in files]
        fps, model = settings["haar"].sample_fps, analysers["haar"].classifier.model_id
    command = shlex.join(["python", "-m", "bench", *sys.argv[1:]])
    text = f"""## Analysis beside decoding alone

`{command}`, {date.today()}. {about}

- Medians of {repeats}, smallest and largest in brackets; decoding and analyses take turns.
- Decode only: PyAV, every frame, no conversion, all the threads that the codec can use.
- Analysis: `Analyser.analyse` at {fps:g} frames a second, model `{model}`, loaded and warmed up before.
- Ratio: analysis to decode only. Limit: {RATIO_BELOW_720:g} below 720 pixels of height, {RATIO_FROM_720:g} from 720 on,
  bold where it is more.
- Peak: largest resident memory of a fresh process that loads everything and analyses the file.

{table(rows, detectors)}
"""
    print(text)
    if write:
        sections.write(text, "`python -m bench`")


def _row(file: Path, analysers: dict, settings: dict[str, Settings], repeats: int) -> dict:
    print(f"{file.name} ...", file=sys.stderr)
    info = probe(file, settings["haar"].max_pixels)
    work = {"decode": lambda: measure.decode(file)}
    for name, analyser in analysers.items():
        work[name] = lambda analyser=analyser: analyser.analyse(file)
    for call in work.values():  # unmeasured: fills the system's file cache, and compiles the network
        call()
    peaks = {f"{name}_peak_mb": measure.peak_memory_mb(file, settings[name])[0] for name in analysers}
    return {
        "name": file.name, "codec": info.codec, "size": f"{info.width}x{info.height}", "frames": measure.decode(file),
        "limit": RATIO_FROM_720 if info.height >= 720 else RATIO_BELOW_720,
        **measure.side_by_side(work, repeats), **peaks,
    }  # fmt: skip


if __name__ == "__main__":
    typer.run(main)
