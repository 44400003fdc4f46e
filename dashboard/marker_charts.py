"""Charts of what happens around markers, and what that is in words. No Streamlit and no queries inside."""

from __future__ import annotations

import altair as alt
import pandas as pd

from dashboard import palette
from dashboard.chart_parts import emotion_colour, title
from dashboard.event_locked import EventLocked
from dashboard.words import missing, one_line, signed
from db.emotions import EMOTIONS

_GREY = palette.GREY


def named(measure: str, relative: bool = False) -> str:
    """What a measure is called on an axis, with its unit."""
    if relative:
        return f"{'Valence' if measure == 'valence' else f'Probability of {measure}'} less the baseline"
    return "Valence (−1 to 1)" if measure == "valence" else f"Probability of {measure} (0 to 1)"


def possible(measure: str, relative: bool = False) -> tuple[float, float]:
    """The least and the most that a measure can be; relative to a baseline, that is a difference of two of them."""
    least = -1.0 if measure == "valence" else 0.0
    return (least - 1, 1 - least) if relative else (least, 1.0)


def around(found: EventLocked, measure: str, kind: str, relative: bool = False) -> alt.LayerChart:
    """The course of one measure around markers of a kind: the mean of all as a line, its interval as a band.

    found: as from `event_locked`; the line is broken, and the band missing, where too few markers have data. The band
    is cut off where values end: with two or three markers it would reach far beyond, and the line would look flat.
    """
    rows = of_measure(found, measure)
    least, most = possible(measure, relative)
    rows = rows.assign(least=rows["low"].clip(lower=least), most=rows["high"].clip(upper=most))
    colour = palette.ACCENT if measure == "valence" else palette.EMOTION_COLOURS[measure]
    ends = [float(rows["from_s"].min()), float(rows["to_s"].max())]
    x = alt.X("at_s:Q", title="Seconds from the marker", scale=alt.Scale(domain=ends, nice=False))
    y = alt.Y("mean:Q", title=named(measure, relative), scale=alt.Scale(zero=True))
    tips = [
        alt.Tooltip("from_s:Q", title="from (s)", format="+.3~f"),
        alt.Tooltip("to_s:Q", title="to (s)", format="+.3~f"),
        alt.Tooltip("mean:Q", title="mean", format=".2f"), alt.Tooltip("low:Q", title="low", format=".2f"),
        alt.Tooltip("high:Q", title="high", format=".2f"), alt.Tooltip("n:Q", title="markers"),
    ]  # fmt: skip
    base = alt.Chart(rows).encode(x=x)
    band = base.mark_area(color=colour, opacity=0.22).encode(
        y=alt.Y("least:Q", title=named(measure, relative)), y2="most:Q"
    )
    line = base.mark_line(
        color=colour, strokeWidth=2, strokeJoin="round", point=alt.OverlayMarkDef(color=colour, size=26, filled=True)
    ).encode(y=y, tooltip=tips)
    begin = alt.Chart(pd.DataFrame({"at_s": [0.0]})).mark_rule(color=_GREY, strokeDash=[4, 3], strokeWidth=1.5)
    heading = title(
        f"Around “{_short(kind)}”: {'valence' if measure == 'valence' else f'probability of {measure}'}",
        f"Mean of {found.seen} of {found.events} markers, with its 95 % interval; the dashed line is the marker",
    )
    return alt.layer(band, begin.encode(x="at_s:Q"), line).properties(height=300, title=heading)


def before_after(
    found: EventLocked, kind: str, before_s: float, after_s: float, relative: bool = False
) -> alt.LayerChart:
    """Every emotion before (hollow) and after (filled) markers of a kind, joined by a line, with the difference."""
    rows = found.change[found.change["measure"].isin(EMOTIONS)].rename(columns={"measure": "emotion"})
    rows = rows.assign(
        label=[change_text(row) for row in rows.itertuples()],
        end=rows[["before", "after"]].max(axis=1),
    )
    y = alt.Y("emotion:N", sort=list(EMOTIONS), title=None)
    name = "Probability less the baseline" if relative else "Probability (0 to 1)"
    highest = float(rows[["before", "after"]].abs().max(axis=None)) if rows["n"].gt(0).any() else 1.0
    domain = [
        -highest * 1.1 if relative else 0.0,
        highest * 1.8 or 1.0,
    ]  # room for what is written, also on a telephone
    scale = alt.Scale(domain=domain, nice=False)
    tips = [
        "emotion:N", alt.Tooltip("before:Q", format=".2f"), alt.Tooltip("after:Q", format=".2f"),
        alt.Tooltip("label:N", title="change, 95 % interval"), alt.Tooltip("n:Q", title="markers"),
    ]  # fmt: skip
    base = alt.Chart(rows).encode(y=y, color=emotion_colour(legend=False), tooltip=tips)
    joined = base.mark_rule(strokeWidth=2).encode(
        x=alt.X("before:Q", title=name, scale=scale, axis=alt.Axis(tickCount=6)), x2="after:Q"
    )
    hollow = base.mark_point(size=90, filled=True, fill="white", strokeWidth=2, opacity=1).encode(
        x=alt.X("before:Q", scale=scale), stroke=emotion_colour(legend=False)
    )
    full = base.mark_point(size=90, filled=True, opacity=1).encode(x=alt.X("after:Q", scale=scale))
    # Without a colour of its own: the page gives small writing one that can be read on it.
    text = alt.Chart(rows).mark_text(align="left", dx=11, fontSize=12)
    text = text.encode(y=y, x=alt.X("end:Q", scale=scale), text="label:N", tooltip=tips)
    heading = title(
        f"Before and after “{_short(kind)}”",
        [
            f"Hollow: mean of the {before_s:g} s before; filled: of the {after_s:g} s after",
            f"Beside it the change with its 95 % interval; {_paired(found)} markers with a face on both sides",
        ],
    )
    return alt.layer(joined, hollow, full, text).properties(height=300, title=heading)


def of_measure(found: EventLocked, measure: str) -> pd.DataFrame:
    """The course of one measure: from_s, to_s, at_s, mean, low, high, n."""
    return found.course[found.course["measure"] == measure].drop(columns="measure").reset_index(drop=True)


def change_text(row) -> str:
    """`+0.22 (+0.05 to +0.39)` for a row of `EventLocked.change`; without an interval where there is none."""
    if missing(row.difference):
        return "no data on both sides"
    interval = "" if missing(row.low) else f" ({signed(row.low)} to {signed(row.high)})"
    return f"{signed(row.difference)}{interval}"


def in_words(found: EventLocked, kind: str, measure: str, before_s: float, after_s: float) -> str:
    """What `found` says of one measure, as plain text."""
    row = found.change.set_index("measure").loc[measure]
    what = "mean valence" if measure == "valence" else f"mean probability of {measure}"
    kind = _short(kind)
    if not row["n"]:
        return (
            f"No marker of the type “{kind}” has a face both in the {before_s:g} s before it and in the {after_s:g} s "
            "after it: choose a longer window, or another person or part of the video."
        )
    several = f"Over {int(row['n'])} markers" if row["n"] > 1 else "Around one marker"
    said = (
        f"{several} of the type “{kind}”, the {what} is {_number(measure, row['before'])} in the {before_s:g} s before "
        f"and {_number(measure, row['after'])} in the {after_s:g} s after: a change of {signed(row['difference'])}"
    )
    if row["n"] < 2:
        return f"{said}. One marker says nothing about chance: with two or more there is an interval."
    said += f" (95 % interval {signed(row['low'])} to {signed(row['high'])}, {int(row['n'])} markers)"
    if row["low"] > 0 or row["high"] < 0:
        said += f". Chance alone would rarely make it {'rise' if row['difference'] > 0 else 'fall'} like that"
    else:
        said += ". That is within what chance alone would make of it"
    if found.overlapping:
        said += (
            f"; but {found.overlapping} of the windows overlap the one before, so that the interval is narrower than "
            "it should be"
        )
    return said + "."


def _number(measure: str, value: float) -> str:
    return signed(value) if measure == "valence" else f"{value:.2f}".replace("-", "−")


def _paired(found: EventLocked) -> int:
    return int(found.change["n"].max())


def _short(kind: str) -> str:
    line = one_line(kind)
    return line if len(line) <= 40 else f"{line[:39]}…"
