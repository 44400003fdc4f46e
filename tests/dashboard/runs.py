"""Small made-up runs, with values that are easy to work out by hand."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from dashboard.look import Look, labelled
from db.emotions import CATEGORY, EMOTIONS, VALENCE


def face(t_s: float, nth: int, emotion: str = "neutral", probability: float = 1.0, **columns) -> dict:
    """A row as from results.faces: `emotion` with that probability, what is left is neutral (sad, if it is neutral)."""
    rest = "sad" if emotion == "neutral" else "neutral"
    shares = {name: 0.0 for name in EMOTIONS} | {rest: 1 - probability} | {emotion: probability}
    strongest = max(EMOTIONS, key=shares.get)
    return {
        "frame": nth, "t_s": t_s, "end_s": t_s + 0.5, "nth": nth, "track_id": 1,
        "x": 10.0, "y": 10.0, "w": 100.0, "h": 100.0, "face_score": 0.9, **shares,
        "emotion": strongest, "smoothed": strongest, "category": CATEGORY[strongest],
        "valence": sum(share * VALENCE[name] for name, share in shares.items()), "excluded": False, **columns,
    }  # fmt: skip


def faces(shown: Sequence[tuple[str, float] | str | None], step_s: float = 0.5, **columns) -> pd.DataFrame:
    """One face, one row a sampled frame, `step_s` apart: an emotion, one with its probability, or None for no face."""
    rows = []
    for nth, what in enumerate(shown):
        if what is not None:
            emotion, probability = (what, 1.0) if isinstance(what, str) else what
            t_s = nth * step_s
            rows.append(face(t_s, nth, emotion, probability, end_s=t_s + step_s, **columns))
    return pd.DataFrame(rows) if rows else pd.DataFrame([face(0.0, 0)]).iloc[:0]


def seen(*runs: pd.DataFrame) -> pd.DataFrame:
    """The faces of several people together, raw, as from look.labelled."""
    rows = pd.concat(runs).sort_values(["nth", "track_id"], kind="stable", ignore_index=True)
    return labelled(rows, Look(method="raw"))
