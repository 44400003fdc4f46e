"""The units of each group as points, in one measure after another: the charts that the Compare page has most of.

No Streamlit inside. A chart takes altair long to work out, and those of ten measures differ in little but their data:
one of them is worked out, and the others are written like it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import altair as alt
import numpy as np
import pandas as pd

from dashboard import palette
from dashboard.chart_parts import spoken, title
from dashboard.compare_charts import labels, with_interval
from dashboard.measures import amount, axis, factor
from dashboard.measures import title as name_of
from dashboard.words import one_line

# A box of fewer points than these would say more than is known.
BOXED = 5


@dataclass(frozen=True)
class Strip:
    """What the chart of one measure is drawn from: all in which it differs from those of other measures.

    points: a row for each unit; boxed: those of groups that have enough for a box; means: a row for each group.
    domain: where the axis of values begins and ends; about: its title.
    """

    measure: str
    points: pd.DataFrame
    boxed: pd.DataFrame
    means: pd.DataFrame
    domain: list[float]
    about: str

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The data sets of the chart by name."""
        # Without a group that has enough for it, no layer of boxes: an empty one would be something without a name.
        boxed = {} if self.boxed.empty else {"boxed": self.boxed}
        return boxed | {"means": self.means, "points": self.points}


def strip(units: pd.DataFrame, figures: pd.DataFrame, measure: str, n: Mapping[str, int], values: str) -> Strip:
    """One measure, ready to be drawn.

    units: as of a Study, with column `when` (text); figures: as from group_statistics.describe; n: units of each group,
    in their order; values: of the choice.
    """
    called, times = labels(n), factor(measure)
    points = pd.DataFrame(
        {
            "who": units["group"].map(called),
            "unit": units["unit"].map(one_line),
            "value": units[measure].astype(float) * times,
            "figure": [amount(measure, value) for value in units[measure]],
            "when": units["when"],
            "seen": units["videos"],
            "video": [ids[0] for ids in units["video_ids"]],
            # The same at every look: where a point lies within its row means nothing.
            "beside": np.random.default_rng(0).uniform(-1, 1, len(units)),
        }
    ).dropna(subset="value")
    means = figures[figures["measure"] == measure].dropna(subset="mean")
    means = pd.DataFrame(
        {
            "who": means["group"].map(called),
            "mean": means["mean"] * times,
            "low": means["ci_low"] * times,
            "high": means["ci_high"] * times,
            "figure": [with_interval(row) for row in means.itertuples()],
        }
    )
    boxed = points[points["who"].map(points["who"].value_counts()) >= BOXED]
    return Strip(measure, points, boxed, means, _domain(measure, points["value"]), axis(measure, values))


def drawn(of: Strip, n: Mapping[str, int]) -> alt.LayerChart:
    """Every unit of each group as a point, with a box and the mean with its interval.

    A click on a point selects field `video` (parameter `point`): the first video of the unit. n: units of each group.
    """
    # By way of JSON, which has no NaN.
    tables = {name: json.loads(rows.to_json(orient="records")) for name, rows in of.tables.items()}
    return _chart(of, n).properties(datasets=tables)


def specifications(strips: Sequence[Strip], n: Mapping[str, int]) -> list[dict]:
    """The same charts of several measures in Vega-Lite, quickly: what `drawn` gives, with tables as data sets."""
    patterns: dict[tuple, dict] = {}
    out = []
    for one in strips:
        alike = tuple(one.tables), spoken(one.points)
        if alike not in patterns:
            patterns[alike] = _chart(one, n).to_dict()
        out.append(_like(patterns[alike], one))
    return out


def _chart(of: Strip, n: Mapping[str, int]) -> alt.LayerChart:
    """The chart without its data sets."""
    order = list(labels(n).values())
    y = alt.Y("who:N", sort=order, scale=alt.Scale(domain=order), title=None, axis=alt.Axis(labelLimit=130, grid=False))

    def x(field: str) -> alt.X:
        scale = alt.Scale(domain=of.domain, nice=True)
        return alt.X(f"{field}:Q", scale=scale, axis=alt.Axis(title=of.about, tickCount=6))

    def of_group(encoding: type, look) -> alt.Color | alt.Shape:
        scale = alt.Scale(domain=order, range=[look(place) for place in range(len(order))])
        return encoding("who:N", scale=scale, legend=None)

    middle = {"color": palette.GREY, "thickness": 3}
    box = (
        alt.Chart(alt.NamedData("boxed"))
        .mark_boxplot(extent=1.5, outliers=False, size=34, color=palette.GREY, opacity=0.35, median=middle)
        .encode(y=y, x=x("value"), tooltip=alt.value(None))
    )
    points = (
        alt.Chart(alt.NamedData("points"))
        .mark_point(filled=True, size=55, opacity=0.75, cursor="pointer", aria=spoken(of.points))
        .encode(
            y=y,
            yOffset=alt.YOffset("beside:Q", scale=alt.Scale(domain=[-2.4, 2.4])),
            x=x("value"),
            color=of_group(alt.Color, palette.group_colour),
            shape=of_group(alt.Shape, palette.group_shape),
            tooltip=[
                alt.Tooltip("unit:N"),
                alt.Tooltip("who:N", title="group"),
                alt.Tooltip("figure:N", title=name_of(of.measure).lower()),
                alt.Tooltip("when:N"),
                alt.Tooltip("seen:Q", title="videos"),
            ],
        )
        .add_params(alt.selection_point(name="point", fields=["video"], on="click", toggle=False, clear=False))
    )
    rule = alt.Chart(alt.NamedData("means")).mark_rule(strokeWidth=2.5, color=palette.GREY, aria=False)
    tick = alt.Chart(alt.NamedData("means")).mark_point(
        shape="stroke", angle=90, size=420, strokeWidth=3.5, color=palette.GREY
    )
    tips = [alt.Tooltip("who:N", title="group"), alt.Tooltip("figure:N", title="mean")]
    layers = [rule.encode(y=y, x=x("low"), x2="high:Q"), tick.encode(y=y, x=x("mean"), tooltip=tips), points]
    return alt.layer(*([box] if "boxed" in of.tables else []), *layers).properties(
        height=105 + 58 * len(order), title=title(name_of(of.measure))
    )


def _like(pattern: dict, of: Strip) -> dict:
    """The specification of a chart with all that belongs to the measure put in place of what another one has there."""
    layers = []
    for layer in pattern["layer"]:
        x = layer["encoding"]["x"]
        x = {**x, "scale": {**x["scale"], "domain": of.domain}, "axis": {**x["axis"], "title": of.about}}
        layers.append({**layer, "encoding": {**layer["encoding"], "x": x}})
    points = layers[-1]["encoding"]
    points["tooltip"] = [
        {**tip, "title": name_of(of.measure).lower()} if tip["field"] == "figure" else tip for tip in points["tooltip"]
    ]
    heading = {**pattern["title"], "text": name_of(of.measure)}
    return {**pattern, "layer": layers, "title": heading, "datasets": of.tables}


def _domain(measure: str, values: pd.Series) -> list[float]:
    """Where the axis begins and ends: shares at 0, valence with 0 in it; both end where the values do."""
    if values.empty:
        return [-1.0, 1.0] if measure == "valence" else [0.0, 100.0]
    return [min(0.0, float(values.min())), max(0.0, float(values.max()))]
