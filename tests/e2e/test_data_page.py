"""The Data and Try it pages in a real browser: a set is prepared as the page says, and a photograph is uploaded."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from skimage import data as photographs

from tests.e2e.browser import fits, settled

pytestmark = pytest.mark.e2e

REPOSITORY = Path(__file__).parents[2]
SECTIONS = {
    "Counts": 2, "Faces": 0, "Grey levels": 3, "Average faces": 0, "Likeness": 4, "Label disagreement": 1,
    "Duplicates": 0, "Augmentation": 0,
}  # fmt: skip # the charts in each
SIZES = [(1440, "light"), (1440, "dark"), (375, "light"), (375, "dark")]


def whole(page, path: Path) -> None:
    """A screenshot of the page from top to bottom, which scrolls inside of the window."""
    size = page.viewport_size
    height = page.evaluate("document.querySelector('[data-testid=stMainBlockContainer]').scrollHeight")
    page.set_viewport_size({"width": size["width"], "height": int(height) + 80})
    page.wait_for_timeout(500)
    page.screenshot(path=path)
    page.set_viewport_size(size)


def faces(page):
    """The pictures of the galleries that a browser could really show."""
    pictures = page.locator("figure img")
    assert pictures.evaluate_all("all => all.every(image => image.complete && image.naturalWidth > 40)")
    return pictures


def test_a_set_is_prepared_as_the_page_says_and_looked_at(up, watched, shared, shots):
    page = watched.page()
    page.goto(f"{up.url}/data")
    page.get_by_role("heading", name="No data set here yet").wait_for()
    settled(page)
    page.screenshot(path=shots / "data_empty.png")

    command = shlex.split(page.get_by_test_id("stCode").first.inner_text().strip())
    assert command[:4] == ["python", "-m", "training", "prepare"]
    sample = {
        f"{name}.csv": str(shared / "data" / "fer2013" / f"{name}_sample.csv") for name in ("fer2013", "fer2013new")
    }
    command = [sys.executable, *(sample.get(word, word) for word in command[1:])]
    made = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=120)
    assert made.returncode == 0, made.stderr[-2000:]
    page.reload()
    page.get_by_text("As a table").wait_for()
    settled(page)

    for section, charts in SECTIONS.items():
        page.get_by_role("radio", name=section, exact=True).click()
        settled(page)
        page.wait_for_function(f"document.querySelectorAll('[data-testid=stVegaLiteChart] svg').length == {charts}")
        assert page.get_by_test_id("stException").count() == 0
        if section == "Faces":
            assert faces(page).count() == 28
            page.get_by_role("button", name="Show more").click()
            page.wait_for_function("document.querySelectorAll('figure img').length == 56")
        elif section == "Average faces":
            assert faces(page).count() == 16
        elif section == "Duplicates":
            page.get_by_role("button", name="Look for duplicates").click()
            page.get_by_text("Exact copies").first.wait_for()
        elif section == "Augmentation":
            page.get_by_role("button", name="Show examples").click()
            page.wait_for_function("document.querySelectorAll('figure img').length == 36", timeout=90_000)
            faces(page)

    page.get_by_role("radio", name="Likeness", exact=True).click()
    settled(page)
    dots = page.get_by_test_id("stVegaLiteChart").first.locator("svg .mark-symbol.role-mark path")
    dots.nth(5).hover(force=True)
    assert page.locator("#vg-tooltip-element img").get_attribute("src").startswith("data:image/jpeg")
    page.screenshot(path=shots / "data_tooltip.png")

    for width, scheme in SIZES:
        other = watched.page(width, 900, scheme)
        other.goto(f"{up.url}/data")
        other.get_by_text("As a table").wait_for()
        for section in SECTIONS:
            other.get_by_role("radio", name=section, exact=True).click()
            settled(other)
            assert fits(other)
            whole(other, shots / f"data_{section.replace(' ', '_').lower()}_{width}_{scheme}.png")
        other.context.close()


def test_a_photograph_is_uploaded_and_nothing_of_it_stays(up, watched, shots, tmp_path):
    face, none, broken = (tmp_path / name for name in ("astronaut.jpg", "coffee.webp", "broken.jpg"))
    Image.fromarray(photographs.astronaut()).save(face, quality=95)
    Image.fromarray(photographs.coffee()).save(none)
    broken.write_bytes(face.read_bytes()[:9000])
    page = watched.page()
    page.goto(f"{up.url}/try_it")
    page.get_by_text("Nothing is stored").wait_for()
    settled(page)
    page.screenshot(path=shots / "try_it_empty.png")
    before = {path.relative_to(up.home.path) for path in up.home.path.rglob("*")}

    page.locator("input[type=file]").set_input_files([face, none, broken])
    page.get_by_text(re.compile("^Face 1: happy")).first.wait_for(timeout=90_000)
    page.get_by_text("No face was found in this picture").wait_for()
    page.get_by_text("broken.jpg is damaged or cut off").wait_for()
    settled(page)
    assert page.get_by_test_id("stImage").locator("img").evaluate_all("all => all.every(i => i.naturalWidth > 100)")
    assert faces(page).count() == 2  # what the network saw, and where it looked
    assert page.get_by_test_id("stVegaLiteChart").count() == 1
    for text in ("what the network saw", "what speaks for happy", "1 face · 512 × 512", "detector Haar"):
        page.get_by_text(text).first.wait_for()
    whole(page, shots / "try_it.png")
    written = {path.relative_to(up.home.path) for path in up.home.path.rglob("*")} - before
    assert not [path for path in written if path.parts[0] not in ("results", "status.json", "store.duckdb.wal")]

    for width, scheme in SIZES:
        other = watched.page(width, 900, scheme)
        other.goto(f"{up.url}/try_it")
        other.locator("input[type=file]").set_input_files(face)
        other.get_by_text(re.compile("^Face 1: happy")).first.wait_for()
        settled(other)
        assert fits(other)
        whole(other, shots / f"try_it_{width}_{scheme}.png")
        other.context.close()
