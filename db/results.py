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

from db.emotions import CATEGORIES, CATEGORY_VALUE, EMOTIONS

# What connect() gives and every function takes; others need not import duckdb to name it.
Connection = duckdb.DuckDBPyConnection

# More readers of one file must agree on these, or DuckDB refuses the second: always connect through connect().
CONFIG = {"enable_external_access": "false", "lock_configuration": "true"}

# What a wide screen can show: more points than this on one line only cost time.
SCREEN_POINTS = 1000


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


# --- Library ---------------------------------------------------------------------------------------------------------


def videos(con: Connection) -> pd.DataFrame:
    """One row per video, newest first: what it is, the state of its newest run, and what its current run found.

    Columns: video_id, name, path, source, subject, cohort, session, recorded_at, added_at (UTC), missing_since (UTC),
    size_bytes, duration_s, newest_run_id, state, error, attempt, run_id (the current run; NA if none), frames_sampled,
    coverage (0 to 1), tracks, observations, mean_valence (-1 to 1; NA without a face), valence_curve (list of 40, None
    in a part without a face; or None).
    """
    rows = con.execute("""
        WITH newest AS (
            SELECT video_id, max(run_id) AS run_id FROM run GROUP BY video_id
        )
        SELECT v.video_id, v.name, v.path, v.source, v.subject, v.cohort, v.session, v.recorded_at, v.added_at,
            v.missing_since, v.size_bytes, v.duration_s, n.run_id AS newest_run_id, r.state::VARCHAR AS state, r.error,
            r.attempt, s.run_id, s.frames_sampled, s.coverage, s.tracks, s.observations, s.mean_valence, s.valence_curve
        FROM video v
        LEFT JOIN newest n USING (video_id)
        LEFT JOIN run r ON r.run_id = n.run_id
        LEFT JOIN video_summary s ON s.video_id = v.video_id
        ORDER BY v.added_at DESC, v.video_id
    """).df()
    # Lists come as masked arrays, whose gaps numpy would turn into numbers.
    curves = [curve.tolist() if hasattr(curve, "tolist") else None for curve in rows["valence_curve"]]
    return rows.assign(valence_curve=pd.Series(curves, index=rows.index, dtype=object))


def unreadable_files(con: Connection, limit: int = 50) -> pd.DataFrame:
    """Files of the watched folders that could not be read. Columns: path, size_bytes, error (a sentence)."""
    return con.execute(
        "SELECT path, size_bytes, error FROM file WHERE error IS NOT NULL ORDER BY path LIMIT $limit", {"limit": limit}
    ).df()


def refused_requests(con: Connection, limit: int = 20) -> pd.DataFrame:
    """The latest requests that the processor refused. Columns: request_id, kind, requested_at (UTC), reason, name."""
    return con.execute(
        """
        SELECT request_id, kind, requested_at, reason,
            coalesce(request->>'$.name', request->>'$.path', request->>'$.video_id', request->>'$.run_id',
                request->>'$.model') AS name
        FROM request_log WHERE state = 'refused' ORDER BY handled_at DESC, request_id DESC LIMIT $limit
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


def bin_s(con: Connection, run_id: int, from_s: float, to_s: float, points: int = SCREEN_POINTS) -> float | None:
    """How many seconds one point of a line stands for, so that there are at most `points`; None: one frame each."""
    query = "SELECT count(*) FROM frame WHERE run_id = $run_id AND t_s >= $from_s AND t_s < $to_s"
    frames = con.execute(query, {"run_id": run_id, "from_s": from_s, "to_s": to_s}).fetchone()[0]
    return (to_s - from_s) / points if frames > points else None


_VALUE = "CASE {} " + " ".join(f"WHEN '{name}' THEN {CATEGORY_VALUE[name]}" for name in CATEGORIES) + " END"

# The faces of a run (of one track, or of all), with the time for which each holds and both categories as -1, 0, +1.
_SEEN = f"""
    {_FRAMES},
    seen AS (
        SELECT f.nth, f.t_s, f.end_s, o.track_id, {", ".join(f"o.{name}" for name in EMOTIONS)}, o.emotion, o.smoothed,
            {_VALUE.format("e.category")} AS raw_value, {_VALUE.format("o.category")} AS smoothed_value
        FROM observation o
        JOIN frames f USING (frame)
        JOIN emotion e ON e.emotion = o.emotion
        WHERE o.run_id = $run_id AND ($track_id IS NULL OR o.track_id = $track_id)
    )"""


def series(
    con: Connection,
    run_id: int,
    track_id: int | None = None,
    from_s: float = 0.0,
    to_s: float = float("inf"),
    bin_s: float | None = None,
    window_s: float = 0.0,
) -> pd.DataFrame:
    """The course of the emotions, one row per point in order of time; empty without a face.

    track_id: one track, or None for the mean of all faces of a frame. bin_s: seconds that one point stands for, or None
    for one point per sampled frame. window_s: width of a centred mean over time along each track, 0 for none.

    Columns: t_s, end_s (until when it holds), segment (a new number wherever a sampled frame without the face lies
    between this point and the one before: a line is broken there), the seven probabilities, raw and smoothed (category
    as -1, 0, +1; of several faces or frames the mean, rounded, halves towards 0), observations.
    """
    near = "PARTITION BY track_id ORDER BY t_s RANGE BETWEEN $half PRECEDING AND $half FOLLOWING"
    soft = ", ".join(f"avg({name}) OVER ({near}) AS {name}" if window_s else name for name in EMOTIONS)
    query = f"""
        WITH {_SEEN},
        softened AS (SELECT nth, t_s, end_s, raw_value, smoothed_value, {soft} FROM seen),
        points AS (
            SELECT min(t_s) AS t_s, max(end_s) AS end_s, min(nth) AS first_nth, max(nth) AS last_nth,
                {", ".join(f"avg({name})::REAL AS {name}" for name in EMOTIONS)},
                avg(raw_value) AS raw_mean, avg(smoothed_value) AS smoothed_mean, count(*) AS observations
            FROM softened
            WHERE t_s >= $from_s AND t_s < $to_s
            GROUP BY CASE WHEN $bin_s IS NULL THEN nth ELSE floor((t_s - $from_s) / $bin_s) END
        ),
        broken AS (
            SELECT *, coalesce(first_nth - lag(last_nth) OVER (ORDER BY first_nth) > 1, false) AS gap FROM points
        )
        SELECT t_s, end_s, (sum(gap::INTEGER) OVER (ORDER BY first_nth))::INTEGER AS segment, {", ".join(EMOTIONS)},
            {_rounded("raw_mean")} AS raw, {_rounded("smoothed_mean")} AS smoothed, observations
        FROM broken ORDER BY first_nth
    """
    values = {"run_id": run_id, "track_id": track_id, "from_s": from_s, "to_s": to_s, "bin_s": bin_s}
    if window_s:
        values["half"] = window_s / 2 + 1e-9  # a hair wider, as in processor/smooth.py
    return con.execute(query, values).df()


def _rounded(mean: str) -> str:
    return f"CASE WHEN {mean} > 0.5 THEN 1 WHEN {mean} < -0.5 THEN -1 ELSE 0 END"


def seconds(
    con: Connection,
    run_id: int,
    track_id: int | None = None,
    from_s: float = 0.0,
    to_s: float = float("inf"),
) -> pd.DataFrame:
    """How long each emotion was seen: seven rows in the order of EMOTIONS.

    A face holds from its frame to the next sampled one. With track_id None the times of all faces are added.
    Columns: emotion, category, raw, smoothed (seconds).
    """
    query = f"""
        WITH {_SEEN},
        held AS (SELECT emotion, smoothed, end_s - t_s AS held_s FROM seen WHERE t_s >= $from_s AND t_s < $to_s)
        SELECT e.emotion::VARCHAR AS emotion, e.category::VARCHAR AS category,
            coalesce((SELECT sum(held_s) FROM held WHERE held.emotion = e.emotion), 0)::DOUBLE AS raw,
            coalesce((SELECT sum(held_s) FROM held WHERE held.smoothed = e.emotion), 0)::DOUBLE AS smoothed
        FROM emotion e ORDER BY e.emotion
    """
    return con.execute(query, {"run_id": run_id, "track_id": track_id, "from_s": from_s, "to_s": to_s}).df()


def distribution(
    con: Connection,
    run_id: int,
    track_id: int | None = None,
    from_s: float = 0.0,
    to_s: float = float("inf"),
    part_s: float = 60.0,
    smoothed: bool = True,
) -> pd.DataFrame:
    """How long each emotion was seen in each part of the video (a minute, if not said otherwise).

    A face counts in the part in which its frame lies. Parts without a face have no row.
    Columns: start_s (of the part), emotion, seconds.
    """
    label = "smoothed" if smoothed else "emotion"
    query = f"""
        WITH {_SEEN}
        SELECT floor(t_s / $part_s) * $part_s AS start_s, {label}::VARCHAR AS emotion,
            sum(end_s - t_s)::DOUBLE AS seconds
        FROM seen WHERE t_s >= $from_s AND t_s < $to_s
        GROUP BY 1, {label} ORDER BY 1, {label}
    """
    values = {"run_id": run_id, "track_id": track_id, "from_s": from_s, "to_s": to_s, "part_s": part_s}
    return con.execute(query, values).df()


def presence(
    con: Connection,
    run_id: int,
    from_s: float = 0.0,
    to_s: float = float("inf"),
    bin_s: float | None = None,
) -> pd.DataFrame:
    """When each track is in the picture, as unbroken spans in order of track and time.

    With bin_s, absences shorter than that many seconds are bridged. Columns: track_id, label, start_s, end_s.
    """
    query = f"""
        WITH {_FRAMES},
        seen AS (
            SELECT o.track_id, f.nth, f.t_s, f.end_s FROM observation o JOIN frames f USING (frame)
            WHERE o.run_id = $run_id AND f.t_s >= $from_s AND f.t_s < $to_s
        ),
        starts AS (
            SELECT *, coalesce(nth - lag(nth) OVER track > 1 AND t_s - lag(end_s) OVER track >= $bin_s, true) AS starts
            FROM seen WINDOW track AS (PARTITION BY track_id ORDER BY nth)
        ),
        spans AS (SELECT *, sum(starts::INTEGER) OVER (PARTITION BY track_id ORDER BY nth) AS span FROM starts)
        SELECT s.track_id, any_value(t.label) AS label, min(s.t_s) AS start_s, max(s.end_s) AS end_s
        FROM spans s LEFT JOIN track t ON t.run_id = $run_id AND t.track_id = s.track_id
        GROUP BY s.track_id, s.span ORDER BY s.track_id, start_s
    """
    return con.execute(query, {"run_id": run_id, "from_s": from_s, "to_s": to_s, "bin_s": bin_s or 0.0}).df()


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
