"""The part of the store that knows files made from videos on request: proxies, annotated videos, clips."""

from __future__ import annotations

import json
from datetime import datetime

import pyarrow as pa

from db.emotions import EMOTIONS
from db.session import Session, utc, utc_now


class MadeFiles(Session):
    """Made files go queued -> running -> done, failed or cancelled (removed to make room); unwanted ones are deleted.

    What comes too late changes nothing and returns False: a file may be finished after it was given up.
    """

    def queue_made(
        self, made_id: str, video_id: str, kind: str, options: dict, *, run_id: int | None = None,
        requested_at: datetime | str | None = None,
    ) -> str:  # fmt: skip
        """Queue a file to be made; returns its id, or that of the same one that waits, is being made, or is there.

        The same: of this video, run and kind, with equal options. One that failed or was removed is replaced. Raises
        KeyError for an unknown video.
        """
        with self.transaction():
            self._known("video", video_id)
            for made in self.made_files(video_id):
                if (made["run_id"], made["kind"], made["options"]) == (run_id, kind, options):
                    if made["state"] in ("queued", "running", "done"):
                        return made["made_id"]
                    self.delete_made(made["made_id"])
            self._write(
                "INSERT INTO made_file (made_id, video_id, run_id, kind, options, state, requested_at) "
                "VALUES (?, ?, ?, ?, ?, 'queued', ?)",
                [made_id, video_id, run_id, kind, json.dumps(options), utc(requested_at) or utc_now()],
            )
            return made_id

    def made_file(self, made_id: str) -> dict | None:
        """One made file as a dict of table made_file's columns, `options` parsed; None if unknown."""
        rows = self._made("WHERE made_id = ?", [made_id])
        return rows[0] if rows else None

    def made_files(self, video_id: str | None = None) -> list[dict]:
        """Those of a video, or all of them, in the order they were asked for; each as from `made_file`."""
        return self._made("WHERE ? IS NULL OR video_id = ?", [video_id, video_id])

    def next_made(self) -> dict | None:
        """The one that has waited longest, as from `made_file`, with path, name and duration_s of its video."""
        waiting = self._made("WHERE state = 'queued'", [])
        if not waiting:
            return None
        video = self._known("video", waiting[0]["video_id"])
        return waiting[0] | {name: video[name] for name in ("path", "name", "duration_s")}

    def start_made(self, made_id: str) -> bool:
        """It is being made now; False if it did not wait (any more)."""
        query = "UPDATE made_file SET state = 'running' WHERE made_id = ? AND state = 'queued' RETURNING made_id"
        return bool(self._write(query, [made_id]))

    def finish_made(self, made_id: str, file: str, size_bytes: int) -> bool:
        """It lies in made/ under the name `file`; False if nobody wants it any more."""
        return self._end_made(made_id, "done", file, size_bytes, None)

    def fail_made(self, made_id: str, error: str) -> bool:
        """It could not be made, with the reason as a sentence; False if nobody wants it any more."""
        return self._end_made(made_id, "failed", None, None, error)

    def remove_made(self, made_id: str, reason: str) -> bool:
        """A finished one was removed to make room, with the reason as a sentence; False if it was not finished."""
        return bool(
            self._write(
                "UPDATE made_file SET state = 'cancelled', file = NULL, size_bytes = NULL, error = ? "
                "WHERE made_id = ? AND state = 'done' RETURNING made_id",
                [reason, made_id],
            )
        )

    def delete_made(self, made_id: str) -> bool:
        """Forget one; False if it is not known. Its file is for the caller to remove."""
        return bool(self._write("DELETE FROM made_file WHERE made_id = ? RETURNING made_id", [made_id]))

    def requeue_made(self) -> list[str]:
        """At start: queue again what was being made when the last process ended; returns those."""
        query = "UPDATE made_file SET state = 'queued' WHERE state = 'running' RETURNING made_id"
        return [row["made_id"] for row in self._write(query)]

    def faces_of_run(self, run_id: int) -> pa.Table:
        """Every face of a run in order of track and time, for drawing on its video; may be empty.

        Columns: track_id (int32), label (string, null: unnamed), t_s, until_s (float64: when the next frame was looked
        at, or one step later), x, y, w, h (float32, pixels as displayed), the seven probabilities (float32), smoothed.
        """
        sides = ", ".join(f"o.{side}" for side in ("x", "y", "w", "h", *EMOTIONS))
        query = f"""
            WITH looked_at AS (
                SELECT frame, coalesce(lead(t_s) OVER (ORDER BY t_s, frame),
                    t_s + (SELECT 1 / sample_fps FROM run WHERE run_id = $run_id)) AS until_s
                FROM frame WHERE run_id = $run_id
            )
            SELECT o.track_id, t.label, o.t_s, l.until_s, {sides}, o.smoothed::VARCHAR AS smoothed
            FROM observation o JOIN looked_at l USING (frame)
            LEFT JOIN track t ON t.run_id = $run_id AND t.track_id = o.track_id
            WHERE o.run_id = $run_id ORDER BY o.track_id, o.t_s
        """
        with self._lock:
            return self._connection.sql(query, params={"run_id": run_id}).to_arrow_table()

    def excluded_of(self, video_id: str) -> list[list[float]]:
        """The stretches of a video that do not count, as [from_s, to_s], in order of time."""
        query = "SELECT from_s, to_s FROM excluded_range WHERE video_id = ? ORDER BY from_s"
        return [[row["from_s"], row["to_s"]] for row in self._read(query, [video_id])]

    def _made(self, where: str, values: list) -> list[dict]:
        query = f"SELECT * REPLACE (state::VARCHAR AS state) FROM made_file {where} ORDER BY requested_at, made_id"
        return [row | {"options": json.loads(row["options"])} for row in self._read(query, values)]

    def _end_made(self, made_id: str, state: str, file: str | None, size_bytes: int | None, error: str | None) -> bool:
        return bool(
            self._write(
                "UPDATE made_file SET state = ?, file = ?, size_bytes = ?, error = ?, finished_at = ? "
                "WHERE made_id = ? AND state IN ('queued', 'running') RETURNING made_id",
                [state, file, size_bytes, error, utc_now(), made_id],
            )
        )
