"""What the store is told when a run ends, and what is cleared away from time to time."""

from __future__ import annotations

import logging
import time

from db.store import Store, StoreError
from processor.alert_evaluation import try_rules_on_new
from processor.carry_over import carry_over
from processor.config import Home
from processor.engine import Failed
from processor.intake import Intake
from processor.known_models import record_card
from processor.notify import channels
from processor.watch import stat_regular
from processor.worker import Job, Result

log = logging.getLogger(__name__)

LEFTOVER_S = 24 * 3600.0
_INFO_COLUMNS = ("duration_s", "fps", "width", "height", "codec")


def record_result(intake: Intake, job: Job, video_id: str, result: Result) -> None:
    """Store what a run found, in one transaction. If the file changed meanwhile, the run waits for it instead.

    Raises StoreError if the store can't take it now, such as on a full disk: try again later.
    """
    store = intake.store
    if _changed(intake, job, video_id):
        store.requeue_run(job.run_id, f"{job.name} changed while it was being analysed.")
        log.warning("%s changed while it was being analysed; what was found is dropped.", job.name)
        return
    try:
        with intake.changing():
            store_result(intake, job.run_id, video_id, result)
    except StoreError:
        raise
    except Exception as error:
        # A result that does not fit the store is a fault of ours, but of this run only: the service goes on.
        log.exception("What was found in %s could not be stored.", job.name)
        store.fail_run(job.run_id, f"What was found in {job.name} could not be stored: {type(error).__name__}: {error}")
        return
    intake.models.add(result.model_id)
    log.info("%s is done: run %d, %d frames in %.1f s.", job.name, job.run_id, result.frames.num_rows, result.seconds)


def store_result(intake: Intake, run_id: int, video_id: str, result: Result) -> None:
    """Store what a run found, what is known of its video and model, and what follows; call it in a transaction."""
    store = intake.store
    store_info(store, video_id, result.info)
    if result.model_id not in intake.models:
        record_card(store, result.model_card)
    before = store.current_run(video_id)
    finished = store.finish_run(
        run_id, frames=result.frames, tracks=result.tracks, observations=result.observations,
        model_id=result.model_id, detector=result.detector, device=result.device, seconds=result.seconds,
        corrupt_packets=result.corrupt_packets, note=result.note,
    )  # fmt: skip
    if finished and before is not None:
        carry_over(store, before, store.run(run_id))
    if finished:
        try_rules_on_new(store, run_id, before, channels(intake.settings))


def store_info(store: Store, video_id: str, info: dict) -> None:
    """Store what the container of a video says, the fields of `decode.VideoInfo`; what is known of its day stays."""
    columns = {name: info[name] for name in _INFO_COLUMNS if info.get(name) is not None}
    if store.video(video_id)["recorded_at"] is None and info.get("recorded_at"):
        columns["recorded_at"] = info["recorded_at"]
    store.update_video(video_id, **columns)


def record_failure(intake: Intake, job: Job, video_id: str, attempt: int, event: Failed, max_attempts: int) -> None:
    """Fail the run for good, or queue it again while it has attempts left."""
    store = intake.store
    if not intake.holds(video_id, job.path):
        # Its file went or changed under the worker: what the worker says about it proves nothing.
        store.requeue_run(job.run_id, event.error)
    elif event.final:
        store.fail_run(job.run_id, event.error)
    elif attempt >= max_attempts:
        store.fail_run(job.run_id, f"{event.error} It was tried {attempt} times.")
    else:
        store.requeue_run(job.run_id, event.error)
    log.warning("Run %d, attempt %d: %s", job.run_id, attempt, event.error)


def _changed(intake: Intake, job: Job, video_id: str) -> bool:
    """Whether another file is in the place of the one analysed. One that is merely gone was analysed as it was."""
    return stat_regular(job.path) is not None and not intake.holds(video_id, job.path)


def tidy_up(home: Home, intake: Intake) -> None:
    """Remove what a killed process left: parts and contents without a request, library files of no video."""
    for file in (*home.spool.glob("*.part"), *home.spool.glob("*.content"), *home.library.iterdir()):
        status = stat_regular(str(file))
        if status is None or time.time() - max(status.st_mtime, status.st_ctime) < LEFTOVER_S:
            continue
        wanted = file.with_suffix(".json").exists() if file.parent == home.spool else intake.is_known(str(file))
        if not wanted:
            file.unlink(missing_ok=True)
            log.info("%s belonged to nothing and is removed.", file)
