"""The published snapshot, read-only: which tables and views it has, and what they mean. As in db/results.py."""

from __future__ import annotations

import pandas as pd

from db.results import Connection


def tables(con: Connection) -> pd.DataFrame:
    """The tables and views, views first, which people want first. Columns: name, kind (table, view), comment (or None).

    What the project keeps for itself (schema_version) is there as well: nothing that can be asked is hidden.
    """
    rows = con.execute("""
        SELECT view_name AS name, 'view' AS kind, comment, 0 AS place FROM duckdb_views()
        WHERE schema_name = 'main' AND NOT internal
        UNION ALL
        SELECT table_name, 'table', comment, 1 FROM duckdb_tables() WHERE schema_name = 'main' AND NOT internal
        ORDER BY place, name
    """).df()
    return rows.drop(columns="place").assign(comment=[None if pd.isna(text) else text for text in rows["comment"]])


def columns(con: Connection, table: str) -> pd.DataFrame:
    """The columns of a table or view in their order. Columns: name, type, comment (or None)."""
    rows = con.execute(
        """
        SELECT column_name AS name, data_type AS type, comment FROM duckdb_columns()
        WHERE schema_name = 'main' AND table_name = $table ORDER BY column_index
        """,
        {"table": table},
    ).df()
    return rows.assign(comment=[None if pd.isna(text) else text for text in rows["comment"]])


def everything(table: str, names: list[str]) -> str:
    """A query for what is in a table: every column by its name, the first 1000 rows."""
    listed = ", ".join(f'"{name}"' if not name.isidentifier() else name for name in names)
    return f"SELECT {listed}\nFROM {table}\nLIMIT 1000"
