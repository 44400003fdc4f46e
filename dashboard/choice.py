"""What somebody chose to compare: groups of videos, the unit, what is left out. The address of the page says all of it.

A group stands in one parameter of the address, which is itself written as a query, so that a name may hold any sign:
`g1=name%3DBefore%26session%3D1`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from urllib.parse import parse_qsl, urlencode

import pandas as pd

from dashboard.measures import VALUES
from dashboard.words import missing

UNITS = {"session": "Sessions", "subject": "Subjects"}
PERSONS = {
    "everyone": "Everyone in the picture",
    "main": "The person seen longest",
    "named": "The person named like the subject",
}

GROUP_NAME = re.compile(r"g([1-9]\d?)")
MOST_GROUPS = 12  # more than can be told apart, and than anybody compares
UNNAMED = "Group"

# Parameters of the address: what each is in a Choice.
_WORDS = {"unit": UNITS, "person": PERSONS, "values": VALUES}
_NUMBERS = {"coverage": "min_coverage", "seconds": "min_seconds", "face": "min_face_px", "sharpness": "min_sharpness"}
QUERY_NAMES = (*_WORDS, *_NUMBERS)

# Parameters within a group: what each is in a Group.
_LISTS = {"cohort": "cohorts", "subject": "subjects", "session": "sessions", "tag": "tags", "video": "videos"}
_SINGLE = {"from": "from_day", "to": "to_day", "filter": "filter_name"}


@dataclass(frozen=True)
class Group:
    """Videos that fit everything that is said here; what is empty lets everything through.

    tags: pairs of name and value; of values for one name any will do. videos: their ids. from_day, to_day: first and
    last day on which the video was recorded (else added), ISO text, in UTC. filter_name: a saved filter.

    Raises ValueError for a day that is none.
    """

    name: str
    cohorts: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    sessions: tuple[str, ...] = ()
    tags: tuple[tuple[str, str], ...] = ()
    videos: tuple[str, ...] = ()
    from_day: str | None = None
    to_day: str | None = None
    filter_name: str | None = None

    def __post_init__(self) -> None:
        for day in (self.from_day, self.to_day):
            if day is not None:
                date.fromisoformat(day)

    def filter(self) -> dict:
        """The same as a saved filter says it (see processor.saved_form); without `videos` and `filter_name`."""
        tags: dict[str, list[str]] = {}
        for name, value in self.tags:
            tags.setdefault(name, []).append(value)
        lists = {name: list(getattr(self, name)) for name in ("cohorts", "subjects", "sessions")}
        return {**lists, "tags": tags, "from_day": self.from_day, "to_day": self.to_day}

    def to_query(self) -> str:
        """The group as one parameter of the address."""
        pairs = [("name", self.name)]
        for parameter, name in _LISTS.items():
            values = getattr(self, name)
            pairs += [(parameter, "=".join(value) if name == "tags" else value) for value in values]
        pairs += [(parameter, getattr(self, name)) for parameter, name in _SINGLE.items() if getattr(self, name)]
        return urlencode(pairs)


@dataclass(frozen=True)
class Choice:
    """A comparison. Raises ValueError for a setting that can't be.

    unit: what counts as one. person: whose expressions, of those in a video. values: share of the time with the
    smoothed label, or mean probability. The limits leave videos out: min_coverage (0 to 1, of the frames that count),
    min_seconds (for which the person is seen), min_face_px (median width), min_sharpness (median); 0 leaves none out.

    problems: what was wrong with the address that this comes from, as sentences; two choices that only differ in that
    are equal.
    """

    groups: tuple[Group, ...] = ()
    unit: str = "session"
    person: str = "everyone"
    values: str = "share"
    min_coverage: float = 0.0
    min_seconds: float = 0.0
    min_face_px: float = 0.0
    min_sharpness: float = 0.0
    problems: tuple[str, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        for name, expected in _WORDS.items():
            if getattr(self, name) not in expected:
                raise ValueError(
                    f"Expected {name} to be one of {', '.join(expected)}. Received: {getattr(self, name)!r}"
                )
        for parameter, name in _NUMBERS.items():
            _number(parameter, getattr(self, name))
        names = [group.name for group in self.groups]
        if len(set(names)) < len(names):
            raise ValueError(f"Expected groups with different names. Received: {', '.join(names)}")

    def to_query(self) -> dict[str, str]:
        """The whole comparison as parameters of the address; settings that are as at first are left out."""
        query = {f"g{number}": group.to_query() for number, group in enumerate(self.groups, 1)}
        first = {one.name: one.default for one in fields(self)}
        query |= {name: getattr(self, name) for name in _WORDS if getattr(self, name) != first[name]}
        return query | {
            parameter: f"{getattr(self, name):g}"
            for parameter, name in _NUMBERS.items()
            if getattr(self, name) != first[name]
        }

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Choice:
        """The comparison that an address asks for; what it says that can't be is left as at first, and said in
        `problems`. Parameters that are of no meaning here are passed over."""
        problems: list[str] = []
        settings: dict = {}
        for name, expected in _WORDS.items():
            if name in query and query[name] in expected:
                settings[name] = query[name]
            elif name in query:
                problems.append(f"{name} must be one of {', '.join(expected)}, not {query[name]!r}.")
        for parameter, name in _NUMBERS.items():
            if parameter in query:
                try:
                    settings[name] = _number(parameter, query[parameter])
                except ValueError as error:
                    problems.append(str(error))
        numbered = sorted((int(found[1]), query[name]) for name in query if (found := GROUP_NAME.fullmatch(name)))
        if len(numbered) > MOST_GROUPS:
            problems.append(f"At most {MOST_GROUPS} groups can be compared; those after are left out.")
        groups = [_group(text, number, problems) for number, text in numbered[:MOST_GROUPS]]
        return cls(named_apart(groups), **settings, problems=tuple(problems))


def groups_by(rows: pd.DataFrame, column: str) -> tuple[Group, ...]:
    """A group for each value of a column that there is among the videos, in order; at most MOST_GROUPS.

    rows: as from study_results.units. column: cohort, subject or session, or `tag:` with the name of a tag.
    """
    kind, _, tag = column.partition(":")
    found = rows[column] if kind != "tag" else rows["tags"].map(lambda tags: (tags or {}).get(tag))
    values = sorted({value for value in found if not missing(value)})[:MOST_GROUPS]
    if kind == "tag":
        return named_apart([Group(value, tags=((tag, value),)) for value in values])
    return named_apart([Group(value, **{_LISTS[kind]: (value,)}) for value in values])


def named_apart(groups: list[Group]) -> tuple[Group, ...]:
    """The groups, each with a name of its own: one that is taken gets a number, one that is empty is called Group."""
    taken: set[str] = set()
    apart = []
    for group in groups:
        wanted = " ".join(group.name.split()) or UNNAMED
        name, number = wanted, 2
        while name in taken:
            name, number = f"{wanted} ({number})", number + 1
        taken.add(name)
        apart.append(replace(group, name=name))
    return tuple(apart)


def _group(text: str, number: int, problems: list[str]) -> Group:
    """The group that a parameter of the address says; what can't be is left out of it and added to `problems`."""
    found: dict = {"name": f"{UNNAMED} {number}"}
    lists: dict[str, list] = {}
    for parameter, value in parse_qsl(text, keep_blank_values=True):
        try:
            if parameter == "name" and value.strip():
                found["name"] = value
            elif parameter == "tag":
                name, equals, wanted = value.partition("=")
                if not equals or not name:
                    raise ValueError("a tag is written name=value")
                lists.setdefault("tags", []).append((name, wanted))
            elif parameter in _LISTS:
                lists.setdefault(_LISTS[parameter], []).append(value)
            elif parameter in _SINGLE:
                found[_SINGLE[parameter]] = value if parameter == "filter" else date.fromisoformat(value).isoformat()
            elif parameter != "name":
                raise ValueError("there is no such setting")
        except ValueError as error:
            problems.append(f"Group {number}: {parameter}={value!r} is left out: {error}.")
    return Group(**found, **{name: tuple(dict.fromkeys(values)) for name, values in lists.items()})


def _number(parameter: str, value: str | float) -> float:
    """A limit; raises ValueError for what is no number, below 0, or a share above 1."""
    highest = 1 if parameter == "coverage" else math.inf
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not 0 <= number <= highest or math.isinf(number):
        raise ValueError(f"{parameter} must be a number from 0{' to 1' if highest == 1 else ''}, not {value!r}.")
    return number
