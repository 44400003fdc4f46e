"""Stretches of faces: where nothing lies between one face of a person and the next, and where nothing changes there."""

from __future__ import annotations

import numpy as np
import pandas as pd


def in_order(rows: pd.DataFrame) -> pd.DataFrame:
    """The faces person by person, in order of time, with column `segment`: a new number for each unbroken stretch.

    rows: as from `look.labelled`. A stretch is broken wherever a sampled frame lies between a face and the person's
    one before it: because the person was not seen there, or because it is excluded or not looked at.
    """
    rows = rows.sort_values(["track_id", "nth"], kind="stable", ignore_index=True)
    track, nth = rows["track_id"].to_numpy(), rows["nth"].to_numpy()
    broken = (track[1:] != track[:-1]) | (nth[1:] - nth[:-1] != 1)
    return rows.assign(segment=np.concatenate([[0], np.cumsum(broken)])[: len(rows)])


def constant(rows: pd.DataFrame, column: str) -> pd.DataFrame:
    """Stretches in which `column` stays the same and nothing is broken, in order of person and time.

    rows: as from `look.labelled`. Columns: track_id, segment (as in `in_order`), value (of the column), t_s, end_s
    (until when its last face holds), faces.
    """
    rows = in_order(rows)
    value, segment = rows[column].to_numpy(), rows["segment"].to_numpy()
    starts = np.flatnonzero(np.concatenate([[True], (value[1:] != value[:-1]) | (segment[1:] != segment[:-1])]))
    starts = starts[: len(rows)]
    after = np.append(starts[1:], len(rows))[: len(starts)]
    first = rows.iloc[starts].reset_index(drop=True)
    return pd.DataFrame(
        {
            "track_id": first["track_id"],
            "segment": first["segment"],
            "value": first[column],
            "t_s": first["t_s"],
            "end_s": rows["end_s"].to_numpy()[after - 1],
            "faces": after - starts,
        }
    )
