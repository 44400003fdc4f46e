"""CSV tables, compressed or not, record by record."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import lzma
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from training.datasets import DatasetUnreadable

# How a table may be compressed, by the end of its name. PyArrow reads zstd, which Python 3.11 does not.
_OPEN = {
    ".gz": gzip.open,
    ".bz2": bz2.open,
    ".xz": lzma.open,
    ".zst": lambda path, mode: pa.input_stream(str(path), compression="zstd"),
}
_BROKEN = (OSError, EOFError, UnicodeDecodeError, zlib.error, lzma.LZMAError, csv.Error, pa.ArrowInvalid)


def is_table(path: Path) -> bool:
    """Whether the name is that of a CSV, compressed or not."""
    return path.name.lower().removesuffix(_compression(path)).endswith(".csv")


def _compression(path: Path) -> str:
    return path.suffix.lower() if path.suffix.lower() in _OPEN else ""


def header(path: Path) -> list[str]:
    """The column names, without stray blanks. Raises DatasetUnreadable."""
    return next(_rows(path), (0, []))[1]


def records(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    """(line number, record) of a table that must have the given columns; blanks around names and values are dropped.

    Raises DatasetUnreadable naming the file, and the line if one is cut off.
    """
    rows = _rows(path)
    names = next(rows, (0, []))[1]
    missing = [column for column in columns if column not in names]
    if missing:
        raise DatasetUnreadable(f"{path} lacks the column(s) {', '.join(missing)}.")
    for line, values in rows:
        if len(values) < len(names):
            raise DatasetUnreadable(f"{path}, line {line}: the line is cut off; it has {len(values)} of {len(names)} "
                                    "values. Get the file again.")  # fmt: skip
        yield line, dict(zip(names, values, strict=False))


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    csv.field_size_limit(sys.maxsize)
    try:
        with _OPEN.get(_compression(path), open)(path, "rb") as raw:
            # A table may begin with a byte order mark, if it has been in a spreadsheet.
            reader = csv.reader(io.TextIOWrapper(raw, encoding="utf-8-sig", newline=""))
            for values in reader:
                if values:
                    yield reader.line_num, [value.strip() for value in values]
    except _BROKEN as error:
        reason = getattr(error, "strerror", None) or error
        raise DatasetUnreadable(f"{path} can't be read: {reason}. Is it there, and whole?") from error
