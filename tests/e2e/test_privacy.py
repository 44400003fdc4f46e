"""The Privacy page in a browser: first use, notice, consent, retention, erasing; and nothing leaves the machine."""

from __future__ import annotations

import json
import shutil
import time

import pytest

from db import results
from db.store import Store
from processor.decode import probe
from tests.dashboard.conftest import add, finish
from tests.e2e.browser import FOOT, findings, fits, holds, saved, settled

pytestmark = pytest.mark.e2e

SUBJECT, NEW = "Xaverius Nordlicht", "Newcomer"
VIDEO, OTHER = "a" * 16, "b" * 16
PAGES = ("", f"video?video={OTHER}", "compare", "sql", "alerts", "models", "data", "try_it", "privacy")
SECTIONS = ("Purpose and notice", "Consent", "Retention", "Erase")


@pytest.fixture
def bundle(home, sample_video) -> str:
    """Before the service starts: two analysed videos in the inbox, of the subject to be erased and of another."""
    info = probe(sample_video, 10_000_000)
    with Store(home.store, home.results) as store:
        for video_id, subject in ((VIDEO, SUBJECT), (OTHER, "ben")):
            path = home.inbox / "pilot" / subject / "clip.mp4"
            path.parent.mkdir(parents=True)
            shutil.copy(sample_video, path)
            with path.open("ab") as file:
                file.write(video_id.encode())  # another content for each
            seen = {"path": str(path), "duration_s": info.duration_s, "width": info.width, "height": info.height}
            run = add(store, video_id, "clip.mp4", subject=subject, cohort="pilot", **seen)
            store.put_file(str(path), video_id, path.stat().st_size, path.stat().st_mtime_ns, None)
            store.start_run(run)
            finish(store, run, seconds=12, people=1)
        note = f"{SUBJECT} comes in"
        store.add_markers(OTHER, [{"marker_id": "m", "t_s": 2.0, "end_s": None, "kind": "x", "note": note}], "typed")
        store.publish()
    return "moodnet"


def opened(page, url: str) -> None:
    page.goto(url)
    page.get_by_text(FOOT).wait_for(state="attached")
    settled(page)


def choose(page, name: str) -> None:
    page.get_by_role("radio", name=name, exact=True).click()
    settled(page)


def query(home, sql: str) -> list[tuple]:
    with results.connect(home.snapshot) as con:
        return con.execute(sql).fetchall()


def until(home, sql: str, wanted: object, within_s: float = 60) -> None:
    """Until the published results answer so."""
    end = time.monotonic() + within_s
    while (found := query(home, sql)) != wanted:
        assert time.monotonic() < end, found
        time.sleep(0.2)


@pytest.mark.parametrize("purpose", [""])
def test_first_use(up, watched, shots):
    page = watched.page()
    opened(page, f"{up.url}/video?video={OTHER}")
    page.get_by_role("heading", name="Before you begin").wait_for()
    page.screenshot(path=shots / "privacy_first_use.png")
    small = watched.page(375, 812, "dark")
    opened(small, up.url)
    assert fits(small) and findings(small, "first use") == []
    small.screenshot(path=shots / "privacy_first_use_small.png", full_page=True)
    small.context.close()

    page.get_by_role("button", name="Confirm and go on").click()
    page.get_by_text("Say what it is used for").wait_for()
    page.get_by_role("textbox", name="What is Moodreel used for here?").fill("a study of smiles")
    page.get_by_text("I confirm that this Moodreel").click()
    page.get_by_role("button", name="Confirm and go on").click()
    page.get_by_role("heading", name="clip.mp4").wait_for()
    until(up.home, "SELECT purpose FROM purpose_log", [("a study of smiles",)])

    page = watched.page()  # somebody else's window
    opened(page, f"{up.url}/privacy")
    page.get_by_text("a study of smiles").first.wait_for()


def test_notice_consent_and_retention(up, watched, shots, tmp_path, sample_video):
    page = watched.page()
    opened(page, f"{up.url}/privacy")
    page.get_by_role("textbox", name="Who is responsible").fill("Institute of Smiles")
    page.get_by_role("textbox", name="Contact").fill("smiles@example.org")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Institute of Smiles. Contact: smiles@example.org.").wait_for()
    settled(page)
    page.screenshot(path=shots / "privacy_purpose.png")
    assert "smiles@example.org" in saved(page, "Text", tmp_path).read_text("utf-8")
    assert saved(page, "PDF", tmp_path).read_bytes().startswith(b"%PDF")
    choose(page, "Deutsch")
    assert "Ihre Rechte" in saved(page, "Text", tmp_path).read_text("utf-8")

    choose(page, "Consent")
    page.get_by_text("Analyse only with consent").click()
    until(up.home, "SELECT value::VARCHAR FROM setting WHERE name = 'require_consent'", [("true",)])
    folder = up.home.inbox / "pilot" / NEW
    folder.mkdir()
    shutil.copy(sample_video, folder / "new.mp4")
    page.get_by_text(f"It waits for consent of {NEW}").wait_for(timeout=60_000)
    settled(page)
    page.screenshot(path=shots / "privacy_consent.png")
    opened(page, up.url)
    page.screenshot(path=shots / "privacy_library_waits.png")
    assert query(up.home, "SELECT state::VARCHAR FROM run ORDER BY run_id DESC LIMIT 1") == [("queued",)]

    opened(page, f"{up.url}/privacy?section=Consent")
    give(page, row=1)  # ben, Newcomer, Xaverius
    page.get_by_role("button", name="Save 1 change").click()
    until(up.home, "SELECT subject, given FROM consent", [(NEW, True)])
    until(up.home, "SELECT state::VARCHAR FROM run ORDER BY run_id DESC LIMIT 1", [("done",)], 120)

    choose(page, "Retention")
    page.get_by_label("Videos", exact=True).fill("30")
    page.get_by_text("Remove files of the watched folders, too").click()
    page.get_by_role("button", name="Save").click()
    until(up.home, "SELECT value::VARCHAR FROM setting WHERE name = 'retention_watched'", [("true",)])
    page.get_by_text("3 in all.").wait_for()
    settled(page)
    page.screenshot(path=shots / "privacy_retention.png")


def give(page, row: int) -> None:
    """Choose "given" in the table's column Consent, by keyboard."""
    page.get_by_test_id("stDataFrame").first.click(position={"x": 40, "y": 35 * (row + 1) + 17})
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.get_by_role("option", name="given", exact=True).wait_for()
    page.keyboard.type("given")
    page.keyboard.press("Enter")
    settled(page)


def test_erase(up, watched, shots, tmp_path):
    page = watched.page()
    opened(page, f"{up.url}/privacy?section=Erase")
    page.get_by_role("combobox", name="Subject").fill(SUBJECT)
    page.get_by_role("option", name=SUBJECT, exact=True).click()
    page.get_by_text(f"What would be erased of {SUBJECT}").wait_for()
    settled(page)
    page.screenshot(path=shots / "privacy_erase_preview.png", full_page=True)
    assert page.get_by_role("button", name="Erase", exact=True).last.is_disabled()
    page.get_by_text(f"Erase {SUBJECT}. This can't be undone.").click()
    settled(page)
    assert findings(page, "preview of an erasure") == []
    page.get_by_role("button", name="Erase", exact=True).last.click()
    page.get_by_text("files and found nothing.").wait_for(timeout=60_000)
    settled(page)
    holds(page.get_by_role("combobox", name="Subject"), "")
    page.screenshot(path=shots / "privacy_erase_receipt.png", full_page=True)
    receipt = json.loads(saved(page, "Receipt as JSON", tmp_path).read_text())
    assert receipt["videos"] == 1 and receipt["salt"] and receipt["files"] == {"inbox": 1}
    assert saved(page, "Receipt as PDF", tmp_path).read_bytes().startswith(b"%PDF")

    named = [SUBJECT.encode(), SUBJECT.upper().encode(), SUBJECT.encode("utf-16-le"), VIDEO.encode()]
    for path in up.home.path.rglob("*"):
        assert SUBJECT not in str(path)
        # The last bytes of ben's file are its own; the subject's had the same beginning.
        if path.is_file() and path != up.home.store:
            assert not [one for one in named if one in path.read_bytes()], path
    assert query(up.home, "SELECT note FROM marker") == [("[erased] comes in",)]
    page.get_by_role("combobox", name="Subject").fill(SUBJECT)
    page.keyboard.press("Enter")
    page.get_by_text(f"Nothing in this home names {SUBJECT}").wait_for()
    small = watched.page(375, 812, "dark")
    opened(small, f"{up.url}/privacy?section=Erase")
    assert fits(small)
    small.screenshot(path=shots / "privacy_erase_small.png", full_page=True)


def test_no_page_asks_for_anything_elsewhere(up, watched):
    """A walk over all pages and the sections of this one; the fixture `watched` says what left this machine."""
    page = watched.page()
    for address in PAGES:
        opened(page, f"{up.url}/{address}")
    for section in SECTIONS:
        choose(page, section)
    assert watched.outside == []
