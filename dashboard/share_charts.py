"""The charts of how long: seconds per category, shares, emotions in each part. Tables from dashboard.timeline in.

As in dashboard/charts.py: no Streamlit inside, and a share is always written out, never said by a colour alone.
"""

from __future__ import annotations

import altair as alt
import pandas as pd

from dashboard.chart_parts import (
    IN_THE_VIDEO,
    bar_labels,
    category_colour,
    emotion_colour,
    room,
    spoken,
    time_axis,
    title,
    with_clock,
)
from dashboard.words import UNDECIDED, percent
from db.emotions import EMOTIONS

# Slices smaller than this have no room for their name beside them: they are listed below the title.
_SMALL = 0.05


def category_seconds(rows: pd.DataFrame) -> alt.LayerChart:
    """Seconds per category, one bar each. rows: as from timeline.category_seconds."""
    undecided = _undecided(rows, "category")
    rows = rows if undecided else rows[rows["category"] != UNDECIDED]
    rows = rows.assign(label=[f"{value:,.1f} s" for value in rows["seconds"]])
    base = alt.Chart(rows).encode(
        y=alt.Y("category:N", sort=list(rows["category"])[::-1], title=None),
        x=alt.X(
            "seconds:Q",
            title="Time (seconds)",
            scale=alt.Scale(domain=[0, room(rows["seconds"].max())]),
            axis=alt.Axis(tickCount=5),
        ),
        tooltip=[
            alt.Tooltip("category:N"),
            alt.Tooltip("seconds:Q", format=",.1f", title="seconds"),
            alt.Tooltip("share:Q", format=".1%"),
        ],
    )
    bars = base.mark_bar(cornerRadiusEnd=3).encode(color=category_colour(undecided))
    return alt.layer(bars, bar_labels(base)).properties(height=310, title=title("Seconds per category"))


def shares(rows: pd.DataFrame) -> alt.LayerChart:
    """Each emotion's share of the time with a face, as a ring with the names and percentages beside their slices.

    rows: as from timeline.seconds. Shares too small to write beside are listed below the title.
    """
    undecided = _undecided(rows, "emotion")
    rows = rows[rows["seconds"] > 0].assign(rank=lambda of: range(len(of)))
    rows["label"] = [f"{name} {percent(share)}" for name, share in zip(rows["emotion"], rows["share"], strict=True)]
    small = list(rows.loc[rows["share"] < _SMALL, "label"])
    ring = alt.Chart(rows).encode(
        theta=alt.Theta("share:Q", stack=True, title="Share of time (percent)"),
        order=alt.Order("rank:Q"),
        tooltip=[
            alt.Tooltip("emotion:N"),
            alt.Tooltip("share:Q", format=".1%", title="share of time"),
            alt.Tooltip("seconds:Q", format=",.1f", title="seconds"),
        ],
    )
    arcs = ring.mark_arc(innerRadius=42, outerRadius=80, padAngle=0.012, cornerRadius=2)
    written = alt.OpacityValue(0, condition={"test": f"datum.share >= {_SMALL}", "value": 1})
    names = ring.mark_text(radius=122, fontSize=12).encode(text=alt.Text("label:N"), opacity=written)
    lines = [f"Besides: {', '.join(small[start : start + 3])}" for start in range(0, len(small), 3)]
    heading = title("Share of each emotion (percent of the time)", lines or None)
    return alt.layer(arcs.encode(color=emotion_colour(legend=False, undecided=undecided)), names).properties(
        height=310, title=heading
    )


def distribution(
    rows: pd.DataFrame, from_s: float, to_s: float, part_s: float = 60.0, time_title: str = IN_THE_VIDEO
) -> alt.Chart:
    """Seconds of each emotion in each part of the video, stacked.

    rows: as from timeline.distribution. time_title: what the time axis says.
    A bar shorter than its part means that nobody was seen for the rest of it; a part without a face has no bar.
    """
    order = [*EMOTIONS, UNDECIDED]
    rows = rows.assign(
        from_s=rows["start_s"].clip(lower=from_s),
        to_s=(rows["start_s"] + part_s).clip(upper=to_s),
        rank=[order.index(name) for name in rows["emotion"]],
    )
    rows = with_clock(rows, start="from_s", end="to_s")
    every = "minute" if part_s == 60 else f"{part_s:g} seconds"
    return (
        alt.Chart(rows)
        .mark_bar(stroke=None, binSpacing=0, aria=spoken(rows))
        .encode(
            x=time_axis("from_s", from_s, to_s, time_title, bin="binned"),
            x2=alt.X2("to_s"),
            y=alt.Y("seconds:Q", stack="zero", title="Seconds"),
            color=emotion_colour(undecided=bool((rows["emotion"] == UNDECIDED).any())),
            order=alt.Order("rank:Q"),
            tooltip=[
                alt.Tooltip("emotion:N"),
                alt.Tooltip("seconds:Q", format=".1f"),
                alt.Tooltip("start:N", title="from"),
                alt.Tooltip("end:N", title="to"),
            ],
        )
        .properties(height=330, title=title(f"Emotions in every {every}"))
    )


def _undecided(rows: pd.DataFrame, column: str) -> bool:
    """Whether some of the time is undecided."""
    return bool((rows.loc[rows[column] == UNDECIDED, "seconds"] > 0).any())
