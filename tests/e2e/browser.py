"""What the browser tests share: the dashboard at work on a home of its own, and a browser that is watched.

Debian's chromium drives them; nothing is downloaded. Screenshots are left in the test's temporary folder, or in the
folder that SCREENSHOTS in the environment names.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from processor.config import Home

CHROMIUM = shutil.which("chromium")
FOOT = "Not for decisions on hiring"  # drawn last on every page

# Streamlit looks for its own base path by trial on pages below the root; these answers are not an error of ours.
_TRIAL = re.compile(r"/(video|live|compare|sql|alerts|models|data|try_it|privacy)/_stcore/(health|host-config)$")


@dataclass
class Running:
    """`python -m processor up`, at work on a home of its own."""

    home: Home
    url: str
    process: subprocess.Popen


def wait_for(url: str, process: subprocess.Popen, log: Path, within_s: float = 60) -> None:
    """Until the dashboard answers."""
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        assert process.poll() is None, log.read_text()[-3000:]
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"{url} did not answer within {within_s} s: {log.read_text()[-3000:]}")


@dataclass
class Watched:
    """A browser, and what it did that it should not: requests that leave this machine, errors on the console."""

    browser: object
    outside: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def page(self, width: int = 1440, height: int = 900, scheme: str = "light"):
        """A new window of that size, in that colour scheme."""
        context = self.browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("request", self._request)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        return page

    def _request(self, request) -> None:
        if not re.match(r"(https?|wss?)://127\.0\.0\.1[:/]|data:|blob:", request.url):
            self.outside.append(request.url)

    def _console(self, message) -> None:
        if message.type == "error" and not _TRIAL.search(message.location.get("url", "")):
            self.errors.append(f"{message.text} {message.location.get('url', '')}")


def settled(page) -> None:
    """Until the page has stopped being drawn."""
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    page.wait_for_timeout(700)


def holds(field, value: str | re.Pattern) -> None:
    """Until the field has this in it: the browser fills it a moment after it is there."""
    from playwright.sync_api import expect

    expect(field).to_have_value(value, timeout=30_000)


def opened(page, url: str) -> None:
    """Until the page is there, to its end."""
    page.goto(url)
    page.get_by_text(FOOT).wait_for(state="attached")
    settled(page)


def tab_to(page, selector: str, most: int = 60) -> None:
    """Press Tab until what has the focus fits the selector, as somebody without a mouse would."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{most} times Tab do not lead to {selector}")


def findings(page, where: str) -> list[str]:
    """What axe finds serious or critical, one line for each element."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [
        f"{where}: {rule['id']} ({rule['impact']}) {node['target']} {node['html'][:150]} | "
        + "; ".join(check["message"] for check in node["any"] + node["all"] + node["none"])[:260]
        for rule in found
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]


def fits(page) -> bool:
    """Whether nothing sticks out to the side."""
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def saved(page, label: str, folder: Path) -> Path:
    """The file that the download button of this label gives."""
    with page.expect_download() as download:
        page.get_by_role("button", name=label, exact=True).click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path
