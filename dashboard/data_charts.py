"""The charts of the Data and Try it pages: figures in (from training.exploration), an altair chart out.

No Streamlit inside. Every chart has a title, units and a tooltip. Tables of shares and of correlation are drawn in one
colour that grows stronger, so that they can be read on a white page and on a nearly black one.
"""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from dashboard import palette
from dashboard.chart_parts import LEGEND, emotion_colour, room, title
from db.emotions import EMOTIONS

_ALL = "all"  # as training.exploration names what holds for all faces together
_GREY = palette.EMOTION_COLOURS["neutral"]
_BAR_STEP = 30  # pixels of height for each bar
_SIGNS = [palette.ACCENT, palette.CATEGORY_COLOURS["negative"]]


def counts(rows: pd.DataFrame, heading: str) -> alt.LayerChart:
    """Faces of each emotion, one bar each. rows: columns emotion, faces."""
    faces = rows.groupby("emotion")["faces"].sum().reindex(list(EMOTIONS), fill_value=0)
    rows = pd.DataFrame({"emotion": EMOTIONS, "faces": faces.to_numpy()})
    rows["share"] = rows["faces"] / max(rows["faces"].sum(), 1)
    rows["label"] = [f"{number:,}" for number in rows["faces"]]
    tips = [alt.Tooltip("emotion:N"), alt.Tooltip("faces:Q", format=","), alt.Tooltip("share:Q", format=".1%")]
    x = alt.X("faces:Q", title="Number of faces", scale=alt.Scale(domain=[0, room(rows["faces"].max())]))
    return _bars(rows, x.axis(tickCount=4), tips).properties(height=260, title=title(heading))


def probabilities(values: np.ndarray, heading: str) -> alt.LayerChart:
    """One face's probabilities, (7,) in the order of EMOTIONS, one bar each, in percent."""
    rows = pd.DataFrame({"emotion": EMOTIONS, "probability": np.asarray(values, float)})
    rows["label"] = [f"{value:.1%}".replace("%", " %") for value in rows["probability"]]
    tips = [alt.Tooltip("emotion:N"), alt.Tooltip("probability:Q", format=".2%")]
    # Up to 125 percent, so that the number beside a full bar has room.
    axis = alt.Axis(format=".0%", values=[0, 0.25, 0.5, 0.75, 1])
    x = alt.X("probability:Q", title="Probability (percent)", scale=alt.Scale(domain=[0, 1.25]), axis=axis)
    return _bars(rows, x, tips).properties(height=255, title=title(heading))


def _bars(rows: pd.DataFrame, x: alt.X, tips: list[alt.Tooltip]) -> alt.LayerChart:
    """A bar for each emotion, with the column `label` beside it."""
    base = alt.Chart(rows).encode(y=alt.Y("emotion:N", sort=list(EMOTIONS), title=None), x=x, tooltip=tips)
    bars = base.mark_bar(cornerRadiusEnd=3).encode(color=emotion_colour(legend=False))
    return alt.layer(bars, base.mark_text(align="left", dx=5, fontSize=12, color=_GREY).encode(text="label:N"))


def shares(rows: pd.DataFrame) -> alt.Chart:
    """How each part of a set is made up, so that parts can be compared. rows: as from `exploration.counts`."""
    rows = rows.assign(
        where=rows["labels"] + ", " + rows["part"], place=rows["emotion"].map(EMOTIONS.index),
    )  # fmt: skip
    names = list(dict.fromkeys(rows["where"]))
    return (
        alt.Chart(rows)
        .mark_bar()
        .encode(
            y=alt.Y("where:N", sort=names, title=None, axis=alt.Axis(labelLimit=150)),
            x=alt.X(
                "share:Q", stack="zero", title="Share of the faces (percent)", scale=alt.Scale(domain=[0, 1]),
                axis=alt.Axis(format=".0%", tickCount=4),
            ),
            color=emotion_colour(legend=False),
            order=alt.Order("place:Q"),
            tooltip=[
                alt.Tooltip("labels:N"), alt.Tooltip("part:N"), alt.Tooltip("emotion:N"),
                alt.Tooltip("faces:Q", format=","), alt.Tooltip("share:Q", format=".1%"),
            ],
        )
        .properties(height=110 + _BAR_STEP * len(names), title=title("Make-up of each part", "In the same colours"))
    )  # fmt: skip


def histogram(rows: pd.DataFrame, by_emotion: bool) -> alt.Chart | alt.LayerChart:
    """Shares of the pixels over their grey levels, of all faces or a line for each emotion.

    rows: as from `exploration.histogram`.
    """
    rows = rows[(rows["emotion"] != _ALL) if by_emotion else (rows["emotion"] == _ALL)]
    levels = [f"{low} to {high - 1}" for low, high in zip(rows["from_level"], rows["to_level"], strict=True)]
    rows = rows.assign(levels=levels, middle=(rows["from_level"] + rows["to_level"]) / 2)
    tips = [alt.Tooltip("levels:N", title="grey levels"), alt.Tooltip("share:Q", format=".2%", title="share")]
    axis = alt.Axis(title="Grey level (0 black to 255 white)", values=[0, 64, 128, 192, 255], grid=False)
    scale = alt.Scale(domain=[0, 256], nice=False)
    y = alt.Y("share:Q", title="Share of the pixels (percent)", axis=alt.Axis(format=".0%", tickCount=5))
    if by_emotion:
        chosen = alt.selection_point(name="chosen", fields=["emotion"], bind="legend")
        base = alt.Chart(rows).encode(x=alt.X("middle:Q", axis=axis, scale=scale), y=y, color=emotion_colour())
        lines = base.mark_line(strokeWidth=2, strokeJoin="round").encode(
            opacity=alt.when(chosen).then(alt.value(0.95)).otherwise(alt.value(0.12))
        )
        # A line can only be pointed at exactly; dots that nobody sees make it easier.
        dots = base.mark_circle(size=90, opacity=0).encode(tooltip=[alt.Tooltip("emotion:N"), *tips])
        heading = title("Grey levels of each emotion", "Click a name to bring it out")
        return alt.layer(lines.add_params(chosen), dots).properties(height=420, title=heading)
    bars = alt.Chart(rows).mark_bar(color=palette.ACCENT, binSpacing=1)
    x = alt.X("from_level:Q", bin="binned", axis=axis, scale=scale)
    return bars.encode(x=x, x2="to_level:Q", y=y, tooltip=tips).properties(
        height=300, title=title("Grey levels of all faces")
    )


def moments(rows: pd.DataFrame) -> alt.LayerChart:
    """Mean grey level of each emotion, with one standard deviation to both sides.

    rows: as from `exploration.moments`; emotions without a face are left out.
    """
    rows = rows.dropna(subset=["mean"])
    rows = rows.assign(low=rows["mean"] - rows["deviation"], high=rows["mean"] + rows["deviation"])
    names = [name for name in (*EMOTIONS, _ALL) if name in set(rows["emotion"])]
    colours = [palette.EMOTION_COLOURS.get(name, palette.ACCENT) for name in names]
    axis = alt.Axis(title="Grey level (0 black to 255 white)", values=[0, 64, 128, 192, 255])
    base = alt.Chart(rows).encode(
        y=alt.Y("emotion:N", sort=names, title=None),
        color=alt.Color("emotion:N", scale=alt.Scale(domain=names, range=colours), legend=None),
        tooltip=[
            alt.Tooltip("emotion:N"), alt.Tooltip("mean:Q", format=".1f"), alt.Tooltip("deviation:Q", format=".1f"),
        ],
    )  # fmt: skip
    span = base.mark_rule(strokeWidth=6, strokeCap="round", opacity=0.35).encode(
        x=alt.X("low:Q", axis=axis, scale=alt.Scale(domain=[0, 255], nice=False)), x2="high:Q"
    )
    means = base.mark_circle(size=120, opacity=1).encode(x=alt.X("mean:Q", axis=axis))
    heading = title("Mean and standard deviation", "Dot: mean; bar: one deviation to both sides")
    return alt.layer(span, means).properties(height=300, title=heading)


def components(rows: pd.DataFrame, explained: tuple[float, float], fitted: int) -> alt.Chart:
    """Faces on the first two principal components.

    rows: columns x, y, emotion, image (a data URL, which the tooltip shows). explained: shares of the variance.
    fitted: number of faces that the components come from.
    """
    chosen = alt.selection_point(name="chosen", fields=["emotion"], bind="legend")
    axes = [
        alt.Axis(title=f"Component {number} ({share:.1%} of the variance)".replace("%", " %"), tickCount=5)
        for number, share in enumerate(explained, 1)
    ]
    both = f"{sum(explained):.0%}".replace("%", " %")
    heading = title(
        "Principal components of the pixels",
        [f"Together they explain {both} of the variance of {fitted:,} faces", "Point at a dot to see the face"],
    )
    return (
        alt.Chart(rows)
        .mark_circle(size=45)
        .encode(
            x=alt.X("x:Q", axis=axes[0]),
            y=alt.Y("y:Q", axis=axes[1]),
            color=emotion_colour(),
            opacity=alt.when(chosen).then(alt.value(0.75)).otherwise(alt.value(0.05)),
            tooltip=[alt.Tooltip("image:N"), alt.Tooltip("emotion:N")],
        )
        .add_params(chosen)
        .properties(height=520, title=heading)
    )


def correlation(r: np.ndarray, heading: str, subtitle: str) -> alt.LayerChart:
    """Correlation between emotions, float (7, 7), as a table of colours with numbers; NaN cells stay empty.

    The colour grows from the smallest value to the largest, because all of them are often close together.
    """
    cells = [
        (EMOTIONS[row], EMOTIONS[column], float(r[row, column]))
        for row in range(len(EMOTIONS)) for column in range(len(EMOTIONS)) if np.isfinite(r[row, column])
    ]  # fmt: skip
    rows = pd.DataFrame(cells, columns=["row", "column", "value"])
    rows["label"] = [f"{value:.2f}".replace("-", "−") for value in rows["value"]]
    low, high = (float(rows["value"].min()), float(rows["value"].max())) if cells else (0.0, 1.0)
    rows["strength"] = (rows["value"] - low) / ((high - low) or 1)
    tips = [
        alt.Tooltip("row:N", title="one"), alt.Tooltip("column:N", title="other"),
        alt.Tooltip("value:Q", format=".3f", title="Pearson's r"),
    ]  # fmt: skip
    chart = _table(rows, alt.Axis(title=None), alt.Axis(title=None, labelAngle=-45, labelOverlap=False), tips)
    return chart.properties(height=400, title=title(heading, subtitle))


def disagreement(table: np.ndarray) -> alt.LayerChart:
    """FER2013's labels (rows) against FER+'s (columns), int (7, 7): shares of each row, which sum to 1."""
    rows = pd.DataFrame(
        [
            (EMOTIONS[row], EMOTIONS[column], int(table[row, column]), table[row, column] / max(table[row].sum(), 1))
            for row in range(len(EMOTIONS)) for column in range(len(EMOTIONS))
        ],
        columns=["row", "column", "faces", "strength"],
    )  # fmt: skip
    rows["label"] = [f"{share:.0%}".replace("%", " %") if share else "" for share in rows["strength"]]
    tips = [
        alt.Tooltip("row:N", title="FER2013"), alt.Tooltip("column:N", title="FER+"),
        alt.Tooltip("faces:Q", format=","), alt.Tooltip("strength:Q", format=".1%", title="share of the row"),
    ]  # fmt: skip
    chart = _table(
        rows, alt.Axis(title="FER2013 says"), alt.Axis(title="FER+ says", labelAngle=-45, labelOverlap=False), tips
    )
    heading = title("FER+ against FER2013", "Percent of the faces of each FER2013 label")
    return chart.properties(height=420, title=heading)


def _table(rows: pd.DataFrame, down: alt.Axis, across: alt.Axis, tips: list[alt.Tooltip]) -> alt.LayerChart:
    """Cells of emotion by emotion: columns row, column, strength (0 to 1, how strong the colour is), label."""
    base = alt.Chart(rows).encode(
        y=alt.Y("row:N", sort=list(EMOTIONS), axis=down),
        x=alt.X("column:N", sort=list(EMOTIONS), axis=across),
        tooltip=tips,
    )
    opacity = alt.Opacity("strength:Q", scale=alt.Scale(domain=[0, 1], range=[0.04, 1]), legend=None)
    cells = base.mark_rect(color=palette.ACCENT, cornerRadius=2).encode(opacity=opacity)
    # White on the strong cells; on the weak ones, which are nearly the page's colour, the page's own text colour.
    numbers = base.mark_text(fontSize=11).encode(
        text="label:N",
        color=alt.when(alt.datum.strength > 0.55).then(alt.value("white")).otherwise(alt.value("currentColor")),
    )
    return alt.layer(cells, numbers)


def face_correlation(r: np.ndarray, emotions: list[str]) -> alt.Chart:
    """Correlation of single faces, float (M, M), which lie in the order of `emotions` (M,); NaN cells stay empty."""
    groups = {emotion: [place for place, name in enumerate(emotions) if name == emotion] for emotion in EMOTIONS}
    middles = {round(float(np.mean(places))): emotion for emotion, places in groups.items() if places}
    numbers = np.argwhere(np.isfinite(r))
    rows = pd.DataFrame({"row": numbers[:, 0], "column": numbers[:, 1], "value": r[np.isfinite(r)]})
    rows["one"], rows["other"] = ([emotions[place] for place in rows[name]] for name in ("row", "column"))
    rows["sign"] = np.where(rows["value"] < 0, "negative", "positive")
    rows["strength"] = rows["value"].abs()
    label = " : ".join(f"datum.value == {place} ? '{emotion}'" for place, emotion in middles.items()) or "''"
    axis = {"title": None, "values": list(middles), "labelExpr": f"{label} : ''" if middles else label}
    order = list(range(len(emotions)))
    heading = title("Correlation of single faces", "Pearson's r over pixels; the stronger, the nearer to 1 or −1")
    return (
        alt.Chart(rows)
        .mark_rect()
        .encode(
            y=alt.Y("row:O", sort=order, axis=alt.Axis(**axis, ticks=False)),
            x=alt.X("column:O", sort=order, axis=alt.Axis(**axis, ticks=False, labelAngle=-45, labelOverlap=False)),
            color=alt.Color(
                "sign:N", legend=LEGEND, scale=alt.Scale(domain=["positive", "negative"], range=_SIGNS),
            ),
            opacity=alt.Opacity("strength:Q", scale=alt.Scale(domain=[0, 1], range=[0, 1]), legend=None),
            tooltip=[
                alt.Tooltip("one:N"), alt.Tooltip("other:N"),
                alt.Tooltip("value:Q", format=".2f", title="Pearson's r"),
            ],
        )
        .properties(height=460, title=heading)
    )  # fmt: skip
