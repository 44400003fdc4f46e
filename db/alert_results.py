"""The published snapshot, read-only: alert rules, the alerts of current runs, and what became of messages.

As in db/results.py: an open connection in, a pandas DataFrame out, values as parameters only. Times of alerts are
seconds from the start of the video, moments UTC.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from db.emotions import EMOTIONS
from db.results import Connection


def rules(con: Connection) -> pd.DataFrame:
    """All rules in order of their names.

    Columns: rule_id, name, target, threshold (NaN: the target's sensitivity), at_least_s, within_s, enabled, notify,
    alerts (how many of current runs).
    """
    return con.execute("""
        SELECT rule_id, r.name, r.target, r.threshold, at_least_s, within_s, enabled, notify, coalesce(n, 0) AS alerts
        FROM alert_rule r
        LEFT JOIN (
            SELECT rule_id, count(*) AS n FROM alert JOIN run USING (run_id) WHERE current GROUP BY rule_id
        ) USING (rule_id)
        ORDER BY r.name, rule_id
    """).df()


def sensitivities(con: Connection) -> dict[str, float]:
    """The threshold of each target for which one was chosen."""
    return dict(con.execute("SELECT target, threshold FROM sensitivity").fetchall())


# The alerts that count: those of current runs, with the choices of a list.
_CHOSEN = """
    FROM alert a JOIN run r USING (run_id) JOIN video v USING (video_id)
    LEFT JOIN track t ON t.run_id = a.run_id AND t.track_id = a.track_id
    WHERE r.current AND ($rule IS NULL OR a.rule_id = $rule) AND ($subject IS NULL OR v.subject = $subject)
        AND ($video IS NULL OR v.video_id = $video) AND (NOT $left OR a.acknowledged_at IS NULL)
"""


def alerts(
    con: Connection, rule_id: str | None = None, subject: str | None = None, video_id: str | None = None,
    only_left: bool = False, limit: int = 50, offset: int = 0,
) -> pd.DataFrame:  # fmt: skip
    """The alerts of current runs that fit every choice, the newest first; of one run in order of time.

    only_left: only those that nobody has acknowledged. Columns: alert_id, rule_id, rule, target, threshold, start_s,
    end_s, held_s, peak, raised_at, acknowledged_at (NaT until then), note (None where there is none), track_id, label
    (None: unnamed), video_id, name, subject, sent (how many messages about it went out), failed (how many were given
    up).
    """
    rows = con.execute(
        f"""
        WITH shown AS (
            SELECT a.alert_id, a.rule_id, a.rule, a.target, a.threshold, a.start_s, a.end_s, a.held_s, a.peak,
                a.raised_at, a.acknowledged_at, a.note, a.run_id, a.track_id, t.label, v.video_id, v.name, v.subject
            {_CHOSEN} ORDER BY a.raised_at DESC, a.run_id DESC, a.start_s, a.alert_id LIMIT $limit OFFSET $offset
        )
        SELECT shown.*, (SELECT count(*) FROM alert_delivery d WHERE d.alert_id = shown.alert_id AND state = 'sent')
                AS sent,
            (SELECT count(*) FROM alert_delivery d WHERE d.alert_id = shown.alert_id AND state = 'failed') AS failed
        FROM shown ORDER BY raised_at DESC, run_id DESC, start_s, alert_id
        """,
        _choices(rule_id, subject, video_id, only_left) | {"limit": limit, "offset": offset},
    ).df()
    for name in ("note", "label", "subject"):
        rows[name] = pd.Series([None if pd.isna(text) else text for text in rows[name]], rows.index, dtype=object)
    return rows


def count(
    con: Connection, rule_id: str | None = None, subject: str | None = None, video_id: str | None = None,
    only_left: bool = False,
) -> int:  # fmt: skip
    """How many alerts of current runs fit every choice; arguments as for `alerts`."""
    chosen = _choices(rule_id, subject, video_id, only_left)
    return con.execute(f"SELECT count(*) {_CHOSEN}", chosen).fetchone()[0]


def subjects(con: Connection) -> list[str]:
    """The subjects of videos whose current run has alerts, in order."""
    found = con.execute("""
        SELECT DISTINCT v.subject FROM alert a JOIN run r USING (run_id) JOIN video v USING (video_id)
        WHERE r.current AND v.subject IS NOT NULL ORDER BY v.subject
    """)
    return [subject for (subject,) in found.fetchall()]


def _choices(rule_id: str | None, subject: str | None, video_id: str | None, only_left: bool) -> dict:
    return {"rule": rule_id, "subject": subject, "video": video_id, "left": only_left}


# --- what a rule would raise -----------------------------------------------------------------------------------------


def newest_runs(con: Connection, most_runs: int, most_faces: int) -> pd.DataFrame:
    """The current runs with faces that were finished last: at most so many, and with at most so many faces in all.

    Columns: run_id, video_id, sample_fps, smoothing, observations.
    """
    return con.execute(
        """
        SELECT * EXCLUDE (so_far, finished_at) FROM (
            SELECT run_id, video_id, sample_fps, smoothing, observations, finished_at,
                sum(observations) OVER (ORDER BY finished_at DESC, run_id DESC) AS so_far
            FROM run JOIN run_summary USING (run_id) WHERE current AND observations > 0
        ) WHERE so_far <= $faces ORDER BY finished_at DESC, run_id DESC LIMIT $runs
        """,
        {"runs": most_runs, "faces": most_faces},
    ).df()


def faces(con: Connection, run_id: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The faces of a run in order of time, as rules look at them, and the times of its frames.

    Returns t_s (N,), track_id (N,), probabilities (N, 7), frames_s (M,).
    """
    columns = ", ".join(EMOTIONS)
    rows = con.execute(
        f"SELECT t_s, track_id, {columns} FROM observation WHERE run_id = $run ORDER BY t_s, track_id", {"run": run_id}
    ).fetchnumpy()
    frames = con.execute("SELECT t_s FROM frame WHERE run_id = $run", {"run": run_id}).fetchnumpy()
    probabilities = np.column_stack([np.asarray(rows[name], np.float64) for name in EMOTIONS])
    return np.asarray(rows["t_s"]), np.asarray(rows["track_id"]), probabilities, np.asarray(frames["t_s"])


# --- messages --------------------------------------------------------------------------------------------------------


def deliveries(con: Connection) -> pd.DataFrame:
    """What became of messages, a row for each channel that has any.

    Columns: channel, waiting, sent, failed (counts, without tests), error (why the latest try failed, of those that
    wait or were given up; None where all went out), next_try_at (UTC), test (waiting, sent, failed; None without one),
    test_error.
    """
    rows = con.execute("""
        SELECT channel,
            count(*) FILTER (NOT test AND state = 'waiting') AS waiting,
            count(*) FILTER (NOT test AND state = 'sent') AS sent,
            count(*) FILTER (NOT test AND state = 'failed') AS failed,
            max_by(error, coalesce(next_try_at, TIMESTAMP '1970-01-01')) FILTER (NOT test AND error IS NOT NULL)
                AS error,
            min(next_try_at) FILTER (NOT test AND state = 'waiting') AS next_try_at,
            any_value(state) FILTER (test) AS test, any_value(error) FILTER (test) AS test_error
        FROM (SELECT *, starts_with(alert_id, 'test/') AS test FROM alert_delivery)
        GROUP BY channel ORDER BY channel
    """).df()
    for name in ("error", "test", "test_error"):
        rows[name] = pd.Series([None if pd.isna(text) else text for text in rows[name]], rows.index, dtype=object)
    return rows
