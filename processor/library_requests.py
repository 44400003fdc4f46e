"""What requests about several videos at once do."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from db.store import Store
from processor.metadata import in_words
from processor.spool import Request, RequestRefused

SAID = 20  # of the videos that were left as they are, so many are named


class LibraryRequests:
    """Applies them. changing: within it, what is written is one transaction; applied: writes the log entry."""

    def __init__(self, store: Store, changing: Callable[[], AbstractContextManager], applied: Callable[..., None]):
        self.store, self.changing, self.applied = store, changing, applied
        self.kinds = {"edit_many": self._edit_many}

    def _edit_many(self, request: Request) -> None:
        """Change every video that is still as it was seen; the others stay as they are, and the log entry says why."""
        edits = request.fields["edits"]
        with self.changing():
            videos = {video["video_id"]: video for video in self.store.videos()}
            changes, left = {}, []
            for edit in edits:
                problem = _in_the_way(videos.get(edit["video_id"]), edit)
                if problem:
                    left.append(problem)
                else:
                    changes[edit["video_id"]] = edit["changes"]
            if not changes:
                raise RequestRefused(_reason(left, len(edits)))
            self.store.update_videos(changes)
            self.applied(request, reason=_reason(left, len(edits)) if left else None, videos=sorted(changes))


def _in_the_way(video: dict | None, edit: dict) -> str | None:
    """Why an edit does not fit any more, as a sentence; None if it does. video: as it is now."""
    if video is None:
        return f"There is no video {edit['video_id']!r} any more."
    for field, wanted in edit["changes"].items():
        now, seen = video[field], edit["seen"][field]
        if field == "tags":  # none at all and an empty set of them are the same
            now, seen, wanted = now or None, seen or None, wanted or None
        if now not in (seen, wanted):
            was, is_now, yours = (in_words(value) for value in (seen, now, wanted))
            return (
                f"{video['name']}: somebody else has changed the {field.replace('_', ' ')} meanwhile, from {was} to "
                f"{is_now}; your {yours} was not saved."
            )
    return None


def _reason(left: list[str], of: int) -> str:
    """One text on those that were left as they are."""
    done = of - len(left)
    begin = f"{done:,} of {of:,} videos were changed, and these were not. " if done else ""
    more = f" And {len(left) - SAID:,} more." if len(left) > SAID else ""
    return f"{begin}{' '.join(left[:SAID])}{more}"
