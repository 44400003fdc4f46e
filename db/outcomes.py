"""What became of requests and runs, read from a published snapshot: for whoever handed something over and waits."""

from __future__ import annotations

import json

from db.emotions import EMOTIONS
from db.results import Connection


def requests(con: Connection, request_ids: list[str]) -> dict[str, dict]:
    """Those of the requests that were dealt with: request_id -> {state, reason, request with its outcome}."""
    rows = con.execute(
        "SELECT request_id, state, reason, request::VARCHAR FROM request_log "
        "WHERE request_id IN (SELECT unnest($ids::VARCHAR[]))",
        {"ids": request_ids},
    ).fetchall()
    return {row[0]: {"state": row[1], "reason": row[2], "request": json.loads(row[3])} for row in rows}


def runs(con: Connection, run_ids: list[int]) -> dict[int, dict]:
    """Those of the runs that are there: run_id -> what it is and what it found.

    {video_id, run_id, state, error, duration_s, frames_sampled, frames_with_face, tracks, seconds, shares: {emotion: 0
    to 1}, mean_valence (-1 to 1), model_id, detector}; None for what is not known (yet), or without a face.
    """
    cursor = con.execute(
        "SELECT r.video_id, r.run_id, r.state::VARCHAR AS state, r.error, v.duration_s, r.frames_sampled, "
        "r.frames_with_face, s.tracks, r.seconds, s.mean_valence, r.model_id, r.detector, "
        f"{', '.join(f's.{emotion}' for emotion in EMOTIONS)} "
        "FROM run r JOIN video v USING (video_id) LEFT JOIN run_summary s USING (run_id) "
        "WHERE r.run_id IN (SELECT unnest($ids::INTEGER[]))",
        {"ids": run_ids},
    )
    names = [column[0] for column in cursor.description]
    found = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return {row["run_id"]: row | {"shares": {name: row.pop(name) for name in EMOTIONS}} for row in found}
