"""Analyses of what is queued: as many at a time as there are job slots, in worker processes, the most urgent first."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from db.session import utc_now
from db.store import StoreError
from processor.active import Active
from processor.bookkeeping import record_failure, record_result
from processor.config import Settings
from processor.engine import Engine, Event, Failed, Finished, LocalEngine, Progressed, Started
from processor.intake import Intake
from processor.log import Complaints
from processor.worker import Job, Load, Result, load_analyser

log = logging.getLogger(__name__)

# How long a queued run waits for its file to turn up again, having been moved or touched.
FILE_GRACE_S = 10.0


class Analyses:
    """Does what is queued in table run. Call `start`, `step` and `dispatch` again and again, `stop`.

    `step` is for one thread; the others may be called from any. on_error: told of every failure, in a sentence.
    on_ended: told of every run that has ended or goes back into the queue, with its result where it has one. stopping:
    whether nothing more is to be begun. only: the runs to take, to which more may be added; None for all.
    """

    def __init__(
        self, settings: Settings, intake: Intake, on_error: Callable[[str], None],
        on_ended: Callable[[Result | None], None], stopping: Callable[[], bool], only: set[int] | None = None,
        load: Load = load_analyser,
    ):  # fmt: skip
        self.settings, self.intake, self.store, self.only = settings, intake, intake.store, only
        self._on_error, self._on_ended, self._stopping = on_error, on_ended, stopping
        self._engine: Engine = LocalEngine(settings, load)
        self._active: dict[int, Active] = {}
        self._events: list[Event] = []
        self._absent_since_s: dict[int, float] = {}
        self._complaints = Complaints(log, on_error)

    def start(self) -> None:
        """What the last process was analysing is queued again."""
        if interrupted := self.store.requeue_interrupted(self.settings.max_attempts):
            log.info("Queued again, after Moodreel was interrupted: %d runs.", len(interrupted))

    def stop(self) -> None:
        """Within seconds: runs under way go back into the queue, as if they had not been started."""
        try:
            self.step()
        finally:
            self._engine.close()
        with self.intake.changing():
            for run_id, run in self._active.items():
                if run.attempt and self.store.cancel_run(run_id):
                    self.store.requeue_run(run_id)  # a cancelled run starts counting its attempts anew
        self._active.clear()

    def as_status(self) -> list[dict]:
        """For `status.json`."""
        return [run.as_status() for run in list(self._active.values())]

    def step(self, timeout_s: float = 0.0) -> None:
        """Wait up to `timeout_s` seconds for the workers to say something, and deal with it."""
        self._events += self._engine.events(timeout_s)
        while self._events:
            try:
                with self.intake.lock:
                    self._handle(self._events[0])
            except StoreError as error:
                self._complaints.about("results", str(error))  # such as a full disk: it is kept and tried again
                return
            self._events.pop(0)
            self._complaints.about("results", "")

    def dispatch(self) -> None:
        """Give the engine as many queued runs as it has slots for, the most urgent first."""
        with self.intake.lock:
            room = self.settings.jobs - len(self._active)
            if room <= 0 or self._stopping():
                return
            limit = 100 + len(self._active) if self.only is None else 1_000_000
            for run in self.store.next_runs(limit, self.store.without_consent(utc_now().date())):
                if run["run_id"] in self._active or not (self.only is None or run["run_id"] in self.only):
                    continue
                if not self.intake.holds(run["video_id"], run["path"]):
                    self._await_file(run)
                    continue
                job = Job(run["run_id"], run["path"], run["name"], self.intake.settings_of(run))
                self._active[run["run_id"]] = Active(job, run["video_id"], duration_s=run["duration_s"])
                self._absent_since_s.pop(run["run_id"], None)
                self._engine.submit(job)
                room -= 1
                if room == 0:
                    return

    def give_up(self, run_id: int) -> None:
        """Stop analysing this run, if it is at work. Its row in the store is not touched."""
        with self.intake.lock:
            if self._active.pop(run_id, None) is not None:
                self._engine.cancel(run_id)

    # --- the runs at work ---

    def _handle(self, event: Event) -> None:
        run = self._active.get(event.run_id)
        if run is None:
            return  # cancelled meanwhile
        if isinstance(event, Started):
            run.attempt, run.began_s = self.store.start_run(event.run_id), time.monotonic()
        elif isinstance(event, Progressed):
            run.done_s, run.duration_s, run.frames = event.done_s, event.duration_s, event.frames
        elif isinstance(event, Finished):
            record_result(self.intake, run.job, run.video_id, event.result)
            self._end(event.run_id, event.result)
        elif isinstance(event, Failed):
            if run.attempt == 0:  # it broke before it began with the video: that counts as an attempt too
                run.attempt = self.store.start_run(event.run_id)
            self._on_error(event.error)
            record_failure(self.intake, run.job, run.video_id, run.attempt, event, self.settings.max_attempts)
            self._end(event.run_id)

    def _end(self, run_id: int, result: Result | None = None) -> None:
        del self._active[run_id]
        self._on_ended(result)
        self.dispatch()

    def _await_file(self, run: dict) -> None:
        since_s = self._absent_since_s.setdefault(run["run_id"], time.monotonic())
        if time.monotonic() - since_s > FILE_GRACE_S:
            del self._absent_since_s[run["run_id"]]
            self.store.fail_run(
                run["run_id"],
                f"{run['name']} was removed or changed before it was analysed. Put it back to have it analysed.",
            )
            self._on_ended(None)
