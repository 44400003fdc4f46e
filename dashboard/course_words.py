"""What trends over sessions and courses around a moment say, in plain language, and no more than their numbers do."""

from __future__ import annotations

import pandas as pd

from dashboard.measures import amount, difference, title
from dashboard.trends import CERTAIN_FROM, FEWEST, Trend
from dashboard.words import one_line, percent

PER = {"week": 7, "30 days": 30}


def trend_sentence(subject: str, measure: str, found: Trend, per: str) -> str:
    """How a subject's measure changes over its sessions. per: a key of PER, in which the slope is counted."""
    subject = one_line(subject)
    slope = f"{difference(measure, found.slope)} per {per}"
    interval = f"{difference(measure, found.low)} to {difference(measure, found.high)}"
    days = "1 day" if found.span_days == 1 else f"{found.span_days:,.0f} days"
    over = f"over {found.sessions} sessions in {days}"
    if found.sessions < CERTAIN_FROM:
        return (
            f"{subject}: {title(measure)} changes by {slope} {over}. {found.sessions} sessions are too few for a 95 % "
            f"interval: between pairs of them it is {interval}, which holds the slope with {percent(found.coverage)}."
        )
    if not found.direction:
        return (
            f"{subject}: no clear trend. {title(measure)} changes by {slope} {over}; the 95 % interval, {interval}, "
            "includes no change."
        )
    rises = "rises" if found.direction > 0 else "falls"
    return f"{subject}: {title(measure)} {rises}, by {slope} (95 % interval {interval}) {over}."


def without_trend(sessions: pd.Series, at_once: bool = False) -> str:
    """Who has no slope, and why. sessions: how many each subject has, by its name."""
    who = ", ".join(f"{one_line(subject)} ({count})" for subject, count in sessions.items())
    if at_once:
        return f"No slope, because all sessions are of one day: {who}."
    return f"No slope with fewer than {FEWEST} sessions on which there is something to count: {who}."


def by_chance(slopes: int, clear: int) -> str:
    """How many of so many intervals would leave out 0 by chance alone."""
    expected = f"{slopes / 20:.1f}".removesuffix(".0")
    return (
        f"{clear} of {slopes} slopes rise or fall clearly. If nobody changed, about {expected} of {slopes} would seem "
        "to by chance alone: look at a subject that you chose before, or take many as a hint only."
    )


def course_sentence(curve: pd.DataFrame, measure: str, about: str, relative: bool = False) -> str:
    """What the mean courses of groups show: before and after the moment, and where they are highest.

    curve: as from `aligned.group_courses`. about: what the moment is.
    """
    parts = []
    for group, rows in curve.groupby("group", sort=False):
        rows = rows[rows["mean"].notna()]
        if rows.empty:
            parts.append(f"{one_line(group)}: no curve, because fewer than two have data")
            continue
        written = difference if relative else amount
        top = rows.loc[rows["mean"].idxmax()]
        before, after = rows[rows["to_s"] <= 1e-6], rows[rows["to_s"] > 1e-6]
        held = [f"{written(measure, part['mean'].mean())} on average {word}"
                for part, word in ((before, "before"), (after, "after")) if len(part)]  # fmt: skip
        n = (
            f"n {rows['n'].min()}"
            if rows["n"].min() == rows["n"].max()
            else f"n {rows['n'].min()} to {rows['n'].max()}"
        )
        held.append(f"highest {since(top['at_s'])} ({written(measure, top['mean'])})")
        parts.append(f"{one_line(group)} ({n}): {', '.join(held)}")
    what = f"{title(measure)}{' relative to before' if relative else ''} around {one_line(about)}"
    return f"{what}. {'; '.join(parts)}." if parts else f"{what}: nobody has data there."


def since(seconds: float) -> str:
    """A time relative to a moment: `2.5 s before`, `3 s after`."""
    return f"{abs(seconds):.3g} s {'before' if seconds < 0 else 'after'}"
