"""Every page works for those who see less, by keyboard alone, and without motion; axe-core looks in a real browser.

axe-core comes with axe-playwright-python and is put into the page from there; nothing is fetched.
"""

from __future__ import annotations

import re
import shutil

import numpy as np
import pytest

from db.store import Store
from processor.decode import probe
from tests.dashboard.conftest import add, finish
from tests.e2e.browser import findings, opened, settled, tab_to

pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install -r requirements-dev.txt")
pytest.importorskip("axe_playwright_python", reason="needs axe: see requirements-dev.txt")

pytestmark = pytest.mark.e2e

SIZES = [(1440, "light"), (375, "dark")]  # each width and each scheme once: it is the longest of the browser tests
VIDEO, OTHER = "a" * 16, "b" * 16
GROUPS = "g1=name%3Danna%26subject%3Danna&g2=name%3Dpilot%26cohort%3Dpilot"

# What one can choose on each page: its sections, by name.
PAGES = {
    "": ["Videos", "Edit", "Import", "Storage", "Duplicates"],
    f"video?video={VIDEO}": ["Timeline", "People", "Moments", "Markers", "Runs", "Exports"],
    "live": ["Live", "Record, then analyse", "Photo"],
    f"compare?{GROUPS}": ["Overview", "Differences", "Over time", "Stimulus", "Exports"],
    "sql": [],
    "alerts": ["Alerts", "Rules", "Messages"],
    "models": ["Cards", "Comparison", "Evaluation", "Training", "Faces"],
    "data": ["Counts", "Faces", "Grey levels"],
    "try_it": [],
    "privacy": ["Purpose and notice", "Consent", "Retention", "Erase"],
}


@pytest.fixture
def bundle(home, sample_video) -> str:
    """Before the service starts: an analysed video that can be played, and a prepared set of faces."""
    from training.datasets import FaceSet

    path = home.library / "sample.mp4"
    shutil.copy(sample_video, path)
    info = probe(path, 10_000_000)
    seen = {"path": str(path), "duration_s": info.duration_s, "width": info.width, "height": info.height}
    with Store(home.store, home.results) as store:
        for video_id, name in ((VIDEO, "sample.mp4"), (OTHER, "other.mp4")):
            run = add(store, video_id, name, subject="anna", cohort="pilot", session="1", **seen)
            store.start_run(run)
            finish(store, run, seconds=12)
        markers = [{"marker_id": "m", "t_s": 2.0, "end_s": None, "kind": "question", "note": "the first"}]
        store.add_markers(VIDEO, markers, "typed")
        store.exclude(VIDEO, "r", 5.0, 6.0, "somebody walks by")
        store.publish()
    random = np.random.default_rng(0)
    fer = np.repeat(np.arange(7, dtype=np.int8), 4)
    images = random.integers(0, 255, (28, 48, 48)).astype(np.uint8)
    rows = np.arange(28, dtype=np.int32)
    (home.path / "datasets").mkdir(exist_ok=True)
    FaceSet(images, fer, None, np.full(28, "Training"), rows).save(home.path / "datasets" / "noise.npz")
    return "moodnet"


def sections(page, names: list[str]):
    """Choose one section after the other; without any, the page as it is."""
    for name in names or [""]:
        if name:
            page.get_by_role("radio", name=name, exact=True).first.click()
        settled(page)
        yield name


def test_axe_finds_nothing_serious(up, watched, shots):
    found = []
    for width, scheme in SIZES:
        page = watched.page(width, 900 if width > 500 else 812, scheme)
        for address, names in PAGES.items():
            opened(page, f"{up.url}/{address}")
            for name in sections(page, names):
                where = f"{re.sub('[?].*', '', address) or 'library'} {name} {width} {scheme}"
                page.screenshot(path=shots / f"{where.replace(' ', '_')}.png")
                found += findings(page, where)
        page.context.close()
    assert not found, "\n" + "\n".join(found)


def test_the_video_page_by_keyboard_alone(up, watched):
    page = watched.page()
    opened(page, f"{up.url}/video?video={VIDEO}")

    tab_to(page, "[data-testid=stSelectbox] input")
    for key in ("Enter", "ArrowUp", "ArrowDown"):  # open the list, and to the other video from wherever it begins
        page.keyboard.press(key)
    page.keyboard.type("other")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(OTHER))
    page.get_by_role("heading", name="other.mp4").wait_for()
    settled(page)

    tab_to(page, "input[type=range][aria-label='Undecided below']")
    page.keyboard.press("ArrowRight")
    page.wait_for_url(re.compile(r"threshold=0\.05"))
    settled(page)

    tab_to(page, "[aria-label=Section] [role=radio]")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    page.wait_for_url(re.compile(r"section=People"))


# The longest time in seconds that a change of style or an animation takes, in all of the page, shadow trees included.
LONGEST_MOTION = """() => {
  let longest = 0;
  const look = (root) => root.querySelectorAll("*").forEach((element) => {
    const style = getComputedStyle(element);
    const times = `${style.transitionDuration}, ${style.animationName === "none" ? "0s" : style.animationDuration}`;
    for (const time of times.split(", "))
      longest = Math.max(longest, parseFloat(time) / (time.endsWith("ms") ? 1000 : 1));
    if (element.shadowRoot) look(element.shadowRoot);
  });
  look(document);
  return longest;
}"""


def test_nothing_moves_for_those_who_want_no_motion(up, watched):
    page = watched.page()
    opened(page, f"{up.url}/video?video={VIDEO}")
    assert page.evaluate(LONGEST_MOTION) > 0.05  # so that the next line says something
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate(LONGEST_MOTION) < 0.001
