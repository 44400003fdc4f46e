"""What requests about saved queries and saved filters do."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from db.saved import KINDS
from db.store import Store
from processor.spool import Request, RequestRefused


class SavedRequests:
    """Applies them. changing: within it, what is written is one transaction; applied: writes the log entry."""

    def __init__(
        self, store: Store, changing: Callable[[], AbstractContextManager], applied: Callable[..., None]
    ):  # fmt: skip
        self.store, self.changing, self.applied = store, changing, applied
        self.kinds = {
            f"{kind}_{what}": lambda request, kind=kind, do=do: do(request, kind)
            for kind in KINDS for what, do in (("save", self._save), ("forget", self._forget))
        }  # fmt: skip

    def _save(self, request: Request, kind: str) -> None:
        fields = request.fields
        name, key = fields["name"], fields.get(f"{kind}_id")
        with self.changing():
            of_that_name = self.store.saved(kind, name=name)
            there = self.store.saved(kind, key=key) if key else of_that_name
            if key and there is None:
                raise RequestRefused(f"The saved {kind} {name!r} has been forgotten meanwhile, so it was not changed.")
            if key and of_that_name and of_that_name["key"] != key:
                raise RequestRefused(f"Another saved {kind} is called {name!r}: choose another name.")
            self._as_seen(fields, kind, there)
            self.store.save(kind, there["key"] if there else request.request_id, name, fields[KINDS[kind]])
            self.applied(request)

    def _forget(self, request: Request, kind: str) -> None:
        key = request.fields[f"{kind}_id"]
        with self.changing():
            there = self.store.saved(kind, key=key)
            if there is not None:  # who wants it gone need not hear that it is
                self._as_seen(request.fields, kind, there)
                self.store.forget(kind, key)
            self.applied(request, was_there=there is not None)

    def _as_seen(self, fields: dict, kind: str, there: dict | None) -> None:
        """Raises RequestRefused where the person says what they saw, and something else is there now."""
        now = {"name": there["name"], KINDS[kind]: there["value"]} if there else None
        if "seen" not in fields or fields["seen"] == now:
            return
        if fields["seen"] is None:
            raise RequestRefused(
                f"Somebody else has saved a {kind} called {there['name']!r} meanwhile, so yours was not saved: look at "
                "theirs, then choose another name or replace it."
            )
        if there is None:
            raise RequestRefused(
                f"The saved {kind} {fields['seen']['name']!r} has been forgotten meanwhile, so nothing was replaced: "
                "save yours as a new one."
            )
        raise RequestRefused(
            f"Somebody else has changed the saved {kind} {fields['seen']['name']!r} meanwhile, so it was left as it "
            "is: look at it, then decide again."
        )
