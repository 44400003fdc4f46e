"""`python -m bench.readers`: five browsers that read while the processor publishes again and again.

Four keep a section of one video's page open; the fifth goes from page to page. The video is renamed through the spool,
its new name must come to the open pages soon after the processor has published it, and no browser may meet an error.
"""

from __future__ import annotations

import re
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from bench import machine, many, sections
from bench.measure import Spread
from bench.opening import chromium, serving
from bench.pages import prepare
from db import results
from processor import spool
from processor.config import Home

LIMIT_S = 3.0
PUBLISHED_WITHIN_S = 180.0
SHOWN_WITHIN_S = 60.0
AT_MOST_S = 300.0  # then no other round begins
OPEN = ("Timeline", "People", "Moments", "Markers")
WALK = ("", "compare", "sql", "alerts", "models", "data", "privacy", f"video?video={many.TWO_HOURS}")

# When each heading was first to be seen, by the clock that Python reads, too.
WATCH = """
window.headings = {};
const look = () => {
  const heading = document.querySelector("h1")?.textContent;
  if (heading && !(heading in window.headings)) window.headings[heading] = Date.now() / 1000;
  requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""
DRAWN = "[data-testid=stApp][data-test-script-state=notRunning] h1"


def published_name(home: Home) -> str:
    """What the video is called in the snapshot in force."""
    with results.connect(home.snapshot) as con:
        return results.video(con, many.ORDINARY)["name"]


def measured(home: Home, url: str, rounds: int) -> tuple[list[float], int, list[str]]:
    """Rename the ordinary video `rounds` times and publish each.

    Fewer times where AT_MOST_S are over before; every round is told on stderr as it ends. Returns the seconds from each
    publishing until each of the open pages showed the name (infinity where none did within SHOWN_WITHIN_S), how many
    pages the fifth browser opened meanwhile, and the errors that browsers met, each with its page.
    """
    from playwright.sync_api import TimeoutError, sync_playwright

    executable = chromium()  # before anything is started
    errors: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])

        def window():
            page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
            page.set_default_timeout(120_000)
            page.on("pageerror", lambda error: errors.append(f"{page.url}: {error}"))
            return page

        def look_for_errors(page) -> None:
            errors.extend(f"{page.url}: {text}" for text in page.locator("[data-testid=stException]").all_inner_texts())

        pages = [window() for _ in OPEN]
        for page, section in zip(pages, OPEN, strict=True):
            page.add_init_script(WATCH)
            page.goto(f"{url}/video?video={many.ORDINARY}&section={section}")
            page.wait_for_selector(DRAWN)
            print(f"{section} is open.", file=sys.stderr)
        walker, steps, ages = window(), 0, []
        last = time.monotonic() + AT_MOST_S
        for number in range(rounds):
            if time.monotonic() > last:
                print(f"Ends after {number} of {rounds} rounds: {AT_MOST_S:g} s are over.", file=sys.stderr)
                break
            began = time.monotonic()
            name = f"renamed {number} at {time.time():.0f}.mp4"  # no name of an earlier run in the same home
            spool.submit(home.spool, "edit", video_id=many.ORDINARY, changes={"name": name})
            # One page at least, and while the processor is at it; a page that is being opened is waited for.
            while True:
                walker.goto(f"{url}/{WALK[steps % len(WALK)]}")
                walker.wait_for_selector(DRAWN)
                look_for_errors(walker)
                steps += 1
                if published_name(home) == name:
                    break
                if time.monotonic() > began + PUBLISHED_WITHIN_S:
                    raise SystemExit(f"Nothing was published within {PUBLISHED_WITHIN_S:g} s.")
            published_s = home.snapshot.lstat().st_mtime
            for page in pages:
                try:
                    page.wait_for_function(
                        "name => name in window.headings", arg=name, timeout=SHOWN_WITHIN_S * 1000, polling=200
                    )
                    ages.append(page.evaluate("name => window.headings[name]", name) - published_s)
                except TimeoutError:
                    ages.append(float("inf"))
                look_for_errors(page)
            shown = ", ".join(f"{age:.2f}" for age in ages[-len(pages) :])
            print(
                f"Round {number + 1} of {rounds}: {time.monotonic() - began:.0f} s; shown {shown} s after publishing; "
                f"{steps} pages opened so far, {len(errors)} errors.",
                file=sys.stderr,
            )
        browser.close()
    return ages, steps, errors


def main(
    observations: Annotated[int, typer.Option(min=100_000, help="Faces in the store, about.")] = 10_000_000,
    videos_: Annotated[int, typer.Option("--videos", min=10, help="Videos in the store.")] = 400,
    rounds: Annotated[int, typer.Option(min=1, help="How often something is changed and published.")] = 5,
    home: Annotated[Path | None, typer.Option(help="Keep the store in this folder, or use the one there.")] = None,
    write: Annotated[bool, typer.Option("--write", help="Also put it into bench/RESULTS.md.")] = False,
) -> None:
    """Time how soon what is published is seen, with five browsers reading; count the errors that they meet."""
    about = machine.describe()
    with tempfile.TemporaryDirectory() as folder:
        place, log = Home(home or Path(folder) / "home").create(), Path(folder) / "up.log"
        total = prepare(place, observations, videos_)
        with log.open("wb") as out, serving(place, "processor", "up", "--port", "PORT", out=out) as (url, _):
            ages, steps, errors = measured(place, url, rounds)
        told = [line for line in log.read_text().splitlines() if re.search(r"error|traceback|lock", line, re.I)]
    spread = Spread.of(ages)
    over = sum(age > LIMIT_S for age in ages)
    text = f"""## Five browsers while the processor publishes

`python -m bench.readers --observations {observations} --videos {videos_} --rounds {rounds}`, {date.today()}. {about}

- {total:,} observations; {len(ages) // len(OPEN)} changes, each published; four pages of one video stay open (sections
  {", ".join(OPEN)}), the fifth browser opened {steps} pages meanwhile.
- From publishing until an open page shows the change: median {spread.median:.2f} s, {spread.low:.2f} to
  {spread.high:.2f} s; {over} of {len(ages)} later than {LIMIT_S:g} s.
- Errors in the browsers: {len(errors)}. Lines of the log that tell of an error or a lock: {len(told)}.
"""
    print(text)
    for line in [*errors, *told]:
        print(line, file=sys.stderr)
    if write:
        sections.write(text, "`python -m bench.readers`")


if __name__ == "__main__":
    typer.run(main)
