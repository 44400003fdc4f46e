"""Charts of the Compare page over time: a subject's sessions with their trend, and groups around a moment.

No Streamlit and no queries inside. A group has its colour, its dashes and its shape, so that none is told by its colour
alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd

from dashboard import palette
from dashboard.chart_parts import spoken, title
from dashboard.measures import amount, axis, factor
from dashboard.measures import title as called
from dashboard.trends import Trend
from dashboard.words import one_line

PANEL_HEIGHT = 230
SEVERAL = "several groups"


def trend_panel(
    rows: pd.DataFrame,
    found: Trend | None,
    measure: str,
    values: str,
    groups: Sequence[str],
    ends: tuple[pd.Timestamp, pd.Timestamp],
    domain: tuple[float, float],
) -> alt.LayerChart:
    """The sessions of one subject as points, their rolling mean as a thin line, the slope as a thick one.

    rows: of `trends.sessions`, with `rolling` (NaN for none). groups: names in order. ends, domain: of the axes, the
    same for all panels; domain in units of the axis.
    """
    times = factor(measure)
    subject = one_line(rows["subject"].iloc[0])
    shown = pd.DataFrame(
        {
            "at": rows["at"].map(_wall), "value": rows[measure].astype(float) * times,
            "rolling": rows["rolling"].astype(float) * times, "group": rows["group"].map(one_line),
            "session": rows["unit"].map(one_line), "dated": rows["dated"],
            "text": [amount(measure, value) for value in rows[measure]],
        }
    ).dropna(subset="value")  # fmt: skip
    scale = alt.Scale(domain=[_date(end) for end in ends], nice=False)
    x = alt.X(
        "at:T", title=None, scale=scale, axis=alt.Axis(tickCount=4, format="%d %b %y", labelOverlap=True, grid=False)
    )
    y = alt.Y(
        "value:Q",
        title=axis(measure, values),
        scale=alt.Scale(domain=list(domain), nice=False),
        axis=alt.Axis(tickCount=5),
    )
    tips = [
        alt.Tooltip("session:N"), alt.Tooltip("at:T", title="date", format="%d %b %Y, %H:%M"),
        alt.Tooltip("dated:N", title="date is of being"), alt.Tooltip("group:N"),
        alt.Tooltip("text:N", title=called(measure)),
    ]  # fmt: skip
    names = [one_line(group) for group in groups]
    known = [*names, *(name for name in dict.fromkeys(shown["group"]) if name not in names)]
    colours = [palette.group_colour(place) if place < len(names) else palette.GREY for place in range(len(known))]
    shapes = [palette.group_shape(place) if place < len(names) else "stroke" for place in range(len(known))]
    points = (
        alt.Chart(shown)
        .mark_point(filled=True, size=60, opacity=0.85, aria=spoken(shown))
        .encode(
            x=x, y=y, tooltip=tips,
            color=alt.Color("group:N", scale=alt.Scale(domain=known, range=colours), legend=None),
            shape=alt.Shape("group:N", scale=alt.Scale(domain=known, range=shapes), legend=None),
        )
    )  # fmt: skip
    layers = [points]
    if shown["rolling"].notna().any():
        rolling = shown.dropna(subset="rolling")
        line = alt.Chart(rolling).mark_line(color=palette.GREY, strokeWidth=1.5, aria=False)
        layers.insert(0, line.encode(x=x, y=alt.Y("rolling:Q")))
    if found is not None:
        # The line of whole days is drawn from noon of the first to noon of the last.
        line = pd.DataFrame(
            {
                "at": [_wall(pd.Timestamp(day + 0.5, unit="D")) for day in (found.from_day, found.to_day)],
                "value": [found.from_value * times, found.to_value * times],
            }
        )
        mark = alt.Chart(line).mark_line(color=palette.ACCENT, strokeWidth=3, clip=True, aria=False)
        layers.append(mark.encode(x=x, y=y))
    count = f"{len(shown)} session" + ("" if len(shown) == 1 else "s")
    return alt.layer(*layers).properties(height=PANEL_HEIGHT, title=title(subject, count))


def value_domain(values: pd.Series, measure: str) -> tuple[float, float]:
    """Where an axis of a measure begins and ends so that all values fit, in its units; shares begin at 0."""
    least, most = (-1.0, 1.0) if measure == "valence" else (0.0, 1.0)
    known = values.astype(float).dropna()
    low, high = (known.min(), known.max()) if len(known) else (least, most)
    room = max(0.08 * (high - low), 0.02)
    low = max(least, low - room) if measure == "valence" else 0.0
    return low * factor(measure), min(most, high + room) * factor(measure)


def group_courses(
    curve: pd.DataFrame, measure: str, values: str, groups: Sequence[str], about: str, relative: bool = False
) -> alt.LayerChart:
    """Mean courses of groups around a moment, each with its band. curve: as from `aligned.group_courses`.

    groups: all names in their order, which gives each its colour. about: what the moment is. relative: values are
    minus what was before.
    """
    times = factor(measure)
    names = [one_line(group) for group in groups]
    rows = curve.assign(
        group=curve["group"].map(one_line), **{name: curve[name] * times for name in ("mean", "low", "high")}
    )
    ends = [float(rows["from_s"].min()), float(rows["to_s"].max())]
    # A band is as wide as its bins; a line ends where there are too few, and is broken at holes.
    rows["segment"] = (rows["mean"].isna() | (rows["group"] != rows["group"].shift())).cumsum()
    rows = rows[rows["mean"].notna()].round(4)
    there = [name for name in names if name in set(rows["group"])]
    places = [names.index(name) for name in there]
    colours = alt.Scale(domain=there, range=[palette.group_colour(place) for place in places])
    dashes = alt.Scale(domain=there, range=[palette.group_dash(place) for place in places])
    legend = alt.Legend(
        title=None,
        orient="top",
        symbolType="stroke",
        symbolSize=500,
        columns=2,
        labelLimit=260,
        symbolOpacity=1,
        symbolStrokeWidth=2.5,
    )
    # The same legend in every layer: one without it would take it from the others, too.
    colour = alt.Color("group:N", legend=legend, scale=colours)
    about_y = "Difference from before (points)" if relative and measure != "valence" else axis(measure, values)
    about_y = "Valence relative to before" if relative and measure == "valence" else about_y
    x = alt.X(
        "at_s:Q",
        title=f"Seconds from {one_line(about)}",
        scale=alt.Scale(domain=ends, nice=False),
        axis=alt.Axis(grid=False),
    )
    y = alt.Y("mean:Q", title=about_y, scale=alt.Scale(zero=relative))
    tips = [
        alt.Tooltip("group:N"), alt.Tooltip("from_s:Q", title="from (s)", format="+.3~f"),
        alt.Tooltip("to_s:Q", title="to (s)", format="+.3~f"), alt.Tooltip("mean:Q", format=".2f"),
        alt.Tooltip("low:Q", format=".2f"), alt.Tooltip("high:Q", format=".2f"), alt.Tooltip("n:Q"),
    ]  # fmt: skip
    base = alt.Chart(rows).encode(x=x, color=colour, detail=alt.Detail("segment:N"))
    band = base.mark_area(opacity=0.18, aria=False).encode(y=alt.Y("low:Q", title=about_y), y2=alt.Y2("high"))
    line = base.mark_line(strokeWidth=2.2, strokeJoin="round", aria=False).encode(
        y=y,
        strokeDash=alt.StrokeDash("group:N", legend=legend, scale=dashes),
    )
    alone = ~rows["segment"].duplicated(keep=False)
    dots = alt.Chart(rows[alone]).mark_circle(size=30, aria=False).encode(x=x, y=y, color=colour)
    tips = alt.Chart(rows).mark_point(size=80, opacity=0, filled=True, aria=spoken(rows)).encode(x=x, y=y, tooltip=tips)
    begin = alt.Chart(pd.DataFrame({"at_s": [0.0]})).mark_rule(
        color=palette.GREY, strokeDash=[4, 3], strokeWidth=1.5, aria=False
    )
    heading = title(
        f"{called(measure)}{' relative to before' if relative else ''} around {one_line(about)}",
        "Mean over units with its 95 % bootstrap interval; the dashed upright line is the moment",
    )
    layers = [band, *([begin.encode(x=x)] if ends[0] <= 0 <= ends[1] else []), line, dots, tips]
    return alt.layer(*layers).properties(height=380, title=heading)


def group_sizes(curve: pd.DataFrame, groups: Sequence[str], about: str) -> alt.Chart:
    """How many units of each group count in each bin, as steps. curve: as from `aligned.group_courses`."""
    names = [one_line(group) for group in groups]
    rows = curve[["group", "from_s", "to_s", "n"]].assign(group=curve["group"].map(one_line))
    ends = [float(rows["from_s"].min()), float(rows["to_s"].max())]
    last = rows.groupby("group", sort=False).tail(1).assign(from_s=lambda one: one["to_s"])
    rows = pd.concat([rows, last], ignore_index=True)
    there = [name for name in names if name in set(rows["group"])]
    places = [names.index(name) for name in there]
    return (
        alt.Chart(rows)
        .mark_line(interpolate="step-after", strokeWidth=2, aria=False)
        .encode(
            x=alt.X("from_s:Q", title=f"Seconds from {one_line(about)}", scale=alt.Scale(domain=ends, nice=False)),
            y=alt.Y(
                "n:Q", title="Units", scale=alt.Scale(zero=True), axis=alt.Axis(tickCount=4, format="d", tickMinStep=1)
            ),
            color=alt.Color(
                "group:N",
                legend=None,
                scale=alt.Scale(domain=there, range=[palette.group_colour(place) for place in places]),
            ),
            strokeDash=alt.StrokeDash(
                "group:N",
                legend=None,
                scale=alt.Scale(domain=there, range=[palette.group_dash(place) for place in places]),
            ),
            tooltip=[
                alt.Tooltip("group:N"),
                alt.Tooltip("from_s:Q", title="from (s)", format="+.3~f"),
                alt.Tooltip("n:Q"),
            ],
        )
        .properties(height=170, title=title("Units that count in each bin"))
    )


def _wall(moment: pd.Timestamp) -> str:
    """A moment without a zone, such that the browser shows it as it is."""
    return pd.Timestamp(moment).strftime("%Y-%m-%dT%H:%M:%S")


def _date(moment: pd.Timestamp) -> alt.DateTime:
    return alt.DateTime(year=moment.year, month=moment.month, date=moment.day, hours=moment.hour, minutes=moment.minute)
