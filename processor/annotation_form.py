"""What a request about markers, excluded ranges or reviewed moments must look like, field by field."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from processor.forms import Form, Key, Name, Note, Seconds, checked, filled

MAX_MARKERS = 10_000  # in one request
SLACK_S = 1.0  # how far beyond a video's length a time may lie: lengths in containers are not exact


class Marker(Form):
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


class _MarkersAdd(Form):
    video_id: Key
    markers: Annotated[list[Marker], Field(min_length=1, max_length=MAX_MARKERS)]
    source: Literal["typed", "player", "csv", "srt", "eaf"]


class _Changes(Form):
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


class _MarkerChange(Form):
    marker_id: Key
    changes: _Changes


class _MarkersDelete(Form):
    marker_ids: Annotated[list[Key], Field(min_length=1, max_length=MAX_MARKERS)]


class _Exclude(Form):
    video_id: Key
    from_s: Seconds
    to_s: Seconds
    reason: Note | None = None

    @model_validator(mode="after")
    def _ends_after_it_begins(self):
        if self.to_s <= self.from_s:
            raise ValueError(f"the range must end (`to_s` {self.to_s:g}) after it begins (`from_s` {self.from_s:g})")
        return self


class _Include(Form):
    range_id: Key


class _Review(Form):
    run_id: int
    moment: Key
    reviewed: bool


def _marker_change(payload: dict) -> dict:
    """Fields of a marker that were not given stay as they are, so they are left out of `changes`."""
    form = filled(_MarkerChange, payload)
    return form.model_dump() | {"changes": form.changes.model_dump(exclude_unset=True)}


_FORMS = {
    "markers_add": _MarkersAdd, "markers_delete": _MarkersDelete, "exclude": _Exclude, "include": _Include,
    "review": _Review,
}  # fmt: skip

# The kinds of requests: payload -> parsed fields; each raises FieldInvalid.
KINDS = {
    "marker_change": _marker_change,
    **{kind: lambda payload, form=form: checked(form, payload) for kind, form in _FORMS.items()},
}
