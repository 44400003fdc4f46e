"""A real store and spool, and what the service puts between them, without its jobs: for tests of requests."""

from __future__ import annotations

import threading

from db.store import Store
from processor import spool
from processor.config import Settings
from processor.intake import Intake
from processor.requests import Requests


class Bench:
    """Applies requests to a store, as the service would."""

    def __init__(self, home, store: Store):
        self.home, self.settings, self.store = home, Settings(home=home.path), store
        intake = Intake(store, self.settings, [home.inbox], threading.RLock())
        self.requests = Requests(home, self.settings, store, intake, lambda run_id: None)

    def apply(self, kind, **payload):
        """Hand in a request and apply it; returns (state, reason or None, request_id)."""
        request_id = spool.submit(self.home.spool, kind, **payload)
        assert self.requests.apply_all() == 1
        (entry,) = self.store._read("SELECT state, reason FROM request_log WHERE request_id = ?", [request_id])
        assert entry["state"] == "applied" or entry["reason"]  # one that is applied in part has a reason, too
        return entry["state"], entry["reason"], request_id
