"""Dates as people write them in tables: ISO, 31.12.2026, 12/31/2026 or 31/12/2026."""

from __future__ import annotations

import re
from datetime import UTC, datetime

FORMS = "2026-12-31, 31.12.2026, 31/12/2026 or 12/31/2026, with 14:30 after it if you like"

_DAY = re.compile(
    r"(?P<first>\d{1,2})(?P<mark>[./])(?P<second>\d{1,2})(?P=mark)(?P<year>\d{4})"
    r"(?:[ T,]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second_>\d{2}))?)?",
    re.ASCII,
)


class NoDate(Exception):
    """A text is no date of a kind that is known; the message says why, as the end of a sentence."""


class Ambiguous(Exception):
    """A date has two meanings, as 03/04/2026 has, and nobody said which one is meant."""


def date_of(text: str, day_first: bool | None = None) -> datetime:
    """The moment that a text names, as UTC without a zone; one without a time of day is midnight.

    With points, the day comes first. With slashes, whichever of day and month can be meant; where both can, day_first
    decides. An offset, as ISO has it, is taken into account; without one the time is taken as UTC. Raises NoDate, or
    Ambiguous where day_first is None and would be needed.
    """
    text = text.strip()
    found = _DAY.fullmatch(text)
    if found is None:
        return _iso(text)
    first, second, year = (int(found[name]) for name in ("first", "second", "year"))
    day, month = first, second
    if found["mark"] == "/" and first != second:
        if first <= 12 and second <= 12:
            if day_first is None:
                raise Ambiguous(text)
            day, month = (first, second) if day_first else (second, first)
        elif second > 12:
            day, month = second, first
    try:
        return datetime(year, month, day, *(int(found[name] or 0) for name in ("hour", "minute", "second_")))
    except ValueError as error:
        raise NoDate(f"there is no such day or time ({error})") from error


def _iso(text: str) -> datetime:
    # Of what fromisoformat takes, weeks and days without hyphens are more likely numbers of something else.
    if not re.match(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        raise NoDate(f"it must be written as {FORMS}")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise NoDate(f"it must be written as {FORMS} ({error})") from error
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
