"""What requests about markers, excluded ranges and reviewed moments do."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from db.annotations import MARKER_FIELDS
from db.store import Store
from processor.annotation_form import SLACK_S, Marker
from processor.forms import checked
from processor.metadata import FieldInvalid
from processor.spool import Request, RequestRefused


class AnnotationRequests:
    """Applies them. changing: within it, what is written is one transaction; applied: writes the log entry."""

    def __init__(
        self, store: Store, changing: Callable[[], AbstractContextManager], applied: Callable[..., None]
    ):  # fmt: skip
        self.store, self.changing, self.applied = store, changing, applied
        self.kinds = {
            "markers_add": self._markers_add, "marker_change": self._marker_change,
            "markers_delete": self._markers_delete, "exclude": self._exclude, "include": self._include,
            "review": self._review,
        }  # fmt: skip

    def _markers_add(self, request: Request) -> None:
        fields = request.fields
        with self.changing():
            video = self._video(fields["video_id"])
            for number, marker in enumerate(fields["markers"]):
                within(video, f"Marker {number + 1}", marker["t_s"], marker["end_s"])
                # From the request's id, so that a request that is applied once more adds nothing.
                marker["marker_id"] = f"{request.request_id}-{number}"
            added = self.store.add_markers(video["video_id"], fields["markers"], fields["source"])
            self.applied(request, asked=len(fields["markers"]), added=added)

    def _marker_change(self, request: Request) -> None:
        with self.changing():
            marker = self.store.marker(request.fields["marker_id"])
            if marker is None:
                raise RequestRefused(
                    f"There is no marker {request.fields['marker_id']!r}: it has been deleted, so it was not changed."
                )
            try:
                changed = checked(Marker, {name: marker[name] for name in MARKER_FIELDS} | request.fields["changes"])
            except FieldInvalid as error:
                raise RequestRefused(str(error)) from error
            within(self._video(marker["video_id"]), "The marker", changed["t_s"], changed["end_s"])
            self.store.change_marker(marker["marker_id"], **changed)
            self.applied(request, video_id=marker["video_id"])

    def _markers_delete(self, request: Request) -> None:
        with self.changing():
            self.applied(request, deleted=self.store.delete_markers(request.fields["marker_ids"]))

    def _exclude(self, request: Request) -> None:
        fields = request.fields
        with self.changing():
            video = self._video(fields["video_id"])
            within(video, "The range", fields["from_s"], fields["to_s"])
            self.store.exclude(
                video["video_id"], request.request_id, fields["from_s"], fields["to_s"], fields["reason"]
            )
            self.store.try_rules_again(video_id=video["video_id"])
            self.applied(request)

    def _include(self, request: Request) -> None:
        with self.changing():
            video_id = self.store.include(request.fields["range_id"])
            if video_id is not None:
                self.store.try_rules_again(video_id=video_id)
            self.applied(request, was_there=video_id is not None)

    def _review(self, request: Request) -> None:
        with self.changing():
            if self.store.run(request.fields["run_id"]) is None:
                raise RequestRefused(f"There is no run {request.fields['run_id']}.")
            self.store.review(**request.fields)
            self.applied(request)

    def _video(self, video_id: str) -> dict:
        video = self.store.video(video_id)
        if video is None:
            raise RequestRefused(f"There is no video {video_id!r}.")
        return video


def within(video: dict, what: str, begin_s: float, end_s: float | None) -> None:
    """Raises RequestRefused where a time lies beyond the end of the video; one of unknown length has none."""
    last_s = begin_s if end_s is None else max(begin_s, end_s)
    if video["duration_s"] is not None and last_s > video["duration_s"] + SLACK_S:
        raise RequestRefused(
            f"{what} lies beyond the end of {video['name']}: it is at {last_s:.3f} s, and the video is "
            f"{video['duration_s']:.3f} s long."
        )
