"""VGU (system A): pictures, and one table for each split with a column for each class."""

from __future__ import annotations

import os
from pathlib import Path

from training import classes
from training.datasets import DatasetUnreadable
from training.readers.listing import Labelled, Listing, Problem, files_in
from training.readers.tables import header, is_table, records

COLUMNS = ("filename", *classes.VGU_COLUMNS)


def tables_of(path: Path) -> list[Path]:
    """The set's tables: the file itself, or those in the folder and below that have VGU's columns."""
    files = [path] if path.is_file() else [file for file in files_in(path) if is_table(file)]
    return [file for file in files if set(COLUMNS) <= _header(file)]


def _header(file: Path) -> set[str]:
    """The columns of a table; none if it can't be read, since a folder may hold tables of all kinds."""
    try:
        return set(header(file))
    except DatasetUnreadable:
        return set()


def read_vgu(path: Path) -> Listing:
    """Column `filename` and eight one-hot columns, their names perhaps with stray blanks.

    The split is told by the name of the table or of its folder. A picture that is missing on disk, and a row that names
    no class or several, is listed and left out. Raises DatasetUnreadable naming the file and line if a value is neither
    0 nor 1, and if no table or its split can be told.
    """
    found = tables_of(path)
    if not found:
        raise DatasetUnreadable(f"{path} has no table with the columns {', '.join(COLUMNS)}.")
    folder = path if path.is_dir() else path.parent
    listing = Listing(path, "vgu")
    pictures: dict[str, list[Path]] = {}
    for file in files_in(folder):
        pictures.setdefault(file.name, []).append(file)
    usages = [_usage(table, folder) for table in found]
    for table, usage in zip(found, usages, strict=True):
        _add_table(listing, table, usage, pictures)
    if path.is_dir():
        listing.missing_splits = [name for name, there in (
            ("train", "Training" in usages), ("test", bool(set(usages) - {"Training"}))
        ) if not there]  # fmt: skip
    return listing


def _add_table(listing: Listing, table: Path, usage: str, pictures: dict[str, list[Path]]) -> None:
    for line, record in records(table, COLUMNS):
        where = f"{table.name}, line {line}"
        values = {name: record[name] for name in classes.VGU_COLUMNS}
        wrong = [f"{name} {value!r}" for name, value in values.items() if value not in ("0", "1", "0.0", "1.0")]
        if wrong:
            raise DatasetUnreadable(f"{table}, line {line}: {', '.join(wrong)}; expected 0 or 1.")
        named = [name for name, value in values.items() if float(value)]
        if len(named) != 1:
            text = f"{record['filename']} has {' and '.join(named) or 'no class'}"
            listing.problems.append(Problem("no single label", where, text))
            continue
        emotion = classes.label(named[0])
        if emotion is None:
            listing.dropped[named[0]] += 1
            continue
        picture = _find(record["filename"], table, usage, pictures)
        if picture is None:
            listing.problems.append(Problem("missing", where, f"{record['filename']} is not on the disk"))
            continue
        listing.faces.append(
            Labelled(picture, picture.name, emotion, usage, "vgu", f"{where}: {picture.name}", len(listing.faces))
        )


def _usage(table: Path, folder: Path) -> str:
    """By the words in the table's name, else by the folder nearest to it: `train/_classes.csv`, `test_labels.csv`."""
    inside = table.relative_to(folder).parts[:-1] if table.is_relative_to(folder) else ()
    for name in (table.name.split(".")[0], *reversed(inside), folder.name):
        for word in (name, *classes.plain(name).split("-")):
            if classes.is_split(word):
                return classes.usage(word)
    raise DatasetUnreadable(f"{table}: its name does not tell which split it is; name it train.csv or test.csv.")


def _find(filename: str, table: Path, usage: str, pictures: dict[str, list[Path]]) -> Path | None:
    """The picture that a table names: where the name leads from the table, else of that name, nearest to the table.

    A table comes from outside, so only files of the set count, wherever its names lead; and a picture in the folder of
    another split is another picture, even if it is called the same.
    """
    exact = table.parent / filename

    def elsewhere(picture: Path) -> bool:
        folder = picture.parent.name
        return picture != exact and classes.is_split(folder) and classes.usage(folder) != usage

    def distance(picture: Path) -> tuple[bool, int, str]:
        together = Path(os.path.commonpath([picture, table]))
        return picture != exact, -len(together.parts), str(picture)

    same_name = [picture for picture in pictures.get(Path(filename).name, []) if not elsewhere(picture)]
    return min(same_name, key=distance, default=None)
