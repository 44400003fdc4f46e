"""What people enter about videos: as a request sends it, as a table shows it, and what was changed. No Streamlit."""

from __future__ import annotations

import pandas as pd

from dashboard.words import missing
from processor.library_form import DETAILS
from processor.metadata import tags_as_text

TITLES = {
    "subject": "Subject", "cohort": "Cohort", "session": "Session", "tags": "Tags", "consent": "Consent",
    "recorded_at": "Recorded (UTC)",
}  # fmt: skip

# video_id -> field (one of DETAILS) -> value as JSON: text, tags as an object, true or false, ISO time in UTC, or None.
Details = dict[str, dict[str, object]]


def details_of(videos: pd.DataFrame) -> Details:
    """What is known of each video. videos: as from results.videos."""
    columns = {field: [_json(value) for value in videos[field]] for field in DETAILS}
    return {
        video_id: {field: values[place] for field, values in columns.items()}
        for place, video_id in enumerate(videos["video_id"])
    }


def changed(seen: Details, wanted: Details) -> Details:
    """Of what is wanted (any fields of any videos), that which differs from what was seen; unknown videos left out."""
    different = {
        video_id: {field: value for field, value in fields.items() if not same(value, seen[video_id][field])}
        for video_id, fields in wanted.items()
        if video_id in seen
    }
    return {video_id: fields for video_id, fields in different.items() if fields}


def same(one: object, other: object) -> bool:
    """Whether two values of a field are the same; no tags and an empty set of them are."""
    return one == other or (one in (None, {}) and other in (None, {}))


def edits(seen: Details, wanted: Details) -> list[dict]:
    """The edits of a request `edit_many`: for each video what is to change, and what was seen of that."""
    return [
        {"video_id": video_id, "seen": {field: seen[video_id][field] for field in fields}, "changes": fields}
        for video_id, fields in changed(seen, wanted).items()
    ]


def text(value: object) -> str:
    """A value as it stands in a cell: tags as `site=Vienna, arm=B`, yes or no, a time without its seconds; or empty."""
    if isinstance(value, dict):
        return tags_as_text(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _json(value: object) -> object:
    if isinstance(value, dict):
        return value or None
    if missing(value):
        return None
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    return value.item() if hasattr(value, "item") else value
