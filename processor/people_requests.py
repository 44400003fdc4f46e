"""What requests about the people of a video do: name, merge, split, undo, and the baseline."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import numpy as np

from db.store import Store
from processor.annotation_requests import within
from processor.people import next_number, store_people
from processor.spool import Request, RequestRefused


class PeopleRequests:
    """Applies them. changing: within it, what is written is one transaction; applied: writes the log entry."""

    def __init__(
        self, store: Store, changing: Callable[[], AbstractContextManager], applied: Callable[..., None]
    ):  # fmt: skip
        self.store, self.changing, self.applied = store, changing, applied
        self.kinds = {
            "people_name": self._name, "people_merge": self._merge, "people_split": self._split,
            "people_undo": self._undo, "baseline": self._baseline,
        }  # fmt: skip

    def _name(self, request: Request) -> None:
        with self.changing():
            run = self._run_as_seen(request)
            track = self._track(run, request.fields["track_id"])
            self._add(request, run, "name", track["track_id"], name=request.fields["name"])

    def _merge(self, request: Request) -> None:
        with self.changing():
            run = self._run_as_seen(request)
            who, into = (self._track(run, request.fields[name]) for name in ("track_id", "into_id"))
            self._refuse_if_seen_together(run, who, into)
            self._add(request, run, "merge", who["track_id"], into_id=into["track_id"])

    def _split(self, request: Request) -> None:
        with self.changing():
            run = self._run_as_seen(request)
            track, at_s = self._track(run, request.fields["track_id"]), request.fields["at_s"]
            if not track["first_s"] < at_s <= track["last_s"]:
                raise RequestRefused(
                    f"{_called(track)} can't be split at {_clock(at_s)}: choose a time after {_clock(track['first_s'])}"
                    f", when they are first seen, and up to {_clock(track['last_s'])}, when they are last seen."
                )
            tracked_as = self.store.found_faces(run["run_id"])["tracked_as"].to_numpy()
            new = next_number(tracked_as, self.store.people_edits(run["run_id"]))
            self._add(request, run, "split", track["track_id"], into_id=new, at_s=at_s)

    def _undo(self, request: Request) -> None:
        with self.changing():
            run = self._run_as_seen(request)
            edits = self.store.people_edits(run["run_id"])
            if not edits:
                raise RequestRefused("There is nothing to undo: the people of this video are as they were found.")
            store_people(self.store, run, edits[:-1])
            self.store.try_rules_again(run_id=run["run_id"])
            self.applied(request, undone=edits[-1]["kind"])

    def _baseline(self, request: Request) -> None:
        fields = request.fields
        with self.changing():
            run = self._done_run(fields["run_id"])
            track = self._track(run, fields["track_id"])
            if fields["from_s"] is None:
                self.store.remove_baseline(run["run_id"], track["track_id"])
            else:
                from_s, to_s = fields["from_s"], fields["to_s"]
                within(self.store.video(run["video_id"]), "The baseline", from_s, to_s)
                faces = self.store.found_faces(run["run_id"])
                t_s, who = faces["t_s"].to_numpy(), faces["track_id"].to_numpy()
                if not ((who == track["track_id"]) & (t_s >= from_s) & (t_s < to_s)).any():
                    raise RequestRefused(
                        f"{_called(track)} is not seen from {_clock(from_s)} to {_clock(to_s)}: choose a stretch in "
                        "which they are."
                    )
                self.store.put_baseline(run["run_id"], track["track_id"], from_s, to_s)
            self.applied(request)

    def _add(self, request: Request, run: dict, kind: str, track_id: int, **fields) -> None:
        edit = {"kind": kind, "track_id": track_id, "into_id": None, "at_s": None, "name": None, **fields}
        store_people(self.store, run, [*self.store.people_edits(run["run_id"]), edit])
        if kind != "name":
            self.store.try_rules_again(run_id=run["run_id"])
        self.applied(request)

    def _refuse_if_seen_together(self, run: dict, who: dict, into: dict) -> None:
        faces = self.store.found_faces(run["run_id"])
        frame, t_s, track = (faces[name].to_numpy() for name in ("frame", "t_s", "track_id"))
        together = np.intersect1d(frame[track == who["track_id"]], frame[track == into["track_id"]])
        if len(together):
            at_s = t_s[np.isin(frame, together)].min()
            raise RequestRefused(
                f"{_called(who)} and {_called(into)} are in the picture together at {_clock(at_s)}, so they can't be "
                "one person. If one of them is two people under one name, split them first."
            )

    def _run_as_seen(self, request: Request) -> dict:
        """The run, if its people are as whoever asks saw them, but for what they have asked for themselves since."""
        run, own = self._done_run(request.fields["run_id"]), set(request.fields["after"])
        applied = self.store.applied_requests(own)
        if applied < len(own):
            raise RequestRefused("The change before this one was refused, so this one was left out: look again.")
        if run["people_revision"] != request.fields["revision"] + applied:
            raise RequestRefused("Somebody else changed the people of this video meanwhile: look again, then repeat.")
        return run

    def _done_run(self, run_id: int) -> dict:
        run = self.store.run(run_id)
        if run is None:
            raise RequestRefused(f"There is no run {run_id}: its video may have been deleted.")
        if run["state"] != "done":
            raise RequestRefused(f"Run {run_id} is {run['state']}: its people can be changed once it is done.")
        return run

    def _track(self, run: dict, track_id: int) -> dict:
        found = [track for track in self.store.tracks(run["run_id"]) if track["track_id"] == track_id]
        if not found:
            raise RequestRefused(f"There is no person {track_id} in run {run['run_id']}.")
        return found[0]


def _called(track: dict) -> str:
    return track["label"] or f"Person {track['track_id']}"


def _clock(seconds: float) -> str:
    """m:ss, or h:mm:ss from an hour on."""
    whole = int(seconds)
    start = f"{whole // 3600}:{whole // 60 % 60:02d}" if whole >= 3600 else f"{whole // 60}"
    return f"{start}:{whole % 60:02d}"
