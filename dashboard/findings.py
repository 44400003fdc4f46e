"""What a chart of the timeline shows, as a sentence: for those who can't see it, and before its numbers.

Tables as from dashboard.timeline. No sentence says more than the numbers do, and none of them is of no data.
"""

from __future__ import annotations

import pandas as pd

from dashboard.palette import CATEGORY_OF_VALUE
from dashboard.words import UNDECIDED, clock, duration, percent, signed
from db.emotions import EMOTIONS

NOTHING = "Nobody was seen in this part of the video."


def probabilities(course: pd.DataFrame, relative: bool = False) -> str:
    """Which emotion is the most probable on average, and when the strongest other one peaks."""
    if course.empty:
        return NOTHING
    means = course[list(EMOTIONS)].mean()
    first = means.idxmax()
    peaks = course[[name for name in EMOTIONS if name != first and name != "neutral"]]
    other = peaks.max().idxmax()
    at = course.loc[course[other].idxmax()]
    about = "rises most above the baseline" if relative else "is the most probable on average"
    return (
        f"Probability of each emotion over time: {first} {about} ({means[first]:.2f}); "
        f"{other} peaks at {clock(at['t_s'])} ({at[other]:.2f})."
    )


def valence(course: pd.DataFrame, relative: bool = False) -> str:
    """The mean valence, and when it is lowest and highest."""
    if course.empty:
        return NOTHING
    low, high = (course.loc[course["valence"].idxmin()], course.loc[course["valence"].idxmax()])
    return (
        f"Valence{' relative to the baseline' if relative else ''} over time: {signed(course['valence'].mean())} on "
        f"average, highest at {clock(high['t_s'])} ({signed(high['valence'])}), lowest at {clock(low['t_s'])} "
        f"({signed(low['valence'])})."
    )


def category(course: pd.DataFrame) -> str:
    """How much of the course each category takes, and how often it changes."""
    if course.empty:
        return NOTHING
    held = course["end_s"] - course["t_s"]
    names = course["value"].map(CATEGORY_OF_VALUE).fillna(UNDECIDED)
    shares = (held.groupby(names).sum() / held.sum()).sort_values(ascending=False)
    same = course["segment"] == course["segment"].shift()
    changes = int((same & (names != names.shift())).sum())
    times = "once" if changes == 1 else f"{changes} times"
    return f"Category over time: {_listed(shares)}; it changes {times}."


def seconds(categories: pd.DataFrame) -> str:
    """How long each category was seen."""
    seen = categories[categories["seconds"] > 0].sort_values("seconds", ascending=False, kind="stable")
    if seen.empty:
        return NOTHING
    parts = (f"{row.category} {row.seconds:,.1f} s" for row in seen.itertuples())
    return f"Seconds per category: {', '.join(parts)}."


def shares(seconds: pd.DataFrame) -> str:
    """Each emotion's share, the largest first."""
    seen = seconds[seconds["seconds"] > 0].set_index("emotion")["share"].sort_values(ascending=False, kind="stable")
    return f"Share of each emotion: {_listed(seen)} of the time." if len(seen) else NOTHING


def distribution(parts: pd.DataFrame, part_s: float) -> str:
    """In which part the strongest emotion besides neutral is seen the longest."""
    if parts.empty:
        return NOTHING
    every = "minute" if part_s == 60 else f"{part_s:g} seconds"
    moved = parts[~parts["emotion"].isin(["neutral", UNDECIDED])]
    start = f"Emotions in every {every}: "
    if moved.empty:
        return f"{start}nothing but {' and '.join(dict.fromkeys(parts['emotion']))}."
    top = moved.loc[moved["seconds"].idxmax()]
    return (
        f"{start}the most of any but neutral is {top['emotion']} from {clock(top['start_s'])}, {top['seconds']:.1f} s."
    )


def presence(spans: pd.DataFrame, people: int) -> str:
    """How many are seen, and for how long in all."""
    if spans.empty:
        return NOTHING
    held = (spans["end_s"] - spans["start_s"]).sum()
    who = "One person is" if people == 1 else f"{people} people are"
    return f"{who} in the picture, in {len(spans)} stretches, {duration(held)} together."


def coverage(strip: pd.DataFrame, from_s: float, to_s: float) -> str:
    """How much of the part each kind takes."""
    held = (strip["end_s"].clip(upper=to_s) - strip["start_s"].clip(lower=from_s)).groupby(strip["what"]).sum()
    if held.empty:
        return "No frame of this part was looked at."
    total = held.reindex(["One face", "Several faces", "No face", "Excluded"]).sum()
    shares = (held / total).sort_values(ascending=False, kind="stable")
    return f"What was to be seen: {_listed(shares.rename(str.lower))} of the time."


def _listed(shares: pd.Series) -> str:
    """Names with their percentages: `happy 62 %, sad 38 %`."""
    return ", ".join(f"{name} {percent(share)}" for name, share in shares.items())
