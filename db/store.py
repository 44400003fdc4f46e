"""The store: everything Moodreel keeps, and the one who writes it. Times go in and come out as UTC without a zone."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import duckdb

from db.alerts import Alerts
from db.annotations import Annotations
from db.connection import StoreBusy, StoreDamaged, StoreError, StoreFile, StoreTooNew, StoreWriteFailed
from db.erase import Erasures
from db.evaluations import Evaluations
from db.made_files import MadeFiles
from db.migrations import migrate
from db.people import People
from db.privacy import Privacy
from db.publish import BLOCK_BYTES, PublishFailed, Snapshots
from db.rewrite import discard, fresh_path, write_fresh
from db.runs import Runs
from db.saved import Saved
from db.session import utc, utc_now
from db.thumbnails import Thumbnails

__all__ = ["PublishFailed", "Store", "StoreBusy", "StoreDamaged", "StoreError", "StoreTooNew", "StoreWriteFailed"]

# In this order: what hangs on a run comes before the run.
RUN_TABLES = (
    *("observation", "track", "frame", "run_summary", "run_quality", "track_summary"),
    *("alert", "alert_due", "reviewed_moment", "people_edit", "baseline"),
)


class Store(Runs, Evaluations, People, Annotations, MadeFiles, Saved, Privacy, Erasures, Alerts, Thumbnails):
    """The one writer of `store.duckdb`; several threads may share it, other processes read what it publishes.

    Args:
        path: the store file; made, with its folder, when missing.
        results: folder for the snapshots, with `results.duckdb` beside it; None: nothing is published.
        keep_snapshots: how many snapshots are kept. Defaults to 3.

    Raises StoreBusy, StoreTooNew, StoreDamaged, or StoreError where the file can't be opened.
    """

    def __init__(self, path: Path, results: Path | None = None, keep_snapshots: int = 3):
        self._snapshots = Snapshots(results, keep_snapshots) if results is not None else None
        self._file = StoreFile(path)
        super().__init__(self._file.path, self._file.connection)
        try:
            migrate(self._connection)
            discard(fresh_path(self.path))
            self.add_up_what_is_missing()
            self._video_columns = [row["column_name"] for row in self._read("DESCRIBE video")]
        except StoreError:
            self.close()
            raise
        except duckdb.Error as error:
            self.close()
            raise StoreDamaged(
                f"{self.path} can't be read. Move it away, or put a backup in its place. ({error})"
            ) from error
        # The last process may have ended after a commit and before it published.
        self.changed = results is not None

    def close(self) -> None:
        """Close the store; closing again does nothing."""
        with self._lock:
            self._file.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_) -> None:
        self.close()

    # --- publishing

    def publish(self) -> Path:
        """Publish a consistent copy of the store; returns the numbered snapshot. Other threads wait meanwhile.

        Raises PublishFailed; then the snapshot before stays in force and `changed` stays True.
        """
        if self._snapshots is None:
            raise PublishFailed("This store was opened without a folder for its snapshots.")
        with self._lock:
            if self._depth:
                raise ValueError("A store can't be published inside a transaction.")
            try:
                # The checkpoint brings everything committed into the one file; under our lock it then stands still.
                self._connection.execute("CHECKPOINT")
            except duckdb.Error as error:
                raise PublishFailed(
                    f"{self.path} could not be written, so nothing was published: free some disk space. ({error})"
                ) from error
            snapshot = self._snapshots.publish(self._file.descriptor)
            self.changed = False
            return snapshot

    def write_anew(self) -> int:
        """Write the store into a fresh file that takes its place, publish that, and remove every older snapshot.

        What was deleted is then in none of the files: DuckDB keeps deleted rows in blocks that nobody uses. Other
        threads wait meanwhile; a reader that has an older snapshot open keeps it until it lets go. Returns the number
        of snapshots removed. Raises RewriteFailed, PublishFailed or OSError: then it can be done again.
        """
        with self._lock:
            if self._depth:
                raise ValueError("A store can't be written anew inside a transaction.")
            self._connection.execute("CHECKPOINT")
            self._file.replace_by(write_fresh(self._connection, self.path))
            self._connection = self._file.connection
            self.publish()
            return self._snapshots.remove_older()

    def blocks(self) -> Iterator[bytes]:
        """The store's file as it is now, block by block; nobody may open it to read it (see StoreFile)."""
        offset = 0
        while block := os.pread(self._file.descriptor, BLOCK_BYTES, offset):
            offset += len(block)
            yield block

    # --- videos

    def add_video(self, video: dict) -> bool:
        """Add a video, as a dict of table video's columns; False if it is known already (then nothing changes).

        `added_at` is now unless given. Raises ValueError for names that are no columns.
        """
        values = self._video_values({"added_at": utc_now(), **video})
        with self.transaction():
            if self.video(video["video_id"]) is not None:
                return False
            names, marks = ", ".join(values), ", ".join("?" * len(values))
            self._write(f"INSERT INTO video ({names}) VALUES ({marks})", list(values.values()))
            return True

    def update_video(self, video_id: str, **columns) -> None:
        """Change columns of a video. Raises KeyError if it is unknown, ValueError for names that are no columns."""
        values = self._video_values(columns)
        self._known("video", video_id)
        if values:
            changes = ", ".join(f"{name} = ?" for name in values)
            self._write(f"UPDATE video SET {changes} WHERE video_id = ?", [*values.values(), video_id])

    def update_videos(self, changes: dict[str, dict]) -> None:
        """Change columns of many videos at once: video_id -> columns. Unknown videos are passed over.

        Raises ValueError for names that are no columns.
        """
        types = {row["column_name"]: row["column_type"] for row in self._read("DESCRIBE video")}
        with self.transaction():
            by_column: dict[str, dict] = {}
            for video_id, columns in changes.items():
                for name, value in self._video_values(columns).items():
                    by_column.setdefault(name, {})[video_id] = value
            for name, values in by_column.items():
                self._write(
                    f"UPDATE video SET {name} = new.value FROM (SELECT unnest(?::VARCHAR[]) AS video_id, "
                    f"unnest(?::{types[name]}[]) AS value) new WHERE video.video_id = new.video_id",
                    [list(values), list(values.values())],
                )

    def video(self, video_id: str) -> dict | None:
        """One video as a dict of table video's columns; None if unknown."""
        rows = self._read("SELECT * FROM video WHERE video_id = ?", [video_id])
        return rows[0] if rows else None

    def videos(self) -> list[dict]:
        """All videos, in the order they came."""
        return self._read("SELECT * FROM video ORDER BY added_at, video_id")

    def delete_video(self, video_id: str) -> None:
        """Remove a video with all its runs, what they found, and its rows in table file. Raises KeyError if unknown."""
        with self.transaction():
            self._known("video", video_id)
            self.forget_alerts_of(video_id)
            for table in RUN_TABLES:
                self._write(
                    f"DELETE FROM {table} WHERE run_id IN (SELECT run_id FROM run WHERE video_id = ?)", [video_id]
                )
            for table in ("marker", "excluded_range", "made_file", "thumbnail", "run", "file", "video"):
                self._write(f"DELETE FROM {table} WHERE video_id = ?", [video_id])

    def _video_values(self, columns: dict) -> dict:
        # The names become SQL, so only those of the table are let through.
        unknown = sorted(set(columns) - set(self._video_columns))
        if unknown:
            raise ValueError(f"Expected columns of table video. Received: {', '.join(unknown)}")
        return {name: utc(value) if isinstance(value, datetime) else value for name, value in columns.items()}

    # --- files of the watched folders

    def files(self) -> dict[str, dict]:
        """Every file that was looked at: path -> {video_id, size_bytes, mtime_ns, error}."""
        return {
            row.pop("path"): row for row in self._read("SELECT path, video_id, size_bytes, mtime_ns, error FROM file")
        }

    def put_file(self, path: str, video_id: str | None, size_bytes: int, mtime_ns: int, error: str | None) -> None:
        """Remember a file that was looked at, in place of what was known of that path."""
        self._write(
            "INSERT OR REPLACE INTO file (path, video_id, size_bytes, mtime_ns, error) VALUES (?, ?, ?, ?, ?)",
            [path, video_id, size_bytes, mtime_ns, error],
        )

    def remove_files(self, paths: list[str]) -> None:
        """Forget files; paths that are not known are passed over."""
        if paths:
            self._write("DELETE FROM file WHERE path IN (SELECT unnest(?::VARCHAR[]))", [list(paths)])

    # --- requests

    def request_handled(self, request_id: str) -> bool:
        """Whether a request was applied or refused already."""
        return bool(self._read("SELECT 1 AS yes FROM request_log WHERE request_id = ?", [request_id]))

    def request_state(self, request_id: str) -> str | None:
        """What became of a request: applied or refused; None while it has not been dealt with."""
        rows = self._read("SELECT state FROM request_log WHERE request_id = ?", [request_id])
        return rows[0]["state"] if rows else None

    def log_request(
        self, request_id: str, kind: str, requested_at: datetime | str, state: str, reason: str | None, request: dict
    ) -> None:
        """Record a request as applied or refused; call it inside the transaction that applies it."""
        self._write(
            "INSERT INTO request_log (request_id, kind, requested_at, handled_at, state, reason, request) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            [request_id, kind, utc(requested_at), utc_now(), state, reason, json.dumps(request, default=str)],
        )
