"""Who is who: from what the tracker found and what people said of it to the tracks that are stored."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from db.emotions import EMOTIONS
from db.store import Store
from processor.smooth import smooth


def replay(tracked_as: np.ndarray, t_s: np.ndarray, edits: list[dict]) -> tuple[np.ndarray, dict[int, str]]:
    """The track of each face once all edits are applied in order, and the names of the tracks that have one.

    tracked_as: int (N,), as the tracker numbered them. t_s: float (N,), seconds. N may be 0. edits: dicts as from
    `Store.people_edits`. A merged person keeps the name of the one merged into, else has the other's. Returns int (N,)
    and {track: name}.
    """
    track, names = tracked_as.copy(), {}
    for edit in edits:
        who, into = edit["track_id"], edit["into_id"]
        if edit["kind"] == "merge":
            track[track == who] = into
            name = names.pop(who, None)
            if name is not None:
                names.setdefault(into, name)
        elif edit["kind"] == "split":
            track[(track == who) & (t_s >= edit["at_s"])] = into
        elif edit["name"] is None:
            names.pop(who, None)
        else:
            names[who] = edit["name"]
    return track, names


def next_number(tracked_as: np.ndarray, edits: list[dict]) -> int:
    """The number for a new track: one more than any that the tracker or a split has given."""
    return max([*tracked_as.tolist(), *(edit["into_id"] for edit in edits if edit["kind"] == "split")], default=0) + 1


def store_people(store: Store, run: dict, edits: list[dict]) -> None:
    """Make `edits` what people said of a run, and everything that is stored of it what they come to.

    run: a dict of table run's columns. Labels are smoothed anew along the new tracks, as the run did it; nothing is
    looked at again. Without edits the run is as it was when it was finished.
    """
    found = store.found_faces(run["run_id"])
    tracked_as, before, t_s = (found[name].to_numpy() for name in ("tracked_as", "track_id", "t_s"))
    track, names = replay(tracked_as, t_s, edits)
    faces = None
    if (track != before).any():
        probabilities = np.column_stack([found[name].to_numpy() for name in EMOTIONS])
        method, _, window = run["smoothing"].partition(":")
        window_s = float(window.removesuffix("s"))  # of `mode` it is a number of faces, always the same
        smoothed = np.array(EMOTIONS)[smooth(t_s, track, probabilities, method, window_s)]
        columns = {"frame": found["frame"], "tracked_as": found["tracked_as"]}
        faces = pa.table({**columns, "track_id": track, "smoothed": smoothed})
    store.put_people(run["run_id"], edits, names, faces)
