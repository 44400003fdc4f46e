"""Normalisation of light inside a network, compared with the one by NumPy and OpenCV; and a bundle that has it."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from processor.emotions import Classifier, write_bundle
from tests.training.faces import tiny
from training.illumination import METHODS, normalised
from training.light import as_seen, light
from training.networks import deployable, inner_network, trainable_again

pytestmark = pytest.mark.slow

IN_NETWORK = [method for method in METHODS if method != "none"]


@pytest.fixture(scope="module")
def pictures():
    """uint8 (N, 48, 48): noise, four grey levels, shaded ovals with features as faces are, a ramp, all black below."""
    rng = np.random.default_rng(0)
    noise, few = rng.integers(0, 256, (8, 48, 48)), rng.integers(100, 104, (8, 48, 48))
    y, x = np.mgrid[:48, :48] / 47 - 0.5
    faces = []
    for _ in range(16):
        left, top, lamp = rng.uniform(-0.1, 0.1), rng.uniform(-0.1, 0.1), rng.uniform(-1, 1)
        grey = 60 + 120 / (1 + np.exp(40 * (np.hypot(1.3 * (x - left), y - top) - 0.4))) * (1 + lamp * x)
        for dx, dy, size in ((-0.15, -0.1, 0.05), (0.15, -0.1, 0.05), (0, 0.2, 0.09)):
            grey -= 90 * np.exp(-((x - left - dx) ** 2 + 2 * (y - top - dy) ** 2) / size**2)
        faces.append(np.clip(grey + rng.normal(0, 4, (48, 48)), 0, 255))
    half = noise.copy()
    half[:, 24:] = 0
    ramp = np.tile(np.arange(48) * 5, (1, 48, 1))
    return np.concatenate([noise, few, faces, ramp, half]).astype(np.uint8)


@pytest.mark.parametrize("method", IN_NETWORK)
def test_it_is_within_a_grey_level_of_the_one_outside(method, pictures, tmp_path):
    light(method).save(tmp_path / "light.keras")
    for model in (light(method), keras.saving.load_model(tmp_path / "light.keras")):
        found = np.asarray(model.predict(pictures[..., None], verbose=0))[..., 0]
        assert found.dtype == np.uint8
        away = np.abs(found.astype(int) - normalised(pictures, method))
        assert away.max() <= 1 and (away > 0).mean() < 0.01


@pytest.mark.parametrize("method", IN_NETWORK)
def test_real_faces(method, shared):
    from training.readers import read

    faces = read(shared / "data" / "fer2013" / "fer2013_sample.csv").faces
    crops = np.stack([face.picture for face in faces[:200]])
    found = light(method).predict(crops[..., None], verbose=0)[..., 0]
    assert np.abs(found.astype(int) - normalised(crops, method)).max() <= 1


@pytest.mark.parametrize("method", IN_NETWORK)
def test_a_picture_of_one_grey_level_stays_and_its_neighbours_do_not_matter(method, pictures):
    flat = np.stack([np.full((48, 48), level, np.uint8) for level in (0, 9, 255)])
    found = light(method).predict(np.concatenate([flat, pictures[:2]])[..., None], verbose=0)[..., 0]
    assert (found[:3] == flat).all()
    assert np.abs(found[3:].astype(int) - normalised(pictures[:2], method)).max() <= 1


def test_only_what_changes_pictures_can_be_built():
    for method in ("none", "retinex"):
        with pytest.raises(ValueError, match=f"no normalisation of light '{method}' to build. Known: equalise, blend"):
            light(method)


@pytest.fixture(scope="module")
def trained():
    keras.utils.set_random_seed(3)
    return tiny()


@pytest.mark.parametrize("mirror", [False, True])
@pytest.mark.parametrize("method", IN_NETWORK)
def test_a_shipped_network_answers_as_on_normalised_faces(method, mirror, trained, pictures):
    shipped, plain = (deployable(trained, tiny, mirror, illumination) for illumination in (method, "none"))
    seen = normalised(pictures, method)
    said, expected = shipped.predict(pictures[..., None], verbose=0), plain.predict(seen[..., None], verbose=0)
    for head in expected:
        assert said[head] == pytest.approx(expected[head], abs=1e-3)
    assert np.abs(as_seen(shipped, pictures[..., None])[..., 0].astype(int) - seen).max() <= 1
    assert as_seen(shipped, pictures[:0, ..., None]).shape == (0, 48, 48, 1)


def test_without_a_method_nothing_is_before_the_network(trained, pictures):
    shipped = deployable(trained, tiny, mirror=False)
    assert shipped.layers[0].name == "faces" and shipped.layers[1] is inner_network(shipped)
    assert as_seen(shipped, pictures) is pictures


def test_what_is_inside_is_the_network_and_can_be_trained_again(trained, pictures):
    shipped = deployable(trained, tiny, illumination="blend")
    assert list(inner_network(shipped).output) == ["fer2013", "ferplus"]
    seen = normalised(pictures, "blend")[..., None]
    again = trainable_again(shipped, seen, tiny)
    expected, outputs = inner_network(shipped).predict(seen, verbose=0), again.predict(seen, verbose=0)
    assert outputs["fer2013"] == pytest.approx(expected["fer2013"], abs=0.02)


USED = """
import sys
sys.path.insert(0, sys.argv[2])
sys.modules["training"] = None  # whoever imports it fails
import keras
import numpy as np
from pathlib import Path
from processor.emotions import Classifier
told = np.load(sys.argv[1] + "/told.npz")
for method in sys.argv[3:]:
    said = Classifier(Path(sys.argv[1]) / method)(told["pictures"])
    assert np.abs(said - told[method]).max() < 1e-3, method
print(keras.backend.backend())
"""


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_a_bundle_needs_nothing_of_training(backend, trained, pictures, tmp_path):
    if not importlib.util.find_spec(backend):
        pytest.skip(f"needs {backend}, which is not among the dependencies")
    told = {"pictures": pictures}
    for method in IN_NETWORK:
        shipped = deployable(trained, tiny, illumination=method)
        write_bundle(tmp_path / method, shipped, {"name": method, "version": "1"})
        told[method] = Classifier(tmp_path / method)(pictures)
    np.savez(tmp_path / "told.npz", **told)
    done = subprocess.run(
        [sys.executable, "-c", USED, str(tmp_path), str(Path(__file__).parents[2]), *IN_NETWORK],
        env={**os.environ, "KERAS_BACKEND": backend}, cwd=tmp_path, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == backend
