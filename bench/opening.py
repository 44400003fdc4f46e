"""How long a page takes in a real browser: from the address to what can be used. Chromium, driven by playwright."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

from bench import many
from bench.measure import Spread
from processor.config import Home

REPOSITORY = Path(__file__).parent.parent

# DESIGN section 6: the first paint of any page.
LIMIT_S = 2.0

# What is there when, in the page itself: looked at before every frame that is painted. A chart counts once Vega has
# drawn it and the script has ended.
WATCH = """
window.opened = {};
const there = {
  text: () => document.querySelector("h1"),
  table: () => document.querySelector("[data-testid=stDataFrame] canvas"),
  player: () => [...document.querySelectorAll("[data-testid=stBidiComponentIsolated]")].some(
    ({ shadowRoot }) => shadowRoot?.querySelector("video")?.readyState >= 2),
  chart: () => document.querySelector("[data-testid=stVegaLiteChart] .marks"),
  charts: () => {
    const charts = [...document.querySelectorAll("[data-testid=stVegaLiteChart]")];
    return charts.length > 5 && charts.every((chart) => chart.querySelector(".marks"))
      && document.querySelector("[data-testid=stApp][data-test-script-state=notRunning]");
  },
};
const look = () => {
  for (const name in there) {
    if (!(name in window.opened) && there[name]()) window.opened[name] = performance.now() / 1000;
  }
  requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""

DASHBOARD = ("streamlit", "run", "dashboard/app.py", "--server.address=127.0.0.1", "--server.port=PORT")
PAGES = {
    "Library": ("/", ("text", "table")),
    "Video, ordinary": (f"/video?video={many.ORDINARY}", ("text", "player", "chart", "charts")),
    "Video, 2 hours": (f"/video?video={many.TWO_HOURS}", ("text", "player", "chart", "charts")),
}
KINDS = {
    "text": "heading",
    "table": "table",
    "player": "player's first frame",
    "chart": "first chart",
    "charts": "all charts",
}


class Server(NamedTuple):
    """A server at work: its address, and the process that was started."""

    url: str
    pid: int


def chromium() -> str:
    """Where Chromium is. Raises SystemExit where there is none."""
    if found := shutil.which("chromium"):
        return found
    raise SystemExit("There is no Chromium to open pages with: apt-get install chromium.")


@contextmanager
def serving(home: Home, *command: str, out: BinaryIO | int = subprocess.DEVNULL) -> Iterator[Server]:
    """A server on a home, started by `python -m` with these words, `PORT` standing for a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    words = [sys.executable, "-m", *(word.replace("PORT", port) for word in command)]
    environment = os.environ | {"MOODREEL_HOME": str(home.path)}
    process = subprocess.Popen(words, cwd=REPOSITORY, env=environment, stdout=out, stderr=subprocess.STDOUT)
    try:
        answers(f"http://127.0.0.1:{port}/_stcore/health", process)
        yield Server(f"http://127.0.0.1:{port}", process.pid)
    finally:
        process.terminate()
        process.wait(60)


def answers(url: str, process: subprocess.Popen, within_s: float = 60) -> None:
    """Wait until the server at `url` answers. Raises SystemExit if it ends before, or does not in time."""
    end = time.monotonic() + within_s
    while process.poll() is None and time.monotonic() < end:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("The dashboard did not start: run `python -m processor up` and see what it says.")


def opened(context, url: str, kinds: tuple[str, ...]) -> dict[str, float]:
    """Open an address in a new tab; seconds from there until each kind of thing was to be seen."""
    page = context.new_page()
    try:
        page.add_init_script(WATCH)
        page.goto(url)
        page.wait_for_function(
            "kinds => kinds.every((kind) => kind in window.opened)", arg=list(kinds), timeout=120_000
        )
        return page.evaluate("window.opened")
    finally:
        page.close()


def measured(home: Home, repeats: int) -> str:
    """A Markdown table of how long `PAGES` take to open, after each was opened once. Needs Chromium and playwright."""
    from playwright.sync_api import sync_playwright

    executable = chromium()  # before anything is started
    with serving(home, *DASHBOARD) as (url, _), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": 1440, "height": 900})  # one, whose files are fetched once
        rows: dict[str, list[dict]] = {name: [] for name in PAGES}
        for turn in range(repeats + 1):
            for name, (path, kinds) in PAGES.items():
                print(f"{name} in the browser, {turn} ...", file=sys.stderr)
                times = opened(context, url + path, kinds)
                rows[name] += [times] if turn else []
        browser.close()
    return table(rows, repeats)


def table(rows: dict[str, list[dict[str, float]]], repeats: int) -> str:
    """The seconds by page and kind, as Markdown; above the limit bold."""
    lines = [f"| page | {' | '.join(f'{label}, s' for label in KINDS.values())} |", "| --- " * (len(KINDS) + 1) + "|"]
    for name, times in rows.items():
        cells = [name]
        for kind in KINDS:
            if not all(kind in one for one in times):
                cells.append("–")
                continue
            spread = Spread.of([one[kind] for one in times])
            cells.append(f"**{spread}**" if spread.median > LIMIT_S else str(spread))
        lines.append(f"| {' | '.join(cells)} |")
    return f"""
In Chromium, without a graphics card, beside the server on the same machine: seconds from the address until it is to be
seen, medians of {repeats}, after each page had been opened once. Limit: {LIMIT_S:g} s, bold where it is more.

{chr(10).join(lines)}
"""
