"""Two cohorts of thirty sessions each, compared in a real browser: groups, address, sections, files."""

from __future__ import annotations

import io
import re
from urllib.parse import parse_qsl, urlsplit

import pandas as pd
import pypdf
import pytest
from PIL import Image

from dashboard import group_statistics
from dashboard.choice import Choice
from dashboard.study import study
from db import results, study_results
from db.store import Store
from tests import studies
from tests.e2e.browser import fits, saved, settled

pytestmark = pytest.mark.e2e

SLOW_MS = 120_000  # the first page of a new server, on a machine that has other things to do
TWO = "g1=name%3Dcontrol%26cohort%3Dcontrol&g2=name%3Dtreatment%26cohort%3Dtreatment"


@pytest.fixture
def bundle(home) -> str:
    """Before the service starts: a study of sixty videos with a known effect."""
    with Store(home.store, home.results) as store:
        studies.fill(store, 0.15, seconds=30, started_s=10)
        store.publish()
    return "moodnet"


def test_from_nothing_to_a_shared_comparison(up, watched, shots, tmp_path):
    page = watched.page()
    page.goto(f"{up.url}/compare")
    page.get_by_text("Choose what to compare").wait_for(timeout=SLOW_MS)
    settled(page)
    page.screenshot(path=shots / "compare_begin.png")

    page.get_by_role("button", name="One group for each").click()
    page.get_by_role("menuitem", name="cohort").click()
    page.get_by_text("60 sessions. None of 60 videos is left out.").wait_for(timeout=SLOW_MS)
    page.get_by_role("button", name=re.compile("treatment · 30")).wait_for(timeout=SLOW_MS)

    # Another name for a group, by its menu.
    page.get_by_role("button", name=re.compile("control · 30")).click()
    page.get_by_role("menuitem", name="Edit").click()
    name = page.get_by_role("textbox", name="Name")
    name.fill("without")
    page.get_by_role("dialog").screenshot(path=shots / "compare_group.png")
    page.get_by_role("button", name="Save the group").click()
    page.get_by_role("button", name=re.compile("without · 30")).wait_for(timeout=SLOW_MS)
    page.wait_for_url(re.compile("name%3Dwithout"))

    page.get_by_role("radio", name="Subjects").click()
    page.get_by_text("30 subjects. None of 60 videos is left out.").wait_for(timeout=SLOW_MS)
    settled(page)
    page.get_by_role("radio", name="Differences").click()
    page.get_by_text("Measure by measure").wait_for(timeout=SLOW_MS)
    settled(page)

    with results.connect(up.home.snapshot) as con:
        rows = study_results.units(con)
    chosen = Choice.from_query(dict(parse_qsl(urlsplit(page.url).query)))
    assert [group.name for group in chosen.groups] == ["without", "treatment"] and chosen.unit == "subject"
    told = group_statistics.compare(study(rows, chosen))
    happy = told[told["measure"] == "happy"].iloc[0]
    assert happy["p_holm"] < 0.05
    page.get_by_text(happy["sentence"]).wait_for(timeout=SLOW_MS)

    # The same address in another window: the same figures.
    other = watched.page()
    other.goto(page.url)
    other.get_by_text(happy["sentence"]).wait_for(timeout=SLOW_MS)
    other.get_by_text("30 subjects. None of 60 videos is left out.").wait_for(timeout=SLOW_MS)
    settled(other)
    assert other.get_by_test_id("stVegaLiteChart").count() == page.get_by_test_id("stVegaLiteChart").count() == 11
    assert other.url == page.url

    # Removing a group leaves the other one.
    page.get_by_role("button", name=re.compile("treatment · 15")).click()
    page.get_by_role("menuitem", name="Remove").click()
    page.get_by_text("A difference needs two groups").wait_for(timeout=SLOW_MS)
    assert "treatment" not in page.url


def test_every_section_on_every_screen(up, watched, shots, tmp_path):
    for width, scheme in ((1440, "light"), (375, "dark")):
        page = watched.page(width, 2600 if width > 500 else 6500, scheme)
        for section in ("Overview", "Differences", "Over time", "Stimulus", "Exports"):
            page.goto(f"{up.url}/compare?{TWO}&section={section.replace(' ', '+')}")
            page.get_by_text("60 sessions. None of 60 videos is left out.").wait_for(timeout=SLOW_MS)
            page.get_by_text("Moodreel shows what faces express").wait_for(timeout=SLOW_MS)
            settled(page)
            page.screenshot(path=shots / f"compare_{section.replace(' ', '_')}_{width}_{scheme}.png")
            assert fits(page), section
        page.context.close()


def test_files_and_the_way_to_a_video(up, watched, shots, tmp_path):
    page = watched.page()
    page.goto(f"{up.url}/compare?{TWO}&section=Exports&seconds=29")
    page.get_by_role("button", name="Units", exact=True).wait_for(timeout=SLOW_MS)
    settled(page)
    units = pd.read_csv(saved(page, "Units", tmp_path))
    assert len(units) == 60 and units.groupby("group")["happy"].mean().diff().iloc[-1] > 0.08
    tests = pd.read_csv(saved(page, "Tests", tmp_path))
    assert tests.set_index("measure").loc["happy", "p_holm"] < 0.05
    assert pd.read_csv(saved(page, "What is left out", tmp_path)).empty
    page.get_by_role("button", name="Prepare the charts").click()
    page.get_by_role("button", name="Radar, PNG").wait_for(timeout=120_000)
    settled(page)
    with Image.open(saved(page, "Radar, PNG", tmp_path)) as picture:
        assert picture.width == 1800
    assert saved(page, "Glance, SVG", tmp_path).read_text().startswith("<svg")
    page.get_by_role("button", name="Prepare the report").click()
    page.get_by_role("button", name="Report, PDF").wait_for(timeout=120_000)
    settled(page)
    report = saved(page, "Report, PDF", tmp_path)
    leaves = pypdf.PdfReader(io.BytesIO(report.read_bytes())).pages
    text = " ".join(" ".join(leaf.extract_text() for leaf in leaves).split())
    assert "Comparison of control and treatment" in text and "n = 30 and 30" in text

    # A click on a point opens its video.
    page.goto(f"{up.url}/compare?{TWO}&section=Differences")
    page.get_by_text("Measure by measure").wait_for(timeout=SLOW_MS)
    settled(page)
    chart = page.get_by_test_id("stVegaLiteChart").nth(1)
    chart.scroll_into_view_if_needed()
    chart.locator("path[aria-roledescription=point]").last.click(force=True)
    page.wait_for_url(re.compile("/video[?]video="))
