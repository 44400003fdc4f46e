"""The charts of the Models page: a DataFrame in (from db.model_results), an altair chart out, as in charts.py.

Shares are drawn in percent. Colour never says something alone: kinds differ in shape, parts of the data in dashes.
"""

from __future__ import annotations

import altair as alt
import pandas as pd

from dashboard import palette
from dashboard.chart_parts import emotion_colour, title
from dashboard.model_rows import CLAIMED, KINDS, MEASURED, REPORTED, in_percent, with_interval
from dashboard.words import missing
from db.emotions import EMOTIONS

GREY = palette.EMOTION_COLOURS["neutral"]

# Ours stands out; the others differ from it, and from each other, in shape as well.
_KIND_COLOUR = {MEASURED: palette.ACCENT, CLAIMED: palette.CATEGORY_COLOURS["negative"], REPORTED: GREY}
_KIND_SHAPE = {MEASURED: "circle", CLAIMED: "diamond", REPORTED: "triangle-up"}

_PART_DASH = {"train": [5, 4], "validation": [1, 0]}
_PART_COLOUR = {"train": palette.CATEGORY_COLOURS["negative"], "validation": palette.ACCENT}

# The smallest picture there is, seen by nobody: a tooltip's picture has to have an address.
NO_PICTURE = "data:image/gif;base64,R0lGODlhAQABAAAAACw="


def _kind(field: str, encoding: type, values: dict) -> alt.Color | alt.Shape:
    legend = alt.Legend(title=None, orient="top", columns=2, symbolSize=90, columnPadding=10)
    return encoding(f"{field}:N", scale=alt.Scale(domain=list(KINDS), range=list(values.values())), legend=legend)


def _percent_axis(name: str, **more) -> alt.Axis:
    return alt.Axis(format=".0%", title=f"{name} (percent)", **more)


def comparison(rows: pd.DataFrame, heading: str, subtitle: str | None = None) -> alt.LayerChart:
    """A dot for each figure, one line a network; measured ones with their interval. rows: as from
    model_rows.comparison."""
    rows = rows.assign(
        figure=[with_interval(*row) for row in rows[["value", "low", "high"]].itertuples(index=False)],
        on=[
            where if missing(faces) else f"{where}, {faces:,} faces"
            for where, faces in zip(rows["counted_on"], rows["faces"], strict=True)
        ],
    )
    order = list(dict.fromkeys(rows["name"]))
    ends = pd.concat([rows["value"], rows["low"], rows["high"]]).dropna()
    scale = alt.Scale(domain=[max(0.0, ends.min() - 0.03), min(1.0, ends.max() + 0.03)], nice=True)
    base = alt.Chart(rows.astype({"faces": object})).encode(
        y=alt.Y("name:N", sort=order, title=None, axis=alt.Axis(labelLimit=150, labelOverlap=False, grid=True))
    )
    interval = (
        base.transform_filter("isValid(datum.low)")
        .mark_rule(color=palette.ACCENT, strokeWidth=3, opacity=0.5, aria=False)  # the dots say it, too
        .encode(x=alt.X("low:Q", scale=scale, axis=_percent_axis("Faces named right")), x2="high:Q")
    )
    dots = base.mark_point(size=85, filled=True, opacity=1).encode(
        x=alt.X("value:Q", scale=scale, axis=_percent_axis("Faces named right")),
        color=_kind("kind", alt.Color, _KIND_COLOUR),
        shape=_kind("kind", alt.Shape, _KIND_SHAPE),
        tooltip=[
            alt.Tooltip("name:N", title="network"),
            alt.Tooltip("figure:N", title="named right"),
            alt.Tooltip("kind:N"),
            alt.Tooltip("on:N", title="counted on"),
            alt.Tooltip("about:N"),
        ],
    )
    return alt.layer(interval, dots).properties(height=150 + 27 * len(order), title=title(heading, subtitle))


def class_comparison(rows: pd.DataFrame) -> alt.Chart:
    """F1 of each emotion, ours and claimed, a dot each. rows: as from model_rows.class_comparison."""
    return (
        alt.Chart(rows)
        .mark_point(size=75, filled=True, opacity=0.85)
        .encode(
            y=alt.Y("emotion:N", sort=list(EMOTIONS), title=None, axis=alt.Axis(grid=True)),
            x=alt.X("value:Q", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(title="F1 (0 to 1)", tickCount=5)),
            color=_kind("kind", alt.Color, _KIND_COLOUR),
            shape=_kind("kind", alt.Shape, _KIND_SHAPE),
            tooltip=[
                alt.Tooltip("emotion:N"),
                alt.Tooltip("name:N", title="network"),
                alt.Tooltip("value:Q", format=".2f", title="F1"),
                alt.Tooltip("kind:N"),
            ],
        )
        .properties(height=330, title=title("F1 of each emotion", "Network by network"))
    )


def training(epochs: pd.DataFrame, figure: str, heading: str) -> alt.Chart:
    """Loss or accuracy of one head over the epochs, train dashed, validation solid. epochs: its rows of
    model_results.epochs."""
    parts = list(_PART_DASH)
    legend = alt.Legend(title=None, orient="top", symbolType="stroke", symbolSize=300)
    accuracy = figure == "accuracy"
    axis = _percent_axis("Faces named right") if accuracy else alt.Axis(title="Loss (cross-entropy, nats)")
    return (
        alt.Chart(epochs)
        .mark_line(strokeWidth=2, point=alt.OverlayMarkDef(size=14))
        .encode(
            x=alt.X("epoch:Q", axis=alt.Axis(title="Epoch (number)", tickMinStep=1, format="d", grid=False)),
            y=alt.Y("value:Q", scale=alt.Scale(zero=False), axis=axis),
            color=alt.Color("part:N", scale=alt.Scale(domain=parts, range=list(_PART_COLOUR.values())), legend=legend),
            strokeDash=alt.StrokeDash("part:N", scale=alt.Scale(domain=parts, range=list(_PART_DASH.values()))),
            tooltip=[
                alt.Tooltip("epoch:Q", format="d"),
                alt.Tooltip("part:N"),
                alt.Tooltip("value:Q", format=".1%" if accuracy else ".3f", title=figure),
            ],
        )
        .properties(height=290, title=title(heading))
    )


def confusion(
    rows: pd.DataFrame,
    by_row: bool,
    pictures: dict[tuple[str, str], str] | None = None,
    subtitle: str | None = None,
    dark: bool = False,
) -> alt.LayerChart:
    """Which was taken for which. rows: as from model_results.confusion; by_row: shares of each truth, else counts.

    pictures: (truth, predicted) to the address of a picture of such faces, for the tooltip. dark: whether the page is.
    """
    order = list(dict.fromkeys(rows["truth"]))
    most = rows["faces"].max() or 1
    rows = rows.assign(
        shade=rows["share"].fillna(0) if by_row else rows["faces"] / most,
        label=[
            ("" if missing(row.share) else f"{row.share * 100:.0f}") if by_row else f"{row.faces:,}"
            for row in rows.itertuples()
        ],
        of_truth=[in_percent(share) for share in rows["share"]],
    )
    tips = [
        alt.Tooltip("truth:N", title="labelled"),
        alt.Tooltip("predicted:N", title="named"),
        alt.Tooltip("faces:Q", format=",", title="faces"),
        alt.Tooltip("of_truth:N", title="of that label"),
    ]
    if pictures:
        pairs = zip(rows["truth"], rows["predicted"], strict=True)
        rows = rows.assign(image=[pictures.get(pair, NO_PICTURE) for pair in pairs])
        tips.append(alt.Tooltip("image:N"))  # the tooltip shows a field of this name as a picture
    base = alt.Chart(rows).encode(
        x=alt.X("predicted:N", sort=order, axis=alt.Axis(title="Named by the network", labelAngle=-90, orient="top")),
        y=alt.Y("truth:N", sort=order, axis=alt.Axis(title="Labelled")),
        tooltip=tips,
    )
    squares = base.mark_rect(color=palette.ACCENT, stroke=GREY, strokeOpacity=0.25).encode(
        opacity=alt.Opacity("shade:Q", scale=alt.Scale(domain=[0, 1], range=[0.02, 1]), legend=None)
    )
    # Faint squares show the page behind them; only the strongest carry white on a light page.
    on_faint = "white" if dark else "black"
    numbers = base.mark_text(fontSize=12).encode(
        text="label:N", color=alt.when("datum.shade > 0.8").then(alt.value("white")).otherwise(alt.value(on_faint))
    )
    heading = "Confusion: percent of each label" if by_row else "Confusion: number of faces"
    return alt.layer(squares, numbers).properties(height=170 + 38 * len(order), title=title(heading, subtitle))


def curves(points: pd.DataFrame, kind: str, report: pd.DataFrame, mean: str | None = None) -> alt.LayerChart:
    """ROC (`roc`) or precision-recall (`pr`) curves, one an emotion, the area under each in the legend.

    points: as from model_results.curve; report: as from model_results.report; mean: a line below the title.
    """
    area, short = ("auc", "AUC") if kind == "roc" else ("average_precision", "AP")
    areas = dict(zip(report["emotion"], report[area], strict=True))
    texts = {name: f"{name} {'–' if missing(areas.get(name)) else f'{areas[name]:.2f}'}" for name in EMOTIONS}
    expression = " : ".join(f"datum.value == '{name}' ? '{text}'" for name, text in texts.items())
    legend = alt.Legend(
        title=None, orient="top", columns=3, columnPadding=6, symbolType="circle", symbolSize=60, labelFontSize=11,
        labelExpr=f"{expression} : ''",
    )  # fmt: skip
    if kind == "roc":
        heading, x, y = "ROC curves", "False positive rate", "True positive rate"
    else:
        heading, x, y = "Precision over recall", "Recall", "Precision"
    unit = alt.Scale(domain=[0, 1])
    lines = (
        alt.Chart(points.assign(area=points["emotion"].map(areas)))
        .mark_line(strokeWidth=2, interpolate="linear" if kind == "roc" else "step-before")
        .encode(
            x=alt.X("x:Q", scale=unit, axis=alt.Axis(title=f"{x} (0 to 1)", tickCount=5)),
            y=alt.Y("y:Q", scale=unit, axis=alt.Axis(title=f"{y} (0 to 1)", tickCount=5)),
            order="point:Q",
            color=emotion_colour(legend),
            tooltip=[
                alt.Tooltip("emotion:N"),
                alt.Tooltip("x:Q", format=".2f", title=x.lower()),
                alt.Tooltip("y:Q", format=".2f", title=y.lower()),
                alt.Tooltip("area:Q", format=".3f", title=short),
            ],
        )
    )
    chance = [_diagonal()] if kind == "roc" else []
    return alt.layer(*chance, lines).properties(height=400, title=title(heading, mean))


def calibration(points: pd.DataFrame, subtitle: str | None = None) -> alt.LayerChart:
    """How often the network is right, by how sure it says it is; on the diagonal it is as sure as it should be.

    points: as from model_results.curve.
    """
    base = alt.Chart(points).encode(
        x=alt.X("x:Q", scale=alt.Scale(domain=[0, 1]), axis=_percent_axis("Stated probability", tickCount=5)),
        y=alt.Y("y:Q", scale=alt.Scale(domain=[0, 1]), axis=_percent_axis("Named right", tickCount=5)),
        tooltip=[
            alt.Tooltip("x:Q", format=".1%", title="stated"),
            alt.Tooltip("y:Q", format=".1%", title="right"),
            alt.Tooltip("faces:Q", format=",", title="faces"),
        ],
    )
    line = base.mark_line(color=palette.ACCENT, strokeWidth=2).encode(order="point:Q")
    dots = base.mark_circle(color=palette.ACCENT, opacity=0.8).encode(
        size=alt.Size("faces:Q", scale=alt.Scale(rangeMin=20, rangeMax=500), legend=None)
    )
    return alt.layer(_diagonal(), line, dots).properties(height=400, title=title("Calibration", subtitle))


def _diagonal() -> alt.Chart:
    ends = pd.DataFrame({"x": [0.0, 1.0], "y": [0.0, 1.0]})
    return alt.Chart(ends).mark_line(color=GREY, strokeDash=[3, 4], strokeWidth=1).encode(x="x:Q", y="y:Q")


def f1(report: pd.DataFrame) -> alt.LayerChart:
    """F1 of each emotion, one bar each. report: as from model_results.report."""
    rows = report[report["emotion"].isin(EMOTIONS)]
    rows = rows.assign(label=["undefined" if missing(value) else f"{value:.2f}" for value in rows["f1"]])
    base = alt.Chart(rows).encode(
        y=alt.Y("emotion:N", sort=list(EMOTIONS), title=None),
        x=alt.X("f1:Q", scale=alt.Scale(domain=[0, 1.1]), axis=alt.Axis(title="F1 (0 to 1)", values=[0, 0.5, 1])),
        tooltip=[
            alt.Tooltip("emotion:N"),
            *(alt.Tooltip(f"{name}:Q", format=".3f") for name in ("f1", "precision", "recall")),
            alt.Tooltip("support:Q", format=",", title="faces"),
        ],
    )
    bars = base.mark_bar(cornerRadiusEnd=3).encode(color=emotion_colour(legend=False))
    texts = base.mark_text(align="left", dx=5, fontSize=12, color=GREY).encode(text="label:N")
    return alt.layer(bars, texts).properties(height=300, title=title("F1 of each emotion"))


def parts(rows: pd.DataFrame, heading: str, subtitle: str | None = None) -> alt.LayerChart:
    """Faces named right in parts of the data, such as splits: a dot each, with its interval if it has one.

    rows: part, n, accuracy, low, high; in the order in which they are shown.
    """
    rows = rows.assign(
        figure=[with_interval(*row) for row in rows[["accuracy", "low", "high"]].itertuples(index=False)]
    )
    base = alt.Chart(rows).encode(
        y=alt.Y("part:N", sort=list(rows["part"]), title=None, axis=alt.Axis(grid=True, labelLimit=150)),
        tooltip=[
            alt.Tooltip("part:N"),
            alt.Tooltip("figure:N", title="named right"),
            alt.Tooltip("n:Q", format=",", title="faces"),
        ],
    )
    axis, scale = _percent_axis("Faces named right"), alt.Scale(zero=False, padding=12, nice=True)
    interval = (
        base.transform_filter("isValid(datum.low)")
        .mark_rule(color=palette.ACCENT, strokeWidth=3, opacity=0.5, aria=False)  # the dots say it, too
        .encode(x=alt.X("low:Q", axis=axis, scale=scale), x2="high:Q")
    )
    dots = base.mark_circle(size=110, color=palette.ACCENT, opacity=1).encode(
        x=alt.X("accuracy:Q", axis=axis, scale=scale)
    )
    return alt.layer(interval, dots).properties(height=100 + 34 * len(rows), title=title(heading, subtitle))
