"""What a comparison is of, in words: its groups, its settings, how many videos it has. No Streamlit."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from dashboard.group_sentences import FEW_UNITS
from dashboard.study import PERSONS, UNITS, VALUES, Choice, Group, Study
from dashboard.words import one_line


def units_of(unit: str, count: int) -> str:
    """How many units: `1 session`, `12 subjects`. unit: a key of study.UNITS."""
    return f"{count:,} {unit}" + ("" if count == 1 else "s")


def videos_of(count: int) -> str:
    """How many videos: `1 video`, `60 videos`."""
    return f"{count:,} video" + ("" if count == 1 else "s")


def chosen_by(group: Group, names: Mapping[str, str]) -> str:
    """By what a group's videos are chosen, as a line: `cohort pilot or control; site A; from 2026-01-31`.

    names: video_id to name, for videos that were chosen one by one; more than three of them are counted.
    """
    parts = [
        f"{word} {' or '.join(values)}"
        for word, values in (("cohort", group.cohorts), ("subject", group.subjects), ("session", group.sessions))
        if values
    ]
    tags: dict[str, list[str]] = {}
    for name, value in group.tags:
        tags.setdefault(name, []).append(value)
    parts += [f"{name} {' or '.join(values)}" for name, values in tags.items()]
    parts += [f"from {group.from_day}"] if group.from_day else []
    parts += [f"to {group.to_day}"] if group.to_day else []
    parts += [f"saved filter {group.filter_name}"] if group.filter_name else []
    if group.videos:
        called = [names.get(video_id, "a video that is gone") for video_id in group.videos]
        parts.append(", ".join(called) if len(called) <= 3 else f"{videos_of(len(called))} chosen one by one")
    return one_line("; ".join(parts) or "every video")


def settings(choice: Choice) -> list[tuple[str, str]]:
    """How a comparison is made: pairs of what and how."""
    out = [
        (f"Face in view in less than {choice.min_coverage:.0%} of the frames".replace("%", " %"), choice.min_coverage),
        (f"Person seen for less than {choice.min_seconds:g} s", choice.min_seconds),
        (f"Faces narrower than {choice.min_face_px:g} pixels", choice.min_face_px),
        (f"Sharpness under {choice.min_sharpness:g}", choice.min_sharpness),
    ]
    left_out = [words for words, lowest in out if lowest]
    return [
        ("Unit", UNITS[choice.unit]),
        ("Whose face", PERSONS[choice.person]),
        ("Values", VALUES[choice.values]),
        ("Left out by rule", "; ".join(left_out) or "nothing"),
    ]


def videos_in(study: Study) -> tuple[int, int]:
    """How many videos are left out, and how many the groups choose in all."""
    used = {video_id for ids in study.units["video_ids"] for video_id in ids}
    gone = set(study.left_out["video_id"])
    return len(gone), len(used | gone)


def left_out(study: Study) -> str:
    """How many videos are left out, as a sentence."""
    gone, whole = videos_in(study)
    return f"{gone:,} of {videos_of(whole)} left out." if gone else f"None of {videos_of(whole)} is left out."


def few(study: Study) -> list[str]:
    """A warning for the groups that have too few units to say much, if there are any."""
    small = [f"{one_line(name)} ({units_of(study.choice.unit, n)})" for name, n in study.n.items() if n < FEW_UNITS]
    if not small:
        return []
    return [
        f"Fewer than {FEW_UNITS} {study.choice.unit}s in {', '.join(small)}: with so few, a difference can be "
        "chance and a true one can stay unseen. Take the figures for a first look."
    ]


def warnings(results: pd.DataFrame) -> list[str]:
    """What to beware of in these rows of group_statistics.compare, each once."""
    return [sentence for sentence in dict.fromkeys(results["warning"]) if sentence]


def names_of(rows: pd.DataFrame) -> dict[str, str]:
    """video_id to name. rows: as from study_results.units."""
    return dict(zip(rows["video_id"], rows["name"], strict=True))
