"""Pictures that are in a set twice: exactly, or nearly (cut, retouched, brightened, compressed or mirrored otherwise).

Faces are alike in light and dark all over, so grey levels alone take strangers for twins. What tells pictures apart is
the fine structure. Candidates are pairs whose spectra agree: amplitudes without phases, which do not change when a
picture is shifted, all with all in one matrix product. A candidate is a near duplicate if its fine structure
correlates at the best of 9x9 small shifts.

Measured on faces of FER2013 that were changed: of those shifted by up to 4 pixels, brightened, compressed (JPEG
quality 30) or scaled down to 36 pixels, at least 90 percent are found; of those enlarged by 5 percent, 95; by 10
percent, 6. Of the pairs found among the set's own faces, 82 percent have the same label; of those whose fine structure
correlates between 0.4 and 0.5, 32 percent; of random ones, 17. The number of pairs is lowest between 0.70 and 0.75:
below are people who look alike, above are copies.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import combinations

import cv2
import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from training.datasets import FACE_SIZE, USAGES, FaceSet

COARSE_SIGMA_PX = 6.0
COARSE_CYCLES = 7.5  # the highest frequency compared, per picture
COARSE_SLOPE = 0.75  # amplitudes (their square roots) times frequency to this: as large at all frequencies, on average
COARSE_SIMILARITY = 0.77
FINE_SIGMA_PX = 3.0
SHIFT_PX = 4
SIMILARITY = 0.7
BLOCK_CELLS = 1 << 25  # of the matrix of all with all, held at one time: 128 MiB
BATCH = 4096  # faces whose spectra are computed at one time


@dataclass(frozen=True)
class Duplicates:
    """Which of N faces are the same picture.

    exact: int (N,), equal for faces of equal pixels: the number of the first of them. pairs: int (P, 2), numbers of
    near duplicates, smaller first; of exact duplicates only the first is in pairs. similarity: float32 (P,),
    correlation of the fine structure. mirrored: bool (P,), whether one is the other's mirror image.
    """

    exact: np.ndarray
    pairs: np.ndarray
    similarity: np.ndarray
    mirrored: np.ndarray

    def copies(self) -> np.ndarray:
        """Which faces have the very pixels of an earlier face, bool (N,)."""
        return self.exact != np.arange(len(self.exact))

    def near(self) -> np.ndarray:
        """Which faces have a near duplicate, bool (N,)."""
        return np.isin(self.exact, self.pairs)

    def group(self) -> np.ndarray:
        """int (N,), equal for faces that exact or near duplicates join, also by way of others."""
        n = len(self.exact)
        left = np.concatenate([np.arange(n), self.pairs[:, 0]])
        right = np.concatenate([self.exact, self.pairs[:, 1]])
        return connected_components(coo_array((np.ones(len(left)), (left, right)), shape=(n, n)), directed=False)[1]

    def twins_in(self, mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """For each face whether `mask` (N,) has one of the same pixels, and whether it has a near duplicate of it."""
        has = np.zeros(len(self.exact), bool)
        has[self.exact[mask]] = True
        near = np.zeros(len(self.exact), bool)
        near[self.pairs[has[self.pairs[:, 1]], 0]] = True
        near[self.pairs[has[self.pairs[:, 0]], 1]] = True
        return has[self.exact], near[self.exact]


def find(images: np.ndarray, similarity: float = SIMILARITY) -> Duplicates:
    """Exact and near duplicates among faces, uint8 (N, 48, 48); N may be 0.

    similarity: how much the fine structure of near duplicates correlates, 0 to 1; at 1 none are looked for. Time and
    the matrix product grow with N squared: 32,021 faces take some ten seconds on two cores.
    """
    flat = np.ascontiguousarray(images.reshape(len(images), FACE_SIZE**2))
    _, first, which = np.unique(flat.view(f"V{FACE_SIZE**2}")[:, 0], return_index=True, return_inverse=True)
    # Of equal pictures, np.unique names the first.
    exact = first[which.reshape(-1)]
    different = np.sort(first)
    if similarity >= 1 or len(different) < 2:
        return Duplicates(exact, np.zeros((0, 2), int), np.zeros(0, np.float32), np.zeros(0, bool))
    straight = images[different]
    fine, coarse = _structure(straight, FINE_SIGMA_PX), _coarse(straight)
    found = []
    for mirrored in (False, True):
        other_fine, other_coarse = (fine[..., ::-1], _coarse(straight[..., ::-1])) if mirrored else (fine, coarse)
        pairs = _candidates(coarse, other_coarse)
        agree = _agreement(fine, other_fine, pairs)
        near = agree >= similarity
        found.append((pairs[near], agree[near], np.full(int(near.sum()), mirrored)))
    pairs, agree, mirrored = (np.concatenate(part) for part in zip(*found, strict=True))
    # A picture that is its own mirror image makes a pair in both ways: the better one counts.
    order = np.lexsort((-agree, pairs[:, 1], pairs[:, 0]))
    _, unique = np.unique(pairs[order], axis=0, return_index=True)
    kept = order[unique]
    return Duplicates(exact, different[pairs[kept]], agree[kept], mirrored[kept])


def leaks(faces: FaceSet, duplicates: Duplicates) -> list[dict]:
    """Pictures that are in two splits, for every two splits that share any.

    [{"splits": [a, b], "exact": [m, n], "near": [m, n]}]: m faces of a have a copy in b, and n of b one in a; so many
    more have a near duplicate there. `train` and `validation` are the parts of `Training`.
    """
    validation = faces.held_off()
    masks = {usage: faces.usage == usage for usage in USAGES}
    masks |= {"train": masks["Training"] & ~validation, "validation": validation}
    told = []
    for a, b in (("train", "validation"), *combinations(USAGES, 2)):
        exact, near = [], []
        for one, other in ((a, b), (b, a)):
            same, alike = duplicates.twins_in(masks[other])
            exact.append(int((same & masks[one]).sum()))
            near.append(int((alike & ~same & masks[one]).sum()))
        if any(exact + near):
            told.append({"splits": [a, b], "exact": exact, "near": near})
    return told


def twins_in_training(faces: FaceSet, duplicates: Duplicates) -> np.ndarray:
    """For each face 'yes' or 'no', whether `train` has the same picture or a near duplicate; '' for `train` itself."""
    learned_from = (faces.usage == "Training") & ~faces.held_off()
    exact, near = duplicates.twins_in(learned_from)
    return np.where(learned_from, "", np.where(exact | near, "yes", "no"))


def to_drop(faces: FaceSet, duplicates: Duplicates) -> np.ndarray:
    """Which faces of Training to leave out, bool (N,), so that no picture is there twice and none is in a test split.

    Test splits stay as they are. Of a group of duplicates within Training the first stays.
    """
    training = faces.usage == "Training"
    exact, near = duplicates.twins_in(~training)
    drop = training & (exact | near)
    stay = np.flatnonzero(training & ~drop)
    _, first = np.unique(duplicates.group()[stay], return_index=True)
    drop[np.delete(stay, first)] = True
    return drop


def _structure(images: np.ndarray, sigma_px: float) -> np.ndarray:
    """Images less their blurred selves, float32 (N, 48, 48)."""
    pictures = images.astype(np.float32)
    return np.stack([picture - cv2.GaussianBlur(picture, (0, 0), sigma_px) for picture in pictures])


def _coarse(images: np.ndarray) -> np.ndarray:
    """Spectra of unit length and mean 0, float32 (N, F); all 0 for a picture without structure."""
    window = np.outer(*[np.hanning(FACE_SIZE + 2)[1:-1]] * 2).astype(np.float32)
    cycles = np.hypot(*np.meshgrid(np.fft.fftfreq(FACE_SIZE) * FACE_SIZE, np.arange(FACE_SIZE // 2 + 1), indexing="ij"))
    compared = (cycles >= 1) & (cycles <= COARSE_CYCLES)
    amplitudes = [
        np.abs(np.fft.rfft2(_structure(images[i : i + BATCH], COARSE_SIGMA_PX) * window))[:, compared]
        for i in range(0, len(images), BATCH)
    ]
    spectra = (np.sqrt(np.concatenate(amplitudes)) * cycles[compared] ** COARSE_SLOPE).astype(np.float32)
    spectra -= spectra.mean(axis=1, keepdims=True)
    length = np.linalg.norm(spectra, axis=1, keepdims=True)
    return np.divide(spectra, length, out=np.zeros_like(spectra), where=length > 1e-3)


def _candidates(coarse: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Pairs (P, 2), i < j, whose spectra correlate, `coarse` of i with `other` of j."""
    n = len(coarse)
    rows = max(1, BLOCK_CELLS // n)
    pairs = []
    for start in range(0, n, rows):
        # Only what lies right of the diagonal: a pair is asked for once.
        agree = coarse[start : start + rows] @ other[start:].T
        i, j = np.nonzero(agree >= COARSE_SIMILARITY)
        pairs.append(np.stack([i, j], axis=1)[j > i] + start)
    return np.concatenate(pairs)


def _agreement(fine: np.ndarray, other: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """For each pair the correlation of fine structures at the best shift of up to SHIFT_PX, float32 (P,)."""
    middle = np.ascontiguousarray(other[:, SHIFT_PX:-SHIFT_PX, SHIFT_PX:-SHIFT_PX])

    def best(part: np.ndarray) -> list[float]:
        return [cv2.matchTemplate(fine[i], middle[j], cv2.TM_CCOEFF_NORMED).max() for i, j in part]

    with ThreadPoolExecutor() as pool:
        parts = list(pool.map(best, np.array_split(pairs, 16)))
    return np.array([agreement for part in parts for agreement in part], dtype=np.float32)
