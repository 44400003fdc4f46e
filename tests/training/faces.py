"""Faces and networks small enough to train within a test. Fixtures in conftest.py hand them out."""

import numpy as np

from training import networks
from training.datasets import FaceSet
from training.moodnet import moodnet


def easy_faces(n: int = 320, seed: int = 4) -> FaceSet:
    """Happy is bright below, sad is bright above: pictures that any network can learn. A fifth is `PublicTest`."""
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 80, (n, 48, 48), dtype=np.uint8)
    happy = rng.random(n) < 0.5
    images[happy, 28:] += 150
    images[~happy, :20] += 150
    votes = np.zeros((n, 10), np.uint8)
    votes[happy, 1], votes[~happy, 3] = 9, 8
    usage = np.array(["Training"] * (n - n // 5) + ["PublicTest"] * (n // 5))
    return FaceSet(images, np.where(happy, 3, 4).astype(np.int8), votes, usage, np.arange(n, dtype=np.int32))


def tiny(**options):
    # Not narrower: TensorFlow 2.21's oneDNN kernels corrupt memory with 8 or 16 filters and a last small batch.
    return moodnet(stem=16, widths=(32, 32), dropout=0.0, **options)


def know_tiny() -> None:
    """Make `tiny` a network that can be named, in a process that is no test."""
    networks.NETWORKS["tiny"] = tiny
    networks.NORMALIZED = (*networks.NORMALIZED, "tiny")
