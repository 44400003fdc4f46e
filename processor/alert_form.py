"""The fields of requests about alerts: rules, sensitivities, acknowledgements, test messages."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from processor.alerting import TARGETS
from processor.forms import Form, Key, Name, Note, checked

MAX_ALERTS = 10_000  # in one request
LONGEST_S = 24 * 3600.0

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Time = Annotated[float, Field(gt=0, le=LONGEST_S, allow_inf_nan=False)]
Target = Literal[TARGETS]


class _Rule(Form):
    name: Name
    target: Target
    threshold: Share | None
    at_least_s: Time
    within_s: Time
    enabled: bool
    notify: bool

    @model_validator(mode="after")
    def _fits(self):
        if self.within_s < self.at_least_s:
            raise ValueError(
                f"the window (`within_s` {self.within_s:g} s) must be at least as long as the time to hold "
                f"(`at_least_s` {self.at_least_s:g} s)"
            )
        return self


class _RuleSave(_Rule):
    rule_id: Key | None = None
    seen: _Rule | None = None

    @model_validator(mode="after")
    def _tells_what_was_seen(self):
        if (self.rule_id is None) != (self.seen is None):
            raise ValueError("a rule that is changed needs both its `rule_id` and how it was `seen`")
        return self


class _RuleDelete(Form):
    rule_id: Key


class _Sensitivity(Form):
    target: Target
    threshold: Share
    seen: Share | None = None


class _Acknowledge(Form):
    alert_ids: Annotated[list[Key], Field(min_length=1, max_length=MAX_ALERTS)]
    note: Note | None = None
    acknowledged: bool = True


class _Test(Form):
    channel: Literal["webhook", "email"]


_FORMS = {
    "rule_save": _RuleSave, "rule_delete": _RuleDelete, "sensitivity": _Sensitivity,
    "alerts_acknowledge": _Acknowledge, "alert_test": _Test,
}  # fmt: skip

# The kinds of requests: payload -> parsed fields; each raises FieldInvalid.
KINDS = {kind: lambda payload, form=form: checked(form, payload) for kind, form in _FORMS.items()}
