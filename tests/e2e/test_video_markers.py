"""Markers and excluded ranges in a real browser, beside the real service: imported, moved, deleted, looked around."""

from __future__ import annotations

import csv
import io

import pytest

from db import annotation_results, results
from tests.dashboard.test_marker_files import aligned, eaf
from tests.e2e.browser import fits, saved, settled

sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install -r requirements-dev.txt")

pytestmark = pytest.mark.e2e

VIDEO = "a" * 16
AWKWARD = '=HYPERLINK("http://x") <img src=x onerror=alert(1)> [a](http://b) :smile:'

CSV = 'time,end,kind,note\n2,,question,\n5.5,,question,\n9,10,question,"{note}"\n-1,,question,\n45,,question,\n'.format(
    note=AWKWARD.replace('"', '""')
)
SRT = "1\n00:00:01,000 --> 00:00:02,500\n<i>Hello</i> there\n\n2\n00:00:07,000 --> 00:00:08,000\nBye\n"


@pytest.fixture
def bundle(analysed) -> str:
    """Before the service starts there is an analysed video. Any model will do."""
    return "moodnet"


@pytest.fixture
def markers(up):
    """The markers in the published snapshot, as (t_s, end_s or None, kind, note)."""

    def read() -> list[tuple]:
        with results.connect(up.home.snapshot) as con:
            rows = annotation_results.markers(con, VIDEO)
        return [
            (row.t_s, None if row.end_s != row.end_s else row.end_s, row.kind, row.note) for row in rows.itertuples()
        ]

    return read


def choose_file(page, name: str, text: str) -> None:
    """Put a file of markers into the upload."""
    if not page.get_by_test_id("stFileUploaderDropzone").is_visible():
        page.get_by_text("Import markers from a file").click()
    page.locator("input[type=file]").set_input_files({"name": name, "mimeType": "text/plain", "buffer": text.encode()})
    page.get_by_text(name).first.wait_for()
    settled(page)


def import_all(page, number: str) -> None:
    page.get_by_role("button", name=f"Import {number}").click()
    page.get_by_text("Asked to import").first.wait_for()


def until(page, what, expected) -> None:
    """Until the processor has done it."""
    for _ in range(150):
        if what() == expected:
            break
        page.wait_for_timeout(100)
    assert what() == expected
    page.wait_for_timeout(1200)  # the page looks for news every second
    settled(page)


def cell(page, table, row: int, x: float) -> tuple[float, float]:
    """Where a cell of a painted table is: row from 0, x from its left edge."""
    table.evaluate("table => table.scrollIntoView({block: 'center'})")  # not below the bar at the top
    page.wait_for_timeout(300)
    box = table.bounding_box()
    return box["x"] + x, box["y"] + 36 + 35 * row + 17


def open_markers(page, up) -> None:
    page.goto(f"{up.url}/video?video={VIDEO}&section=Markers")
    page.get_by_role("heading", name="Excluded ranges").wait_for()
    settled(page)


def test_markers(up, watched, shots, markers, tmp_path):
    page = watched.page()
    open_markers(page, up)
    page.get_by_text("Nothing is marked yet").wait_for()
    page.get_by_text("Everything counts").wait_for()
    page.screenshot(path=shots / "markers_empty.png")

    # A table, with a row before the beginning and one after the end, and names that would like to be more than that.
    choose_file(page, "markers.csv", CSV)
    page.get_by_text("2 rows are no marker of this video").click()
    settled(page)
    page.screenshot(path=shots / "markers_preview.png", full_page=True)
    assert markers() == []  # nothing before the button
    import_all(page, "3 markers")
    questions = [(2.0, None, "question", None), (5.5, None, "question", None), (9.0, 10.0, "question", AWKWARD)]
    until(page, markers, questions)

    choose_file(page, "markers.csv", CSV)
    page.get_by_text("All of these 3 markers in markers.csv: already there").wait_for()
    assert not page.get_by_role("button", name="Import 3").count()

    choose_file(page, "lines.srt", SRT)
    import_all(page, "2 markers")
    lines = [(1.0, 2.5, "marker", "Hello there"), (7.0, 8.0, "marker", "Bye")]
    until(page, markers, sorted(questions + lines))

    gaze = f'<TIER TIER_ID="gaze">{aligned("a1", "ts1", "ts4", "up")}</TIER>'
    choose_file(page, "gaze.eaf", eaf(gaze))
    page.get_by_text("It was made for my clip.mpg, and this video is called sample.mp4").wait_for()
    import_all(page, "one marker")
    everything = sorted([*questions, *lines, (1.5, 4.5, "gaze", "up")])
    until(page, markers, everything)
    page.screenshot(path=shots / "markers.png", full_page=True)

    # Moved: the first one, at 1 s, to 1.25 s.
    table = page.get_by_test_id("stDataFrame").first
    page.mouse.dblclick(*cell(page, table, 0, 80))
    editor = page.locator("#portal textarea")
    editor.wait_for()
    editor.fill("0:01.25")
    page.screenshot(path=shots / "markers_editing.png")
    editor.press("Enter")
    page.get_by_role("button", name="Change 1 marker").click()
    everything[0] = (1.25, *everything[0][1:])
    until(page, markers, everything)

    # Deleted: the first one.
    page.mouse.click(*cell(page, table, 0, 18))
    page.keyboard.press("Delete")
    page.get_by_role("button", name="Delete 1 marker").click()
    del everything[0]
    until(page, markers, everything)

    # Gone to: the player stands at the third one, 5.5 s.
    place = [marker[0] for marker in everything].index(5.5)
    page.mouse.click(*cell(page, table, place, table.bounding_box()["width"] - 35))
    video = page.locator("video").first.element_handle()
    page.wait_for_function("video => Math.abs(video.currentTime - 5.5) < 0.05", arg=video)

    # Typed, with a time that is none first.
    page.get_by_role("textbox", name="Time", exact=True).fill("1:99")
    page.get_by_role("button", name="Add the marker").click()
    page.get_by_text("The time must be like 75.5").wait_for()
    page.get_by_role("textbox", name="Time", exact=True).fill("0:03,5")
    page.get_by_role("button", name="Add the marker").click()
    until(page, lambda: (3.5, None) in [marker[:2] for marker in markers()], True)

    # The seconds around a type.
    page.get_by_role("heading", name="Around a type of marker").wait_for()
    page.get_by_text("markers of the type “question”").first.wait_for()
    assert page.get_by_test_id("stVegaLiteChart").count() == 2
    page.screenshot(path=shots / "markers_around.png", full_page=True)

    rows = list(csv.DictReader(io.StringIO(saved(page, "Markers as CSV", tmp_path).read_text(), newline="")))
    assert [float(row["t_s"]) for row in rows] == [marker[0] for marker in markers()]
    assert "'" + AWKWARD in [row["note"] for row in rows]

    for width, scheme in ((1440, "dark"), (375, "light"), (375, "dark")):
        other = watched.page(width, 900 if width > 500 else 812, scheme)
        open_markers(other, up)
        assert fits(other)
        other.screenshot(path=shots / f"markers_{width}_{scheme}.png", full_page=True)
        other.context.close()
    assert page.locator("img[src='x']").count() == 0


def test_markers_of_another_video(up, watched, shots, markers):
    page = watched.page()
    open_markers(page, up)
    choose_file(page, "other.csv", "time\n3\n100\n200\n300\n")
    page.get_by_text("These markers seem to belong to another video: 3 of 4 lie after the end").wait_for()
    page.screenshot(path=shots / "markers_other_video.png", full_page=True)
    choose_file(page, "bad.eaf", '<!DOCTYPE a [<!ENTITY b "c">]><ANNOTATION_DOCUMENT/>')
    page.get_by_text("bad.eaf can't be read as an ELAN file: it has a DOCTYPE").wait_for()
    choose_file(page, "notes.txt", "nothing to see here\n")
    page.get_by_text("notes.txt has no column of times").wait_for()
    assert markers() == []


def test_excluded_ranges(up, watched, shots):
    def ranges() -> list[tuple]:
        with results.connect(up.home.snapshot) as con:
            return list(annotation_results.excluded(con, VIDEO)[["from_s", "to_s", "reason"]].itertuples(index=False))

    def exclude(from_: str, to: str, reason: str) -> None:
        for name, value in (("From", from_), ("To", to), ("Reason", reason)):
            page.get_by_role("textbox", name=name, exact=True).fill(value)
        page.get_by_role("button", name="Exclude it").click()

    page = watched.page()
    open_markers(page, up)
    exclude("0:08", "0:20", "late")
    page.get_by_text("The end 0:20 does not lie in the video").wait_for()
    exclude("0:02", "0:04", AWKWARD)
    until(page, ranges, [(2.0, 4.0, AWKWARD)])
    exclude("0:03", "0:05.5", "door")
    until(page, ranges, [(2.0, 5.5, f"{AWKWARD}; door")])
    exclude("0:08", "0:09", "")
    until(page, lambda: len(ranges()), 2)
    page.get_by_text("2 ranges are excluded, 4.5 s in all").wait_for()
    page.screenshot(path=shots / "excluded.png", full_page=True)

    table = page.get_by_test_id("stDataFrame").last
    page.mouse.click(*cell(page, table, 0, table.bounding_box()["width"] - 65))
    until(page, lambda: [row[:2] for row in ranges()], [(8.0, 9.0)])
