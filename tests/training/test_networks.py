"""Networks, small: outputs, and that what is shipped computes what was trained."""

import keras
import numpy as np
import pytest

from training.augment import WINDOW_PX, Augment
from training.networks import deployable, moodnet


def tiny(**options):
    return moodnet(stem=16, widths=(32, 32, 48), **options)


@pytest.fixture
def faces():
    return np.random.default_rng(0).integers(0, 256, (9, 48, 48, 1), dtype=np.uint8)


def test_moodnet_has_the_size_that_its_card_and_readme_say():
    assert moodnet().count_params() == 2_809_759


def test_heads(faces):
    outputs = tiny().predict(faces, verbose=0)
    assert {name: values.shape for name, values in outputs.items()} == {"fer2013": (9, 7), "ferplus": (9, 8)}
    for values in outputs.values():
        assert values.sum(axis=1) == pytest.approx(np.ones(9), abs=1e-5)


def test_the_shipped_network_computes_what_was_trained(faces, tmp_path):
    """Trained on windows with normalization, shipped for whole pictures with none; saved, loaded and run again."""
    keras.utils.set_random_seed(5)
    trained = tiny(size=WINDOW_PX)
    rng = np.random.default_rng(2)
    for layer in trained.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.set_weights([rng.uniform(0.5, 1.5, weight.shape) for weight in layer.get_weights()])
    whole = tiny()
    whole.set_weights(trained.get_weights())
    straight, mirrored = whole.predict(faces, verbose=0), whole.predict(faces[:, :, ::-1], verbose=0)
    expected = {head: (straight[head] + mirrored[head]) / 2 for head in straight}
    shipped = deployable(trained, tiny)
    shipped.save(tmp_path / "model.keras")
    for model in (shipped, keras.saving.load_model(tmp_path / "model.keras")):
        outputs = model.predict(faces, verbose=0)
        for head in expected:
            assert outputs[head] == pytest.approx(expected[head], abs=1e-4)
        seven = expected["ferplus"][:, :7]
        assert outputs["emotions"] == pytest.approx(seven / seven.sum(axis=1, keepdims=True), abs=1e-4)


def test_augmentation_is_the_middle_window_outside_training(faces):
    out = keras.ops.convert_to_numpy(Augment(seed=1)(faces, training=False))
    assert (out == faces[:, 4:44, 4:44]).all()


def test_augmentation_keeps_faces_upright_and_whole():
    """A picture whose top is white must keep a white top and a dark bottom, mirrored or turned by 15 degrees."""
    picture = np.zeros((200, 48, 48, 1), np.uint8)
    picture[:, :16] = 255
    layer = Augment(seed=1)
    out = keras.ops.convert_to_numpy(layer._move(keras.ops.cast(picture, "float32")))
    assert (out[:, 4, 20:28].mean(axis=(1, 2)) > 200).all()
    assert (out[:, 30:, 10:38] < 60).all()


def test_a_mirrored_face_is_not_sheared():
    """Moved points of a square stay a square: what a mirror and a turn leave as it is."""
    dots = np.zeros((100, 48, 48, 1), np.float32)
    corners = [(18, 18), (18, 30), (30, 18), (30, 30)]
    for row, column in corners:
        dots[:, row - 1 : row + 2, column - 1 : column + 2] = 255
    out = keras.ops.convert_to_numpy(Augment(seed=3)._move(keras.ops.convert_to_tensor(dots)))[..., 0]
    rows, columns = np.mgrid[:48, :48]
    for picture in out:
        total = picture.sum()
        y, x = (rows * picture).sum() / total, (columns * picture).sum() / total
        spread = np.array([((rows - y) ** 2 * picture).sum(), ((columns - x) ** 2 * picture).sum()]) / total
        mixed = ((rows - y) * (columns - x) * picture).sum() / total
        # A square's second moments are the same in every direction, however it is turned.
        assert abs(spread[0] - spread[1]) < 0.12 * spread.mean()
        assert abs(mixed) < 0.06 * spread.mean()
