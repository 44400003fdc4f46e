"""What was seen, picture by picture, as the tables of a run: of a file that was analysed, or of a live session."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from db.emotions import CATEGORY, EMOTIONS, VALENCE
from processor.config import Settings
from processor.smooth import smooth

FRAME_SCHEMA = pa.schema(
    [("frame", pa.int32()), ("t_s", pa.float64()), ("faces", pa.int16()), ("brightness", pa.float32()),
     ("sharpness", pa.float32())]
)  # fmt: skip
TRACK_SCHEMA = pa.schema(
    [("track_id", pa.int32()), ("first_s", pa.float64()), ("last_s", pa.float64()), ("observations", pa.int32())]
)
OBSERVATION_SCHEMA = pa.schema(
    [("frame", pa.int32()), ("t_s", pa.float64()), ("track_id", pa.int32())]
    + [(name, pa.float32()) for name in ("x", "y", "w", "h", "face_score", *EMOTIONS)]
    + [(name, pa.string()) for name in ("emotion", "smoothed", "category")]
    + [("valence", pa.float32())]
)


@dataclass(frozen=True)
class Observed:
    """The columns of tables `frame`, `track` and `observation`, less the run_id."""

    frames: pa.Table
    tracks: pa.Table
    observations: pa.Table


def observed(looked_at: list[tuple], found: list[tuple], probabilities: np.ndarray, settings: Settings) -> Observed:
    """looked_at: (frame, t_s, brightness, sharpness) of every picture. found: (frame, t_s, track, x, y, w, h, score) of
    every face, with its probabilities, float (N, 7); score NaN where the detector does not say. N may be 0.

    Tracks shorter than `settings.min_track_s` are left out, the others numbered from 1; each is smoothed.
    """
    rows = np.array(found, dtype=float).reshape(-1, 8)
    scores = np.asarray(probabilities, dtype=np.float32).reshape(-1, len(EMOTIONS))
    t_s, track = rows[:, 1], rows[:, 2].astype(int)
    keep = _long_enough(t_s, track, settings.min_track_s)
    rows, scores, t_s, track = rows[keep], scores[keep], t_s[keep], _renumbered(track[keep])

    names = np.array(EMOTIONS)
    smoothed = names[smooth(t_s, track, scores, settings.smoothing, settings.smoothing_window_s)]
    face_score = pa.array(rows[:, 7], pa.float32(), mask=np.isnan(rows[:, 7]))
    columns = {
        "frame": rows[:, 0], "t_s": t_s, "track_id": track,
        "x": rows[:, 3], "y": rows[:, 4], "w": rows[:, 5], "h": rows[:, 6], "face_score": face_score,
        **{name: scores[:, i] for i, name in enumerate(EMOTIONS)},
        "emotion": names[scores.argmax(axis=1)], "smoothed": smoothed,
        "category": np.array([CATEGORY[name] for name in smoothed], dtype=str),
        "valence": scores @ np.array([VALENCE[name] for name in EMOTIONS]),
    }  # fmt: skip
    arrays = [pa.array(columns[field.name]).cast(field.type) for field in OBSERVATION_SCHEMA]
    observations = pa.Table.from_arrays(arrays, schema=OBSERVATION_SCHEMA)
    return Observed(_frames(looked_at, observations), _tracks(observations), observations)


def _long_enough(t_s: np.ndarray, track: np.ndarray, min_track_s: float) -> np.ndarray:
    """Which rows belong to a track that lasts at least `min_track_s` from first to last sight."""
    lasts = {name: np.ptp(t_s[track == name]) for name in np.unique(track)}
    return np.array([lasts[name] >= min_track_s for name in track], dtype=bool)


def _renumbered(track: np.ndarray) -> np.ndarray:
    """Track numbers from 1 without gaps, in order of appearance."""
    return np.searchsorted(np.unique(track), track) + 1


def _tracks(observations: pa.Table) -> pa.Table:
    grouped = observations.group_by("track_id").aggregate([("t_s", "min"), ("t_s", "max"), ("t_s", "count")])
    grouped = grouped.sort_by("track_id").select(["track_id", "t_s_min", "t_s_max", "t_s_count"])
    return grouped.rename_columns(TRACK_SCHEMA.names).cast(TRACK_SCHEMA)


def _frames(looked_at: list[tuple], observations: pa.Table) -> pa.Table:
    """A face in a dropped track is not counted."""
    frame, t_s, brightness, sharpness = np.array(looked_at, dtype=float).reshape(-1, 4).T
    faces = np.bincount(observations["frame"].to_numpy(), minlength=int(frame.max(initial=-1)) + 1)[frame.astype(int)]
    columns = (frame, t_s, faces, brightness, sharpness)
    arrays = [pa.array(column).cast(field.type) for column, field in zip(columns, FRAME_SCHEMA, strict=True)]
    return pa.Table.from_arrays(arrays, schema=FRAME_SCHEMA)
