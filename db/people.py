"""The part of the store that knows who is who in a run: what people said of it, and the baselines they chose."""

from __future__ import annotations

from collections.abc import Collection

import pyarrow as pa

from db.emotions import EMOTIONS
from db.session import utc_now
from db.study import Study
from db.summary import summary_sql

EDIT_COLUMNS = ("kind", "track_id", "into_id", "at_s", "name", "made_at")


class People(Study):
    """Tracks are what the tracker found (`observation.tracked_as`, which never changes) with all edits applied."""

    def people_edits(self, run_id: int) -> list[dict]:
        """What people said of a run, in order: dicts of kind, track_id, into_id, at_s, name, made_at."""
        return self._read(f"SELECT {', '.join(EDIT_COLUMNS)} FROM people_edit WHERE run_id = ? ORDER BY edit", [run_id])

    def tracks(self, run_id: int) -> list[dict]:
        """The people of a run as dicts of table track's columns, in the order of their numbers."""
        return self._read("SELECT * FROM track WHERE run_id = ? ORDER BY track_id", [run_id])

    def found_faces(self, run_id: int) -> pa.Table:
        """Every face of a run, in order of time. Columns: frame, t_s, tracked_as, track_id, x, y, w, h and the seven
        probabilities."""
        columns = ("frame", "t_s", "tracked_as", "track_id", "x", "y", "w", "h", *EMOTIONS)
        query = f"SELECT {', '.join(columns)} FROM observation WHERE run_id = ? ORDER BY t_s, frame, tracked_as"
        with self._lock:
            return self._connection.sql(query, params=[run_id]).to_arrow_table()

    def put_people(self, run_id: int, edits: list[dict], labels: dict[int, str], faces: pa.Table | None = None) -> None:
        """Put `edits` in place of those of a run, and make its tracks and its summary what they come to.

        Args:
            edits: as from people_edits, all of them in order; `made_at` is now where it is missing.
            labels: the name of each track that has one.
            faces: what every face becomes: frame, tracked_as, track_id, smoothed; None where no face changes track.

        A baseline in which its person is not seen (any more) goes. Raises KeyError for an unknown run.
        """
        with self.transaction():
            self._known("run", run_id)
            self._write("DELETE FROM people_edit WHERE run_id = ?", [run_id])
            if edits:
                now = utc_now()
                rows = [
                    {"edit": number, "made_at": now, **{name: edit[name] for name in EDIT_COLUMNS if name in edit}}
                    for number, edit in enumerate(edits, 1)
                ]
                self._insert_arrow("people_edit", pa.Table.from_pylist(rows, schema=_EDITS), run_id=run_id)
            if faces is not None:
                self._reassign(run_id, faces)
            self._write("DELETE FROM track WHERE run_id = ?", [run_id])
            self._write(
                """
                INSERT INTO track BY NAME
                SELECT o.run_id, o.track_id, min(o.t_s) AS first_s, max(o.t_s) AS last_s, count(*) AS observations,
                    any_value(named.label) AS label
                FROM observation o LEFT JOIN (
                    SELECT unnest(?::INTEGER[]) AS track_id, unnest(?::VARCHAR[]) AS label
                ) named USING (track_id)
                WHERE o.run_id = ? GROUP BY o.run_id, o.track_id ORDER BY o.track_id
                """,
                [list(labels), list(labels.values()), run_id],
            )
            self._write(f"INSERT OR REPLACE INTO run_summary BY NAME {summary_sql('r.run_id = ?')}", [run_id])
            self.add_up("r.run_id = ?", [run_id])
            self._write(
                "DELETE FROM baseline WHERE run_id = ? AND NOT EXISTS (SELECT 1 FROM observation o WHERE o.run_id = ? "
                "AND o.track_id = baseline.track_id AND o.t_s >= from_s AND o.t_s < to_s)",
                [run_id, run_id],
            )
            self._write("UPDATE run SET people_revision = people_revision + 1 WHERE run_id = ?", [run_id])

    def _reassign(self, run_id: int, faces: pa.Table) -> None:
        """Change track and smoothed emotion of the faces where they differ: in place, so that the rows of a run stay
        together and readers of one run need not read the others."""
        with self.transaction():
            self._written = True
            # DuckDB finds the Python variable `faces` by its name, and reads it in place.
            self._connection.execute(
                """
                UPDATE observation SET track_id = new.track_id, smoothed = new.smoothed, category = new.category
                FROM (
                    SELECT faces.frame, faces.tracked_as, faces.track_id, emotion.emotion AS smoothed, emotion.category
                    FROM faces JOIN emotion ON emotion.emotion = faces.smoothed::emotion_name
                ) new
                WHERE observation.run_id = ? AND observation.frame = new.frame
                    AND observation.tracked_as = new.tracked_as
                    AND (observation.track_id <> new.track_id OR observation.smoothed <> new.smoothed)
                """,
                [run_id],
            )

    def applied_requests(self, request_ids: Collection[str]) -> int:
        """How many of these requests have been applied."""
        return self._read(
            "SELECT count(*) AS n FROM request_log "
            "WHERE state = 'applied' AND request_id IN (SELECT unnest(?::VARCHAR[]))",
            [list(request_ids)],
        )[0]["n"]

    # --- baselines

    def baselines(self, run_id: int) -> list[dict]:
        """The baselines of a run: dicts of track_id, from_s, to_s, in the order of the tracks."""
        return self._read("SELECT track_id, from_s, to_s FROM baseline WHERE run_id = ? ORDER BY track_id", [run_id])

    def put_baseline(self, run_id: int, track_id: int, from_s: float, to_s: float) -> None:
        """The baseline of a person, in place of the one before. Raises KeyError for an unknown run."""
        with self.transaction():
            self._known("run", run_id)
            self.remove_baseline(run_id, track_id)
            self._write(
                "INSERT INTO baseline (run_id, track_id, from_s, to_s, made_at) VALUES (?, ?, ?, ?, ?)",
                [run_id, track_id, from_s, to_s, utc_now()],
            )

    def remove_baseline(self, run_id: int, track_id: int) -> None:
        """A person without a baseline; one who has none stays as they are."""
        self._write("DELETE FROM baseline WHERE run_id = ? AND track_id = ?", [run_id, track_id])


_EDITS = pa.schema(
    [("edit", pa.int32()), ("kind", pa.string()), ("track_id", pa.int32()), ("into_id", pa.int32()),
     ("at_s", pa.float64()), ("name", pa.string()), ("made_at", pa.timestamp("us"))]
)  # fmt: skip
