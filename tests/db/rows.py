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


def evaluation(**fields) -> dict:
    """An evaluation of three faces, as `training.evaluate` gives it: happy right, sad taken for happy, sad right."""
    happy, sad = EMOTIONS.index("happy"), EMOTIONS.index("sad")
    confusion = [[0] * len(EMOTIONS) for _ in EMOTIONS]
    confusion[happy][happy] = confusion[sad][happy] = confusion[sad][sad] = 1
    seen = {
        "happy": {"precision": 0.5, "recall": 1.0, "f1": 0.6667, "support": 1, "auc": 0.75, "average_precision": 0.5},
        "sad": {"precision": 1.0, "recall": 0.5, "f1": 0.6667, "support": 2, "auc": 1.0, "average_precision": 1.0},
    }
    unseen = {"precision": None, "recall": None, "f1": None, "support": 0, "auc": None, "average_precision": None}
    return {
        "data": "fer", "split": "PublicTest", "labels": "fer2013", "head": "fer2013", "n": 3,
        "accuracy": 0.6667, "accuracy_3": 0.6667, "macro_f1": 0.6667, "balanced_accuracy": 0.75, "auc": 0.875,
        "ece": 0.1,
        "intervals": {"accuracy": [0.3333, 1.0], "accuracy_3": [0.0, 1.0], "macro_f1": [0.25, 1.0]},
        "per_class": {emotion: seen.get(emotion, unseen) for emotion in EMOTIONS},
        "confusion": confusion,
        "confusion_3": [[1, 0, 1], [0, 0, 0], [0, 0, 1]],
        "curves": {
            "roc": {"happy": [[0.0, 0.0], [0.5, 1.0], [1.0, 1.0]], "fear": []},
            "pr": {"sad": [[0.0, 1.0], [1.0, 1.0]]},
            "calibration": [[0.6, 0.5, 2], [0.9, 1.0, 1]],
        },
        "groups": {"gender": {"F": {"n": 2, "accuracy": 0.5, "accuracy_3": 0.5, "macro_f1": 0.3333},
                              "M": {"n": 1, "accuracy": 1.0, "accuracy_3": 1.0, "macro_f1": 1.0}}},
        "samples": {"row": [4, 7, 9], "truth": [happy, sad, sad], "predicted": [happy, happy, sad],
                    "probability": [0.9, 0.75, 0.5]},
        **fields,
    }  # fmt: skip


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
