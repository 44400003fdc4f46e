"""What requests about purpose, settings and consent do."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from db.session import utc_now
from db.store import Store
from processor.spool import Request, RequestRefused

_CONSENT_FIELDS = ("given", "given_on", "expires_on", "note")


class PrivacyRequests:
    """Applies them. changing: within it, what is written is one transaction; applied: writes the log entry.

    stop_run: gives up an analysis that is under way.
    """

    def __init__(
        self, store: Store, changing: Callable[[], AbstractContextManager], applied: Callable[..., None],
        stop_run: Callable[[int], None],
    ):  # fmt: skip
        self.store, self.changing, self.applied, self.stop_run = store, changing, applied, stop_run
        self.kinds = {
            "confirm_purpose": self._confirm_purpose, "setting_change": self._setting_change, "consent": self._consent,
        }  # fmt: skip

    def _confirm_purpose(self, request: Request) -> None:
        with self.changing():
            self.store.confirm_purpose(**request.fields)
            self.applied(request)

    def _setting_change(self, request: Request) -> None:
        name, value, seen = (request.fields[field] for field in ("name", "value", "seen"))
        with self.changing():
            now = self.store.setting(name)
            if now not in (seen, value):
                raise RequestRefused(
                    f"The setting `{name}` was changed by somebody else meanwhile, from {seen!r} to {now!r}. "
                    "Nothing was changed: look at it again."
                )
            self.store.put_setting(name, value)
            self.applied(request)
        self._put_back()

    def _consent(self, request: Request) -> None:
        subject, wanted, seen = (request.fields[field] for field in ("subject", "consent", "seen"))
        with self.changing():
            row = self.store.consent(subject)
            now = None if row is None else {name: row[name] for name in _CONSENT_FIELDS}
            if now not in (seen, wanted):
                raise RequestRefused(
                    f"The consent of {subject} was changed by somebody else meanwhile: {_in_words(now)} now. "
                    "Nothing was changed: look at it again."
                )
            if wanted is None:
                self.store.forget_consent(subject)
            else:
                self.store.put_consent(subject, **wanted)
            self.applied(request)
        self._put_back()

    def _put_back(self) -> None:
        """Analyses under way whose consent has gone are given up; their runs wait."""
        barred = self.store.without_consent(utc_now().date())
        for run in self.store.runs("running"):
            if run["video_id"] in barred:
                self.store.requeue_run(run["run_id"])
                self.stop_run(run["run_id"])


def _in_words(consent: dict | None) -> str:
    if consent is None:
        return "nothing is known of it"
    until = f" until {consent['expires_on']}" if consent["expires_on"] else ""
    return f"it is given{until}" if consent["given"] else "it is refused"
