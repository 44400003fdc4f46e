"""Who is in a video and when it was recorded: the sidecar `clip.mp4.json`, else the folders `<cohort>/<subject>/`."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from processor.watch import SIDECAR_SUFFIX, open_plain

MAX_TEXT = 200  # characters in a subject, cohort, session, tag or its value
MAX_NAME = 255  # characters in a name, as in most file systems
MAX_SIDECAR_BYTES = 64 * 1024
SIDECAR_FIELDS = ("subject", "cohort", "session", "recorded_at", "tags", "consent")


class FieldInvalid(Exception):
    """A field about a video is unknown or has a value that does not fit; the message is a sentence."""


def parse_fields(given: dict, allowed: Iterable[str] = SIDECAR_FIELDS) -> dict:
    """Fields as they come from outside (JSON) -> columns of table `video`. None clears a field.

    Raises FieldInvalid, naming the field, for an unknown one or a value that does not fit.
    """
    allowed = tuple(allowed)
    columns = {}
    for field, value in given.items():
        if field not in allowed:
            raise FieldInvalid(f"There is no field `{field}`; known are {', '.join(allowed)}.")
        columns[field] = None if value is None and field != "name" else _PARSERS[field](field, value)
    return columns


def parse_time(field: str, value) -> datetime:
    """ISO 8601 text -> UTC without a zone, as the store keeps times. Without an offset it is taken as UTC."""
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise FieldInvalid(f"`{field}` must be a time such as 2026-03-01T14:30:00Z. Received: {value!r}.") from error
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _text(field: str, value) -> str | None:
    # Numbers are welcome: "session": 3 is what people write.
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise FieldInvalid(f"`{field}` must be text. Received: {value!r}.")
    text = clean(str(value))
    if len(text) > MAX_TEXT:
        raise FieldInvalid(f"`{field}` must be at most {MAX_TEXT} characters long. Received: {len(text)} of them.")
    return text or None


def _name(field: str, value) -> str:
    if not isinstance(value, str) or not clean(value):
        raise FieldInvalid(f"`{field}` must be text that is not empty. Received: {value!r}.")
    return last_part(value)


def _consent(field: str, value) -> bool:
    if not isinstance(value, bool):
        raise FieldInvalid(f"`{field}` must be true, false or null. Received: {value!r}.")
    return value


def _tags(field: str, value) -> dict[str, str]:
    if not isinstance(value, dict):
        raise FieldInvalid(f"`{field}` must be an object of names and values. Received: {value!r}.")
    return {_text(f"{field} name", key) or "": _text(f"{field}.{key}", item) or "" for key, item in value.items()}


_PARSERS = {
    "subject": _text, "cohort": _text, "session": _text, "name": _name, "recorded_at": parse_time,
    "consent": _consent, "tags": _tags,
}  # fmt: skip


def clean(text: str) -> str:
    """Text without what a store can't hold (NUL, half of a surrogate pair), stripped of blanks at both ends."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8").strip()


def last_part(name: str) -> str:
    """A name from outside as it is shown: what follows the last `/` or `\\`. It never becomes a path."""
    part = clean(name).replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]
    if part in ("", ".", ".."):
        return "unnamed"
    if len(part) > MAX_NAME:  # shortened before its suffix, which says what it is
        stem, dot, suffix = part.rpartition(".")
        part = f"{stem[: MAX_NAME - len(suffix) - 1]}{dot}{suffix}" if stem and len(suffix) < 10 else part[:MAX_NAME]
    return part


def tags_of_text(text: str) -> dict[str, str]:
    """Tags as people write them, `site=Vienna, arm=B` -> {site: Vienna, arm: B}; nothing gives none.

    One with a comma in it stands in quotes: `"site=Vienna, Austria", arm=B`. Raises FieldInvalid.
    """
    tags: dict[str, str] = {}
    for item in next(csv.reader(io.StringIO(text.strip(), newline=""), skipinitialspace=True), []):
        name, equals, value = (part.strip() for part in item.partition("="))
        if not item.strip():
            continue
        if not equals or not name:
            raise FieldInvalid(f"`tags` must be written like site=Vienna, arm=B. Received: {item.strip()!r}.")
        if tags.setdefault(name, value) != value:
            raise FieldInvalid(f"`tags` must name each tag once. Received: {name}={tags[name]} and {name}={value}.")
    return _tags("tags", tags)


def tags_as_text(tags: dict[str, str] | None) -> str:
    """Tags as `tags_of_text` reads them, in order of their names; none are an empty text."""
    items = []
    for name, value in sorted((tags or {}).items()):
        item = io.StringIO()
        csv.writer(item, lineterminator="").writerow([f"{name}={value}"])  # in quotes where it must be
        items.append(item.getvalue())
    return ", ".join(items)


def in_words(value: object) -> str:
    """A detail of a video (a column of table `video`) as it stands in a sentence."""
    if value is None or value == "" or value == {}:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M} UTC"
    return f"“{tags_as_text(value) if isinstance(value, dict) else value}”"


def of_file(path: str, folders: Iterable[Path]) -> tuple[dict, str | None]:
    """Columns of table `video` for a file in one of the watched folders, and a warning (a sentence) or None.

    A sidecar that can't be used is a warning, and then the folders say what they can.
    """
    columns, warning = of_sidecar(path)
    return of_folders(path, folders) | columns, warning


def of_sidecar(path: str) -> tuple[dict, str | None]:
    """What `clip.mp4.json` says of the video `path`: its columns ({} if there is none), and a warning or None."""
    sidecar = Path(path + SIDECAR_SUFFIX)
    try:
        with open_plain(sidecar) as file:
            content = file.read(MAX_SIDECAR_BYTES + 1)
        if len(content) > MAX_SIDECAR_BYTES:
            raise FieldInvalid(f"it is larger than {MAX_SIDECAR_BYTES} bytes.")
        given = json.loads(content)
        if not isinstance(given, dict):
            raise FieldInvalid(f"it must hold one object. Received: {given!r}.")
        return {name: value for name, value in parse_fields(given).items() if value is not None}, None
    except FileNotFoundError:
        return {}, None
    except (OSError, ValueError, RecursionError, FieldInvalid) as error:
        return {}, f"The sidecar {sidecar} is left aside: {error}"


def of_folders(path: str, folders: Iterable[Path]) -> dict:
    """`<folder>/<cohort>/<subject>/clip.mp4` -> {cohort, subject}; `<folder>/<cohort>/clip.mp4` -> {cohort}."""
    for folder in folders:
        if Path(path).is_relative_to(folder):
            parts = Path(path).relative_to(folder).parts[:-1]
            return {field: clean(part)[:MAX_TEXT] for field, part in zip(("cohort", "subject"), parts, strict=False)}
    return {}
