"""What a query found, for the page, for a chart, as CSV and as Parquet: every type that DuckDB has."""

import io
from datetime import date, datetime
from decimal import Decimal

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dashboard import sql_tables


def found(sql: str) -> pa.Table:
    with duckdb.connect() as con:
        return con.sql(sql).to_arrow_table()


NESTED = (
    "SELECT [1, 2] AS list, map {'site': 'Wien'} AS map, {'a': date '2026-07-03'} AS struct, 'a\\x00'::BLOB AS blob, "
    "INTERVAL 1 MONTH + INTERVAL 2 DAY + INTERVAL 1500 MILLISECOND AS interval, 1.5::DECIMAL(10, 2) AS decimal, "
    "'happy'::ENUM ('sad', 'happy') AS enum, TIME '01:02:03' AS time, NULL AS nothing, true AS truth, 7 AS whole"
)


def test_lists_and_the_like_are_shown_as_text():
    assert sql_tables.shown(found(NESTED)).to_pylist() == [{
        "list": "[1, 2]", "map": '[["site", "Wien"]]', "struct": '{"a": "2026-07-03"}', "blob": "6100",
        "interval": "1 month 2 days 1.5 s", "decimal": 1.5, "enum": "happy", "time": "01:02:03", "nothing": None,
        "truth": True, "whole": 7,
    }]  # fmt: skip


def test_long_texts_are_cut_on_the_page_only():
    rows = found("SELECT repeat('ä', 600) AS long, 'b' AS short UNION ALL SELECT NULL, NULL")
    shown = sql_tables.shown(rows).to_pylist()
    assert shown[0]["long"] == "ä" * (sql_tables.SHOWN_CHARACTERS - 1) + "…" and shown[0]["short"] == "b"
    assert shown[1] == {"long": None, "short": None}
    assert ("ä" * 600).encode() in sql_tables.csv(rows)


def test_csv():
    rows = found(
        "SELECT '=cmd()' AS \"+name\", -1 AS number, NULL::INT AS gap, TIMESTAMP '2026-07-03 14:05:00.5' AS at, "
        "'a,\"b\"' AS text UNION ALL SELECT 'x', 2, 3, NULL, '-'"
    )
    assert sql_tables.csv(rows).decode() == (
        '\'+name,number,gap,at,text\n\'=cmd(),-1,,2026-07-03 14:05:00.500000,"a,""b"""\nx,2,3,,\'-\n'
    )


def test_parquet_keeps_types():
    table = pq.read_table(io.BytesIO(sql_tables.parquet(found(NESTED))))
    assert table["list"].to_pylist() == [[1, 2]] and table["decimal"].to_pylist() == [Decimal("1.50")]
    assert table["struct"].to_pylist() == [{"a": date(2026, 7, 3)}]
    assert table["interval"].to_pylist() == ["1 month 2 days 1.5 s"] and table["nothing"].to_pylist() == [None]


def test_for_a_chart():
    rows = sql_tables.plotted(
        found("SELECT 1.5::DECIMAL(4, 1) AS n, date '2026-07-03' AS day, 'sad'::ENUM ('sad') AS e, 3::HUGEINT AS h")
    )
    assert rows.loc[0].tolist() == [1.5, datetime(2026, 7, 3), "sad", 3.0]


@pytest.mark.parametrize("make", [sql_tables.shown, sql_tables.csv, sql_tables.parquet, sql_tables.plotted])
def test_every_type_there_is_and_none(make):
    assert make(found("SELECT * FROM test_all_types()")) is not None  # with the largest and smallest of each
    assert make(found("SELECT * FROM test_all_types() WHERE false")) is not None


@pytest.mark.parametrize("sql, kind", [
    ("1", "number"), ("1.5::DOUBLE", "number"), ("1::DECIMAL(4, 1)", "number"), ("current_date", "time"),
    ("now()", "time"), ("TIME '01:00'", "text"), ("true", "text"), ("'a'", "text"), ("[1]", "text"), ("NULL", "text"),
])  # fmt: skip
def test_kinds(sql, kind):
    assert sql_tables.kind(found(f"SELECT {sql} AS x").schema.field("x").type) == kind
