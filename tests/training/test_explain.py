"""Grad-CAM: where the maximum must lie, that the map moves with the emotion, and that any bundle will do."""

import numpy as np
import pytest

from db.emotions import EMOTIONS
from processor.emotions import Classifier, find_bundle, write_bundle
from tests.training import bundles
from training.calibrate import calibrated
from training.explain import NotExplainable, gradcam, likeness, mean_maps, overlay, predicted
from training.illumination import normalised
from training.networks import build, deployable

HAPPY, SAD, FEAR = (EMOTIONS.index(name) for name in ("happy", "sad", "fear"))


@pytest.fixture(scope="module")
def light_and_dark():
    """A network with known weights: happy is the mean brightness, ten times over, sad the mean darkness.

    Its last activations are 4x4 parts of the picture with 16 channels: brightness b, darkness 1 - b, and nothing.
    """
    import keras
    from keras import layers

    faces = keras.Input((48, 48, 1), dtype="uint8")
    x = layers.AveragePooling2D(12)(layers.Rescaling(1 / 255)(faces))
    x = layers.Conv2D(16, 1, name="channels")(x)
    x = layers.GlobalAveragePooling2D()(x)
    model = keras.Model(faces, {"fer2013": layers.Dense(7, "softmax", name="fer2013")(x)}, name="light_and_dark")
    channels, bias, kernel = np.zeros((1, 1, 1, 16)), np.zeros(16), np.zeros((16, 7))
    channels[..., 0], channels[..., 1], bias[1] = 1, -1, 1
    kernel[0, HAPPY] = kernel[1, SAD] = 10
    model.get_layer("channels").set_weights([channels, bias])
    model.get_layer("fer2013").set_weights([kernel, np.zeros(7)])
    return model


@pytest.fixture
def quarters():
    """One crop: white above on the left, black below on the right, grey elsewhere."""
    crop = np.full((1, 48, 48), 255 / 2, np.uint8)
    crop[:, :24, :24], crop[:, 24:, 24:] = 255, 0
    return crop


def wrapped(network):
    """As a bundle wraps a network: the mean with the mirror image, `emotions`, and a temperature."""
    import keras
    from keras import ops

    faces = keras.Input((48, 48, 1), dtype="uint8")
    straight, mirrored = network(faces), network(ops.flip(faces, axis=2))
    outputs = {head: (straight[head] + mirrored[head]) / 2 for head in straight}
    outputs["emotions"] = outputs["fer2013"] / ops.sum(outputs["fer2013"], axis=-1, keepdims=True)
    return calibrated(keras.Model(faces, outputs), {"emotions": 2.0, "fer2013": 0.7})


def test_no_crops(light_and_dark):
    assert gradcam(light_and_dark, np.zeros((0, 48, 48), np.uint8)).shape == (0, 48, 48)


def test_the_map_by_hand(light_and_dark, quarters):
    # Less the mean over the seven, happy weighs brightness with 10 - 10/7 and darkness with -10/7: 10 b - 10/7, which
    # is 8.571 in white, 3.561 in grey 127, below 0 in black; the highest counts as 1.
    [heat] = gradcam(light_and_dark, quarters, HAPPY)
    assert heat.dtype == np.float32
    assert heat[:12, :12] == pytest.approx(1, abs=1e-5)
    grey = (10 * 127 / 255 - 10 / 7) / (10 - 10 / 7)
    assert heat[0, 47] == pytest.approx(grey, abs=1e-4) and heat[47, 0] == pytest.approx(grey, abs=1e-4)
    assert (heat[36:, 36:] == 0).all()


def test_the_map_moves_with_the_emotion(light_and_dark, quarters):
    happy, sad = gradcam(light_and_dark, np.repeat(quarters, 2, axis=0), np.array([HAPPY, SAD]))
    assert np.unravel_index(happy.argmax(), happy.shape) <= (24, 24)
    assert sad[36:, 36:] == pytest.approx(1, abs=1e-5) and (sad[:12, :12] == 0).all()


def test_an_emotion_that_nothing_speaks_for_has_an_empty_map(light_and_dark, quarters):
    assert (gradcam(light_and_dark, quarters, FEAR) == 0).all()


def test_of_a_bundle_it_is_the_map_of_the_network_inside_on_the_crop_as_it_is(light_and_dark, quarters, tmp_path):
    write_bundle(tmp_path / "bundle", wrapped(light_and_dark), {"name": "light", "version": "1"})
    loaded = Classifier(tmp_path / "bundle").model
    for emotion in (HAPPY, SAD):
        expected = gradcam(light_and_dark, quarters, emotion)
        for model in (wrapped(light_and_dark), loaded):
            np.testing.assert_allclose(gradcam(model, quarters, emotion), expected, atol=1e-5)


def test_the_emotion_is_the_predicted_one_unless_given(light_and_dark, quarters):
    crops = np.concatenate([np.maximum(quarters, 100), np.minimum(quarters, 100)])
    assert predicted(light_and_dark, crops).tolist() == [HAPPY, SAD]
    np.testing.assert_array_equal(
        gradcam(light_and_dark, crops), gradcam(light_and_dark, crops, np.array([HAPPY, SAD]))
    )


def test_a_network_that_is_sure_has_a_map_too(light_and_dark):
    white = np.full((1, 48, 48), 255, np.uint8)
    white[:, :, 24:] = 250
    sure = calibrated(light_and_dark, {"fer2013": 0.05})  # its softmax is 1.0 in float32
    assert sure.predict_on_batch(white[..., None])["fer2013"].max() == 1
    assert gradcam(light_and_dark, white, HAPPY).max() == gradcam(wrapped(light_and_dark), white, HAPPY).max() == 1


def test_more_faces_than_a_batch_one_by_one_or_together(light_and_dark):
    crops = bundles.faces(70).images
    together = gradcam(light_and_dark, crops, HAPPY)
    np.testing.assert_allclose(together[65], gradcam(light_and_dark, crops[65:66], HAPPY)[0], atol=1e-5)


@pytest.mark.slow
def test_the_shipped_network_looks_elsewhere_for_another_emotion():
    model = Classifier(find_bundle("moodnet")).model
    crops = bundles.faces(3).images
    heat = gradcam(model, crops)
    assert heat.shape == (3, 48, 48) and heat.min() >= 0 and heat.max(axis=(1, 2)) == pytest.approx(1)
    assert likeness(model, crops) < 0.9


TINY = {
    "moodnet": {"stem": 16, "widths": (32, 32)},
    "moodnet_wide": {"stem": 16, "widths": (32, 32)},
    "cnn": {"width": 32},
    "mini_xception": {"stem": 16, "widths": (32, 32)},
    "resnet18": {"widths": (16, 32)},
    "vgg16_small": {},
    "vgg16": {"input_px": 64},
    "resnet50v2": {"input_px": 64},
    "hybrid": {"input_px": 64},
}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] if name[0] in "vh" or "50" in name else []) for name in TINY]
)
def test_every_network_can_be_explained(name):
    network = build(name, **TINY[name])
    crops = bundles.faces(2).images
    for heat in (gradcam(network, crops), gradcam(network, crops, HAPPY, "fer2013")):
        assert heat.shape == (2, 48, 48) and np.isfinite(heat).all() and 0 <= heat.min() and heat.max() <= 1


def test_as_it_is_shipped_a_network_has_the_same_map():
    network = build("moodnet", **TINY["moodnet"])
    shipped = deployable(network, lambda **options: build("moodnet", **TINY["moodnet"], **options))
    crops = bundles.faces(2).images
    np.testing.assert_allclose(gradcam(shipped, crops, SAD), gradcam(network, crops, SAD, "ferplus"), atol=1e-3)


def test_of_a_bundle_that_normalises_light_it_is_the_map_of_what_the_network_sees():
    def tiny(**options):
        return build("moodnet", **TINY["moodnet"], **options)

    network = tiny()
    shipped = calibrated(deployable(network, tiny, illumination="equalise"), {"emotions": 1.5})
    crops = bundles.faces(2).images // 4
    seen = normalised(crops, "equalise")
    np.testing.assert_allclose(gradcam(shipped, crops, SAD), gradcam(deployable(network, tiny), seen, SAD), atol=1e-4)
    assert gradcam(shipped, crops[:0]).shape == (0, 48, 48)


def test_likeness_is_1_where_the_map_does_not_depend_on_the_emotion(light_and_dark, quarters):
    # Happy and sad are each other's opposite; the other emotions have no map.
    assert likeness(light_and_dark, quarters) == pytest.approx(-0.9, abs=0.1)
    kernel, bias = light_and_dark.get_layer("fer2013").get_weights()
    import keras

    same = keras.models.clone_model(light_and_dark)
    same.set_weights(light_and_dark.get_weights())
    kernel[:] = 0
    kernel[0] = [7, 6, 5, 0, 0, 0, 0]  # all of them ask for light, more or less
    same.get_layer("fer2013").set_weights([kernel, bias])
    assert likeness(same, quarters) == pytest.approx(1, abs=1e-4)
    assert np.isnan(likeness(same, np.zeros((2, 48, 48), np.uint8)))


def test_mean_maps():
    maps = np.arange(3 * 4, dtype=np.float32).reshape(3, 2, 2)
    means = mean_maps(maps, np.array([HAPPY, SAD, HAPPY]))
    np.testing.assert_array_equal(means[HAPPY], [[4, 5], [6, 7]])
    np.testing.assert_array_equal(means[SAD], maps[1])
    assert np.isnan(means[FEAR]).all()


def test_overlay_leaves_what_does_not_count_as_it_is():
    crop, heat = np.full((48, 48), 90, np.uint8), np.zeros((48, 48), np.float32)
    heat[10, 20] = 1
    shown = overlay(crop, heat)
    assert shown.shape == (48, 48, 3) and shown.dtype == np.uint8
    assert (shown[0, 0] == 90).all() and shown[10, 20, 0] > 150


@pytest.mark.parametrize(
    "crops", [np.zeros((2, 48, 48), np.float32), np.zeros((2, 64, 64), np.uint8), np.zeros((48, 48), np.uint8)]
)
def test_what_is_no_crop_is_refused(light_and_dark, crops):
    with pytest.raises(ValueError, match=r"`crops` must be uint8 \(N, 48, 48\)"):
        gradcam(light_and_dark, crops)


def test_networks_that_cannot_be_explained_say_why(light_and_dark, quarters):
    import keras
    from keras import layers

    faces = keras.Input((1, 1, 1), dtype="uint8")
    scores = layers.Dense(7, "softmax")(layers.Flatten()(layers.Rescaling(1 / 255)(faces)))
    flat = keras.Model(faces, {"emotions": scores}, name="flat")
    with pytest.raises(NotExplainable, match="flat has no activations in the picture before its output 'emotions'"):
        gradcam(flat, np.zeros((1, 1, 1), np.uint8))
    with pytest.raises(NotExplainable, match="light_and_dark has no output 'mood'; it has fer2013"):
        gradcam(light_and_dark, quarters, 0, "mood")
