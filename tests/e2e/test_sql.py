"""The SQL page in a real browser: ask by keyboard, look at it, stop it, save it, share it, and find it again."""

from __future__ import annotations

import re

import pytest

from tests.e2e.browser import fits, holds, saved, settled

pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install -r requirements-dev.txt")

pytestmark = pytest.mark.e2e


def write(page, sql: str) -> None:
    """Type a query in place of what the editor has."""
    field = page.get_by_role("textbox", name="Query", exact=True)
    field.click()
    field.press("Control+A")
    field.press_sequentially(sql, delay=0) if len(sql) < 20 else field.fill(sql)


def run(page) -> None:
    """By keyboard, from within the editor."""
    page.get_by_role("textbox", name="Query", exact=True).press("Control+Enter")


def test_asking(analysed, up, watched, shots, tmp_path):
    page = watched.page()
    page.goto(f"{up.url}/sql")
    page.get_by_role("button", name="Run").wait_for()
    settled(page)
    page.screenshot(path=shots / "sql-first.png", full_page=True)

    # a ready question, run as soon as it is to be seen, and its chart
    first = page.get_by_role("textbox", name="Query", exact=True).input_value()
    page.get_by_role("button", name="Ready questions").click()
    page.get_by_role("button", name="Emotions overall").click()
    page.wait_for_function("first => document.querySelector('.st-key-sql-text textarea').value !== first", arg=first)
    run(page)
    page.get_by_text(re.compile("7 rows · 2 columns")).wait_for()
    page.get_by_role("radio", name="Chart").click()
    page.locator("[data-testid=stVegaLiteChart] canvas, [data-testid=stVegaLiteChart] svg").first.wait_for()
    settled(page)
    page.screenshot(path=shots / "sql-chart.png", full_page=True)

    # a mistake is marked where it is; the editor keeps the text
    write(page, "SELECT name,\n  nosuch\nFROM video")
    run(page)
    page.get_by_text("Referenced column").wait_for()
    page.get_by_text("Line 2:").wait_for()
    page.screenshot(path=shots / "sql-mistake.png", full_page=True)
    assert page.get_by_role("textbox", name="Query", exact=True).input_value() == "SELECT name,\n  nosuch\nFROM video"

    # an endless one counts its seconds, and is stopped
    write(page, "SELECT count(*) FROM range(10_000_000) a, range(10_000_000) b")
    run(page)
    page.get_by_text(re.compile(r"Running for [1-9]\d* s of at most 10 s")).wait_for()
    page.screenshot(path=shots / "sql-running.png", full_page=True)
    page.get_by_role("button", name="Stop").click()
    page.get_by_text("The query was stopped.").wait_for()

    # files: what a spreadsheet would run is made harmless
    write(page, "SELECT '=1+1' AS formula, 2 AS number")
    run(page)
    page.get_by_text("1 row · 2 columns").wait_for()
    page.get_by_role("radio", name="Files").click()
    page.get_by_role("button", name="Prepare files").click()
    page.get_by_role("button", name="CSV", exact=True).wait_for()
    settled(page)
    assert saved(page, "CSV", tmp_path).read_text() == "formula,number\n'=1+1,2\n"
    assert saved(page, "Parquet", tmp_path).read_bytes()[:4] == b"PAR1"

    # saved for everybody, and the address brings it to somebody else, who looks before it is run
    page.get_by_role("button", name="Save", exact=True).first.click()
    page.get_by_label("Name", exact=True).fill("two columns")
    page.get_by_label("Name", exact=True).press("Enter")
    page.get_by_test_id("stPopoverBody").get_by_role("button", name="Save", exact=True).click()
    page.wait_for_timeout(500)
    other = watched.page(375, 800, "dark")
    other.goto(page.url)
    other.get_by_text("Nothing has been run yet").wait_for()
    holds(other.get_by_role("textbox", name="Query", exact=True), re.compile(r"'=1\+1' AS formula"))
    other.get_by_role("button", name="Run").click()
    other.get_by_text("1 row · 2 columns").wait_for()
    settled(other)
    assert fits(other)
    other.screenshot(path=shots / "sql-375-dark.png", full_page=True)
    page.get_by_role("button", name="Saved", exact=True).click()
    page.get_by_role("button", name="two columns").wait_for()
    settled(page)
    page.screenshot(path=shots / "sql-saved.png", full_page=True)
    page.keyboard.press("Escape")

    # the schema's columns go into the query
    write(page, "SELECT ")
    page.get_by_role("radio", name="coverage", exact=True).click()
    page.wait_for_function("() => document.querySelector('.st-key-sql-text textarea').value === 'SELECT coverage'")
