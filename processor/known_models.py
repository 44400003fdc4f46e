"""The models that the store knows: bundles at hand, networks that were only measured, and what runs bring along."""

from __future__ import annotations

import json
import logging
from pathlib import Path

from db.evaluations import without_samples
from db.store import Store
from processor.emotions import CARD_FILE, REQUIRED, SHIPPED, BundleUnusable, bundles, model_id, read_card
from processor.evaluation_form import checked
from processor.metadata import FieldInvalid

log = logging.getLogger(__name__)

# Cards of networks that were trained and measured, and whose weights are not shipped.
MEASURED = SHIPPED / "measured"


class KnownModels:
    """Brings the cards of the bundles in `models` (the home's) and of the shipped ones into the store.

    A card is read again only when its file changed, and written only when it is not what the store has.
    """

    def __init__(self, store: Store, models: Path):
        self.store, self.models = store, models
        self._stamps: dict[Path, tuple[int, int]] = {}

    def record(self) -> None:
        """Store what is new or changed. A bundle that can't be used is told of once, and passed over."""
        for file in [*sorted(MEASURED.glob("*.json")), *(folder / CARD_FILE for folder in bundles(self.models))]:
            try:
                status = file.stat()
            except OSError:
                continue  # taken away meanwhile
            stamp = (status.st_mtime_ns, status.st_size)
            if self._stamps.get(file) == stamp:
                continue
            self._stamps[file] = stamp
            try:
                record_card(self.store, read_card(file.parent) if file.name == CARD_FILE else read_measured(file))
            except BundleUnusable as error:
                log.warning("%s", error)


def read_measured(file: Path) -> dict:
    """The card of a network without its weights. Raises BundleUnusable if it can't be read or lacks what it needs."""
    try:
        card = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BundleUnusable(f"The card {file} can't be read: {error}. Measure the network again.") from error
    missing = [name for name in REQUIRED if name not in card] if isinstance(card, dict) else REQUIRED
    if missing:
        raise BundleUnusable(f"The card {file} lacks {', '.join(missing)}. Measure the network again.")
    return {**card, "weights": False}


def record_card(store: Store, card: dict) -> str:
    """Store a model, its curves and its evaluations, as its card has them; returns the model's id.

    Nothing is written when the store has this card already. Evaluations that are not what they should be are left out.
    """
    identity = model_id(card)
    if store.model_card(identity) == without_samples(card):
        return identity
    try:
        evaluations, curves = checked(card, card.get("evaluations", [])), card.get("curves", [])
    except FieldInvalid as error:
        log.warning("The figures of the model %s are not stored: %s", identity, error)
        evaluations, curves = [], None
    with store.transaction():
        store.add_model(identity, str(card["name"]), str(card["version"]), str(card["sha256"]), card)
        store.put_evaluations(identity, evaluations, curves)
    log.info("The model %s is known, with %d evaluations.", identity, len(evaluations))
    return identity
