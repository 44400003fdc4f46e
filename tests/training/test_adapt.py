"""Adapting to a person: it gains on their faces, keeps the rest of the network, and says what it lost."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from processor.emotions import SHIPPED, BundleUnusable, Classifier
from tests.training.faces import easy_faces, tiny
from training import adapt
from training.datasets import FaceSet
from training.illumination import normalised
from training.networks import deployable, inner_network


def persons_faces(n: int = 45, seed: int = 3) -> FaceSet:
    """Someone whose sad face is bright below, as others' happy one, and who looks surprised by bright edges."""
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 80, (n, 48, 48), dtype=np.uint8)
    sad = np.arange(n) % 2 == 0
    images[sad, 28:] += 150
    images[~sad, :, :12] += 150
    fer = np.where(sad, 4, 5).astype(np.int8)
    return FaceSet(images, fer, None, np.array(["Training"] * n), np.arange(n, dtype=np.int32))


def test_a_third_of_each_emotion_is_held_off():
    learn, test = adapt.parts(persons_faces(), seed=1)
    assert (len(learn), len(test)) == (30, 15)
    assert np.bincount(test.fer).tolist() == [0, 0, 0, 0, 8, 7]
    assert not set(learn.row) & set(test.row)


def test_the_sets_own_test_split_is_used():
    faces = persons_faces(10)
    faces = replace(faces, usage=np.array(["Training"] * 8 + ["Test"] * 2))
    learn, test = adapt.parts(faces, seed=1)
    assert (learn.row.tolist(), test.row.tolist()) == (list(range(8)), [8, 9])


@pytest.mark.parametrize("n", [0, 1, 2])
def test_too_few_faces_are_told(n):
    with pytest.raises(ValueError, match="takes two faces of an emotion at least; there are"):
        adapt.parts(persons_faces(n), seed=1)


@pytest.mark.slow
def test_it_gains_on_the_persons_faces_and_changes_only_heads():
    before, after = (Classifier(SHIPPED / "moodnet").model for _ in range(2))
    learn, test = adapt.parts(persons_faces(), seed=1)
    adapt.adapt(after, learn, easy_faces(), epochs=20, seed=1)
    own, general = adapt.compare(before, after, {"own": test, "general": easy_faces().split("PublicTest")})
    assert (own["labels"], own["n"], general["labels"], general["n"]) == ("fer2013", 15, "ferplus", 64)
    assert own["after"]["accuracy"] > own["before"]["accuracy"] + 0.2
    for layer, kept in zip(inner_network(after).layers, inner_network(before).layers, strict=True):
        weights = zip(layer.get_weights(), kept.get_weights(), strict=True)
        equal = all((a == b).all() for a, b in weights)
        assert equal != (layer.name in ("fer2013", "ferplus")), layer.name


@pytest.mark.slow
def test_a_bundle_that_normalises_light_learns_from_faces_as_it_sees_them():
    """The heads learn the same as those of a bundle without that step from faces whose light was normalised."""
    keras.utils.set_random_seed(2)
    network, faces = tiny(), persons_faces(20)
    lit, plain = deployable(network, tiny, illumination="equalise"), deployable(network, tiny)
    adapt.adapt(lit, faces, None, epochs=2, seed=1)
    adapt.adapt(plain, replace(faces, images=normalised(faces.images, "equalise")), None, epochs=2, seed=1)
    before = deployable(network, tiny).get_weights()
    for learned, expected in zip(lit.get_weights(), plain.get_weights(), strict=True):
        assert learned == pytest.approx(expected, abs=1e-5)
    assert any((a != b).any() for a, b in zip(plain.get_weights(), before, strict=True))


def test_a_network_without_a_dense_head_is_refused():
    inputs = keras.Input((48, 48, 1), dtype="uint8")
    x = keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(7, 3)(keras.layers.Rescaling(1 / 255)(inputs)))
    network = keras.Model(inputs, {"fer2013": keras.layers.Softmax(name="fer2013")(x)}, name="headless")
    with pytest.raises(BundleUnusable, match="The network 'headless' has no dense layer 'fer2013'"):
        adapt.adapt(network, persons_faces(), None, epochs=1, seed=1)
