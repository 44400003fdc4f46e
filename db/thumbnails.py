"""The part of the store that knows small pictures of videos, where somebody asked for them."""

from __future__ import annotations

from datetime import datetime

from db.session import Session, utc_now

KINDS = ("plain", "blurred")
WELL_LIT = (40, 220)  # mean grey level of a frame in which one sees something


class Thumbnails(Session):
    """At most one per video. A file's name says of which run and kind it is, so one can see when it is outdated."""

    def thumbnails(self) -> list[dict]:
        """All of them, as dicts of table thumbnail's columns, with name of the video."""
        return self._read("SELECT t.*, v.name FROM thumbnail t JOIN video v USING (video_id) ORDER BY video_id")

    def thumbnails_to_make(self, kind: str, added_since: datetime | None = None) -> dict[str, list[dict]]:
        """What is to be done so that every analysed video has a thumbnail of this kind (one of KINDS), and no other.

        {make: [{video_id, run_id, path, name, file}], newest video first; drop: [{video_id, file}]}: to drop are those
        of another run or kind, of a moment that has been excluded since, and of videos added before added_since, which
        get none.
        """
        # The file names are made here and in no other place.
        query = """
            WITH wanted AS (
                SELECT v.video_id, r.run_id, v.path, v.name, v.added_at,
                    concat(v.video_id, '-', r.run_id, '-', $kind, '.jpg') AS file
                FROM video v JOIN run r ON r.video_id = v.video_id AND r.current AND r.state = 'done'
                WHERE $since IS NULL OR v.added_at >= $since
            ),
            kept AS (
                SELECT t.video_id FROM thumbnail t JOIN wanted w ON w.video_id = t.video_id AND w.file = t.file
                WHERE NOT EXISTS (
                    SELECT 1 FROM excluded_range e
                    WHERE e.video_id = t.video_id AND t.t_s >= e.from_s AND t.t_s < e.to_s
                )
            )
        """
        values = {"kind": kind, "since": added_since}
        make = "SELECT video_id, run_id, path, name, file FROM wanted ANTI JOIN kept USING (video_id) "
        drop = "SELECT video_id, file FROM thumbnail ANTI JOIN kept USING (video_id) ORDER BY video_id"
        with self._lock:
            return {
                "make": self._read(f"{query} {make} ORDER BY added_at DESC, video_id", values),
                "drop": self._read(f"{query} {drop}", values),
            }

    def good_moment(self, run_id: int) -> float | None:
        """The moment of a run that shows it best, in seconds from the start of the video; None where nothing counts.

        Of the frames looked at that lie in no excluded range, those with the person who is seen most; of these the well
        lit ones, of these the sharper half, and of these the one with the largest face. Without a face in any of them,
        the frame nearest to the middle.
        """
        query = f"""
            WITH counted AS (
                SELECT f.frame, f.t_s, f.brightness, f.sharpness FROM frame f
                WHERE f.run_id = $run_id AND NOT EXISTS (
                    SELECT 1 FROM excluded_range e WHERE e.video_id = (SELECT video_id FROM run WHERE run_id = $run_id)
                        AND f.t_s >= e.from_s AND f.t_s < e.to_s)
            ),
            main AS (
                SELECT track_id FROM track WHERE run_id = $run_id ORDER BY observations DESC, track_id LIMIT 1
            ),
            seen AS (
                SELECT c.*, o.w * o.h AS face FROM counted c JOIN observation o
                    ON o.frame = c.frame AND o.run_id = $run_id AND o.track_id = (SELECT track_id FROM main)
            ),
            graded AS (
                SELECT *, brightness BETWEEN {WELL_LIT[0]} AND {WELL_LIT[1]} AS lit,
                    sharpness >= median(sharpness) OVER (PARTITION BY lit) AS sharp
                FROM seen
            )
            (SELECT t_s, 0 AS place FROM graded
             ORDER BY lit DESC NULLS LAST, sharp DESC NULLS LAST, face DESC, t_s LIMIT 1)
            UNION ALL
            (SELECT t_s, 1 AS place FROM counted
             ORDER BY abs(t_s - (SELECT (min(t_s) + max(t_s)) / 2 FROM counted)), t_s LIMIT 1)
            ORDER BY place LIMIT 1
        """
        rows = self._read(query, {"run_id": run_id})
        return rows[0]["t_s"] if rows else None

    def put_thumbnail(self, video_id: str, file: str, t_s: float, size_bytes: int) -> bool:
        """It lies in thumbnails/ under the name `file`, in place of any before; False if the video is gone."""
        with self.transaction():
            if not self._read("SELECT 1 AS yes FROM video WHERE video_id = ?", [video_id]):
                return False
            self._write(
                "INSERT OR REPLACE INTO thumbnail (video_id, file, t_s, size_bytes, made_at) VALUES (?, ?, ?, ?, ?)",
                [video_id, file, t_s, size_bytes, utc_now()],
            )
            return True

    def drop_thumbnail(self, video_id: str) -> str | None:
        """Forget a video's thumbnail; returns the name of its file, which is for the caller to remove, or None."""
        rows = self._write("DELETE FROM thumbnail WHERE video_id = ? RETURNING file", [video_id])
        return rows[0]["file"] if rows else None
