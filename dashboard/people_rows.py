"""What the People section says of each person, worked out from the faces of a run: no Streamlit, no SQL."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dashboard.people_figures import LABELS, people_figures
from dashboard.stretches import constant
from dashboard.timeline import BLURRED_BELOW
from dashboard.words import clock, one_line
from dashboard.words import person as called
from processor.people import replay


def overview(labelled: pd.DataFrame, tracks: pd.DataFrame, frames: pd.DataFrame) -> pd.DataFrame:
    """One row for each track, in the order of tracks; what is excluded counts for none of the figures.

    labelled: as from `look.labelled`, of everyone and the whole video; tracks: as from `db.results.tracks`; frames: as
    from `db.results.frames`.
    Columns: track_id, label (None without one), first_s, last_s (of the run), seconds (seen), share (of the frames that
    count, 0 to 1; NaN if none does), mean_valence (NaN if never seen where it counts), main (the label of the most of
    those seconds, None if there are none).
    """
    figures = people_figures(labelled, tracks).set_index("track_id")
    main = figures[list(LABELS)].idxmax(axis=1) if len(figures) else pd.Series(dtype=object)
    counted = int((~frames["excluded"]).sum())
    out = tracks[["track_id", "label", "first_s", "last_s"]].reset_index(drop=True)
    track = out["track_id"]
    return out.assign(
        label=pd.Series([None if pd.isna(label) else label for label in out["label"]], index=out.index, dtype=object),
        seconds=track.map(figures["seconds"]).fillna(0.0).astype(float),
        share=track.map(figures["faces"]).fillna(0).astype(float) / (counted or np.nan),
        mean_valence=track.map(figures["mean_valence"]).astype(float),
        main=pd.Series([main.get(number) for number in track], index=out.index, dtype=object),
    )


def best_faces(faces: pd.DataFrame, frames: pd.DataFrame) -> pd.DataFrame:
    """The face of each person that shows them best: sure, large, and in a sharp frame; none from an excluded one.

    faces, frames: as from `db.results.faces` and `frames`. Sure is the detector's score (1 where it gives none), large
    the side of a square of the box's area; sharpness counts less the more of it there is: 0.5 at the value below which
    a frame is called blurred, towards 1 above. Of equals the first. Returns the rows of faces, by track_id.
    """
    rows = faces[~faces["excluded"]]
    sharpness = rows["frame"].map(frames.set_index("frame")["sharpness"]).astype(float)
    worth = rows["face_score"].astype(float).fillna(1.0) * np.sqrt(rows["w"] * rows["h"])
    worth = worth * sharpness / (sharpness + BLURRED_BELOW)
    best = worth.groupby(rows["track_id"]).idxmax()
    return rows.loc[best].set_index("track_id", drop=False)


def neutral_stretch(labelled: pd.DataFrame, track_id: int) -> tuple[float, float] | None:
    """The longest stretch in which a person is seen all the time and labelled neutral: from, to; None if never."""
    rows = constant(labelled[labelled["track_id"] == track_id], "label")
    rows = rows[rows["value"] == "neutral"]
    if rows.empty:
        return None
    longest = rows.loc[(rows["end_s"] - rows["t_s"]).idxmax()]
    return float(longest["t_s"]), float(longest["end_s"])


def together(faces: pd.DataFrame, one: int, other: int) -> float | None:
    """When two tracks are first seen in the same frame, in seconds; None if never: then they may be one person."""
    shown = faces[faces["track_id"].isin([one, other])]
    both = shown[shown.duplicated("frame", keep=False)]
    return None if both.empty else float(both["t_s"].min())


def said(edits: pd.DataFrame) -> list[str]:
    """What each edit did, in words, with the names that people had at the time: `merge Person 3 into Anna (1)`.

    edits: as from `db.people_results.edits`.
    """
    given = edits.astype(object).where(edits.notna(), None).to_dict("records")
    sentences, nobody = [], np.array([], int)
    for done, edit in enumerate(given):
        names = replay(nobody, np.array([]), given[:done])[1]
        who = called(edit["track_id"], names.get(edit["track_id"]))
        if edit["kind"] == "merge":
            into = int(edit["into_id"])
            sentences.append(f"merge {who} into {called(into, names.get(into))}")
        elif edit["kind"] == "split":
            sentences.append(f"split {who} at {clock(edit['at_s'])}")
        elif edit["name"] is None:
            sentences.append(f"take the name of {who} away")
        else:
            sentences.append(f"name {who} {one_line(edit['name'])}")
    return sentences
