"""Files of markers that other programs wrote: tables (CSV), subtitles (SRT, WebVTT) and ELAN's annotations (EAF).

They come from outside, so nothing in them is believed: what can't be a marker of this video is listed with its place
and why, and the rest is there to be looked at before anything is imported.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from dashboard import elan
from dashboard.marker_times import seconds_of
from dashboard.text_files import NotText, decoded, unguarded
from dashboard.words import clock, one_line
from db.annotations import MAX_NOTE
from processor.annotation_form import MAX_MARKERS, SLACK_S
from processor.metadata import MAX_TEXT, clean

MAX_BYTES = 5_000_000
UNTYPED = "marker"  # the kind of a marker whose file does not say one

_SHOWN = 60  # characters of a wrong value

# What columns of a table are called, without case, blanks and units; the first that is there is taken.
_COLUMNS = {
    "t_s": ("t_s", "time", "start", "begin", "onset", "from", "t", "start_time", "begin_time"),
    "end_s": ("end_s", "end", "stop", "to", "end_time"),
    "duration": ("duration",),
    "kind": ("kind", "type", "label", "marker", "event", "trial_type"),
    "note": ("note", "text", "comment", "notes", "description"),
}
_UNIT = re.compile(r"[\s_(\[-]+(s|sec|seconds|ms|msec|milliseconds)[)\]]?$")
_SPAN = re.compile(r"\s*((?:\d+:)?\d+:\d+[.,]\d+)\s*-->\s*((?:\d+:)?\d+:\d+[.,]\d+)(\s.*)?")
_TAGS = re.compile(r"<[^<>]{0,40}>|\{\\[^{}]{0,40}\}")


class MarkersUnreadable(Exception):
    """A file has no markers that could be read; the message says why, as a sentence."""


@dataclass
class Imported:
    """What a file holds. markers: each {t_s, end_s (None: a moment), kind, note (or None)}, in order of time.

    problems: a sentence for each row that is no marker of this video, with its place. warnings: sentences about the
    whole file. source: csv, srt or eaf. untyped: how many markers got their kind from the reader.
    """

    source: str
    markers: list[dict] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    untyped: int = 0


def read_markers(
    name: str, data: bytes, duration_s: float | None, *, video_name: str | None = None, untyped: str = UNTYPED
) -> Imported:
    """The markers in a file; what kind of file it is shows its content.

    name: of the file, for messages. duration_s: of the video, None where that is not known; times up to a second beyond
    it are let through. video_name: compared with the video that an EAF file names. untyped: the kind of markers whose
    file says none. Raises MarkersUnreadable where there is nothing to choose from.
    """
    name = one_line(name)[:_SHOWN]
    if len(data) > MAX_BYTES:
        raise MarkersUnreadable(
            f"{name} is {len(data) / 1e6:.1f} MB large, and {MAX_BYTES / 1e6:.0f} MB are the most: split it."
        )
    text = _decoded(name, data)
    if not text.strip():
        raise MarkersUnreadable(f"{name} is empty.")
    if text.lstrip().startswith("<"):
        found, warnings = _annotations(name, data)
        imported = Imported("eaf", warnings=warnings + elan.other_media(found, video_name))
        rows = ((f"Annotation {row.pop('id')}", row) for row in found.rows)
    elif any("-->" in line for line in text.splitlines()[:200]):
        imported, rows = Imported("srt"), _subtitles(text)
    else:
        imported, rows = Imported("csv"), _table(name, text)
    outside = _sort_out(name, rows, duration_s, untyped, imported)
    if outside > (outside + len(imported.markers)) / 2:
        imported.warnings.insert(
            0,
            f"These markers seem to belong to another video: {outside} of {outside + len(imported.markers)} lie after "
            f"the end of this one ({clock(duration_s)}).",
        )
    imported.markers.sort(key=lambda marker: (marker["t_s"], marker["end_s"] or marker["t_s"]))
    return imported


def _decoded(name: str, data: bytes) -> str:
    try:
        return decoded(data)
    except NotText as error:
        raise MarkersUnreadable(f"{name} is not a file of text: choose a CSV, SRT or ELAN .eaf file.") from error


def _sort_out(
    name: str, rows: Iterator[tuple[str, dict]], duration_s: float | None, untyped: str, imported: Imported
) -> int:  # fmt: skip
    """Rows into markers and problems; returns how many lie after the video's end."""
    outside = 0
    for number, (place, row) in enumerate(rows):
        if number == MAX_MARKERS:
            raise MarkersUnreadable(f"{name} has more than {MAX_MARKERS:,} rows, which is the most: split it.")
        begin_s, end_s = row["t_s"], row["end_s"]
        kind, note = clean(row["kind"] or ""), clean(row["note"] or "")
        problem = row.get("problem")
        if problem is None and begin_s < 0:
            problem = f"{begin_s:g} s is before the beginning of the video."
        if problem is None and end_s is not None and end_s < begin_s:
            problem = f"it ends ({clock(end_s)}) before it begins ({clock(begin_s)})."
        if problem is None and len(kind) > MAX_TEXT:
            problem = f"its type has {len(kind):,} characters, and {MAX_TEXT} are the most."
        if problem is None and len(note) > MAX_NOTE:
            problem = f"its note has {len(note):,} characters, and {MAX_NOTE:,} are the most."
        if problem is None and duration_s is not None:
            last_s = begin_s if end_s is None else end_s
            if last_s > duration_s + SLACK_S:
                outside += 1
                problem = f"{clock(last_s)} lies after the end of the video ({clock(duration_s)})."
        if problem is not None:
            imported.problems.append(f"{place}: {problem}")
            continue
        imported.untyped += not kind
        end_s = None if end_s == begin_s else end_s
        imported.markers.append({"t_s": begin_s, "end_s": end_s, "kind": kind or untyped, "note": note or None})
    return outside


def _bad(problem: str) -> dict:
    return {"t_s": 0.0, "end_s": None, "kind": None, "note": None, "problem": problem}


def _annotations(name: str, data: bytes) -> tuple[elan.Document, list[str]]:
    try:
        found = elan.read(data)
    except elan.NotElan as error:
        raise MarkersUnreadable(f"{name} can't be read as an ELAN file: {error}") from error
    return found, found.warnings


# --- tables ---


def _table(name: str, text: str) -> Iterator[tuple[str, dict]]:
    """The rows of a table with a header. The delimiter is the one that the header has most of."""
    table = text.lstrip("\r\n")
    above = len(text[: len(text) - len(table)].splitlines())
    header = table.splitlines()[0]
    # A header without any is of one column; a tab does not stand in a time.
    delimiter = max("\t,;|", key=header.count)
    reader = csv.reader(io.StringIO(table, newline=""), delimiter=delimiter, strict=True)
    try:
        names = next(reader)
        columns, scale = _columns(name, names)
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield f"Line {above + reader.line_num}", _row(cells, len(names), columns, scale)
    except csv.Error as error:
        raise MarkersUnreadable(
            f"{name} can't be read as a table at line {above + reader.line_num}: {error}."
        ) from error


def _columns(name: str, header: list[str]) -> tuple[dict[str, int], dict[str, float]]:
    """Which column is which: {t_s: 0, kind: 2, ...}, and how many seconds one of its unit is."""
    named, scale = {}, {}
    for place, title in enumerate(header):
        short = title.strip().lower()
        unit = _UNIT.search(short)
        plain = re.sub(r"[\s-]+", "_", short if short == "t_s" or not unit else short[: unit.start()])
        named.setdefault(plain, place)
        scale[place] = 0.001 if unit and unit[1].startswith("m") else 1.0
    columns = {
        what: next(named[alias] for alias in aliases if alias in named)
        for what, aliases in _COLUMNS.items()
        if any(alias in named for alias in aliases)
    }
    if "t_s" not in columns:
        shown = ", ".join(one_line(title)[:_SHOWN] for title in header[:10])
        raise MarkersUnreadable(
            f"{name} has no column of times: its first line must name the columns, one of them time, start, begin or "
            f"t_s (and, if there are such, end, kind, note). It is: {shown}"
        )
    return columns, {what: scale[place] for what, place in columns.items()}


def _row(cells: list[str], width: int, columns: dict[str, int], scale: dict[str, float]) -> dict:
    if len(cells) > width:
        return _bad(
            f"it has {len(cells)} cells, and the header {width}; a decimal comma needs quotes around its number."
        )

    def cell(what: str) -> str:
        place = columns.get(what, len(cells))
        return cells[place].strip() if place < len(cells) else ""

    times: dict[str, float | None] = {}
    for what in ("t_s", "end_s", "duration"):
        text = cell(what)
        times[what] = seconds_of(text)
        if times[what] is not None:
            times[what] *= scale[what]
        elif what == "t_s" or text not in ("", "n/a"):
            return _bad(f"{one_line(text)[:_SHOWN]!r} is no time such as 75.5, 1:15.5 or 0:01:15.500.")
    end_s = times["end_s"]
    if end_s is None and times["duration"] is not None:
        end_s = times["t_s"] + times["duration"]
    return {"t_s": times["t_s"], "end_s": end_s, "kind": unguarded(cell("kind")), "note": unguarded(cell("note"))}


# --- subtitles ---


def _subtitles(text: str) -> Iterator[tuple[str, dict]]:
    """The subtitles of an SRT (or WebVTT) file; their text is the note, on one line and without tags."""
    lines = [*text.splitlines(), ""]
    place, row, said = "", None, []
    for number, line in enumerate(lines, 1):
        span = _SPAN.fullmatch(line)
        # The number of a subtitle belongs to the times below it, also where the blank line above is missing.
        is_number = line.strip().isdigit() and number < len(lines) and "-->" in lines[number]
        if row is not None and (not line.strip() or "-->" in line or is_number):
            yield place, row | {"note": _TAGS.sub("", " ".join(said))}
            row, said = None, []
        if "-->" in line:
            place, row = f"Line {number}", _span(line, span)
        elif row is not None:
            said.append(line.strip())
        elif line.strip() and not is_number and not line.startswith(("WEBVTT", "NOTE", "STYLE", "\ufeff")):
            if not any("-->" in below for below in lines[number : number + 1]):  # WebVTT: a name above the times
                yield f"Line {number}", _bad(f"{one_line(line)[:_SHOWN]!r} belongs to no subtitle.")


def _span(line: str, span: re.Match | None) -> dict:
    times = [seconds_of(time) for time in span.groups()[:2]] if span else [None]
    if None in times:
        return _bad(f"{one_line(line.strip())[:_SHOWN]!r} is not of the form 00:01:15,500 --> 00:01:17,000.")
    return {"t_s": times[0], "end_s": times[1], "kind": None, "note": None}
