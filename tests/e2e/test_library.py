"""The library in a real browser: filters that can be kept, many videos edited, compared and counted at once."""

from __future__ import annotations

import re
import shutil
from datetime import datetime

import pytest

from db import results, saved_results
from db.store import Store
from processor import spool
from processor.decode import probe
from tests.dashboard.conftest import add, finish
from tests.e2e.browser import fits, saved, settled

pytestmark = pytest.mark.e2e

WITHIN_MS = 30_000
# (id, name, subject, cohort, session): the first is a file that can be opened.
VIDEOS = (
    ("a" * 16, "anna first.mp4", "anna", "pilot", "1"), ("b" * 16, "anna second.mp4", "anna", "pilot", "2"),
    ("c" * 16, "ben first.mp4", "ben", "main", "1"), ("d" * 16, "ben second.mp4", "ben", "main", "2"),
    ("e" * 16, "cem.mp4", None, "main", "1"), ("f" * 16, "cem (1).mp4", None, None, None),
)  # fmt: skip


@pytest.fixture
def bundle(home, sample_video) -> str:
    """Before the service starts: six analysed videos, of which the first can be opened."""
    path = home.library / f"{'a' * 64}.mp4"
    shutil.copy(sample_video, path)
    info = probe(path, 10_000_000)
    with Store(home.store, home.results) as store:
        for number, (video_id, name, subject, cohort, session) in enumerate(VIDEOS):
            where = {"path": str(path), "width": info.width, "height": info.height} if number == 0 else {}
            run = add(
                store, video_id, name, duration_s=12.0, subject=subject, cohort=cohort, session=session,
                source="upload", tags={"site": "Graz" if number % 2 else "Wien"},
                added_at=datetime(2026, 11, 10 - number), **where,
            )  # fmt: skip
            store.start_run(run)
            finish(store, run, seconds=12, people=1)
        status = path.stat()
        store.put_file(str(path), VIDEOS[0][0], status.st_size, status.st_mtime_ns, None)
        store.put_file(str(home.inbox / "copy.mp4"), VIDEOS[0][0], status.st_size, status.st_mtime_ns, None)
        shutil.copy2(path, home.inbox / "copy.mp4")
        copied = (home.inbox / "copy.mp4").stat()
        store.put_file(str(home.inbox / "copy.mp4"), VIDEOS[0][0], copied.st_size, copied.st_mtime_ns, None)
        store.publish()
    return "moodnet"


def opened(page, url: str) -> None:
    page.goto(url)
    page.get_by_text("Processor running").wait_for()
    settled(page)


def tick(page, row: int, height: int = 40) -> None:
    """Tick a row of the table of videos, from 0; the table is painted, so by its place."""
    table = page.get_by_test_id("stDataFrame").first
    table.scroll_into_view_if_needed()
    box = table.bounding_box()
    page.mouse.click(box["x"] + 18, box["y"] + 35 + (row + 0.5) * height)
    settled(page)


def cell(page, row: int, column: int):
    """A cell of the first table, as those who can't see read it."""
    return page.get_by_test_id("stDataFrame").first.locator("tbody tr").nth(row).locator("td").nth(column)


def write(page, row: int, text: str, until: str) -> None:
    """Type a subject in the table of details until the button says so: again where the table was just being drawn."""
    for _ in range(5):
        table = page.get_by_test_id("stDataFrame").first.bounding_box()
        page.mouse.dblclick(table["x"] + 290, table["y"] + 35 + (row + 0.5) * 35)
        page.locator(".gdg-input").wait_for()
        page.keyboard.press("Control+a")
        page.keyboard.type(text)
        page.keyboard.press("Enter")
        settled(page)
        if page.get_by_role("button", name=until).count():
            return


def section(page, name: str) -> None:
    page.get_by_role("radio", name=name, exact=True).first.click()
    page.wait_for_timeout(300)
    settled(page)


def known(up) -> dict[str, dict]:
    with results.connect(up.home.snapshot) as con:
        return {row["name"]: row for row in results.videos(con).to_dict("records")}


def test_filters_ticks_and_comparison(up, watched, shots):
    page = watched.page()
    opened(page, up.url)
    page.screenshot(path=shots / "library_videos_1440_light.png")
    page.get_by_role("textbox", name="Search").fill("anna")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("q=anna"))
    page.get_by_text("2 of 6 videos").wait_for()
    page.get_by_role("button", name="Filter", exact=False).first.click()
    page.get_by_role("combobox", name="Tag").click()
    page.get_by_role("option", name="site=Wien").click()
    page.wait_for_url(re.compile("tag=site%3DWien"))
    page.get_by_text("1 of 6 videos").wait_for()
    page.screenshot(path=shots / "library_filter.png")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")

    page.get_by_role("button", name="Saved").click()
    page.get_by_role("textbox", name="Name of this filter").fill("Anna in Wien")
    page.get_by_role("button", name="Save the filter").click()
    page.get_by_role("button", name="Anna in Wien (in use)").wait_for(timeout=WITHIN_MS)
    page.screenshot(path=shots / "library_saved.png")
    with results.connect(up.home.snapshot) as con:
        (kept,) = saved_results.filters(con).to_dict("records")
    assert kept["filter"] == {"text": "anna", "tags": {"site": ["Wien"]}}

    other = watched.page()  # the address holds the filter
    opened(other, page.url)
    other.get_by_text("1 of 6 videos").wait_for()
    other.get_by_role("button", name="Filter", exact=False).first.click()
    other.get_by_role("button", name="Show everything").click()
    other.get_by_text("6 of 6 videos").wait_for()
    other.keyboard.press("Escape")
    other.get_by_role("button", name="Saved").click()
    other.get_by_role("button", name="Anna in Wien").click()
    other.get_by_text("1 of 6 videos").wait_for()
    other.get_by_role("button", name="Forget").click()
    other.get_by_text("Nothing is saved yet").wait_for(timeout=WITHIN_MS)
    other.keyboard.press("Escape")

    opened(page, up.url)
    tick(page, 0)
    tick(page, 2)
    page.get_by_text("2 videos are ticked").wait_for()
    page.get_by_role("textbox", name="Search").fill("cem")
    page.keyboard.press("Enter")
    page.get_by_text("2 videos are ticked, 2 of them not in the list").wait_for()
    tick(page, 0)
    page.get_by_text("3 videos are ticked, 2 of them not in the list").wait_for()
    page.screenshot(path=shots / "library_ticked.png")
    page.get_by_role("button", name="Compare", exact=False).first.click()
    page.get_by_role("button", name="Cohort (2 groups)").click()
    page.wait_for_url(re.compile("/compare[?].*g1="))
    page.get_by_role("heading", name="Compare").first.wait_for()
    settled(page)
    assert "main" in page.url and "pilot" in page.url
    page.screenshot(path=shots / "library_compared.png")


def test_many_are_edited_and_nothing_is_lost(up, watched, shots):
    page = watched.page()
    opened(page, up.url)
    tick(page, 0)
    tick(page, 1)
    page.get_by_role("button", name="Edit details").click()
    page.get_by_text("Details of the 2 videos ticked").wait_for()
    settled(page)
    page.get_by_role("combobox", name="What").click()
    page.get_by_role("option", name="Tags, added").click()
    page.get_by_role("textbox", name="Value").fill("arm=B")
    page.get_by_role("button", name="Set for all 2 rows").click()
    page.get_by_role("button", name="Save 2 changes in 2 videos").wait_for()
    settled(page)  # the table is another one by now, which is drawn before keys reach it
    write(page, 0, "Ada", until="Save 3 changes in 2 videos")
    page.get_by_role("button", name="Save 3 changes in 2 videos").wait_for()
    page.screenshot(path=shots / "library_edit.png")

    # Somebody else changes the first one's subject before this is saved.
    video_id = VIDEOS[0][0]
    edit = {"video_id": video_id, "seen": {"subject": "anna"}, "changes": {"subject": "Eve"}}
    spool.submit(up.home.spool, "edit_many", edits=[edit])
    page.wait_for_function("() => true", timeout=1000)
    for _ in range(100):
        if known(up)["anna first.mp4"]["subject"] == "Eve":
            break
        page.wait_for_timeout(100)
    page.wait_for_timeout(1500)
    settled(page)
    page.get_by_role("button", name="Save 3 changes in 2 videos").click()
    page.get_by_text("Somebody else has changed these meanwhile").wait_for(timeout=WITHIN_MS)
    settled(page)
    page.screenshot(path=shots / "library_collided.png")
    now = known(up)
    assert (now["anna first.mp4"]["subject"], now["anna first.mp4"]["tags"]) == ("Eve", {"site": "Wien"})
    assert now["anna second.mp4"]["tags"] == {"site": "Graz", "arm": "B"}
    page.get_by_role("button", name="Save 2 changes in one video").click()  # still there: saved knowingly now
    page.get_by_text("Nothing is changed yet").wait_for(timeout=WITHIN_MS)
    now = known(up)
    assert (now["anna first.mp4"]["subject"], now["anna first.mp4"]["tags"]) == ("Ada", {"site": "Wien", "arm": "B"})


def test_import_storage_duplicates(up, watched, shots, tmp_path):
    page = watched.page()
    opened(page, up.url)
    section(page, "Import")
    page.wait_for_url(re.compile("show=Import"))
    template = saved(page, "Table of 6 videos to fill in", tmp_path)
    assert template.read_text("utf-8-sig").count("\n") == 7
    table = tmp_path / "study.csv"
    table.write_text(
        "File;Session;Date;Colour\nanna first.mp4;9;31.12.2026;red\nBEN FIRST.mp4;8;03/04/2026;blue\n"
        "nobody.mp4;1;;\nanna first.mp4;9;31.12.2026;red\n",
        "cp1252",
    )
    page.locator("input[type=file]").last.set_input_files(table)
    page.get_by_text("One row has a date with two meanings").wait_for()
    page.get_by_text("Month first: 12/31/2026").click()
    page.get_by_text("4 values of 2 videos will change").wait_for()
    page.get_by_text("Columns that mean nothing here: Colour").wait_for()
    page.get_by_text("One row is about a video that is not in this library").wait_for()
    page.screenshot(path=shots / "library_import.png", full_page=True)
    page.get_by_role("button", name="Change 4 values").click()
    for _ in range(100):
        if known(up)["ben first.mp4"]["session"] == "8":
            break
        page.wait_for_timeout(100)
    now = known(up)
    assert now["ben first.mp4"]["recorded_at"].isoformat() == "2026-03-04T00:00:00"
    assert now["anna first.mp4"]["recorded_at"].isoformat() == "2026-12-31T00:00:00"

    section(page, "Storage")
    page.get_by_text("Free on this disk").wait_for()
    page.screenshot(path=shots / "library_storage.png", full_page=True)
    section(page, "Duplicates")
    page.get_by_text("One video is in more than one place").wait_for()
    page.get_by_text("2 videos are called the same").wait_for()
    page.screenshot(path=shots / "library_duplicates.png", full_page=True)
    page.get_by_role("button", name="Tick these 2 in the list of videos").click()
    page.get_by_text("2 videos are ticked").wait_for()

    page.get_by_role("button", name="Delete…").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    page.get_by_text("4 of 4 videos").wait_for(timeout=WITHIN_MS)

    for name in ("Videos", "Edit", "Import", "Storage", "Duplicates"):
        for width, scheme in ((1440, "dark"), (375, "light"), (375, "dark")):
            other = watched.page(width, 900 if width > 500 else 812, scheme)
            opened(other, f"{up.url}/?show={name}")
            assert fits(other), (name, width)
            other.screenshot(path=shots / f"library_{name}_{width}_{scheme}.png", full_page=True)
            other.context.close()


def test_thumbnails_are_made_where_they_are_wanted(up, watched, shots):
    page = watched.page()
    opened(page, up.url)
    assert list(up.home.thumbnails.iterdir()) == []
    page.get_by_role("button", name="Thumbnails").click()
    page.get_by_text("With blurred faces").click()
    for _ in range(600):
        if any(file.suffix == ".jpg" for file in up.home.thumbnails.iterdir()):
            break
        page.wait_for_timeout(100)
    (file,) = up.home.thumbnails.iterdir()
    assert file.name.startswith("a" * 16) and file.name.endswith("-blurred.jpg")
    page.keyboard.press("Escape")
    with page.expect_response(re.compile("/files/thumbnail/")) as answer:
        page.reload()
    assert answer.value.status == 200 and answer.value.headers["content-type"] == "image/jpeg"
    settled(page)
    page.screenshot(path=shots / "library_thumbnails_1440_light.png")
    small = watched.page(375, 812, "dark")
    opened(small, up.url)
    small.screenshot(path=shots / "library_thumbnails_375_dark.png", full_page=True)

    page.get_by_role("button", name="Thumbnails").click()
    page.get_by_text("None", exact=True).click()
    for _ in range(200):
        if not list(up.home.thumbnails.iterdir()):
            break
        page.wait_for_timeout(100)
    assert list(up.home.thumbnails.iterdir()) == []
