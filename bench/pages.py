"""`python -m bench.pages`: what each page of the dashboard asks a store of ten million observations, and for how long.

The pages themselves run, without a browser; every query that they make is timed on its way. With `--browser` a real
one opens them, too.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

import streamlit as st
import typer
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest

from bench import machine, many, opening, sections, videos
from bench.measure import Spread
from dashboard import context
from db import results
from db.store import Store
from processor.config import Home
from processor.sample import make_sample

APP = Path(__file__).parent.parent / "dashboard" / "app.py"

# DESIGN section 6: all queries of a page together.
QUERIES_S = 0.3

VIEWS = ("Timeline", "People", "Moments", "Markers", "Runs", "Exports")
COMPARED = {f"g{number + 1}": f"name=cohort {number}&cohort=cohort {number}" for number in range(5)}
VISITS = (
    ("Library", "library", {}),
    *(
        (f"{name}: {view}", "video", {"video": video_id, "section": view})
        for name, video_id in (("Video, ordinary", many.ORDINARY), ("Video, 2 hours", many.TWO_HOURS))
        for view in VIEWS
    ),
    *(
        (f"Compare: {view}", "compare", {"section": view, **COMPARED})
        for view in ("Overview", "Differences", "Over time", "Stimulus", "Exports")
    ),
    ("SQL", "sql", {}),
    *((f"Alerts: {view}", "alerts", {"view": view}) for view in ("Alerts", "Rules", "Messages")),
    *((f"Models: {view}", "models", {"view": view}) for view in ("Cards", "Comparison", "Evaluation")),
    ("Data", "data", {}),
)


class Timed:
    """A connection, or a result, that tells `watch` how long its queries take; all else goes through."""

    def __init__(self, inner: results.Connection, watch: Watch):
        self._inner, self._watch = inner, watch

    def __getattr__(self, name: str):
        return getattr(self._inner, name)

    def cursor(self) -> Timed:
        return Timed(self._inner.cursor(), self._watch)

    def execute(self, *arguments) -> Timed:
        self._watch.queries += 1
        with self._watch.asking():
            self._inner.execute(*arguments)
        return self

    def df(self):
        with self._watch.asking():
            return self._inner.df()

    def fetchall(self) -> list[tuple]:
        with self._watch.asking():
            return self._inner.fetchall()

    def fetchone(self) -> tuple | None:
        with self._watch.asking():
            return self._inner.fetchone()


class Watch:
    """What the pages asked and how long they ran since `begin`: queries (their number), asked_s, ran_s.

    The file stays open between visits, as in a server that has been asked before; `close` makes the next one the first.
    """

    def __init__(self):
        self.connect, self.navigation = results.connect, context.navigation  # the real ones
        self._held: results.Connection | None = None
        self.begin()

    def begin(self) -> None:
        self.queries, self.asked_s, self.ran_s = 0, 0.0, 0.0

    @contextmanager
    def asking(self) -> Iterator[None]:
        began = time.perf_counter()
        yield
        self.asked_s += time.perf_counter() - began

    def open(self, snapshot: Path) -> Timed:
        """In place of `results.connect`."""
        with self.asking():
            if self._held is None:
                self._held = self.connect(snapshot)
            return Timed(self._held.cursor(), self)

    def close(self) -> None:
        if self._held is not None:
            self._held.close()
            self._held = None

    def pages(self) -> Clocked:
        """In place of `context.navigation`."""
        return Clocked(self.navigation(), self)


@dataclass(frozen=True)
class Clocked:
    """The page to run, and who is told how long it ran."""

    page: object
    watch: Watch

    def run(self) -> None:
        began = time.perf_counter()
        try:
            self.page.run()
        finally:
            self.watch.ran_s += time.perf_counter() - began


@contextmanager
def watching(home: Home) -> Iterator[Watch]:
    """The pages show `home`, and are watched."""
    watch, made = Watch(), PagesManager.__init__

    # AppTest forgets before every run that the app has called st.navigation, and would run pages without app.py.
    def init(self, *arguments, **more) -> None:
        made(self, *arguments, **more)
        PagesManager.uses_pages_directory = False

    os.environ["MOODREEL_HOME"] = str(home.path)
    PagesManager.__init__, results.connect, context.navigation = init, watch.open, watch.pages
    try:
        yield watch
    finally:
        PagesManager.__init__, results.connect, context.navigation = made, watch.connect, watch.navigation
        watch.close()


def visit(watch: Watch, page: str, query: dict[str, str], repeats: int) -> dict:
    """Open a page `repeats` times, each by somebody new, as the only one who asks.

    Returns queries (how many), asked (Spread of the seconds that they take together), cold (seconds of the first time,
    with the file opened for it), ran (Spread of the whole script, queries and all), moved (Spread of the script again
    after a slider was moved; None where there is none). Raises RuntimeError if the page can't be shown.
    """
    asked, ran, moved = [], [], []
    watch.close()
    for number in range(repeats + 1):  # the first is the cold one
        st.cache_resource.clear()
        st.cache_data.clear()
        app = AppTest.from_file(APP, default_timeout=120)
        app.run()
        app.switch_page(f"pages/{page}.py")
        for name, value in query.items():
            app.query_params[name] = value
        if number == 0:
            watch.close()
        st.cache_resource.clear()
        watch.begin()
        _run(app)
        asked.append(watch.asked_s)
        ran.append(watch.ran_s)
        queries = watch.queries
        if "video" in query:
            watch.begin()
            app.slider(key="threshold").set_value(0.4)
            _run(app)
            moved.append(watch.ran_s)
    warm = slice(1, None)
    return {
        "queries": queries, "cold": asked[0], "asked": Spread.of(asked[warm]), "ran": Spread.of(ran[warm]),
        "moved": Spread.of(moved[warm]) if moved else None,
    }  # fmt: skip


def _run(app: AppTest) -> None:
    app.run()
    if app.exception:
        raise RuntimeError(f"The page can't be shown: {app.exception[0].value}")


def table(rows: dict[str, dict]) -> str:
    """The results of `visit` by page as a Markdown table; queries above their limit are bold."""
    lines = [
        "| page | queries | together, s | first of all, s | whole script, s | again after a slider, s |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for name, row in rows.items():
        asked = f"**{row['asked']}**" if row["asked"].median > QUERIES_S else str(row["asked"])
        cells = [name, str(row["queries"]), asked, f"{row['cold']:.2f}", str(row["ran"]), str(row["moved"] or "–")]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def prepare(home: Home, observations: int, videos_: int) -> int:
    """Fill an empty home, with real files for the two videos that are looked at; returns how many observations it has.

    A home that was filled before is taken as it is, in this version of the store: pages show nothing of another one.
    """
    if not home.snapshot.exists():
        print(f"Making a store of {observations:,} observations ...", file=sys.stderr)
        sample = make_sample(home.library / "sample.mp4")
        times = {many.ORDINARY: many.ORDINARY_S / 60, many.TWO_HOURS: many.TWO_HOURS_S / 60}
        files = {video_id: videos.looped(sample, round(minutes), home.library) for video_id, minutes in times.items()}
        many.make(home, observations, videos_, files)
    with results.connect(home.snapshot) as con:
        current = results.is_current(con)
    if not current:
        with Store(home.store, home.results) as store:
            store.publish()
    with results.connect(home.snapshot) as con:
        return con.execute("SELECT count(*) FROM observation").fetchone()[0]


def main(
    observations: Annotated[int, typer.Option(min=100_000, help="Faces in the store, about.")] = 10_000_000,
    videos_: Annotated[int, typer.Option("--videos", min=10, help="Videos in the store.")] = 400,
    repeats: Annotated[int, typer.Option(min=1, help="Measurements of each; the median is shown.")] = 5,
    home: Annotated[Path | None, typer.Option(help="Keep the store in this folder, or use the one there.")] = None,
    browser: Annotated[bool, typer.Option("--browser", help="Also open pages in Chromium.")] = False,
    write: Annotated[bool, typer.Option("--write", help="Also put it into bench/RESULTS.md.")] = False,
) -> None:
    """Time what each page asks the store, and, with --browser, how long pages take to open."""
    about = machine.describe()
    with tempfile.TemporaryDirectory() as folder:
        place = Home(home or Path(folder) / "home").create()
        total = prepare(place, observations, videos_)
        size_mb = place.snapshot.stat().st_size / 1e6
        with watching(place) as watch:
            rows = {}
            for name, page, query in VISITS:
                print(f"{name} ...", file=sys.stderr)
                rows[name] = visit(watch, page, query, repeats)
        opened = opening.measured(place, repeats) if browser else ""
    command = f"python -m bench.pages --observations {observations} --videos {videos_} --repeats {repeats}"
    command += " --browser" if browser else ""
    text = f"""## Pages of the dashboard

`{command}`, {date.today()}. {about}

- {total:,} observations of {videos_} videos in a snapshot of {size_mb:,.0f} MB. "Ordinary" is a video of
  {many.ORDINARY_S / 60:g} minutes with two people, "2 hours" one with three people who are always there: 43,200 faces.
- Medians of {repeats}, smallest and largest in brackets. Every page is opened by somebody new and runs as in the
  server, without a browser.
- Queries together: all that the page asks, faces included. Limit: {QUERIES_S:g} s, bold where it is more.
- First of all: the same when the file is opened for it. The system has the file in its memory.
- Whole script: until everything is handed to the browser; again after a slider: when a threshold is set.

{table(rows)}
{opened}"""
    print(text)
    if write:
        sections.write(text, "`python -m bench.pages`")


if __name__ == "__main__":
    typer.run(main)
