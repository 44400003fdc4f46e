"""Charts of the Compare page over time: a subject's sessions with their trend, and groups around a moment.

No Streamlit and no queries inside. A group has its colour, its dashes and its shape, so that none is told by its colour
alone.
"""

from __future__ import annotations

import json
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
LAYERS = ("rolling", "points", "slope")


def panel_data(rows: pd.DataFrame, found: Trend | None, measure: str) -> dict:
    """What the panel of one subject shows: title, subtitle, and under each of LAYERS its data, a list of dicts.

    rows: of `trends.sessions`, with `rolling` (NaN for none); found: the slope, if there is one.
    """
    times = factor(measure)
    shown = pd.DataFrame(
        {
            "at": rows["at"].map(_wall), "value": rows[measure].astype(float) * times,
            "rolling": rows["rolling"].astype(float) * times, "group": rows["group"].map(one_line),
            "session": rows["unit"].map(one_line), "dated": rows["dated"],
            "text": [amount(measure, value) for value in rows[measure]],
        }
    ).dropna(subset="value")  # fmt: skip
    # The line of whole days is drawn from noon of the first to noon of the last.
    line = [] if found is None else [(found.from_day, found.from_value), (found.to_day, found.to_value)]
    return {
        "title": one_line(rows["subject"].iloc[0]),
        "subtitle": f"{len(shown)} session" + ("" if len(shown) == 1 else "s"),
        "rolling": shown.dropna(subset="rolling")[["at", "rolling"]].to_dict("records"),
        "points": shown.drop(columns="rolling").to_dict("records"),
        "slope": [{"at": _wall(pd.Timestamp(day + 0.5, unit="D")), "value": value * times} for day, value in line],
    }


def trend_panel(
    panel: dict,
    measure: str,
    values: str,
    groups: Sequence[str],
    ends: tuple[pd.Timestamp, pd.Timestamp],
    domain: tuple[float, float],
) -> alt.LayerChart:
    """The sessions of one subject as points, their rolling mean as a thin line, the slope as a thick one: LAYERS.

    panel: as from `panel_data`. groups: names in order; a session in several of them is grey. ends, domain: of the
    axes, the same for all panels; domain in units of the axis.
    """
    scale = alt.Scale(domain=[_date(end) for end in ends], nice=False)
    axis_x = alt.Axis(tickCount=4, format="%d %b %y", labelOverlap=True, grid=False)
    x = alt.X("at:T", title=None, scale=scale, axis=axis_x)
    scale = alt.Scale(domain=list(domain), nice=False)
    y = alt.Y("value:Q", title=axis(measure, values), scale=scale, axis=alt.Axis(tickCount=5))
    tips = [
        alt.Tooltip("session:N"), alt.Tooltip("at:T", title="date", format="%d %b %Y, %H:%M"),
        alt.Tooltip("dated:N", title="date is of being"), alt.Tooltip("group:N"),
        alt.Tooltip("text:N", title=called(measure)),
    ]  # fmt: skip
    names = [one_line(group) for group in groups]
    places = range(len(names))
    known = " || ".join(f"datum.group === {json.dumps(name)}" for name in names) or "false"
    colours = alt.Scale(domain=names, range=[palette.group_colour(place) for place in places])
    shapes = alt.Scale(domain=names, range=[palette.group_shape(place) for place in places])
    points = (
        alt.Chart(alt.Data(values=panel["points"]))
        .mark_point(filled=True, size=60, opacity=0.85)
        .encode(
            x=x, y=y, tooltip=tips,
            color=alt.when(known).then(alt.Color("group:N", scale=colours, legend=None)).otherwise(
                alt.value(palette.GREY)),
            shape=alt.when(known).then(alt.Shape("group:N", scale=shapes, legend=None)).otherwise(
                alt.value("triangle-left")),
        )
    )  # fmt: skip
    rolling = alt.Chart(alt.Data(values=panel["rolling"])).mark_line(color=palette.GREY, strokeWidth=1.5, aria=False)
    slope = alt.Chart(alt.Data(values=panel["slope"])).mark_line(
        color=palette.ACCENT, strokeWidth=3, clip=True, aria=False
    )
    return alt.layer(rolling.encode(x=x, y=alt.Y("rolling:Q")), points, slope.encode(x=x, y=y)).properties(
        height=PANEL_HEIGHT, title=title(panel["title"], panel["subtitle"])
    )


def for_another(spec: dict, panel: dict) -> dict:
    """A panel's specification with the title and the data of another subject: `panel`, as from `panel_data`.

    Working a chart out takes long, and two dozen panels differ in nothing else.
    """
    layers = [{**layer, "data": {"values": panel[name]}} for name, layer in zip(LAYERS, spec["layer"], strict=True)]
    rest = {name: part for name, part in spec.items() if name not in ("datasets", "data")}
    return {**rest, "layer": layers, "title": {**spec["title"], "text": panel["title"], "subtitle": panel["subtitle"]}}


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
