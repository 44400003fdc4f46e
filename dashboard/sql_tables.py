"""What a query found, made ready to look at, to draw and to take away. Arrow tables in; no Streamlit."""

from __future__ import annotations

import io
import json

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from dashboard.downloads import guard

SHOWN_CHARACTERS = 500  # of a text, in the table on the page; files have all of it

# Whole numbers that may be missing, as pandas has them.
_WHOLE = {
    made(): getattr(pd, f"{'U' if sign else ''}Int{bits}Dtype")()
    for bits in (8, 16, 32, 64) for sign, made in enumerate((getattr(pa, f"int{bits}"), getattr(pa, f"uint{bits}")))
}  # fmt: skip

NUMBER, TIME, TEXT = "number", "time", "text"


def kind(type_: pa.DataType) -> str:
    """What a column is for a chart: NUMBER, TIME (a day or a moment), or TEXT: all else, by its words."""
    if pa.types.is_integer(type_) or pa.types.is_floating(type_) or pa.types.is_decimal(type_):
        return NUMBER
    return TIME if pa.types.is_timestamp(type_) or pa.types.is_date(type_) else TEXT


def shown(rows: pa.Table) -> pa.Table:
    """The rows as the page shows them: lists, maps and the like as text, long texts cut at SHOWN_CHARACTERS."""
    return _with_columns(rows, lambda column: _cut(_simple(column)))


def plotted(rows: pa.Table) -> pd.DataFrame:
    """The rows as a chart takes them: numbers as float, days as moments, all else as text or None."""

    def value(column: pa.ChunkedArray) -> pa.ChunkedArray:
        found = kind(column.type)
        if found == NUMBER:
            return column.cast(pa.float64(), safe=False)
        # A chart knows no zones: what has one is UTC by then, as everything else.
        return column.cast(pa.timestamp("us"), safe=False) if found == TIME else _cut(_as_text(column))

    return _with_columns(rows, value).to_pandas()


def csv(rows: pa.Table) -> bytes:
    """The rows as CSV in UTF-8, every text that a spreadsheet would run made harmless; what is NULL is empty."""
    # A column of whole numbers with a gap would become one of fractions.
    frame = _with_columns(rows, _written).to_pandas(types_mapper=_WHOLE.get)
    heads = guard(pd.DataFrame({"name": frame.columns}))["name"]  # names are typed by people, too
    return guard(frame).set_axis(heads, axis="columns").to_csv(index=False, lineterminator="\n").encode()


def parquet(rows: pa.Table) -> bytes:
    """The rows as a Parquet file, lists and maps as such; what Parquet has no type for is text."""
    file = io.BytesIO()
    kept = _with_columns(rows, lambda column: _as_text(column) if _no_parquet(column.type) else column)
    try:
        pq.write_table(kept, file, compression="zstd")
    except pa.ArrowNotImplementedError:  # such as for a structure without a field
        file = io.BytesIO()
        pq.write_table(_with_columns(rows, _simple), file, compression="zstd")
    return file.getvalue()


def _with_columns(rows: pa.Table, made) -> pa.Table:
    return pa.table([made(column) for column in rows.columns], names=rows.column_names)


def _no_parquet(type_: pa.DataType) -> bool:
    return pa.types.is_interval(type_) or pa.types.is_null(type_) or pa.types.is_union(type_)


def _simple(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column of numbers, moments, truths or texts as it is; any other as text. Decimals become numbers."""
    type_ = column.type
    if pa.types.is_decimal(type_):
        return column.cast(pa.float64(), safe=False)
    simple = pa.types.is_integer(type_) or pa.types.is_floating(type_) or pa.types.is_boolean(type_)
    return column if simple or kind(type_) == TIME else _as_text(column)


def _written(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """As _simple, moments as text: DuckDB knows days that Python does not."""
    return column.cast(pa.string()) if kind(column.type) == TIME else _simple(column)


def _as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    type_ = column.type
    if pa.types.is_dictionary(type_):
        column, type_ = column.cast(type_.value_type), type_.value_type
    if pa.types.is_string(type_) or pa.types.is_large_string(type_):
        return column
    return pa.chunked_array([pa.array([_words(_python(value)) for value in column], pa.string())])


def _python(value: pa.Scalar) -> object:
    try:
        return value.as_py()
    except (OverflowError, ValueError):  # such as a day beyond the year 9999
        return "out of range"


def _words(value: object) -> str | None:
    """A value as text; lists and maps as JSON, bytes in hexadecimal."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, pa.MonthDayNano):
        return _interval(value)
    if isinstance(value, list | dict | tuple):
        return json.dumps(value, ensure_ascii=False, default=_words)
    return str(value)


def _interval(value: pa.MonthDayNano) -> str:
    """An interval: `1 month 2 days 3.5 s`, `0 s`."""
    parts = [(value.months, "months"), (value.days, "days")]
    words = [f"{number} {unit[:-1] if number == 1 else unit}" for number, unit in parts if number]
    if value.nanoseconds or not words:
        words.append(f"{value.nanoseconds / 1e9:g} s")
    return " ".join(words)


def _cut(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return column
    if (pc.max(pc.utf8_length(column)).as_py() or 0) <= SHOWN_CHARACTERS:
        return column
    long = pc.greater(pc.utf8_length(column), SHOWN_CHARACTERS)
    head = pc.utf8_slice_codeunits(column, 0, SHOWN_CHARACTERS - 1)
    ellipsis = pa.scalar("…", column.type)
    return pc.if_else(long, pc.binary_join_element_wise(head, ellipsis, pa.scalar("", column.type)), column)
