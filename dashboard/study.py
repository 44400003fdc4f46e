"""From the people of every video to the units that are compared: sessions or subjects in groups. No Streamlit, no SQL.

A frame is never a unit: neighbouring frames show the same face in nearly the same moment, and thousands of them from
one person still are one person.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from dashboard import listing
from dashboard.choice import PERSONS, UNITS, Choice, Group, groups_by
from dashboard.measures import MEASURES, VALUES, amount, axis, difference, factor, members, title
from dashboard.words import missing, percent
from db.emotions import EMOTIONS

__all__ = [
    "MEASURES", "PERSONS", "UNITS", "VALUES", "Choice", "Group", "Study", "amount", "axis", "difference", "factor",
    "groups_by", "study", "title",
]  # fmt: skip

UNIT_COLUMNS = (
    "group", "unit", "subject", "session", "cohort", "recorded_at", "seconds", "videos", *MEASURES, "run_ids",
    "video_ids",
)  # fmt: skip
_TEXTS = ("subject", "cohort", "session", "label")
LEFT_OUT_COLUMNS = ("video_id", "name", "group", "why")


@dataclass(frozen=True)
class Study:
    """A comparison with its data.

    units: one row for each unit of each group, in the order of the groups, then of time. Columns: group, unit (what
    people call it; once in a group), subject, session, cohort (None where unknown or where its videos differ),
    recorded_at (UTC, of its first video; NaT where unknown), seconds (for which its people are seen and that count),
    videos (how many), MEASURES (shares or probabilities 0 to 1, valence -1 to 1), run_ids and video_ids (lists).
    left_out: the videos that a group asks for and that can't be counted: video_id, name, group, why (a sentence).
    notes: what else is to be known, as sentences. people: the rows of db.study_results.units that the units are made
    of, each once.
    """

    choice: Choice
    units: pd.DataFrame
    left_out: pd.DataFrame
    notes: tuple[str, ...] = ()
    people: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def groups(self) -> tuple[str, ...]:
        """The names of the groups, in order; one may be without units."""
        return tuple(group.name for group in self.choice.groups)

    @property
    def n(self) -> dict[str, int]:
        """How many units each group has."""
        counted = self.units["group"].value_counts()
        return {name: int(counted.get(name, 0)) for name in self.groups}

    def of(self, group: str) -> pd.DataFrame:
        """The units of a group."""
        return self.units[self.units["group"] == group]


def study(rows: pd.DataFrame, choice: Choice, filters: pd.DataFrame | None = None) -> Study:
    """The units that a choice asks for.

    rows: as from db.study_results.units; filters: as from db.saved_results.filters. What one unit shows is the mean
    over its people and videos, each weighted by the time for which it is seen.
    """
    # A table that does not come from the store may have NaN where there is no text, and NaN is true.
    rows = rows.assign(**{name: rows[name].astype(object).where(rows[name].notna(), None) for name in _TEXTS})
    videos = listing.with_state(rows.drop_duplicates("video_id").assign(coverage=lambda one: one["seen"]))
    notes = list(choice.problems)
    chosen = {group.name: _videos_of(videos, group, filters, notes) for group in choice.groups}
    wanted = rows[rows["video_id"].isin(set().union(*chosen.values()))]
    people = _people(wanted, choice.person)
    reasons = _reasons(wanted, people, choice)
    people = people[~people["video_id"].isin(list(reasons)) & (people["person_s"] > 0)]
    people = people.assign(**_identity(people, choice.unit))
    units = [_units(people[people["video_id"].isin(ids)], name, choice.values) for name, ids in chosen.items()]
    units = [one for one in units if len(one)]
    notes += _shared(chosen, videos, reasons)
    return Study(
        choice,
        pd.concat(units, ignore_index=True) if units else pd.DataFrame(columns=UNIT_COLUMNS),
        _left_out(videos, chosen, reasons),
        tuple(notes),
        people[rows.columns],
    )


def _videos_of(videos: pd.DataFrame, group: Group, filters: pd.DataFrame | None, notes: list[str]) -> set[str]:
    """The ids of the videos that a group asks for; what is wrong with it is added to `notes`."""
    found = listing.by_filter(videos, group.filter())
    if group.videos:
        found = found[found["video_id"].isin(group.videos)]
        gone = len(set(group.videos) - set(videos["video_id"]))
        if gone:
            notes.append(
                f"{group.name}: {gone} of the videos chosen {'is' if gone == 1 else 'are'} not there any more."
            )
    if group.filter_name is not None:
        saved = {} if filters is None else dict(zip(filters["name"], filters["filter"], strict=True))
        if group.filter_name not in saved:
            notes.append(f"{group.name}: there is no saved filter {group.filter_name}, so this group is empty.")
            return set()
        found = listing.by_filter(found, saved[group.filter_name])
    if found.empty:
        notes.append(f"{group.name}: no video fits what this group asks for.")
    return set(found["video_id"])


def _people(rows: pd.DataFrame, person: str) -> pd.DataFrame:
    """Of the people in each video those that are meant."""
    people = rows[rows["track_id"].notna()]
    if person == "main":
        return people.sort_values("person_s", ascending=False, kind="stable").drop_duplicates("video_id").sort_index()
    if person == "named":
        return people[_same_name(people["label"], people["subject"])]
    return people


def _same_name(labels: pd.Series, subjects: pd.Series) -> np.ndarray:
    pairs = zip(labels, subjects, strict=True)
    return np.array([bool(a and b) and a.strip().casefold() == b.strip().casefold() for a, b in pairs], bool)


def _reasons(rows: pd.DataFrame, people: pd.DataFrame, choice: Choice) -> dict[str, str]:
    """Why a video can't be counted, as a sentence, by its id; those that can are not in it."""
    by_video = people.groupby("video_id", sort=False)["person_s"].max()
    names = rows[rows["label"].notna()].groupby("video_id", sort=False)["label"].agg(lambda labels: ", ".join(labels))
    reasons = {}
    for video in rows.drop_duplicates("video_id").itertuples():
        seen_s = by_video.get(video.video_id)
        why = _why(video, seen_s, names.get(video.video_id), choice)
        if why:
            reasons[video.video_id] = why
    return reasons


def _why(video, seen_s: float | None, names: str | None, choice: Choice) -> str | None:
    """Why a video can't be counted. seen_s: the longest that one of the people meant is seen; None without one."""
    if missing(video.run_id):
        if video.state == "failed":
            return f"Its analysis failed: {video.error}"
        return "Its analysis was cancelled." if video.state == "cancelled" else "It has not been analysed yet."
    if missing(video.track_id):
        return "Nobody was seen in it."
    if choice.unit == "subject" and not video.subject:
        return "It has no subject, and subjects are compared."
    if seen_s is None and not video.subject:
        return "It has no subject, so nobody in it can be named like the subject."
    if seen_s is None:
        told = f"the names in it are {names}" if names else "nobody in it has a name"
        return f"Nobody in it is named {video.subject}: {told}. Name people on the Video page, under People."
    if not seen_s > 0:
        return "The person is not seen outside of the excluded ranges."
    if video.coverage < choice.min_coverage:
        return f"A face is seen in {percent(video.coverage)} of its frames, less than {percent(choice.min_coverage)}."
    if seen_s < choice.min_seconds:
        return f"The person is seen for {seen_s:.1f} s, less than {choice.min_seconds:g} s."
    if video.face_px < choice.min_face_px:
        return f"Faces are {video.face_px:.0f} pixels wide, less than {choice.min_face_px:g}."
    if video.sharpness < choice.min_sharpness:
        return f"Its sharpness is {video.sharpness:.0f}, less than {choice.min_sharpness:g}."
    return None


def _identity(people: pd.DataFrame, unit: str) -> dict[str, list]:
    """Which unit each row belongs to (`key`), and what people call it (`called`).

    A session is that of a subject; where the subject is unknown, that of a cohort; and a video without a session's
    name is a session of its own.
    """
    keys, called = [], []
    for row in people.itertuples():
        if unit == "subject":
            keys.append(("subject", row.subject))
            called.append(row.subject)
        elif not row.session:
            keys.append(("video", row.video_id))
            called.append(f"{row.subject}, {row.name}" if row.subject else row.name)
        else:
            whose = row.subject or row.cohort
            keys.append(("session", "subject" if row.subject else "cohort", whose, row.session))
            called.append(f"{whose}, session {row.session}" if whose else f"session {row.session}")
    return {"key": keys, "called": called}


def _units(people: pd.DataFrame, group: str, values: str) -> pd.DataFrame:
    """The units of a group. people: the rows that count, with key and called."""
    if people.empty:
        return pd.DataFrame(columns=UNIT_COLUMNS)
    columns = [*(name if values == "share" else f"p_{name}" for name in EMOTIONS), "valence"]
    weights = people["person_s"].to_numpy(float)
    codes, keys = pd.factorize(people["key"])
    figures = people[columns].to_numpy(float) * weights[:, None]
    sums = np.zeros((len(keys), len(columns)))
    np.add.at(sums, codes, figures)
    seconds = np.bincount(codes, weights, len(keys))
    shown = pd.DataFrame(sums / seconds[:, None], columns=[*EMOTIONS, "valence"])
    shown = shown.assign(**{name: shown[members(name)].sum(axis=1) for name in ("negative", "positive")})
    of_unit = people.groupby(codes, sort=True)
    shown = shown.assign(
        group=group, unit=of_unit["called"].first(), seconds=seconds, videos=of_unit["video_id"].nunique(),
        recorded_at=of_unit["recorded_at"].min(),
        **{name: of_unit[name].agg(_common) for name in ("subject", "session", "cohort")},
        run_ids=of_unit["run_id"].agg(lambda ids: [int(one) for one in dict.fromkeys(ids)]),
        video_ids=of_unit["video_id"].agg(lambda ids: list(dict.fromkeys(ids))),
    )  # fmt: skip
    again = shown.groupby("unit").cumcount()
    shown["unit"] = shown["unit"].where(again == 0, shown["unit"] + " (" + (again + 1).astype(str) + ")")
    return shown.sort_values(["recorded_at", "unit"], kind="stable")[list(UNIT_COLUMNS)].reset_index(drop=True)


def _common(values: pd.Series) -> str | None:
    """The value that all of them have; None where they differ or one is unknown."""
    found = {None if missing(value) else value for value in values}
    return found.pop() if len(found) == 1 else None


def _shared(chosen: dict[str, set[str]], videos: pd.DataFrame, reasons: dict[str, str]) -> list[str]:
    """A note on the videos that are in more than one group, if there are."""
    counted = [videos_of - set(reasons) for videos_of in chosen.values()]
    twice = {video for place, ids in enumerate(counted) for other in counted[:place] for video in ids & other}
    if not twice:
        return []
    names = list(videos[videos["video_id"].isin(twice)]["name"])
    shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return [f"In more than one group, and counted in each: {shown}. Groups that share videos look more alike."]


def _left_out(videos: pd.DataFrame, chosen: dict[str, set[str]], reasons: dict[str, str]) -> pd.DataFrame:
    out = videos[videos["video_id"].isin(list(reasons))]
    return pd.DataFrame(
        {
            "video_id": out["video_id"], "name": out["name"],
            "group": [", ".join(name for name, ids in chosen.items() if one in ids) for one in out["video_id"]],
            "why": [reasons[one] for one in out["video_id"]],
        },
        columns=LEFT_OUT_COLUMNS,
    ).reset_index(drop=True)  # fmt: skip
