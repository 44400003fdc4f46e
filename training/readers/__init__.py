"""Readers: labelled faces as people have them. What lies at a path tells its format."""

from __future__ import annotations

from pathlib import Path

from training.datasets import DatasetUnreadable
from training.readers import fer2013, folders, iimi, mapped, prepared, tables, vgu
from training.readers.listing import Labelled, Listing, Problem, files_in, listed, set_name

__all__ = ["FORMATS", "Labelled", "Listing", "Problem", "detect", "read", "set_name"]

FORMATS = {
    "fer2013": "Kaggle's fer2013.csv, also .gz, .bz2, .xz or .zst; FERPlus' votes with --ferplus",
    "folders": "train|test/<class>/<picture>",
    "vgu": "tables with a column for each class, one for each split, and the pictures",
    "iimi": "pictures named like DST_002_F_ANG.jpg",
    "mapped": "pictures as a mapping file (--mapping) says, such as RAF-DB or AffectNet",
    "own": "<class>/<picture>: one's own faces, all to train on",
    "mosaic": "fer2013_mosaic.png and fer2013_labels.npz",
    "prepared": "a .npz that was prepared before",
}


def detect(path: Path) -> str:
    """The format of what lies at `path`, one of FORMATS. Raises DatasetUnreadable if it is none of them."""
    if not path.exists():
        raise DatasetUnreadable(f"{path} does not exist.")
    if path.is_file():
        if path.suffix == ".npz":
            return "prepared"
        if tables.is_table(path):
            names = set(tables.header(path))
            for kind, columns in (("fer2013", fer2013.COLUMNS), ("vgu", vgu.COLUMNS)):
                if set(columns) <= names:
                    return kind
            raise DatasetUnreadable(
                f"{path} lacks the column(s) of a set Moodreel knows: {', '.join(fer2013.COLUMNS)} (FER2013), or "
                f"{', '.join(vgu.COLUMNS)} (VGU). It has: {', '.join(sorted(names)) or 'none'}."
            )
    elif fer2013.is_mosaic(path):
        return "mosaic"
    elif vgu.tables_of(path):
        return "vgu"
    elif folders.has_splits(path):
        return "folders"
    elif folders.has_classes(path):
        return "own"
    elif iimi.is_iimi(path):
        return "iimi"
    known = "; ".join(f"{name}: {text}" for name, text in FORMATS.items())
    found = listed(file.relative_to(path) for file in files_in(path)) if path.is_dir() else "a file of another kind"
    raise DatasetUnreadable(
        f"{path} is no data set that Moodreel knows. It has: {found or 'no files'}. Known: {known}."
    )


def read(path: Path, kind: str = "auto", *, ferplus: Path | None = None, mapping: Path | None = None) -> Listing:
    """List the labelled pictures at `path`. `kind` is one of FORMATS, or `auto`. The originals stay as they are.

    Raises DatasetUnreadable naming file and line, and ValueError for options that do not go together.
    """
    if kind == "auto":
        kind = "mapped" if mapping else detect(path)
    if kind not in FORMATS:
        raise ValueError(f"There is no format {kind!r}. Known: auto, {', '.join(FORMATS)}.")
    if ferplus and kind != "fer2013":
        raise ValueError(f"FERPlus' votes go with fer2013.csv row for row; {path} is of the format {kind}.")
    if (kind == "mapped") != bool(mapping):
        raise ValueError("The format `mapped` and the option `--mapping` go together.")
    if not path.exists():
        raise DatasetUnreadable(f"{path} does not exist.")
    if path.is_dir() == (kind in ("fer2013", "prepared")) and kind != "vgu":
        raise DatasetUnreadable(f"{path} is a {'folder' if path.is_dir() else 'file'}; the format {kind} is not.")
    if kind == "fer2013":
        return fer2013.read_table(path, ferplus)
    if kind == "mapped":
        return mapped.read_mapped(path, mapping)
    readers = {
        "folders": folders.read_class_folders, "own": folders.read_own, "vgu": vgu.read_vgu, "iimi": iimi.read_iimi,
        "mosaic": fer2013.read_mosaic, "prepared": prepared.read_prepared,
    }  # fmt: skip
    return readers[kind](path)
