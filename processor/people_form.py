"""What a request about the people of a video must look like, field by field."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from processor.forms import Form, Number, Seconds, checked
from processor.metadata import MAX_TEXT, clean


def _named(name: str) -> str:
    name = clean(name)
    if not name:
        raise ValueError("a name needs at least one letter")
    if len(name) > MAX_TEXT:
        raise ValueError(f"a name must be at most {MAX_TEXT} characters long; this one has {len(name)}")
    return name


class _OfRun(Form):
    run_id: Number


class _Edit(_OfRun):
    revision: Number  # the one that the person saw
    # Requests of the same person that were on their way then: what they change is no surprise.
    after: Annotated[list[Annotated[str, Field(max_length=MAX_TEXT)]], Field(max_length=100)] = []


class _Name(_Edit):
    track_id: Number
    name: Annotated[str, AfterValidator(_named)] | None  # None takes the name away


class _Merge(_Edit):
    track_id: Number
    into_id: Number

    @model_validator(mode="after")
    def _two_people(self):
        if self.track_id == self.into_id:
            raise ValueError(f"person {self.track_id} can't be merged into itself: choose two people")
        return self


class _Split(_Edit):
    track_id: Number
    at_s: Seconds


class _Baseline(_OfRun):
    track_id: Number
    from_s: Seconds | None  # None, and then both, takes the baseline away
    to_s: Seconds | None

    @model_validator(mode="after")
    def _ends_after_it_begins(self):
        if (self.from_s is None) != (self.to_s is None):
            raise ValueError("a baseline needs both `from_s` and `to_s`; to take it away, leave both empty")
        if self.from_s is not None and self.to_s <= self.from_s:
            raise ValueError(f"the baseline must end (`to_s` {self.to_s:g}) after it begins (`from_s` {self.from_s:g})")
        return self


_FORMS = {
    "people_name": _Name, "people_merge": _Merge, "people_split": _Split, "people_undo": _Edit, "baseline": _Baseline,
}  # fmt: skip

# The kinds of requests: payload -> parsed fields; each raises FieldInvalid.
KINDS = {kind: lambda payload, form=form: checked(form, payload) for kind, form in _FORMS.items()}
