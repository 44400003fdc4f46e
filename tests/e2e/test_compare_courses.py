"""Sessions over time, and curves around a moment with their stimulus, in a real browser."""

from __future__ import annotations

import shutil
from urllib.parse import urlencode

import pytest

from db.store import Store
from tests import studies
from tests.db import rows
from tests.e2e.browser import fits, saved, settled

pytestmark = pytest.mark.e2e

TWO = {"g1": "name=control&cohort=control", "g2": "name=treatment&cohort=treatment"}
STIMULUS = "f" * 16


@pytest.fixture
def study(home, sample_video):
    """Two cohorts of four subjects with five sessions each, and a stimulus of 12 s that the browser can play."""
    path = home.library / "advert.mp4"
    shutil.copy(sample_video, path)
    with Store(home.store, home.results) as store:
        studies.fill(store, 0.2, subjects=4, sessions=5, trend=0.04, seconds=40, started_s=20)
        store.add_video(rows.video(STIMULUS, name="advert.mp4", path=str(path), codec="h264", width=640, height=360))
        store.publish()
    return home


def test_over_time_and_stimulus(study, up, watched, shots, tmp_path):
    page = watched.page()
    page.goto(f"{up.url}/compare?{urlencode({**TWO, 'section': 'Over time'})}")
    page.get_by_role("heading", name="In words").wait_for()
    settled(page)
    assert page.get_by_test_id("stVegaLiteChart").count() == 8
    page.get_by_role("radio", name="week").click()
    page.get_by_text("per week").first.wait_for()
    settled(page)
    assert "trend_per=week" in page.url
    slopes = saved(page, "Slopes as CSV", tmp_path).read_text().splitlines()
    assert slopes[0].startswith("subject,measure,sessions") and len(slopes) == 9
    page.screenshot(path=shots / "compare_over_time_light.png", full_page=True)

    page.get_by_role("radio", name="Stimulus").click()
    page.get_by_role("button", name="Curves as CSV").wait_for()
    settled(page)
    curves = saved(page, "Curves as CSV", tmp_path).read_text().splitlines()
    assert curves[0] == "measure,group,from_s,to_s,mean,low,high,n,moment,relative" and len(curves) == 81

    page.goto(f"{up.url}/compare?{urlencode({**TWO, 'section': 'Stimulus', 'course_video': STIMULUS})}")
    strip = page.get_by_role("slider", name="Seconds from “stimulus”")
    strip.wait_for()
    settled(page)
    video = page.locator("video").element_handle()  # within the player's shadow root, where only a locator gets
    # A click on the curves sends the video there; the moment is at its start, a quarter of the way.
    box = strip.bounding_box()
    strip.click(position={"x": box["width"] * 0.5, "y": 40})
    page.wait_for_function("video => video.currentTime > 4", arg=video)
    assert float(strip.get_attribute("aria-valuenow")) == pytest.approx(5, abs=0.2)
    strip.press("ArrowRight")
    page.wait_for_function("video => video.currentTime > 5.3", arg=video)
    # And playing it moves the playhead.
    strip.press(" ")
    page.wait_for_function("video => video.currentTime > 6.2", arg=video)
    strip.press(" ")
    assert float(strip.get_attribute("aria-valuenow")) > 6
    page.screenshot(path=shots / "compare_stimulus_light.png", full_page=True)

    for section in ("Over time", "Stimulus"):
        narrow = watched.page(375, 800, "dark")
        narrow.goto(f"{up.url}/compare?{urlencode({**TWO, 'section': section, 'course_video': STIMULUS})}")
        narrow.get_by_role("button", name="CSV").first.wait_for()
        settled(narrow)
        assert fits(narrow)
        narrow.screenshot(path=shots / f"compare_{section.replace(' ', '_').lower()}_dark.png", full_page=True)
