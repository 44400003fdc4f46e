"""The main job in a real browser: `up` is started, a video uploaded, its timeline looked at and taken away as CSV.

Debian's chromium drives it; nothing is downloaded. Screenshots are left in the test's temporary folder, or in
the folder that SCREENSHOTS in the environment names.
"""

from __future__ import annotations

import csv
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from db import results
from db.emotions import CATEGORY, CATEGORY_VALUE
from processor.config import Home

sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install -r requirements-dev.txt")

pytestmark = pytest.mark.e2e

REPOSITORY = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium")
ANALYSED_WITHIN_MS = 120_000

# Streamlit looks for its own base path by trial on pages below the root; these answers are not an error of ours.
_TRIAL = re.compile(r"/video/_stcore/(health|host-config)$")


@pytest.fixture(scope="module")
def bundle(tmp_path_factory) -> str:
    """The shipped model; an untrained one of the same form where none has been trained yet."""
    if (REPOSITORY / "processor" / "models" / "moodnet").is_dir():
        return "moodnet"
    import keras

    from processor.emotions import write_bundle

    faces = keras.Input((48, 48, 1), dtype="uint8")
    x = keras.layers.AveragePooling2D(12)(keras.layers.Rescaling(1 / 255)(faces))
    probabilities = keras.layers.Dense(7, "softmax")(keras.layers.Flatten()(x))
    folder = tmp_path_factory.mktemp("bundles") / "untrained"
    write_bundle(folder, keras.Model(faces, {"emotions": probabilities}), {"name": "untrained", "version": "1"})
    return str(folder)


@dataclass
class Running:
    """`python -m processor up`, at work on a home of its own."""

    home: Home
    url: str
    process: subprocess.Popen


@pytest.fixture
def up(home, bundle, tmp_path):
    """Starts the processor and the dashboard; at the end a Ctrl-C must stop both cleanly."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "processor", "up", "--home", str(home.path), "--port", str(port)]
    environment = {**os.environ, "MOODREEL_MODEL": bundle}
    with (tmp_path / "up.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=REPOSITORY, env=environment, stdout=log, stderr=subprocess.STDOUT)
        try:
            wait_for(f"http://127.0.0.1:{port}/_stcore/health", process, tmp_path / "up.log")
            yield Running(home, f"http://127.0.0.1:{port}", process)
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 0, (tmp_path / "up.log").read_text()[-3000:]
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()


def wait_for(url: str, process: subprocess.Popen, log: Path, within_s: float = 60) -> None:
    """Until the dashboard answers."""
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        assert process.poll() is None, log.read_text()[-3000:]
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"{url} did not answer within {within_s} s: {log.read_text()[-3000:]}")


@dataclass
class Watched:
    """A browser, and what it did that it should not: requests that leave this machine, errors on the console."""

    browser: object
    outside: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def page(self, width: int = 1440, height: int = 900, scheme: str = "light"):
        """A new window of that size, in that colour scheme."""
        context = self.browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("request", self._request)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        return page

    def _request(self, request) -> None:
        if not re.match(r"(https?|wss?)://127\.0\.0\.1[:/]|data:|blob:", request.url):
            self.outside.append(request.url)

    def _console(self, message) -> None:
        if message.type == "error" and not _TRIAL.search(message.location.get("url", "")):
            self.errors.append(f"{message.text} {message.location.get('url', '')}")


@pytest.fixture
def watched():
    """Chromium, watched; skips, saying so, where there is none."""
    if CHROMIUM is None:
        pytest.skip("needs chromium: apt-get install chromium")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        watched = Watched(browser)
        yield watched
        browser.close()
    assert watched.outside == []
    assert watched.errors == []


@pytest.fixture
def shots(tmp_path) -> Path:
    """Where screenshots go."""
    folder = Path(os.environ.get("SCREENSHOTS", tmp_path / "screenshots"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def settled(page) -> None:
    """Until the page has stopped being drawn."""
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    page.wait_for_timeout(700)


def open_first_row(page) -> None:
    """Click the name in the table's first row; the table is painted, so by its place."""
    table = page.get_by_test_id("stDataFrame")
    table.scroll_into_view_if_needed()
    box = table.bounding_box()
    page.mouse.click(box["x"] + 150, box["y"] + 60)


def saved(page, label: str, folder: Path) -> Path:
    """The file that the download button of this label gives."""
    with page.expect_download() as download:
        page.get_by_role("button", name=label, exact=True).click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def test_a_video_becomes_a_timeline(up, watched, sample_video, shots, tmp_path):
    page = watched.page()
    page.goto(up.url)
    page.get_by_role("heading", name="Nothing here yet").wait_for()
    page.get_by_text("Processor running").wait_for()
    page.get_by_text(str(up.home.inbox)).wait_for()
    settled(page)
    page.screenshot(path=shots / "library_empty.png")

    page.locator("input[type=file]").set_input_files(sample_video)
    page.get_by_role("textbox", name="Subject").first.fill("anna")
    page.get_by_role("textbox", name="Cohort").first.fill("pilot")
    page.get_by_role("textbox", name="Session").first.fill("1")
    page.get_by_text(sample_video.name).first.wait_for()
    page.get_by_role("button", name="Add to the library").click()

    # Nothing is reloaded by hand: the table appears, and its row turns to done, by themselves.
    cells = page.get_by_test_id("stDataFrame").locator("td")
    cells.filter(has_text=sample_video.name).first.wait_for(state="attached")
    cells.filter(has_text="done").first.wait_for(state="attached", timeout=ANALYSED_WITHIN_MS)
    settled(page)
    page.screenshot(path=shots / "library.png")

    open_first_row(page)
    page.wait_for_url("**/video?video=*")
    page.get_by_role("heading", name=sample_video.name).wait_for()
    page.get_by_role("button", name="Smoothed labels").wait_for()
    settled(page)
    assert page.get_by_test_id("stVegaLiteChart").count() == 6
    assert page.locator("video").count() == 1
    page.wait_for_function("document.querySelector('video').readyState >= 1 && !document.querySelector('video').error")
    page.screenshot(path=shots / "video.png")

    with results.connect(up.home.snapshot) as con:
        video = results.videos(con).iloc[0]
        track = results.tracks(con, int(video["run_id"])).iloc[0]
        labels = results.labels(con, int(video["run_id"]), int(track["track_id"]))
    assert (video["subject"], video["cohort"], video["session"]) == ("anna", "pilot", "1")
    assert len(labels) > 5
    for label, column in (("Smoothed labels", "smoothed"), ("Raw labels", "raw")):
        with saved(page, label, tmp_path).open(newline="") as file:
            header, *lines = csv.reader(file)
        assert header == ["Time (s)", "Emotion", "Category"]
        assert lines == [
            [f"{row.t_s:.3f}", row[column], str(CATEGORY_VALUE[CATEGORY[row[column]]])] for _, row in labels.iterrows()
        ]
    page.get_by_role("button", name="Prepare the charts").click()
    assert saved(page, "Probabilities", tmp_path).read_bytes().startswith(b"\x89PNG")
    with saved(page, "Everything", tmp_path).open(newline="") as file:
        assert len(list(csv.DictReader(file))) == int(video["observations"])

    address = page.url
    for width, scheme in ((1440, "dark"), (375, "light"), (375, "dark")):
        for name, url in (("library", up.url), ("video", address)):
            other = watched.page(width, 900 if width > 500 else 812, scheme)
            other.goto(url)
            other.locator("h1").first.wait_for()
            other.get_by_text("Moodreel shows what faces express").wait_for(state="attached")
            settled(other)
            # Nothing sticks out to the side.
            assert other.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
            other.screenshot(path=shots / f"{name}_{width}_{scheme}.png")
            other.context.close()


def test_deleting_asks_first(up, watched, sample_video):
    folder = up.home.inbox / "pilot" / "ben"
    folder.mkdir(parents=True)
    shutil.copy(sample_video, folder / "clip.mp4")
    page = watched.page()
    page.goto(up.url)
    cells = page.get_by_test_id("stDataFrame").locator("td")
    cells.filter(has_text="done").first.wait_for(state="attached", timeout=ANALYSED_WITHIN_MS)
    settled(page)

    def choose_delete() -> None:
        table = page.get_by_test_id("stDataFrame")
        table.scroll_into_view_if_needed()
        box = table.bounding_box()
        page.mouse.click(box["x"] + box["width"] - 50, box["y"] + 60)
        page.get_by_test_id("stDataFrameButtonActionMenu").get_by_text("Delete…").click()
        page.get_by_role("dialog").wait_for()

    choose_delete()
    page.get_by_role("button", name="Keep it").click()
    page.get_by_role("dialog").wait_for(state="hidden")
    choose_delete()
    page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("heading", name="Nothing here yet").wait_for()
    assert (folder / "clip.mp4").exists()  # a watched file stays unless its deletion is asked for
