"""Faces of a run to draw, as `Store.faces_of_run` gives them."""

from __future__ import annotations

import pyarrow as pa

from db.emotions import EMOTIONS


def faces(*sights: tuple, step_s: float = 0.5, labels: dict[int, str] | None = None) -> pa.Table:
    """Each sight: (track_id, t_s, (x, y, w, h), emotion), in order of track and time; probability 0.9."""
    rows = []
    for track, t_s, (x, y, w, h), emotion in sights:
        probabilities = {name: 0.9 if name == emotion else 0.1 / 6 for name in EMOTIONS}
        row = {"track_id": track, "label": (labels or {}).get(track), "t_s": t_s, "until_s": t_s + step_s}
        rows.append(row | {"x": x, "y": y, "w": w, "h": h} | probabilities | {"smoothed": emotion})
    kinds = {"track_id": pa.int32(), "label": pa.string(), "t_s": pa.float64(), "until_s": pa.float64()}
    kinds |= {name: pa.float32() for name in ("x", "y", "w", "h", *EMOTIONS)} | {"smoothed": pa.string()}
    return pa.Table.from_pylist(rows, pa.schema(kinds))
