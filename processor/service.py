"""The service: APScheduler jobs around one store and one lock: what arrives, is asked for, analysed and made."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_EXECUTED
from apscheduler.schedulers.background import BackgroundScheduler

from db.store import PublishFailed, Store, StoreError
from processor import spool, status, worker
from processor.alert_evaluation import Retrial
from processor.analyses import Analyses
from processor.arrivals import Arrivals
from processor.bookkeeping import tidy_up
from processor.config import Home, Settings
from processor.default_model import in_force
from processor.intake import Intake
from processor.known_models import KnownModels
from processor.live_recovery import recover
from processor.lock import HomeLock
from processor.log import Complaints
from processor.making import Making
from processor.notify import Notifier
from processor.requests import Requests
from processor.retention import Retention
from processor.status import Status
from processor.thumbnails import Thumbnailing
from processor.worker import Result

log = logging.getLogger(__name__)

VERSION = "0.1.0"
SCAN_EVERY_S, REQUESTS_EVERY_S, DISPATCH_EVERY_S, PUBLISH_EVERY_S = 1.0, 0.5, 0.5, 0.25
STATUS_EVERY_S, TIDY_EVERY_S, RETAIN_EVERY_S = 1.0, 60.0, 3600.0
PUBLISH_SHARE = 0.05  # of the time, at most
PUBLISH_RETRY_S = 10.0
WAIT_S = 0.25  # for what the workers say, before looking whether to stop


class Service:
    """Drives everything. Use as `Service(settings).run()`, or `start`, `analyses.step` repeatedly, `stop`.

    watching: look after folders, spool and `status.json`; without it only runs queued by hand are analysed, and of
    those only the ones in `analyses.only`. Raises HomeBusy, or a StoreError, if another process has the home or store.
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
        self.stopping = threading.Event()
        self.intake = Intake(self.store, settings, (self.home.inbox, *settings.watch), threading.RLock())
        self.models = KnownModels(self.store, self.home.models)
        stopping = self.stopping.is_set
        self.arrivals = Arrivals(self.home, settings, self.intake, self._tell, stopping)
        self.analyses = Analyses(
            settings, self.intake, self._tell, self._run_ended, stopping, only=None if watching else set(), load=load
        )
        self.making = Making(self.home, settings, self.intake, self._tell)
        self.thumbnails = Thumbnailing(self.home, settings, self.intake, self._tell)
        self.retrial = Retrial(self.intake, stopping)
        self.notifier = Notifier(settings, self.store, stopping, self._tell)
        self.retention = Retention(self.home, self.intake, self._tell)
        self._scanning = threading.Lock()
        self.requests = Requests(
            self.home, settings, self.store, self.intake, self.analyses.give_up, stopping, self._alone, self._let_go
        )
        self.status = Status(
            pid=os.getpid(), version=VERSION, started_at=_now(), heartbeat=_now(), state="running",
            detector=settings.detector, model=in_force(settings).name, home=str(self.home.path),
            watch=[str(folder) for folder in self.intake.folders],
        )  # fmt: skip
        self._next_publish_s = 0.0
        self._counted = False
        self._complaints = Complaints(log, self._tell)
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
                self.analyses.step(WAIT_S)
        finally:
            self.stop()

    def start(self) -> None:
        self.analyses.start()
        jobs = [(self.analyses.dispatch, DISPATCH_EVERY_S), (self.publish, PUBLISH_EVERY_S)]
        if self.watching:
            jobs += [
                (self.scan, SCAN_EVERY_S), (self.apply_requests, REQUESTS_EVERY_S),
                (self.write_status, STATUS_EVERY_S), (self.tidy, TIDY_EVERY_S), (self.retain, RETAIN_EVERY_S),
                (self.make, DISPATCH_EVERY_S), (self.try_rules, REQUESTS_EVERY_S), (self.notify, STATUS_EVERY_S),
            ]  # fmt: skip
            self.making.start()
            self.thumbnails.tidy()
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
            self.analyses.stop()
            if self.watching:
                self.making.stop()
                self.thumbnails.stop()
            if self.store.changed:
                self.store.publish()
        except (StoreError, PublishFailed) as error:
            log.error("%s", error)  # what was finished is in the store; the rest is done again next time
        finally:
            self._count()
            self.store.close()
            self.status.state = "stopped"
            if self.watching:
                self.write_status()
            self._home_lock.release()
        log.info("Moodreel has stopped.")

    # --- the jobs ---

    def scan(self) -> None:
        """See what came into the watched folders, and begin with it."""
        with self._scanning:
            self.arrivals.scan()
        self._counted = False
        self.analyses.dispatch()

    def apply_requests(self) -> None:
        """Apply what lies in the spool."""
        if self.requests.apply_all():
            self._counted = False
            self.arrivals.catch_up()
            self.analyses.dispatch()

    def make(self) -> None:
        """Go on with the files that were asked for."""
        if not self.stopping.is_set():
            self.making.step()
            self.thumbnails.step()

    def try_rules(self) -> None:
        """Go on with trying changed rules on what there is."""
        self.retrial.step()

    def notify(self) -> None:
        """Send what is to be sent about alerts; a receiver that hangs holds up this job only."""
        self.notifier.step()

    def retain(self) -> None:
        """Remove what was kept for as long as was decided."""
        if self.retention.step():
            self._counted = False

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
            self._complaints.about("publishing", str(error))
            return
        self._complaints.about("publishing", "")
        ended_s = time.monotonic()
        self._next_publish_s = ended_s + (ended_s - began_s) * (1 / PUBLISH_SHARE - 1)

    def write_status(self) -> None:
        """Replace `status.json`. A disk that is full is told of once; the next heartbeat tries again."""
        self._count()
        self.status.heartbeat = _now()
        self.status.jobs = self.analyses.as_status()
        self.status.arriving = self.arrivals.as_status()
        self.status.making = self.making.as_status()
        self.status.thumbnails = self.thumbnails.as_status()
        self.status.alerts = self.retrial.as_status() | {"channels": self.notifier.channels}
        self.status.pending_requests = len(spool.pending(self.home.spool))
        try:
            status.write(self.home.path, self.status)
        except OSError as error:
            self._complaints.about("status", f"The status can't be written to {self.home.status}: {error.strerror}.")
        else:
            self._complaints.about("status", "")

    def _count(self) -> None:
        if not self._counted:
            self._counted = True
            for name, state in (("queue", "queued"), ("done", "done"), ("failed", "failed")):
                setattr(self.status, name, len(self.store.runs(state)))

    def tidy(self) -> None:
        """Housekeeping: uploads whose file is gone, bundles that were put in, sessions cut off, what was left over."""
        recover(self.home, self.store)
        self.intake.check_unwatched()
        self.models.record()
        tidy_up(self.home, self.intake)
        self.making.tidy()
        self.thumbnails.tidy()

    # --- while a subject is erased ---

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Nothing is taken in meanwhile: what was read a moment ago would bring back what is being erased."""
        with self._scanning:
            yield

    def _let_go(self) -> None:
        """Forget what files were called that are gone, and stop making files of them."""
        if self.watching:
            self.arrivals.scan()
            self.making.step()
            self.thumbnails.step()
        self.status.last_error = None
        self._counted = False
        if self.watching:
            self.write_status()

    # --- what the others tell ---

    def _run_ended(self, result: Result | None) -> None:
        self._counted = False
        if result is not None:
            self.status.model, self.status.detector, self.status.device = (
                result.model_id, result.detector, result.device,
            )  # fmt: skip

    def _job_ended(self, event) -> None:
        if event.exception is None:
            self._complaints.about(event.job_id, "")
        elif isinstance(event.exception, StoreError | PublishFailed | OSError):
            self._complaints.about(event.job_id, str(event.exception))
        else:
            self._complaints.about(
                event.job_id, f"Something broke in {event.job_id}: {event.exception!r}", event.traceback
            )

    def _tell(self, error: str) -> None:
        self.status.last_error = error


def _now() -> str:
    return datetime.now(UTC).isoformat()
