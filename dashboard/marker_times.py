"""Times as people write and read them, to the fraction of a second."""

from __future__ import annotations

import re

from dashboard.words import clock, missing, precise
from processor.annotation_form import SLACK_S

_CLOCK = re.compile(r"([-−]?)(?:(?:(\d+):)?(\d+):)?(\d+(?:[.,]\d*)?)")
_LONGEST = 60  # characters


def seconds_of(text: str) -> float | None:
    """A time as people write it, in seconds: `75.5`, `75,5`, `1:15`, `1:15.5`, `0:01:15.500`; None if it is none.

    After a colon seconds (and, with hours, minutes) must be less than 60. A minus before it makes it negative.
    """
    found = _CLOCK.fullmatch(text.strip())
    if found is None or len(text) > _LONGEST:
        return None
    sign, hours, minutes, last = found.groups()
    seconds = float(last.replace(",", "."))
    if minutes is not None and seconds >= 60 or hours is not None and int(minutes) >= 60:
        return None
    total = int(hours or 0) * 3600 + int(minutes or 0) * 60 + seconds
    return -total if sign else total


def exact(seconds: float | None) -> str:
    """A time to the millisecond, such that `seconds_of` reads it: 75.5 is 1:15.5, 75 is 1:15; empty where unknown."""
    return "" if missing(seconds) else precise(seconds, 3)


def time_in(video: dict, text: str, what: str) -> tuple[float | None, str | None]:
    """A time of this video from what was typed, or a sentence on why it is none."""
    t_s, duration_s = seconds_of(text), video["duration_s"]
    if t_s is None:
        return None, f"{what} must be like 75.5, 1:15.5 or 0:01:15.500. Received: {text[:40]!r}."
    if t_s < 0 or duration_s is not None and t_s > duration_s + SLACK_S:
        return None, f"{what} {text.strip()} does not lie in the video, which is {clock(duration_s)} long."
    return t_s, None
