"""Live sessions that were cut off: what their writers left is handed in, as they would have done."""

from __future__ import annotations

import logging
import shutil
import time

from db.store import Store
from processor.config import Home
from processor.live_journal import hand_in
from processor.live_requests import held

BEGINNING_S = 60.0  # a folder that is not complete after that never will be

log = logging.getLogger(__name__)


def recover(home: Home, store: Store) -> list[str]:
    """Hand in the sessions that nobody writes any more and that nobody has handed in; returns their ids.

    A session that is kept already, because the process died before it cleared up, is removed; one that was refused
    and is still there stays where it is: somebody may want to look at it.
    """
    handed_in = []
    for folder in sorted(path for path in home.live.iterdir() if path.is_dir() and not path.is_symlink()):
        if folder.name.startswith(".") and time.time() - folder.stat().st_mtime < BEGINNING_S:
            continue
        lock = held(folder)
        if lock is None:
            continue
        with lock:
            live_id, state = folder.name, store.request_state(folder.name)
            if folder.name.startswith(".") or state == "applied":
                shutil.rmtree(folder)  # hardly begun, or kept
            elif state is None and not (home.spool / f"{live_id}.json").exists():
                hand_in(home.spool, live_id, cut_off=True)
                handed_in.append(live_id)
                log.warning("The live session %s was cut off; what had been written is handed in.", live_id)
    return handed_in
