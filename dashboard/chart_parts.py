"""What charts of different pages have in common: titles, the legend of emotions, the colours in their one order."""

from __future__ import annotations

import altair as alt

from dashboard import palette
from db.emotions import CATEGORIES, EMOTIONS

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


def emotion_colour(legend: alt.Legend | bool = True) -> alt.Color:
    """The colour of field `emotion`; legend: the usual one, none, or one of your own."""
    return alt.Color(
        "emotion:N",
        scale=alt.Scale(domain=list(EMOTIONS), range=palette.EMOTION_RANGE),
        sort=list(EMOTIONS),
        legend=LEGEND if legend is True else legend or None,
    )


def category_colour() -> alt.Color:
    """The colour of field `category`, without a legend."""
    scale = alt.Scale(domain=list(CATEGORIES), range=palette.CATEGORY_RANGE)
    return alt.Color("category:N", scale=scale, sort=list(CATEGORIES), legend=None)


def title(text: str, subtitle: str | list[str] | None = None) -> alt.TitleParams:
    """A chart's title, at its left edge, with smaller lines below it if given."""
    lines = (
        {"subtitle": subtitle, "subtitleFontSize": 12, "subtitleColor": palette.EMOTION_COLOURS["neutral"]}
        if subtitle
        else {}
    )
    return alt.TitleParams(text, anchor="start", fontSize=15, offset=12, **lines)


def room(longest: float) -> float:
    """Where an axis of labelled bars ends: a quarter beyond the longest, so that its label fits."""
    return float(longest) * 1.25 or 1.0
