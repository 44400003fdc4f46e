"""The charts of the Compare page: tables of dashboard.study and dashboard.group_statistics in, altair charts out.

No Streamlit inside. Groups differ in dashes and shapes as well as in colour; every chart says how many units it is of.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import altair as alt
import numpy as np
import pandas as pd

from dashboard import palette
from dashboard.chart_parts import spoken, title
from dashboard.measures import MEASURES, amount
from dashboard.measures import difference as difference_of
from dashboard.measures import title as name_of
from dashboard.words import missing, one_line
from db.emotions import EMOTIONS

# Up to so many groups the measures are the rows of the heat map, which then fits on a telephone.
FEW_GROUPS = 6
# Characters of all names that fit beside each other on a telephone.
LEVEL = 30
# More polygons than these on one radar nobody can tell apart.
ON_RADAR = 6

SIGNIFICANT, NOT_SIGNIFICANT = "p < 0.05 after Holm’s correction", "not below 0.05"

_LEGEND = alt.Legend(
    title=None, orient="top", columns=2, symbolSize=110, symbolStrokeWidth=0, labelLimit=300, columnPadding=12
)


def labels(n: Mapping[str, int]) -> dict[str, str]:
    """What each group is called in charts, by its name: `pilot (n = 12)`. n: units of each group."""
    return {name: f"{one_line(name)} (n = {count:,})" for name, count in n.items()}


def heat_map(figures: pd.DataFrame, n: Mapping[str, int], dark: bool = False) -> alt.LayerChart:
    """The mean of each measure in each group as a shaded cell with its number.

    figures: as from group_statistics.describe; n: units of each group, in their order; dark: whether the page is.
    """
    called = labels(n)
    rows = figures[["group", "measure", "mean", "ci_low", "ci_high"]].copy()
    shares = rows["measure"] != "valence"
    most = {True: rows.loc[shares, "mean"].max(), False: rows.loc[~shares, "mean"].abs().max()}
    rows["shade"] = [
        0.0 if missing(value) else abs(value) / (most[share] or 1.0)
        for value, share in zip(rows["mean"], shares, strict=True)
    ]
    rows["kind"] = np.select([shares, rows["mean"] < 0], ["share", "negative"], "positive")
    rows["text"] = [_short(*pair) for pair in zip(rows["measure"], rows["mean"], strict=True)]
    rows["figure"] = [with_interval(row) for row in rows.itertuples()]
    rows["who"], rows["what"] = rows["group"].map(called), rows["measure"].map(name_of)
    groups, measures = list(called.values()), [name_of(measure) for measure in MEASURES]
    few = len(groups) <= FEW_GROUPS
    level = few and len(groups) * max(map(len, groups), default=0) <= LEVEL  # else they would run into each other
    above = {"orient": "top", "labelAngle": 0 if level else -90, "labelLimit": 130}
    beside = {"labelLimit": 150}
    by_group = {"sort": groups, "axis": alt.Axis(title=None, **(above if few else beside))}
    by_measure = {"sort": measures, "axis": alt.Axis(title=None, **(beside if few else above))}
    base = alt.Chart(rows.drop(columns=["ci_low", "ci_high"])).encode(
        x=alt.X("who:N", **by_group) if few else alt.X("what:N", **by_measure),
        y=alt.Y("what:N", **by_measure) if few else alt.Y("who:N", **by_group),
        tooltip=[
            alt.Tooltip("who:N", title="group"),
            alt.Tooltip("what:N", title="measure"),
            alt.Tooltip("figure:N", title="mean"),
        ],
    )
    colours = [palette.ACCENT, palette.CATEGORY_COLOURS["negative"], palette.CATEGORY_COLOURS["positive"]]
    squares = base.mark_rect(stroke=palette.GREY, strokeOpacity=0.25, aria=spoken(rows)).encode(
        color=alt.Color(
            "kind:N", scale=alt.Scale(domain=["share", "negative", "positive"], range=colours), legend=None
        ),
        opacity=alt.Opacity("shade:Q", scale=alt.Scale(domain=[0, 1], range=[0.02, 0.8]), legend=None),
    )
    numbers = base.mark_text(fontSize=12 if few else 10, color="white" if dark else "black", aria=False).encode(
        text="text:N"
    )
    count = len(measures) if few else len(groups)
    heading = title(
        "Groups at a glance",
        ["Means of the units: percent; valence from −1 to 1.", "Deeper is more; valence by its distance from 0."],
    )  # fmt: skip
    return alt.layer(squares, numbers).properties(height=150 + 30 * count, title=heading)


def radar(figures: pd.DataFrame, n: Mapping[str, int]) -> alt.LayerChart:
    """The mean of each of the seven emotions as a polygon for each group, all on one scale.

    figures: as from group_statistics.describe; n: units of each group, in their order. Groups without a unit, and
    those after the first ON_RADAR that have one, are left out.
    """
    means = figures[figures["measure"].isin(EMOTIONS)].pivot(index="group", columns="measure", values="mean")
    means = means.reindex(columns=list(EMOTIONS)).dropna()
    names = [name for name in n if name in means.index]
    shown, called = names[:ON_RADAR], labels(n)
    places = {name: place for place, name in enumerate(n)}
    step = _step(float(means.loc[shown].to_numpy().max()))
    rings = [step * number for number in range(1, 5)]
    end = rings[-1]
    web = [
        *(_feature(_around([ring] * len(EMOTIONS))) for ring in rings),
        *(_feature([(0.0, 0.0), _spot(place, end)]) for place in range(len(EMOTIONS))),
    ]
    lines = [_feature(_around(means.loc[name].tolist()), who=called[name]) for name in shown]
    points = pd.DataFrame(
        [
            {"who": called[name], "emotion": emotion, "figure": amount(emotion, value), **_xy(_spot(place, value))}
            for name in shown
            for place, (emotion, value) in enumerate(means.loc[name].items())
        ]
    )  # fmt: skip
    words = pd.DataFrame(
        [{"text": name_of(emotion), **_xy(_spot(place, end * 1.16))} for place, emotion in enumerate(EMOTIONS)]
        + [{"text": f"{ring:.0%}".replace("%", " %"), **_xy(_spot(0.5, ring * 0.9))} for ring in rings]
    )

    def scale(of) -> alt.Scale:
        return alt.Scale(domain=[called[name] for name in shown], range=[of(places[name]) for name in shown])

    colour = alt.Color("who:N", scale=scale(palette.group_colour), legend=_LEGEND)
    dash = alt.StrokeDash("who:N", scale=scale(palette.group_dash), legend=None)
    shape = alt.Shape("who:N", scale=scale(palette.group_shape), legend=_LEGEND)
    grid = (
        alt.Chart(alt.Data(values=web))
        .mark_geoshape(filled=False, stroke=palette.GREY, strokeWidth=1, aria=False)
        .encode(strokeOpacity=alt.value(0.35))
    )
    polygons = alt.Chart(alt.Data(values=lines)).mark_geoshape(filled=False, strokeWidth=2.5, aria=False)
    marks = alt.Chart(points).mark_point(filled=True, size=80, opacity=1)
    texts = alt.Chart(words).mark_text(fontSize=11, aria=False)
    tips = [alt.Tooltip("who:N", title="group"), alt.Tooltip("emotion:N"), alt.Tooltip("figure:N", title="mean")]
    at = {"longitude": alt.Longitude("x:Q"), "latitude": alt.Latitude("y:Q")}
    left = f"; the first {len(shown)} of {len(names)} groups" if len(names) > len(shown) else ""
    return (
        alt.layer(
            grid,
            polygons.encode(color=colour, strokeDash=dash),
            marks.encode(
                color=colour, shape=shape, tooltip=tips, **at,
            ),
            texts.encode(text="text:N", **at),
        )
        .project(type="identity", reflectY=True)  # the plane as it is: as wide as high on every page
        .properties(height=430, title=title("The seven emotions", f"Means of the units, all on one scale{left}"))
    )  # fmt: skip


def forest(results: pd.DataFrame, unit: str) -> alt.LayerChart:
    """The difference of the means of two groups in every measure, each with its interval.

    results: the rows of one pair as from group_statistics.compare, one for each measure; unit: `session` or `subject`.
    """
    first = results.iloc[0]
    rows = results.assign(
        what=results["measure"].map(name_of),
        shown=results["difference"] * 100,
        low=results["ci_low"] * 100,
        high=results["ci_high"] * 100,
        # A p value that there is none of is not below anything.
        sure=np.where(results["p_holm"] < 0.05, SIGNIFICANT, NOT_SIGNIFICANT),
        figure=[difference(row) for row in results.itertuples()],
        p_text=[p_value(value) for value in results["p_holm"]],
    )[["what", "shown", "low", "high", "sure", "figure", "p_text"]].dropna(subset="shown")
    ends = np.nanmax([*rows[["shown", "low", "high"]].abs().to_numpy().ravel(), 1.0]) * 1.08
    groups = [one_line(first["group_a"]), one_line(first["group_b"])]
    heading = alt.Axis(title=["Difference (percentage points;", "valence in hundredths)"], tickCount=6)
    base = alt.Chart(rows).encode(
        y=alt.Y("what:N", sort=[name_of(measure) for measure in MEASURES], title=None, axis=alt.Axis(grid=True)),
        tooltip=[
            alt.Tooltip("what:N", title="measure"),
            alt.Tooltip("figure:N", title="difference"),
            alt.Tooltip("p_text:N", title="p after Holm"),
        ],
    )

    def x(field: str) -> alt.X:
        return alt.X(f"{field}:Q", scale=alt.Scale(domain=[-ends, ends], nice=True), axis=heading)

    zero = alt.Chart(pd.DataFrame({"at": [0.0]})).mark_rule(color=palette.GREY, strokeDash=[4, 3]).encode(x=x("at"))
    interval = base.mark_rule(color=palette.ACCENT, strokeWidth=3, opacity=0.6, aria=False)
    sure = [SIGNIFICANT, NOT_SIGNIFICANT]
    shapes, colours = ["circle", "diamond"], [palette.ACCENT, palette.GREY]
    legend = alt.Legend(title=None, orient="top", columns=1, labelLimit=320, symbolSize=110)
    dots = base.mark_point(size=110, filled=True, opacity=1).encode(
        x=x("shown"),
        shape=alt.Shape("sure:N", scale=alt.Scale(domain=sure, range=shapes), legend=legend),
        color=alt.Color("sure:N", scale=alt.Scale(domain=sure, range=colours), legend=legend),
    )  # fmt: skip
    lines = [f"{groups[0]} less {groups[1]}: above 0, {groups[0]} has more."]
    counted = f"{first['n_a']:,} pairs of" if first["paired"] else f"{first['n_a']:,} and {first['n_b']:,}"
    lines.append(f"n = {counted} {unit}s; bars are 95 % intervals.")
    return alt.layer(zero, interval.encode(x=x("low"), x2="high:Q"), dots).properties(
        height=420, title=title("Differences of the means", lines)
    )


def difference(row) -> str:
    """A difference with its interval: `+4.1 points (+1.0 points to +7.2 points)`. row: of group_statistics.compare."""
    told = difference_of(row.measure, row.difference)
    if missing(row.ci_low):
        return told
    ends = (difference_of(row.measure, value) for value in (row.ci_low, row.ci_high))
    return f"{told} ({' to '.join(ends)})"


def p_value(value: float | None) -> str:
    """A p value as it is written: `0.032`, `< 0.001`; a dash where there is none."""
    return "–" if missing(value) else "< 0.001" if value < 0.001 else f"{value:.3f}"


def with_interval(row) -> str:
    """A mean with its interval: `18.2 % (95 %: 14.0 % to 22.9 %)`. row: of group_statistics.describe."""
    told = amount(row.measure, row.mean)
    if missing(row.ci_low):
        return told
    return f"{told} (95 %: {amount(row.measure, row.ci_low)} to {amount(row.measure, row.ci_high)})"


def _short(measure: str, value: float) -> str:
    """A value in a cell: whole percent, or a valence with its sign."""
    if missing(value):
        return "–"
    return amount(measure, value) if measure == "valence" else f"{value * 100:.0f}"


def _step(most: float) -> float:
    """A round quarter of a scale that the largest value fits on."""
    return next((step for step in (0.01, 0.02, 0.05, 0.1, 0.15, 0.2) if step * 4 >= most), 0.25)


def _spot(place: float, radius: float) -> tuple[float, float]:
    """Where a value lies: the first emotion above the middle, the others clockwise."""
    angle = math.pi / 2 - 2 * math.pi * place / len(EMOTIONS)
    return float(radius * math.cos(angle)), float(radius * math.sin(angle))


def _xy(spot: tuple[float, float]) -> dict[str, float]:
    return dict(zip("xy", spot, strict=True))


def _around(radii: Sequence[float]) -> list[tuple[float, float]]:
    spots = [_spot(place, radius) for place, radius in enumerate(radii)]
    return [*spots, spots[0]]


def _feature(spots: list[tuple[float, float]], **more: str) -> dict:
    """A line through the spots in GeoJSON, which is what the mark takes."""
    return {"type": "Feature", "geometry": {"type": "LineString", "coordinates": spots}, **more}
