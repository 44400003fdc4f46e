"""The figures of each person in a part of a video: how long seen, with what expressions. No Streamlit and no SQL."""

from __future__ import annotations

import pandas as pd

from dashboard import timeline
from dashboard.look import UNDECIDED
from db.emotions import EMOTIONS

# What a face can be labelled, in the order of columns.
LABELS = (*EMOTIONS, UNDECIDED)


def people_figures(rows: pd.DataFrame, tracks: pd.DataFrame) -> pd.DataFrame:
    """One row for each person of `tracks` who is in `rows`, in the order of tracks; empty without a face.

    rows: as from `look.labelled`, so without what is excluded; tracks: as from `db.results.tracks`.
    Columns: track_id, name (None where nobody gave one), first_s and last_s (seconds from the start of the video, from
    the first to the end of the last frame), faces, seconds (for which the person was seen), mean_valence (-1 to 1, over
    the faces), and for each of LABELS the seconds with it.
    """
    found = []
    for track in tracks.itertuples():
        own = rows[rows["track_id"] == track.track_id]
        if own.empty:
            continue
        held = timeline.seconds(own).set_index("emotion")["seconds"]
        found.append(
            {
                "track_id": int(track.track_id),
                "name": None if pd.isna(track.label) else track.label,
                "first_s": float(own["t_s"].min()),
                "last_s": float(own["end_s"].max()),
                "faces": len(own),
                "seconds": float(held.sum()),
                "mean_valence": float(own["valence"].astype(float).mean()),
                **{label: float(held[label]) for label in LABELS},
            }
        )
    columns = ["track_id", "name", "first_s", "last_s", "faces", "seconds", "mean_valence", *LABELS]
    names = pd.Series([one["name"] for one in found], dtype=object)  # or pandas makes NaN of None
    return pd.DataFrame(found, columns=columns).assign(name=names)
