"""What a request to change details of several videos must look like, field by field."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from processor.forms import Form, Key, filled
from processor.metadata import FieldInvalid, parse_fields

DETAILS = ("subject", "cohort", "session", "tags", "consent", "recorded_at")
MAX_EDITS = 20_000  # in one request


class _Edit(Form):
    """One video. seen: what whoever asks saw of each field that is to change; changes: what it is to be."""

    video_id: Key
    seen: dict
    changes: dict


class _EditMany(Form):
    edits: Annotated[list[_Edit], Field(min_length=1, max_length=MAX_EDITS)]


def _edit_many(payload: dict) -> dict:
    edits, known = [], set()
    for number, edit in enumerate(filled(_EditMany, payload).edits, 1):
        try:
            if edit.video_id in known:
                raise FieldInvalid(f"the video {edit.video_id!r} occurs twice: put what is to change into one edit.")
            known.add(edit.video_id)
            if not edit.changes:
                raise FieldInvalid("`changes` is empty: there is nothing to do.")
            if unseen := sorted(set(edit.changes) - set(edit.seen)):
                raise FieldInvalid(f"`seen` does not say what `{unseen[0]}` was.")
            seen = parse_fields({field: edit.seen[field] for field in edit.changes}, DETAILS)
            changes = parse_fields(edit.changes, DETAILS)
            edits.append({"video_id": edit.video_id, "seen": seen, "changes": changes})
        except FieldInvalid as error:
            raise FieldInvalid(f"Edit {number}: {error}") from error
    return {"edits": edits}


# The kinds of requests: payload -> parsed fields; each raises FieldInvalid.
KINDS = {"edit_many": _edit_many}
