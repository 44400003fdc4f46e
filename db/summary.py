"""What a run found, added up: the SQL behind table `run_summary`, used to write it and to check it."""

from db.emotions import EMOTIONS

CURVE_PARTS = 40

# One row per chosen run, with the columns of run_summary. The curve divides the video's duration, or the time of the
# last frame where the duration is unknown; container durations can be a little short, so late frames fall into the last
# part.
_SUMMARY = """
WITH span AS (
    SELECT r.run_id,
        coalesce(nullif(v.duration_s, 0), (SELECT max(t_s) FROM frame f WHERE f.run_id = r.run_id), 0) AS span_s
    FROM run r LEFT JOIN video v USING (video_id)
    WHERE {chosen}
),
seen AS (
    SELECT run_id, count(*) AS observations, {shares}, avg(valence) AS mean_valence
    FROM observation WHERE run_id IN (SELECT run_id FROM span)
    GROUP BY run_id
),
part AS (
    SELECT run_id,
        CASE WHEN span_s > 0 THEN least({last}, greatest(0, floor(t_s / span_s * {parts})))::INTEGER ELSE 0 END AS part,
        avg(valence) AS valence
    FROM observation JOIN span USING (run_id)
    GROUP BY ALL
),
curve AS (
    SELECT span.run_id, list(part.valence::REAL ORDER BY number.part) AS valence_curve
    FROM span CROSS JOIN (SELECT unnest(range({parts})) AS part) number
    LEFT JOIN part ON part.run_id = span.run_id AND part.part = number.part
    GROUP BY span.run_id
)
SELECT span.run_id, coalesce(seen.observations, 0) AS observations,
    (SELECT count(*) FROM track t WHERE t.run_id = span.run_id)::INTEGER AS tracks,
    {names}, seen.mean_valence, curve.valence_curve
FROM span JOIN curve USING (run_id) LEFT JOIN seen USING (run_id)
"""


def summary_sql(chosen: str) -> str:
    """A SELECT that gives run_summary's columns for the runs `r` that fulfil the condition `chosen`."""
    return _SUMMARY.format(
        chosen=chosen,
        parts=CURVE_PARTS,
        last=CURVE_PARTS - 1,
        shares=", ".join(f"count(*) FILTER (smoothed = '{name}') / count(*) AS {name}" for name in EMOTIONS),
        names=", ".join(f"seen.{name}" for name in EMOTIONS),
    )
