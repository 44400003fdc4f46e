"""Classes of unequal size: weights, synthetic faces, and faces shown more often."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from sklearn.utils.class_weight import compute_class_weight

from db.emotions import EMOTIONS
from training.datasets import COLUMNS, FACE_SIZE, VOTES, FaceSet

SMOTE_NEIGHBOURS = 5  # Chawla et al. 2002
SMOTE_ROW = -1  # a synthetic face is in no table; -1 is in no validation part either
MOST_OFTEN = 8  # a rarer class is shown more often, but not so often that its few faces are learned by heart


def class_weights(labels: np.ndarray) -> np.ndarray:
    """How much a face of each emotion counts so that all emotions count the same: n / (k * n_c) (systems A, B, C).

    labels (N,) 0..6 -> float32 (7,), averaging 1 over the faces; k counts the classes that occur, and a class that
    does not occur has weight 0.
    """
    weights = np.zeros(len(EMOTIONS), np.float32)
    there = np.unique(labels)
    if len(there):
        weights[there] = compute_class_weight("balanced", classes=there, y=labels)
    return weights


def smote(faces: FaceSet, seed: int) -> FaceSet:
    """The faces, then synthetic ones until each emotion that occurs has as many as the most frequent (system B).

    A synthetic face lies between a face and one of its nearest neighbours of the same emotion (SMOTE, Chawla et al.
    2002, on pixels). Its source is `smote`, its row SMOTE_ROW, its name empty, and nobody voted on it. Give it the part
    that is trained on, so that no synthetic face comes from a face that is held off. Raises ValueError if there is a
    face of a test split, or an emotion has one face only.
    """
    if (faces.usage != "Training").any():
        raise ValueError("Synthetic faces are made of `Training` alone; this set has faces of a test split, too.")
    counts = np.bincount(faces.fer, minlength=len(EMOTIONS))
    if len(counts[counts > 0]) < 2 or len(set(counts[counts > 0])) == 1:
        return faces  # balanced as it is
    if 1 in counts:
        alone = ", ".join(EMOTIONS[i] for i in np.flatnonzero(counts == 1))
        raise ValueError(f"SMOTE needs two faces of an emotion to make a third. There is only one of: {alone}.")
    from imblearn.over_sampling import SMOTE  # takes seconds, so only where it is used

    sampler = SMOTE(random_state=seed, k_neighbors=min(SMOTE_NEIGHBOURS, int(counts[counts > 0].min()) - 1))
    pixels, fer = sampler.fit_resample(faces.images.reshape(len(faces), -1).astype(np.float32), faces.fer)
    pixels, fer = pixels[len(faces) :], fer[len(faces) :].astype(np.int8)
    n = len(fer)
    nothing = {name: np.full(n, "") for name in COLUMNS if getattr(faces, name) is not None}
    synthetic = FaceSet(
        images=pixels.round().astype(np.uint8).reshape(n, FACE_SIZE, FACE_SIZE),
        fer=fer,
        votes=None if faces.votes is None else np.zeros((n, len(VOTES)), np.uint8),
        usage=np.full(n, "Training"),
        row=np.full(n, SMOTE_ROW, np.int32),
        **{**nothing, "source": np.full(n, "smote")},
        illumination=faces.illumination,
    )
    # Joining gives rows of their own to further sets, which these have none of.
    joined = FaceSet.join([faces, synthetic])
    return replace(joined, row=np.concatenate([faces.row, synthetic.row]))


def showings(labels: np.ndarray, most: int = MOST_OFTEN) -> np.ndarray:
    """How often to show each face of an emotion, so that with random changes all emotions are seen about equally often.

    labels (N,) 0..6 -> int (7,), 1..`most` where the emotion occurs, else 0.
    """
    counts = np.bincount(labels, minlength=len(EMOTIONS))
    times = np.clip(np.round(counts.max(initial=1) / np.maximum(counts, 1)), 1, most).astype(int)
    return np.where(counts > 0, times, 0)


def shown_more_often(faces: FaceSet, times: np.ndarray) -> FaceSet:
    """Each face as often as `times` (7,) says for its emotion; random augmentation makes each another picture."""
    return faces.where(np.repeat(np.arange(len(faces)), times[faces.fer]))
