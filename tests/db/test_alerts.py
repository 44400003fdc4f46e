"""Alerts in the store: only what differs is written, and what is on its way out waits its turn."""

from datetime import timedelta

import pytest

from db.session import utc_now
from tests.db.rows import analysed

RULE = {
    "name": "r",
    "target": "sad",
    "threshold": None,
    "at_least_s": 1.0,
    "within_s": 2.0,
    "enabled": True,
    "notify": True,
}


def alert(alert_id, run_id, start_s=1.0, **more):
    return {
        "alert_id": alert_id, "rule_id": "r", "rule": "r", "target": "sad", "threshold": 0.5, "run_id": run_id,
        "track_id": 1, "start_s": start_s, "end_s": start_s + 1, "held_s": 1.0, "peak": 0.75, "raised_at": utc_now(),
        "acknowledged_at": None, "note": None, **more,
    }  # fmt: skip


@pytest.fixture
def run_id(store):
    return analysed(store, "v1", "sad", "sad")


def test_only_what_differs_is_written(store, run_id):
    one, two = alert("a", run_id), alert("b", run_id, 4.0)
    store.put_alerts(run_id, [one, two])
    assert [row["alert_id"] for row in store.alerts(run_id)] == ["a", "b"]
    store.publish()
    store.put_alerts(run_id, [one, two])
    assert not store.changed
    store.put_alerts(run_id, [one | {"held_s": 0.5}, alert("c", run_id, 4.5)])
    assert [(row["alert_id"], row["held_s"]) for row in store.alerts(run_id)] == [("a", 0.5), ("c", 1.0)]
    store.put_alerts(run_id, [])
    assert store.alerts(run_id) == []


def test_messages_go_over_to_the_new_name_or_go(store, run_id):
    store.put_alerts(run_id, [alert("a", run_id), alert("b", run_id, 4.0)])
    store.queue_deliveries(["a", "b"], ["webhook", "email"])
    store.put_alerts(run_id, [alert("a2", run_id, was="a")])
    rows = store._read("SELECT alert_id, channel FROM alert_delivery ORDER BY channel")
    assert [tuple(row.values()) for row in rows] == [("a2", "email"), ("a2", "webhook")]


def test_whose_turn_it_is(store, run_id):
    store.put_alerts(run_id, [alert("a", run_id), alert("b", run_id, 4.0)])
    store.queue_deliveries(["a", "b"], ["webhook"])
    now = utc_now()
    assert [row["alert_id"] for row in store.due_deliveries("webhook", now, 10)] == ["a", "b"]
    assert store.due_deliveries("webhook", now, 10)[0]["name"] == "v1.mp4"
    assert len(store.due_deliveries("webhook", now, 1)) == 1 and store.due_deliveries("email", now, 10) == []
    store.queue_test("t", "webhook")
    assert [row["alert_id"] for row in store.due_deliveries("webhook", utc_now(), 10)] == ["test/t"]
    store.delivered("webhook", ["test/t", "b"])
    store.not_delivered("webhook", ["a", "gone"], "No.", (30.0,))
    assert store.due_deliveries("webhook", utc_now(), 10) == []
    (again,) = store.due_deliveries("webhook", utc_now() + timedelta(seconds=31), 10)
    assert (again["alert_id"], again["attempt"]) == ("a", 1)
    store.not_delivered("webhook", ["a"], "No.", (30.0,))
    rows = store._read("SELECT alert_id, state, attempt, error FROM alert_delivery ORDER BY alert_id")
    assert [tuple(row.values()) for row in rows] == [
        ("a", "failed", 2, "No."), ("b", "sent", 1, None), ("test/t", "sent", 1, None)
    ]  # fmt: skip


def test_runs_to_try_again(store, run_id):
    store.try_rules_again()
    assert store.count_due() == 0  # without a rule there is nothing to try
    store.put_rule("r", **RULE)
    other = analysed(store, "v2", "sad")
    store.try_rules_again(video_id="v2")
    assert store.due_runs(9) == [other]
    store.try_rules_again()
    store.try_rules_again(run_id=run_id)
    assert store.due_runs(9) == [run_id, other] and store.due_runs() == [run_id]
    store.rules_tried(run_id)
    assert store.due_runs(9) == [other]
    with pytest.raises(KeyError):
        store.put_rule("x", **{name: value for name, value in RULE.items() if name != "notify"})
