"""Faces as the queries give them, short to write down and easy to add up by hand."""

from __future__ import annotations

import pandas as pd

from db.emotions import CATEGORY, EMOTIONS, VALENCE


def faces(*rows: tuple, excluded: tuple[float, float] = (-1, -1)) -> pd.DataFrame:
    """Faces as from db.results.faces; each row is (t_s, track_id, {emotion: probability}, stored label)."""
    out = []
    for nth, (t_s, track_id, some, stored) in enumerate(rows):
        probabilities = {name: some.get(name, 0.0) for name in EMOTIONS}
        raw = max(probabilities, key=probabilities.get)
        out.append(
            {
                "frame": nth * 10, "t_s": t_s, "end_s": t_s + 0.5, "nth": int(t_s * 2), "track_id": track_id,
                "x": 1.0, "y": 2.0, "w": 30.0, "h": 40.0, "face_score": 0.9, **probabilities, "emotion": raw,
                "smoothed": stored, "category": CATEGORY[stored],
                "valence": sum(VALENCE[name] * p for name, p in probabilities.items()),
                "excluded": excluded[0] <= t_s < excluded[1],
            }
        )  # fmt: skip
    columns = ["frame", "t_s", "end_s", "nth", "track_id", "x", "y", "w", "h", "face_score", *EMOTIONS, "emotion"]
    return pd.DataFrame(out, columns=[*columns, "smoothed", "category", "valence", "excluded"])


def two_people() -> pd.DataFrame:
    """The run that tests/db/test_results.py draws: two people at two frames a second, one of them away at 1.5 s.

    t_s        0.0    0.5    1.0    1.5    2.0    2.5    3.0
    person 1   happy  happy  sad    -      happy  neutral -
    smoothed   happy  happy  happy  -      happy  happy   -
    person 2   -      sad    sad    sad    -      -      angry     (smoothed alike)
    """
    seen = [
        (0.0, 1, "happy", "happy"), (0.5, 1, "happy", "happy"), (0.5, 2, "sad", "sad"), (1.0, 1, "sad", "happy"),
        (1.0, 2, "sad", "sad"), (1.5, 2, "sad", "sad"), (2.0, 1, "happy", "happy"), (2.5, 1, "neutral", "happy"),
        (3.0, 2, "angry", "angry"),
    ]  # fmt: skip
    return faces(*((t_s, track_id, {raw: 1.0}, stored) for t_s, track_id, raw, stored in seen))
