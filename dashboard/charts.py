"""The charts over time: tables in (from dashboard.timeline), an altair chart out. No Streamlit and no queries inside.

Every chart has a title, units on its axes and a tooltip, and takes its colours and their order from the palette. Times
are seconds from the start of the video, shown as m:ss. Where nobody was seen, or nothing counts, there is nothing
drawn. Heights are of the whole chart, with its title, legend and axis.
"""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from dashboard import palette
from dashboard.chart_parts import category_colour, emotion_colour, spoken, time_axis, title, with_clock
from dashboard.timeline import COVERAGE
from dashboard.words import UNDECIDED, person
from db.emotions import CATEGORY_VALUE, EMOTIONS

# Where a step line has more corners than this, its risers would hide everything else.
_MANY_STRETCHES = 120

# So many points of a line can be pointed at: one in three pixels or so. Each is an element of the page, and costs more
# than the line itself.
_POINTED_AT = 250

# Where the stretches that are undecided lie in the chart of the category: a lane of their own below the others.
LANE = -2


def probabilities(
    course: pd.DataFrame,
    from_s: float,
    to_s: float,
    subtitle: str | None = None,
    stacked: bool = False,
    relative: bool = False,
) -> alt.LayerChart:
    """Seven lines, one for each emotion's probability, or seven areas that add up to 1. course: of timeline.course.

    Lines and areas are broken between segments; a line of one point is drawn as a dot, an area lasts as long as its
    points hold. Clicking a name in the legend brings it out. relative: values are -1 to 1, which can't be stacked.
    """
    rows = course[["t_s", "segment", *EMOTIONS]].round(4)
    chosen = alt.selection_point(name="chosen", fields=["emotion"], bind="legend")
    under = alt.selection_point(
        name="under", on="pointerover", nearest=True, fields=["t_s"], empty=False, clear="pointerout"
    )
    scale = alt.Scale(domain=[-1, 1] if relative else [0, 1])
    about = "Relative probability (−1 to 1)" if relative else "Probability (0 to 1)"
    y = alt.Y("probability:Q", title=about, scale=scale, axis=alt.Axis(tickCount=5))
    look = {
        "x": time_axis("t_s", from_s, to_s),
        "color": emotion_colour(),
        "opacity": alt.OpacityValue(0.12, condition={"param": "chosen", "value": 0.95}),
    }
    if stacked and not relative:
        area = (
            alt.Chart(_on_top_of_each_other(course))
            .mark_area(aria=False)
            .encode(y=y, y2=alt.Y2("below"), detail=alt.Detail("segment:N"), **look)
        )
        layers = [area.add_params(chosen)]
    else:
        folded = [list(EMOTIONS), ["emotion", "probability"]]
        line = alt.Chart(rows).transform_fold(*folded).mark_line(strokeWidth=2, strokeJoin="round", aria=False)
        alone = alt.Chart(rows[~rows["segment"].duplicated(keep=False)]).transform_fold(*folded)
        alone = alone.mark_circle(size=22, aria=False)
        layers = [
            line.encode(y=y, detail=alt.Detail("segment:N"), **look).add_params(chosen),
            alone.encode(y=y, **look),
        ]
    tips = [alt.Tooltip("time:N", title="time"), *(alt.Tooltip(f"{name}:Q", format=".2f") for name in EMOTIONS)]
    rule = (
        alt.Chart(with_clock(_some(rows), time="t_s"))
        .mark_rule(color=palette.GREY, strokeWidth=1, aria=False)
        .encode(
            x=time_axis("t_s", from_s, to_s),
            opacity=alt.OpacityValue(0, condition={"param": "under", "empty": False, "value": 0.8}),
            tooltip=tips,
        )
        .add_params(under)
    )
    heading = title("Probability of each emotion" + (", relative to baseline" if relative else ""), subtitle)
    return alt.layer(*layers, rule).properties(height=390, title=heading)


def _some(rows: pd.DataFrame) -> pd.DataFrame:
    """At most `_POINTED_AT` of the rows, evenly chosen."""
    return rows.iloc[:: -(-len(rows) // _POINTED_AT) or 1]


def _on_top_of_each_other(course: pd.DataFrame) -> pd.DataFrame:
    """A row for each point and emotion: t_s, segment, emotion, probability (its upper edge), below (its lower edge).

    Added up here, because Vega would draw each segment's areas on at nought until the end of the others. The last point
    of a segment comes again when it ceases to hold.
    """
    ends = course.groupby("segment").tail(1).assign(t_s=lambda last: last["end_s"])
    closed = pd.concat([course, ends]).sort_values(["segment", "t_s"], kind="stable")
    upper = closed[list(EMOTIONS)].cumsum(axis=1).round(4)
    edges = [
        closed[["t_s", "segment"]].assign(emotion=name, probability=upper[name], below=below)
        for name, below in zip(EMOTIONS, [0.0, *(upper[name] for name in EMOTIONS[:-1])], strict=True)
    ]
    return pd.concat(edges, ignore_index=True)


def valence(
    course: pd.DataFrame, from_s: float, to_s: float, subtitle: str | None = None, relative: bool = False
) -> alt.LayerChart:
    """Valence over time, with its band. course: as from timeline.course; broken between its segments."""
    reach = 2 if relative else 1
    columns = ["t_s", "segment", "valence", "low", "high"]
    rows = course[columns].round(4)
    rows = rows.assign(low=rows["low"].clip(lower=-reach), high=rows["high"].clip(upper=reach))
    about = "Relative valence (−2 to 2)" if relative else "Valence (−1 to 1)"
    y = alt.Y("valence:Q", title=about, scale=alt.Scale(domain=[-reach, reach]), axis=alt.Axis(tickCount=5))
    x = time_axis("t_s", from_s, to_s)
    tips = [
        alt.Tooltip("time:N", title="time"),
        alt.Tooltip("valence:Q", format="+.2f"),
        alt.Tooltip("low:Q", format="+.2f", title="one deviation below"),
        alt.Tooltip("high:Q", format="+.2f", title="one deviation above"),
    ]
    base = alt.Chart(rows)
    band = base.transform_filter("isValid(datum.low)").mark_area(color=palette.ACCENT, opacity=0.2, aria=False)
    line = base.mark_line(color=palette.ACCENT, strokeWidth=2, strokeJoin="round", aria=False)
    lone = rows[~rows["segment"].duplicated(keep=False)]
    alone = alt.Chart(lone).mark_circle(color=palette.ACCENT, size=22, aria=False)
    zero = alt.Chart(pd.DataFrame({"valence": [0]})).mark_rule(color=palette.GREY, strokeDash=[4, 4]).encode(y=y)
    return alt.layer(
        zero,
        band.encode(x=x, y=alt.Y("low:Q", title=about), y2=alt.Y2("high"), detail=alt.Detail("segment:N")),
        line.encode(x=x, y=y, detail=alt.Detail("segment:N")),
        alone.encode(x=x, y=y),
        alt.Chart(with_clock(_some(rows), time="t_s"))
        .mark_circle(size=120, opacity=0, aria=False)
        .encode(x=x, y=y, tooltip=tips),
    ).properties(height=260, title=title("Valence" + (", relative to baseline" if relative else ""), subtitle))


def spans(course: pd.DataFrame) -> pd.DataFrame:
    """Stretches of one category: neighbouring points of a segment with the same value become one row.

    course: as from timeline.course. Returns start_s, end_s, value (-1, 0, +1, or LANE where undecided), category, line
    (a new number wherever a line through the decided ones is broken).
    """
    value, segment = course["value"].fillna(LANE).to_numpy(), course["segment"].to_numpy()
    first = np.flatnonzero(np.append(True, (value[1:] != value[:-1]) | (segment[1:] != segment[:-1])))[: len(course)]
    last = np.append(first[1:], len(course))[: len(first)] - 1
    start_s, end_s = course["t_s"].to_numpy()[first], course["end_s"].to_numpy()[last]
    # Of several points in one bin, the bins' ends can overlap a little: a stretch ends where the next one begins.
    end_s[:-1] = np.minimum(end_s[:-1], start_s[1:])
    value, segment = value[first], segment[first]
    open_ = value == LANE
    parted = (segment[1:] != segment[:-1]) | (open_[1:] != open_[:-1])
    out = pd.DataFrame({"start_s": start_s, "end_s": end_s, "value": value})
    out["category"] = out["value"].map({**palette.CATEGORY_OF_VALUE, LANE: UNDECIDED})
    out["line"] = np.cumsum(np.append(False, parted))[: len(out)]
    return out


def steps(stretches: pd.DataFrame) -> pd.DataFrame:
    """The corners of the step lines through the decided `spans`: columns t_s, value, line; each closes with its end."""
    decided = stretches[stretches["value"] != LANE]
    ends = decided.groupby("line", as_index=False).last()[["end_s", "value", "line"]]
    corners = decided[["start_s", "value", "line"]].rename(columns={"start_s": "t_s"})
    return pd.concat([corners, ends.rename(columns={"end_s": "t_s"})]).sort_values(
        ["line", "t_s"], kind="stable", ignore_index=True
    )


def category(
    course: pd.DataFrame, from_s: float, to_s: float, behind: pd.DataFrame | None = None, subtitle: str | None = None
) -> alt.LayerChart:
    """The category over time as a step line at -1, 0, +1 (system A's), undecided stretches in a lane below.

    course: as from timeline.course; behind: another, such as the raw one, whose line is drawn faintly.
    """
    stretches = with_clock(spans(course), start="start_s", end="end_s")
    undecided = bool((stretches["value"] == LANE).any())
    names = {
        value: f"{name} {f'{value:+d}'.replace('-', '−') if value else '0'}" for name, value in CATEGORY_VALUE.items()
    }
    names |= {LANE: UNDECIDED} if undecided else {}
    labels = " : ".join(f"datum.value == {value} ? '{name}'" for value, name in names.items())
    axis = alt.Axis(values=sorted(names), labelExpr=f"{labels} : ''", title="Category", grid=True)
    y = alt.Y("value:Q", scale=alt.Scale(domain=[LANE - 0.25 if undecided else -1.25, 1.25]), axis=axis)

    def line(of: pd.DataFrame, opacity: float, width: float) -> alt.Chart:
        return (
            alt.Chart(steps(of))
            .mark_line(
                interpolate="step-after",
                color=palette.CATEGORY_COLOURS["neutral"],
                opacity=opacity,
                strokeWidth=width,
                aria=False,
            )
            .encode(x=time_axis("t_s", from_s, to_s), y=y, detail=alt.Detail("line:N"))
        )

    faint = len(stretches) > _MANY_STRETCHES
    bars = (
        alt.Chart(stretches)
        .mark_bar(height=9, cornerRadius=2, minBandSize=1, aria=spoken(stretches))
        .encode(
            x=time_axis("start_s", from_s, to_s),
            x2=alt.X2("end_s"),
            y=y,
            color=category_colour(undecided),
            tooltip=[alt.Tooltip("category:N"), alt.Tooltip("start:N", title="from"), alt.Tooltip("end:N", title="to")],
        )
    )
    layers = [] if behind is None else [line(spans(behind), 0.15 if faint else 0.45, 1)]
    heading = title("Category over time", subtitle)
    return alt.layer(*layers, line(stretches, 0.25 if faint else 0.9, 1.2), bars).properties(
        height=270 if undecided else 230, title=heading
    )


def presence(rows: pd.DataFrame, names: dict[int, str | None], from_s: float, to_s: float) -> alt.Chart:
    """Who is in the picture when, one row each. rows: as from timeline.presence; names: the track's label, if any."""
    rows = with_clock(rows, start="start_s", end="end_s")
    rows = rows.assign(who=[person(track, names.get(track)) for track in rows["track_id"]])
    people = list(dict.fromkeys(rows.sort_values("track_id")["who"]))
    return _bands(rows, "who", people, from_s, to_s).properties(
        height=110 + 24 * len(people), title=title("Who is in the picture")
    )


def coverage(rows: pd.DataFrame, from_s: float, to_s: float, subtitle: str | list[str] | None = None) -> alt.Chart:
    """What was to be seen at each sampled frame, one row for each kind. rows: as from timeline.coverage."""
    rows = with_clock(rows, start="start_s", end="end_s")
    return _bands(rows, "what", list(COVERAGE), from_s, to_s).properties(
        height=240, title=title("What was to be seen", subtitle)
    )


def _bands(rows: pd.DataFrame, field: str, order: list[str], from_s: float, to_s: float) -> alt.Chart:
    """Stretches of time as bars, a row for each value of `field`; which it is, is said by its place alone."""
    return (
        alt.Chart(rows)
        .mark_bar(color=palette.ACCENT, cornerRadius=2, aria=spoken(rows))
        .encode(
            x=time_axis("start_s", from_s, to_s),
            x2=alt.X2("end_s"),
            y=alt.Y(
                f"{field}:N",
                title=None,
                scale=alt.Scale(domain=order, paddingInner=0.45, paddingOuter=0.3),
                axis=alt.Axis(labelLimit=130),
            ),
            tooltip=[
                alt.Tooltip(f"{field}:N"),
                alt.Tooltip("start:N", title="from"),
                alt.Tooltip("end:N", title="to"),
            ],
        )
    )
