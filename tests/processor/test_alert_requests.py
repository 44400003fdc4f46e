"""Requests about alerts, and what becomes of alerts when rules, people and exclusions change."""

import threading

import pytest

from db import alert_results, results
from db.emotions import EMOTIONS
from db.store import Store
from processor.alert_evaluation import Retrial, matched, try_rules, try_rules_on_new, window_of
from processor.alerting import Raised
from processor.config import Home
from processor.intake import Intake
from tests.db.crowd import seen
from tests.db.rows import analysed
from tests.processor.bench import Bench

RULE = {
    "name": "Long sadness", "target": "sad", "threshold": 0.6, "at_least_s": 1.0, "within_s": 1.5, "enabled": True,
    "notify": True,
}  # fmt: skip


class AlertBench(Bench):
    def ask(self, kind, **payload):
        """Why a request is refused, or None; then what was due is done."""
        reason = self.apply(kind, **payload)[1]
        self.settle()
        return reason

    def settle(self):
        intake = Intake(self.store, self.settings, [], threading.RLock())
        retrial = Retrial(intake, lambda: False)
        while self.store.count_due():
            retrial.step()
        assert retrial.as_status() == {"left": 0, "of": 0}

    def rule(self, **fields):
        state, reason, rule_id = self.apply("rule_save", **RULE | fields)
        assert state == "applied", reason
        self.settle()
        return rule_id

    def spans(self, run_id):
        return [(a["track_id"], a["start_s"], a["end_s"]) for a in self.store.alerts(run_id)]

    def edit(self, run_id, kind, **payload):
        revision = self.store.run(run_id)["people_revision"]
        return self.ask(kind, run_id=run_id, revision=revision, **payload)


@pytest.fixture(scope="module")
def shared_bench(tmp_path_factory):
    home = Home(tmp_path_factory.mktemp("bench") / "home").create()
    with Store(home.store, home.results) as store:
        yield AlertBench(home, store)


@pytest.fixture
def bench(shared_bench):
    """The bench without a video and without a rule."""
    for video in shared_bench.store.videos():
        shared_bench.store.delete_video(video["video_id"])
    for table in ("alert_rule", "sensitivity"):
        shared_bench.store._write(f"DELETE FROM {table}")
    return shared_bench


def test_a_rule_raises_alerts_in_what_there_is(bench):
    run_id = seen(bench.store, {1: "ssnnnnsss"})
    rule_id = bench.rule()
    assert bench.spans(run_id) == [(1, 0, 1), (1, 3, 4.5)]
    (first, _) = bench.store.alerts(run_id)
    assert (first["rule"], first["target"], first["threshold"], first["held_s"], first["peak"]) == (
        "Long sadness", "sad", 0.6, 1.0, 1.0
    )  # fmt: skip
    assert first["alert_id"] == f"{rule_id}/{run_id}/1/0.000"
    assert bench.ask("rule_save", rule_id=rule_id, seen=RULE, **RULE | {"at_least_s": 1.5, "name": "Longer"}) is None
    assert bench.spans(run_id) == [(1, 3, 4.5)]
    assert bench.store.alerts(run_id)[0]["rule"] == "Longer"
    assert bench.ask("rule_delete", rule_id=rule_id) is None
    assert bench.spans(run_id) == [] and bench.store.alert_rules() == []
    assert bench.ask("rule_delete", rule_id=rule_id) == "This rule has been deleted already."


def test_only_current_runs_are_tried_again(bench):
    old, new = seen(bench.store, {1: "sss"}), seen(bench.store, {1: "ssss"})
    bench.rule()
    assert bench.spans(old) == [] and len(bench.spans(new)) == 1


def test_nothing_is_tried_without_rules(bench):
    run_id = seen(bench.store, {1: "sss"})
    assert bench.apply("sensitivity", target="sad", threshold=0.1)[0] == "applied"
    bench.store.try_rules_again()
    assert bench.store.count_due() == 0 and bench.spans(run_id) == []


def test_sensitivity_is_the_threshold_of_rules_without_one(bench):
    run_id = analysed(bench.store, "v1", *["happy"] * 4)
    bench.rule(threshold=None, target="positive")
    assert bench.store.alerts(run_id)[0]["threshold"] == 0.5
    assert bench.ask("sensitivity", target="positive", threshold=0.9, seen=0.5) is None
    assert bench.store.alerts(run_id)[0]["threshold"] == 0.9
    reason = bench.ask("sensitivity", target="positive", threshold=0.2, seen=0.5)
    assert reason.startswith("Somebody else set the sensitivity of positive to 0.90 meanwhile")


def test_what_another_did_meanwhile_is_not_overwritten(bench):
    rule_id = bench.rule()
    assert bench.ask("rule_save", rule_id=rule_id, seen=RULE, **RULE | {"at_least_s": 1.2}) is None
    reason = bench.ask("rule_save", rule_id=rule_id, seen=RULE, **RULE | {"at_least_s": 1.3})
    assert reason == "Somebody else changed the rule Long sadness meanwhile: look again, then repeat your change."
    assert bench.store.alert_rules()[0]["at_least_s"] == 1.2
    bench.ask("rule_delete", rule_id=rule_id)
    reason = bench.ask("rule_save", rule_id=rule_id, seen=RULE, **RULE)
    assert reason == "The rule Long sadness has been deleted meanwhile, so it was not changed."


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"target": "anger"}, "`target`"),
        ({"threshold": 1.5}, "`threshold`"),
        ({"threshold": "0.5"}, "`threshold`"),
        ({"at_least_s": 0}, "`at_least_s`"),
        ({"within_s": 1e9}, "`within_s`"),
        ({"within_s": 0.5}, "`within_s` 0.5 s) must be at least as long as the time to hold"),
        ({"name": " "}, "`name`"),
        ({"rule_id": "x"}, "needs both"),
        ({"more": 1}, "`more`"),
    ],
)
def test_rules_that_can_not_be(bench, fields, told):
    state, reason, _ = bench.apply("rule_save", **RULE | fields)
    assert state == "refused" and told in reason


def test_acknowledged_ones_stay_so_while_they_overlap(bench):
    run_id = seen(bench.store, {1: "ssnnnnsss"})
    rule_id = bench.rule()
    first, second = (alert["alert_id"] for alert in bench.store.alerts(run_id))
    assert bench.ask("alerts_acknowledge", alert_ids=[second], note="  spoken with her ") is None
    # A category that is longer: from 2 s on nobody is sad, but now neutral counts for nothing and sad does.
    assert bench.ask("rule_save", rule_id=rule_id, seen=RULE, **RULE | {"at_least_s": 0.5}) is None
    alerts = bench.store.alerts(run_id)
    assert [(a["acknowledged_at"] is not None, a["note"]) for a in alerts] == [
        (False, None), (True, "spoken with her")
    ]  # fmt: skip
    assert bench.ask("alerts_acknowledge", alert_ids=[second], acknowledged=False) is None
    assert [a["acknowledged_at"] for a in bench.store.alerts(run_id)] == [None, None]
    assert "are not there any more" in bench.ask("alerts_acknowledge", alert_ids=["gone"])
    assert "`alert_ids`" in bench.ask("alerts_acknowledge", alert_ids=[])


def test_people_are_merged_and_split_again(bench):
    run_id = seen(bench.store, {1: "ss......", 2: "..ss...."})
    bench.rule()
    assert bench.spans(run_id) == [(1, 0, 1), (2, 1, 2)]
    bench.ask("alerts_acknowledge", alert_ids=[bench.store.alerts(run_id)[1]["alert_id"]])
    assert bench.edit(run_id, "people_merge", track_id=2, into_id=1) is None
    assert bench.spans(run_id) == [(1, 0, 2)]  # one person now
    assert bench.edit(run_id, "people_undo") is None
    assert bench.spans(run_id) == [(1, 0, 1), (2, 1, 2)]
    # Names change nothing, so nothing is tried.
    bench.apply("people_name", run_id=run_id, revision=2, track_id=1, name="Anna")
    assert bench.store.count_due() == 0


def test_a_range_is_excluded_and_included_again(bench):
    run_id = seen(bench.store, {1: "ssnnnnsss"})
    bench.rule()
    assert bench.ask("exclude", video_id="v1", from_s=3.0, to_s=4.5) is None
    assert bench.spans(run_id) == [(1, 0, 1)]
    (excluded,) = bench.store._read("SELECT range_id FROM excluded_range")
    assert bench.ask("include", range_id=excluded["range_id"]) is None
    assert bench.spans(run_id) == [(1, 0, 1), (1, 3, 4.5)]


def test_a_rule_that_is_off_raises_nothing_new(bench):
    run_id = seen(bench.store, {1: "ssnnnnsss"})
    rule_id = bench.rule(enabled=False)
    assert bench.spans(run_id) == []
    off = RULE | {"enabled": False}
    assert bench.ask("rule_save", rule_id=rule_id, seen=off, **RULE) is None
    assert bench.ask("rule_save", rule_id=rule_id, seen=RULE, **off) is None
    assert len(bench.spans(run_id)) == 2  # what it raised stays
    bench.ask("exclude", video_id="v1", from_s=3.0, to_s=4.5)
    assert bench.spans(run_id) == [(1, 0, 1)]  # while it holds
    other = seen(bench.store, {1: "sss"}, "v2")
    assert try_rules(bench.store, other) == []


def test_messages_only_about_what_a_new_run_brings(bench):
    first = seen(bench.store, {1: "ss....", 2: "...nnn"})
    bench.rule()
    silent = bench.rule(name="Silent", notify=False)
    assert bench.store._read("SELECT * FROM alert_delivery") == []  # what was there before is told to nobody
    second = seen(bench.store, {1: "ss....", 2: "...sss"})
    try_rules_on_new(bench.store, second, bench.store.run(first), ["webhook", "email"])
    rows = bench.store._read("SELECT * FROM alert_delivery ORDER BY channel")
    (alert,) = [a for a in bench.store.alerts(second) if a["start_s"] == 1.5 and a["rule_id"] != silent]
    assert [(row["alert_id"], row["channel"], row["state"]) for row in rows] == [
        (alert["alert_id"], "email", "waiting"), (alert["alert_id"], "webhook", "waiting")
    ]  # fmt: skip
    # An alert that begins elsewhere keeps its messages; one that is gone has none.
    bench.ask("exclude", video_id="v1", from_s=1.5, to_s=2.0)
    rows = bench.store._read("SELECT DISTINCT alert_id FROM alert_delivery")
    assert [row["alert_id"] for row in rows] == [alert["alert_id"].replace("1.500", "2.000")]
    bench.ask("exclude", video_id="v1", from_s=0.0, to_s=9.0)
    assert bench.store._read("SELECT * FROM alert_delivery") == [] and bench.spans(second) == []


def test_a_deleted_video_leaves_nothing(bench):
    run_id = seen(bench.store, {1: "sss"})
    bench.rule()
    try_rules_on_new(bench.store, run_id, None, ["webhook"])
    bench.store.queue_deliveries([alert["alert_id"] for alert in bench.store.alerts(run_id)], ["webhook"])
    bench.store.try_rules_again()
    for table in ("alert", "alert_delivery", "alert_due"):
        assert bench.store._read(f"SELECT * FROM {table}") != []
    bench.store.delete_video("v1")
    for table in ("alert", "alert_delivery", "alert_due"):
        assert bench.store._read(f"SELECT * FROM {table}") == []


def test_a_test_needs_a_channel(bench):
    state, reason, _ = bench.apply("alert_test", channel="webhook")
    assert state == "refused" and reason.startswith("No webhook is set up: give `alert_webhook`")
    assert bench.apply("alert_test", channel="email")[1].startswith("No e-mail is set up")
    assert "`channel`" in bench.apply("alert_test", channel="pigeon")[1]


def test_applied_twice_counts_once(bench):
    seen(bench.store, {1: "sss"})
    bench.rule()
    rule_id = bench.rule(name="Another")
    assert len({rule["rule_id"] for rule in bench.store.alert_rules()}) == 2
    bench.store.put_rule(rule_id, **RULE)
    assert len(bench.store.alert_rules()) == 2


def old(alert_id, track_id, start_s, end_s, acknowledged_at=None):
    return {
        "alert_id": alert_id, "rule_id": "r", "track_id": track_id, "start_s": start_s, "end_s": end_s,
        "raised_at": 7, "acknowledged_at": acknowledged_at, "note": None,
    }  # fmt: skip


def found(track_id, start_s, end_s):
    return Raised("r", "rule", "sad", 0.5, track_id, start_s, end_s, 1.0, 0.9)


def test_matched():
    before = [old("a", 1, 0, 2, "noon"), old("b", 1, 4, 6), old("c", 2, 4, 6, "noon")]
    one, other, new = matched(before, [found(1, 1, 5), found(9, 5, 6), found(1, 8, 9)], 3)
    assert (one["was"], one["acknowledged_at"], one["raised_at"]) == ("a", "noon", 7)  # of two, one was acknowledged
    assert (other["was"], other["acknowledged_at"]) == ("c", "noon")  # 2 has become 9; b is somebody else's
    assert (new["was"], new["acknowledged_at"], new["alert_id"]) == (None, None, "r/3/1/8.000")
    assert matched(before, [], 3) == [] and matched([], [], 3) == []


def test_window_of():
    assert (window_of("mean:1.5s"), window_of("mode:5")) == (1.5, 0.0)


def test_what_the_pages_read(bench):
    for video_id in ("v1", "v2"):
        last = seen(bench.store, {1: "ssnnnnsss"}, video_id)
    bench.store.update_video("v2", subject="anna")
    rule_id = bench.rule()
    bench.ask("alerts_acknowledge", alert_ids=[bench.store.alerts(last)[0]["alert_id"]], note="seen")
    bench.store.publish()
    with results.connect(bench.home.snapshot) as con:
        rows = alert_results.alerts(con)
        assert list(rows["name"]) == ["v2.mp4", "v2.mp4", "v1.mp4", "v1.mp4"]
        assert rows["note"].tolist() == ["seen", None, None, None]
        assert rows["subject"].tolist() == ["anna", "anna", None, None]
        assert len(alert_results.alerts(con, limit=1, offset=3)) == 1
        assert alert_results.count(con) == 4 and alert_results.count(con, only_left=True) == 3
        assert alert_results.count(con, subject="anna") == 2 and alert_results.count(con, video_id="v1") == 2
        assert alert_results.count(con, rule_id="x") == 0
        assert alert_results.subjects(con) == ["anna"]
        (rule,) = alert_results.rules(con).to_dict("records")
        assert (rule["rule_id"], rule["alerts"], rule["threshold"]) == (rule_id, 4, 0.6)
        assert alert_results.sensitivities(con) == {}
        runs = alert_results.newest_runs(con, 10, 10_000)
        assert list(runs["run_id"]) == [last, last - 1] and len(alert_results.newest_runs(con, 10, 10)) == 1
        t_s, track_id, probabilities, frames_s = alert_results.faces(con, last)
        assert len(t_s) == len(track_id) == len(frames_s) == 9 and probabilities.shape == (9, len(EMOTIONS))
        assert alert_results.deliveries(con).empty
