"""What a request about saved queries or saved filters must look like, field by field."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from processor.forms import Form, Key, Name, checked, filled
from processor.metadata import MAX_TEXT, clean

MAX_SQL = 100_000  # characters in a saved query
MAX_VALUES = 1000  # of one kind in a filter


def _sql(text: str) -> str:
    if not clean(text):
        raise ValueError("it must be a query that is not empty")
    if len(clean(text)) > MAX_SQL:
        raise ValueError(f"it must be at most {MAX_SQL:,} characters long, and has {len(clean(text)):,}")
    return clean(text)


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError("it must be a day such as 2026-07-03") from None


Sql = Annotated[str, AfterValidator(_sql)]
Day = Annotated[str, AfterValidator(_day)]
Names = Annotated[list[Name], Field(max_length=MAX_VALUES)]


class Filter(Form):
    """A choice of videos; what is absent lets everything through.

    text: words that all occur in name, subject, cohort or session; tags: for each tag the values that fit; the days,
    both counted in, are of `recorded_at`, and of `added_at` where that is unknown.
    """

    text: Annotated[str, AfterValidator(clean), Field(max_length=MAX_TEXT)] = ""
    cohorts: Names = []
    subjects: Names = []
    sessions: Names = []
    states: list[Literal["queued", "running", "done", "no face", "failed", "cancelled"]] = []
    tags: Annotated[dict[Name, Names], Field(max_length=MAX_VALUES)] = {}
    from_day: Day | None = None
    to_day: Day | None = None

    @model_validator(mode="after")
    def _ends_after_it_begins(self):
        if self.from_day and self.to_day and self.to_day < self.from_day:
            raise ValueError(f"the last day (`to_day` {self.to_day}) is before the first (`from_day` {self.from_day})")
        return self


class SeenQuery(Form):
    name: str
    sql: str


class SeenFilter(Form):
    name: str
    filter: dict


class _QuerySave(Form):
    """query_id: which one takes the name and the SQL; without it the one of that name, or a new one.

    seen: what the person saw in its place, None for nothing; where it is given and something else is there, nothing is
    overwritten.
    """

    name: Name
    sql: Sql
    query_id: Key | None = None
    seen: SeenQuery | None = None


class _QueryForget(Form):
    query_id: Key
    seen: SeenQuery | None = None


class _FilterSave(Form):
    """As _QuerySave."""

    name: Name
    filter: Filter
    filter_id: Key | None = None
    seen: SeenFilter | None = None


class _FilterForget(Form):
    filter_id: Key
    seen: SeenFilter | None = None


def given(form: type[Form], payload: dict) -> dict:
    """The fields that were given; `seen` that is None is not the same as none. Raises FieldInvalid."""
    return filled(form, payload).model_dump(exclude_unset=True)


def filter_of(payload: object) -> dict:
    """A filter with only the parts that choose something. Raises FieldInvalid."""
    return {name: value for name, value in checked(Filter, payload).items() if value}


def _filter_save(payload: dict) -> dict:
    fields = given(_FilterSave, payload)
    return fields | {"filter": filter_of(fields["filter"])}


# The kinds of requests: payload -> parsed fields; each raises FieldInvalid.
KINDS = {
    "query_save": lambda payload: given(_QuerySave, payload),
    "query_forget": lambda payload: given(_QueryForget, payload),
    "filter_save": _filter_save,
    "filter_forget": lambda payload: given(_FilterForget, payload),
}
