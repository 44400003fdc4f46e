"""How the faces of a run are looked at: which person, which part, how smoothed, how sure. Nothing here draws or reads.

`labelled` turns the faces of a run into what every chart, list and file of the video page is made from, so that all of
them agree. Smoothing is the processor's own (processor/smooth.py), over whole tracks before a part is cut out, so that
the same settings give the labels that an analysis would have stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from dashboard.words import UNDECIDED
from db.emotions import CATEGORY, CATEGORY_VALUE, EMOTIONS, VALENCE
from processor.smooth import labels, softened

METHODS = ("stored", "raw", "mean", "mode")

_VALENCES = np.array([VALENCE[name] for name in EMOTIONS])

# What stands for each code of a label: the place of its emotion, or -1, which is the last one, for undecided.
_LABELS = np.array([*EMOTIONS, UNDECIDED], object)
_LABEL_CATEGORIES = np.array([*(CATEGORY[name] for name in EMOTIONS), UNDECIDED], object)
_VALUES = np.array([*(CATEGORY_VALUE[CATEGORY[name]] for name in EMOTIONS), np.nan])


@dataclass(frozen=True)
class Look:
    """What the controls of the video page are set to. Raises ValueError for a setting that can't be.

    track_id: one person, or None for everyone. method: `stored` (the labels as the analysis stored them), `raw`,
    `mean` (over window_s seconds) or `mode` (the most frequent of the last five). window_s: width of the mean of the
    probabilities in seconds; with `stored` that of the analysis, 0 where that smoothed labels; unused otherwise.
    threshold: 0 to 1, 0 is off. from_s, to_s: the part of the video, its end not included. relative: whether charts
    show values relative to the person's baseline.
    """

    track_id: int | None = None
    method: Literal["stored", "mean", "mode", "raw"] = "stored"
    window_s: float = 0.0
    threshold: float = 0.0
    from_s: float = 0.0
    to_s: float = float("inf")
    relative: bool = False

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise ValueError(f"Unknown smoothing. Expected one of {METHODS}. Received: {self.method!r}")
        if not 0 <= self.threshold <= 1:
            raise ValueError(f"The threshold must be from 0 to 1. Received: {self.threshold!r}")
        if not 0 <= self.window_s < float("inf"):
            raise ValueError(f"The window must be 0 s or more. Received: {self.window_s!r}")
        if not 0 <= self.from_s < self.to_s:
            raise ValueError(f"The part must begin at 0 s or later and before it ends. Received: {self!r}")


def labelled(faces: pd.DataFrame, look: Look) -> pd.DataFrame:
    """The faces that a look shows, with their labels; in the same order, index from 0; may be empty.

    faces: as from `db.results.faces`. Left out are other people than look.track_id, what lies outside of
    [from_s, to_s), and excluded ranges. Where the look smooths probabilities (method `mean`, or `stored` with a
    window), the seven probabilities and `valence` are the smoothed ones, else as the network gave them.

    Columns: those of faces, and `raw_valence` (as the network gave it), `label` (an emotion, or `undecided` where the
    probability of the strongest is under the threshold), `label_category` (its category, or `undecided`), `value` (the
    category as -1, 0, +1; NaN where undecided).
    """
    rows = faces if look.track_id is None else faces[faces["track_id"] == look.track_id]
    t_s, track = rows["t_s"].to_numpy(), rows["track_id"].to_numpy()
    raw = rows[list(EMOTIONS)].to_numpy(np.float64)
    soft = look.window_s > 0 and look.method in ("mean", "stored")
    probabilities = softened(t_s, track, raw, look.window_s) if soft else raw
    stored = pd.Categorical(rows["smoothed"], EMOTIONS).codes
    # With a window of 0, because they are softened already.
    codes, _ = labels(t_s, track, probabilities, stored, look.method, 0.0, look.threshold)
    rows = rows.assign(
        **dict(zip(EMOTIONS, probabilities.T, strict=True)),
        **({"valence": probabilities @ _VALENCES} if soft else {}),
        raw_valence=rows["valence"],
        label=_LABELS[codes],
        label_category=_LABEL_CATEGORIES[codes],
        value=_VALUES[codes],
    )
    shown = (rows["t_s"] >= look.from_s) & (rows["t_s"] < look.to_s) & ~rows["excluded"]
    return rows[shown].reset_index(drop=True)


def relative(rows: pd.DataFrame, faces: pd.DataFrame, baselines: pd.DataFrame) -> pd.DataFrame:
    """The rows (as from `labelled`) with probabilities and valence minus the person's means over the baseline.

    faces: as from `db.results.faces`; baselines: track_id, from_s, to_s, one row a person. The mean is that of the raw
    probabilities of the faces that count and begin within [from_s, to_s); so probabilities become -1 to 1 and valence
    -2 to 2. People without a baseline, or without a face in it, are left out: they have nothing to be relative to.
    """
    columns = [*EMOTIONS, "valence"]
    means = {}
    for baseline in baselines.itertuples():
        of = faces[(faces["track_id"] == baseline.track_id) & ~faces["excluded"]]
        of = of[(of["t_s"] >= baseline.from_s) & (of["t_s"] < baseline.to_s)]
        if len(of):
            means[baseline.track_id] = of[columns].mean()
    rows = rows[rows["track_id"].isin(list(means))].reset_index(drop=True)
    if not means:
        return rows
    own = pd.DataFrame(means).T.reindex(rows["track_id"]).set_axis(rows.index)
    return rows.assign(**{name: rows[name] - own[name] for name in columns})
