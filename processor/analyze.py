"""`analyze`: files and folders given by hand, analysed now: here, or by the service when one has the home."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from db import outcomes, privacy_results, results
from db.session import utc_now
from db.store import Store
from processor import spool, status, watch
from processor.config import Home, Settings
from processor.service import Service
from processor.spool import RequestRefused

POLL_S = 0.3
SERVICE_SILENT_S = 15.0
ENDED = ("done", "failed", "cancelled")

# Called again and again while it goes on: the running jobs as in `status.json`, how many videos ended, of how many.
Show = Callable[[list[dict], int, int], None]


class ServiceGone(Exception):
    """The service that was to do the work has stopped."""


def files_in(paths: list[Path]) -> list[tuple[str, str | None]]:
    """What `paths` stand for: (absolute path of a file, None), or (path, why not, as a sentence). Folders are searched.

    Links that are named are followed, since somebody asked for them; those found in folders are not.
    """
    files: list[tuple[str, str | None]] = []
    for path in paths:
        absolute = os.path.realpath(path)
        if watch.in_words(absolute) != absolute:
            files.append((watch.in_words(absolute), watch.why_not_open(absolute)))
        elif os.path.isdir(absolute):
            blocked: list[str] = []
            names = (name for name, _ in watch.walk(absolute, (), [], blocked))
            inside = sorted(name for name in names if not name.endswith(watch.SIDECAR_SUFFIX))
            files += [(watch.in_words(name), watch.why_not_open(name)) for name in inside]
            files += [(absolute, sentence) for sentence in blocked]
            if not inside and not blocked:
                files.append((absolute, f"There is no video in {absolute}."))
        elif not os.path.lexists(absolute):
            files.append((absolute, f"{absolute} does not exist."))
        elif not os.path.isfile(absolute):
            files.append((absolute, f"{absolute} is not a file."))
        else:
            files.append((absolute, watch.why_not_open(absolute)))
    return files


def analyse(settings: Settings, paths: list[Path], overrides: dict, again: bool, show: Show) -> list[dict]:
    """Analyse everything; one dict per file as in `analyze --json`, plus model_id and detector.

    overrides: sample_fps, detector, model where they were given. Raises HomeBusy or StoreError if another process has
    the home and is not the service; ServiceGone if the service stops meanwhile.
    """
    files = files_in(paths)
    readable = [path for path, why in files if why is None]
    running = status.read(settings.home)
    do = _by_the_service if running is not None and running.alive else _here
    ended = do(settings, readable, overrides, again, show) if readable else {}
    return [ended[path] if why is None else _entry(path, error=why) for path, why in files]


def _here(settings: Settings, paths: list[str], overrides: dict, again: bool, show: Show) -> dict[str, dict]:
    service = Service(settings, watching=False)
    runs: dict[str, int] = {}
    refused: dict[str, str] = {}
    try:
        service.start()
        for path in paths:
            try:
                with service.requests.accepted(path, again, overrides) as (_, run_id):
                    runs[path] = run_id
                service.analyses.only.add(run_id)
            except (RequestRefused, watch.StillChanging) as error:
                refused[path] = str(error)
            service.analyses.step()
        waiting = set(runs.values())
        while waiting := _going_on([service.store.run(run_id) for run_id in waiting], _barred(service.store)):
            service.analyses.step(POLL_S)
            show(service.analyses.as_status(), len(paths) - len(waiting), len(paths))
    finally:
        service.stop()
    return _collect(settings, paths, runs, refused)


def _by_the_service(settings: Settings, paths: list[str], overrides: dict, again: bool, show: Show) -> dict[str, dict]:
    home = Home(settings.home)
    requests = {spool.submit(home.spool, "analyze", path=path, again=again, **overrides): path for path in paths}
    runs: dict[str, int] = {}
    refused: dict[str, str] = {}
    heard_s, snapshot, open_runs = time.monotonic(), None, set()
    while True:
        if home.snapshot.exists() and home.snapshot.resolve() != snapshot:
            snapshot = home.snapshot.resolve()
            with results.connect(home.snapshot) as con:
                for request_id, answer in outcomes.requests(con, list(requests)).items():
                    if answer["state"] == "refused":
                        refused[requests[request_id]] = answer["reason"]
                    else:
                        runs[requests[request_id]] = answer["request"]["run_id"]
                found = outcomes.runs(con, list(runs.values()))
                # A run that is not there any more was deleted with its video.
                open_runs = _going_on(found.values(), privacy_results.without_consent(con, utc_now().date()))
        if len(runs) + len(refused) == len(paths) and not open_runs:
            return _collect(settings, paths, runs, refused)
        now = status.read(settings.home)
        if now is not None and now.alive:
            heard_s = time.monotonic()
            ours = [job for job in now.jobs if job["run_id"] in runs.values()]
            show(ours, len(runs) + len(refused) - len(open_runs), len(paths))
        elif time.monotonic() - heard_s > SERVICE_SILENT_S:
            raise ServiceGone(
                "The processor stopped before everything was analysed. The rest stays queued: it is done when the "
                "processor runs again (`python -m processor serve`)."
            )
        time.sleep(POLL_S)


def _barred(store: Store) -> dict[str, str]:
    return store.without_consent(utc_now().date())


def _going_on(runs: Iterable[dict], barred: dict[str, str]) -> set[int]:
    """The runs that will end by themselves: nobody waits here until somebody gives consent."""
    return {run["run_id"] for run in runs if run["state"] not in ENDED and run["video_id"] not in barred}


def _collect(settings: Settings, paths: list[str], runs: dict[str, int], refused: dict[str, str]) -> dict[str, dict]:
    found = {}
    if runs:
        with results.connect(Home(settings.home).snapshot) as con:
            found = outcomes.runs(con, list(runs.values()))
            barred = privacy_results.without_consent(con, utc_now().date())
        for run in found.values():
            if run["state"] not in ENDED:
                run["error"] = barred.get(run["video_id"])
    entries = {}
    for path in paths:
        if path in refused:
            entries[path] = _entry(path, error=refused[path])
        elif runs[path] not in found:
            entries[path] = _entry(path, error=f"{path} was deleted from Moodreel before it was analysed.")
        else:
            entries[path] = _entry(path, **found[runs[path]])
    return entries


def _entry(path: str, **found) -> dict:
    fields = (
        "video_id", "run_id", "state", "error", "duration_s", "frames_sampled", "frames_with_face", "tracks", "seconds",
        "shares", "mean_valence", "model_id", "detector",
    )  # fmt: skip
    return {"path": path} | dict.fromkeys(fields) | {"state": "failed"} | found
