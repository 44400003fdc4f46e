"""The part of the store that knows what people saved under a name: queries of the SQL page, and filters of videos."""

from __future__ import annotations

import json

from db.session import Session, utc_now

# What is saved under a name, and the column of its table that has it; table and key are named after the kind.
KINDS = {"query": "sql", "filter": "filter"}


class Saved(Session):
    """kind: one of KINDS. A query's value is its SQL, a filter's a dict (see processor/saved_form.py).

    No two of a kind have the same name.
    """

    def saved(self, kind: str, *, key: str | None = None, name: str | None = None) -> dict | None:
        """What is saved under that key, or that name: {key, name, value}; None if there is none."""
        column, wanted = (f"{kind}_id", key) if key is not None else ("name", name)
        rows = self._read(
            f"SELECT {kind}_id AS key, name, {KINDS[kind]} AS value FROM saved_{kind} WHERE {column} = ?", [wanted]
        )
        for row in rows:
            row["value"] = json.loads(row["value"]) if kind == "filter" else row["value"]
        return rows[0] if rows else None

    def save(self, kind: str, key: str, name: str, value: str | dict) -> None:
        """Save under that key and name, in place of what has the key. Raises ValueError where another has the name."""
        with self.transaction():
            there = self.saved(kind, name=name)
            if there is not None and there["key"] != key:
                raise ValueError(f"Expected a name that no other {kind} has. Received: {name!r}")
            values = [name, value if kind == "query" else json.dumps(value), utc_now(), key]
            column = KINDS[kind]
            changed = self._write(
                f"UPDATE saved_{kind} SET name = ?, {column} = ?, saved_at = ? WHERE {kind}_id = ? RETURNING name",
                values,
            )
            if not changed:
                self._write(
                    f"INSERT INTO saved_{kind} (name, {column}, saved_at, {kind}_id) VALUES (?, ?, ?, ?)", values
                )

    def forget(self, kind: str, key: str) -> bool:
        """Forget what is saved under that key; False if there is none."""
        return bool(self._write(f"DELETE FROM saved_{kind} WHERE {kind}_id = ? RETURNING name", [key]))
