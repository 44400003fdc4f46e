"""What requests for files made from videos do."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from db.store import Store
from processor.spool import Request, RequestRefused

SLACK_S = 1.0  # how far beyond a video's length a moment may lie: lengths in containers are not exact


class MakingRequests:
    """Applies them. changing: within it, what is written is one transaction; applied: writes the log entry."""

    def __init__(
        self, store: Store, folder: Path, changing: Callable[[], AbstractContextManager], applied: Callable[..., None]
    ):
        self.store, self.folder, self.changing, self.applied = store, folder, changing, applied
        self.kinds = {"make": self._make, "unmake": self._unmake}

    def _make(self, request: Request) -> None:
        video_id, kind, options = (request.fields[name] for name in ("video_id", "what", "options"))
        with self.changing():
            video = self.store.video(video_id)
            if video is None:
                raise RequestRefused(f"There is no video {video_id!r}.")
            run = next((run for run in self.store.runs("done") if run["video_id"] == video_id and run["current"]), None)
            if kind == "clips":
                _within(video, options["moments"])
            if run is None and (kind == "annotated" or options.get("blur")):
                raise RequestRefused(
                    f"{video['name']} has no finished analysis, so nobody knows where its faces are yet."
                )
            if kind == "annotated":
                # What is drawn besides the options: with other people or exclusions it is another file.
                options = options | {
                    "people_revision": run["people_revision"], "excluded": self.store.excluded_of(video_id),
                }  # fmt: skip
            made_id = self.store.queue_made(
                request.request_id, video_id, kind, options, requested_at=request.requested_at,
                run_id=run["run_id"] if run is not None and kind != "proxy" else None,
            )  # fmt: skip
            self.applied(request, made_id=made_id)

    def _unmake(self, request: Request) -> list[Path]:
        made_id = request.fields["made_id"]
        with self.changing():
            made = self.store.made_file(made_id)
            if made is None:
                raise RequestRefused(f"There is no made file {made_id!r}: it has been deleted already.")
            self.store.delete_made(made_id)  # one that is being made is given up by processor/making.py
            self.applied(request, video_id=made["video_id"])
        return files_of([made], self.folder)


def files_of(made: list[dict], folder: Path) -> list[Path]:
    """Where the finished ones of these lie in the folder made/."""
    return [folder / row["file"] for row in made if row["file"] is not None]


def _within(video: dict, moments: list[dict]) -> None:
    length_s = video["duration_s"]
    late = next((m for m in moments if length_s is not None and m["t_s"] > length_s + SLACK_S), None)
    if late is not None:
        raise RequestRefused(
            f"{video['name']} has no moment at {late['t_s']:g} s: it is {length_s:g} s long. Nothing was asked for."
        )
