"""The charts of key moments, transitions and the comparison of two runs: tables in, altair charts out.

As in dashboard/charts.py: no Streamlit and no queries inside, and nothing is said by a colour alone: kinds of moments
differ in shape, runs in dashes, and cells carry their numbers.
"""

from __future__ import annotations

import altair as alt
import pandas as pd

from dashboard import charts, palette
from dashboard.chart_parts import emotion_colour, time_axis, title, with_clock
from dashboard.moments import KINDS, tenths
from dashboard.words import missing, percent
from db.emotions import CATEGORY_VALUE

# How a kind of moment is drawn; a stretch, which is drawn as a bar, by a small bar in the legend.
_SHAPES = {"peak": "triangle-up", "change": "diamond", "stretch": "M-1,-0.4H1V0.4H-1Z"}

# The two runs of a comparison: the first is drawn through, the second dashed.
_RUN_DASH = ([1, 0], [6, 4])
_RUN_COLOUR = (palette.ACCENT, palette.CATEGORY_COLOURS["negative"])


def moments(course: pd.DataFrame, rows: pd.DataFrame, from_s: float, to_s: float) -> alt.LayerChart:
    """Key moments on the line of valence: peaks as triangles, changes as diamonds, stretches as bars.

    course: as from timeline.course. rows: as from moments.key_moments, with `valence` (the height at which it is drawn,
    -1 to 1) and `who` (the person's name).
    """
    rows = rows.assign(
        kinds=rows["kind"].map(KINDS),
        time=[
            tenths(row.t_s) if row.kind != "stretch" else f"{tenths(row.t_s)} to {tenths(row.end_s)}"
            for row in rows.itertuples()
        ],
    )
    kinds = [KINDS[kind] for kind in _SHAPES if (rows["kind"] == kind).any()]
    shapes = alt.Scale(domain=kinds, range=[_SHAPES[kind] for kind in _SHAPES if KINDS[kind] in kinds])
    tips = [alt.Tooltip("text:N", title="what"), alt.Tooltip("who:N"), alt.Tooltip("time:N")]
    base = alt.Chart(rows[["kind", "kinds", "emotion", "who", "text", "time", "t_s", "end_s", "valence"]])
    places = base.encode(
        x=time_axis("t_s", from_s, to_s),
        y=alt.Y("valence:Q"),
        color=alt.when("isValid(datum.emotion)").then(emotion_colour()).otherwise(alt.value(palette.GREY)),
        tooltip=tips,
    )
    bars = (
        places.transform_filter("datum.kind == 'stretch'").mark_rule(strokeWidth=7, opacity=0.75).encode(x2="end_s:Q")
    )
    legend = alt.Legend(title=None, orient="top", symbolSize=110, columns=2, symbolStrokeWidth=2)
    # Stretches are among these, unseen, so that the legend of the shapes names them too.
    points = places.mark_point(filled=True, size=130).encode(
        shape=alt.Shape("kinds:N", scale=shapes, legend=legend),
        opacity=alt.when("datum.kind == 'stretch'").then(alt.value(0)).otherwise(alt.value(1)),
    )
    line = charts.valence(course.assign(low=float("nan"), high=float("nan")), from_s, to_s)
    heading = title("Key moments", "On the line of valence, of those in the list below")
    return alt.layer(*line.layer, bars, points).resolve_scale(shape="independent").properties(height=370, title=heading)


def transitions(rows: pd.DataFrame, dark: bool = False) -> alt.LayerChart:
    """From which emotion to which. rows: as from transitions.transitions; dark: whether the page is."""
    cells = rows.rename(columns={"from": "row", "to": "column", "count": "number"})
    heading = title(
        "Transitions between emotions",
        ["How often, and percent of the changes away from that emotion.", "Gaps and excluded ranges are not crossed."],
    )
    return _cells(cells, ("From", "To"), "changes", dark).properties(title=heading)


def run_confusion(rows: pd.DataFrame, names: tuple[str, str], dark: bool = False) -> alt.LayerChart:
    """What one run says of the faces of which the other says this or that. rows: as from agreement.confusion."""
    cells = rows.rename(columns={"a": "row", "b": "column", "faces": "number"})
    heading = title("What the two runs say of the same faces", f"Faces, and percent of what {names[0]} says")
    return _cells(cells, names, "faces", dark).properties(title=heading)


def _cells(rows: pd.DataFrame, names: tuple[str, str], counted: str, dark: bool) -> alt.LayerChart:
    """A heat map. rows: row, column, number, share; names: of rows and columns; counted: what the numbers are of."""
    order = list(dict.fromkeys(rows["row"]))
    rows = rows.assign(
        shade=rows["share"].fillna(0.0),
        text=[f"{number:,}" if number else "" for number in rows["number"]],
        part=["" if missing(share) or not share else percent(share) for share in rows["share"]],
        of_row=[percent(share) for share in rows["share"]],
    )
    base = alt.Chart(rows).encode(
        x=alt.X("column:N", sort=order, axis=alt.Axis(title=names[1], labelAngle=-90, orient="top")),
        y=alt.Y("row:N", sort=order, axis=alt.Axis(title=names[0])),
        tooltip=[
            alt.Tooltip("row:N", title=names[0]),
            alt.Tooltip("column:N", title=names[1]),
            alt.Tooltip("number:Q", format=",", title=counted),
            alt.Tooltip("of_row:N", title="share of the row"),
        ],
    )
    squares = base.mark_rect(color=palette.ACCENT, stroke=palette.GREY, strokeOpacity=0.25).encode(
        opacity=alt.Opacity("shade:Q", scale=alt.Scale(domain=[0, 1], range=[0.02, 1]), legend=None)
    )
    # Faint squares show the page behind them; only the strongest carry white on a light page.
    ink = alt.when("datum.shade > 0.8").then(alt.value("white")).otherwise(alt.value("white" if dark else "black"))
    numbers = base.mark_text(fontSize=12, dy=-6).encode(text="text:N", color=ink)
    shares = base.mark_text(fontSize=10, dy=8).encode(text="part:N", color=ink)
    return alt.layer(squares, numbers, shares).properties(height=170 + 42 * len(order))


def both_runs(
    rows: pd.DataFrame, names: tuple[str, str], what: str, from_s: float, to_s: float, subtitle: str | None = None
) -> alt.LayerChart:
    """A figure as both runs have it, over each other, the second one dashed.

    rows: t_s, segment (lines are broken between them), a, b. what: `valence`, or `category` (-1, 0, +1, as steps).
    """
    long = pd.concat([rows.assign(run=name, value=rows[letter]) for letter, name in zip("ab", names, strict=True)])
    long = with_clock(long[["t_s", "segment", "run", "value"]].round(3), time="t_s")
    if what == "category":
        words = " : ".join(f"datum.value == {value} ? '{name}'" for name, value in CATEGORY_VALUE.items())
        axis = alt.Axis(values=[-1, 0, 1], labelExpr=f"{words} : ''", title="Category")
        y = alt.Y("value:Q", scale=alt.Scale(domain=[-1.25, 1.25]), axis=axis)
    else:
        axis = alt.Axis(tickCount=5, title="Valence (−1 to 1)")
        y = alt.Y("value:Q", scale=alt.Scale(domain=[-1, 1]), axis=axis)
    legend = alt.Legend(title=None, orient="top", symbolType="stroke", symbolSize=400, columns=1, labelLimit=330)
    base = alt.Chart(long).encode(
        x=time_axis("t_s", from_s, to_s),
        y=y,
        color=alt.Color("run:N", scale=alt.Scale(domain=list(names), range=list(_RUN_COLOUR)), legend=legend),
    )
    lines = base.mark_line(strokeWidth=2, interpolate="step-after" if what == "category" else "linear").encode(
        strokeDash=alt.StrokeDash("run:N", scale=alt.Scale(domain=list(names), range=list(_RUN_DASH)), legend=legend),
        detail="segment:N",
    )
    tips = base.mark_circle(size=90, opacity=0).encode(
        tooltip=[alt.Tooltip("time:N"), alt.Tooltip("run:N"), alt.Tooltip("value:Q", format="+.2f", title=what)]
    )
    # A point between two gaps is no line.
    alone = base.transform_filter(alt.FieldOneOfPredicate("segment", _lone(rows))).mark_circle(size=24)
    heading = title(f"{what.capitalize()} in both runs", subtitle)
    return alt.layer(lines, alone, tips).properties(height=300, title=heading)


def _lone(rows: pd.DataFrame) -> list[int]:
    """The segments that have one point only."""
    return [int(segment) for segment in rows.loc[~rows["segment"].duplicated(keep=False), "segment"]]


def over_time(rows: pd.DataFrame, window_s: float, from_s: float, to_s: float) -> alt.LayerChart:
    """The share of faces that both runs name alike, over time. rows: as from agreement.over_time."""
    rows = with_clock(rows.round(4), time="t_s")
    base = alt.Chart(rows).encode(
        x=time_axis("t_s", from_s, to_s),
        y=alt.Y(
            "share:Q",
            scale=alt.Scale(domain=[0, 1]),
            axis=alt.Axis(format=".0%", tickCount=5, title="Faces named alike (percent)"),
        ),
        tooltip=[alt.Tooltip("time:N"), alt.Tooltip("share:Q", format=".0%", title="named alike")],
    )
    area = base.mark_area(color=palette.ACCENT, opacity=0.2, line=False).encode(detail="segment:N")
    line = base.mark_line(color=palette.ACCENT, strokeWidth=2).encode(detail="segment:N")
    points = base.mark_circle(size=90, opacity=0)
    alone = base.transform_filter(alt.FieldOneOfPredicate("segment", _lone(rows))).mark_circle(color=palette.ACCENT)
    heading = title("Agreement over time", f"Of the faces within {window_s:g} s around")
    return alt.layer(area, line, alone, points).properties(height=260, title=heading)
