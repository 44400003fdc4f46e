"""Details of videos from a table that other programs wrote (CSV): read, matched with the library, compared with it.

Nothing in it is believed: what can't be taken is listed with its line and why, and the rest is there to be looked at
before anything is changed. An empty cell leaves things as they are; a hyphen (CLEAR) takes away what is there.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import pandas as pd

from dashboard.details import Details, changed, details_of, same, text
from dashboard.downloads import guard
from dashboard.metadata_dates import Ambiguous, NoDate, date_of
from dashboard.text_files import NotText, decoded, unguarded
from dashboard.words import one_line
from processor.library_form import DETAILS
from processor.metadata import FieldInvalid, last_part, parse_fields, tags_of_text

MAX_BYTES = 50_000_000
MAX_ROWS = 500_000
CLEAR = "-"
DELIMITERS = ",;\t|"

_SHOWN = 60  # characters of a wrong value

# What columns are called, without case, blanks, hyphens and units.
_KEYS = {
    "video_id": ("video_id", "id", "videoid"),
    "sha256": ("sha256", "hash", "checksum"),
    "name": ("name", "file", "filename", "file_name", "video", "path", "clip"),
}
_FIELDS = {
    "subject": ("subject", "participant", "person"),
    "cohort": ("cohort", "group"),
    "session": ("session", "visit"),
    "tags": ("tags",),
    "consent": ("consent",),
    "recorded_at": ("recorded_at", "recorded", "date", "recording_date", "recorded_on"),
}
_COLUMNS = {alias: what for known in (_KEYS, _FIELDS) for what, aliases in known.items() for alias in aliases}
_TAG = re.compile(r"tags?\s*[:.]\s*(?P<name>.+)", re.IGNORECASE)
_YES, _NO = ("yes", "y", "true", "1", "ja", "oui"), ("no", "n", "false", "0", "nein", "non")


class MetadataUnreadable(Exception):
    """A file has no details of videos that could be read; the message says why, as a sentence."""


@dataclass
class Imported:
    """What a file says of the videos of a library.

    rows: how many there are. wanted: what it says of each known video. changes: that part of it which is not so yet.
    problems: a sentence for each line that is left out, with its number. unknown: (line, what it calls the video) of
    those that are not in the library. ambiguous: dates that have two meanings while nobody said which. ignored: titles
    of columns that mean nothing here. repeated: rows that say again what another one says.
    """

    rows: int = 0
    wanted: Details = field(default_factory=dict)
    changes: Details = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    unknown: list[tuple[int, str]] = field(default_factory=list)
    ambiguous: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    repeated: int = 0


def template(videos: pd.DataFrame) -> bytes:
    """A table to fill in, with what is known already: reading it back changes nothing. videos: from results.videos."""
    known = details_of(videos)
    rows = pd.DataFrame(
        {
            "video_id": videos["video_id"],
            "name": videos["name"].map(one_line),
            **{name: [text(known[video_id][name]) for video_id in videos["video_id"]] for name in DETAILS},
        }
    )
    # With the mark at the beginning, spreadsheets know that it is UTF-8.
    return guard(rows).to_csv(index=False, lineterminator="\n").encode("utf-8-sig")


def read_metadata(name: str, data: bytes, videos: pd.DataFrame, day_first: bool | None = None) -> Imported:
    """What a file says of these videos. name: of the file, for messages; videos: as from results.videos.

    A row names its video by video_id, SHA-256 or file name. day_first: how dates such as 03/04/2026 are meant; None:
    nobody said, and rows with one are left out and counted. Raises MetadataUnreadable where there is nothing to choose
    from.
    """
    name = one_line(name)[:_SHOWN]
    if len(data) > MAX_BYTES:
        raise MetadataUnreadable(
            f"{name} is {len(data) / 1e6:.0f} MB large, and {MAX_BYTES / 1e6:.0f} MB are the most: split it."
        )
    try:
        content = decoded(data)
    except NotText as error:
        raise MetadataUnreadable(f"{name} is not a file of text: save the table as CSV.") from error
    mark, header, rows = _table(name, content)
    columns, ignored = _columns(name, header)
    found = Imported(ignored=ignored)
    seen = details_of(videos)
    find = _Finder(videos)
    said: dict[str, dict[str, tuple[object, int]]] = {}  # video -> field -> (value, line)
    contradicted: set[str] = set()
    for line, cells in rows:
        found.rows += 1
        if found.rows > MAX_ROWS:
            raise MetadataUnreadable(f"{name} has more than {MAX_ROWS:,} rows, which is the most: split it.")
        try:
            if any(cell.strip() for cell in cells[len(header) :]):
                raise FieldInvalid(
                    f"it has {len(cells)} cells, and the header {len(header)}; what has a {one_line(mark)!r} in it "
                    "must stand in quotes."
                )
            video_id = find(line, cells, columns, found)
            if video_id is None:
                continue
            values = _values(cells, columns, seen[video_id]["tags"], day_first)
        except Ambiguous as error:
            found.ambiguous.append(str(error))
            continue
        except FieldInvalid as error:
            found.problems.append(f"Line {line}: {error}")
            continue
        _add(said, contradicted, video_id, values, line, found)
    found.wanted = {
        video_id: {field: value for field, (value, _) in fields.items()}
        for video_id, fields in said.items()
        if video_id not in contradicted
    }
    found.changes = changed(seen, found.wanted)
    return found


def preview(videos: pd.DataFrame, changes: Details) -> pd.DataFrame:
    """What will change, one row for each value: video (name), field, now, then (texts; empty: nothing)."""
    seen, names = details_of(videos), dict(zip(videos["video_id"], videos["name"], strict=True))
    rows = [
        (one_line(names[video_id]), field, text(seen[video_id][field]), text(value))
        for video_id, fields in changes.items()
        for field, value in fields.items()
    ]
    return pd.DataFrame(rows, columns=["video", "field", "now", "then"])


# --- the file ---


def _table(name: str, content: str) -> tuple[str, list[str], Iterator[tuple[int, list[str]]]]:
    """The delimiter, the header, and the rows with their line numbers.

    The delimiter is the one under which most columns are known.
    """
    table = content.lstrip("\r\n")
    above = len(content[: len(content) - len(table)].splitlines())
    first, _, rest = table.partition("\n")
    if told := re.fullmatch(r"sep=(.)\r?", first):  # what a spreadsheet writes above a table
        table, above, delimiters = rest, above + 1, told[1]
    else:
        delimiters = DELIMITERS
    if not table.strip():
        raise MetadataUnreadable(f"{name} is empty.")

    def header_with(delimiter: str) -> list[str]:
        try:
            return next(csv.reader(io.StringIO(table.partition("\n")[0], newline=""), delimiter=delimiter))
        except csv.Error:
            return []

    delimiter = max(delimiters, key=lambda mark: sum(_meaning(title) is not None for title in header_with(mark)))
    reader = csv.reader(io.StringIO(table, newline=""), delimiter=delimiter, strict=True)

    def rows() -> Iterator[tuple[int, list[str]]]:
        try:
            for cells in reader:
                if any(cell.strip() for cell in cells):
                    yield above + reader.line_num, cells
        except csv.Error as error:
            line = above + reader.line_num
            raise MetadataUnreadable(f"{name} can't be read as a table at line {line}: {error}.") from error

    table_rows = rows()
    return delimiter, next(table_rows)[1], table_rows


def _meaning(title: str) -> str | None:
    """What a column of that title is: a key, a field, `tag:<name>`; None for a title that means nothing here."""
    if tag := _TAG.fullmatch(title.strip()):
        return f"tag:{tag['name'].strip()}"
    return _COLUMNS.get(re.sub(r"[\s-]+", "_", re.sub(r"\(.*\)", "", title).strip().casefold()))


def _columns(name: str, header: list[str]) -> tuple[dict[str, int], list[str]]:
    """Which column is which, {video_id: 0, subject: 2, tag:site: 3, ...}, and the titles that mean nothing here."""
    columns, ignored = {}, []
    for place, title in enumerate(header):
        what = _meaning(title)
        if what is None:
            ignored.extend([one_line(title)[:_SHOWN]] if title.strip() else [])
        elif what in columns:
            raise MetadataUnreadable(f"{name} has two columns for {what}: {header[columns[what]]!r} and {title!r}.")
        else:
            columns[what] = place
    titles = ", ".join(one_line(title)[:_SHOWN] for title in header[:10])
    if not set(columns) & set(_KEYS):
        raise MetadataUnreadable(
            f"{name} does not say which video a row is about: its first line must name the columns, one of them "
            f"video_id, sha256 or name. It is: {titles}"
        )
    if not set(columns) - set(_KEYS):
        raise MetadataUnreadable(
            f"{name} says nothing about its videos: it needs at least one of the columns {', '.join(DETAILS)} or "
            f"tag:NAME. Its first line is: {titles}"
        )
    return columns, ignored


# --- the rows ---


class _Finder:
    """Finds the video that a row is about."""

    def __init__(self, videos: pd.DataFrame):
        self._ids = {value.lower(): value for value in videos["video_id"]}
        self._hashes = dict(zip(videos["sha256"].str.lower(), videos["video_id"], strict=True))
        names, folded = videos["name"], videos["name"].map(str.casefold)
        self._names = dict(zip(names, videos["video_id"], strict=True))
        self._folded = dict(zip(folded, videos["video_id"], strict=True))
        self._called, self._called_folded = Counter(names), Counter(folded)

    def __call__(self, line: int, cells: list[str], columns: dict[str, int], found: Imported) -> str | None:
        """The video_id; None, and noted in `found`, where the library has no such video or several of that name."""
        for key, known in (("video_id", self._ids), ("sha256", self._hashes)):
            given = _cell(cells, columns, key)
            if given:
                if given.lower() not in known:
                    found.unknown.append((line, one_line(given)[:_SHOWN]))
                return known.get(given.lower())
        given = _cell(cells, columns, "name")
        if not given:
            found.problems.append(f"Line {line}: it does not say which video it is about.")
            return None
        name = given if given in self._names else last_part(given)
        exact, folded = self._called[name], self._called_folded[name.casefold()]
        if exact == 1:
            return self._names[name]
        if exact == 0 and folded == 1:
            return self._folded[name.casefold()]
        if exact or folded:
            found.problems.append(
                f"Line {line}: {exact or folded} videos are called {one_line(name)[:_SHOWN]!r}: name it by its "
                "video_id or sha256."
            )
        else:
            found.unknown.append((line, one_line(given)[:_SHOWN]))
        return None


def _cell(cells: list[str], columns: dict[str, int], what: str) -> str:
    place = columns.get(what, len(cells))
    return unguarded(cells[place].strip()) if place < len(cells) else ""


def _values(
    cells: list[str], columns: dict[str, int], tags: dict | None, day_first: bool | None
) -> dict[str, object]:  # fmt: skip
    """What a row says, as JSON by field; nothing for its empty cells. tags: those that the video has.

    Raises FieldInvalid, Ambiguous.
    """
    values: dict[str, object] = {}
    for what in columns:
        cell = _cell(cells, columns, what)
        if what in _KEYS or not cell:
            continue
        if what.startswith("tag:"):
            base = values.get("tags", tags) or {}
            name = what.removeprefix("tag:")
            values["tags"] = {key: value for key, value in base.items() if key != name}
            if cell != CLEAR:
                values["tags"][name] = cell
        elif cell == CLEAR:
            values[what] = None
        elif what == "tags":
            values[what] = {**tags_of_text(cell), **(values.get("tags") or {})}
        elif what == "consent":
            values[what] = _consent(cell)
        elif what == "recorded_at":
            values[what] = _recorded_at(cell, day_first)
        else:
            values[what] = cell
    parsed = parse_fields(values, DETAILS)
    return {field: values[field] if field == "recorded_at" else value for field, value in parsed.items()}


def _consent(cell: str) -> bool:
    if cell.casefold() not in (*_YES, *_NO):
        raise FieldInvalid(f"`consent` must be yes or no. Received: {cell[:_SHOWN]!r}.")
    return cell.casefold() in _YES


def _recorded_at(cell: str, day_first: bool | None) -> str:
    try:
        return date_of(cell, day_first).isoformat()
    except NoDate as error:
        raise FieldInvalid(
            f"`recorded_at` is no date that can be read: {error}. Received: {cell[:_SHOWN]!r}."
        ) from error


def _add(said: dict, contradicted: set[str], video_id: str, values: dict, line: int, found: Imported) -> None:
    """Put what a line says of a video together with what lines before have said of it."""
    before = said.setdefault(video_id, {})
    if before and all(name in before and same(before[name][0], value) for name, value in values.items()):
        found.repeated += 1
    for name, value in values.items():
        if name not in before:
            before[name] = (value, line)
        elif not same(before[name][0], value):
            contradicted.add(video_id)
            found.problems.append(
                f"Lines {before[name][1]} and {line} contradict each other on the {name.replace('_', ' ')} of one "
                f"video: {text(before[name][0])[:_SHOWN] or 'nothing'!r} and {text(value)[:_SHOWN] or 'nothing'!r}. "
                "None of what they say of it is taken."
            )
