"""Labelled faces: read data sets as people have them, keep them as one prepared `.npz`, choose splits.

A prepared data set is one `.npz` file: `images` uint8 (N, 48, 48) grey; `fer` int8 (N,) FER2013 labels 0..6 in the
order of `db.emotions.EMOTIONS`; `votes` uint8 (N, 10) FER+ votes in the order of `VOTES`; `usage` str (N,), one of
`Training`, `PublicTest`, `PrivateTest`; `row` int32 (N,), the row in the original table. `votes` may be absent.
"""

from __future__ import annotations

import csv
import sys
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from PIL import Image

from db.emotions import EMOTIONS

FACE_SIZE = 48

# The ten vote columns of FERPlus (fer2013new.csv), in that file's order.
VOTES = (
    "neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt", "unknown", "not-a-face",
)  # fmt: skip

# FER+ names for Moodreel's seven emotions, then contempt, which FER2013 does not have.
FERPLUS_CLASSES = (*EMOTIONS, "contempt")
# What fer2013new.csv calls them.
_VOTE_COLUMNS = (*VOTES[:-1], "NF")
_VOTE_OF_CLASS = [VOTES.index(name) for name in (
    "anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral", "contempt",
)]  # fmt: skip

# Every n-th original row of `Training` is held off for choosing and calibrating: a twentieth of the faces.
VALIDATION_EVERY = 20

SPLITS = ("Training", "PublicTest", "PrivateTest", "train", "validation")


class DatasetUnreadable(Exception):
    """A data set file is missing, truncated, or not in the format its name promises."""


@dataclass(frozen=True)
class FaceSet:
    """Labelled grey faces.

    images: uint8 (N, 48, 48). fer: int8 (N,), 0..6. votes: uint8 (N, 10) in the order of `VOTES`, or None.
    usage: str (N,). row: int32 (N,).
    """

    images: np.ndarray
    fer: np.ndarray
    votes: np.ndarray | None
    usage: np.ndarray
    row: np.ndarray

    def __post_init__(self):
        n = len(self.images)
        expected = {"images": (n, FACE_SIZE, FACE_SIZE), "fer": (n,), "usage": (n,), "row": (n,)}
        if self.votes is not None:
            expected["votes"] = (n, len(VOTES))
        for name, shape in expected.items():
            if getattr(self, name).shape != shape:
                raise ValueError(f"`{name}` must have shape {shape}. Received: {getattr(self, name).shape}")
        if n and not (0 <= self.fer.min() and self.fer.max() < len(EMOTIONS)):
            raise ValueError(f"`fer` must lie in 0..{len(EMOTIONS) - 1}. Received: {np.unique(self.fer)}")

    def __len__(self) -> int:
        return len(self.images)

    def where(self, keep: np.ndarray) -> FaceSet:
        """The faces for which the boolean mask `keep` (N,) holds."""
        votes = None if self.votes is None else self.votes[keep]
        return FaceSet(self.images[keep], self.fer[keep], votes, self.usage[keep], self.row[keep])

    def split(self, name: str) -> FaceSet:
        """One of `SPLITS`: a usage as it stands in the data, or `train` / `validation`, the two parts of `Training`.

        Raises ValueError if the split is unknown or holds no face.
        """
        if name not in SPLITS:
            raise ValueError(f"There is no split {name!r}. Known: {', '.join(SPLITS)}.")
        if name in ("train", "validation"):
            held_off = self.row % VALIDATION_EVERY == 0
            keep = (self.usage == "Training") & (held_off if name == "validation" else ~held_off)
        else:
            keep = self.usage == name
        if not keep.any():
            raise ValueError(f"The split {name!r} holds no face in this data set (it has: {sorted(set(self.usage))}).")
        return self.where(keep)

    def save(self, path: Path) -> None:
        """Write the prepared `.npz`."""
        arrays = {"images": self.images, "fer": self.fer, "usage": self.usage, "row": self.row}
        if self.votes is not None:
            arrays["votes"] = self.votes
        np.savez_compressed(path, **arrays)


def load(path: Path) -> FaceSet:
    """Read a prepared `.npz`. Raises DatasetUnreadable if it is missing or is not one."""
    try:
        with np.load(path, allow_pickle=False) as data:
            votes = data["votes"] if "votes" in data else None
            row = data["row"] if "row" in data else np.arange(len(data["fer"]), dtype=np.int32)
            return FaceSet(data["images"], data["fer"], votes, data["usage"], row)
    except (OSError, EOFError, KeyError, ValueError, BadZipFile) as error:
        raise DatasetUnreadable(
            f"{path} is not a prepared data set: {error}. Make one with `python -m training prepare`."
        ) from error


def read_mosaic(folder: Path) -> FaceSet:
    """FER2013 + FER+ as a lossless mosaic: `fer2013_mosaic.png` (faces in reading order) and `fer2013_labels.npz`.

    Raises DatasetUnreadable if either file is missing or the mosaic is not made of whole 48x48 faces.
    """
    # The mosaic has 74 million pixels, which Pillow would take for an attack.
    limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
    try:
        mosaic = np.asarray(Image.open(folder / "fer2013_mosaic.png"))
        with np.load(folder / "fer2013_labels.npz", allow_pickle=False) as data:
            labels = {name: data[name] for name in ("fer", "votes", "usage", "row")}
    except OSError as error:
        raise DatasetUnreadable(f"The face mosaic in {folder} cannot be read: {error}.") from error
    finally:
        Image.MAX_IMAGE_PIXELS = limit
    height, width = mosaic.shape
    if height % FACE_SIZE or width % FACE_SIZE:
        raise DatasetUnreadable(f"The mosaic in {folder} is {width}x{height}, not made of whole 48x48 faces.")
    grid = mosaic.reshape(height // FACE_SIZE, FACE_SIZE, width // FACE_SIZE, FACE_SIZE)
    images = grid.swapaxes(1, 2).reshape(-1, FACE_SIZE, FACE_SIZE)[: len(labels["fer"])]
    return FaceSet(images, labels["fer"], labels["votes"], labels["usage"], labels["row"])


def read_fer2013_csv(path: Path, ferplus: Path | None = None) -> FaceSet:
    """Kaggle's `emotion,pixels,Usage` table, with FERPlus' ten vote columns matched row for row if given.

    Raises DatasetUnreadable naming the file and line for a wrong pixel count, an unknown label, or tables of
    different lengths.
    """
    images, fer, usage = [], [], []
    for line, record in _records(path, ("emotion", "pixels", "Usage")):
        try:
            pixels = np.array(record["pixels"].split(), dtype=np.uint8)
            label = int(record["emotion"])
        except (ValueError, OverflowError) as error:
            raise DatasetUnreadable(f"{path}, line {line}: {error}.") from error
        if pixels.size != FACE_SIZE**2:
            raise DatasetUnreadable(f"{path}, line {line}: {pixels.size} pixels, expected {FACE_SIZE**2} (48x48).")
        if not 0 <= label < len(EMOTIONS):
            raise DatasetUnreadable(f"{path}, line {line}: label {label}, expected 0..{len(EMOTIONS) - 1}.")
        images.append(pixels.reshape(FACE_SIZE, FACE_SIZE))
        fer.append(label)
        usage.append(record["Usage"])
    if not images:
        raise DatasetUnreadable(f"{path} has a header and no faces.")
    votes = None
    if ferplus is not None:
        rows = [[int(record[name]) for name in _VOTE_COLUMNS] for _, record in _records(ferplus, _VOTE_COLUMNS)]
        votes = np.array(rows, dtype=np.uint8).reshape(-1, len(VOTES))
        if len(votes) != len(images):
            raise DatasetUnreadable(
                f"{ferplus} has {len(votes)} rows, {path} has {len(images)}: they must match row for row."
            )
    return FaceSet(
        np.stack(images), np.array(fer, dtype=np.int8), votes, np.array(usage), np.arange(len(fer), dtype=np.int32)
    )


def _records(path: Path, columns: tuple[str, ...]):
    """Yield (line number, record) of a CSV that must have the given columns."""
    csv.field_size_limit(sys.maxsize)
    try:
        with open(path, newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file)
            missing = set(columns) - set(reader.fieldnames or ())
            if missing:
                raise DatasetUnreadable(f"{path} lacks the column(s) {', '.join(sorted(missing))}.")
            for record in reader:
                if any(record[c] is None for c in columns):
                    raise DatasetUnreadable(f"{path}, line {reader.line_num}: the line is cut off.")
                yield reader.line_num, record
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetUnreadable(f"{path} cannot be read: {error}.") from error


def vote_shares(votes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Votes (N, 10) to shares over `FERPLUS_CLASSES` (N, 8) float32, and which rows have any (N,) bool.

    Single votes are dropped as noise (Barsoum et al. 2016, FER+); votes for unknown and not-a-face carry no emotion.
    Rows sum to 1, or are all 0 where no vote is left.
    """
    kept = np.where(votes > 1, votes, 0)[:, _VOTE_OF_CLASS].astype(np.float32)
    total = kept.sum(axis=1, keepdims=True)
    return kept / np.maximum(total, 1), total[:, 0] > 0


def majority_labels(votes: np.ndarray) -> np.ndarray:
    """FER+ majority label (N,) int8 in the order of EMOTIONS, -1 where there is none.

    A face counts when one emotion has more than half of all its votes, single votes dropped, contempt left out
    (Barsoum et al. 2016, "majority voting").
    """
    kept = np.where(votes > 1, votes, 0).astype(np.int64)
    emotions = kept[:, _VOTE_OF_CLASS]
    winner = emotions.argmax(axis=1)
    has_majority = emotions.max(axis=1) * 2 > kept.sum(axis=1)
    return np.where(has_majority & (winner < len(EMOTIONS)), winner, -1).astype(np.int8)
