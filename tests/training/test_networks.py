"""Networks: parameter counts, outputs, preprocessing, and that what is shipped computes what was trained."""

import math

import keras
import numpy as np
import pytest

from training.augment import WINDOW_PX
from training.folding import can_be_folded
from training.networks import (
    NETWORKS,
    build,
    deployable,
    inner_network,
    mini_xception,
    moodnet,
    resnet18,
    trainable_again,
)

# Parameters and trainable parameters: as the systems say (`systems.CLAIMS`), or by hand from the layers.
COUNTS = {
    "moodnet": (2_809_759, 2_805_215),
    "moodnet_wide": (4_385_795, 4_380_115),
    "cnn": (2_345_607, 2_345_607),
    "mini_xception": (58_423, 56_951),
    "vgg16_small": (14_847_815, 7_212_551),
    "vgg16": (21_180_871, 13_544_711),
    "resnet50v2": (49_298_567, 42_085_127),
    "hybrid": (70_435_783, 55_587_079),
    # torchvision's resnet18 has 11,689,512; less 1,000 classes for 7, less 3 channels for 1; and 9,600 statistics.
    "resnet18": (11_689_512 - 513 * 993 - 64 * 49 * 2 + 9_600, 11_689_512 - 513 * 993 - 64 * 49 * 2),
}


def tiny(**options):
    return moodnet(stem=16, widths=(32, 32, 48), **options)


def tiny_resnet(**options):
    return resnet18(widths=(16, 32), **options)


def tiny_xception(**options):
    return mini_xception(stem=16, widths=(32, 48), **options)


@pytest.fixture
def faces():
    return np.random.default_rng(0).integers(0, 256, (9, 48, 48, 1), dtype=np.uint8)


def with_statistics(network):
    """Weights of batch normalization as training leaves them: none is 0 or 1."""
    rng = np.random.default_rng(2)
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.set_weights([rng.uniform(0.5, 1.5, weight.shape) for weight in layer.get_weights()])
    return network


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] * (total > 3e7)) for name, (total, _) in COUNTS.items()]
)
def test_parameters_are_as_many_as_the_systems_say(name):
    network = NETWORKS[name]()
    trainable = sum(math.prod(weight.shape) for weight in network.trainable_weights)
    assert (network.count_params(), trainable) == COUNTS[name]
    assert network.input_shape == (None, 48, 48, 1)
    assert network.input.dtype == "uint8"
    assert network.output["fer2013"].shape == (None, 7)


def test_every_network_is_counted():
    assert set(COUNTS) == set(NETWORKS)


def test_an_unknown_network_is_named():
    with pytest.raises(ValueError, match="There is no network 'alexnet'. Known: moodnet, moodnet_wide, cnn"):
        build("alexnet")


def test_heads(faces):
    outputs = tiny().predict(faces, verbose=0)
    assert {name: values.shape for name, values in outputs.items()} == {"fer2013": (9, 7), "ferplus": (9, 8)}
    for values in outputs.values():
        assert values.sum(axis=1) == pytest.approx(np.ones(9), abs=1e-5)


@pytest.mark.slow
def test_the_shipped_network_computes_what_was_trained(faces, tmp_path):
    """Trained on windows with normalization, shipped for whole pictures with none; saved, loaded and run again."""
    keras.utils.set_random_seed(5)
    trained = with_statistics(tiny(size=WINDOW_PX))
    whole = tiny()
    whole.set_weights(trained.get_weights())
    straight, mirrored = whole.predict(faces, verbose=0), whole.predict(faces[:, :, ::-1], verbose=0)
    expected = {head: (straight[head] + mirrored[head]) / 2 for head in straight}
    shipped = deployable(trained, tiny)
    assert not any(isinstance(layer, keras.layers.BatchNormalization) for layer in inner_network(shipped).layers)
    shipped.save(tmp_path / "model.keras")
    for model in (shipped, keras.saving.load_model(tmp_path / "model.keras")):
        outputs = model.predict(faces, verbose=0)
        for head in expected:
            assert outputs[head] == pytest.approx(expected[head], abs=1e-4)
        seven = expected["ferplus"][:, :7]
        assert outputs["emotions"] == pytest.approx(seven / seven.sum(axis=1, keepdims=True), abs=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("make", [tiny_resnet, tiny_xception, NETWORKS["cnn"]])
def test_a_network_with_one_head_ships_it_as_emotions(make, faces, tmp_path):
    keras.utils.set_random_seed(5)
    trained = with_statistics(make())
    assert can_be_folded(trained) == (make is tiny_resnet)  # convolution, then normalization, everywhere
    expected = trained.predict(faces, verbose=0)["fer2013"]
    deployable(trained, make, mirror=False).save(tmp_path / "model.keras")
    outputs = keras.saving.load_model(tmp_path / "model.keras").predict(faces, verbose=0)
    assert outputs["fer2013"] == pytest.approx(expected, abs=1e-5)
    assert outputs["emotions"] == pytest.approx(expected, abs=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("make", [tiny, tiny_xception])
def test_a_shipped_network_can_be_trained_again(make):
    """What `deployable` folded is taken apart: the same probabilities, and normalization to learn with."""
    keras.utils.set_random_seed(5)
    rng = np.random.default_rng(1)
    faces = rng.integers(0, 256, (400, 48, 48, 1), dtype=np.uint8)
    trained = make()
    # Statistics as they are after training: those of the faces.
    trained.compile(keras.optimizers.SGD(0.0), loss="categorical_crossentropy")
    for layer in trained.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.5
    labels = {head: np.eye(7 + (head == "ferplus"), dtype=np.float32)[np.zeros(400, int)] for head in trained.output}
    trained.fit(faces, labels, batch_size=200, epochs=8, verbose=0)
    again = trainable_again(deployable(trained, make, mirror=False), faces, make)
    expected, outputs = trained.predict(faces, verbose=0), again.predict(faces, verbose=0)
    for head in expected:
        assert outputs[head] == pytest.approx(expected[head], abs=0.02)


def test_beginning_from_another_network_is_refused(faces):
    shipped = deployable(tiny_resnet(), tiny_resnet)
    with pytest.raises(ValueError, match="The network 'resnet18' to begin from is not a 'moodnet' of this size"):
        trainable_again(shipped, faces, tiny)
