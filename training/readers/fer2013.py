"""FER2013 as Kaggle's table, with FERPlus' votes, and as a lossless mosaic."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from training import classes
from training.datasets import FACE_SIZE, USAGES, VOTES, DatasetUnreadable
from training.readers.listing import Labelled, Listing, set_name
from training.readers.tables import records

COLUMNS = ("emotion", "pixels", "Usage")
# What fer2013new.csv calls the ten votes, and its copy of the split.
_VOTE_COLUMNS = (*VOTES[:-1], "NF")

MOSAIC, MOSAIC_LABELS = "fer2013_mosaic.png", "fer2013_labels.npz"


def file_name(row: int) -> str:
    """What FERPlus calls the face in a row of fer2013.csv."""
    return f"fer{row:07d}.png"


def read_table(path: Path, ferplus: Path | None = None) -> Listing:
    """Kaggle's `emotion,pixels,Usage` table, with FERPlus' ten vote columns matched row for row if given.

    By row and not by name: FERPlus has no name where there is no face. Raises DatasetUnreadable naming the file and
    line for a wrong pixel count, an unknown label or split, or tables that do not match.
    """
    listing = Listing(path, "fer2013")
    votes = None if ferplus is None else _votes(ferplus)
    source = set_name(path)
    for row, (line, record) in enumerate(records(path, COLUMNS)):
        where = f"{path.name}, line {line}"
        listing.faces.append(
            Labelled(
                picture=_pixels(record["pixels"], where),
                name=file_name(row),
                emotion=_label(record["emotion"], where),
                usage=_usage(record["Usage"], where),
                source=source,
                where=where,
                row=row,
                votes=_votes_of(votes, row, record["Usage"], ferplus) if votes else None,
            )  # fmt: skip
        )
    if not listing.faces:
        raise DatasetUnreadable(f"{path} has a header and no faces.")
    if votes is not None and len(votes) != len(listing.faces):
        raise DatasetUnreadable(
            f"{ferplus} has {len(votes):,} rows, {path} has {len(listing.faces):,}: they must match row for row."
        )
    return listing


def _pixels(text: str, where: str) -> np.ndarray:
    try:
        levels = np.fromstring(text, dtype=np.int64, sep=" ")
    except ValueError as error:
        raise DatasetUnreadable(f"{where}: the pixels are not all whole numbers.") from error
    if levels.size != FACE_SIZE**2:
        raise DatasetUnreadable(f"{where}: {levels.size:,} pixels, expected {FACE_SIZE**2:,} (48x48).")
    if levels.min() < 0 or levels.max() > 255:
        raise DatasetUnreadable(f"{where}: grey levels from {levels.min()} to {levels.max()}, expected 0..255.")
    return levels.astype(np.uint8).reshape(FACE_SIZE, FACE_SIZE)


def _label(text: str, where: str) -> int:
    if text not in classes.SETS["fer2013"]:
        raise DatasetUnreadable(f"{where}: label {text!r}, expected 0..6.")
    return classes.label(text, "fer2013")


def _usage(text: str, where: str) -> str:
    if text not in USAGES:
        raise DatasetUnreadable(f"{where}: there is no split {text!r}; known are {', '.join(USAGES)}.")
    return text


def _votes(path: Path) -> list[tuple[int, str, np.ndarray]]:
    """(line, split, votes uint8 (10,)) of every row of FERPlus' table."""
    rows = []
    for line, record in records(path, ("Usage", *_VOTE_COLUMNS)):
        texts = [record[column] for column in _VOTE_COLUMNS]
        if not all(text.isdecimal() and int(text) < 256 for text in texts):
            raise DatasetUnreadable(f"{path.name}, line {line}: votes {','.join(texts)}, expected ten small numbers.")
        rows.append((line, record["Usage"], np.array(texts, dtype=np.uint8)))
    return rows


def _votes_of(votes: list, row: int, usage: str, ferplus: Path) -> np.ndarray | None:
    if row >= len(votes):
        return None  # of different length, which the caller says with both lengths
    line, other_usage, counts = votes[row]
    if other_usage != usage:
        raise DatasetUnreadable(
            f"{ferplus.name}, line {line}: split {other_usage!r}, but {usage!r} in the table of faces: "
            "the tables do not match row for row."
        )
    return counts


def is_mosaic(folder: Path) -> bool:
    """Whether the folder has the mosaic."""
    return (folder / MOSAIC).is_file()


def read_mosaic(folder: Path) -> Listing:
    """FER2013 + FER+ as a lossless mosaic: `fer2013_mosaic.png` (faces in reading order) and `fer2013_labels.npz`.

    Raises DatasetUnreadable if either file is missing or broken, or the mosaic is not made of whole 48x48 faces.
    """
    # The mosaic has 74 million pixels, which Pillow would take for an attack.
    limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
    try:
        with Image.open(folder / MOSAIC) as picture:
            mosaic = np.asarray(picture)
        with np.load(folder / MOSAIC_LABELS, allow_pickle=False) as data:
            fer, votes, usage, rows = (data[name] for name in ("fer", "votes", "usage", "row"))
    except (OSError, SyntaxError, ValueError, KeyError) as error:
        raise DatasetUnreadable(f"The face mosaic in {folder} can't be read: {error}.") from error
    finally:
        Image.MAX_IMAGE_PIXELS = limit
    height, width = mosaic.shape[:2]
    if mosaic.ndim != 2 or height % FACE_SIZE or width % FACE_SIZE or height * width < len(fer) * FACE_SIZE**2:
        raise DatasetUnreadable(
            f"The mosaic in {folder} is {width}x{height}, which is not {len(fer):,} whole grey faces of 48x48."
        )
    grid = mosaic.reshape(height // FACE_SIZE, FACE_SIZE, width // FACE_SIZE, FACE_SIZE)
    images = grid.swapaxes(1, 2).reshape(-1, FACE_SIZE, FACE_SIZE)[: len(fer)]
    faces = [
        Labelled(
            picture=image,
            name=file_name(row),
            emotion=int(label),
            usage=str(split),
            source="fer2013",
            where=f"{MOSAIC}, row {row}",
            row=int(row),
            votes=vote,
        )  # fmt: skip
        for image, label, split, row, vote in zip(images, fer, usage, rows, votes, strict=True)
    ]
    return Listing(folder, "mosaic", faces)
