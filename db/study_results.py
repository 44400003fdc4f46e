"""What studies compare, from the published snapshot: who was seen in each video, for how long, and what they showed.

Only the tables that were added up beforehand are read, never an observation.
"""

from __future__ import annotations

import pandas as pd

from db.emotions import EMOTIONS
from db.results import Connection

_TEXTS = ("subject", "cohort", "session", "tags", "state", "error", "label")
_SHOWN = ", ".join(f"s.{name}" for name in (*EMOTIONS, *(f"p_{name}" for name in EMOTIONS), "valence"))


def units(con: Connection) -> pd.DataFrame:
    """One row for each person of the current run of each video, in the order in which videos came, then by track.

    A video without a finished run, and one in which nobody was seen, has one row, in which track_id is NA.

    Columns: video_id, name, subject, cohort, session, recorded_at, added_at (UTC), tags (dict or None), duration_s,
    state (of the newest run, None if there is none), error, frames_sampled, seen (share of all frames looked at that
    show a face, as in the library), run_id (NA while none has finished), coverage (the same share of the frames that
    count: those outside of excluded ranges; NaN where none does), seconds (that count), excluded_s, brightness (mean,
    0 to 255), sharpness (median), face_px (median width of a face), face_score (mean), track_id, label, observations
    and person_s (in which the person is seen and that count), the share of that time with each emotion, the mean
    probability p_... of each over it (0 to 1), and valence (mean, -1 to 1); NaN where nothing counts.
    """
    rows = con.execute(f"""
        WITH newest AS (SELECT video_id, max(run_id) AS run_id FROM run GROUP BY video_id)
        SELECT v.video_id, v.name, v.subject, v.cohort, v.session, v.recorded_at, v.added_at, v.tags, v.duration_s,
            newest_run.state::VARCHAR AS state, newest_run.error, r.frames_sampled,
            r.frames_with_face / nullif(r.frames_sampled, 0) AS seen, r.run_id,
            q.frames_with_face / nullif(q.frames, 0) AS coverage, q.seconds, q.excluded_s, q.brightness, q.sharpness,
            q.face_px, q.face_score, t.track_id, t.label, s.observations, s.seconds AS person_s, {_SHOWN}
        FROM video v
        LEFT JOIN newest n USING (video_id)
        LEFT JOIN run newest_run ON newest_run.run_id = n.run_id
        LEFT JOIN run r ON r.video_id = v.video_id AND r.current
        LEFT JOIN run_quality q ON q.run_id = r.run_id
        LEFT JOIN track t ON t.run_id = r.run_id
        LEFT JOIN track_summary s ON s.run_id = t.run_id AND s.track_id = t.track_id
        ORDER BY v.added_at, v.video_id, t.track_id
    """).df()
    integers = {name: "Int64" for name in ("frames_sampled", "run_id", "track_id", "observations")}
    texts = {name: rows[name].astype(object).where(rows[name].notna(), None) for name in _TEXTS}
    return rows.assign(**texts).astype(integers)
