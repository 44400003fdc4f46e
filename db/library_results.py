"""The published snapshot, read-only: thumbnails, what lies outside, and which videos are there more than once."""

from __future__ import annotations

import pandas as pd

from db.results import Connection

# Recordings of the same length to within this are likely the same recording, if they are called the same, too.
SAME_LENGTH_S = 0.1


def thumbnails(con: Connection) -> dict[str, str]:
    """The file names of the thumbnails, by video_id."""
    return dict(con.execute("SELECT video_id, file FROM thumbnail").fetchall())


def outside(con: Connection, home: str) -> tuple[int, int]:
    """How many video files lie outside of the folder `home`, as far as is known, and how many bytes they take."""
    query = """
        SELECT count(*), coalesce(sum(size_bytes), 0)::BIGINT FROM file
        WHERE video_id IS NOT NULL AND error IS NULL AND NOT starts_with(path, $home)
    """
    return con.execute(query, {"home": home.rstrip("/") + "/"}).fetchone()


def copies(con: Connection) -> pd.DataFrame:
    """Videos whose content lies in several places, the most room taken first.

    Columns: video_id, name, size_bytes (of one copy), paths (list, the one that is used first), spare_bytes (what all
    but one take).
    """
    rows = con.execute("""
        WITH place AS (
            SELECT video_id, path FROM file WHERE video_id IS NOT NULL AND error IS NULL
            UNION
            SELECT video_id, path FROM video WHERE missing_since IS NULL
        )
        SELECT v.video_id, v.name, v.size_bytes, list(p.path ORDER BY p.path != v.path, p.path) AS paths,
            v.size_bytes * (count(*) - 1) AS spare_bytes
        FROM video v JOIN place p USING (video_id)
        GROUP BY v.video_id, v.name, v.size_bytes, v.path HAVING count(*) > 1
        ORDER BY spare_bytes DESC, v.name, v.video_id
    """).df()
    return rows.assign(paths=pd.Series([list(paths) for paths in rows["paths"]], index=rows.index, dtype=object))


def likely_same(con: Connection) -> pd.DataFrame:
    """Videos with other content, but called the same and as long as another one to within SAME_LENGTH_S.

    Columns: recording (number from 1: those of one number are likely the same), video_id, name, path, size_bytes,
    duration_s, subject, session, added_at (UTC). In a chain of nearly equal lengths, all are of one number. The name is
    compared without its ending, its case, and what systems add to copies: ` (1)`, ` - Copy`, `_copy`.
    """
    return con.execute(
        r"""
        WITH titled AS (
            SELECT video_id, name, path, size_bytes, duration_s, subject, session, added_at,
                trim(regexp_replace(
                    regexp_replace(lower(name), '\.[a-z0-9]{1,5}$', ''),
                    '([ _-]*\(\d+\)|[ _-]+copy( ?\d+)?|[ _-]+kopie( ?\d+)?)+$', ''
                )) AS title
            FROM video WHERE duration_s IS NOT NULL
        ),
        neighbours AS (
            SELECT *, coalesce(duration_s - lag(duration_s) OVER same > $length_s, true)::INTEGER AS begins
            FROM titled WINDOW same AS (PARTITION BY title ORDER BY duration_s, video_id)
        ),
        chained AS (
            SELECT *, sum(begins) OVER (PARTITION BY title ORDER BY duration_s, video_id) AS chain FROM neighbours
        ),
        together AS (SELECT *, count(*) OVER (PARTITION BY title, chain) AS members FROM chained)
        SELECT dense_rank() OVER (ORDER BY title, chain)::INTEGER AS recording, video_id, name, path, size_bytes,
            duration_s, subject, session, added_at
        FROM together WHERE members > 1 ORDER BY recording, added_at, video_id
        """,
        {"length_s": SAME_LENGTH_S + 1e-9},
    ).df()
