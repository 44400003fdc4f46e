"""The service: APScheduler jobs around one store, one engine and one lock."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from datetime import UTC, datetime

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_EXECUTED
from apscheduler.schedulers.background import BackgroundScheduler

from db.store import PublishFailed, Store, StoreError
from processor import metadata, spool, status, watch, worker
from processor.active import Active
from processor.bookkeeping import record_failure, record_result, tidy_up
from processor.config import Home, Settings
from processor.default_model import in_force
from processor.engine import Engine, Failed, Finished, LocalEngine, Progressed, Started
from processor.intake import Intake
from processor.known_models import KnownModels
from processor.lock import HomeLock
from processor.log import Complaints
from processor.making import Making
from processor.requests import Requests
from processor.status import Status
from processor.watch import Found, Watcher, in_words
from processor.worker import Job

log = logging.getLogger(__name__)

VERSION = "0.1.0"
SCAN_EVERY_S, REQUESTS_EVERY_S, DISPATCH_EVERY_S, PUBLISH_EVERY_S = 1.0, 0.5, 0.5, 0.25
STATUS_EVERY_S, TIDY_EVERY_S = 1.0, 60.0
PUBLISH_SHARE = 0.05  # of the time, at most
PUBLISH_RETRY_S = 10.0
# How long a queued run waits for its file to turn up again, having been moved or touched.
FILE_GRACE_S = 10.0


class Service:
    """Drives everything. Use as `Service(settings).run()`, or `start`, `tick` again and again, `stop`.

    watching: look after folders, spool and `status.json`; without it only runs queued by hand are analysed, and of
    those only the ones in `only`. Raises HomeBusy, or a StoreError, if another process has the home or the store.
    """

    def __init__(self, settings: Settings, load: worker.Load = worker.load_analyser, watching: bool = True):
        self.settings, self.watching = settings, watching
        self.home = Home(settings.home).create()
        self._home_lock = HomeLock(self.home.path)
        try:
            self.store = Store(self.home.store, self.home.results, settings.keep_snapshots)
        except StoreError:
            self._home_lock.release()
            raise
        self.folders = (self.home.inbox, *settings.watch)
        self.lock = threading.RLock()
        self.stopping = threading.Event()
        self.only: set[int] | None = None if watching else set()
        self.active: dict[int, Active] = {}
        self.intake = Intake(self.store, settings, self.folders, self.lock)
        ours = (self.home.library, self.home.spool, self.home.models, self.home.results, self.home.made)
        self.models = KnownModels(self.store, self.home.models)
        self.watcher = Watcher(settings.settle_s, self.intake.known(), self.intake.unreadable, skip=ours)
        self.requests = Requests(self.home, settings, self.store, self.intake, self._stop_run, self.stopping.is_set)
        self.engine: Engine = LocalEngine(settings, load)
        self.making = Making(self.home, settings, self.intake, self._tell)
        self.status = Status(
            pid=os.getpid(), version=VERSION, started_at=_now(), heartbeat=_now(), state="running",
            detector=settings.detector, model=in_force(settings).name, home=str(self.home.path),
            watch=[str(folder) for folder in self.folders],
        )  # fmt: skip
        self._events: list = []
        self._absent_since_s: dict[int, float] = {}
        self._next_publish_s = 0.0
        self._counted = False
        self._complaints = Complaints(log)
        self._scheduler = BackgroundScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )

    # --- from start to stop ---

    def run(self) -> None:
        """Serve until SIGINT or SIGTERM."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: self.stopping.set())
        self.start()
        try:
            while not self.stopping.is_set():
                self.tick()
        finally:
            self.stop()

    def start(self) -> None:
        interrupted = self.store.requeue_interrupted(self.settings.max_attempts)
        if interrupted:
            log.info("Queued again, after Moodreel was interrupted: %d runs.", len(interrupted))
        jobs = [(self.dispatch, DISPATCH_EVERY_S), (self.publish, PUBLISH_EVERY_S)]
        if self.watching:
            jobs += [
                (self.scan, SCAN_EVERY_S), (self.apply_requests, REQUESTS_EVERY_S),
                (self.write_status, STATUS_EVERY_S), (self.tidy, TIDY_EVERY_S), (self.make, DISPATCH_EVERY_S),
            ]  # fmt: skip
            self.making.start()
            self.write_status()
            self.models.record()
        logging.getLogger("apscheduler").setLevel(logging.CRITICAL)  # `_job_ended` says it, once and with a reason
        for job, seconds in jobs:
            self._scheduler.add_job(job, "interval", seconds=seconds, id=job.__name__, next_run_time=datetime.now(UTC))
        self._scheduler.add_listener(self._job_ended, EVENT_JOB_ERROR | EVENT_JOB_EXECUTED)
        self._scheduler.start()
        log.info("Moodreel %s works on %s.", VERSION, self.home.path)

    def stop(self) -> None:
        """Stop within seconds: runs under way go back into the queue, as if they had not been started."""
        self.stopping.set()
        self.status.state = "stopping"
        if self.watching:
            self.write_status()
        self._scheduler.shutdown(wait=True)
        try:
            self._events += self.engine.events()
            self._handle_events()
            self.engine.close()
            with self.intake.changing():
                for run_id, run in self.active.items():
                    if run.attempt and self.store.cancel_run(run_id):
                        self.store.requeue_run(run_id)  # a cancelled run starts counting its attempts anew
            self.active.clear()
            if self.watching:
                self.making.stop()
            if self.store.changed:
                self.store.publish()
        except (StoreError, PublishFailed) as error:
            log.error("%s", error)  # what was finished is in the store; the rest is done again next time
        finally:
            self.engine.close()
            self._count()
            self.store.close()
            self.status.state = "stopped"
            if self.watching:
                self.write_status()
            self._home_lock.release()
        log.info("Moodreel has stopped.")

    # --- what happens: the engine's events, handled on the thread that calls `tick` ---

    def tick(self, timeout_s: float = 0.25) -> None:
        """Wait up to `timeout_s` seconds for the engine, and deal with what it has."""
        self._events += self.engine.events(timeout_s)
        self._handle_events()

    def _handle_events(self) -> None:
        while self._events:
            try:
                with self.lock:
                    self._handle(self._events[0])
            except StoreError as error:
                self._complain("results", str(error))  # such as a full disk: the result is kept and tried again
                return
            self._events.pop(0)
            self._complain("results", "")

    def _handle(self, event: Started | Progressed | Finished | Failed) -> None:
        run = self.active.get(event.run_id)
        if run is None:
            return  # cancelled meanwhile
        if isinstance(event, Started):
            run.attempt, run.began_s = self.store.start_run(event.run_id), time.monotonic()
        elif isinstance(event, Progressed):
            run.done_s, run.duration_s, run.frames = event.done_s, event.duration_s, event.frames
        elif isinstance(event, Finished):
            result = event.result
            record_result(self.intake, run.job, run.video_id, result)
            self.status.model, self.status.detector, self.status.device = (
                result.model_id, result.detector, result.device,
            )  # fmt: skip
            self._ended(event.run_id)
        else:
            if run.attempt == 0:  # it broke before it began with the video: that counts as an attempt too
                run.attempt = self.store.start_run(event.run_id)
            self.status.last_error = event.error
            record_failure(self.intake, run.job, run.video_id, run.attempt, event, self.settings.max_attempts)
            self._ended(event.run_id)

    def _ended(self, run_id: int) -> None:
        del self.active[run_id]
        self._counted = False
        self.dispatch()

    def _stop_run(self, run_id: int) -> None:
        with self.lock:
            if self.active.pop(run_id, None) is not None:
                self.engine.cancel(run_id)

    # --- the jobs ---

    def scan(self) -> None:
        """Look through the watched folders; hash what is new and finished; note what is gone."""
        self.home.create()  # should somebody have removed the inbox
        found = self.watcher.scan(self.folders, time.time())
        self.status.arriving = [in_words(arriving.name) for arriving in found.arriving[:20]]
        self._complain("folders", " ".join(found.blocked))
        self.intake.start_scan()
        if found.vanished:
            self.intake.lose([in_words(path) for path in found.vanished])
            for path in found.vanished:
                log.info("%s is gone; its results stay.", path)
                self.watcher.forget(path)
        for file, why in found.unreadable:
            self._unreadable(file, why)
        for file in found.finished:
            if self.stopping.is_set():
                return
            self.take(file)
        for path in found.sidecars:
            self._take_sidecar(path)
        self._counted = False
        self.dispatch()

    def take(self, file: Found) -> None:
        """Hash a finished file and hand it to the intake. One that changes meanwhile is left for a later scan."""
        try:
            sha256, size_bytes, mtime_ns = watch.fingerprint(file.path, self.stopping.is_set)
        except (watch.StillChanging, FileNotFoundError):
            return
        except OSError as error:
            self._unreadable(file, watch.why_unreadable(file.path, error))
            return
        fields, warning = metadata.of_file(file.path, self.folders)
        if warning:
            log.warning("%s", warning)
            self.status.last_error = warning
        found = Found(file.path, size_bytes, mtime_ns)
        _, run_id = self.intake.take(found, sha256, fields=fields)
        self.watcher.remember(file.path, size_bytes, mtime_ns)
        log.info("%s is %s.", file.path, f"queued as run {run_id}" if run_id else "known already")

    def _take_sidecar(self, path: str) -> None:
        fields, warning = metadata.of_sidecar(path)
        video_id = self.intake.video_at(path)
        if warning:
            self._complain(f"sidecar {path}", warning)
        elif fields and video_id is not None:
            self.store.update_video(video_id, **fields)

    def _unreadable(self, file: Found, why: str) -> None:
        self.intake.record_unreadable(file, in_words(file.path), why)
        self.watcher.remember(file.path, file.size_bytes, file.mtime_ns, readable=False)
        log.warning("%s", why)
        self.status.last_error = why

    def apply_requests(self) -> None:
        """Apply what lies in the spool."""
        if self.requests.apply_all():
            self._counted = False
            self.watcher.remember_all(self.intake.known())
            self.dispatch()

    def dispatch(self) -> None:
        """Give the engine as many queued runs as it has slots for, the most urgent first."""
        with self.lock:
            room = self.settings.jobs - len(self.active)
            if room <= 0 or self.stopping.is_set():
                return
            limit = 100 + len(self.active) if self.only is None else 1_000_000
            for run in self.store.next_runs(limit):
                if run["run_id"] in self.active or not (self.only is None or run["run_id"] in self.only):
                    continue
                if not self.intake.holds(run["video_id"], run["path"]):
                    self._await_file(run)
                    continue
                job = Job(run["run_id"], run["path"], run["name"], self.intake.settings_of(run))
                self.active[run["run_id"]] = Active(job, run["video_id"], duration_s=run["duration_s"])
                self._absent_since_s.pop(run["run_id"], None)
                self.engine.submit(job)
                room -= 1
                if room == 0:
                    return

    def _await_file(self, run: dict) -> None:
        since_s = self._absent_since_s.setdefault(run["run_id"], time.monotonic())
        if time.monotonic() - since_s > FILE_GRACE_S:
            del self._absent_since_s[run["run_id"]]
            self.store.fail_run(
                run["run_id"],
                f"{run['name']} was removed or changed before it was analysed. Put it back to have it analysed.",
            )
            self._counted = False

    def make(self) -> None:
        """Go on with the files that were asked for."""
        if not self.stopping.is_set():
            self.making.step()

    def publish(self) -> None:
        """Publish when something changed, at most 5 percent of the time; the first time at once."""
        if not self.store.changed or time.monotonic() < self._next_publish_s:
            return
        began_s = time.monotonic()
        try:
            self.store.publish()
        except (PublishFailed, StoreError) as error:
            # Not raised: the calls until the next try do nothing, and would pass for the end of the trouble.
            self._next_publish_s = time.monotonic() + PUBLISH_RETRY_S
            self._complain("publishing", str(error))
            return
        self._complain("publishing", "")
        ended_s = time.monotonic()
        self._next_publish_s = ended_s + (ended_s - began_s) * (1 / PUBLISH_SHARE - 1)

    def write_status(self) -> None:
        """Replace `status.json`. A disk that is full is told of once; the next heartbeat tries again."""
        self._count()
        self.status.heartbeat = _now()
        self.status.jobs = [run.as_status() for run in list(self.active.values())]
        self.status.making = self.making.as_status()
        self.status.pending_requests = len(spool.pending(self.home.spool))
        try:
            status.write(self.home.path, self.status)
        except OSError as error:
            self._complain("status", f"The status can't be written to {self.home.status}: {error.strerror}.")
        else:
            self._complain("status", "")

    def _count(self) -> None:
        if not self._counted:
            self._counted = True
            for name, state in (("queue", "queued"), ("done", "done"), ("failed", "failed")):
                setattr(self.status, name, len(self.store.runs(state)))

    def tidy(self) -> None:
        """Housekeeping: uploads whose file is gone, bundles that were put in, leftovers in spool and library."""
        self.intake.check_unwatched()
        self.models.record()
        tidy_up(self.home, self.intake)
        self.making.tidy()

    # --- complaints: each is logged when it begins, not every second ---

    def _job_ended(self, event) -> None:
        if event.exception is None:
            self._complain(event.job_id, "")
        elif isinstance(event.exception, StoreError | PublishFailed | OSError):
            self._complain(event.job_id, str(event.exception))
        else:
            self._complain(event.job_id, f"Something broke in {event.job_id}: {event.exception!r}", event.traceback)

    def _tell(self, error: str) -> None:
        self.status.last_error = error

    def _complain(self, about: str, sentence: str, details: str = "") -> None:
        if self._complaints.about(about, sentence, details):
            self.status.last_error = sentence


def _now() -> str:
    return datetime.now(UTC).isoformat()
