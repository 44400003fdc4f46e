"""What requests about alerts do."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager

from db.alerts import RULE_FIELDS
from db.store import Store
from processor.alerting import DEFAULT_SENSITIVITY
from processor.spool import Request, RequestRefused

_SET_UP = {
    "webhook": "No webhook is set up: give `alert_webhook` its address in the settings, then start Moodreel again.",
    "email": "No e-mail is set up: give `alert_email_to`, `alert_email_from` and `smtp_host` in the settings, then "
    "start Moodreel again.",
}


class AlertRequests:
    """Applies them. changing: within it, what is written is one transaction; applied: writes the log entry; channels:
    those over which messages can be sent."""

    def __init__(
        self, store: Store, changing: Callable[[], AbstractContextManager], applied: Callable[..., None],
        channels: Collection[str],
    ):  # fmt: skip
        self.store, self.changing, self.applied, self.channels = store, changing, applied, channels
        self.kinds = {
            "rule_save": self._rule_save, "rule_delete": self._rule_delete, "sensitivity": self._sensitivity,
            "alerts_acknowledge": self._acknowledge, "alert_test": self._test,
        }  # fmt: skip

    def _rule_save(self, request: Request) -> None:
        fields = {name: request.fields[name] for name in RULE_FIELDS}
        with self.changing():
            rule_id, seen = request.fields["rule_id"] or request.request_id, request.fields["seen"]
            now = next((rule for rule in self.store.alert_rules() if rule["rule_id"] == rule_id), None)
            if seen is not None and now is None:
                raise RequestRefused(f"The rule {seen['name']} has been deleted meanwhile, so it was not changed.")
            if seen is not None and any(now[name] != seen[name] for name in RULE_FIELDS):
                raise RequestRefused(
                    f"Somebody else changed the rule {now['name']} meanwhile: look again, then repeat your change."
                )
            self.store.put_rule(rule_id, **fields)
            # Another name, or whether messages are sent, changes nothing of what is raised.
            if now is None or any(now[name] != fields[name] for name in RULE_FIELDS if name not in ("name", "notify")):
                self.store.try_rules_again()
            self.applied(request, rule_id=rule_id)

    def _rule_delete(self, request: Request) -> None:
        with self.changing():
            rule_id = request.fields["rule_id"]
            if all(rule["rule_id"] != rule_id for rule in self.store.alert_rules()):
                raise RequestRefused("This rule has been deleted already.")
            self.applied(request, alerts=self.store.delete_rule(rule_id))

    def _sensitivity(self, request: Request) -> None:
        target, threshold, seen = (request.fields[name] for name in ("target", "threshold", "seen"))
        with self.changing():
            now = self.store.sensitivities().get(target, DEFAULT_SENSITIVITY)
            if seen is not None and seen != now:
                raise RequestRefused(
                    f"Somebody else set the sensitivity of {target} to {now:.2f} meanwhile, so it was not set to "
                    f"{threshold:.2f}: look again, then repeat."
                )
            self.store.put_sensitivity(target, threshold)
            if any(rule["target"] == target and rule["threshold"] is None for rule in self.store.alert_rules()):
                self.store.try_rules_again()
            self.applied(request)

    def _acknowledge(self, request: Request) -> None:
        alert_ids, note, acknowledged = (request.fields[name] for name in ("alert_ids", "note", "acknowledged"))
        with self.changing():
            there = self.store.acknowledge(alert_ids, note, acknowledged)
            if not there:
                raise RequestRefused(
                    "These alerts are not there any more: rules, people or exclusions have changed meanwhile. "
                    "Look at the list again."
                )
            self.applied(request, alerts=there)

    def _test(self, request: Request) -> None:
        channel = request.fields["channel"]
        if channel not in self.channels:
            raise RequestRefused(_SET_UP[channel])
        with self.changing():
            self.store.queue_test(request.request_id, channel)
            self.applied(request)
