"""How numbers, times and names are written for people, everywhere in the dashboard."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

import pandas as pd

# The label, and the category, of a face whose strongest emotion is less probable than a person wants it to be.
UNDECIDED = "undecided"

# Characters that mean something in Markdown; a name from outside must not be able to use them.
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$^=&])")
# Streamlit also replaces :names: by emoji, icons and colours, even where the colons are escaped.
_SHORTCODE = re.compile(r":(?=\S)")


def plain(text: object) -> str:
    """Text for a place that understands Markdown, such that it shows as it is, on one line.

    Control characters become blanks; after a colon stands an invisible character, so that `:smile:` stays as it is.
    """
    line = "".join(character if character.isprintable() else " " for character in str(text))
    return _SHORTCODE.sub(":\u200b", _MARKDOWN.sub(r"\\\1", line))


def one_line(text: object) -> str:
    """Text for a place that shows text as it is, on one line."""
    return "".join(character if character.isprintable() else " " for character in str(text))


def missing(value: object) -> bool:
    """Whether there is no value: None, NaN, NaT or NA."""
    return bool(pd.isna(value))


def clock(seconds: float | None) -> str:
    """Seconds as m:ss, or h:mm:ss from an hour on: 75.4 is 1:15. Unknown is a dash."""
    if missing(seconds):
        return "–"
    whole = math.floor(seconds)
    hours, minutes = whole // 3600, whole // 60 % 60
    return f"{hours}:{minutes:02d}:{whole % 60:02d}" if hours else f"{minutes}:{whole % 60:02d}"


def precise(seconds: float, digits: int) -> str:
    """Seconds as by `clock`, with up to so many digits after the point: with one, 65.21 is 1:05.2 and 75 is 1:15."""
    whole, rest = divmod(round(seconds * 10**digits), 10**digits)
    fraction = f"{rest:0{digits}d}".rstrip("0")
    return clock(whole) + (f".{fraction}" if fraction else "")


def duration(seconds: float | None) -> str:
    """A time to wait or that something took: `8 s`, `1 min 20 s`, `2 h 5 min`. Unknown is a dash."""
    if missing(seconds):
        return "–"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def percent(share: float | None) -> str:
    """A share as a whole percentage; above 0 and below 1 never rounds to 0 or 100. Unknown is a dash."""
    if missing(share):
        return "–"
    whole = round(share * 100)
    if share > 0 and whole == 0:
        return "< 1 %"
    if share < 1 and whole == 100:
        return "> 99 %"
    return f"{whole} %"


def signed(value: float | None) -> str:
    """A valence with its sign: +0.25, −0.10, 0.00. Unknown is a dash."""
    if missing(value):
        return "–"
    return f"{value:+.2f}".replace("-", "−") if round(value, 2) else "0.00"


def size(size_bytes: float) -> str:
    """A file size: `640 kB`, `12 MB`, `2.1 GB`."""
    if size_bytes < 1e6:
        return f"{size_bytes / 1e3:.0f} kB"
    return f"{size_bytes / 1e6:.0f} MB" if size_bytes < 1e9 else f"{size_bytes / 1e9:.1f} GB"


def name_of(track_id: int, names: Mapping[int, str]) -> str:
    """What somebody in a live picture is called, as it was given: a name, or `Person 2` without one."""
    return names.get(track_id) or f"Person {track_id}"


def person(track_id: int, label: str | None) -> str:
    """What a track is called: its label with its number, or `Person 2`."""
    return f"Person {track_id}" if missing(label) else f"{one_line(label)} ({track_id})"


def smoothing(name: str) -> str:
    """The smoothing of a run in words: `mean:1.5s` is `mean over 1.5 s`, `mode:5` is `most frequent of 5`."""
    method, _, window = name.partition(":")
    if method == "mean":
        return f"mean over {window.removesuffix('s')} s"
    return f"most frequent of {window}" if method == "mode" else name


def smoothing_window_s(name: str) -> float:
    """The width of a run's centred mean in seconds; 0 where it smooths labels instead of probabilities."""
    found = re.fullmatch(r"mean:([0-9.e+-]+)s", name)
    return float(found[1]) if found else 0.0
