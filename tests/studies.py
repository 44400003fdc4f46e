"""Made-up studies of known truth: two cohorts of subjects who are seen in one session after another.

`fill` puts one through the real store, `rows` gives the same as `db.study_results.units` would, without a store, for
the hundreds of studies that rates are counted over.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa

from db.emotions import CATEGORY, EMOTIONS, VALENCE
from db.store import Store
from tests.db.rows import video

COHORTS = ("control", "treatment")
FIRST_DAY = datetime(2026, 1, 5, 14, 0)
FPS = 2.0

# What the cohort `control` shows on average, as shares of time; the effect makes `treatment` as much happier as less
# neutral.
_BASE = {"angry": 0.05, "disgust": 0.03, "fear": 0.04, "happy": 0.25, "sad": 0.13, "surprise": 0.05, "neutral": 0.45}
_VALENCES = np.array([VALENCE[name] for name in EMOTIONS])
_CATEGORIES = np.array([CATEGORY[name] for name in EMOTIONS])


def truth(effect: float) -> dict[str, float]:
    """By how much `treatment` really is above `control`, by measure."""
    none = {name: 0.0 for name in ("angry", "disgust", "fear", "sad", "surprise", "negative")}
    return none | {"happy": effect, "positive": effect, "valence": effect, "neutral": -effect}


def shares(rng: np.random.Generator, effect: float, subjects: int, sessions: int, trend: float = 0.0) -> np.ndarray:
    """What each subject tends to show: (2 cohorts, subjects, sessions, 7), rows sum to 1.

    A subject differs from others by 0.06 (standard deviation) in happy and 0.03 in sad, a session from another one by
    0.03 in happy; neutral makes up for it. trend: how much more happy each session is than the one before.
    """
    base = np.tile([_BASE[name] for name in EMOTIONS], (len(COHORTS), subjects, sessions, 1))
    happy, sad, neutral = (EMOTIONS.index(name) for name in ("happy", "sad", "neutral"))
    base[1, ..., happy] += effect
    base[..., happy] += rng.normal(0, 0.06, (len(COHORTS), subjects, 1)).clip(-0.15, 0.15)
    base[..., happy] += rng.normal(0, 0.03, base.shape[:-1]).clip(-0.05, 0.05) + trend * np.arange(sessions)
    base[..., sad] += rng.normal(0, 0.03, (len(COHORTS), subjects, 1)).clip(-0.08, 0.08)
    base[..., neutral] = 0
    base[..., neutral] = 1 - base.sum(axis=-1)
    return base


def fill(
    store: Store, effect: float = 0.15, *, seed: int = 1, subjects: int = 15, sessions: int = 2, trend: float = 0.0,
    seconds: float = 60.0, named: bool = False, started_s: float | None = None,
) -> dict[str, float]:  # fmt: skip
    """Fill a store with a study of 2 x subjects x sessions videos (60 unless said otherwise); returns `truth(effect)`.

    Subjects are c01, c02 ... and t01, t02 ...; session `1` of each lies in January, the next a month later; tag `site`
    is A and B by turns. Each video shows the subject, who is in every frame. named: the person has the subject's name.
    started_s: every video has a marker `stimulus` about there. It is not published.
    """
    rng = np.random.default_rng(seed)
    tend = shares(rng, effect, subjects, sessions, trend)
    for place, cohort in enumerate(COHORTS):
        for number in range(subjects):
            for session in range(sessions):
                subject = f"{cohort[0]}{number + 1:02d}"
                video_id = f"{subject}-{session + 1}"
                store.add_video(
                    video(
                        video_id, duration_s=seconds, cohort=cohort, subject=subject, session=str(session + 1),
                        tags={"site": "AB"[number % 2]},
                        recorded_at=FIRST_DAY + timedelta(days=30 * session + number % 10),
                    )
                )  # fmt: skip
                run_id = store.queue_run(video_id, sample_fps=FPS, smoothing="mean:1.5s")
                store.start_run(run_id)
                store.finish_run(
                    run_id, **_analysis(rng, tend[place, number, session], seconds), model_id="moodnet-1-1a2b3c4d",
                    detector="yunet", device="CPU", seconds=1.0, corrupt_packets=0,
                )  # fmt: skip
                if named:
                    name = {"kind": "name", "track_id": 1, "into_id": None, "at_s": None, "name": subject}
                    store.put_people(run_id, [name], {1: subject})
                if started_s is not None:
                    t_s = started_s + rng.uniform(-1, 1)
                    marker = {"marker_id": video_id, "t_s": t_s, "end_s": None, "kind": "stimulus", "note": None}
                    store.add_markers(video_id, [marker], "csv")
    return truth(effect)


def rows(
    rng: np.random.Generator, effect: float = 0.0, *, subjects: int = 30, sessions: int = 1, frames: int = 120
) -> pd.DataFrame:
    """A study as `db.study_results.units` gives it: one person a video, 60 videos unless said otherwise."""
    tend = shares(rng, effect, subjects, sessions)
    seen = rng.multinomial(frames, tend) / frames
    found = []
    for place, number, session in np.ndindex(tend.shape[:-1]):
        cohort = COHORTS[place]
        subject = f"{cohort[0]}{number + 1:02d}"
        shown = dict(zip(EMOTIONS, seen[place, number, session], strict=True))
        found.append(unit(f"{subject}-{session + 1}", shown, subject=subject, cohort=cohort, session=str(session + 1)))
    return pd.DataFrame(found)


def unit(video_id: str, shown: dict[str, float] | None = None, **columns) -> dict:
    """A row as from `db.study_results.units`: one person who shows this; what is not said is neutral."""
    shown = dict.fromkeys(EMOTIONS, 0.0) | (shown or {})
    shown["neutral"] += max(0.0, 1 - sum(shown.values()))
    valence = sum(share * VALENCE[name] for name, share in shown.items())
    return {
        "video_id": video_id, "name": f"{video_id}.mp4", "subject": None, "cohort": None, "session": None,
        "recorded_at": pd.Timestamp(FIRST_DAY), "added_at": pd.Timestamp(FIRST_DAY), "tags": None, "duration_s": 60.0,
        "state": "done", "error": None, "frames_sampled": 120, "seen": 1.0, "run_id": 1, "coverage": 1.0,
        "seconds": 60.0, "excluded_s": 0.0, "brightness": 100.0, "sharpness": 50.0, "face_px": 90.0,
        "face_score": 0.9, "track_id": 1, "label": None, "observations": 120, "person_s": 60.0, **shown,
        **{f"p_{name}": share for name, share in shown.items()}, "valence": valence, **columns,
    }  # fmt: skip


def _analysis(rng: np.random.Generator, tends: np.ndarray, seconds: float) -> dict[str, pa.Table]:
    """What an analysis finds of one person who is always there: each frame one emotion, drawn by itself."""
    n = int(seconds * FPS)
    codes = rng.choice(len(EMOTIONS), n, p=tends)
    probabilities = np.eye(len(EMOTIONS))[codes]
    frame, t_s = np.arange(n, dtype=np.int32), np.arange(n) / FPS
    named = np.array(EMOTIONS)[codes]
    frames = {
        "frame": frame, "t_s": t_s, "faces": np.ones(n, np.int16),
        "brightness": np.full(n, 100, np.float32), "sharpness": np.full(n, 50, np.float32),
    }  # fmt: skip
    tracks = {"track_id": [1], "first_s": [0.0], "last_s": [t_s[-1]], "observations": [n]}
    observations = {
        "frame": frame, "t_s": t_s, "track_id": np.ones(n, np.int32),
        **{side: np.full(n, 90, np.float32) for side in ("x", "y", "w", "h")},
        "face_score": np.full(n, 0.9, np.float32),
        **dict(zip(EMOTIONS, probabilities.T.astype(np.float32), strict=True)),
        "emotion": named, "smoothed": named, "category": _CATEGORIES[codes],
        "valence": (probabilities @ _VALENCES).astype(np.float32),
    }  # fmt: skip
    return {"frames": pa.table(frames), "tracks": pa.table(tracks), "observations": pa.table(observations)}
