"""Small videos and analyses to put into a store, with values that are easy to add up by hand."""

from __future__ import annotations

import pyarrow as pa

from db.emotions import CATEGORY, EMOTIONS, VALENCE
from db.store import Store


def video(video_id: str = "v1", **columns) -> dict:
    """The columns that a video must have; 40 s long unless said otherwise, so that a part of its curve is 1 s."""
    must = {
        "sha256": f"hash of {video_id}",
        "name": f"{video_id}.mp4",
        "path": f"/inbox/{video_id}.mp4",
        "size_bytes": 9,
    }
    return {"video_id": video_id, "source": "watch", "duration_s": 40.0, **must, **columns}


def tables(
    emotions: tuple[str, ...] = (), t_s: tuple[float, ...] | None = None, empty_frames: int = 0
) -> dict[str, pa.Table]:
    """The three tables of an analysis with one face that shows `emotions`, one after another, with probability 1.

    Frames follow each other by half a second, or come at `t_s`; after them come frames without a face.
    """
    n = len(emotions)
    total = n + empty_frames
    times = list(t_s) if t_s is not None else [i / 2 for i in range(total)]
    frames = {
        "frame": pa.array(range(total), pa.int32()),
        "t_s": pa.array(times, pa.float64()),
        "faces": pa.array([1] * n + [0] * empty_frames, pa.int16()),
        "brightness": pa.array([100.0] * total, pa.float32()),
        "sharpness": pa.array([10.0] * total, pa.float32()),
    }
    tracks = {
        "track_id": pa.array([1] if n else [], pa.int32()),
        "first_s": pa.array(times[:1] if n else [], pa.float64()),
        "last_s": pa.array(times[n - 1 : n] if n else [], pa.float64()),
        "observations": pa.array([n] if n else [], pa.int32()),
    }
    observations = {
        "frame": pa.array(range(n), pa.int32()),
        "t_s": pa.array(times[:n], pa.float64()),
        "track_id": pa.array([1] * n, pa.int32()),
        **{side: pa.array([10.0] * n, pa.float32()) for side in ("x", "y", "w", "h")},
        "face_score": pa.array([None] * n, pa.float32()),
        **{name: pa.array([float(name == emotion) for emotion in emotions], pa.float32()) for name in EMOTIONS},
        "emotion": pa.array(emotions, pa.string()),
        "smoothed": pa.array(emotions, pa.string()),
        "category": pa.array([CATEGORY[emotion] for emotion in emotions], pa.string()),
        "valence": pa.array([VALENCE[emotion] for emotion in emotions], pa.float32()),
    }
    return {"frames": pa.table(frames), "tracks": pa.table(tracks), "observations": pa.table(observations)}


def finish(store: Store, run_id: int, **analysis) -> bool:
    """Finish a run with `analysis` as for tables()."""
    return store.finish_run(
        run_id, **tables(**analysis), model_id="m-1", detector="haar", device="CPU", seconds=1.5, corrupt_packets=0
    )


def queue(store: Store, video_id: str = "v1", **options) -> int:
    """Queue a run with ordinary settings."""
    return store.queue_run(video_id, **{"sample_fps": 2.0, "smoothing": "mode:5", **options})


def analysed(store: Store, video_id: str = "v1", *emotions: str) -> int:
    """Add a video and one finished run of it; returns the run."""
    store.add_video(video(video_id))
    run_id = queue(store, video_id)
    store.start_run(run_id)
    finish(store, run_id, emotions=emotions)
    return run_id
