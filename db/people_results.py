"""The published snapshot, read-only: who is who in a run, and who is in which videos.

As in db/results.py: an open connection in, a pandas DataFrame out, values as parameters only. No query here reads an
observation, so that they take the same time in a store of any size.
"""

from __future__ import annotations

import pandas as pd

from db.results import Connection


def edits(con: Connection, run_id: int) -> pd.DataFrame:
    """What people said of a run, in order; the last row is what undo takes away. Empty where nobody said anything.

    Columns: edit (from 1), kind (name, merge, split), track_id (the track named, merged away, or split), into_id (of a
    merge the track it went into, of a split the new track), at_s (split: from this second on; else NaN), name (None
    takes it away), made_at (UTC).
    """
    query = """
        SELECT edit, kind, track_id, into_id, at_s, name, made_at FROM people_edit WHERE run_id = $run_id ORDER BY edit
    """
    return con.execute(query, {"run_id": run_id}).df()


def baselines(con: Connection, run_id: int) -> pd.DataFrame:
    """The baselines of a run. Columns: track_id, from_s, to_s (its end not included); one row for each who has one."""
    query = "SELECT track_id, from_s, to_s FROM baseline WHERE run_id = $run_id ORDER BY track_id"
    return con.execute(query, {"run_id": run_id}).df()


def subjects(con: Connection) -> pd.DataFrame:
    """Everybody who has a name in the current run of a video, in the order of their names.

    The same name is the same person, whatever its letters' case, in whichever video. Columns: name (as it is
    written in the newest video), videos, tracks, seconds (how long they are seen, over all videos).
    """
    named = _named(con)
    groups = named.groupby("key", sort=True)
    return (
        groups.agg(
            name=("label", "first"), videos=("video_id", "nunique"), tracks=("track_id", "size"),
            seconds=("seconds", "sum"),
        ).reset_index(drop=True)
    )  # fmt: skip


def also_in(con: Connection, name: str, video_id: str) -> pd.DataFrame:
    """The other videos in which a person of this name is, newest first. Columns: video_id, video (its name), tracks,
    seconds (how long they are seen there)."""
    named = _named(con)
    named = named[(named["key"] == same_person(name)) & (named["video_id"] != video_id)]
    groups = named.groupby("video_id", sort=False)
    return groups.agg(
        video=("video", "first"), tracks=("track_id", "size"), seconds=("seconds", "sum")
    ).reset_index()  # fmt: skip


def same_person(name: str) -> str:
    """What two names of the same person have in common: the name without blanks around it and without case."""
    return name.strip().casefold()


def _named(con: Connection) -> pd.DataFrame:
    """Every named track of a current run, the newest video first, with key (see `same_person`) and seconds."""
    rows = con.execute("""
        SELECT v.video_id, v.name AS video, t.track_id, t.label, (t.observations / r.sample_fps)::DOUBLE AS seconds
        FROM track t JOIN run r USING (run_id) JOIN video v USING (video_id)
        WHERE r.current AND t.label IS NOT NULL ORDER BY v.added_at DESC, v.video_id, t.track_id
    """).df()
    return rows.assign(key=[same_person(label) for label in rows["label"]])
