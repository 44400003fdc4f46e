"""`python -m bench.live_page`: the Live page in a browser with a camera, for long: what stays, and what grows."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from bench import machine, sections, videos
from bench.__main__ import bench_home
from bench.live_film import FPS
from bench.network import CONNECTING, NoNetwork, own_network
from bench.opening import DASHBOARD, chromium, serving
from db.store import Store
from processor.config import Home

SIZE = "640:480"
WITHIN_MS = 120_000
AFTER_S = 30.0  # from Stop until what is left is counted
SHOWN = (0, 1, 5, 10, 20, 30, 45, 60)  # of the minutes, those that the table has, besides the last
CAMERA = (
    *CONNECTING, "--no-sandbox", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
    "--enable-precise-memory-info",
)  # fmt: skip
SEEN = "video => video.getVideoPlaybackQuality().totalVideoFrames"
HEAP = "performance.memory.usedJSHeapSize / 2 ** 20"


def camera_film(video: Path, to: Path) -> Path:
    """`video` as a film that Chromium plays as its camera, over and over."""
    placed = f"fps={FPS},scale={SIZE}:force_original_aspect_ratio=decrease,pad={SIZE}:-1:-1"
    command = ["ffmpeg", "-nostdin", "-loglevel", "error", "-i", str(video), "-vf", placed, "-t", "10",
               "-pix_fmt", "yuvj420p", "-q:v", "3", "-f", "mjpeg", str(to)]  # fmt: skip
    subprocess.run(command, check=True)
    return to


def held(pid: int) -> dict[str, float]:
    """What a process has: memory in MiB, threads, open files, and the seconds of processor time it used so far."""
    place = Path(f"/proc/{pid}")
    ticks = place.joinpath("stat").read_text().rpartition(")")[2].split()[11:13]
    return {
        "memory_mb": int(place.joinpath("statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20,
        "threads": len(list(place.joinpath("task").iterdir())),
        "files": len(list(place.joinpath("fd").iterdir())),
        "cpu_s": sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK"),
    }


def measured(home: Home, film: Path, minutes: int) -> tuple[list[dict], dict]:
    """Stream for that long: what the dashboard had at the start and after every minute, and after Stop."""
    from playwright.sync_api import sync_playwright

    executable = chromium()  # before anything is started
    with own_network(), serving(home, *DASHBOARD) as (url, pid), sync_playwright() as playwright:
        flags = [*CAMERA, f"--use-file-for-fake-video-capture={film}"]
        browser = playwright.chromium.launch(executable_path=executable, args=flags)
        page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        page.set_default_timeout(WITHIN_MS)
        page.goto(f"{url}/live")
        camera = page.locator("iframe[title*=webrtc]").content_frame
        camera.get_by_role("button", name="Start").click()
        page.get_by_text("Live.", exact=True).wait_for()
        video = camera.locator("video")
        began_s, rows = time.monotonic(), []
        for minute in range(minutes + 1):
            page.wait_for_timeout(1000 * max(0.0, began_s + 60 * minute - time.monotonic()))
            rows.append({
                "minute": minute, "at_s": time.monotonic(), "pictures": video.evaluate(SEEN),
                "heap_mb": page.evaluate(HEAP), **held(pid),
            })  # fmt: skip
            print(f"{minute} min: {rows[-1]}", file=sys.stderr)
        camera.get_by_role("button", name="Stop").click()
        page.wait_for_timeout(1000 * AFTER_S)
        after = {"heap_mb": page.evaluate(HEAP), **held(pid)}
        browser.close()
    return rows, after


def table(rows: list[dict], after: dict) -> str:
    """The chosen minutes as a Markdown table; pictures and cores since the row before."""
    lines = [
        ["minute", "pictures shown, 1/s", "CPU, cores", "memory, MiB", "threads", "open files", "page's heap, MiB"]
    ]
    lines.append(["---"] * len(lines[0]))
    before = None
    for row in rows:
        if row["minute"] not in SHOWN and row is not rows[-1]:
            continue
        rates = ["–", "–"]
        if before:
            seconds = row["at_s"] - before["at_s"]
            rates = [f"{(row['pictures'] - before['pictures']) / seconds:.1f}",
                     f"{(row['cpu_s'] - before['cpu_s']) / seconds:.2f}"]  # fmt: skip
        lines.append([str(row["minute"]), *rates, *_held(row)])
        before = row
    lines.append([f"{AFTER_S:g} s after Stop", "–", "–", *_held(after)])
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def _held(row: dict) -> list[str]:
    return [f"{row['memory_mb']:.0f}", f"{row['threads']}", f"{row['files']}", f"{row['heap_mb']:.0f}"]


def main(
    minutes: Annotated[int, typer.Option(min=1, help="How long the stream runs.")] = 60,
    write: Annotated[bool, typer.Option("--write", help="Also put it into bench/RESULTS.md.")] = False,
) -> None:
    """Stream a film of a face through the Live page, and count every minute what the dashboard holds."""
    about = machine.describe()
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        home, _ = bench_home(scratch)
        with Store(home.store, home.results) as store:
            store.confirm_purpose("benchmarks", "Nobody is kept.")  # or every page would ask for it first
            store.publish()
        video = videos.originals(scratch)[0]
        try:
            rows, after = measured(home, camera_film(video, scratch / "camera.mjpeg"), minutes)
        except NoNetwork as error:
            raise SystemExit(f"The benchmark of the Live page {error}.") from error
    text = f"""## Live, for long

`{shlex.join(["python", "-m", "bench.live_page", *sys.argv[1:]])}`, {date.today()}. {about}

The Live page in Chromium, whose camera plays `{video.name}` at {SIZE.replace(":", "x")} and {FPS} frames a second,
beside the dashboard on the same machine, without a graphics card; in a network of their own. Memory, threads, files and
cores are the dashboard's process's. Pictures and cores: since the row before; pictures as the browser shows them.

{table(rows, after)}
"""
    print(text)
    if write:
        sections.write(text, "`python -m bench.live_page`")


if __name__ == "__main__":
    typer.run(main)
