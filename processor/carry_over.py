"""Names and baselines of people go over from one run of a video to the next, by where their faces were."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from db.store import Store
from processor.people import store_people
from processor.tracks import iou

SAME_FACE_IOU = 0.5  # two boxes that overlap at least this much show the same face
SAME_PERSON_SHARE = 0.5  # more than this share of a person's faces must be those of the person before


def carry_over(store: Store, before: dict, run: dict) -> int:
    """Give the people of a run the names and baselines they had in the run before; returns how many were recognised.

    before, run: dicts of table run's columns; both are finished runs of one video. Names are recorded as edits of the
    new run, so that they can be undone there; nothing changes where nobody had been named and no baseline chosen.
    """
    told = {track["track_id"]: track["label"] for track in store.tracks(before["run_id"])}
    baselines = {row["track_id"]: row for row in store.baselines(before["run_id"])}
    known = [track for track, label in told.items() if label is not None or track in baselines]
    if not known:
        return 0
    faces = store.found_faces(before["run_id"])
    faces = faces.filter(pc.is_in(faces["track_id"], pa.array(known, pa.int32())))
    same = recognised(faces, store.found_faces(run["run_id"]), 1 / before["sample_fps"])
    edits = [
        {"kind": "name", "track_id": new, "into_id": None, "at_s": None, "name": told[old]}
        for new, old in same.items()
        if told[old] is not None
    ]
    if edits:
        store_people(store, run, edits)
    for track in store.tracks(run["run_id"]):
        baseline = baselines.get(same.get(track["track_id"]))
        if baseline and track["first_s"] < baseline["to_s"] and track["last_s"] >= baseline["from_s"]:
            store.put_baseline(run["run_id"], track["track_id"], baseline["from_s"], baseline["to_s"])
    return len(same)


def recognised(before: pa.Table, after: pa.Table, step_s: float) -> dict[int, int]:
    """Which person of `before` each person of `after` is: {track after: track before}, those without one left out.

    before, after: tables with t_s, track_id and the boxes x, y, w, h; either may be empty. step_s: seconds between the
    sampled frames of `before`. A face counts for the person whose box at the nearest sampled time, at most half a step
    away, overlaps its own; a person is the one for whom more than half of their faces count.
    """
    old_s, old_track, old_boxes = _columns(before)
    new_s, new_track, new_boxes = _columns(after)
    times = np.unique(old_s)
    if not len(times):
        return {}
    nearest = times[np.searchsorted((times[1:] + times[:-1]) / 2, new_s)]
    votes: dict[int, Counter] = {}
    for t_s, at_s, track, box in zip(new_s, nearest, new_track.tolist(), new_boxes, strict=True):
        if abs(at_s - t_s) > step_s / 2 + 1e-9:
            continue
        for row in range(np.searchsorted(old_s, at_s, "left"), np.searchsorted(old_s, at_s, "right")):
            if iou(old_boxes[row], box) >= SAME_FACE_IOU:
                votes.setdefault(track, Counter())[int(old_track[row])] += 1
    faces = Counter(new_track.tolist())
    best = {track: counts.most_common(1)[0] for track, counts in votes.items()}
    return {track: old for track, (old, count) in sorted(best.items()) if count > SAME_PERSON_SHARE * faces[track]}


def _columns(faces: pa.Table) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Times (ascending), tracks and boxes (N, 4) of faces."""
    t_s = faces["t_s"].to_numpy()
    order = np.argsort(t_s, kind="stable")
    boxes = np.column_stack([faces[side].to_numpy() for side in ("x", "y", "w", "h")])
    return t_s[order], faces["track_id"].to_numpy()[order], boxes[order]
