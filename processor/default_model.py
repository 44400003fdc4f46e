"""Which model new runs use: the setting if somebody set it, else the one chosen as the default, else Moodreel's own.

The choice is kept in the home (`default_model.json`), so that it outlives the service and is in force at once.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass

from processor.config import Home, Settings

_WHY = {
    "setting": "The setting `model` says so: moodreel.toml, MOODREEL_MODEL or a flag. It goes before any choice here.",
    "choice": "It was made the default.",
    "shipped": "It is the one that Moodreel comes with.",
}


@dataclass(frozen=True)
class InForce:
    """The model that new runs use. name: of the bundle, or its folder. by: `setting`, `choice` or `shipped`."""

    name: str
    by: str

    @property
    def why(self) -> str:
        """Why this one, as a sentence."""
        return _WHY[self.by]


def in_force(settings: Settings) -> InForce:
    """The model that new runs with these settings use. A choice that can't be read counts as none."""
    if "model" in settings.model_fields_set:
        return InForce(settings.model, "setting")
    try:
        chosen = json.loads(Home(settings.home).default_model.read_text(encoding="utf-8"))["model"]
    except (OSError, ValueError, KeyError, TypeError):
        chosen = None
    return InForce(chosen, "choice") if isinstance(chosen, str) and chosen else InForce(settings.model, "shipped")


def choose(home: Home, name: str) -> None:
    """Make the bundle `name` the default, in one step. Raises OSError, such as on a full disk; then nothing changed."""
    beside = home.default_model.with_suffix(f".{os.getpid()}.part")
    try:
        with beside.open("w", encoding="utf-8") as file:
            json.dump({"model": name}, file)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(home.default_model)
    except OSError:
        beside.unlink(missing_ok=True)
        raise
