"""The published snapshot, read-only: what became of requests."""

from __future__ import annotations

from db.results import Connection


def outcomes(con: Connection, request_ids: list[str]) -> dict[str, str | None]:
    """Of the requests that have been dealt with: why each was refused, as a sentence; None if it was applied."""
    query = "SELECT request_id, reason FROM request_log WHERE request_id IN (SELECT unnest($ids::VARCHAR[]))"
    return dict(con.execute(query, {"ids": list(request_ids)}).fetchall())
