"""Rules are tried on what a run found: when it is finished, and again when rules, people or exclusions change."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import datetime

import numpy as np

from db.emotions import EMOTIONS
from db.session import utc_now
from db.store import Store
from processor.alerting import Raised, Rule, raised, what_counts
from processor.intake import Intake

PORTION_S = 0.2  # of work at a time


def rule_of(row: dict) -> Rule:
    """A rule from a dict of table alert_rule's columns."""
    return Rule(**{name: row[name] for name in Rule.__dataclass_fields__})


def try_rules(store: Store, run_id: int) -> list[dict]:
    """Make the alerts of a run what the rules raise in it now; returns those that were not there before.

    Dicts of table alert's columns. An alert that was known and still overlaps keeps when it was raised, its
    acknowledgement, note and messages. A rule that is switched off raises nothing new; its alerts stay where they still
    hold. Call it in the transaction that changes what the run consists of.
    """
    run, before, rows = store.run(run_id), store.alerts(run_id), store.alert_rules()
    if run is None or run["state"] != "done":
        store.rules_tried(run_id)
        return []
    known = {alert["rule_id"] for alert in before}
    tried = [rule_of(row) for row in rows if row["enabled"] or row["rule_id"] in known]
    found = _found(store, run, tried) if tried else []
    alerts = matched(before, found, run_id)
    off = {row["rule_id"] for row in rows if not row["enabled"]}
    alerts = [alert for alert in alerts if alert["was"] is not None or alert["rule_id"] not in off]
    store.put_alerts(run_id, alerts)
    store.rules_tried(run_id)
    return [alert for alert in alerts if alert["was"] is None]


def try_rules_on_new(store: Store, run_id: int, before: dict | None, channels: Iterable[str]) -> None:
    """Try the rules on a run that has just finished, and have what they raise sent out over `channels`.

    before: the run that was the video's current one until now, or None. What overlaps an alert that the same rule had
    raised there is no news and is not sent again.
    """
    new = try_rules(store, run_id)
    told = store.alerts(before["run_id"]) if before is not None else []
    notify = {row["rule_id"] for row in store.alert_rules() if row["notify"]}
    news = [
        alert["alert_id"]
        for alert in new
        if alert["rule_id"] in notify and not any(_overlap(alert, other) for other in told)
    ]
    store.queue_deliveries(news, channels)


def matched(before: list[dict], found: list[Raised], run_id: int) -> list[dict]:
    """The alerts found in a run as rows of table alert, each with what is known of it from before.

    Two are the same where they are of one rule and overlap: first those of the same person; then, of those whose
    person has become another by merging or splitting, any that is left. `was` is the alert_id it had, None if it is
    new. Where several become one, it is acknowledged if any of them was.
    """
    now = utc_now()
    rows = [_row(alert, run_id, now) for alert in found]
    kin: list[list[dict]] = [[] for _ in rows]
    for same_person in (True, False):
        taken = {old["alert_id"] for olds in kin for old in olds}
        for row, olds in zip(rows, kin, strict=True):
            if not olds:
                olds += [
                    old for old in before
                    if old["alert_id"] not in taken and _overlap(row, old)
                    and (old["track_id"] == row["track_id"] or not same_person)
                ]  # fmt: skip
    for row, olds in zip(rows, kin, strict=True):
        # One that was cut in two is told of twice, and acknowledged on both sides.
        first = next((old for old in olds if old["alert_id"] == row["alert_id"]), olds[0] if olds else None)
        noted = next((old for old in olds if old["acknowledged_at"] is not None), None)
        row["was"] = first["alert_id"] if first else None
        row["raised_at"] = min((old["raised_at"] for old in olds), default=row["raised_at"])
        row["acknowledged_at"], row["note"] = (noted["acknowledged_at"], noted["note"]) if noted else (None, None)
    return rows


def _overlap(one: dict, other: dict) -> bool:
    return (
        one["rule_id"] == other["rule_id"] and one["start_s"] < other["end_s"] and other["start_s"] < one["end_s"]
    )  # fmt: skip


def _row(alert: Raised, run_id: int, now: datetime) -> dict:
    """A row of table alert; what the table holds as 32 bits is rounded so, to be the same when read."""
    return {
        "alert_id": f"{alert.rule_id}/{run_id}/{alert.track_id}/{alert.start_s:.3f}", "rule_id": alert.rule_id,
        "rule": alert.rule, "target": alert.target, "threshold": alert.threshold, "run_id": run_id,
        "track_id": alert.track_id, "start_s": alert.start_s, "end_s": alert.end_s, "held_s": alert.held_s,
        "peak": float(np.float32(alert.peak)), "raised_at": now,
    }  # fmt: skip


def _found(store: Store, run: dict, rules: list[Rule]) -> list[Raised]:
    faces, frames = store.faces_for_rules(run["run_id"])
    probabilities = np.column_stack([faces[name].to_numpy() for name in EMOTIONS])
    rows = what_counts(
        faces["t_s"].to_numpy(), faces["track_id"].to_numpy(), probabilities, frames["t_s"].to_numpy(),
        1 / run["sample_fps"], window_of(run["smoothing"]), store.excluded_of(run["video_id"]),
    )  # fmt: skip
    return raised(rows, rules, store.sensitivities())


def window_of(smoothing: str) -> float:
    """The width in seconds of the centred mean of a run's smoothing, such as `mean:1.5s`; 0 for `mode:5`, which smooths
    labels: its alerts are those of the raw probabilities."""
    method, _, window = smoothing.partition(":")
    return float(window.removesuffix("s")) if method == "mean" else 0.0


class Retrial:
    """Tries the rules again on the runs that are due, a few at a time, so that nothing else has to wait long."""

    def __init__(self, intake: Intake, stopping: Callable[[], bool]):
        self.intake, self.store, self._stopping = intake, intake.store, stopping
        self._left = self._of = 0

    def step(self) -> None:
        """Go on for a moment, run by run, each in a transaction of its own."""
        end = time.monotonic() + PORTION_S
        self._count()
        while self._left and not self._stopping():
            with self.intake.changing():
                for run_id in self.store.due_runs():
                    try_rules(self.store, run_id)
            self._count()
            if time.monotonic() >= end:
                return

    def as_status(self) -> dict:
        """For `status.json`: on how many runs the rules are yet to be tried, and of how many; both 0 when at rest."""
        return {"left": self._left, "of": self._of}

    def _count(self) -> None:
        self._left = self.store.count_due()
        self._of = max(self._of, self._left) if self._left else 0
