"""What charts of different pages have in common: titles, time axes, the legend of emotions, colours in their order.

Channels are given by their classes (`alt.Detail("segment:N")`, not `detail="segment:N"`), and conditions as channels of
values: altair takes 10 ms to find out what each of the short forms is, and a slider draws eight charts again.
"""

from __future__ import annotations

import altair as alt
import pandas as pd

from dashboard import palette
from dashboard.words import UNDECIDED, clock
from db.emotions import CATEGORIES, EMOTIONS

# Steps between the marks of a time axis, in seconds: those that people count in.
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800)

# A chart says what it shows in a sentence. Up to this many marks each also say what they are; more of them nobody wants
# to hear, and working out their words takes a browser longer than drawing them. A line would be worded at every point.
_SPOKEN = 120

# m:ss, or h:mm:ss from an hour on, in Vega's language.
_CLOCK = (
    "(datum.value >= 3600 ? floor(datum.value / 3600) + ':' + format(floor(datum.value / 60) % 60, '02d')"
    " : floor(datum.value / 60)) + ':' + format(floor(datum.value) % 60, '02d')"
)

# Two rows that fit on a telephone.
LEGEND = alt.Legend(
    title=None,
    orient="top",
    columns=4,
    columnPadding=10,
    rowPadding=4,
    symbolType="circle",
    symbolSize=70,
    labelFontSize=12,
)


def time_marks(from_s: float, to_s: float, at_most: int = 8) -> list[float]:
    """Where the marks of a time axis go: multiples of a step that people count in."""
    step = next((step for step in _STEPS if (to_s - from_s) / step <= at_most), _STEPS[-1])
    first = -(-from_s // step) * step
    return [first + step * number for number in range(int((to_s - first) // step) + 1)]


IN_THE_VIDEO = "Time in the video (m:ss)"


def time_axis(field: str, from_s: float, to_s: float, title: str = IN_THE_VIDEO, **more) -> alt.X:
    """Seconds of the video from left to right, the marks as m:ss."""
    axis = alt.Axis(
        title=title,
        values=time_marks(from_s, to_s),
        labelExpr=_CLOCK,
        labelOverlap=True,
        grid=False,
    )
    return alt.X(f"{field}:Q", scale=alt.Scale(domain=[from_s, to_s], nice=False), axis=axis, **more)


def spoken(rows: pd.DataFrame) -> bool:
    """Whether each mark of the rows is worded for those who listen (`aria` of the mark); without any, nothing is."""
    return 0 < len(rows) <= _SPOKEN


def with_clock(rows: pd.DataFrame, **columns: str) -> pd.DataFrame:
    """The rows with a text column m:ss for each named time column, for tooltips and tables."""
    return rows.assign(**{name: rows[column].map(clock) for name, column in columns.items()})


def emotion_colour(legend: alt.Legend | bool = True, undecided: bool = False) -> alt.Color:
    """The colour of field `emotion`; legend: the usual one, none, or your own; undecided: whether that occurs."""
    return alt.Color(
        "emotion:N",
        scale=alt.Scale(
            domain=[*EMOTIONS, UNDECIDED] if undecided else list(EMOTIONS),
            range=[*palette.EMOTION_RANGE, palette.UNDECIDED_COLOUR] if undecided else palette.EMOTION_RANGE,
        ),
        sort=[*EMOTIONS, UNDECIDED] if undecided else list(EMOTIONS),
        legend=LEGEND if legend is True else legend or None,
    )


def category_colour(undecided: bool = False) -> alt.Color:
    """The colour of field `category`, without a legend; undecided: whether that occurs."""
    names, colours = list(CATEGORIES), palette.CATEGORY_RANGE
    if undecided:
        names, colours = [*names, UNDECIDED], [*colours, palette.UNDECIDED_COLOUR]
    return alt.Color("category:N", scale=alt.Scale(domain=names, range=colours), sort=names, legend=None)


def title(text: str, subtitle: str | list[str] | None = None) -> alt.TitleParams:
    """A chart's title, at its left edge, with smaller lines below it if given."""
    lines = {"subtitle": subtitle, "subtitleFontSize": 12} if subtitle else {}
    return alt.TitleParams(text, anchor="start", fontSize=15, offset=12, **lines)


def bar_labels(base: alt.Chart) -> alt.Chart:
    """Field `label` at the end of each bar."""
    return base.mark_text(align="left", dx=5, fontSize=12).encode(text=alt.Text("label:N"))


def room(longest: float) -> float:
    """Where an axis of labelled bars ends: a quarter beyond the longest, so that its label fits."""
    return float(longest) * 1.25 or 1.0
