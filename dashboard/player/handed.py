"""What the player in the browser is given: the faces of a run as small columns of whole numbers.

Two hours of three people at two frames a second are 43,200 faces; as rows of JSON they would be 5 MB and slow to open.
So each column is the base64 of a little-endian array, as narrow as what it shows needs:

- times: uint32, in ten-thousandths of a second
- boxes: int16, pixels of the picture in display orientation
- probabilities: uint8, 0 to 255 for 0 to 1
- labels: uint8, the place in EMOTIONS, 7 where undecided; categories: uint8, the place in CATEGORIES, 3 where undecided

The boxes are all there, the lines thinned to what a screen shows.
"""

from __future__ import annotations

import base64
import math

import numpy as np
import pandas as pd

from dashboard.words import UNDECIDED, missing, one_line, person
from db.emotions import CATEGORIES, CATEGORY_VALUE, EMOTIONS

LINE_POINTS = 2000
TICKS_PER_S = 10_000

_LABELS = {name: place for place, name in enumerate((*EMOTIONS, UNDECIDED))}
_CATEGORIES = {name: place for place, name in enumerate((*CATEGORIES, UNDECIDED))}


def column(values: np.ndarray, kind: str) -> str:
    """Numbers as the base64 of an array of `kind` (such as "<u2"), rounded, and cut off at what that holds."""
    limits = np.iinfo(kind)
    whole = np.clip(np.rint(np.asarray(values, np.float64)), limits.min, limits.max)
    return base64.b64encode(whole.astype(kind).tobytes()).decode("ascii")


def people(faces: pd.DataFrame, tracks: pd.DataFrame) -> list[dict]:
    """The boxes of each person, in order of track: id, name, and the columns t, x, y, w, h, label and p.

    faces: as from `results.faces`, with or without the columns of `look.labelled`; without them a face is labelled as
    the analysis smoothed it. p is the probability of the label, where undecided that of the strongest.
    """
    names = {row.track_id: one_line(person(row.track_id, row.label)) for row in tracks.itertuples()}
    place, strength = _labels(faces)
    out = []
    for track_id, rows in sorted(faces.groupby("track_id").indices.items()):
        of = faces.iloc[rows]
        out.append(
            {
                "id": int(track_id),
                "name": names.get(track_id, person(track_id, None)),
                "t": column(of["t_s"] * TICKS_PER_S, "<u4"),
                **{side: column(of[side], "<i2") for side in ("x", "y", "w", "h")},
                "label": column(place[rows], "u1"),
                "p": column(strength[rows] * 255, "u1"),
            }
        )
    return out


def lines(faces: pd.DataFrame, who: int | None) -> dict:
    """The course of the seven probabilities and the category, of one person or the mean of all, as columns.

    t and end: when a point begins and until when it holds. gap: 1 where sampled frames without the face lie before it,
    so that the line is broken there. emotions: seven columns. category: that of the mean value, rounded, halves towards
    neutral; undecided where every face is.
    """
    rows = faces if who is None else faces[faces["track_id"] == who]
    if rows.empty:
        return {"t": "", "end": "", "gap": "", "emotions": [""] * len(EMOTIONS), "category": ""}
    nth = rows["nth"].to_numpy()
    step = math.ceil((nth.max() - nth.min() + 1) / LINE_POINTS)
    labels = rows["label_category"] if "label_category" in rows else rows["category"]
    value = labels.astype(str).map(CATEGORY_VALUE).astype(float)
    points = (
        rows[["t_s", "end_s", "nth", *EMOTIONS]]
        .assign(value=value)
        .groupby((nth - nth.min()) // step, sort=True)
        .agg(
            t_s=("t_s", "min"), end_s=("end_s", "max"), first=("nth", "min"), last=("nth", "max"),
            value=("value", "mean"), **{name: (name, "mean") for name in EMOTIONS},
        )
    )  # fmt: skip
    gap = (points["first"] - points["last"].shift()) > 1
    place_of = {CATEGORY_VALUE[name]: _CATEGORIES[name] for name in CATEGORIES}
    category = [
        _CATEGORIES[UNDECIDED] if missing(mean) else place_of[1 if mean > 0.5 else -1 if mean < -0.5 else 0]
        for mean in points["value"]
    ]
    return {
        "t": column(points["t_s"] * TICKS_PER_S, "<u4"),
        "end": column(points["end_s"] * TICKS_PER_S, "<u4"),
        "gap": column(gap, "u1"),
        "emotions": [column(points[name] * 255, "u1") for name in EMOTIONS],
        "category": column(np.array(category), "u1"),
    }


def marked(markers: pd.DataFrame) -> list[dict]:
    """Markers as the browser gets them: id, t, end (None for a moment), kind, note."""
    return [
        {
            "id": row.marker_id,
            "t": float(row.t_s),
            "end": None if missing(row.end_s) else float(row.end_s),
            "kind": one_line(row.kind),
            "note": "" if missing(row.note) else one_line(row.note),
        }
        for row in markers.itertuples()
    ]


def left_out(excluded: pd.DataFrame) -> list[dict]:
    """Excluded ranges as the browser gets them: from, to, reason."""
    return [
        {
            "from": float(row.from_s),
            "to": float(row.to_s),
            "reason": "" if missing(row.reason) else one_line(row.reason),
        }
        for row in excluded.itertuples()
    ]


def _labels(faces: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """The place of each face's label, and the probability that it is shown with."""
    label = faces["label"] if "label" in faces else faces["smoothed"]
    place = label.astype(str).map(_LABELS).to_numpy(np.int64) if len(faces) else np.empty(0, np.int64)
    probabilities = faces[list(EMOTIONS)].to_numpy(np.float64)
    strongest = probabilities.max(axis=1, initial=0.0)
    own = probabilities[np.arange(len(faces)), np.minimum(place, len(EMOTIONS) - 1)]
    return place, np.where(place < len(EMOTIONS), own, strongest)
