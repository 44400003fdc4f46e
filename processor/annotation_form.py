"""What a request about markers, excluded ranges or reviewed moments must look like, field by field."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from db.annotations import MAX_NOTE
from processor.metadata import MAX_TEXT, FieldInvalid, clean

MAX_MARKERS = 10_000  # in one request
SLACK_S = 1.0  # how far beyond a video's length a time may lie: lengths in containers are not exact
_SHOWN = 80  # characters of a wrong value


def _name(text: str) -> str:
    if not clean(text):
        raise ValueError("it must be text that is not empty")
    return _short(clean(text), MAX_TEXT)


def _note(text: str) -> str | None:
    return _short(clean(text), MAX_NOTE) or None


def _short(text: str, limit: int) -> str:
    if len(text) > limit:
        raise ValueError(f"it must be at most {limit:,} characters long, and has {len(text):,}")
    return text


Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Name = Annotated[str, AfterValidator(_name)]
Note = Annotated[str, AfterValidator(_note)]
Key = Annotated[str, Field(min_length=1, max_length=MAX_TEXT)]


class _Form(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")


class Marker(_Form):
    """A marker as it comes from outside. end_s None, or the same as t_s: a moment."""

    t_s: Seconds
    end_s: Seconds | None = None
    kind: Name
    note: Note | None = None

    @model_validator(mode="after")
    def _ends_after_it_begins(self):
        if self.end_s is not None and self.end_s < self.t_s:
            raise ValueError(f"the marker ends (`end_s` {self.end_s:g}) before it begins (`t_s` {self.t_s:g})")
        if self.end_s == self.t_s:
            self.end_s = None
        return self


class _MarkersAdd(_Form):
    video_id: Key
    markers: Annotated[list[Marker], Field(min_length=1, max_length=MAX_MARKERS)]
    source: Literal["typed", "player", "csv", "srt", "eaf"]


class _Changes(_Form):
    t_s: Seconds | None = None
    end_s: Seconds | None = None
    kind: Name | None = None
    note: Note | None = None

    @model_validator(mode="after")
    def _something(self):
        if not self.model_fields_set:
            raise ValueError("it is empty: there is nothing to do")
        if cleared := sorted(name for name in self.model_fields_set & {"t_s", "kind"} if getattr(self, name) is None):
            raise ValueError(f"`{cleared[0]}` can't be taken away from a marker")
        return self


class _MarkerChange(_Form):
    marker_id: Key
    changes: _Changes


class _MarkersDelete(_Form):
    marker_ids: Annotated[list[Key], Field(min_length=1, max_length=MAX_MARKERS)]


class _Exclude(_Form):
    video_id: Key
    from_s: Seconds
    to_s: Seconds
    reason: Note | None = None

    @model_validator(mode="after")
    def _ends_after_it_begins(self):
        if self.to_s <= self.from_s:
            raise ValueError(f"the range must end (`to_s` {self.to_s:g}) after it begins (`from_s` {self.from_s:g})")
        return self


class _Include(_Form):
    range_id: Key


class _Review(_Form):
    run_id: int
    moment: Key
    reviewed: bool


def checked(form: type[BaseModel], payload: object) -> dict:
    """The fields of a form once they are what they should be; those that were not given are left out of `changes`.

    Raises FieldInvalid, naming the field, what it should be and what was received.
    """
    try:
        filled = form.model_validate(payload)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        where = ".".join(map(str, problem["loc"]))
        said = problem["msg"].removeprefix("Value error, ")
        if problem["type"] == "value_error":
            raise FieldInvalid(f"`{where}`: {said}." if where else f"{said[0].upper()}{said[1:]}.") from error
        received = "nothing" if problem["type"] == "missing" else f"{str(problem['input'])[:_SHOWN]!r}"
        raise FieldInvalid(f"`{where}`: {said}. Received: {received}.") from error
    fields = filled.model_dump()
    if isinstance(filled, _MarkerChange):
        fields["changes"] = filled.changes.model_dump(exclude_unset=True)
    return fields


def _parser(form: type[BaseModel]) -> Callable[[dict], dict]:
    return lambda payload: checked(form, payload)


# The kinds of requests: payload -> parsed fields; each raises FieldInvalid.
KINDS = {
    "markers_add": _parser(_MarkersAdd), "marker_change": _parser(_MarkerChange),
    "markers_delete": _parser(_MarkersDelete), "exclude": _parser(_Exclude), "include": _parser(_Include),
    "review": _parser(_Review),
}  # fmt: skip
