"""How long things have been kept: what the retention in days is counted from."""

from __future__ import annotations

from datetime import datetime

# Each thing that can be kept for a number of days only. Videos and thumbnails count from the day the video came, made
# files from the day they were made, results from the end of the newest analysis.
_AGES = """
    SELECT 'videos' AS kind, v.video_id, v.name, v.path AS file, v.size_bytes, v.added_at AS since
    FROM video v WHERE v.missing_since IS NULL
    UNION ALL
    SELECT 'thumbnails', t.video_id, v.name, t.file, t.size_bytes, v.added_at
    FROM thumbnail t JOIN video v USING (video_id)
    UNION ALL
    SELECT 'made', m.made_id, v.name, m.file, m.size_bytes, m.finished_at
    FROM made_file m JOIN video v USING (video_id) WHERE m.state = 'done'
    UNION ALL
    SELECT 'results', v.video_id, v.name, NULL, NULL, max(r.finished_at)
    FROM video v JOIN run r USING (video_id)
    GROUP BY v.video_id, v.name
    HAVING count(*) FILTER (r.state = 'done') > 0 AND count(*) FILTER (r.state IN ('queued', 'running')) = 0
    ORDER BY since, kind, 2
"""
_NEWEST = """
    SELECT max(moment) FROM (
        SELECT max(added_at) AS moment FROM video UNION ALL SELECT max(finished_at) FROM run
        UNION ALL SELECT max(queued_at) FROM run UNION ALL SELECT max(handled_at) FROM request_log
    )
"""


def ages(con) -> list[dict]:
    """Everything that is kept, from an open store or snapshot, the oldest first.

    Each {kind (videos, thumbnails, made, results), key (of the video or made file), name (of the video), file (path of
    a video, name of another; None for results), size_bytes, since (UTC)}.
    """
    names = ("kind", "key", "name", "file", "size_bytes", "since")
    return [dict(zip(names, row, strict=True)) for row in con.execute(_AGES).fetchall()]


def newest_moment(con) -> datetime | None:
    """The latest moment (UTC) that an open store or snapshot tells of; None where it tells of none."""
    return con.execute(_NEWEST).fetchone()[0]
