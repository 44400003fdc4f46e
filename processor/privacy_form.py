"""What a request about purpose, settings or consent must look like, field by field."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, ValidationError, model_validator

from db.privacy import DEFAULTS
from processor.forms import Form, Key, Name, Note, checked
from processor.metadata import MAX_TEXT, FieldInvalid

MAX_DAYS = 36_500  # a hundred years

Days = Annotated[int, Field(ge=1, le=MAX_DAYS)] | None
Line = Annotated[str, Field(max_length=MAX_TEXT)]


class _RetentionDays(Form):
    videos: Days
    thumbnails: Days
    made: Days
    results: Days


class _Notice(Form):
    controller: Line
    contact: Line
    purpose: Annotated[str, Field(max_length=500)]


# What each setting may be.
_VALUES = {
    "require_consent": bool,
    "thumbnails": Literal["off", "blurred", "on"],
    "retention_days": _RetentionDays,
    "retention_watched": bool,
    "notice": _Notice,
}


class _Confirm(Form):
    purpose: Name
    statement: Annotated[str, Field(min_length=1, max_length=10_000)]


def _day(value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise ValueError(f"it must be a day such as 2026-03-01, not {value!r}") from error


class Consent(Form):
    """What a subject said; expires_on is the last day on which it holds. Days as ISO text."""

    given: bool
    given_on: Annotated[str, Field(max_length=10)] | None = None
    expires_on: Annotated[str, Field(max_length=10)] | None = None
    note: Note | None = None

    @model_validator(mode="after")
    def _days(self):
        given_on, expires_on = (_day(value) if value else None for value in (self.given_on, self.expires_on))
        if given_on and expires_on and expires_on < given_on:
            raise ValueError(f"the consent ends (`expires_on` {expires_on}) before it is given (`given_on` {given_on})")
        return self


class _ConsentChange(Form):
    subject: Name
    consent: Consent | None  # None: forget what is known
    seen: Consent | None  # what the person saw who changes it; None: nothing was known


def _setting_change(payload: dict) -> dict:
    unknown = sorted(set(payload) - {"name", "value", "seen"})
    if unknown:
        raise FieldInvalid(f"There is no field `{unknown[0]}` in this kind of request; known are name, value, seen.")
    name = payload.get("name")
    if not isinstance(name, str) or name not in DEFAULTS:
        raise FieldInvalid(f"`name` must be one of {', '.join(DEFAULTS)}. Received: {name!r}.")
    for field in ("value", "seen"):
        if field not in payload:
            raise FieldInvalid(f"`{field}` is missing.")
        try:
            TypeAdapter(_VALUES[name]).validate_python(payload[field], strict=True)
        except ValidationError as error:
            problem = error.errors(include_url=False)[0]
            where = ".".join(map(str, (field, *problem["loc"])))
            raise FieldInvalid(f"`{where}`: {problem['msg']}. Received: {str(problem['input'])[:80]!r}.") from error
    return {"name": name, "value": payload["value"], "seen": payload["seen"]}


def _consent(payload: dict) -> dict:
    fields = checked(_ConsentChange, payload)
    return fields | {name: _with_days(fields[name]) for name in ("consent", "seen")}


def _with_days(consent: dict | None) -> dict | None:
    if consent is None:
        return None
    days = {name: _day(consent[name]) if consent[name] else None for name in ("given_on", "expires_on")}
    return consent | days


class _Erase(Form):
    subject: Name
    token: Key  # of the preview that the person saw
    receipt_id: Annotated[str, Field(pattern=r"^[0-9a-f-]{8,64}$")]
    subject_hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    places: Annotated[list[str], Field(max_length=1000)]  # whose files are deleted, besides Moodreel's own folders
    mentions: bool  # whether the name is replaced in texts of others


# The kinds of requests: payload -> parsed fields; each raises FieldInvalid.
KINDS = {
    "confirm_purpose": lambda payload: checked(_Confirm, payload),
    "setting_change": _setting_change,
    "consent": _consent,
    "erase": lambda payload: checked(_Erase, payload),
}
