"""What somebody has typed into the table of details and not saved yet, whatever happens around it meanwhile.

A table that is being edited stands still: what was typed belongs to what was seen, until it is saved or discarded.
No Streamlit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from dashboard.details import Details, changed, text
from dashboard.metadata_dates import Ambiguous, NoDate, date_of
from processor.library_form import DETAILS
from processor.metadata import FieldInvalid, parse_fields, tags_of_text

# What "set for all" can do besides giving a field one value.
ADD_TAGS = "add tags"


@dataclass
class Draft:
    """The table as it was given to be edited, and what was made of it.

    ids: its rows. seen: what is known of all videos as the table shows it. wanted: changes from tables before this one.
    live: those of this table. waiting: requests handed in and not dealt with yet. collided: what could not be saved,
    because somebody else had changed it: video_id -> field -> value. edition: grows with each new table.
    """

    ids: tuple[str, ...] = ()
    seen: Details = field(default_factory=dict)
    wanted: Details = field(default_factory=dict)
    live: Details = field(default_factory=dict)
    waiting: list[str] = field(default_factory=list)
    collided: Details = field(default_factory=dict)
    edition: int = 0

    def changes(self) -> Details:
        """Everything typed that differs from what was seen."""
        return changed(self.seen, merged(self.wanted, self.live))

    def show(self, now: Details, ids: Sequence[str]) -> None:
        """Before the table is drawn: the videos are `now` so, and `ids` are its rows.

        What was typed stays, with what was seen of those videos, also where the table gets other rows. Videos that are
        gone are forgotten.
        """
        ids = tuple(video_id for video_id in ids if video_id in now)
        pending = self.changes()
        if ids == self.ids and all(video_id in now for video_id in pending):
            if pending or self.waiting or all(now[video_id] == self.seen[video_id] for video_id in ids):
                return
        self.wanted = {video_id: fields for video_id, fields in pending.items() if video_id in now}
        self.live, self.ids, self.edition = {}, ids, self.edition + 1
        self.seen = {video_id: self.seen[video_id] if video_id in self.wanted else now[video_id] for video_id in now}

    def handed_in(self, request_ids: list[str]) -> None:
        """The changes were handed to the processor."""
        self.wanted, self.live, self.waiting, self.collided = self.changes(), {}, request_ids, {}
        self.edition += 1

    def answered(self, now: Details) -> None:
        """The requests were dealt with: what was not saved stays typed, and is compared with what is `now` so."""
        self.collided = self.wanted = changed(now, self.wanted)
        self.seen, self.waiting, self.edition = now, [], self.edition + 1

    def discard(self) -> None:
        """Forget what was typed."""
        self.wanted, self.live, self.collided, self.edition = {}, {}, {}, self.edition + 1
        self.ids = ()

    def set_for_all(self, what: str, typed: str) -> None:
        """Give every row of the table one value. what: one of DETAILS or ADD_TAGS; typed: nothing takes it away.

        Raises FieldInvalid for a text that is no value of that field.
        """
        value = value_of("tags" if what == ADD_TAGS else what, typed)
        pending = self.changes()
        for video_id in self.ids:
            mine = pending.setdefault(video_id, {})
            if what == ADD_TAGS:
                mine["tags"] = {**(mine.get("tags", self.seen[video_id]["tags"]) or {}), **(value or {})}
            else:
                mine[what] = value
        self.wanted, self.live, self.edition = pending, {}, self.edition + 1

    def table(self) -> pd.DataFrame:
        """The rows to edit, by video_id: a text for each of DETAILS, with what was typed before."""
        rows = {video_id: self.seen[video_id] | self.wanted.get(video_id, {}) for video_id in self.ids}
        columns = {name: [text(rows[video_id][name]) for video_id in self.ids] for name in DETAILS}
        return pd.DataFrame(columns, index=pd.Index(self.ids, name="video_id"), dtype=object)

    def take(self, before: pd.DataFrame, after: pd.DataFrame) -> list[tuple[str, str]]:
        """Note what was typed: `before` is the table as given, `after` as it is now.

        Returns (video_id, why) of each cell that holds no value of its field; those are left out.
        """
        self.live, problems = {}, []
        for name in DETAILS:
            typed = after[name].fillna("").astype(str).str.strip()
            for video_id in before.index[(typed != before[name]).to_numpy()]:
                try:
                    value = value_of(name, typed[video_id])
                except FieldInvalid as error:
                    problems.append((video_id, str(error)))
                else:
                    self.live.setdefault(video_id, {})[name] = value
        return problems


def merged(one: Details, other: Details) -> Details:
    """Both together; where both say something of a field, the other one counts."""
    return {video_id: one.get(video_id, {}) | other.get(video_id, {}) for video_id in one | other}


def value_of(name: str, typed: str) -> object:
    """What a text in a cell means, as JSON; nothing for an empty one. Raises FieldInvalid."""
    typed = typed.strip()
    if not typed:
        return None
    if name == "tags":
        return tags_of_text(typed) or None
    if name == "consent":
        if typed.casefold() not in ("yes", "no"):
            raise FieldInvalid(f"`consent` must be yes or no. Received: {typed[:60]!r}.")
        return typed.casefold() == "yes"
    if name == "recorded_at":
        try:
            return date_of(typed).isoformat()
        except Ambiguous as error:
            raise FieldInvalid(f"`recorded_at`: {typed!r} has two meanings; write 2026-12-31 or 31.12.2026.") from error
        except NoDate as error:
            raise FieldInvalid(f"`recorded_at`: {error}. Received: {typed[:60]!r}.") from error
    return parse_fields({name: typed}, DETAILS)[name]
