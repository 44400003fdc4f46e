"""How much room Moodreel takes on the disk, by what takes it. No Streamlit."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pandas as pd

from processor.config import Home

# What lies where in a home, in the order in which it is shown; what is left is the last one.
KINDS = {
    "Videos in the library": ("library",),
    "Videos in the inbox": ("inbox",),
    "Films made on request": ("made",),
    "Thumbnails": ("thumbnails",),
    "Live sessions": ("live",),
    "Store": ("store.duckdb", "store.duckdb.wal"),
    "Published snapshots": ("results",),
    "Models": ("models",),
    "Data sets of faces": ("datasets",),
    "Refused requests": ("spool/refused",),
    "Requests that wait": ("spool",),
}
OTHER = "Everything else in the home"


def used(home: Home) -> pd.DataFrame:
    """What lies in the home folder. Columns: what, where (below the home), files, size_bytes; nothing counts twice.

    Sizes are those of the files; symbolic links are not followed, and what vanishes meanwhile is left out.
    """
    counted, rows = set(), []
    for what, places in KINDS.items():
        files = {path: size for place in places for path, size in _files(home.path / place) if path not in counted}
        counted |= set(files)
        rows.append((what, places[0], len(files), sum(files.values())))
    rest = [size for path, size in _files(home.path) if path not in counted]
    rows.append((OTHER, "", len(rest), sum(rest)))
    # The spool's folder of refused requests comes before the spool, so that each file counts where it belongs.
    return pd.DataFrame(rows, columns=["what", "where", "files", "size_bytes"])


def free_bytes(home: Home) -> int:
    """Room that is left on the home's disk, in bytes."""
    return shutil.disk_usage(home.path).free


def _files(place: Path) -> list[tuple[str, int]]:
    """(path, bytes) of every plain file in a folder and below it; of a file, of itself."""
    try:
        if place.is_file() and not place.is_symlink():
            return [(str(place), place.stat().st_size)]
    except OSError:
        return []
    found = []
    for folder, _, names in os.walk(place):
        for name in names:
            path = os.path.join(folder, name)
            try:
                status = os.lstat(path)
            except OSError:
                continue
            if os.path.isfile(path) and not os.path.islink(path):
                found.append((path, status.st_size))
    return found
