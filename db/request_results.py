"""The published snapshot, read-only: what became of requests."""

from __future__ import annotations

from db.results import Connection


def outcomes(con: Connection, request_ids: list[str]) -> dict[str, str | None]:
    """Of the requests that have been dealt with: why each was refused, as a sentence; None if it was applied."""
    query = "SELECT request_id, reason FROM request_log WHERE request_id IN (SELECT unnest($ids::VARCHAR[]))"
    return dict(con.execute(query, {"ids": list(request_ids)}).fetchall())


def kept_as(con: Connection, live_id: str) -> dict | None:
    """What became of a live session: {reason, video_id, run_id}; None while it has not been dealt with.

    reason: why it was refused, as a sentence, else None; then video_id and run_id say what it became.
    """
    query = """
        SELECT reason, request->>'$.video_id', try_cast(request->>'$.run_id' AS INTEGER) FROM request_log
        WHERE request_id = $id
    """
    row = con.execute(query, {"id": live_id}).fetchone()
    return dict(zip(("reason", "video_id", "run_id"), row, strict=True)) if row else None
