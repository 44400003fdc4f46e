"""`erase`: one subject is erased now: here, or by the service when one has the home."""

from __future__ import annotations

import secrets
import time
import uuid
from pathlib import Path

from db import erase, outcomes, results
from processor import erasing, spool, status
from processor.analyze import POLL_S, SERVICE_SILENT_S, ServiceGone
from processor.config import Home, Settings
from processor.erasing import OURS, Preview
from processor.erasing_files import INBOX
from processor.service import Service


class NotErased(Exception):
    """The subject was not erased; the message says why."""


def shown(settings: Settings, subject: str) -> list[str]:
    """What erasing the subject would do, in lines. Raises SnapshotMissing before anything was published."""
    seen = _preview(settings, subject)
    if seen.empty:
        return [f"Nothing in {settings.home} names {subject}."]
    lines = [f"video: {video['name']}" for video in seen.known.videos]
    lines += [f"rows of {table}: {count}" for table, count in sorted(seen.known.rows.items())]
    lines += [f"file in {place}: {path}" for place, paths in seen.files.items() for path in paths]
    lines += [f"request: {path}" for path in seen.requests]
    lines += [f"text of others, {mention.place}: {mention.text}" for mention in seen.known.mentions]
    lines += [f"file of others, which stays: {path}" for path in seen.known.elsewhere]
    return [*lines, f"lines of the log: {seen.log_lines}", "Nothing was erased: give --yes to do it."]


def erase_subject(settings: Settings, subject: str, mentions: bool, everywhere: bool) -> dict:
    """Erase it; returns the receipt, with its salt.

    mentions: whether the name is replaced in texts of others; everywhere: whether files go from all watched folders and
    from where they were given by hand, and not from the inbox only. Raises NotErased, SnapshotMissing, ServiceGone,
    HomeBusy or StoreError.
    """
    home, salt, receipt_id = Home(settings.home), secrets.token_hex(16), str(uuid.uuid4())
    running = status.read(settings.home)
    alive = running is not None and running.alive
    if not alive:
        service = Service(settings, watching=False)
        service.start()
    try:
        if not alive:
            service.store.publish()  # what a process that was killed did not
        seen = _preview(settings, subject)
        if seen.empty:
            raise NotErased(f"Nothing in {settings.home} names {subject}.")
        places = [place for place in seen.files if place not in OURS and (everywhere or place == INBOX)]
        request_id = spool.submit(
            home.spool, "erase", subject=subject, token=seen.token, receipt_id=receipt_id, places=places,
            subject_hash=erase.subject_hash(salt, subject), mentions=mentions,
        )  # fmt: skip
        if not alive:
            service.requests.apply_all()
    finally:
        if not alive:
            service.stop()
    return _outcome(settings, request_id, receipt_id) | {"salt": salt}


def _preview(settings: Settings, subject: str) -> Preview:
    home, running = Home(settings.home), status.read(settings.home)
    folders = (home.inbox, *settings.watch)
    if running is not None and running.alive:
        folders = tuple(Path(folder) for folder in running.watch)
    with results.connect(home.snapshot) as con:
        return erasing.preview(con, home, folders, subject)


def _outcome(settings: Settings, request_id: str, receipt_id: str) -> dict:
    """The receipt, once the request is dealt with and published."""
    home, heard_s = Home(settings.home), time.monotonic()
    while True:
        with results.connect(home.snapshot) as con:
            answer = outcomes.requests(con, [request_id]).get(request_id)
            if answer is not None and answer["state"] == "refused":
                raise NotErased(answer["reason"])
            if answer is not None:
                return erase.receipt(con, receipt_id)
        now = status.read(settings.home)
        if now is not None and now.alive:
            heard_s = time.monotonic()
        elif time.monotonic() - heard_s > SERVICE_SILENT_S:
            raise ServiceGone(
                "The processor stopped before the subject was erased. The request waits, and is finished when the "
                "processor runs again (`python -m processor serve`)."
            )
        time.sleep(POLL_S)
