"""What a labelled set of faces looks like: counts, grey levels, averages, likeness, labels that disagree, duplicates.

Pictures are uint8 (N, 48, 48), 0 black to 255 white. Labels are int (N,), places in `EMOTIONS`, or -1 for a face that
has none in the chosen label set: it counts among all faces and for no emotion. Whatever is drawn by chance takes a
seed. The questions are system C's; nothing here knows a page or a chart.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from db.emotions import EMOTIONS
from training.datasets import FaceSet, majority_labels

# The parts of a set: every face is in one of them. `Training` falls into the first two.
PARTS = ("train", "validation", "PublicTest", "PrivateTest", "Test")

LABEL_SETS = ("FER2013", "FER+")
EVERY_FACE = "all"  # beside the emotions, where a figure is also given for all faces together

LEVELS = 256
_BLOCK = 2048  # faces looked at together, so that memory does not grow with the set


def parts(faces: FaceSet) -> np.ndarray:
    """The part each face is in, str (N,): `train`, `validation`, or its usage."""
    training = np.where(faces.held_off(), "validation", "train")
    return np.where(faces.usage == "Training", training, faces.usage)


def label_sets(faces: FaceSet) -> dict[str, np.ndarray]:
    """The labels of each label set that the faces have, int8 (N,) with -1 for none: FER2013's, and FER+ from votes."""
    found = {"FER2013": faces.fer}
    return found if faces.votes is None else {**found, "FER+": majority_labels(faces.votes)}


def counts(faces: FaceSet) -> pd.DataFrame:
    """Faces of each emotion in each part that is there: columns labels, part, emotion, faces, share (of the part's
    labelled faces; 0 where it has none)."""
    where = parts(faces)
    there = [part for part in PARTS if (where == part).any()]
    rows = []
    for name, labels in label_sets(faces).items():
        for part in there:
            number = np.bincount(labels[(where == part) & (labels >= 0)], minlength=len(EMOTIONS))
            share = number / max(number.sum(), 1)
            rows += [(name, part, emotion, *pair) for emotion, *pair in zip(EMOTIONS, number, share, strict=True)]
    return pd.DataFrame(rows, columns=["labels", "part", "emotion", "faces", "share"])


def sample(there: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Places of up to `count` of the faces for which `there`, bool (N,), holds, drawn by chance.

    A larger count with the same seed begins with the same faces.
    """
    return np.random.default_rng(seed).permutation(np.flatnonzero(there))[:count]


def levels(images: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """How many pixels have each grey level: int64 (8, 256), a row for each emotion, then all faces."""
    rows = np.zeros((len(EMOTIONS) + 1, LEVELS), np.int64)
    for kind in (*range(len(EMOTIONS)), -1):
        places = np.flatnonzero(labels == kind)
        for start in range(0, len(places), _BLOCK):
            pixels = images[places[start : start + _BLOCK]]
            number = np.bincount(pixels.ravel(), minlength=LEVELS)
            rows[-1] += number
            if kind >= 0:
                rows[kind] += number
    return rows


def histogram(levels: np.ndarray, width: int = 8) -> pd.DataFrame:
    """Shares of the pixels in steps of `width` grey levels: columns emotion (or `all`), from_level, to_level, share.

    levels: as from `levels`. An emotion without a face has no rows.
    """
    steps = levels.reshape(len(levels), -1, width).sum(axis=2)
    starts = np.arange(0, LEVELS, width)
    found = [
        pd.DataFrame({"emotion": name, "from_level": starts, "to_level": starts + width, "share": row / row.sum()})
        for name, row in zip((*EMOTIONS, EVERY_FACE), steps, strict=True)
        if row.any()
    ]
    columns = ["emotion", "from_level", "to_level", "share"]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=columns)


def moments(levels: np.ndarray) -> pd.DataFrame:
    """Mean and standard deviation of the grey levels, 0 to 255: columns emotion (or `all`), mean, deviation.

    levels: as from `levels`. NaN for an emotion without a face.
    """
    pixels = levels.sum(axis=1)
    grey = np.arange(LEVELS)
    with np.errstate(invalid="ignore"):
        mean = levels @ grey / pixels
        deviation = np.sqrt(levels @ grey**2 / pixels - mean**2)
    return pd.DataFrame({"emotion": (*EMOTIONS, EVERY_FACE), "mean": mean, "deviation": deviation})


@dataclass(frozen=True)
class Averages:
    """The average face and how much each pixel varies: a row for each emotion, then all faces.

    mean, deviation: float64 (8, 48, 48) grey levels, NaN for an emotion without a face. faces: int (8,).
    """

    mean: np.ndarray
    deviation: np.ndarray
    faces: np.ndarray


def averages(images: np.ndarray, labels: np.ndarray) -> Averages:
    """Average faces. Their deviation is over faces, pixel by pixel."""
    total, squares = (np.zeros((len(EMOTIONS) + 1, *images.shape[1:])) for _ in range(2))
    faces = np.zeros(len(EMOTIONS) + 1, np.int64)
    for kind in (*range(len(EMOTIONS)), -1):
        places = np.flatnonzero(labels == kind)
        for row in {kind, -1}:
            faces[row] += len(places)
        for start in range(0, len(places), _BLOCK):
            block = images[places[start : start + _BLOCK]].astype(np.float32)
            sums = block.sum(axis=0, dtype=np.float64), np.einsum("nij,nij->ij", block, block, dtype=np.float64)
            for row in {kind, -1}:
                total[row] += sums[0]
                squares[row] += sums[1]
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = total / faces[:, None, None]
        # Rounding can make the variance of equal pixels a little less than nothing.
        variance = np.maximum(squares / faces[:, None, None] - mean**2, 0)
    return Averages(mean, np.sqrt(variance), faces)


def average_correlation(mean: np.ndarray) -> np.ndarray:
    """How alike the emotions' average faces are: Pearson's r over pixels, float64 (7, 7), NaN where one is missing.

    mean: (8, 48, 48), as in `Averages`.
    """
    vectors, defined = _standardised(mean[: len(EMOTIONS)])
    r = vectors @ vectors.T
    return np.where(defined[:, None] & defined, r, np.nan)


def sample_correlation(images: np.ndarray, labels: np.ndarray, each: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Pearson's r between single faces, up to `each` of every emotion, in the order of EMOTIONS.

    Returns the places of the faces, (M,), and r, float64 (M, M), NaN for a face of one grey level.
    """
    places = np.concatenate([sample(labels == emotion, each, seed) for emotion in range(len(EMOTIONS))])
    vectors, defined = _standardised(images[places])
    return places, np.where(defined[:, None] & defined, vectors @ vectors.T, np.nan)


def pair_correlation(images: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Pearson's r of two faces, on average over all pairs of two emotions: float64 (7, 7), NaN where there is no pair.

    Exact, and without looking at pairs: the mean of all products is the product of the means. Faces of one grey level
    correlate with nothing and are left out.
    """
    n = np.zeros(len(EMOTIONS))
    mean = np.zeros((len(EMOTIONS), int(np.prod(images.shape[1:]))))
    for kind in range(len(EMOTIONS)):
        places = np.flatnonzero(labels == kind)
        for start in range(0, len(places), _BLOCK):
            vectors, defined = _standardised(images[places[start : start + _BLOCK]], np.float32)
            n[kind] += defined.sum()
            mean[kind] += vectors[defined].sum(axis=0)
    sums = mean @ mean.T
    pairs = np.outer(n, n)
    np.fill_diagonal(sums, np.diag(sums) - n)  # a face with itself is no pair
    np.fill_diagonal(pairs, n * (n - 1))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(pairs > 0, sums / pairs, np.nan)


def _standardised(pictures: np.ndarray, dtype=np.float64) -> tuple[np.ndarray, np.ndarray]:
    """Pictures (N, H, W) as vectors (N, H * W) of mean 0 and length 1, and which have any contrast, bool (N,)."""
    vectors = pictures.reshape(len(pictures), -1).astype(dtype)
    vectors -= vectors.mean(axis=1, keepdims=True)
    length = np.sqrt(np.einsum("np,np->n", vectors, vectors))
    defined = length > 1e-6
    vectors /= np.where(defined, length, 1)[:, None]
    return vectors, defined


@dataclass(frozen=True)
class Components:
    """Faces on the two directions in which they differ most.

    places: (M,) which faces. xy: float32 (M, 2). explained: the shares of the variance on x and on y. fitted: how many
    faces the directions were found from.
    """

    places: np.ndarray
    xy: np.ndarray
    explained: tuple[float, float]
    fitted: int


def components(images: np.ndarray, labels: np.ndarray, seed: int, fit: int = 3000, shown: int = 1000) -> Components:
    """Principal components of the pixels (PCA), from a sample of the labelled faces; `shown` of it are placed.

    Raises ValueError for fewer than three faces.
    """
    from sklearn.decomposition import PCA  # half a second, only when it is asked for

    places = sample(labels >= 0, fit, seed)
    if len(places) < 3:
        raise ValueError(f"Principal components need at least 3 faces. Received: {len(places)}.")
    pixels = images[places].reshape(len(places), -1).astype(np.float32)
    pca = PCA(2, svd_solver="randomized", random_state=seed).fit(pixels)
    first, second = (float(share) for share in pca.explained_variance_ratio_)
    return Components(places[:shown], pca.transform(pixels[:shown]), (first, second), len(places))


def disagreement(faces: FaceSet) -> tuple[np.ndarray, int]:
    """FER2013's label against FER+'s: int (7, 7) faces, rows FER2013, columns FER+; and how many FER+ leaves out.

    FER+ leaves out a face without a majority, or of contempt. Raises ValueError for a set without votes.
    """
    fer, ferplus = _both(faces)
    labelled = ferplus >= 0
    table = np.zeros((len(EMOTIONS), len(EMOTIONS)), np.int64)
    np.add.at(table, (fer[labelled], ferplus[labelled]), 1)
    return table, int((~labelled).sum())


def labelled_as(faces: FaceSet, fer: int, ferplus: int, count: int, seed: int) -> np.ndarray:
    """Places of up to `count` faces that FER2013 calls `fer` and FER+ calls `ferplus`, drawn by chance."""
    first, second = _both(faces)
    return sample((first == fer) & (second == ferplus), count, seed)


def _both(faces: FaceSet) -> tuple[np.ndarray, np.ndarray]:
    found = label_sets(faces)
    if "FER+" not in found:
        raise ValueError("This data set has no FER+ votes to compare with.")
    return found["FER2013"].astype(int), found["FER+"].astype(int)


@dataclass(frozen=True)
class Repeated:
    """Pictures that a set has more than once.

    copies: int (C, 2), places of a face and of an earlier one with the very same pixels. near: int (P, 2), places of
    faces that are nearly the same, of copies only the first. similarity: float (P,), how much their fine structure
    correlates. mirrored: bool (P,). leaks: pictures that are in two parts, as `training.duplicates.leaks` tells them.
    """

    copies: np.ndarray
    near: np.ndarray
    similarity: np.ndarray
    mirrored: np.ndarray
    leaks: list[dict]


def repeated(faces: FaceSet) -> Repeated:
    """Exact and near duplicates. Takes some ten seconds for 32,000 faces; grows with the square of their number."""
    from training import duplicates  # brings OpenCV along

    found = duplicates.find(faces.images)
    copies = np.flatnonzero(found.copies())
    pairs = np.stack([copies, found.exact[copies]], axis=1)
    return Repeated(pairs, found.pairs, found.similarity, found.mirrored, duplicates.leaks(faces, found))


def augmentations() -> list[str]:
    """The names of the recipes that faces can be changed by, ours and each system's. Loads Keras."""
    from training.recipes import RECIPES

    return list(RECIPES)


def augmented(
    images: np.ndarray, times: int, seed: int, recipe: str = "moodnet", illumination: str = "none"
) -> np.ndarray:
    """What training by a recipe makes of each face: uint8 (N, times, h, w); the first is the face without any change.

    images: uint8 (N, 48, 48). h and w are those of the recipe's window, at most 48. illumination: how light is
    normalised first (`FaceSet.illumination`). Loads Keras.
    """
    import keras

    from training.augment import Augment
    from training.illumination import normalised
    from training.recipes import RECIPES

    layer = Augment(seed, RECIPES[recipe].augment)
    faces = normalised(images, illumination)[..., None]
    versions = [layer(faces), *(layer(faces, training=True) for _ in range(times - 1))]
    pixels = np.stack([keras.ops.convert_to_numpy(version)[..., 0] for version in versions], axis=1)
    return np.clip(np.round(pixels), 0, 255).astype(np.uint8)
