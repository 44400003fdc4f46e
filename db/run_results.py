"""The published snapshot, read-only: the finished runs of one video, to be compared.

As in db/results.py: an open connection in, a pandas DataFrame out, values as parameters only.
"""

from __future__ import annotations

import pandas as pd

from db.results import Connection


def runs_of(con: Connection, video_id: str) -> pd.DataFrame:
    """The finished runs of a video, the current one first and then the newest; empty where there is none.

    Columns: run_id, current, model (name and version; the id where the model is not known any more), model_id,
    detector, device, sample_fps, smoothing, finished_at (UTC), seconds (that it took), frames_sampled,
    frames_with_face, people, observations, mean_valence (-1 to 1; NA without a face), note (None where there is none).
    """
    query = """
        SELECT r.run_id, r.current, coalesce(m.name || ' ' || m.version, r.model_id, 'unknown') AS model, r.model_id,
            r.detector, r.device, r.sample_fps, r.smoothing, r.finished_at, r.seconds, r.frames_sampled,
            r.frames_with_face, coalesce(s.tracks, 0) AS people, coalesce(s.observations, 0) AS observations,
            s.mean_valence, r.note
        FROM run r
        LEFT JOIN model m USING (model_id)
        LEFT JOIN run_summary s USING (run_id)
        WHERE r.video_id = $video_id AND r.state = 'done'
        ORDER BY r.current DESC, r.run_id DESC
    """
    return con.execute(query, {"video_id": video_id}).df()


def waiting(con: Connection, video_id: str) -> int:
    """How many analyses of a video are queued or under way."""
    query = "SELECT count(*) FROM run WHERE video_id = $video_id AND state IN ('queued', 'running')"
    return con.execute(query, {"video_id": video_id}).fetchone()[0]
