"""The people of a video in a real browser: named, merged, split and undone; two who edit at once; pictures of each."""

from __future__ import annotations

import os
import shutil
import signal

import pytest

from db import people_results, results
from db.store import Store
from processor import status
from processor.decode import probe
from tests.dashboard.conftest import add
from tests.db.crowd import crowd
from tests.e2e.browser import fits, holds, settled

pytestmark = pytest.mark.e2e

VIDEO, OTHER = "a" * 16, "b" * 16
#                    0 s   2 s   4 s   6 s   8 s
SEEN = {1: "nnnnnnnn............", 2: "........hhhhhhhh....", 3: "....ssssssss........"}


@pytest.fixture
def bundle(home, sample_video) -> str:
    """Before the service starts: three people in a video that can be played, and one of another video with a name."""
    path = home.library / "sample.mp4"
    shutil.copy(sample_video, path)
    info = probe(path, 10_000_000)
    with Store(home.store, home.results) as store:
        for video_id, name, people in ((OTHER, "other.mp4", {1: "nnnn"}), (VIDEO, "sample.mp4", SEEN)):
            where = {"path": str(path), "duration_s": info.duration_s, "width": info.width, "height": info.height}
            run_id = add(store, video_id, name, **where)
            store.start_run(run_id)
            store.finish_run(
                run_id, **crowd(people), model_id="m-1", detector="yunet", device="CPU", seconds=1.5, corrupt_packets=0
            )
        edit = {"kind": "name", "track_id": 1, "into_id": None, "at_s": None, "name": "ANNA"}
        store.put_people(1, [edit], {1: "ANNA"})
        store.publish()
    return "moodnet"


def people(up) -> dict[int, tuple[str | None, int]]:
    """Who is stored: {track: (name, faces)}."""
    with results.connect(up.home.snapshot) as con:
        rows = results.tracks(con, 2)
    return {row.track_id: (row.label if isinstance(row.label, str) else None, row.observations)
            for row in rows.itertuples()}  # fmt: skip


def faces(up) -> list[tuple]:
    """Every face of the run as it is stored."""
    with results.connect(up.home.snapshot) as con:
        return results.observations(con, 2).astype(object).where(lambda cells: cells.notna(), None).values.tolist()


def opened(up, page):
    """The section of the video, drawn."""
    page.goto(f"{up.url}/video?video={VIDEO}&section=People")
    field(page, 1).wait_for()
    settled(page)
    return page


def field(page, track_id: int):
    """Where the person's name is typed. While the page is drawn again, the old field can still be there, too."""
    named = page.get_by_label(f"Name of person {track_id}", exact=True)
    for _ in range(100):
        if named.count() == 1:
            break
        page.wait_for_timeout(100)
    return named


def undo(page, what: str):
    return page.get_by_role("button", name=what)


def choose(page, label: str, option: str) -> None:
    """By keyboard alone: the list is opened, typed into, and the one found taken."""
    box = page.get_by_role("combobox", name=label)
    box.click()
    box.fill(option)
    page.get_by_role("option", name=option).first.wait_for()
    page.keyboard.press("Enter")
    settled(page)


def test_name_merge_split_and_undo(up, watched, shots):
    page = opened(up, watched.page(1440, 1400))
    before = faces(up)
    assert before and people(up) == {1: (None, 8), 2: (None, 8), 3: (None, 8)}

    field(page, 1).fill("Anna")
    field(page, 1).press("Enter")
    undo(page, "Undo: name Person 1 Anna").wait_for()
    settled(page)
    page.get_by_role("link", name="Also in other.mp4").wait_for()
    assert faces(up) != before and people(up)[1] == ("Anna", 8)  # the label is a column of what is read

    # Person 3 is in the picture with the first one until 4 s, and with the second one from then on.
    choose(page, "This person", "Person 3")
    choose(page, "is the same as", "Anna")
    page.get_by_text("They are in the picture together at 0:02").wait_for()
    assert page.get_by_role("button", name="Merge", exact=True).is_disabled()

    choose(page, "This person", "Person 2")
    page.get_by_text("They are in the picture together").wait_for(state="detached")
    page.get_by_role("button", name="Merge", exact=True).click()
    undo(page, "Undo: merge Person 2 into Anna").wait_for()
    settled(page)
    assert field(page, 2).count() == 0
    assert people(up) == {1: ("Anna", 16), 3: (None, 8)}
    settled(page)
    page.screenshot(path=shots / "people_merged.png")

    page.get_by_role("tab", name="Split").click()
    choose(page, "Person to split", "Anna")
    page.get_by_label("Somebody else from (m:ss)").fill("0:06")
    page.get_by_role("button", name="Split", exact=True).click()
    field(page, 4).wait_for()
    settled(page)
    assert people(up) == {1: ("Anna", 12), 3: (None, 8), 4: (None, 4)}
    page.screenshot(path=shots / "people_split.png")

    for last in ("split Anna", "merge Person 2", "name Person 1"):
        settled(page)
        undo(page, f"Undo: {last}").click()
    undo(page, "Undo:").wait_for(state="detached")
    settled(page)
    assert faces(up) == before
    holds(field(page, 1), "")


def test_two_who_edit_at_once(up, watched, shots):
    first, second = (opened(up, watched.page(900, 1200)) for _ in range(2))
    service = status.read(up.home.path).pid
    os.kill(service, signal.SIGSTOP)  # so that both ask before either is answered
    try:
        for page, name in ((first, "Anna"), (second, "<b>Berta</b>")):
            field(page, 3).fill(name)
            field(page, 3).press("Enter")
            page.get_by_text("on its way").wait_for()
    finally:
        os.kill(service, signal.SIGCONT)
    for page in (first, second):  # both see what the first one said
        undo(page, "Undo: name Person 3 Anna").wait_for()
        settled(page)
        holds(field(page, 3), "Anna")
    refused = "Somebody else changed the people of this video meanwhile: look again, then repeat."
    said = second.get_by_test_id("stAlert").filter(has_text=refused)
    said.first.wait_for()  # the two answers can be published one after the other
    assert said.count() == 1
    assert first.get_by_text(refused).count() == 0
    second.screenshot(path=shots / "people_refused.png")
    assert people(up)[3] == ("Anna", 8)

    field(second, 3).fill("<b>Berta</b>")  # having looked again
    field(second, 3).press("Enter")
    undo(first, "Undo: name Anna").wait_for()
    settled(first)
    assert people(up)[3] == ("<b>Berta</b>", 8)
    holds(field(first, 3), "<b>Berta</b>")
    settled(second)
    assert second.get_by_test_id("stAlert").filter(has_text=refused).count() == 0


def test_baseline_pictures_and_a_narrow_window(up, watched, shots):
    page = opened(up, watched.page(375, 812, "dark"))
    assert fits(page)
    page.get_by_role("tab", name="Baseline").click()
    choose(page, "Whose baseline", "Person 1")
    page.get_by_role("button", name="Suggest").click()
    page.get_by_role("button", name="Set baseline").click()
    page.get_by_text("Baseline now: 0:00 to 0:04").wait_for()
    with results.connect(up.home.snapshot) as con:
        assert people_results.baselines(con, 2).to_numpy().tolist() == [[1, 0.0, 4.0]]
    page.get_by_text("Show pictures").click()
    page.locator("[data-testid=stBidiComponentRegular] canvas, [data-testid^=stBidiComponent] canvas").last.wait_for()
    settled(page)
    assert fits(page)
    page.screenshot(path=shots / "people_375_dark.png", full_page=True)
    page.get_by_role("button", name="Remove", exact=True).click()
    page.get_by_text("There is no baseline yet").wait_for()
