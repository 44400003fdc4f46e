"""The charts: a DataFrame in (from db.results), an altair chart out. No Streamlit and no queries inside.

Every chart has a title, units on its axes and a tooltip, and takes its colours and their order from the palette. Times
are seconds from the start of the video, shown as m:ss. Where nobody was seen there is nothing drawn. Heights are of the
whole chart, with its title, legend and axis.
"""

from __future__ import annotations

import altair as alt
import pandas as pd

from dashboard import palette
from dashboard.chart_parts import category_colour, emotion_colour, room, title
from dashboard.words import clock, person
from db.emotions import CATEGORIES, CATEGORY_VALUE, EMOTIONS

# Steps between the marks of a time axis, in seconds: those that people count in.
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800)

# m:ss, or h:mm:ss from an hour on, in Vega's language.
_CLOCK = (
    "(datum.value >= 3600 ? floor(datum.value / 3600) + ':' + format(floor(datum.value / 60) % 60, '02d')"
    " : floor(datum.value / 60)) + ':' + format(floor(datum.value) % 60, '02d')"
)

# Where a step line has more corners than this, its risers would hide everything else.
_MANY_STRETCHES = 120


def time_marks(from_s: float, to_s: float, at_most: int = 8) -> list[float]:
    """Where the marks of a time axis go: multiples of a step that people count in."""
    step = next((step for step in _STEPS if (to_s - from_s) / step <= at_most), _STEPS[-1])
    first = -(-from_s // step) * step
    return [first + step * number for number in range(int((to_s - first) // step) + 1)]


def _time(field: str, from_s: float, to_s: float, **more) -> alt.X:
    axis = alt.Axis(
        title="Time in the video (m:ss)",
        values=time_marks(from_s, to_s),
        labelExpr=_CLOCK,
        labelOverlap=True,
        grid=False,
    )
    return alt.X(f"{field}:Q", scale=alt.Scale(domain=[from_s, to_s], nice=False), axis=axis, **more)


def _with_clock(rows: pd.DataFrame, **columns: str) -> pd.DataFrame:
    """The rows with a text column m:ss for each named time column, for tooltips."""
    return rows.assign(**{name: rows[column].map(clock) for name, column in columns.items()})


def probabilities(series: pd.DataFrame, from_s: float, to_s: float, subtitle: str | None = None) -> alt.LayerChart:
    """Seven lines, one for each emotion's probability. series: as from results.series.

    A line is broken between segments; a segment of one point is drawn as a dot. Clicking a name in the legend brings
    its line out.
    """
    rows = _with_clock(series[["t_s", "segment", *EMOTIONS]], time="t_s")
    alone = rows[~rows["segment"].duplicated(keep=False)]
    chosen = alt.selection_point(name="chosen", fields=["emotion"], bind="legend")
    under = alt.selection_point(
        name="under", on="pointerover", nearest=True, fields=["t_s"], empty=False, clear="pointerout"
    )
    y = alt.Y("probability:Q", title="Probability (0 to 1)", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(tickCount=5))
    shown = alt.when(chosen).then(alt.value(0.95)).otherwise(alt.value(0.12))
    line = (
        alt.Chart(rows)
        .transform_fold(list(EMOTIONS), as_=["emotion", "probability"])
        .mark_line(strokeWidth=2, strokeJoin="round")
        .encode(x=_time("t_s", from_s, to_s), y=y, color=emotion_colour(), detail="segment:N", opacity=shown)
        .add_params(chosen)
    )
    dots = (
        alt.Chart(alone)
        .transform_fold(list(EMOTIONS), as_=["emotion", "probability"])
        .mark_circle(size=22)
        .encode(x=_time("t_s", from_s, to_s), y=y, color=emotion_colour(), opacity=shown)
    )
    tips = [alt.Tooltip("time:N", title="time"), *(alt.Tooltip(f"{name}:Q", format=".2f") for name in EMOTIONS)]
    rule = (
        alt.Chart(rows)
        .mark_rule(color=palette.EMOTION_COLOURS["neutral"], strokeWidth=1)
        .encode(
            x=_time("t_s", from_s, to_s),
            opacity=alt.when(under).then(alt.value(0.8)).otherwise(alt.value(0)),
            tooltip=tips,
        )
        .add_params(under)
    )
    heading = title("Probability of each emotion", subtitle)
    return alt.layer(line, dots, rule).properties(height=390, title=heading)


def spans(series: pd.DataFrame, column: str) -> pd.DataFrame:
    """Stretches of one category: neighbouring points of a segment with the same value become one row.

    series: as from results.series; column: raw or smoothed. Returns start_s, end_s, value
    (-1, 0, +1), category, segment.
    """
    rows = series[["t_s", "end_s", "segment", column]].rename(columns={column: "value"})
    changed = (rows["value"] != rows["value"].shift()) | (rows["segment"] != rows["segment"].shift())
    grouped = rows.groupby(changed.cumsum().rename("stretch"))
    out = grouped.agg(
        start_s=("t_s", "first"), end_s=("end_s", "last"), value=("value", "first"), segment=("segment", "first")
    ).reset_index(drop=True)
    # Of several points in one bin, the bins' ends can overlap a little: a stretch ends where the next one begins.
    next_start = out["start_s"].shift(-1)
    out["end_s"] = out["end_s"].where(next_start.isna() | (out["end_s"] <= next_start), next_start)
    out["category"] = out["value"].map(palette.CATEGORY_OF_VALUE)
    return out


def steps(stretches: pd.DataFrame) -> pd.DataFrame:
    """The corners of the step line through `spans`: columns t_s, value, segment; each segment closes with its end."""
    ends = stretches.groupby("segment", as_index=False).last()[["end_s", "value", "segment"]]
    corners = stretches[["start_s", "value", "segment"]].rename(columns={"start_s": "t_s"})
    return pd.concat([corners, ends.rename(columns={"end_s": "t_s"})]).sort_values(
        ["segment", "t_s"], kind="stable", ignore_index=True
    )


def category(
    series: pd.DataFrame, from_s: float, to_s: float, smoothed: bool = True, subtitle: str | None = None
) -> alt.LayerChart:
    """The category over time as a step line at -1, 0, +1 (system A's). series: as from results.series.

    With smoothed, the raw line is drawn faintly behind it.
    """
    labels = " : ".join(
        f"datum.value == {value} ? '{name} {f'{value:+d}'.replace('-', '−') if value else '0'}'"
        for name, value in CATEGORY_VALUE.items()
    )
    axis = alt.Axis(values=[-1, 0, 1], labelExpr=f"{labels} : ''", title="Category", grid=True)
    y = alt.Y("value:Q", scale=alt.Scale(domain=[-1.25, 1.25]), axis=axis)

    def line(column: str, opacity: float, width: float) -> alt.Chart:
        return (
            alt.Chart(steps(spans(series, column)))
            .mark_line(
                interpolate="step-after", color=palette.CATEGORY_COLOURS["neutral"], opacity=opacity, strokeWidth=width
            )
            .encode(x=_time("t_s", from_s, to_s), y=y, detail="segment:N")
        )

    kind = "smoothed" if smoothed else "raw"
    stretches = _with_clock(spans(series, kind), start="start_s", end="end_s")
    faint = len(stretches) > _MANY_STRETCHES
    bars = (
        alt.Chart(stretches)
        .mark_bar(height=9, cornerRadius=2, minBandSize=1)
        .encode(
            x=_time("start_s", from_s, to_s),
            x2="end_s:Q",
            y=y,
            color=category_colour(),
            tooltip=[alt.Tooltip("category:N"), alt.Tooltip("start:N", title="from"), alt.Tooltip("end:N", title="to")],
        )
    )
    layers = [line("raw", 0.15 if faint else 0.45, 1)] if smoothed else []
    heading = title("Category over time", subtitle)
    return alt.layer(*layers, line(kind, 0.25 if faint else 0.9, 1.2), bars).properties(height=230, title=heading)


def category_seconds(seconds: pd.DataFrame, smoothed: bool = True) -> alt.LayerChart:
    """Seconds per category, one bar each. seconds: as from results.seconds."""
    column = "smoothed" if smoothed else "raw"
    sums = seconds.groupby("category")[column].sum()
    rows = pd.DataFrame({"category": CATEGORIES, "seconds": [float(sums.get(name, 0.0)) for name in CATEGORIES]})
    rows["label"] = [f"{value:.1f} s" for value in rows["seconds"]]
    base = alt.Chart(rows).encode(
        y=alt.Y("category:N", sort=list(CATEGORIES)[::-1], title=None),
        x=alt.X(
            "seconds:Q",
            title="Time (seconds)",
            scale=alt.Scale(domain=[0, room(rows["seconds"].max())]),
            axis=alt.Axis(tickCount=5),
        ),
        tooltip=[alt.Tooltip("category:N"), alt.Tooltip("seconds:Q", format=".1f", title="seconds")],
    )
    bars = base.mark_bar(cornerRadiusEnd=3).encode(color=category_colour())
    return alt.layer(bars, _bar_labels(base)).properties(height=250, title=title("Seconds per category"))


def shares(seconds: pd.DataFrame, smoothed: bool = True) -> alt.LayerChart:
    """Each emotion's share of the time with a face, one bar each. seconds: as from results.seconds."""
    values = seconds.set_index("emotion")["smoothed" if smoothed else "raw"].reindex(list(EMOTIONS), fill_value=0.0)
    total = values.sum()
    rows = pd.DataFrame({"emotion": EMOTIONS, "share": (values / total if total else values * 0.0).to_numpy()})
    rows["label"] = [f"{share:.1%}".replace("%", " %") for share in rows["share"]]
    base = alt.Chart(rows).encode(
        y=alt.Y("emotion:N", sort=list(EMOTIONS), title=None),
        x=alt.X(
            "share:Q",
            title="Share of time (percent)",
            scale=alt.Scale(domain=[0, room(rows["share"].max())]),
            axis=alt.Axis(format=".0%", tickCount=5),
        ),
        tooltip=[alt.Tooltip("emotion:N"), alt.Tooltip("share:Q", format=".1%")],
    )
    bars = base.mark_bar(cornerRadiusEnd=3).encode(color=emotion_colour(legend=False))
    return alt.layer(bars, _bar_labels(base)).properties(height=250, title=title("Share of each emotion"))


def _bar_labels(base: alt.Chart) -> alt.Chart:
    grey = palette.EMOTION_COLOURS["neutral"]
    return base.mark_text(align="left", dx=5, fontSize=12, color=grey).encode(text="label:N")


def distribution(rows: pd.DataFrame, from_s: float, to_s: float, part_s: float = 60.0) -> alt.Chart:
    """Seconds of each emotion in each part of the video, stacked. rows: as from results.distribution.

    A bar shorter than its part means that nobody was seen for the rest of it; a part without a face has no bar.
    """
    rows = rows.assign(
        from_s=rows["start_s"].clip(lower=from_s),
        to_s=(rows["start_s"] + part_s).clip(upper=to_s),
        rank=rows["emotion"].map(EMOTIONS.index),
    )
    rows = _with_clock(rows, start="from_s", end="to_s")
    every = "minute" if part_s == 60 else f"{part_s:g} seconds"
    return (
        alt.Chart(rows)
        .mark_bar(stroke=None, binSpacing=0)
        .encode(
            x=_time("from_s", from_s, to_s, bin="binned"),
            x2="to_s:Q",
            y=alt.Y("seconds:Q", stack="zero", title="Seconds"),
            color=emotion_colour(),
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


def presence(rows: pd.DataFrame, from_s: float, to_s: float) -> alt.Chart:
    """Who is in the picture when, one row each. rows: as from results.presence."""
    rows = _with_clock(rows, start="start_s", end="end_s")
    rows = rows.assign(who=[person(track, label) for track, label in zip(rows["track_id"], rows["label"], strict=True)])
    people = list(dict.fromkeys(rows.sort_values("track_id")["who"]))
    return (
        alt.Chart(rows)
        .mark_bar(color=palette.ACCENT, cornerRadius=2)
        .encode(
            x=_time("start_s", from_s, to_s),
            x2="end_s:Q",
            y=alt.Y("who:N", sort=people, title=None, scale=alt.Scale(paddingInner=0.45, paddingOuter=0.3)),
            tooltip=[
                alt.Tooltip("who:N", title="who"),
                alt.Tooltip("start:N", title="from"),
                alt.Tooltip("end:N", title="to"),
            ],
        )
        .properties(height=110 + 24 * len(people), title=title("Who is in the picture"))
    )
