"""Light taken out of pictures, compared with what is worked out by hand."""

import numpy as np
import pytest

from training.illumination import METHODS, normalised


@pytest.fixture
def face(shared):
    from training.readers import read

    return read(shared / "data" / "fer2013" / "fer2013_sample.csv").faces[0].picture


def levels(*values):
    """48x48 with as many pixels of each grey level."""
    return np.repeat(np.array(values, np.uint8), 2304 // len(values)).reshape(1, 48, 48)


def test_equalised_levels_lie_evenly():
    # Three levels, a third of the pixels each: (cumulated - first) / (all - first) = 0, 1/2, 1 of 255.
    assert np.unique(normalised(levels(10, 11, 90), "equalise")).tolist() == [0, 128, 255]


def test_blend_is_half_of_each():
    # Linear mapping takes 10, 11, 90 to 0, 3.2, 255.
    assert np.unique(normalised(levels(10, 11, 90), "blend")).tolist() == [0, 66, 255]


@pytest.mark.parametrize("method", METHODS)
def test_shape_type_and_pictures_without_light(method):
    assert normalised(np.zeros((0, 48, 48), np.uint8), method).shape == (0, 48, 48)
    blank = np.full((2, 48, 48), 9, np.uint8)
    assert (normalised(blank, method) == blank).all()
    noise = np.random.default_rng(0).integers(0, 256, (3, 48, 48), dtype=np.uint8)
    before = noise.copy()
    out = normalised(noise, method)
    assert (out.shape, out.dtype) == (noise.shape, np.uint8)
    assert (noise == before).all()
    # Each picture by itself.
    assert (normalised(noise[1:2], method)[0] == out[1]).all()


def test_a_flat_part_has_no_edges():
    """What rounding leaves there counts nothing: middle grey, however few edges there are."""
    corner = np.full((1, 48, 48), 200, np.uint8)
    corner[0, :4, :4] = 90
    assert (normalised(corner, "dog")[0, 24:, 24:] == 128).all()


def test_light_from_one_side_matters_less(face):
    """The same face, brighter to the right by up to three times: after normalisation it looks more like itself."""
    lit = (face * np.linspace(0.3, 1, 48)).round().astype(np.uint8)
    pair = np.stack([face, lit])

    def alike(method):
        return np.corrcoef(normalised(pair, method).reshape(2, -1).astype(float))[0, 1]

    assert alike("dog") > 0.85 > alike("none")


def test_a_brighter_copy_is_the_same_picture(face):
    """Equalisation and blending undo any brightness and contrast that loses no level."""
    dim = (np.clip(face, 20, 200) // 2 * 2).astype(np.uint8)
    bright = (dim // 2 + 100).astype(np.uint8)
    for method in ("equalise", "blend"):
        first, second = normalised(np.stack([dim, bright]), method).astype(int)
        assert abs(first - second).max() <= 1


def test_an_unknown_method():
    with pytest.raises(ValueError, match="no illumination normalisation 'retinex'. Known: none, equalise"):
        normalised(levels(1), "retinex")
