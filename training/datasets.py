"""Labelled faces: one prepared `.npz` for every data set, its splits, and what its votes say.

A prepared data set is one `.npz` file: `images` uint8 (N, 48, 48) grey; `fer` int8 (N,) FER2013 labels 0..6 in the
order of `db.emotions.EMOTIONS`; `votes` uint8 (N, 10) FER+ votes in the order of `VOTES`; `usage` str (N,), one of
`USAGES`; `row` int32 (N,), the row in the original table; and per face, as str (N,), what `COLUMNS` names and
`twin_in_training`, 'yes' or 'no': whether the same picture, or nearly, is among those that training learns from; '' for
those. `votes` and these columns may be absent. `illumination` is one str, how training is to normalise light, a method
of `training.illumination`; the images are as they were before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from zipfile import BadZipFile
from zlib import error as ZlibError

import numpy as np

from db.emotions import EMOTIONS
from training.replacing import replacing

FACE_SIZE = 48

# The ten vote columns of FERPlus (fer2013new.csv), in that file's order.
VOTES = (
    "neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt", "unknown", "not-a-face",
)  # fmt: skip

# FER+ names for Moodreel's seven emotions, then contempt, which FER2013 does not have.
FERPLUS_CLASSES = (*EMOTIONS, "contempt")
_VOTE_OF_CLASS = [VOTES.index(name) for name in (
    "anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral", "contempt",
)]  # fmt: skip

# Every n-th original row of `Training` is held off for choosing and calibrating: a twentieth of the faces.
VALIDATION_EVERY = 20

# FER2013's three, and `Test` for sets that have one test split.
USAGES = ("Training", "PublicTest", "PrivateTest", "Test")
SPLITS = (*USAGES, "train", "validation")

# What a set may tell of each face: original file name, name of the set (`fer2013`, `vgu`), 'F', 'M' or '', person.
COLUMNS = ("name", "source", "gender", "subject")


# How light can be normalised (`training.illumination`).
ILLUMINATIONS = {
    "none": "grey levels as they are",
    "equalise": "histogram equalisation",
    "blend": "half histogram equalisation, half linear mapping to the full range (system B)",
    "dog": "difference of Gaussians with gamma and contrast equalisation (Tan and Triggs 2010)",
}


class DatasetUnreadable(Exception):
    """A data set file is missing, truncated, or not in the format its name promises."""


@dataclass(frozen=True)
class FaceSet:
    """Labelled grey faces.

    images: uint8 (N, 48, 48). fer: int8 (N,), 0..6. votes: uint8 (N, 10) in the order of `VOTES`, all 0 for a face
    that nobody voted on, or None. usage: str (N,), of `USAGES`. row: int32 (N,). name, source, gender, subject,
    twin_in_training: str (N,), '' where not known, or None. illumination: how training is to normalise light; the
    images are as they are.
    """

    images: np.ndarray
    fer: np.ndarray
    votes: np.ndarray | None
    usage: np.ndarray
    row: np.ndarray
    name: np.ndarray | None = None
    source: np.ndarray | None = None
    gender: np.ndarray | None = None
    subject: np.ndarray | None = None
    twin_in_training: np.ndarray | None = None
    illumination: str = "none"

    def __post_init__(self):
        n = len(self.images)
        shapes = {"images": (n, FACE_SIZE, FACE_SIZE), "votes": (n, len(VOTES))}
        for name, column in self._arrays().items():
            if column.shape != shapes.get(name, (n,)):
                raise ValueError(f"`{name}` must have shape {shapes.get(name, (n,))}. Received: {column.shape}")
        if n and not (0 <= self.fer.min() and self.fer.max() < len(EMOTIONS)):
            raise ValueError(f"`fer` must lie in 0..{len(EMOTIONS) - 1}. Received: {np.unique(self.fer)}")
        if n and not set(np.unique(self.usage)) <= set(USAGES):
            raise ValueError(f"`usage` must be one of {', '.join(USAGES)}. Received: {np.unique(self.usage)}")
        if self.illumination not in ILLUMINATIONS:
            raise ValueError(f"`illumination` must be one of {', '.join(ILLUMINATIONS)}. Received: {self.illumination}")
        for name, column in self._arrays().items():
            if name in ("images", "votes") and column.dtype != np.uint8:
                raise ValueError(f"`{name}` must be uint8. Received: {column.dtype}")
            if name in ("fer", "row") and not np.issubdtype(column.dtype, np.integer):
                raise ValueError(f"`{name}` must be integers. Received: {column.dtype}")

    def __len__(self) -> int:
        return len(self.images)

    def _arrays(self) -> dict[str, np.ndarray]:
        """Every per-face array that is there, by name."""
        values = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "illumination"}
        return {name: value for name, value in values.items() if value is not None}

    def where(self, keep: np.ndarray) -> FaceSet:
        """The faces for which the boolean mask `keep` (N,) holds, or those that `keep` numbers, in that order."""
        return replace(self, **{name: column[keep] for name, column in self._arrays().items()})

    def split(self, name: str) -> FaceSet:
        """One of `SPLITS`: a usage as it stands in the data, or `train` / `validation`, the two parts of `Training`.

        Raises ValueError if the split is unknown or holds no face.
        """
        if name not in SPLITS:
            raise ValueError(f"There is no split {name!r}. Known: {', '.join(SPLITS)}.")
        if name in ("train", "validation"):
            keep = self.held_off() if name == "validation" else (self.usage == "Training") & ~self.held_off()
        else:
            keep = self.usage == name
        if not keep.any():
            has = ", ".join(sorted(set(self.usage.tolist()))) or "no face at all"
            raise ValueError(f"The split {name!r} holds no face in this data set (it has: {has}).")
        return self.where(keep)

    def held_off(self) -> np.ndarray:
        """Which faces of `Training` are its `validation` part, bool (N,)."""
        return (self.usage == "Training") & (self.row % VALIDATION_EVERY == 0)

    def subset(self, count: int, seed: int) -> FaceSet:
        """`count` faces as `draw` draws them."""
        return self.where(self.draw(count, seed))

    def draw(self, count: int, seed: int) -> np.ndarray:
        """The numbers of `count` faces drawn at random, ascending: each split and emotion gets its share.

        Shares that do not come out even are rounded by largest remainders. All faces if there are no more than
        `count`. The same seed draws the same faces.
        """
        if count >= len(self):
            return np.arange(len(self))
        _, stratum = np.unique(np.stack([self.usage, self.fer.astype(str)]), axis=1, return_inverse=True)
        sizes = np.bincount(stratum)
        shares = sizes * count / len(self)
        take = np.floor(shares).astype(int)
        take[np.argsort(take - shares, kind="stable")[: count - take.sum()]] += 1
        rng = np.random.default_rng(seed)
        chosen = [rng.choice(np.flatnonzero(stratum == s), take[s], replace=False) for s in range(len(sizes))]
        return np.sort(np.concatenate(chosen))

    @staticmethod
    def join(sets: Sequence[FaceSet]) -> FaceSet:
        """All faces of several sets, one set after the other.

        A face of a set without votes gets ten zeros if another set has votes, and '' in columns that its set lacks.
        Rows of every further set move up by a multiple of VALIDATION_EVERY: each face has a row of its own, and
        `train` and `validation` are the joined ones of the sets. Raises ValueError as `one_illumination` does.
        """
        illumination = one_illumination(sets)
        columns = {name for faces in sets for name in faces._arrays()}
        parts: dict[str, list[np.ndarray]] = {name: [] for name in columns}
        first_row = 0
        for faces in sets:
            absent = {"votes": np.zeros((len(faces), len(VOTES)), np.uint8)}
            for name in columns - {"row"}:
                column = getattr(faces, name)
                parts[name].append(absent.get(name, np.full(len(faces), "")) if column is None else column)
            parts["row"].append((faces.row + first_row).astype(np.int32))
            last = int(parts["row"][-1].max(initial=first_row - 1))
            first_row = -(-(last + 1) // VALIDATION_EVERY) * VALIDATION_EVERY
        arrays = {name: np.concatenate(part) for name, part in parts.items()}
        return FaceSet(**{"votes": None, **arrays}, illumination=illumination)

    def save(self, path: Path) -> None:
        """Write the prepared `.npz`; equal sets give equal bytes. What lay there before stays until all is written.

        Raises DatasetUnwritable if it can't be written.
        """
        with replacing(path) as file:
            np.savez_compressed(file, **self._arrays(), illumination=np.array(self.illumination))


def load(path: Path) -> FaceSet:
    """Read a prepared `.npz`. Raises DatasetUnreadable if it is missing or is not one."""
    try:
        # Opened here, because NumPy leaves a file open that turns out not to be a whole one.
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as data:
            arrays = {name: data[name] for name in ("images", "fer", "usage")}
            arrays |= {name: data[name] for name in ("votes", "row", *COLUMNS, "twin_in_training") if name in data}
            illumination = str(data["illumination"]) if "illumination" in data else "none"
        rows = np.arange(len(arrays["fer"]), dtype=np.int32)
        return FaceSet(**{"votes": None, "row": rows, **arrays}, illumination=illumination)
    except (OSError, EOFError, KeyError, ValueError, TypeError, BadZipFile, ZlibError) as error:
        raise DatasetUnreadable(
            f"{path} is not a prepared data set: {error}. Make one with `python -m training prepare`."
        ) from error


def one_illumination(sets: Sequence[FaceSet]) -> str:
    """How light is to be normalised in sets that one network learns from. Raises ValueError if they note different
    methods, or there is no set."""
    if not sets:
        raise ValueError("There is no data set.")
    methods = sorted({faces.illumination for faces in sets})
    if len(methods) > 1:
        raise ValueError(
            f"One network normalises light in one way, and these sets note several: {', '.join(methods)}. "
            "Prepare them again with the same --illumination."
        )
    return methods[0]


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
