"""The main job in a real browser: `up` is started, a video uploaded, its timeline looked at and taken away as CSV."""

from __future__ import annotations

import csv
import shutil

import pytest

from db import results
from db.emotions import CATEGORY, CATEGORY_VALUE
from processor import spool
from tests.e2e.browser import fits, opened, saved, settled

pytestmark = pytest.mark.e2e

ANALYSED_WITHIN_MS = 120_000


def open_first_row(page) -> None:
    """Click the name in the table's first row; the table is painted, so by its place."""
    table = page.get_by_test_id("stDataFrame")
    table.scroll_into_view_if_needed()
    box = table.bounding_box()
    page.mouse.click(box["x"] + 150, box["y"] + 60)


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
    page.get_by_text("Undecided below").wait_for()
    settled(page)
    assert page.get_by_test_id("stVegaLiteChart").count() == 8
    assert page.locator("video").count() == 1
    plays = "video => new Promise(done => setInterval(() => video.readyState >= 1 && done(!video.error), 50))"
    assert page.locator("video").evaluate(plays)
    page.screenshot(path=shots / "video.png")
    address = page.url

    with results.connect(up.home.snapshot) as con:
        video = results.videos(con).iloc[0]
        track = results.tracks(con, int(video["run_id"])).iloc[0]
        labels = results.labels(con, int(video["run_id"]), int(track["track_id"]))
    assert (video["subject"], video["cohort"], video["session"]) == ("anna", "pilot", "1")
    assert len(labels) > 5
    page.get_by_text("Exports", exact=True).click()
    page.get_by_role("button", name="Smoothed labels").wait_for()
    for label, column in (("Smoothed labels", "smoothed"), ("Raw labels", "raw")):
        with saved(page, label, tmp_path).open(newline="") as file:
            header, *lines = csv.reader(file)
        assert header == ["Time (s)", "Emotion", "Category"]
        assert lines == [
            [f"{row.t_s:.3f}", row[column], str(CATEGORY_VALUE[CATEGORY[row[column]]])] for _, row in labels.iterrows()
        ]

    for width, scheme in ((1440, "dark"), (375, "light"), (375, "dark")):
        for name, url in (("library", up.url), ("video", address)):
            other = watched.page(width, 900 if width > 500 else 812, scheme)
            other.goto(url)
            other.locator("h1").first.wait_for()
            other.get_by_text("Moodreel shows what faces express").wait_for(state="attached")
            settled(other)
            assert fits(other)
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


def test_a_video_that_gets_another_name_stays_open(analysed, up, watched):
    page = watched.page()
    opened(page, f"{up.url}/video?video={analysed}")
    for name in ("once.mp4", "twice.mp4", "at last.mp4"):
        spool.submit(up.home.spool, "edit", video_id=analysed, changes={"name": name})
        page.get_by_role("heading", name=name).wait_for()
        page.wait_for_timeout(2500)  # the page asks twice more, and still sends what it was called before
    assert page.get_by_role("heading", name="at last.mp4").is_visible()
    assert f"video={analysed}" in page.url
