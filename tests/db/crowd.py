"""Runs with several people, written as one knows them from a timeline: a letter a frame, a dot where nobody is."""

from __future__ import annotations

import pyarrow as pa

from db.emotions import CATEGORY, EMOTIONS, VALENCE
from db.store import Store
from tests.db.rows import queue, video

LETTERS = {"a": "angry", "h": "happy", "s": "sad", "n": "neutral"}


def crowd(people: dict[int, str], smoothed: dict[int, str] | None = None) -> dict[str, pa.Table]:
    """The three tables of an analysis in which each person (number of their track) shows what their letters say.

    Frames follow each other by half a second; a face shows its emotion with probability 1. smoothed: in the same way,
    where it is not what the faces show. The face of person p lies at x = 100 p, 40 pixels wide and high.
    """
    length = max(map(len, people.values()), default=0)
    faces = [
        {
            "frame": frame, "t_s": frame / 2, "track_id": track, "x": 100.0 * track, "y": 10.0, "w": 40.0, "h": 40.0,
            "face_score": 0.9, **{name: float(name == LETTERS[letter]) for name in EMOTIONS},
            "emotion": LETTERS[letter], "smoothed": LETTERS[(smoothed or people)[track][frame]],
            "category": CATEGORY[LETTERS[(smoothed or people)[track][frame]]], "valence": VALENCE[LETTERS[letter]],
        }
        for frame in range(length)
        for track, letters in sorted(people.items())
        if (letter := letters[frame : frame + 1]) in LETTERS
    ]  # fmt: skip
    frames = [
        {"frame": frame, "t_s": frame / 2, "faces": sum(face["frame"] == frame for face in faces), "brightness": 100.0,
         "sharpness": 10.0}
        for frame in range(length)
    ]  # fmt: skip
    tracks = []
    for track in sorted(people):
        times = [face["t_s"] for face in faces if face["track_id"] == track]
        tracks.append({"track_id": track, "first_s": times[0], "last_s": times[-1], "observations": len(times)})
    return {
        "frames": pa.Table.from_pylist(frames, schema=_FRAMES),
        "tracks": pa.Table.from_pylist(tracks, schema=_TRACKS),
        "observations": pa.Table.from_pylist(faces, schema=_OBSERVATIONS),
    }


def seen(store: Store, people: dict[int, str], video_id: str = "v1", smoothing: str = "mode:5", **more) -> int:
    """Add a video, unless it is known, and a finished run in which these people are seen; returns the run."""
    store.add_video(video(video_id))
    run_id = queue(store, video_id, smoothing=smoothing)
    store.start_run(run_id)
    store.finish_run(
        run_id, **crowd(people, **more), model_id="m-1", detector="yunet", device="CPU", seconds=1.5, corrupt_packets=0
    )
    return run_id


def who(store: Store, run_id: int, column: str = "smoothed") -> dict[int, str]:
    """The people of a run as they are stored, written as for `crowd`."""
    length = store._read("SELECT count(*) AS n FROM frame WHERE run_id = ?", [run_id])[0]["n"]
    people: dict[int, list[str]] = {}
    rows = store._read(
        f"SELECT frame, track_id, {column}::VARCHAR AS seen FROM observation WHERE run_id = ? ORDER BY track_id",
        [run_id],
    )
    for row in rows:
        people.setdefault(row["track_id"], ["."] * length)[row["frame"]] = row["seen"][0]
    return {track: "".join(letters) for track, letters in people.items()}


def stored(store: Store, run_id: int) -> dict[str, list[dict]]:
    """Everything that is stored of a run's people, row by row as it lies there, but for the count of changes."""
    return {
        table: store._read(f"SELECT * FROM {table} WHERE run_id = ? ORDER BY rowid", [run_id])
        for table in ("observation", "track", "frame", "run_summary")
    }


_FRAMES = pa.schema(
    [("frame", pa.int32()), ("t_s", pa.float64()), ("faces", pa.int16()), ("brightness", pa.float32()),
     ("sharpness", pa.float32())]
)  # fmt: skip
_TRACKS = pa.schema(
    [("track_id", pa.int32()), ("first_s", pa.float64()), ("last_s", pa.float64()), ("observations", pa.int32())]
)
_OBSERVATIONS = pa.schema(
    [("frame", pa.int32()), ("t_s", pa.float64()), ("track_id", pa.int32())]
    + [(name, pa.float32()) for name in ("x", "y", "w", "h", "face_score", *EMOTIONS)]
    + [("emotion", pa.string()), ("smoothed", pa.string()), ("category", pa.string()), ("valence", pa.float32())]
)
