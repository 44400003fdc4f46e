"""Bundles and face sets so small that they are made and run at once, for tests of what is measured on them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from training.datasets import VOTES, FaceSet


def model(seed: int = 7, name: str = "small", heads: tuple[str, ...] = ("fer2013", "emotions")):
    """An untrained network with one convolution and a head of seven for each name."""
    import keras

    keras.utils.set_random_seed(seed)
    faces = keras.Input((48, 48, 1), dtype="uint8")
    x = keras.layers.Rescaling(1 / 255)(faces)
    x = keras.layers.Conv2D(16, 3, 4, activation="relu")(x)
    x = keras.layers.Flatten()(x)
    # A large spread of the kernel, so that the network is sure of something and not of the same for every face.
    spread = keras.initializers.RandomNormal(stddev=0.5, seed=seed)
    outputs = {head: keras.layers.Dense(7, "softmax", kernel_initializer=spread, name=head)(x) for head in heads}
    return keras.Model(faces, outputs, name=name)


def bundle(folder: Path, seed: int = 7, name: str = "small") -> Path:
    """That network as a bundle in `folder`."""
    from processor.emotions import write_bundle

    write_bundle(folder, model(seed, name), {"name": name, "version": "1"})
    return folder


def faces(n: int = 70, usage: str = "PublicTest", votes: bool = True, seed: int = 3) -> FaceSet:
    """Noise with labels: every third face has no FER+ majority, the others have all ten votes on their label."""
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 256, (n, 48, 48), dtype=np.uint8)
    fer = rng.integers(0, 7, n).astype(np.int8)
    ballots = np.zeros((n, len(VOTES)), np.uint8)
    of_label = [VOTES.index(v) for v in ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral")]
    for i in range(n):
        ballots[i, of_label[fer[i]] if i % 3 else VOTES.index("unknown")] = 10
    row = np.arange(1, n + 1, dtype=np.int32)
    return FaceSet(images, fer, ballots if votes else None, np.full(n, usage), row)
