"""What each kind of request does. Each is applied exactly once: with its entry in `request_log`, in one transaction."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path

from db.store import Store
from processor import metadata, spool, watch
from processor.alert_requests import AlertRequests
from processor.annotation_requests import AnnotationRequests
from processor.config import Home, Settings
from processor.default_model import choose, in_force
from processor.emotions import BundleUnusable, bundles, model_id, read_card
from processor.erasing import Erasing
from processor.intake import FOLDER_PRIORITY, PERSON_PRIORITY, Intake, bring_in, with_overrides
from processor.library_requests import LibraryRequests
from processor.live_requests import LiveRequests
from processor.making_requests import MakingRequests, files_of
from processor.notify import channels
from processor.people_requests import PeopleRequests
from processor.privacy_requests import PrivacyRequests
from processor.reuse import finished_alike, waiting_alike
from processor.saved_requests import SavedRequests
from processor.spool import Request, RequestRefused
from processor.watch import VIDEO_SUFFIXES, Found

log = logging.getLogger(__name__)

MAX_TRIES = 3


class Requests:
    """Applies what lies in the spool, in order. stop_run: gives up an analysis that is under way.

    alone, settle: as Erasing takes them.
    """

    def __init__(
        self, home: Home, settings: Settings, store: Store, intake: Intake, stop_run: Callable[[int], None],
        stopping: Callable[[], bool] = lambda: False,
        alone: Callable[[], AbstractContextManager] = nullcontext, settle: Callable[[], None] = lambda: None,
    ):  # fmt: skip
        self.home, self.settings, self.store, self.intake = home, settings, store, intake
        self.stop_run, self.stopping = stop_run, stopping
        self._tries: dict[str, int] = {}
        self._kinds = {
            "upload": self._upload, "analyze": self._analyze, "edit": self._edit, "reprocess": self._reprocess,
            "reprocess_all": self._reprocess_all, "cancel": self._cancel, "delete": self._delete,
            "evaluation": self._evaluation, "default_model": self._default_model,
            **AnnotationRequests(store, intake.changing, self._applied).kinds,
            **PeopleRequests(store, intake.changing, self._applied).kinds,
            **PrivacyRequests(store, intake.changing, self._applied, stop_run).kinds,
            **Erasing(home, store, intake, stop_run, alone, settle).kinds,
            **MakingRequests(store, home.made, intake.changing, self._applied).kinds,
            **LibraryRequests(store, intake.changing, self._applied).kinds,
            **SavedRequests(store, intake.changing, self._applied).kinds,
            **AlertRequests(store, intake.changing, self._applied, channels(settings)).kinds,
            **LiveRequests(home, settings, intake, intake.changing, self._applied, stopping).kinds,
        }  # fmt: skip

    def apply_all(self) -> int:
        """Apply what waits; returns how many requests were dealt with. Stops at one that has to wait itself."""
        handled = 0
        for path in spool.pending(self.home.spool):
            if self.stopping() or not self._deal_with(path):
                break
            handled += 1
        return handled

    def _deal_with(self, path: Path) -> bool:
        """Apply or refuse one request; False if it must wait, with those after it, for a better moment."""
        request_id, given, kind, requested_at = path.stem, {}, "unknown", datetime.now(UTC)
        try:
            if self.store.request_handled(request_id):
                spool.done(path)  # the last process died between commit and clearing up
                return True
            given = spool.load(path)
            kind = str(given.get("kind"))[:40]
            request = spool.parse(request_id, given)
            requested_at = request.requested_at
            clear_up = self._kinds[request.kind](request)
        except RequestRefused as error:
            self._refuse(path, kind, requested_at, str(error), given)
            return True
        except FileNotFoundError:
            return True  # taken away by whoever put it there
        except watch.StillChanging:
            return False
        except Exception as error:
            if isinstance(error, OSError) or type(error).__module__.startswith("db."):
                raise  # a full disk is not the request's fault: it waits
            self._tries[request_id] = self._tries.get(request_id, 0) + 1
            if self._tries[request_id] < MAX_TRIES:
                raise
            log.exception("Request %s was tried %d times and is given up.", request_id, MAX_TRIES)
            self._refuse(path, kind, requested_at, f"It could not be applied: {type(error).__name__}: {error}", given)
            return True
        spool.done(path)
        for file in clear_up or ():
            Path(file).unlink(missing_ok=True)
        log.info("Request %s (%s) is applied.", request_id, kind)
        return True

    def _refuse(self, path: Path, kind: str, requested_at: datetime, reason: str, given: dict) -> None:
        self.store.log_request(path.stem, kind, requested_at, "refused", reason, _in_brief(given))
        # Whoever wants a name erased does not want it kept because that failed.
        spool.done(path) if kind == "erase" else spool.refuse(path, self.home.refused)
        log.warning("Request %s (%s) is refused: %s", path.stem, kind, reason)

    def _applied(self, request: Request, reason: str | None = None, **outcome) -> None:
        """reason: why a part of what was asked for was not done."""
        self.store.log_request(
            request.request_id, request.kind, request.requested_at, "applied", reason,
            _in_brief(request.given) | outcome,
        )  # fmt: skip

    def _upload(self, request: Request) -> None:
        content = spool.content_of(self.home.spool, request.request_id)
        status = watch.stat_regular(str(content))
        name = request.fields["name"]
        if status is None:
            raise RequestRefused(f"The content of the upload {name} is not there.")
        if status.st_size > self.settings.max_upload_mb << 20:
            raise RequestRefused(
                f"The upload {name} is larger than {self.settings.max_upload_mb} MiB (setting `max_upload_mb`)."
            )
        sha256, *_ = watch.fingerprint(str(content), self.stopping)
        fields = {field: value for field, value in request.fields.items() if value is not None}
        with self.intake.changing():
            known, run_id = self.store.video(sha256[:16]), None
            if known is None or not self.intake.is_there(known):
                suffix = Path(name).suffix.lower()
                target = self.home.library / (sha256 + (suffix if suffix in VIDEO_SUFFIXES else ""))
                bring_in(content, target)
                status = target.stat()
                found = Found(str(target), status.st_size, status.st_mtime_ns)
                _, run_id = self.intake.take(found, sha256, source="upload", priority=PERSON_PRIORITY, fields=fields)
            if known is not None:  # fill what nobody had said; what is known stays
                unsaid = {field: value for field, value in fields.items() if known[field] is None}
                self.store.update_video(sha256[:16], **unsaid)
            self._applied(request, video_id=sha256[:16], run_id=run_id)

    def _analyze(self, request: Request) -> None:
        fields = dict(request.fields)
        with self.accepted(fields.pop("path"), fields.pop("again"), fields) as (video_id, run_id):
            self._applied(request, video_id=video_id, run_id=run_id)

    @contextmanager
    def accepted(self, path: str, again: bool, overrides: dict) -> Iterator[tuple[str, int]]:
        """Hash a file given by hand and queue it; inside, in one transaction with that: (video_id, run_id).

        A run of the same content that waits, or (unless `again`) has finished, with the very same model and settings
        is taken instead of a new one. Raises RequestRefused if the file can't be read, StillChanging if it changes.
        """
        try:
            sha256, size_bytes, mtime_ns = watch.fingerprint(path, self.stopping)
        except OSError as error:
            raise RequestRefused(watch.why_unreadable(path, error)) from error
        columns, warning = metadata.of_file(path, self.intake.folders)
        if warning:
            log.warning("%s", warning)
        found = Found(path, size_bytes, mtime_ns)
        with self.intake.changing():
            video_id, run_id = self.intake.take(found, sha256, priority=PERSON_PRIORITY, fields=columns, run=overrides)
            if run_id is None:
                wanted = with_overrides(self.settings, overrides)
                same = waiting_alike(self.store, video_id, wanted, overrides)
                same = same or (None if again else finished_alike(self.store, video_id, wanted))
                run_id = same or self.intake.queue(video_id, priority=PERSON_PRIORITY, **overrides)
            yield video_id, run_id

    def _edit(self, request: Request) -> None:
        with self.intake.changing():
            self.store.update_video(self._known_video(request), **request.fields["changes"])
            self._applied(request)

    def _reprocess(self, request: Request) -> None:
        overrides = {name: value for name, value in request.fields.items() if name != "video_id"}
        with self.intake.changing():
            video = self.store.video(self._known_video(request))
            if not video["path"]:
                raise RequestRefused(
                    f"Of {video['name']} only what was seen is kept, not the video: there is nothing to analyse again."
                )
            run_id = self.intake.queue(video["video_id"], priority=PERSON_PRIORITY, **overrides)
            self._applied(request, run_id=run_id)

    def _reprocess_all(self, request: Request) -> None:
        model = request.fields["model"]
        had = {"model_id": (model_id(self._usable_card(model)),), "asked": (model,)}
        if in_force(self.settings).name == model:
            had["asked"] += (None,)  # a run that waits and names no model will use this one
        with self.intake.changing():
            covered = {run["video_id"] for run in self.store.runs("done") if run["model_id"] in had["model_id"]}
            for state in ("queued", "running"):
                covered |= {run["video_id"] for run in self.store.runs(state) if run["model_id"] in had["asked"]}
            lacking = [v for v in self.store.videos() if v["video_id"] not in covered and self.intake.is_there(v)]
            for video in lacking:
                self.intake.queue(video["video_id"], priority=FOLDER_PRIORITY, model=model)
            self._applied(request, runs=len(lacking))

    def _cancel(self, request: Request) -> None:
        run_id = request.fields["run_id"]
        with self.intake.changing():
            run = self.store.run(run_id)
            if run is None:
                raise RequestRefused(f"There is no run {run_id}.")
            if not self.store.cancel_run(run_id):
                raise RequestRefused(f"Run {run_id} can't be cancelled: it has ended already ({run['state']}).")
            self._applied(request)
        self.stop_run(run_id)

    def _delete(self, request: Request) -> list[str | Path]:
        with self.intake.changing():
            video_id = self._known_video(request)
            runs = [run for state in ("queued", "running") for run in self.store.runs(state)]
            made = files_of(self.store.made_files(video_id), self.home.made)
            thumbnail = self.store.drop_thumbnail(video_id)
            made += [self.home.thumbnails / thumbnail] if thumbnail else []
            files = [*self.intake.delete(video_id, request.fields["delete_file"]), *made]
            self._applied(request)
        for run in runs:
            if run["video_id"] == video_id:
                self.stop_run(run["run_id"])
        return files

    def _evaluation(self, request: Request) -> None:
        card, evaluations = request.fields["card"], request.fields["evaluations"]
        with self.intake.changing():
            identity = model_id(card)
            if self.store.model_card(identity) is None:  # one at hand has more in its own card
                self.store.add_model(identity, card["name"], card["version"], card["sha256"], card)
            self.store.put_evaluations(identity, evaluations, card.get("curves") or None)
            measured = [f"{e['data']}/{e['split']}/{e['labels']}" for e in evaluations]
            self._applied(request, model_id=identity, measured=measured)

    def _default_model(self, request: Request) -> None:
        name = request.fields["model"]
        identity = model_id(self._usable_card(name))
        choose(self.home, name)  # before the commit: should the process die between the two, it is chosen once more
        self._applied(request, model_id=identity, in_force=in_force(self.settings).name)

    def _usable_card(self, name: str) -> dict:
        """The card of the bundle `name`, of the home or shipped."""
        known = {folder.name: folder for folder in reversed(bundles(self.home.models))}
        if name not in known:
            raise RequestRefused(f"There is no model bundle {name!r}. Known: {', '.join(sorted(known))}.")
        try:
            return read_card(known[name])
        except BundleUnusable as error:
            raise RequestRefused(str(error)) from error

    def _known_video(self, request: Request) -> str:
        video_id = request.fields["video_id"]
        if self.store.video(video_id) is None:
            raise RequestRefused(f"There is no video {video_id!r}.")
        return video_id


def _in_brief(given: dict) -> dict:
    """A request as it is logged: without what can be thousands and has tables of its own, such as markers."""
    left_out = ("card", "evaluations", "markers", "edits", "subject" if given.get("kind") == "erase" else "")
    return {name: value for name, value in given.items() if name not in left_out}
