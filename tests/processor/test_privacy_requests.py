"""Requests about purpose, settings and consent: checked, applied once, and never over somebody else's change."""

import threading
from datetime import date

import pytest

from processor import spool
from processor.config import Settings
from processor.intake import Intake
from processor.requests import Requests
from tests.db.test_privacy import add

CONSENT = {"given": True, "given_on": "2026-03-01", "expires_on": "2027-03-01", "note": "on paper"}
PARTS = ("controller", "contact", "purpose")
DAYS = {"videos": 30, "thumbnails": None, "made": None, "results": None}


class Asked:
    """Requests handed in and applied on a store."""

    def __init__(self, home, store):
        self.home, self.store, self.stopped = home, store, []
        settings = Settings(home=home.path)
        self.intake = Intake(store, settings, (home.inbox,), threading.RLock())
        self.requests = Requests(home, settings, store, self.intake, self.stopped.append)

    def __call__(self, kind: str, **payload) -> str | None:
        """Why it was refused; None if it was applied."""
        request = spool.submit(self.home.spool, kind, **payload)
        self.requests.apply_all()
        return self.store._read("SELECT reason FROM request_log WHERE request_id = ?", [request])[0]["reason"]


@pytest.fixture
def ask(home, store) -> Asked:
    return Asked(home, store)


def test_the_purpose_is_confirmed(ask):
    assert ask("confirm_purpose", purpose=" smiles ", statement="Not at work.") is None
    assert ask.store.purpose()["purpose"] == "smiles"


@pytest.mark.parametrize(
    ("name", "value", "seen"),
    [
        ("require_consent", True, False),
        ("thumbnails", "blurred", "off"),
        ("retention_days", DAYS, DAYS | {"videos": None}),
        ("retention_watched", True, False),
        ("notice", dict.fromkeys(PARTS, "x"), dict.fromkeys(PARTS, "")),
    ],
)  # fmt: skip
def test_a_setting_is_changed(ask, name, value, seen):
    assert ask("setting_change", name=name, value=value, seen=seen) is None
    assert ask.store.setting(name) == value


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        ({}, "`name`"),
        ({"name": "left_out", "value": {}, "seen": {}}, "`name` must be one of"),
        ({"name": "thumbnails", "value": "maybe", "seen": "off"}, "`value`"),
        ({"name": "thumbnails", "value": "on"}, "`seen` is missing"),
        ({"name": "require_consent", "value": 1, "seen": False}, "`value`"),
        ({"name": "retention_days", "value": DAYS | {"videos": 0}, "seen": DAYS}, "`value.videos`"),
        ({"name": "retention_days", "value": {"videos": 3}, "seen": DAYS}, "`value.thumbnails`"),
        ({"name": "retention_days", "value": DAYS | {"x": 3}, "seen": DAYS}, "`value.x`"),
        ({"name": "thumbnails", "value": "on", "seen": "off", "more": 1}, "`more`"),
    ],
)
def test_a_setting_that_can_not_be(ask, payload, said):
    assert said in ask("setting_change", **payload)


def test_a_setting_that_somebody_else_changed_meanwhile(ask):
    ask("setting_change", name="thumbnails", value="blurred", seen="off")
    reason = ask("setting_change", name="thumbnails", value="on", seen="off")
    assert "changed by somebody else" in reason and ask.store.setting("thumbnails") == "blurred"
    assert ask("setting_change", name="thumbnails", value="blurred", seen="off") is None  # both wanted the same


def test_consent_is_recorded_changed_and_forgotten(ask):
    assert ask("consent", subject="anna", consent=CONSENT, seen=None) is None
    assert ask.store.consent("anna")["expires_on"] == date(2027, 3, 1)
    withdrawn = CONSENT | {"given": False}
    assert ask("consent", subject="anna", consent=withdrawn, seen=CONSENT) is None
    assert ask.store.consent_for("anna", date(2026, 6, 1)) == "refused"
    assert "refused now" in ask("consent", subject="anna", consent=CONSENT, seen=CONSENT | {"note": None})
    assert ask("consent", subject="anna", consent=None, seen=withdrawn) is None
    assert ask.store.consent("anna") is None


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"subject": ""}, "`subject`"),
        ({"consent": {"given": "yes"}}, "`consent.given`"),
        ({"consent": CONSENT | {"given_on": "1.3.2026"}}, "2026-03-01"),
        ({"consent": CONSENT | {"expires_on": "2026-02-28"}}, "ends (`expires_on` 2026-02-28) before"),
        ({"consent": CONSENT | {"note": "x" * 2001}}, "`consent.note`"),
    ],
)
def test_consent_that_can_not_be(ask, changes, said):
    assert said in ask("consent", **{"subject": "anna", "consent": CONSENT, "seen": None} | changes)


def test_an_analysis_under_way_is_given_up_when_consent_is_withdrawn(ask):
    add(ask.store, "a" * 16, subject="anna")
    add(ask.store, "b" * 16, subject="ben")
    runs = [ask.intake.queue(video_id * 16, priority=0) for video_id in "ab"]
    for run in runs:
        ask.store.start_run(run)
    ask("consent", subject="anna", consent=CONSENT | {"given": False}, seen=None)
    assert ask.stopped == [runs[0]]
    assert [str(ask.store.run(run)["state"]) for run in runs] == ["queued", "running"]
    assert ask.store.next_runs(9, ask.store.without_consent(date(2026, 6, 1))) == []
