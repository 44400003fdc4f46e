"""Key moments in a real browser, beside the real service: gone to, looked at, ticked off, taken away as a file."""

from __future__ import annotations

import csv
import re

import pytest

from dashboard.look import Look, labelled
from dashboard.moments import key_moments
from db import annotation_results, results
from tests.e2e.browser import fits, settled

sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install -r requirements-dev.txt")

pytestmark = pytest.mark.e2e

VIDEO = "a" * 16
FRAME_S = 1 / 25


@pytest.fixture
def bundle(analysed) -> str:
    """Before the service starts there is an analysed video. Any model will do."""
    return "moodnet"


@pytest.fixture
def run_id(up) -> int:
    with results.connect(up.home.snapshot) as con:
        return results.video(con, VIDEO)["current"]["run_id"]


@pytest.fixture
def found(up, run_id):
    """The moments that the page should list: everything there is as it comes."""
    with results.connect(up.home.snapshot) as con:
        return key_moments(labelled(results.faces(con, run_id), Look(1, window_s=1.5)))


def reviewed(up, run_id) -> set[str]:
    with results.connect(up.home.snapshot) as con:
        return annotation_results.reviewed(con, run_id)


def until_reviewed(page, up, run_id, expected: set[str]) -> None:
    for _ in range(150):
        if reviewed(up, run_id) == expected:
            break
        page.wait_for_timeout(100)
    assert reviewed(up, run_id) == expected
    page.get_by_text(f"{len(expected)} of ", exact=False).first.wait_for()
    page.wait_for_timeout(1200)  # the page looks for news every second
    settled(page)


def open_moments(page, up, more: str = "") -> None:
    page.goto(f"{up.url}/video?video={VIDEO}&section=Moments{more}")
    page.get_by_role("heading", name="Key moments").wait_for()
    page.locator("ul.stills").first.wait_for()
    settled(page)


def shown_s(page) -> float:
    return page.locator("section.player video").evaluate("video => video.currentTime")


def test_moments(up, watched, shots, found, run_id, tmp_path):
    page = watched.page()
    open_moments(page, up)
    rows = page.locator("ul.stills li")
    assert rows.count() == len(found) > 3
    assert [rows.nth(n).locator("strong").inner_text() for n in range(rows.count())] == found["text"].tolist()
    page.get_by_text(f"0 of {len(found)} reviewed").wait_for()

    # A click goes to the moment, to the frame, and the page is not drawn again for it.
    player = page.locator("section.player video")
    player.evaluate("video => new Promise(done => video.readyState > 1 ? done() : video.onloadeddata = done)")
    for n in (1, len(found) - 1, 0):
        rows.nth(n).get_by_role("button").click()
        t_s = found["t_s"].iloc[n]
        page.wait_for_function(
            "([video, t]) => !video.seeking && Math.abs(video.currentTime - t) <= 0.04",
            arg=[player.element_handle(), t_s],
        )
        assert abs(shown_s(page) - t_s) <= FRAME_S

    # Pictures come out of the video as they come into sight.
    rows.first.scroll_into_view_if_needed()
    page.locator("ul.stills canvas[data-drawn]").first.wait_for()
    drawn = rows.first.locator("canvas").evaluate(
        "made => new Set(made.getContext('2d').getImageData(0, 0, made.width, made.height).data).size"
    )
    assert drawn > 20  # a picture, not one colour
    page.wait_for_timeout(1500)
    page.screenshot(path=shots / "moments.png")

    # A tick is kept in the store, and taken away again with the keyboard.
    keys = found["moment"].tolist()
    rows.nth(1).get_by_role("checkbox").check()
    until_reviewed(page, up, run_id, {keys[1]})
    page.get_by_text(f"1 of {len(found)} reviewed").wait_for()
    page.reload()
    open_moments(page, up)
    assert rows.nth(1).get_by_role("checkbox").is_checked()
    assert not rows.first.get_by_role("checkbox").is_checked()

    with page.expect_download() as download:
        page.get_by_role("button", name="Key moments as CSV").click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    assert path.name == "sample_moments.csv"
    with path.open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert [line["moment"] for line in lines] == keys
    assert [line["reviewed"] for line in lines] == [str(key == keys[1]) for key in keys]

    rows.nth(1).get_by_role("checkbox").focus()
    page.keyboard.press("Space")
    until_reviewed(page, up, run_id, set())
    page.get_by_text(f"0 of {len(found)} reviewed").wait_for()


def test_filters_and_transitions(up, watched, shots, found):
    page = watched.page(1440, 3000, "dark")  # the page scrolls inside: all of it at once
    open_moments(page, up)
    rows = page.locator("ul.stills li")
    page.get_by_role("button", name="Peaks", exact=True).click()
    sync_api.expect(rows).to_have_count(int((found["kind"] != "peak").sum()))
    settled(page)
    heat = page.get_by_test_id("stVegaLiteChart").last
    heat.scroll_into_view_if_needed()
    settled(page)
    page.get_by_text(re.compile("changes? from one emotion to another")).first.wait_for()
    page.screenshot(path=shots / "moments_1440_dark.png")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_telephone(up, watched, shots, scheme):
    page = watched.page(375, 5000, scheme)
    open_moments(page, up)
    page.locator("ul.stills").first.scroll_into_view_if_needed()
    page.wait_for_timeout(1000)
    settled(page)
    assert fits(page)
    page.screenshot(path=shots / f"moments_375_{scheme}.png")
