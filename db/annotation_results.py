"""The published snapshot, read-only: what people marked in a video.

As in db/results.py: an open connection in, a pandas DataFrame out, values as parameters only. Times are seconds from
the start of the video, moments UTC.
"""

from __future__ import annotations

import pandas as pd

from db.results import Connection


def markers(con: Connection, video_id: str) -> pd.DataFrame:
    """The markers of a video in order of time.

    Columns: marker_id, t_s, end_s (NaN for a moment), kind, note (None where there is none), source, made_at (UTC).
    """
    rows = con.execute(
        """
        SELECT marker_id, t_s, end_s, kind, note, source, made_at FROM marker WHERE video_id = $video_id
        ORDER BY t_s, end_s NULLS FIRST, kind, marker_id
        """,
        {"video_id": video_id},
    ).df()
    return rows.assign(note=_texts(rows["note"]))


def excluded(con: Connection, video_id: str) -> pd.DataFrame:
    """The excluded ranges of a video in order of time; no two overlap or touch.

    Columns: range_id, from_s, to_s (not part of it), reason (None where nobody gave one), made_at (UTC).
    """
    rows = con.execute(
        """
        SELECT range_id, from_s, to_s, reason, made_at FROM excluded_range WHERE video_id = $video_id
        ORDER BY from_s, range_id
        """,
        {"video_id": video_id},
    ).df()
    return rows.assign(reason=_texts(rows["reason"]))


def reviewed(con: Connection, run_id: int) -> set[str]:
    """The key moments of a run that were ticked, as their keys."""
    found = con.execute("SELECT moment FROM reviewed_moment WHERE run_id = $run_id", {"run_id": run_id}).fetchall()
    return {moment for (moment,) in found}


def _texts(column: pd.Series) -> pd.Series:
    """A column of text with None for what is not there, whatever pandas made of it."""
    return pd.Series([None if pd.isna(text) else text for text in column], index=column.index, dtype=object)
