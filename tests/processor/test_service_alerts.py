"""The service with rules and a webhook: from a dropped file to the message; and nothing waits for one that hangs."""

from __future__ import annotations

import json
import time

import pytest

from processor import notify, spool, status
from processor.config import Settings
from processor.service import Service
from tests.processor import engine_work
from tests.processor.receivers import answers, hangs, receiver

pytestmark = pytest.mark.slow  # a service with its workers

SECRET = "T0P-s3cret"
HAPPY = {
    "name": "Happy", "target": "happy", "threshold": 0.6, "at_least_s": 3.0, "within_s": 4.0, "enabled": True,
    "notify": True,
}  # fmt: skip


@pytest.fixture
def start(home, monkeypatch):
    """Starts a service on the home with a webhook at this port; it looks more often than usual."""
    for name in ("SCAN_EVERY_S", "REQUESTS_EVERY_S", "DISPATCH_EVERY_S", "PUBLISH_EVERY_S", "STATUS_EVERY_S"):
        monkeypatch.setattr(f"processor.service.{name}", 0.1)
    started = []

    def start(port):
        address = f"http://127.0.0.1:{port}/{SECRET}"
        service = Service(Settings(home=home.path, settle_s=0.2, alert_webhook=address), engine_work.load)
        service.start()
        started.append(service)
        return service

    yield start
    for service in started:
        if not service.stopping.is_set():
            service.stop()


def until(service, true, timeout_s=40.0):
    deadline = time.monotonic() + timeout_s
    while not true():
        assert time.monotonic() < deadline, [service.store.runs(), service.store._read("FROM alert_delivery")]
        service.analyses.step(0.05)


def deliveries(service):
    return [(row["state"], row["attempt"]) for row in service.store._read("FROM alert_delivery")]


def test_a_webhook_that_hangs_holds_up_nothing_and_a_restart_loses_nothing(start, home, monkeypatch):
    # So long that what follows can't have waited for it.
    monkeypatch.setattr(notify, "TIMEOUT_S", 300.0)
    monkeypatch.setattr(notify, "LIMITS_S", {"webhook": 300.0, "email": 300.0})
    with receiver(hangs) as hook:
        service = start(hook.port)
        spool.submit(home.spool, "rule_save", **HAPPY)
        until(service, lambda: service.store.alert_rules())
        (home.inbox / "a.mp4").write_text("seconds 5")
        until(service, lambda: hook.heard)
        (alert,) = service.store.alerts(1)
        assert (alert["start_s"], alert["end_s"], alert["held_s"], alert["peak"]) == (0, 4.5, 4.5, 1)
        # While it hangs: another video, a request, an exclusion with its second look, a snapshot, the status.
        (home.inbox / "b.mp4").write_text("seconds 6")
        until(service, lambda: len(service.store.runs("done")) == 2)
        video_id = service.store.run(2)["video_id"]
        spool.submit(home.spool, "exclude", video_id=video_id, from_s=2.0, to_s=4.0)
        until(service, lambda: not service.store.alerts(2))
        until(service, lambda: not service.store.changed)
        service.write_status()
        now = status.read(home.path)
        assert now.alive and now.alerts == {"left": 0, "of": 0, "channels": {"webhook": "127.0.0.1"}}
        assert deliveries(service) == [("waiting", 0)]
        service.stop()
    with receiver(answers("200 OK")) as hook:
        service = start(hook.port)
        until(service, lambda: deliveries(service) == [("sent", 1)])
        service.stop()
    ((_, _, said),) = hook.heard
    assert [(one["alert_id"], one["video"]) for one in said["alerts"]] == [(alert["alert_id"], "a.mp4")]
    secret = SECRET.encode()
    kept = [path for path in home.path.rglob("*") if path.is_file()]
    assert home.store in kept and not [path for path in kept if secret in path.read_bytes()]


def test_rules_are_tried_on_what_there_is_after_a_restart(start, home):
    with receiver(answers("200 OK")) as hook:
        service = start(hook.port)
        for name in ("a", "b"):
            (home.inbox / f"{name}.mp4").write_text(f"seconds {5 + ord(name) - ord('a')}")
        until(service, lambda: len(service.store.runs("done")) == 2)
        service.stop()
        spool.submit(home.spool, "rule_save", **HAPPY)
        service = start(hook.port)
        until(service, lambda: len(service.store.alerts(1)) == len(service.store.alerts(2)) == 1)
        assert deliveries(service) == []  # no news, so nobody is told
        entry = service.store._read("SELECT request FROM request_log WHERE kind = 'rule_save'")[0]
        assert json.loads(entry["request"])["rule_id"] == service.store.alert_rules()[0]["rule_id"]
