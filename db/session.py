"""One connection, used by one thread at a time: reads, writes and transactions that nest."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import duckdb
import pyarrow as pa

from db.connection import StoreWriteFailed, explain

Result = TypeVar("Result")


class Session:
    """What the parts of the store share. `changed` is True when something was committed since the last publishing."""

    changed: bool

    def __init__(self, path: Path, connection: duckdb.DuckDBPyConnection):
        self.path = path
        self.changed = False
        self._connection = connection
        self._lock = threading.RLock()
        self._depth = 0
        self._written = False

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is written inside is kept, or nothing of it; other threads wait.

        A transaction inside another one joins it: only the outer one commits. A statement that DuckDB refuses ends the
        whole transaction, so don't catch its error and go on inside. Raises StoreWriteFailed when the disk refuses.
        """
        with self._lock:
            if self._depth == 0:
                self._connection.begin()
                self._written = False
            self._depth += 1
            try:
                yield
                if self._depth == 1:
                    self._connection.commit()
                    self.changed |= self._written
            except BaseException as error:
                if self._depth == 1:
                    self._roll_back()
                    if isinstance(error, duckdb.Error) and is_refused_by_disk(error):
                        raise StoreWriteFailed(
                            f"{self.path} could not be written, and nothing of this change was kept: "
                            f"look whether the disk is full, then try again. ({error})"
                        ) from error
                raise
            finally:
                self._depth -= 1

    def read_with(self, query: Callable[[duckdb.DuckDBPyConnection], Result]) -> Result:
        """What one of the functions that read an open snapshot finds in the store itself; other threads wait."""
        with self._lock:
            return query(self._connection)

    def _roll_back(self) -> None:
        try:
            self._connection.rollback()
        except duckdb.TransactionException:
            # A commit that failed has rolled back by itself; a second complaint would hide the first.
            return

    def _read(self, sql: str, values: list | None = None) -> list[dict]:
        with self._lock:
            try:
                cursor = self._connection.execute(sql, values)
                names = [column[0] for column in cursor.description]
                return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
            except duckdb.IOException as error:
                # A file that was cut off or changed opens all the same: each block is read, and checked, when needed.
                if "Could not read" in str(error) or "Corrupt" in str(error):
                    raise explain(self.path, str(error)) from error
                raise

    def _write(self, sql: str, values: list | None = None) -> list[dict]:
        with self.transaction():
            self._written = True
            return self._read(sql, values)

    def _insert_arrow(self, name: str, arrow_rows: pa.Table, **constants) -> None:
        """Insert Arrow rows into table `name` by column name, with a column for each of `constants` added."""
        added = "".join(f"? AS {column}, " for column in constants)
        with self.transaction():
            self._written = True
            # DuckDB finds the Python variable `arrow_rows` by its name, and reads it in place.
            self._connection.execute(
                f"INSERT INTO {name} BY NAME SELECT {added}* FROM arrow_rows", list(constants.values())
            )

    def _known(self, table: str, key: str | int) -> dict:
        """The row of table video or run with that id. Raises KeyError."""
        rows = self._read(f"SELECT * FROM {table} WHERE {table}_id = ?", [key])
        if not rows:
            raise KeyError(f"There is no {table} {key!r} in the store.")
        return rows[0]


def is_refused_by_disk(error: duckdb.Error) -> bool:
    """Whether DuckDB could not write (it says so with different exceptions while it runs and while it commits)."""
    return isinstance(error, (duckdb.IOException, duckdb.FatalException)) or "Could not write file" in str(error)


def utc_now() -> datetime:
    """Now, as the store keeps times: UTC, without a zone."""
    return datetime.now(UTC).replace(tzinfo=None)


def utc(value: datetime | str | None) -> datetime | None:
    """A time as the store keeps it, from a datetime or ISO text; without a zone it is UTC already."""
    if value is None:
        return None
    value = datetime.fromisoformat(value) if isinstance(value, str) else value
    return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
