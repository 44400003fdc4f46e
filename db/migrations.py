"""Numbered schema changes: applied in order, each in one transaction together with the record that it ran."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from db.connection import StoreDamaged, StoreTooNew
from db.emotions import CATEGORY, EMOTIONS, VALENCE

SCHEMA = Path(__file__).parent / "schema"


@dataclass(frozen=True)
class Migration:
    """One file `schema/<version>_<name>.sql`; versions count from 1 without a gap."""

    version: int
    name: str
    sql: str


def migrations(folder: Path = SCHEMA) -> list[Migration]:
    """All migrations in `folder`, in order. Raises ValueError where the numbering has a gap or a number comes twice."""
    found = []
    for path in sorted(folder.glob("*.sql")):
        match = re.fullmatch(r"(\d{4})_(\w+)\.sql", path.name)
        if not match or int(match[1]) != len(found) + 1:
            raise ValueError(f"Expected migration {len(found) + 1:04d}_<name>.sql in {folder}. Received: {path.name}")
        found.append(Migration(int(match[1]), match[2], path.read_text()))
    return found


def version(connection: duckdb.DuckDBPyConnection) -> int:
    """The schema version of an open store; 0 when it is empty. Raises StoreDamaged when the tables are not ours."""
    tables = {name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    if not tables:
        return 0
    if "schema_version" not in tables:
        raise StoreDamaged(
            f"This database holds other tables ({', '.join(sorted(tables))}) and no schema_version, so it is not a "
            "store of Moodreel. Choose another home, or move the file away."
        )
    return connection.execute("SELECT coalesce(max(version), 0) FROM schema_version").fetchone()[0]


def migrate(connection: duckdb.DuckDBPyConnection, folder: Path = SCHEMA) -> int:
    """Bring an open store up to date; returns how many migrations were applied.

    Raises StoreTooNew when the store knows more migrations than this code, StoreDamaged when it is no store of ours.
    A migration that fails leaves the store as the one before it made it.
    """
    known, present = migrations(folder), version(connection)
    if present > len(known):
        raise StoreTooNew(
            f"The store has schema version {present}, and this Moodreel knows versions up to {len(known)}: "
            "it was last used by a newer Moodreel. Update Moodreel, or choose another home."
        )
    for migration in known[present:]:
        connection.begin()
        try:
            connection.execute(migration.sql)
            fill_emotions(connection)
            connection.execute(
                "INSERT INTO schema_version VALUES (?, ?, ?)",
                [migration.version, migration.name, datetime.now(UTC).replace(tzinfo=None)],
            )
            connection.commit()
        except duckdb.Error:
            connection.rollback()
            raise
    return len(known) - present


def fill_emotions(connection: duckdb.DuckDBPyConnection) -> None:
    """Write db/emotions.py into table `emotion`."""
    connection.executemany(
        "INSERT OR REPLACE INTO emotion VALUES (?, ?, ?)", [[name, CATEGORY[name], VALENCE[name]] for name in EMOTIONS]
    )
