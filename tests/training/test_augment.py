"""Random changes to training faces: what they may do, and what they must leave."""

import keras
import numpy as np
import pytest

from training.augment import NONE, Augment, Changes
from training.recipes import RECIPES


@pytest.fixture
def faces():
    return np.random.default_rng(0).integers(0, 256, (9, 48, 48, 1), dtype=np.uint8)


def numpy(tensor):
    return keras.ops.convert_to_numpy(tensor)


def test_augmentation_is_the_middle_window_outside_training(faces):
    out = numpy(Augment(seed=1)(faces, training=False))
    assert (out == faces[:, 4:44, 4:44]).all()


def test_augmentation_keeps_faces_upright_and_whole():
    """A picture whose top is white must keep a white top and a dark bottom, mirrored or turned by 15 degrees."""
    picture = np.zeros((200, 48, 48, 1), np.uint8)
    picture[:, :16] = 255
    layer = Augment(seed=1)
    out = numpy(layer._move(keras.ops.cast(picture, "float32")))
    assert (out[:, 4, 20:28].mean(axis=(1, 2)) > 200).all()
    assert (out[:, 30:, 10:38] < 60).all()


def test_a_mirrored_face_is_not_sheared():
    """Moved points of a square stay a square: what a mirror and a turn leave as it is."""
    dots = np.zeros((100, 48, 48, 1), np.float32)
    corners = [(18, 18), (18, 30), (30, 18), (30, 30)]
    for row, column in corners:
        dots[:, row - 1 : row + 2, column - 1 : column + 2] = 255
    out = numpy(Augment(seed=3)._move(keras.ops.convert_to_tensor(dots)))[..., 0]
    rows, columns = np.mgrid[:48, :48]
    for picture in out:
        total = picture.sum()
        y, x = (rows * picture).sum() / total, (columns * picture).sum() / total
        spread = np.array([((rows - y) ** 2 * picture).sum(), ((columns - x) ** 2 * picture).sum()]) / total
        mixed = ((rows - y) * (columns - x) * picture).sum() / total
        # A square's second moments are the same in every direction, however it is turned.
        assert abs(spread[0] - spread[1]) < 0.12 * spread.mean()
        assert abs(mixed) < 0.06 * spread.mean()


def test_no_changes_change_nothing(faces):
    assert (numpy(Augment(seed=1, changes=NONE)(faces, training=True)) == faces).all()


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=lambda recipe: recipe.name)
def test_each_recipe_gives_grey_levels_of_its_window(recipe, faces):
    out = numpy(Augment(seed=1, changes=recipe.augment)(faces, training=True))
    assert out.shape == (9, recipe.augment.window_px, recipe.augment.window_px, 1)
    assert out.min() >= 0 and out.max() <= 255
    assert (out != numpy(Augment(seed=2, changes=recipe.augment)(faces, training=True))).any() == (
        recipe.name != "system-e"
    )


def test_the_same_seed_makes_the_same_faces(faces):
    once, again = (numpy(Augment(seed=7)(faces, training=True)) for _ in range(2))
    assert (once == again).all()


def test_mirror_alone_gives_the_face_or_its_mirror_image(faces):
    changes = Changes(rotation_deg=0, scale=(1, 1), shift_px=0, window_px=48, contrast=(1, 1), brightness=0, erase=0)
    out = numpy(Augment(seed=1, changes=changes)(np.repeat(faces, 4, axis=0), training=True))
    kept = [np.allclose(a, b, atol=0.01) for a, b in zip(out, np.repeat(faces, 4, axis=0), strict=True)]
    turned = [np.allclose(a, b[:, ::-1], atol=0.01) for a, b in zip(out, np.repeat(faces, 4, axis=0), strict=True)]
    assert all(a != b for a, b in zip(kept, turned, strict=True))
    assert 8 <= sum(kept) <= 28


def test_the_layer_is_saved_with_its_changes(faces, tmp_path):
    inputs = keras.Input((48, 48, 1), dtype="uint8")
    model = keras.Model(inputs, Augment(seed=1, changes=Changes(window_px=32))(inputs))
    model.save(tmp_path / "augment.keras")
    loaded = keras.saving.load_model(tmp_path / "augment.keras", custom_objects={"Augment": Augment})
    assert loaded.layers[-1].changes == Changes(window_px=32)
    assert loaded.predict(faces, verbose=0).shape == (9, 32, 32, 1)
