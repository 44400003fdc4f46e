"""A home with very many observations, made through the real store: what the pages are measured on.

People come and go, their expressions rise and fall over minutes with noise from frame to frame, some frames are dark;
every fifth video was analysed twice. One video is an ordinary one, one lasts two hours. Sixty subjects of five cohorts
come to one session after another within a year, at one of three sites. All are from one seed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa

from db.emotions import CATEGORY, EMOTIONS, VALENCE
from db.store import Store
from processor.alert_evaluation import try_rules
from processor.config import Home
from processor.known_models import KnownModels

ORDINARY, TWO_HOURS = "0" * 16, "1" * 16
ORDINARY_S, TWO_HOURS_S = 300.0, 7200.0
MARKED = 25  # markers of each video
SITES = ("north", "south", "west")
FIRST_DAY = datetime(2025, 11, 1, 9, 0)  # of a year, over which the videos are spread
RULE = {
    "name": "Prolonged sadness", "target": "sad", "threshold": 0.6, "at_least_s": 20.0, "within_s": 30.0,
    "enabled": True, "notify": False,
}  # fmt: skip
NAMES = ("Anna", "Ben", "Chris", "Dora")

_AWAY_BELOW = -0.7  # of a sine: away a quarter of the time
_HERE = 1 - np.arccos(-_AWAY_BELOW) / np.pi
_CATEGORIES = tuple(dict.fromkeys(CATEGORY.values()))
_CATEGORY_CODES = np.array([_CATEGORIES.index(CATEGORY[name]) for name in EMOTIONS])
_VALENCES = np.array([VALENCE[name] for name in EMOTIONS])


@dataclass(frozen=True)
class Recording:
    """A video of `seconds`, in which `people` were looked for `fps` times a second; `always`: none of them leaves."""

    video_id: str
    name: str
    seconds: float
    people: int
    fps: float
    runs: int = 1
    always: bool = False


def recordings(observations: int, videos: int, rng: np.random.Generator) -> list[Recording]:
    """`videos` recordings with about that many faces in all; the last two are the long one and the ordinary one."""
    special = [
        Recording(TWO_HOURS, "two hours.mp4", TWO_HOURS_S, 3, 2.0, always=True),
        Recording(ORDINARY, "ordinary.mp4", ORDINARY_S, 2, 2.0),
    ]
    rest = max(0, observations - sum(int(one.seconds * one.fps * one.people) for one in special))
    weights = rng.lognormal(0, 0.6, videos - len(special))
    found = []
    for number, share in enumerate(weights / weights.sum() * rest):
        people, fps, runs = 1 + number % 4, (2.0, 5.0, 10.0)[number % 3], 2 if number % 5 == 0 else 1
        seconds = max(10.0, share / (_HERE * people * fps * runs))
        found.append(Recording(f"{number + 2:016x}", f"session {number:04d}.mp4", seconds, people, fps, runs))
    return found + special


def found_in(recording: Recording, rng: np.random.Generator) -> tuple[pa.Table, pa.Table, pa.Table]:
    """What an analysis finds: tables of frames, tracks and observations, as `Store.finish_run` takes them."""
    n, people = max(2, int(recording.seconds * recording.fps)), recording.people
    t_s = np.arange(n) / recording.fps
    period_s, phase = rng.uniform(30, 300, (people, 1)), rng.uniform(0, 2 * np.pi, (people, 1))
    here = np.sin(2 * np.pi * t_s / period_s + phase) > (-2 if recording.always else _AWAY_BELOW)
    here[:, :1] = True  # a track without a face is none
    place, who = np.nonzero(here.T)
    at_s = t_s[place]
    period_s, phase = rng.uniform(20, 200, (people, 7)), rng.uniform(0, 2 * np.pi, (people, 7))
    slow = 3 * np.sin(2 * np.pi * at_s[:, None] / period_s[who] + phase[who])
    weights = np.exp(slow + rng.normal(0, 0.8, slow.shape))
    probabilities = weights / weights.sum(axis=1, keepdims=True)
    smoothed = slow.argmax(axis=1)
    frame = (np.arange(n) * round(25 / recording.fps)).astype(np.int32)
    frames = {
        "frame": frame, "t_s": t_s, "faces": here.sum(axis=0).astype(np.int16),
        "brightness": (90 + 60 * np.sin(t_s / 150) + rng.normal(0, 4, n)).clip(0, 255).astype(np.float32),
        "sharpness": rng.lognormal(4, 0.8, n).astype(np.float32),
    }  # fmt: skip
    first, last = here.argmax(axis=1), n - 1 - here[:, ::-1].argmax(axis=1)
    tracks = {
        "track_id": np.arange(1, people + 1, dtype=np.int32), "first_s": t_s[first], "last_s": t_s[last],
        "observations": here.sum(axis=1).astype(np.int32),
    }  # fmt: skip
    drift = 20 * np.sin(at_s / 9)
    observations = {
        "frame": frame[place], "t_s": at_s, "track_id": (who + 1).astype(np.int32),
        **{side: value.astype(np.float32) for side, value in
           {"x": 40 + 140 * who + drift, "y": 80 + drift / 2, "w": 90 + drift / 4, "h": 110 + drift / 4}.items()},
        "face_score": rng.uniform(0.7, 1, len(at_s)).astype(np.float32),
        **dict(zip(EMOTIONS, probabilities.T.astype(np.float32), strict=True)),
        "emotion": _words(probabilities.argmax(axis=1), EMOTIONS), "smoothed": _words(smoothed, EMOTIONS),
        "category": _words(_CATEGORY_CODES[smoothed], _CATEGORIES),
        "valence": (probabilities @ _VALENCES).astype(np.float32),
    }  # fmt: skip
    return pa.table(frames), pa.table(tracks), pa.table(observations)


def _words(codes: np.ndarray, words: tuple[str, ...]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int8)), pa.array(words)).cast(pa.string())


def make(home: Home, observations: int, videos: int, files: dict[str, Path] | None = None) -> int:
    """Fill the store of a home and publish it; returns how many observations there are.

    files: where the file of a video lies, by its id; the others are gone, as after a disk was unplugged.
    """
    rng = np.random.default_rng(1)
    total = 0
    with Store(home.store, home.results) as store:
        KnownModels(store, home.models).record()
        store.confirm_purpose("benchmarks", "Nobody is in these videos.")  # or every page would ask for it first
        store.put_rule("sad", **RULE)
        for number, recording in enumerate(recordings(observations, videos, rng)):
            file = (files or {}).get(recording.video_id, Path("/gone") / recording.name)
            store.add_video(
                {
                    "video_id": recording.video_id, "sha256": recording.video_id * 4, "name": recording.name,
                    "path": str(file), "size_bytes": file.stat().st_size if file.exists() else 150_000_000,
                    "source": "watch", "duration_s": recording.seconds, "fps": 25.0, "width": 640, "height": 360,
                    "codec": "h264", "subject": f"subject {number % 60}", "cohort": f"cohort {number % 5}",
                    "session": str(number // 60 + 1), "tags": {"site": SITES[number % len(SITES)]},
                    "recorded_at": FIRST_DAY + number / videos * timedelta(days=365),
                }
            )  # fmt: skip
            for _ in range(recording.runs):
                total += _run(store, recording, rng)
            _marks(store, recording, rng)
        store.publish()
    return total


def _run(store: Store, recording: Recording, rng: np.random.Generator) -> int:
    """One finished analysis, with names and a baseline; returns its number of faces."""
    run_id = store.queue_run(recording.video_id, sample_fps=recording.fps, smoothing="mean:1.5s")
    store.start_run(run_id)
    frames, tracks, observations = found_in(recording, rng)
    store.finish_run(
        run_id, frames=frames, tracks=tracks, observations=observations, model_id="moodnet-1-1a2b3c4d",
        detector="yunet", device="CPU", seconds=recording.seconds / 20, corrupt_packets=0,
    )  # fmt: skip
    names = dict(enumerate(NAMES[: recording.people], 1))
    edits = [{"kind": "name", "track_id": track, "name": name} for track, name in names.items()]
    store.put_people(run_id, edits, names)
    first_s = tracks["first_s"][0].as_py()
    store.put_baseline(run_id, 1, first_s, first_s + 10)
    try_rules(store, run_id)
    return observations.num_rows


def _marks(store: Store, recording: Recording, rng: np.random.Generator) -> None:
    """Markers, every third with an end, and an excluded range."""
    times = np.sort(rng.uniform(0, recording.seconds, MARKED))
    markers = [
        {"marker_id": f"{recording.video_id}-{number}", "t_s": t_s, "end_s": t_s + 4 if number % 3 == 0 else None,
         "kind": ("question", "stimulus")[number % 2], "note": None}
        for number, t_s in enumerate(times.tolist())
    ]  # fmt: skip
    store.add_markers(recording.video_id, markers, "csv")
    end_s = recording.seconds
    store.exclude(recording.video_id, f"{recording.video_id}-out", end_s * 0.9, end_s * 0.92, "a break")
