"""The video page in a real browser: its controls, the address they live in, and its charts on every screen."""

from __future__ import annotations

import re
import shutil

import pytest

from db.store import Store
from tests.dashboard.conftest import add, finish
from tests.e2e.browser import fits, settled

pytestmark = pytest.mark.e2e

VIDEO = "a" * 16

# How the sentences of the charts begin.
FINDING = re.compile(r"(Probability|Valence|Category over|Share|Seconds per|Emotions in|What was|\d people|One person)")


@pytest.fixture
def bundle(home, sample_video) -> str:
    """Before the service starts: an analysed video with two people and an excluded range."""
    path = home.library / "sample.mp4"
    shutil.copy(sample_video, path)
    with Store(home.store, home.results) as store:
        run = add(store, VIDEO, "sample.mp4", path=str(path), subject="anna")
        store.start_run(run)
        finish(store, run)
        store.exclude(VIDEO, "r", 40.0, 45.0, "somebody walks by")
        store.publish()
    return "moodnet"


@pytest.fixture
def analysed(up, watched):
    """A window on the page of that video."""
    page = watched.page()
    page.goto(f"{up.url}/video?video={VIDEO}")
    page.get_by_text("Undecided below").wait_for()
    settled(page)
    return page


def sentences(page) -> set[str]:
    """What the charts say to those who can't see them."""
    labels = page.locator("[aria-label]").evaluate_all("all => all.map(e => e.ariaLabel)")
    return {label for label in labels if FINDING.match(label) and label.endswith(".")}


def push(page, slider: str, key: str, times: int = 1) -> None:
    """Move a slider by the keyboard."""
    handle = page.get_by_role("slider", name=slider).first
    handle.focus()
    for _ in range(times):
        handle.press(key)
    settled(page)


def test_controls_recompute_and_live_in_the_address(analysed, shots):
    page = analysed
    assert page.get_by_test_id("stVegaLiteChart").count() == 8
    page.get_by_text("5 s of this video are excluded").wait_for()
    before = sentences(page)
    assert len(before) == 8
    assert not any("undecided" in sentence for sentence in before)

    push(page, "Undecided below", "End")
    page.wait_for_function("() => location.search.includes('threshold=0.9')")
    assert any("undecided" in sentence for sentence in sentences(page))
    page.screenshot(path=shots / "timeline_undecided.png")

    page.get_by_text("Mean", exact=True).click()
    page.get_by_text("Window (seconds)").wait_for()
    settled(page)
    push(page, "Undecided below", "Home")
    mean = sentences(page)
    push(page, "Window (seconds)", "End")
    page.wait_for_function("() => location.search.includes('window=10')")
    assert sentences(page) != mean
    page.get_by_text("Areas", exact=True).click()
    settled(page)
    push(page, "Part of the video", "ArrowRight", 5)
    page.wait_for_function("() => location.search.includes('part=')")
    assert any("Probability" in sentence for sentence in sentences(page) - before)

    # Somebody else opens the address and sees the same.
    address, said = page.url, sentences(page)
    assert "smoothing=Mean" in address and "drawn_as=Areas" in address
    other = page.context.new_page()
    other.goto(address)
    other.get_by_text("Window (seconds)").wait_for()
    settled(other)
    assert sentences(other) == said
    other.close()

    page.get_by_role("button", name="Reset").click()
    page.wait_for_function("() => !/window|smoothing|threshold|part|drawn_as/.test(location.search)")
    settled(page)
    assert sentences(page) == before


def test_numbers_behind_a_chart(analysed):
    page = analysed
    page.get_by_test_id("stExpander").first.locator("summary").click()
    page.get_by_test_id("stDataFrame").first.wait_for()
    settled(page)
    assert page.get_by_test_id("stDataFrame").count() == 1


def test_every_screen(analysed, watched, shots):
    for width, scheme in ((1440, "light"), (1440, "dark"), (375, "light"), (375, "dark"), (1920, "light")):
        page = watched.page(width, 900 if width > 500 else 812, scheme)
        page.goto(f"{analysed.url}&threshold=0.5&person=0")
        page.get_by_text("Moodreel shows what faces express").wait_for(state="attached")
        settled(page)
        assert fits(page)
        page.screenshot(path=shots / f"timeline_{width}_{scheme}.png", full_page=True)
        page.context.close()
