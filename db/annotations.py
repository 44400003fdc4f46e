"""The part of the store that knows what people mark in a video: markers, excluded ranges, reviewed moments."""

from __future__ import annotations

import pyarrow as pa

from db.session import utc_now
from db.study import Study

MARKER_FIELDS = ("t_s", "end_s", "kind", "note")
MAX_NOTE = 2000  # characters in a note or a reason, also of several joined


class Annotations(Study):
    """Markers and excluded ranges belong to a video, reviewed moments to a run. Times are seconds from its start."""

    def add_markers(self, video_id: str, markers: list[dict], source: str) -> int:
        """Add markers that are not there yet; returns how many that were.

        markers: each {marker_id, t_s, end_s (None: a moment), kind, note (or None)}. One that has the kind, the note
        and, to the millisecond, the times of another one of this video adds nothing, nor does a marker_id that is
        known. Raises KeyError for an unknown video.
        """
        with self.transaction():
            self._known("video", video_id)
            there = self._read("SELECT * FROM marker WHERE video_id = ?", [video_id])
            seen = {same_marker(marker) for marker in there}
            ids = {marker["marker_id"] for marker in there}
            new = []
            for marker in markers:
                if same_marker(marker) not in seen and marker["marker_id"] not in ids:
                    seen.add(same_marker(marker))
                    new.append(marker)
            if new:
                kinds = {"marker_id": pa.string(), "t_s": pa.float64(), "end_s": pa.float64(), "kind": pa.string()}
                schema = pa.schema({**kinds, "note": pa.string()})
                rows = [{name: marker.get(name) for name in schema.names} for marker in new]
                table = pa.Table.from_pylist(rows, schema=schema)
                self._insert_arrow("marker", table, video_id=video_id, source=source, made_at=utc_now())
            return len(new)

    def marker(self, marker_id: str) -> dict | None:
        """One marker as a dict of table marker's columns; None if unknown."""
        rows = self._read("SELECT * FROM marker WHERE marker_id = ?", [marker_id])
        return rows[0] if rows else None

    def change_marker(self, marker_id: str, *, t_s: float, end_s: float | None, kind: str, note: str | None) -> None:
        """Give a marker these values in place of those it has. Raises KeyError if it is unknown."""
        self._known("marker", marker_id)
        self._write(
            "UPDATE marker SET t_s = ?, end_s = ?, kind = ?, note = ? WHERE marker_id = ?",
            [t_s, end_s, kind, note, marker_id],
        )

    def delete_markers(self, marker_ids: list[str]) -> int:
        """Delete markers; returns how many there were. Those that are gone already are passed over."""
        query = "DELETE FROM marker WHERE marker_id IN (SELECT unnest(?::VARCHAR[])) RETURNING marker_id"
        return len(self._write(query, [list(marker_ids)])) if marker_ids else 0

    def exclude(self, video_id: str, range_id: str, from_s: float, to_s: float, reason: str | None = None) -> None:
        """Exclude a range of a video; it and those that it overlaps or touches become one, with all their reasons.

        The one that results has the given id. Raises KeyError for an unknown video.
        """
        with self.transaction():
            self._known("video", video_id)
            merged = self._write(
                "DELETE FROM excluded_range WHERE video_id = ? AND (range_id = ? OR from_s <= ? AND to_s >= ?) "
                "RETURNING from_s, to_s, reason",
                [video_id, range_id, to_s, from_s],
            )
            merged.sort(key=lambda one: one["from_s"])
            reasons = [one["reason"] for one in merged] + [reason]
            self._write(
                "INSERT INTO excluded_range (range_id, video_id, from_s, to_s, reason, made_at) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                [
                    range_id, video_id, min([from_s, *(one["from_s"] for one in merged)]),
                    max([to_s, *(one["to_s"] for one in merged)]), joined(reasons), utc_now(),
                ],
            )  # fmt: skip
            self.add_up("r.video_id = ?", [video_id])

    def include(self, range_id: str) -> str | None:
        """Count an excluded range again; returns the id of its video, None if the range is gone already."""
        with self.transaction():
            gone = self._write("DELETE FROM excluded_range WHERE range_id = ? RETURNING video_id", [range_id])
            for excluded in gone:
                self.add_up("r.video_id = ?", [excluded["video_id"]])
            return gone[0]["video_id"] if gone else None

    def review(self, run_id: int, moment: str, reviewed: bool) -> None:
        """Tick a key moment of a run as reviewed, or take the tick away. Raises KeyError for an unknown run."""
        with self.transaction():
            self._known("run", run_id)
            self._write("DELETE FROM reviewed_moment WHERE run_id = ? AND moment = ?", [run_id, moment])
            if reviewed:
                self._write(
                    "INSERT INTO reviewed_moment (run_id, moment, reviewed_at) VALUES (?, ?, ?)",
                    [run_id, moment, utc_now()],
                )


def same_marker(marker: dict) -> tuple:
    """What two markers have in common that count as the same: times to the millisecond, kind and note."""
    end_s = marker.get("end_s")
    # A table has NaN where there is no end; it is the one number that is not itself.
    end = None if end_s is None or end_s != end_s else round(end_s, 3)
    return round(marker["t_s"], 3), end, marker["kind"], marker.get("note") or None


def joined(reasons: list[str | None]) -> str | None:
    """Several reasons as one, each part once; None where nobody gave any."""
    parts = [part for reason in reasons if reason for part in reason.split("; ")]
    text = "; ".join(dict.fromkeys(parts))
    return (text if len(text) <= MAX_NOTE else f"{text[: MAX_NOTE - 1]}…") or None
