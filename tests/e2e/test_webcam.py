"""The components of the camera in a real browser: with a camera, without, not allowed, and on a page without HTTPS."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.browser import wait_for

sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install -r requirements-dev.txt")
expect = sync_api.expect
expect.set_options(timeout=30_000)

pytestmark = pytest.mark.e2e

PAGE = Path(__file__).with_name("webcam_page.py")
REPOSITORY = Path(__file__).parents[2]
CAMERA = "--use-fake-device-for-media-stream"
ALLOWED = "--use-fake-ui-for-media-stream"

# The browser's voice, which is none on a machine without sound: what it is told, and that it takes its time.
VOICE = """
  window.told = [];
  speechSynthesis.speak = (words) => {
    window.told.push(words.text);
    window.over = () => words.dispatchEvent(new Event("end"));
  };
"""


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    """Where a server shows the page."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(PAGE), f"--server.port={port}"]
    path = tmp_path_factory.mktemp("webcam") / "streamlit.log"
    with path.open("wb") as log:
        server = subprocess.Popen(
            command, cwd=REPOSITORY, env=os.environ | {"PYTHONPATH": str(REPOSITORY)}, stdout=log, stderr=log
        )
        try:
            wait_for(f"http://127.0.0.1:{port}/_stcore/health", server, path)
            yield port
        finally:
            server.terminate()
            server.wait()


def shown(page, **what) -> None:
    """Wait until the state says this."""
    for name, value in what.items():
        expect(page.get_by_test_id("stJson")).to_contain_text(re.compile(rf'"{name}"\s*:\s*{value}'))


def test_with_a_camera(port, chromium, shots):
    page = chromium(CAMERA, ALLOWED).page(900, 1000)
    page.goto(f"http://127.0.0.1:{port}")
    shown(page, secure="true", supported="true", cameras=1, permission='"granted"', hidden="false", trouble="NULL")
    expect(page.get_by_test_id("stJson")).to_contain_text("fake_device_0")

    start = page.get_by_role("button", name="Start the camera")
    start.click()
    expect(page.get_by_text(re.compile(r"^([3-9]|\d\d) pictures of \(640, \d+\)"))).to_be_visible()
    page.screenshot(path=shots / "webcam.png", full_page=True)
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(start).to_be_focused()
    assert page.locator("video").evaluate("video => video.srcObject") is None


def test_without_a_camera(port, chromium):
    page = chromium().page()
    page.goto(f"http://127.0.0.1:{port}")
    shown(page, secure="true", supported="true", cameras=0)
    page.get_by_role("button", name="Start the camera").click()
    expect(page.get_by_text("There is no camera. Connect one")).to_be_visible()


def test_not_allowed(port, chromium):
    page = chromium(CAMERA).page()
    page.context.grant_permissions([])
    page.goto(f"http://127.0.0.1:{port}")
    shown(page, secure="true", cameras=1, permission='"denied"')
    page.get_by_role("button", name="Start the camera").click()
    expect(page.get_by_text("This page may not use the camera. Allow it")).to_be_visible()
    page.context.grant_permissions(["camera"])
    shown(page, permission='"granted"')


def test_without_https(port, chromium):
    watched = chromium(CAMERA, ALLOWED, "--host-resolver-rules=MAP moodreel.lan 127.0.0.1")
    page = watched.page()
    page.goto(f"http://moodreel.lan:{port}")
    shown(page, secure="false", supported="false", permission='"unknown"')
    page.get_by_role("button", name="Start the camera").click()
    expect(page.get_by_text("only to pages that come by HTTPS")).to_be_visible()
    assert all(re.match(r"(http|ws)://moodreel\.lan:", url) for url in watched.outside)
    watched.outside.clear()


def test_voice_says_changes_only(port, chromium):
    page = chromium().page()
    page.add_init_script(VOICE)
    page.goto(f"http://127.0.0.1:{port}")
    line = page.get_by_role("status").filter(has_text="happy")
    expect(line).to_have_attribute("aria-live", "polite")
    assert page.evaluate("told") == []
    page.get_by_text("Speak", exact=True).click()
    page.wait_for_function("told.length === 1")
    for text in ("sad", "<b>neutral</b>"):  # while it still speaks
        page.get_by_role("combobox").click()
        page.get_by_role("option", name=text).click()
        expect(page.get_by_role("status").filter(has_text=text)).to_be_visible()
    assert page.evaluate("told") == ["happy"]
    page.evaluate("over()")
    assert page.evaluate("told") == ["happy", "<b>neutral</b>"]
    page.evaluate("over()")
    page.get_by_label("Name").fill("Anna")
    page.keyboard.press("Enter")
    expect(page.get_by_text("0 markers for Anna")).to_be_visible()  # drawn again
    assert page.evaluate("told") == ["happy", "<b>neutral</b>"]


def test_a_key_works_but_not_while_typing(port, chromium):
    page = chromium().page()
    page.goto(f"http://127.0.0.1:{port}")
    page.get_by_label("Name").click()
    page.keyboard.type("mum")
    page.keyboard.press("Enter")
    expect(page.get_by_text("0 markers for mum")).to_be_visible()
    page.get_by_role("button", name="Start the camera").focus()
    page.keyboard.press("m")
    expect(page.get_by_text("1 markers for mum")).to_be_visible()
