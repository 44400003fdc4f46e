"""The published snapshot, read-only: one connection recipe and one function for each query that the dashboard needs.

Functions take an open connection and return a pandas DataFrame (or a dict for one row); times are seconds from the
start of the video, moments are UTC. Values reach SQL as parameters only.

Every function about one run reads rows of that run only. Runs are inserted whole, so their rows lie together and DuckDB
skips the rest by its zone maps: a page takes the same time in a small store and in one of ten million observations.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pandas as pd

from db.emotions import EMOTIONS
from db.migrations import migrations, version

# What connect() gives and every function takes; others need not import duckdb to name it.
Connection = duckdb.DuckDBPyConnection

# More readers of one file must agree on these, or DuckDB refuses the second: always connect through connect().
CONFIG = {"enable_external_access": "false", "lock_configuration": "true"}


class SnapshotMissing(Exception):
    """There is no published snapshot yet."""


def connect(snapshot: Path) -> Connection:
    """A read-only connection that can read the snapshot and nothing else: no files, no network, no other settings.

    The pointer is resolved first, because a process that reopens a replaced file under the same name gets the old rows.
    Raises SnapshotMissing if nothing has been published yet.
    """
    for _ in range(3):  # the pointer can move, and the file behind it be removed, between the two steps
        try:
            file = Path(snapshot).resolve(strict=True)
        except FileNotFoundError:
            break
        try:
            return duckdb.connect(str(file), read_only=True, config=CONFIG)
        except duckdb.IOException:
            if file.exists():
                raise
    raise SnapshotMissing(
        f"{snapshot} does not exist: nothing has been analysed yet, or the processor has not published it."
    )


def is_current(con: Connection) -> bool:
    """Whether a snapshot has just the tables that this Moodreel knows: not one of an earlier version, or a later."""
    return version(con) == len(migrations())


# --- Library ---------------------------------------------------------------------------------------------------------


def videos(con: Connection) -> pd.DataFrame:
    """One row per video, newest first: what it is, the state of its newest run, and what its current run found.

    Columns: video_id, sha256, name, path, source, subject, cohort, session, tags (dict; None without any), recorded_at,
    added_at (UTC), missing_since (UTC), consent, size_bytes, duration_s, newest_run_id, state, error, attempt, run_id
    (the current run; NA if none), frames_sampled, coverage (0 to 1), tracks, observations, mean_valence (-1 to 1; NA
    without a face), valence_curve (list of 40, None in a part without a face; or None).
    """
    rows = con.execute("""
        WITH newest AS (
            SELECT video_id, max(run_id) AS run_id FROM run GROUP BY video_id
        )
        SELECT v.video_id, v.sha256, v.name, v.path, v.source, v.subject, v.cohort, v.session, v.tags,
            v.recorded_at, v.added_at, v.missing_since, v.consent, v.size_bytes, v.duration_s,
            n.run_id AS newest_run_id, r.state::VARCHAR AS state, r.error, r.attempt, s.run_id, s.frames_sampled,
            s.coverage, s.tracks, s.observations, s.mean_valence, s.valence_curve
        FROM video v
        LEFT JOIN newest n USING (video_id)
        LEFT JOIN run r ON r.run_id = n.run_id
        LEFT JOIN video_summary s ON s.video_id = v.video_id
        ORDER BY v.added_at DESC, v.video_id
    """).df()
    # Lists come as masked arrays, whose gaps numpy would turn into numbers.
    curves = [curve.tolist() if hasattr(curve, "tolist") else None for curve in rows["valence_curve"]]
    tags = [tags or None if isinstance(tags, dict) else None for tags in rows["tags"]]
    as_they_are = {"valence_curve": curves, "tags": tags}
    return rows.assign(**{name: pd.Series(each, index=rows.index, dtype=object) for name, each in as_they_are.items()})


def unreadable_files(con: Connection, limit: int = 50) -> pd.DataFrame:
    """Files of the watched folders that could not be read. Columns: path, size_bytes, error (a sentence)."""
    return con.execute(
        "SELECT path, size_bytes, error FROM file WHERE error IS NOT NULL ORDER BY path LIMIT $limit", {"limit": limit}
    ).df()


def refused_requests(con: Connection, limit: int = 20) -> pd.DataFrame:
    """The latest requests that the processor refused. Columns: request_id, kind, requested_at (UTC), reason, name.

    name: of the video that it is about, where that is known; else what the request itself names.
    """
    return con.execute(
        """
        SELECT l.request_id, l.kind, l.requested_at, l.reason,
            coalesce(v.name, l.request->>'$.name', l.request->>'$.path', l.request->>'$.video_id',
                l.request->>'$.run_id', l.request->>'$.model') AS name
        FROM request_log l
        LEFT JOIN run r ON r.run_id = try_cast(l.request->>'$.run_id' AS INTEGER)
        LEFT JOIN video v ON v.video_id = coalesce(l.request->>'$.video_id', r.video_id)
        WHERE l.state = 'refused' ORDER BY l.handled_at DESC, l.request_id DESC LIMIT $limit
        """,
        {"limit": limit},
    ).df()


# --- Video -----------------------------------------------------------------------------------------------------------


def video(con: Connection, video_id: str) -> dict | None:
    """Everything known of one video, or None if there is no such video.

    All columns of table `video`; `newest` is the row of its newest run as a dict (or None), `current` the row of its
    current run (or None).
    """
    rows = _dicts(con.execute("SELECT * FROM video WHERE video_id = $id", {"id": video_id}))
    if not rows:
        return None
    query = "SELECT * REPLACE (state::VARCHAR AS state) FROM run WHERE video_id = $id ORDER BY run_id DESC"
    runs = _dicts(con.execute(query, {"id": video_id}))
    return {
        **rows[0],
        "newest": runs[0] if runs else None,
        "current": next((run for run in runs if run["current"]), None),
    }


def tracks(con: Connection, run_id: int) -> pd.DataFrame:
    """Who was seen in a run, the most seen first. Columns: track_id, label (or None), first_s, last_s, observations."""
    query = """
        SELECT track_id, label, first_s, last_s, observations FROM track WHERE run_id = $run_id
        ORDER BY observations DESC, track_id
    """
    return con.execute(query, {"run_id": run_id}).df()


# Every sampled frame of a run with its place in the order, the time until which it holds, and whether it counts.
_FRAMES = """
    ranges AS (
        SELECT from_s, to_s FROM excluded_range WHERE video_id = (SELECT video_id FROM run WHERE run_id = $run_id)
    ),
    frames AS (
        SELECT frame, t_s, (row_number() OVER (ORDER BY t_s, frame) - 1)::INTEGER AS nth,
            coalesce(lead(t_s) OVER (ORDER BY t_s, frame),
                t_s + (SELECT 1 / sample_fps FROM run WHERE run_id = $run_id)) AS end_s,
            EXISTS (SELECT 1 FROM ranges WHERE t_s >= from_s AND t_s < to_s) AS excluded,
            faces, brightness, sharpness
        FROM frame WHERE run_id = $run_id
    )"""


def frames(con: Connection, run_id: int) -> pd.DataFrame:
    """Every frame that a run looked at, in order of time; empty for a run that there is not.

    Columns: frame, t_s, end_s (until when it holds: the next sampled frame, or one step of the sample rate), nth (its
    place among the sampled frames, from 0), faces, brightness (0 to 255), sharpness (variance of the Laplacian; low is
    blurred), excluded (whether it lies in an excluded range of the video).
    """
    query = f"""
        WITH {_FRAMES} SELECT frame, t_s, end_s, nth, faces, brightness, sharpness, excluded FROM frames ORDER BY nth
    """
    return con.execute(query, {"run_id": run_id}).df()


def faces(con: Connection, run_id: int) -> pd.DataFrame:
    """Every face of a run, in order of time, frame and track; empty without a face.

    Columns: frame, t_s, end_s, nth (as from `frames`), track_id, x, y, w, h (pixels in display orientation), face_score
    (0 to 1; NaN where the detector gives none), the seven probabilities, emotion, smoothed, category (texts), valence
    (-1 to 1), excluded (whether it lies in an excluded range of the video).
    """
    query = f"""
        WITH {_FRAMES}
        SELECT o.frame, f.t_s, f.end_s, f.nth, o.track_id, o.x, o.y, o.w, o.h, o.face_score, {", ".join(EMOTIONS)},
            o.emotion::VARCHAR AS emotion, o.smoothed::VARCHAR AS smoothed, o.category::VARCHAR AS category, o.valence,
            f.excluded
        FROM observation o JOIN frames f USING (frame)
        WHERE o.run_id = $run_id ORDER BY f.nth, o.track_id
    """
    return con.execute(query, {"run_id": run_id}).df()


# --- Downloads -------------------------------------------------------------------------------------------------------


def labels(con: Connection, run_id: int, track_id: int | None = None) -> pd.DataFrame:
    """The labels of every face in order of time. Columns: t_s, track_id, raw, smoothed (emotions)."""
    query = """
        SELECT t_s, track_id, emotion::VARCHAR AS raw, smoothed::VARCHAR AS smoothed FROM observation
        WHERE run_id = $run_id AND ($track_id IS NULL OR track_id = $track_id) ORDER BY t_s, frame, track_id
    """
    return con.execute(query, {"run_id": run_id, "track_id": track_id}).df()


def observations(con: Connection, run_id: int) -> pd.DataFrame:
    """Every face of a run with everything known of it: the columns of table `observation`, and the track's label."""
    query = """
        SELECT o.run_id, o.frame, o.t_s, o.track_id, t.label, o.* EXCLUDE (run_id, frame, t_s, track_id)
        FROM observation o LEFT JOIN track t ON t.run_id = o.run_id AND t.track_id = o.track_id
        WHERE o.run_id = $run_id ORDER BY o.t_s, o.frame, o.track_id
    """
    return con.execute(query, {"run_id": run_id}).df()


def _dicts(result: Connection) -> list[dict]:
    names = [column[0] for column in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
