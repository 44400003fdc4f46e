"""What every reader returns: labelled pictures, not yet opened, and what it had to leave out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from training import classes

# What file managers leave lying about.
_LITTER = {"thumbs.db", "desktop.ini", "__macosx"}


@dataclass(frozen=True)
class Labelled:
    """One labelled picture. `picture` is its file, or its grey levels, uint8 (48, 48).

    emotion: 0..6. usage: of `datasets.USAGES`. where: how messages name it, such as `fer2013.csv, line 7`.
    row: its place in the set, which decides whether it is held off for validation. votes: uint8 (10,) or None.
    """

    picture: Path | np.ndarray
    name: str
    emotion: int
    usage: str
    source: str
    where: str
    row: int
    gender: str = ""
    subject: str = ""
    votes: np.ndarray | None = None


@dataclass(frozen=True)
class Problem:
    """A picture that something is wrong with; `kept` if it stays in the set all the same."""

    kind: str
    where: str
    text: str
    kept: bool = False


@dataclass
class Listing:
    """What a reader found. dropped: faces by class that Moodreel does not have, such as contempt.

    illumination: how training is to normalise light. Something is wrong unless every (usage, emotion) in `promised`,
    which are the class folders and where they are, has a face in the end.
    """

    path: Path
    format: str
    faces: list[Labelled] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    promised: dict[tuple[str, int], str] = field(default_factory=dict)
    missing_splits: list[str] = field(default_factory=list)
    illumination: str = "none"


def set_name(path: Path) -> str:
    """What a set is called after its file or folder: `fer2013.csv.gz` -> `fer2013`."""
    path = path.absolute()
    name = path.name if path.is_dir() else path.name.split(".")[0]
    return classes.plain(name) or "faces"


def files_in(folder: Path) -> list[Path]:
    """The files in a folder and below, in an order that does not depend on the disk; hidden ones are left out."""

    def seen(path: Path) -> bool:
        parts = path.relative_to(folder).parts
        return not any(part.startswith(".") or part.lower() in _LITTER for part in parts)

    return sorted(path for path in folder.rglob("*") if path.is_file() and seen(path))


def folders_in(folder: Path) -> list[Path]:
    """The folders directly in a folder, sorted; hidden ones are left out."""
    return sorted(p for p in folder.iterdir() if p.is_dir() and p.name[0] != "." and p.name.lower() not in _LITTER)


def listed(values: Iterable[object], most: int = 5) -> str:
    """`a, b, c and 4 more`."""
    texts = [str(value) for value in values]
    rest = len(texts) - most
    return ", ".join(texts[:most]) + (f" and {rest:,} more" if rest > 0 else "")
