"""A store written anew: what was deleted stays in blocks of the file that nobody uses, and a fresh file has none."""

from __future__ import annotations

from pathlib import Path

import duckdb

# What makes up a schema, comments and the sequences' next values included. Each is asked of both files, and compared.
_SCHEMA = (
    "SELECT table_name, sql, comment FROM duckdb_tables() WHERE database_name = $name",
    "SELECT table_name, column_name, column_index, data_type, column_default, is_nullable, comment "
    "FROM duckdb_columns() WHERE database_name = $name AND NOT internal",
    "SELECT view_name, sql, comment FROM duckdb_views() WHERE database_name = $name AND NOT internal",
    "SELECT type_name, labels::VARCHAR, comment FROM duckdb_types() WHERE database_name = $name AND NOT internal",
    "SELECT sequence_name, last_value, sql FROM duckdb_sequences() WHERE database_name = $name",
    "SELECT table_name, constraint_text FROM duckdb_constraints() WHERE database_name = $name",
    "SELECT table_name, index_name, sql FROM duckdb_indexes() WHERE database_name = $name",
)


class RewriteFailed(Exception):
    """The fresh file is not what the store is; the store was left as it is."""


def fresh_path(store: Path) -> Path:
    """Where the fresh file of a store is written."""
    return store.with_name(f"{store.name}.fresh")


def write_fresh(connection: duckdb.DuckDBPyConnection, store: Path) -> Path:
    """Copy an open store, with nothing but its rows and schema, into a fresh file beside it; returns its path.

    Nobody may write meanwhile. Raises RewriteFailed when the copy has another schema or other numbers of rows.
    """
    fresh = fresh_path(store)
    discard(fresh)
    (name,) = connection.execute("SELECT current_database()").fetchone()
    quoted = str(fresh).replace("'", "''")
    connection.execute(f"ATTACH '{quoted}' AS fresh")
    try:
        connection.execute(f'COPY FROM DATABASE "{name}" TO fresh')
        for query in _SCHEMA:
            before, after = (
                sorted(connection.execute(query, {"name": database}).fetchall(), key=repr)
                for database in (name, "fresh")
            )
            if before != after:
                raise RewriteFailed(f"{store} could not be written anew: its schema would not be the same.")
        tables = "SELECT table_name FROM duckdb_tables() WHERE database_name = $name"
        for (table,) in connection.execute(tables, {"name": name}).fetchall():
            before, after = (
                connection.execute(f'SELECT count(*) FROM "{database}"."{table}"').fetchone()
                for database in (name, "fresh")
            )
            if before != after:
                raise RewriteFailed(f"{store} could not be written anew: rows of table {table} would be missing.")
        connection.execute("CHECKPOINT fresh")
    except BaseException:
        connection.execute("DETACH fresh")
        discard(fresh)
        raise
    connection.execute("DETACH fresh")
    return fresh


def discard(fresh: Path) -> None:
    """Remove a fresh file that never took its place, such as one of a process that was killed."""
    for path in (fresh, fresh.with_name(f"{fresh.name}.wal")):
        path.unlink(missing_ok=True)
