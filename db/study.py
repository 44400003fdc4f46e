"""The part of the store that keeps what studies compare: how well each run could see, and what each person showed.

Tables `run_quality` and `track_summary` count what lies outside of excluded ranges, as every figure of the dashboard
does. They are written in the transaction of whatever changes them, so that pages need not read observations.
"""

from __future__ import annotations

from db.emotions import EMOTIONS
from db.session import Session

# The columns of the two tables that are worked out.
QUALITY_FIGURES = (
    "frames", "frames_with_face", "seconds", "excluded_s", "brightness", "sharpness", "face_px", "face_score",
)  # fmt: skip
PEOPLE_FIGURES = ("observations", "seconds", *EMOTIONS, *(f"p_{name}" for name in EMOTIONS), "valence")

# The frames of the chosen runs with the time that each stands for: until the next sampled frame, or one step of the
# sample rate at the end (as in db/results.py). The ranges of a video never overlap, so a frame lies in one that begins
# last before it, or in none.
_FRAMES = """
    WITH chosen AS (SELECT r.run_id, r.video_id, r.sample_fps FROM run r WHERE r.state = 'done' AND {chosen}),
    timed AS (
        SELECT run_id, video_id, frame, t_s, faces, brightness, sharpness,
            coalesce(lead(t_s) OVER (PARTITION BY run_id ORDER BY t_s, frame), t_s + 1 / sample_fps) - t_s AS seconds
        FROM frame JOIN chosen USING (run_id)
        WHERE run_id IN (SELECT run_id FROM chosen)
    ),
    placed AS (
        SELECT timed.*, coalesce(timed.t_s < e.to_s, false) AS excluded
        FROM timed ASOF LEFT JOIN excluded_range e ON timed.video_id = e.video_id AND timed.t_s >= e.from_s
    ),
    face AS (
        SELECT o.*, placed.seconds FROM observation o JOIN placed USING (run_id, frame)
        WHERE NOT placed.excluded AND o.run_id IN (SELECT run_id FROM chosen)
    )"""

_QUALITY = (
    _FRAMES
    + """,
    looked AS (
        SELECT run_id, count(*) FILTER (NOT excluded) AS frames,
            count(*) FILTER (NOT excluded AND faces > 0) AS frames_with_face,
            sum(seconds) FILTER (NOT excluded) AS seconds, sum(seconds) FILTER (excluded) AS excluded_s,
            avg(brightness) FILTER (NOT excluded) AS brightness, median(sharpness) FILTER (NOT excluded) AS sharpness
        FROM placed GROUP BY run_id
    ),
    seen AS (SELECT run_id, median(w) AS face_px, avg(face_score) AS face_score FROM face GROUP BY run_id)
    SELECT run_id, coalesce(frames, 0) AS frames, coalesce(frames_with_face, 0) AS frames_with_face,
        coalesce(looked.seconds, 0) AS seconds, coalesce(excluded_s, 0) AS excluded_s,
        brightness, sharpness, face_px, face_score
    FROM chosen LEFT JOIN looked USING (run_id) LEFT JOIN seen USING (run_id)
"""
)

_PEOPLE = (
    _FRAMES
    + """,
    shown AS (
        SELECT run_id, track_id, count(*) AS observations, sum(seconds) AS held_s, {shares}, {means},
            sum(valence * seconds) / nullif(sum(seconds), 0) AS valence
        FROM face GROUP BY run_id, track_id
    )
    SELECT track.run_id, track.track_id, coalesce(shown.observations, 0) AS observations,
        coalesce(held_s, 0) AS seconds, {names}, valence
    FROM track JOIN chosen USING (run_id) LEFT JOIN shown USING (run_id, track_id)
    ORDER BY track.run_id, track.track_id
"""
)


def quality_sql(chosen: str) -> str:
    """A SELECT that gives run_quality's columns for the finished runs `r` that fulfil the condition `chosen`."""
    return _QUALITY.format(chosen=chosen)


def people_sql(chosen: str) -> str:
    """A SELECT that gives track_summary's columns for the people of the finished runs `r` that fulfil `chosen`."""
    shares = [f"sum(seconds) FILTER (smoothed = '{name}') AS {name}_s" for name in EMOTIONS]
    means = [f"sum({name} * seconds) / nullif(sum(seconds), 0) AS p_{name}" for name in EMOTIONS]
    # Who is seen and never shows it has a share of 0; who is never seen, or for no time, has none.
    names = [f"coalesce({name}_s, 0) / nullif(held_s, 0) AS {name}" for name in EMOTIONS]
    names += [f"p_{name}" for name in EMOTIONS]
    return _PEOPLE.format(chosen=chosen, shares=", ".join(shares), means=", ".join(means), names=", ".join(names))


class Study(Session):
    """Keeps the figures of runs and of their people true."""

    def add_up(self, chosen: str, values: list | None = None) -> None:
        """Write run_quality and track_summary anew for the finished runs `r` that fulfil the condition `chosen`.

        values: what stands for the marks in `chosen`. Call it in the transaction of the change.
        """
        with self.transaction():
            self._write(
                f"DELETE FROM track_summary WHERE run_id IN (SELECT r.run_id FROM run r WHERE {chosen})", values
            )
            self._write(f"INSERT OR REPLACE INTO run_quality BY NAME {quality_sql(chosen)}", values)
            self._write(f"INSERT INTO track_summary BY NAME {people_sql(chosen)}", values)

    def add_up_what_is_missing(self) -> int:
        """Add up the finished runs that have no figures yet, as after a migration; returns how many those were."""
        missing = "r.state = 'done' AND r.run_id NOT IN (SELECT run_id FROM run_quality)"
        runs = self._read(f"SELECT count(*) AS n FROM run r WHERE {missing}")[0]["n"]
        if runs:
            with self.transaction():
                # One condition for both tables: the first fills what the second would look for.
                ids = [row["run_id"] for row in self._read(f"SELECT r.run_id FROM run r WHERE {missing}")]
                self.add_up("r.run_id IN (SELECT unnest(?::INTEGER[]))", [ids])
        return runs
