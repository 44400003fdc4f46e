"""A bundle so small that it loads and runs at once, for tests of everything around the network."""

from pathlib import Path

import numpy as np
import pytest

from tests.db.conftest import blank, store  # noqa: F401  (fixtures: a new store, without migrating it each time)


@pytest.fixture(scope="session")
def tiny_bundle(tmp_path_factory) -> Path:
    """An untrained two-layer network, saved as a bundle: real Keras, real file, real hash."""
    import keras

    from processor.emotions import write_bundle

    keras.utils.set_random_seed(7)
    faces = keras.Input((48, 48, 1), dtype="uint8")
    x = keras.layers.Rescaling(1 / 255)(faces)
    x = keras.layers.AveragePooling2D(12)(x)
    probabilities = keras.layers.Dense(7, "softmax")(keras.layers.Flatten()(x))
    model = keras.Model(faces, {"emotions": probabilities})
    folder = tmp_path_factory.mktemp("bundles") / "tiny"
    write_bundle(folder, model, {"name": "tiny", "version": "1"})
    return folder


@pytest.fixture
def noise_faces() -> np.ndarray:
    """70 random crops: more than one batch."""
    return np.random.default_rng(3).integers(0, 256, (70, 48, 48), dtype=np.uint8)
