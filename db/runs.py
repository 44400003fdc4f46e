"""The part of the store that knows runs: the queue, their states, and what a finished one found."""

from __future__ import annotations

from collections.abc import Collection

import pyarrow as pa

from db.emotions import EMOTIONS
from db.session import utc_now
from db.study import Study
from db.summary import summary_sql

FRAME_COLUMNS = ("frame", "t_s", "faces", "brightness", "sharpness")
TRACK_COLUMNS = ("track_id", "first_s", "last_s", "observations")
OBSERVATION_COLUMNS = (
    *("frame", "t_s", "track_id", "x", "y", "w", "h", "face_score"),
    *EMOTIONS,
    *("emotion", "smoothed", "category", "valence"),
)


class Runs(Study):
    """Runs go queued -> running -> done, failed or cancelled. Every change raises KeyError for a run that is unknown.

    What comes too late changes nothing and returns False: a worker may finish, or die, after its run was cancelled.
    """

    def queue_run(
        self, video_id: str, *, sample_fps: float, smoothing: str, priority: int = 0,
        model_id: str | None = None, detector: str | None = None,
    ) -> int:  # fmt: skip
        """Queue an analysis; returns its run_id. Raises KeyError for an unknown video."""
        self._known("video", video_id)
        return self._write(
            "INSERT INTO run (video_id, sample_fps, smoothing, priority, model_id, detector, queued_at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING run_id",
            [video_id, sample_fps, smoothing, priority, model_id, detector, utc_now()],
        )[0]["run_id"]

    def next_runs(self, limit: int, barred: Collection[str] = ()) -> list[dict]:
        """Up to `limit` queued runs, the next one first, each with path, name and duration_s of its video.

        barred: ids of videos that must not be analysed now; their runs stay queued.
        """
        return self._read(
            "SELECT r.*, v.path, v.name, v.duration_s FROM run r JOIN video v USING (video_id) "
            "WHERE r.state = 'queued' AND r.video_id NOT IN (SELECT unnest(?::VARCHAR[])) "
            "ORDER BY r.priority DESC, r.queued_at, r.run_id LIMIT ?",
            [list(barred), limit],
        )

    def run(self, run_id: int) -> dict | None:
        """One run as a dict of table run's columns; None if unknown."""
        rows = self._read("SELECT * FROM run WHERE run_id = ?", [run_id])
        return rows[0] if rows else None

    def current_run(self, video_id: str) -> dict | None:
        """The run of a video whose results count, as a dict of table run's columns; None while none has finished."""
        rows = self._read("SELECT * FROM run WHERE video_id = ? AND current", [video_id])
        return rows[0] if rows else None

    def runs(self, state: str | None = None) -> list[dict]:
        """All runs, or those in `state`, oldest first."""
        return self._read("SELECT * FROM run WHERE ? IS NULL OR state::VARCHAR = ? ORDER BY run_id", [state, state])

    def start_run(self, run_id: int) -> int:
        """Mark a queued run as running; returns the number of this attempt, from 1.

        Raises ValueError when the run is not queued (any more).
        """
        self._known("run", run_id)
        started = self._write(
            "UPDATE run SET state = 'running', attempt = attempt + 1, started_at = ?, error = NULL "
            "WHERE run_id = ? AND state = 'queued' RETURNING attempt",
            [utc_now(), run_id],
        )
        if not started:
            raise ValueError(f"Only a queued run can be started. Received: run {run_id}, {self.run(run_id)['state']}")
        return started[0]["attempt"]

    def finish_run(
        self, run_id: int, *, frames: pa.Table, tracks: pa.Table, observations: pa.Table, model_id: str, detector: str,
        device: str, seconds: float, corrupt_packets: int, note: str | None = None,
    ) -> bool:  # fmt: skip
        """Store what a run found and mark it done, all in one transaction.

        Returns False, with nothing stored, if the run had ended already (cancelled, or finished before). The newest
        finished run of a video becomes its current one. Set the video's duration before: the summary's curve divides
        it. Columns go in by name; raises ValueError where a table has others than it should.
        """
        tables = (
            ("frame", frames, FRAME_COLUMNS),
            ("track", tracks, TRACK_COLUMNS),
            ("observation", observations, OBSERVATION_COLUMNS),
        )
        for name, table, expected in tables:
            if sorted(table.column_names) != sorted(expected):
                raise ValueError(
                    f"Expected the columns {', '.join(expected)} for table {name}. "
                    f"Received: {', '.join(table.column_names)}"
                )
        with self.transaction():
            video_id = self._known("run", run_id)["video_id"]
            ended = self._write(
                "UPDATE run SET state = 'done', finished_at = ?, model_id = ?, detector = ?, device = ?, seconds = ?, "
                "corrupt_packets = ?, note = ?, frames_sampled = ?, error = NULL "
                "WHERE run_id = ? AND state IN ('queued', 'running') RETURNING run_id",
                [utc_now(), model_id, detector, device, seconds, corrupt_packets, note, frames.num_rows, run_id],
            )
            if not ended:
                return False
            for name, table, _ in tables:
                if name == "observation":  # what the tracker said stays, whatever people say of it later
                    table = table.append_column("tracked_as", table["track_id"])
                self._insert_arrow(name, table, run_id=run_id)
            self._write(
                "UPDATE run SET frames_with_face = (SELECT count(*) FROM frame WHERE run_id = ? AND faces > 0) "
                "WHERE run_id = ?",
                [run_id, run_id],
            )
            self._write(f"INSERT INTO run_summary BY NAME {summary_sql('r.run_id = ?')}", [run_id])
            self.add_up("r.run_id = ?", [run_id])
            # Newest means queued last: a reprocessing that overtook an older run of the same video stays current.
            self._write(
                "UPDATE run SET current = run_id = (SELECT max(run_id) FROM run WHERE video_id = ? AND state = 'done') "
                "WHERE video_id = ? AND (current OR run_id = ?)",
                [video_id, video_id, run_id],
            )
            return True

    def fail_run(self, run_id: int, error: str) -> bool:
        """Mark a run as failed for good, with the reason as a sentence; False if it had ended already."""
        return self._end(run_id, "failed", error)

    def cancel_run(self, run_id: int) -> bool:
        """Cancel a queued or running run; False if it had ended already."""
        return self._end(run_id, "cancelled", None)

    def requeue_run(self, run_id: int, error: str | None = None) -> bool:
        """Queue a run again, keeping `error` as the reason; False if it is done (then queue a new one).

        An interrupted run keeps its count of attempts; one that had failed or was cancelled starts counting anew.
        """
        self._known("run", run_id)
        return bool(
            self._write(
                "UPDATE run SET attempt = CASE WHEN state IN ('failed', 'cancelled') THEN 0 ELSE attempt END, "
                "state = 'queued', started_at = NULL, finished_at = NULL, error = ? "
                "WHERE run_id = ? AND state <> 'done' RETURNING run_id",
                [error, run_id],
            )
        )

    def requeue_interrupted(self, max_attempts: int) -> list[int]:
        """At start: queue the runs again that were running when the last process ended; returns those.

        One that was started `max_attempts` times already is failed instead.
        """
        with self.transaction():
            queued = []
            for run in self.runs("running"):
                if run["attempt"] < max_attempts:
                    self.requeue_run(run["run_id"], run["error"])
                    queued.append(run["run_id"])
                else:
                    self.fail_run(
                        run["run_id"],
                        f"Moodreel was stopped {run['attempt']} times while it analysed this video, and gave up. Retry "
                        "it when nothing else is running; if that fails too, it may need more memory than there is.",
                    )
            return queued

    def _end(self, run_id: int, state: str, error: str | None) -> bool:
        self._known("run", run_id)
        return bool(
            self._write(
                "UPDATE run SET state = ?, error = ?, finished_at = ? "
                "WHERE run_id = ? AND state IN ('queued', 'running') RETURNING run_id",
                [state, error, utc_now(), run_id],
            )
        )
