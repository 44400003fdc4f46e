"""The part of the store that knows alerts: rules and sensitivities, what they raised, and what is on its way out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import pyarrow as pa

from db.emotions import EMOTIONS
from db.session import Session, utc_now

RULE_FIELDS = ("name", "target", "threshold", "at_least_s", "within_s", "enabled", "notify")
TEST = "test/"  # begins the alert_id of a delivery that is only a test
_ALERT_COLUMNS = (
    *("alert_id", "rule_id", "rule", "target", "threshold", "run_id", "track_id", "start_s", "end_s", "held_s"),
    *("peak", "raised_at", "acknowledged_at", "note"),
)


class Alerts(Session):
    """Rules belong to the home, alerts to a run. Times of alerts are seconds from the start of the video."""

    # --- rules and sensitivities

    def alert_rules(self) -> list[dict]:
        """All rules as dicts of table alert_rule's columns, in order of their names."""
        return self._read("SELECT * FROM alert_rule ORDER BY name, rule_id")

    def put_rule(self, rule_id: str, **fields) -> None:
        """A rule, new or in place of what it was; fields: all of RULE_FIELDS."""
        values = [fields[name] for name in RULE_FIELDS]
        with self.transaction():
            if self._read("SELECT 1 FROM alert_rule WHERE rule_id = ?", [rule_id]):
                changes = ", ".join(f"{name} = ?" for name in RULE_FIELDS)
                self._write(
                    f"UPDATE alert_rule SET {changes}, changed_at = ? WHERE rule_id = ?", [*values, utc_now(), rule_id]
                )
                # An alert says what its rule is called, also where nothing is tried again.
                self._write("UPDATE alert SET rule = ? WHERE rule_id = ?", [fields["name"], rule_id])
            else:
                marks = ", ".join("?" * (len(values) + 2))
                self._write(
                    f"INSERT INTO alert_rule (rule_id, {', '.join(RULE_FIELDS)}, changed_at) VALUES ({marks})",
                    [rule_id, *values, utc_now()],
                )

    def delete_rule(self, rule_id: str) -> int:
        """Delete a rule with its alerts, also the acknowledged ones; returns how many alerts went."""
        with self.transaction():
            gone = self._write("DELETE FROM alert WHERE rule_id = ? RETURNING alert_id", [rule_id])
            self._forget_deliveries([row["alert_id"] for row in gone])
            self._write("DELETE FROM alert_rule WHERE rule_id = ?", [rule_id])
            return len(gone)

    def sensitivities(self) -> dict[str, float]:
        """The threshold of each target for which one was chosen."""
        return {row["target"]: row["threshold"] for row in self._read("SELECT target, threshold FROM sensitivity")}

    def put_sensitivity(self, target: str, threshold: float) -> None:
        """The threshold of a target, for rules without one of their own."""
        self._write("INSERT OR REPLACE INTO sensitivity (target, threshold) VALUES (?, ?)", [target, threshold])

    # --- what rules are tried on

    def faces_for_rules(self, run_id: int) -> tuple[pa.Table, pa.Table]:
        """Every face of a run in order of time (t_s, track_id, the seven probabilities), and every frame (t_s)."""
        query = f"SELECT t_s, track_id, {', '.join(EMOTIONS)} FROM observation WHERE run_id = ? ORDER BY t_s, track_id"
        with self._lock:
            faces = self._connection.sql(query, params=[run_id]).to_arrow_table()
            frames = self._connection.sql("SELECT t_s FROM frame WHERE run_id = ?", params=[run_id]).to_arrow_table()
        return faces, frames

    def try_rules_again(self, run_id: int | None = None, video_id: str | None = None) -> None:
        """Note that the rules are to be tried again: on a run, on a video's current run, or on all current runs.

        Where there is no rule and no alert there is nothing to try.
        """
        self._write(
            """
            INSERT OR IGNORE INTO alert_due SELECT run_id FROM run
            WHERE state = 'done' AND (EXISTS (FROM alert_rule) OR EXISTS (FROM alert))
                AND CASE WHEN $run_id IS NOT NULL THEN run_id = $run_id ELSE current END
                AND ($video_id IS NULL OR video_id = $video_id)
            """,
            {"run_id": run_id, "video_id": video_id},
        )

    def due_runs(self, limit: int = 1) -> list[int]:
        """Up to `limit` runs on which the rules are to be tried again, the newest last."""
        found = self._read("SELECT run_id FROM alert_due ORDER BY run_id LIMIT ?", [limit])
        return [row["run_id"] for row in found]

    def count_due(self) -> int:
        """On how many runs the rules are to be tried again."""
        return self._read("SELECT count(*) AS n FROM alert_due")[0]["n"]

    def rules_tried(self, run_id: int) -> None:
        """The rules have been tried on this run."""
        if self._read("SELECT 1 FROM alert_due WHERE run_id = ?", [run_id]):
            self._write("DELETE FROM alert_due WHERE run_id = ?", [run_id])

    # --- alerts

    def alerts(self, run_id: int) -> list[dict]:
        """The alerts of a run as dicts of table alert's columns, in order of time."""
        return self._read("SELECT * FROM alert WHERE run_id = ? ORDER BY start_s, alert_id", [run_id])

    def put_alerts(self, run_id: int, alerts: list[dict]) -> None:
        """Make these the alerts of a run: dicts of table alert's columns.

        `was` (or None) is the alert_id under which an alert was known: its deliveries go over to the new one; those of
        alerts that are gone are forgotten. Nothing is written where nothing differs.
        """
        before = {row["alert_id"]: row for row in self.alerts(run_id)}
        after = {alert["alert_id"]: alert for alert in alerts}
        changed = [
            alert for alert_id, alert in after.items()
            if alert_id in before and any(before[alert_id][name] != alert[name] for name in _ALERT_COLUMNS)
        ]  # fmt: skip
        gone = [alert_id for alert_id in before if alert_id not in after]
        new = [alert for alert_id, alert in after.items() if alert_id not in before]
        if not (changed or gone or new):
            return
        with self.transaction():
            for alert in alerts:
                if alert.get("was") in gone:
                    self._write(
                        "UPDATE alert_delivery SET alert_id = ? WHERE alert_id = ?", [alert["alert_id"], alert["was"]]
                    )
            self._write("DELETE FROM alert WHERE alert_id IN (SELECT unnest(?::VARCHAR[]))", [gone])
            self._forget_deliveries(gone)
            for alert in changed:
                changes = ", ".join(f"{name} = ?" for name in _ALERT_COLUMNS[1:])
                self._write(
                    f"UPDATE alert SET {changes} WHERE alert_id = ?",
                    [*(alert[name] for name in _ALERT_COLUMNS[1:]), alert["alert_id"]],
                )
            if new:
                rows = [{name: alert[name] for name in _ALERT_COLUMNS} for alert in new]
                self._insert_arrow("alert", pa.Table.from_pylist(rows, schema=_ALERTS))

    def acknowledge(self, alert_ids: Iterable[str], note: str | None, acknowledged: bool = True) -> int:
        """Take note of alerts, or take that back, with its note; returns how many of them there are."""
        query = (
            "UPDATE alert SET acknowledged_at = ?, note = ? WHERE alert_id IN (SELECT unnest(?::VARCHAR[])) "
            "RETURNING alert_id"
        )
        at = utc_now() if acknowledged else None
        return len(self._write(query, [at, note if acknowledged else None, list(alert_ids)]))

    # --- on their way out

    def queue_deliveries(self, alert_ids: Iterable[str], channels: Iterable[str]) -> None:
        """Have alerts sent out over each of these channels, as soon as can be."""
        now = utc_now()
        rows = [
            {"alert_id": alert_id, "channel": channel, "state": "waiting", "attempt": 0, "next_try_at": now}
            for alert_id in alert_ids
            for channel in channels
        ]
        if rows:
            self._insert_arrow("alert_delivery", pa.Table.from_pylist(rows, schema=_DELIVERIES))

    def queue_test(self, request_id: str, channel: str) -> None:
        """A test message over a channel, in place of the test before."""
        with self.transaction():
            self._write("DELETE FROM alert_delivery WHERE channel = ? AND starts_with(alert_id, ?)", [channel, TEST])
            self.queue_deliveries([TEST + request_id], [channel])

    def due_deliveries(self, channel: str, now: datetime, limit: int) -> list[dict]:
        """What is to be sent over a channel now, the longest waiting first: at most `limit`, never tests among others.

        Dicts of alert_id, attempt, and of the alert (None of a test) rule, target, threshold, start_s, end_s, held_s,
        raised_at, and its video's name and subject.
        """
        found = self._read(
            """
            SELECT d.alert_id, d.attempt, a.rule, a.target, a.threshold, a.start_s, a.end_s, a.held_s, a.raised_at,
                v.name, v.subject
            FROM alert_delivery d
            LEFT JOIN alert a USING (alert_id) LEFT JOIN run r USING (run_id) LEFT JOIN video v USING (video_id)
            WHERE d.channel = ? AND d.state = 'waiting' AND d.next_try_at <= ?
            ORDER BY starts_with(d.alert_id, ?) DESC, d.next_try_at, d.alert_id LIMIT ?
            """,
            [channel, now, TEST, limit],
        )
        tests = [row for row in found if row["alert_id"].startswith(TEST)]
        return tests[:1] or found

    def delivered(self, channel: str, alert_ids: list[str]) -> None:
        """These have been sent."""
        self._write(
            "UPDATE alert_delivery SET state = 'sent', attempt = attempt + 1, sent_at = ?, next_try_at = NULL, "
            "error = NULL WHERE channel = ? AND alert_id IN (SELECT unnest(?::VARCHAR[]))",
            [utc_now(), channel, alert_ids],
        )

    def not_delivered(self, channel: str, alert_ids: list[str], error: str, waits_s: tuple[float, ...]) -> None:
        """These could not be sent. waits_s: seconds to wait after each attempt that failed; after the last one, given
        up. A test is tried once."""
        now = utc_now()
        with self.transaction():
            for alert_id in alert_ids:
                row = {"channel": channel, "alert_id": alert_id}
                attempt = self._write(
                    "UPDATE alert_delivery SET attempt = attempt + 1, error = $error "
                    "WHERE channel = $channel AND alert_id = $alert_id RETURNING attempt",
                    row | {"error": error},
                )
                if not attempt:
                    continue  # deleted meanwhile
                waits = () if alert_id.startswith(TEST) else waits_s
                again = attempt[0]["attempt"] <= len(waits)
                until = now + timedelta(seconds=waits[attempt[0]["attempt"] - 1]) if again else None
                self._write(
                    "UPDATE alert_delivery SET state = $state, next_try_at = $until "
                    "WHERE channel = $channel AND alert_id = $alert_id",
                    row | {"state": "waiting" if again else "failed", "until": until},
                )

    def _forget_deliveries(self, alert_ids: list[str]) -> None:
        if alert_ids:
            self._write("DELETE FROM alert_delivery WHERE alert_id IN (SELECT unnest(?::VARCHAR[]))", [alert_ids])

    def forget_alerts_of(self, video_id: str) -> None:
        """A video goes: forget what is on its way out about it. Its alerts go with its runs."""
        self._write(
            "DELETE FROM alert_delivery WHERE alert_id IN "
            "(SELECT alert_id FROM alert JOIN run USING (run_id) WHERE video_id = ?)",
            [video_id],
        )


_ALERTS = pa.schema(
    [(name, pa.string()) for name in ("alert_id", "rule_id", "rule", "target")]
    + [("threshold", pa.float64()), ("run_id", pa.int32()), ("track_id", pa.int32())]
    + [(name, pa.float64()) for name in ("start_s", "end_s", "held_s")]
    + [("peak", pa.float32()), ("raised_at", pa.timestamp("us")), ("acknowledged_at", pa.timestamp("us"))]
    + [("note", pa.string())]
)
_DELIVERIES = pa.schema(
    [("alert_id", pa.string()), ("channel", pa.string()), ("state", pa.string()), ("attempt", pa.int32())]
    + [("next_try_at", pa.timestamp("us"))]
)
