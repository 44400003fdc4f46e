"""Alerts in a real browser beside the real service: from the rule over a video that comes in to the acknowledgement."""

from __future__ import annotations

import shutil

import pytest

from tests.e2e.browser import findings, fits, settled
from tests.processor.receivers import answers, hangs, receiver

sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install -r requirements-dev.txt")

pytestmark = pytest.mark.e2e

FRAME_S = 1 / 25


@pytest.fixture
def hook():
    with receiver(answers("200 OK")) as hook:
        yield hook


@pytest.fixture
def bundle(home, hook, monkeypatch) -> str:
    """Before the service starts there is somewhere to send messages to."""
    monkeypatch.setenv("MOODREEL_ALERT_WEBHOOK", f"http://127.0.0.1:{hook.port}/hooks/T0P-s3cret")
    return "moodnet"


def opened(page, up, view: str) -> None:
    page.goto(f"{up.url}/alerts?view={view}")
    page.get_by_role("heading", name="Alerts", exact=True).wait_for()
    settled(page)


def stands_at(page, t_s: float) -> None:
    """Until the player shows this moment."""
    video = page.locator("section.player video")
    for _ in range(200):
        at_s = video.evaluate("video => video.readyState > 1 && !video.seeking ? video.currentTime : -1")
        if abs(at_s - t_s) <= FRAME_S + 0.01:
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"The player stands at {at_s} s, not at {t_s} s")


def make_rule(page) -> None:
    """Any face that is seen for 2 s within 4 s raises an alert."""
    page.get_by_role("button", name="New rule").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name", exact=True).fill("Somebody is there")
    dialog.get_by_role("spinbutton", name="Held for (seconds)").fill("2")
    within = dialog.get_by_role("spinbutton", name="Within (seconds)")
    within.fill("4")
    within.press("Enter")
    dialog.get_by_text("for 2 s within any 4 s, per person").wait_for()
    settled(page)
    thumb = dialog.get_by_role("slider", name="Threshold").first
    thumb.focus()
    for _ in range(14):
        thumb.press("ArrowLeft")
    dialog.get_by_text("When sad is at or above 0.00 for 2 s").wait_for()
    dialog.get_by_text("Send a message about its new alerts").click()
    settled(page)


def test_from_rule_to_acknowledgement(up, watched, shots, hook, sample_video):
    page = watched.page()
    opened(page, up, "Messages")
    page.get_by_text("On: messages go to 127.0.0.1").wait_for()
    page.get_by_role("button", name="Send a test").click()
    page.get_by_text("The latest test was taken.").wait_for()
    assert hook.heard[0][2] == {"from": "Moodreel", "test": True, "alerts": []}
    page.screenshot(path=shots / "alerts_messages.png")

    page.get_by_role("radio", name="Rules").click()
    page.get_by_text("There is no rule yet").wait_for()
    settled(page)
    page.screenshot(path=shots / "alerts_no_rule.png")
    make_rule(page)
    page.screenshot(path=shots / "alerts_editor.png")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    page.get_by_text("Somebody is there", exact=True).wait_for()
    settled(page)
    page.screenshot(path=shots / "alerts_rules.png")

    # A video comes in; its alert is listed by itself, and sent.
    page.get_by_role("radio", name="Alerts", exact=True).click()
    page.get_by_text("No rule has raised an alert").wait_for()
    shutil.copy(sample_video, up.home.inbox / "visit.mp4")
    page.get_by_role("link", name="Open the moment").first.wait_for(timeout=120_000)
    settled(page)
    alerts = page.get_by_role("link", name="Open the moment").count()
    for _ in range(100):
        if len(hook.heard) > 1:
            break
        page.wait_for_timeout(100)
    (said,) = [request[2] for request in hook.heard[1:]]
    assert len(said["alerts"]) == alerts and {alert["video"] for alert in said["alerts"]} == {"visit.mp4"}
    page.screenshot(path=shots / "alerts.png")

    # The link leads to the video at that second.
    page.get_by_role("link", name="Open the moment").first.click()
    stands_at(page, min(alert["start_s"] for alert in said["alerts"]))
    page.get_by_text("in this video, not acknowledged").wait_for()
    page.get_by_role("radio", name="Moments").click()
    page.get_by_role("heading", name="Alerts", exact=True).wait_for()
    page.locator("ul.stills").first.locator("li").first.wait_for()
    settled(page)
    page.wait_for_timeout(1500)
    page.screenshot(path=shots / "alerts_video.png")
    page.goto(f"{up.url}/video?{page.url.partition('?')[2].split('&t=')[0]}&t=3")  # also when it is typed
    stands_at(page, 3.0)

    # Acknowledged with a note, by keyboard, and taken back.
    opened(page, up, "Alerts")
    page.get_by_role("button", name="Choose").click()
    settled(page)
    page.get_by_label("Note", exact=True).fill("looked at it")
    page.get_by_label("Note", exact=True).press("Tab")
    settled(page)
    page.get_by_role("button", name="Acknowledge").focus()
    page.keyboard.press("Enter")
    page.get_by_text("looked at it").first.wait_for()
    settled(page)
    assert not page.get_by_role("checkbox", name="Choose the alert in visit.mp4").first.is_checked()
    assert page.get_by_role("button", name="Choose it").is_visible()  # page and processor agree on what is ticked
    page.screenshot(path=shots / "alerts_acknowledged.png")
    page.goto(up.url)
    page.get_by_role("heading", name="Library").wait_for()
    settled(page)
    assert page.get_by_text("not acknowledged").count() == 0
    opened(page, up, "Alerts")
    page.get_by_role("checkbox", name="Choose the alert in visit.mp4").first.focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Take back").click()
    page.get_by_text("One alert is not acknowledged.").wait_for()
    page.goto(up.url)
    page.get_by_role("link", name="One alert is not acknowledged").wait_for()
    settled(page)
    page.screenshot(path=shots / "alerts_library.png")

    for path in (up.home.path / "status.json", up.home.log):
        assert "s3cret" not in path.read_text()
    assert not any(b"s3cret" in path.read_bytes() for path in up.home.results.glob("*.duckdb"))
    for scheme in ("light", "dark"):
        small = watched.page(375, 1400, scheme)
        for view in ("Alerts", "Rules", "Messages"):
            opened(small, up, view)
            assert fits(small) and findings(small, f"{view} {scheme}") == []
            small.screenshot(path=shots / f"alerts_{view.lower()}_375_{scheme}.png")
        small.context.close()


class TestHanging:
    """A webhook that takes the request and never answers."""

    @pytest.fixture
    def hook(self):
        with receiver(hangs) as hook:
            yield hook

    def test_everything_else_goes_on(self, up, watched, shots, hook, sample_video):
        page = watched.page()
        opened(page, up, "Messages")
        page.get_by_role("button", name="Send a test").click()
        page.get_by_text("A test is on its way.").wait_for()
        # Meanwhile requests are applied, and published.
        page.get_by_role("radio", name="Rules").click()
        page.get_by_role("button", name="Use this rule").click()
        page.get_by_text("Prolonged sadness", exact=True).wait_for()
        page.get_by_role("radio", name="Messages").click()
        page.get_by_text("The webhook at 127.0.0.1 did not answer within 5 s.").wait_for()
        settled(page)
        page.screenshot(path=shots / "alerts_hanging.png")
        assert len(hook.heard) == 1
