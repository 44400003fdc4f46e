"""A quick chart of what a query found: which one suits it, and the drawing. Arrow tables in, altair charts out."""

from __future__ import annotations

from dataclasses import dataclass

import altair as alt
import pandas as pd
import pyarrow as pa

from dashboard import palette
from dashboard.chart_parts import LEGEND, spoken, title
from dashboard.sql_tables import NUMBER, TEXT, TIME, kind, plotted
from dashboard.words import one_line
from db.emotions import CATEGORIES, EMOTIONS

LINE, BAR, SCATTER = "Line", "Bar", "Scatter"
KINDS = (LINE, BAR, SCATTER)
NO_COLOUR = "–"

MOST_POINTS = 5000  # of a line or a cloud
MOST_BARS = 40
MOST_COLOURS = 12

# Whose colours everybody knows are the first choice for colour; these names, for the height.
_COLOURED = ("emotion", "smoothed", "category", "target")
_HEIGHTS = ("share", "mean_valence", "valence", "change", "coverage", "times_real_time", "accuracy")
_LABELS_PX = 180


@dataclass(frozen=True)
class Choice:
    """kind: one of KINDS; x, y: names of columns, y of numbers; colour: of a column, or None."""

    kind: str
    x: str
    y: str
    colour: str | None = None


def numbers(rows: pa.Table) -> list[str]:
    """The columns that can be the height of something."""
    return [field.name for field in rows.schema if kind(field.type) == NUMBER]


def suited(rows: pa.Table) -> Choice | None:
    """The chart that suits best; None where there is nothing to draw: no rows, or nothing but words.

    Over time or along a number that only grows: a line. By words: bars. Two numbers: a cloud of points.
    """
    kinds = {field.name: kind(field.type) for field in rows.schema}
    heights = [name for name, found in kinds.items() if found == NUMBER and not name.endswith("_id")]
    if rows.num_rows == 0 or not heights:
        return None
    texts = [name for name, found in kinds.items() if found == TEXT]
    times = [name for name, found in kinds.items() if found == TIME]
    first = rows.column_names[0]
    coloured = next((name for name in _COLOURED if name in texts), None)

    def height(*but: str) -> str:
        left = [name for name in heights if name not in but]
        return next((name for name in _HEIGHTS if name in left), left[0])

    if len(heights) > 1 and first in heights and _grows(rows[first]):
        if coloured and rows.num_rows > 60:  # seconds of a video: a label for each point, and no line between them
            return Choice(SCATTER, first, height(first), coloured)
        return Choice(LINE, first, height(first), coloured or _few(rows, texts))
    if times and _many(rows[times[0]]):
        return Choice(LINE, times[0], height(), _few(rows, texts))
    if texts:
        others = [name for name in texts if name != coloured]
        return Choice(BAR, others[0] if others else coloured, height(), coloured)
    return Choice(SCATTER, heights[0], height(heights[0])) if len(heights) > 1 else None


def _grows(column: pa.ChunkedArray) -> bool:
    values = column.cast(pa.float64(), safe=False).to_pandas()
    return bool(values.notna().all() and values.is_monotonic_increasing and values.nunique() > 2)


def _many(column: pa.ChunkedArray) -> bool:
    return len(column.unique().drop_null()) > 2


def _few(rows: pa.Table, names: list[str]) -> str | None:
    """The first of the columns with few values, each in several rows: one that says what belongs together."""
    for name in names:
        different = plotted(rows.select([name])).iloc[:, 0].nunique()
        if 1 < different <= MOST_COLOURS and rows.num_rows >= 2 * different:
            return name
    return None


@dataclass(frozen=True)
class Drawn:
    """chart; rows: what it is drawn from, x, y and colour under their names; sentence: what it shows; notes: what was
    left out of it or changed, as sentences."""

    chart: alt.Chart
    rows: pd.DataFrame
    sentence: str
    notes: tuple[str, ...]


def draw(rows: pa.Table, choice: Choice) -> Drawn:
    """The chart that was chosen; rows: what the query found, with the columns that the choice names."""
    names = {"x": choice.x, "y": choice.y} | ({"colour": choice.colour} if choice.colour else {})
    kinds = {role: kind(rows.schema.field(name).type) for role, name in names.items()}
    # Under names of our own: altair reads a dot or a colon in a name as something else.
    data = plotted(pa.table([rows[name] for name in names.values()], names=list(names)))
    data, notes = _fitting(data, choice.kind, kinds)
    spoken_names = {role: one_line(name)[:60] for role, name in names.items()}
    by_colour = "colour" in data.columns
    heading = f"{spoken_names['y']} by {spoken_names['x']}"
    heading += f" and {spoken_names['colour']}" if by_colour and choice.colour != choice.x else ""
    chart = _CHARTS[choice.kind](data, kinds["x"], spoken_names, by_colour)
    chart = chart.properties(title=title(heading, list(notes) or None))
    words = {LINE: "Line", BAR: "Bars", SCATTER: "Points"}[choice.kind]
    sentence = f"{words} of {heading}, {len(data):,} of them."
    if len(data):
        sentence += f" {spoken_names['y']} goes from {data['y'].min():.4g} to {data['y'].max():.4g}."
    return Drawn(chart, data.rename(columns=spoken_names), sentence, notes)


def _fitting(data: pd.DataFrame, chart: str, kinds: dict[str, str]) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The rows that are drawn, and what was done to them."""
    notes = []
    whole = len(data)
    data = data.dropna(subset=["x", "y"])
    data = data[data["y"].abs() != float("inf")]
    if whole > len(data):
        notes.append(f"Left out, because a value is missing: {whole - len(data):,} of {whole:,} rows.")
    if "colour" in data:
        if data["colour"].nunique() > MOST_COLOURS:
            notes.append(f"No colours: more than {MOST_COLOURS} different ones would be needed.")
            data = data.drop(columns="colour")
        else:
            data = data.assign(colour=[_label(value) for value in data["colour"]])
    if chart == BAR and kinds["x"] != TEXT:
        data = data.assign(x=[_label(value) for value in data["x"]])
    keys = [name for name in ("x", "colour") if name in data]
    if chart != SCATTER and data.duplicated(keys).any():
        notes.append("Several rows at the same place: their mean is shown.")
        data = data.groupby(keys, sort=False, as_index=False)["y"].mean()
    if chart == BAR and data["x"].nunique() > MOST_BARS:
        kept = data["x"].drop_duplicates().head(MOST_BARS)
        notes.append(f"The first {MOST_BARS} of {data['x'].nunique():,} bars are shown.")
        data = data[data["x"].isin(kept)]
    elif chart != BAR and len(data) > MOST_POINTS:
        step = -(-len(data) // MOST_POINTS)
        notes.append(f"Every {step}. of {len(data):,} points is shown.")
        data = data.iloc[::step]
    return data.reset_index(drop=True), tuple(notes)


def _label(value: object) -> str:
    if value is None or pd.isna(value):
        return "none"
    if isinstance(value, float):
        return f"{value:g}"
    return f"{value:%Y-%m-%d %H:%M}" if isinstance(value, pd.Timestamp) else one_line(value)[:80]


def _colour(data: pd.DataFrame, names: dict[str, str]) -> dict[str, alt.Color]:
    """By the colours that everybody knows from the other charts where the values are emotions or categories."""
    if "colour" not in data:
        return {"color": alt.ColorValue(palette.ACCENT)}
    values, colours = _colours(data)
    scale = alt.Scale(domain=values, range=colours)
    return {"color": alt.Color("colour:N", scale=scale, sort=values, legend=LEGEND, title=names["colour"])}


def _colours(data: pd.DataFrame) -> tuple[list[str], list[str]]:
    """The values of `colour` in their order, and the colour of each."""
    values = list(data["colour"].unique())
    for known, colours in ((EMOTIONS, palette.EMOTION_COLOURS), (CATEGORIES, palette.CATEGORY_COLOURS)):
        if set(values) <= set(known):
            values = [name for name in known if name in values]
            return values, [colours[name] for name in values]
    return values, [palette.group_colour(place) for place in range(len(values))]


def _x(kind_: str, data: pd.DataFrame, names: dict[str, str]) -> alt.X:
    shape = {TIME: "T", NUMBER: "Q", TEXT: "N"}[kind_]
    words = f"{names['x']} (UTC)" if kind_ == TIME else names["x"]
    sort = {"sort": None} if kind_ == TEXT else {"scale": alt.Scale(zero=False)}
    return alt.X(f"x:{shape}", title=words, axis=alt.Axis(grid=False, labelLimit=_LABELS_PX), **sort)


def _tooltip(kind_: str, data: pd.DataFrame, names: dict[str, str]) -> list[alt.Tooltip]:
    x = alt.Tooltip(f"x:{'T' if kind_ == TIME else 'Q' if kind_ == NUMBER else 'N'}", title=names["x"])
    if kind_ == TIME:
        x = alt.Tooltip("x:T", title=names["x"], format="%Y-%m-%d %H:%M")
    marks = [x, alt.Tooltip("y:Q", title=names["y"], format=".4~g")]
    return marks + ([alt.Tooltip("colour:N", title=names["colour"])] if "colour" in data else [])


def _line(data: pd.DataFrame, kind_: str, names: dict[str, str], by_colour: bool) -> alt.Chart:
    encoded = {"x": _x(kind_, data, names), "y": alt.Y("y:Q", title=names["y"], scale=alt.Scale(zero=False))}
    if by_colour:  # colour is never the only sign
        values = list(data["colour"].unique())
        dashes = alt.Scale(domain=values, range=[palette.group_dash(place) for place in range(len(values))])
        encoded["strokeDash"] = alt.StrokeDash("colour:N", scale=dashes, legend=None)
    point = alt.OverlayMarkDef(size=30, filled=True) if len(data) <= 200 else False
    return (
        alt.Chart(data, height=360)
        .mark_line(point=point, aria=False)
        .encode(**encoded, **_colour(data, names), tooltip=_tooltip(kind_, data, names))
    )


def _bar(data: pd.DataFrame, kind_: str, names: dict[str, str], by_colour: bool) -> alt.Chart:
    """Lying bars: words fit beside them, on a telephone as well."""
    encoded = {
        "y": alt.Y("x:N", sort=None, title=names["x"], axis=alt.Axis(labelLimit=_LABELS_PX)),
        "x": alt.X("y:Q", title=names["y"]),
    }
    if by_colour and not (data["colour"] == data["x"]).all():
        encoded["yOffset"] = alt.YOffset("colour:N", sort=_colours(data)[0])
    bars = data["x"].nunique() if "yOffset" not in encoded else len(data)
    # The height is the whole's: with title, legend and axis.
    around = 210 if by_colour else 130
    return (
        alt.Chart(data, height=around + bars * (22 if "yOffset" not in encoded else 12))
        .mark_bar(aria=spoken(data))
        .encode(**encoded, **_colour(data, names), tooltip=_tooltip(TEXT, data, names))
    )


def _scatter(data: pd.DataFrame, kind_: str, names: dict[str, str], by_colour: bool) -> alt.Chart:
    encoded = {"x": _x(kind_, data, names), "y": alt.Y("y:Q", title=names["y"], scale=alt.Scale(zero=False))}
    if by_colour:
        values = list(data["colour"].unique())
        shapes = alt.Scale(domain=values, range=[palette.group_shape(place) for place in range(len(values))])
        encoded["shape"] = alt.Shape("colour:N", scale=shapes, legend=None)
    return (
        alt.Chart(data, height=360)
        .mark_point(filled=True, size=40, opacity=0.8, aria=spoken(data))
        .encode(**encoded, **_colour(data, names), tooltip=_tooltip(kind_, data, names))
    )


_CHARTS = {LINE: _line, BAR: _bar, SCATTER: _scatter}
