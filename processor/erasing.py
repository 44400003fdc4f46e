"""Erasing a subject: what would go, the going, and a search that says whether anything is left.

The order is such that the process may be killed at any moment: the plan is written down beside the request, which stays
in the spool until everything is done; so at the next start the same is done again, and what is done already is passed
over. Files go first, then rows, in one transaction with the entry in `erasure_log`; then the store is written anew and
published, older snapshots go, the log is cleaned; then everything is searched, and the request is closed.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from db import erase, results
from db.erase import Traces
from db.naming import Words
from db.store import Store
from processor import erasing_files, watch
from processor.config import Home
from processor.erasing_files import BY_HAND, INBOX, LIVE
from processor.intake import Intake
from processor.log import count_in_files, replace_in_files
from processor.spool import JOURNAL_SUFFIX, Request, RequestRefused

log = logging.getLogger(__name__)

FORMAT = "moodreel/erasure/1"
OURS = ("library", "made", "thumbnails", LIVE)  # places whose files always go


@dataclass(frozen=True)
class Preview:
    """What erasing a subject would do. known: as from the store; files: paths by place, as `erasing_files.files_of`.

    requests: files in the spool; log_lines: lines of the log that name it. token: stands for all that a person agrees
    to; it changes when any of it does.
    """

    known: Traces
    files: dict[str, list[str]]
    requests: list[str]
    log_lines: int

    @property
    def empty(self) -> bool:
        """Whether there is nothing at all to erase."""
        known = self.known
        return not (known.rows or known.mentions or known.elsewhere or self.files or self.requests or self.log_lines)

    @property
    def token(self) -> str:
        rows = {table: count for table, count in self.known.rows.items() if table != "request_log"}
        mentions = sorted((mention.place, mention.text) for mention in self.known.mentions)
        agreed = [self.known.subject, sorted(self.known.video_ids), sorted(rows.items()), mentions, self.files]
        return hashlib.sha256(json.dumps(agreed).encode()).hexdigest()[:32]


def preview(con: results.Connection, home: Home, folders: Iterable[Path], subject: str) -> Preview:
    """What erasing the subject would do, as the open snapshot and the folders are now. folders: the watched ones."""
    return _preview(home, folders, erase.traces(con, subject), erase.owners(con))


def _preview(
    home: Home, folders: Iterable[Path], known: Traces, owners: dict[str, str | None], but: str = ""
) -> Preview:
    words = known.words()
    files = erasing_files.files_of(home, folders, known.subject, known.video_ids, owners, known.made, known.thumbnails)
    return Preview(known, files, erasing_files.requests_of(home, words, but), count_in_files(home.log, words))


@dataclass
class _Plan:
    """What was agreed to, as it is written down beside the request. known: without mentions, which are found anew."""

    known: Traces
    files: dict[str, list[str]]  # those that go
    stay: dict[str, list[str]]  # those that stay, and must not be taken in again
    requests: list[str]

    @property
    def paths(self) -> list[str]:
        return [path for paths in (*self.files.values(), *self.stay.values()) for path in paths]


class Erasing:
    """Applies requests to erase a subject.

    alone: within it, nobody takes in files. settle: called when files and rows are gone, to let go of what is still in
    memory. stop_run: gives up an analysis.
    """

    def __init__(
        self, home: Home, store: Store, intake: Intake, stop_run: Callable[[int], None],
        alone: Callable[[], AbstractContextManager], settle: Callable[[], None],
    ):  # fmt: skip
        self.home, self.store, self.intake = home, store, intake
        self.stop_run, self.alone, self.settle = stop_run, alone, settle
        self.kinds = {"erase": self._erase}

    def _erase(self, request: Request) -> None:
        with self.alone():
            journal = self.home.spool / f"{request.request_id}{JOURNAL_SUFFIX}"
            plan = self._resumed(journal) or self._begun(request, journal)
            words = plan.known.words(request.fields["mentions"])
            self._remove_files(plan)
            self._remove_rows(request, plan, words)
            self.settle()
            snapshots = self.store.write_anew()
            lines = replace_in_files(self.home.log, words)
            mine = (journal, self.home.spool / f"{request.request_id}.json")
            self._close(request, self._searched(words, mine), snapshots, lines)
        log.info("A subject was erased: receipt %s.", request.fields["receipt_id"])
        return [journal]

    # --- the plan ---

    def _begun(self, request: Request, journal: Path) -> _Plan:
        fields, folders = request.fields, self.intake.folders
        known = self.store.traces(fields["subject"])
        owners = {path: row["video_id"] for path, row in self.store.files().items()}
        owners |= {video["path"]: video["video_id"] for video in known.videos}
        seen = _preview(self.home, folders, known, owners, request.request_id)
        if seen.token != fields["token"]:
            raise RequestRefused(
                "What would be erased is not what was shown any more: something came, went or changed meanwhile. "
                "Nothing was erased: look at the preview again."
            )
        gone = {place: paths for place, paths in seen.files.items() if place in (*OURS, *fields["places"])}
        stay = {place: paths for place, paths in seen.files.items() if place not in gone}
        plan = _Plan(known, gone, stay, seen.requests)
        written = asdict(plan) | {"known": asdict(known) | {"mentions": []}}
        beside = journal.with_name(f"{journal.name}.part")
        with beside.open("w", encoding="utf-8") as file:
            json.dump(written, file)
            file.flush()
            os.fsync(file.fileno())
        beside.rename(journal)
        return plan

    def _resumed(self, journal: Path) -> _Plan | None:
        try:
            written = json.loads(journal.read_bytes())
        except FileNotFoundError:
            return None
        return _Plan(**written | {"known": Traces(**written["known"])})

    # --- the going ---

    def _remove_files(self, plan: _Plan) -> None:
        known = {video["path"]: video["sha256"] for video in plan.known.videos}
        rows = {path: row["video_id"] for path, row in self.store.files().items()}
        hashes = {video["video_id"]: video["sha256"] for video in plan.known.videos}
        stay = [
            known.get(path) or hashes.get(rows.get(path)) or _hash_of(path)
            for place, paths in plan.stay.items() if place != BY_HAND
            for path in paths if not path.endswith(watch.SIDECAR_SUFFIX)
        ]  # fmt: skip
        if any(stay):
            self.store.leave_out([sha256 for sha256 in stay if sha256])
        for paths in (*plan.files.values(), plan.requests):
            erasing_files.remove(paths)
        erasing_files.remove_sessions(plan.files.get(LIVE, ()))
        for place in plan.files:
            if place not in (*OURS, BY_HAND):
                folder = self.home.inbox if place == INBOX else Path(place)
                erasing_files.remove_empty_folders(folder, plan.known.subject)
        erasing_files.remove_empty_folders(self.home.inbox, plan.known.subject)

    def _remove_rows(self, request: Request, plan: _Plan, words: Words) -> None:
        fields = request.fields
        if self.store.erasure(fields["receipt_id"]) is not None:
            return  # before the process was killed
        ids = set(plan.known.video_ids)
        running = [run["run_id"] for run in self.store.runs("running") if run["video_id"] in ids]
        with self.intake.changing():
            for video_id in plan.known.video_ids:
                if self.store.video(video_id) is not None:
                    self.intake.delete(video_id, True)
            rows = [path for path in self.store.files() if path in set(plan.paths) | set(plan.known.private)]
            self.intake.lose(rows)
            replaced = self.store.erase_mentions(plan.known, words)
            receipt = {
                "format": FORMAT, "receipt_id": fields["receipt_id"], "videos": len(ids), "rows": plan.known.rows,
                "replaced": replaced, "files": _by_place(plan.files), "kept": _by_place(plan.stay),
                "requests": len(plan.requests),
            }  # fmt: skip
            self.store.log_erasure(fields["receipt_id"], fields["subject_hash"], plan.known, receipt)
        for run_id in running:
            self.stop_run(run_id)

    # --- the search, and the end ---

    def _searched(self, words: Words, skip: Iterable[Path]) -> dict:
        files = erasing_files.search(self.home, words, self.store, skip)
        rows = self.store.still_found(words)
        return {"files": files.files, "size_bytes": files.size_bytes, "in_files": files.found, "in_rows": rows}

    def _close(self, request: Request, searched: dict, snapshots: int, lines: int) -> None:
        receipt_id = request.fields["receipt_id"]
        receipt = self.store.erasure(receipt_id)["receipt"]
        receipt |= {
            "erased_at": datetime.now(UTC).isoformat(timespec="seconds"), "snapshots": snapshots, "log_lines": lines,
            "search": searched,
        }  # fmt: skip
        with self.intake.changing():
            self.store.complete_erasure(receipt_id, receipt)
            self.store.log_request(
                request.request_id, request.kind, request.requested_at, "applied", None, {"receipt_id": receipt_id}
            )


def _by_place(files: dict[str, list[str]]) -> dict[str, int]:
    """How many files by place; a watched folder's own name stays out of the receipt, for it may name the subject."""
    counts: dict[str, int] = {}
    for place, paths in files.items():
        name = place if place in (*OURS, INBOX, BY_HAND) else "other watched folders"
        counts[name] = counts.get(name, 0) + len(paths)
    return counts


def _hash_of(path: str) -> str | None:
    try:
        return watch.fingerprint(path)[0]
    except (OSError, watch.StillChanging):
        return None  # it is not whole, so it is not what will be there
