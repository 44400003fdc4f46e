"""The published snapshot, read-only: the files that were made from a video on request."""

from __future__ import annotations

import json

from db.results import Connection


def made_files(con: Connection, video_id: str) -> list[dict]:
    """What was made, or is to be made, from a video, the latest asked for first.

    Each a dict of table made_file's columns: made_id, video_id, run_id, kind (`proxy`, `annotated` or `clips`), options
    (a dict), state (`queued`, `running`, `done`, `failed`, or `cancelled`: removed to make room), file (its name in the
    home's folder made/; None unless done), size_bytes, error (a sentence or None), requested_at, finished_at (UTC); and
    video_name.
    """
    found = con.execute(
        """
        SELECT m.* REPLACE (m.state::VARCHAR AS state), v.name AS video_name
        FROM made_file m JOIN video v USING (video_id)
        WHERE m.video_id = $video_id ORDER BY m.requested_at DESC, m.made_id DESC
        """,
        {"video_id": video_id},
    )
    names = [column[0] for column in found.description]
    rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    return [row | {"options": json.loads(row["options"])} for row in rows]


def proxy(con: Connection, video_id: str) -> dict | None:
    """The H.264 proxy of a video, as from `made_files`, whatever its state; None if none was asked for."""
    return next((made for made in made_files(con, video_id) if made["kind"] == "proxy"), None)
