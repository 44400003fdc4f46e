"""The colours can be told apart, also by people who see fewer of them, on a light and on a dark page."""

from itertools import combinations

import numpy as np
import pytest
from skimage.color import deltaE_ciede2000, rgb2lab

from dashboard import palette
from db.emotions import CATEGORIES, EMOTIONS

# Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation of Color Vision Deficiency", IEEE
# Transactions on Visualization and Computer Graphics 15 (2009), table of matrices for severity 1.0; on linear RGB.
SIGHT = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
}
LIGHT, DARK = "#fbfbf9", "#15191a"  # backgrounds of .streamlit/config.toml


def rgb(colour: str) -> np.ndarray:
    """`#rrggbb` as three values 0 to 1."""
    return np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) / 255


def linear(values: np.ndarray) -> np.ndarray:
    """sRGB to linear light."""
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def gamma(values: np.ndarray) -> np.ndarray:
    """Linear light to sRGB."""
    values = np.clip(values, 0, 1)
    return np.where(values <= 0.0031308, values * 12.92, 1.055 * values ** (1 / 2.4) - 0.055)


def seen(colour: str, sight: str) -> np.ndarray:
    """The colour as CIE L*a*b* with this kind of sight."""
    return rgb2lab(gamma(SIGHT[sight] @ linear(rgb(colour))))


def contrast(one: str, other: str) -> float:
    """WCAG 2 contrast ratio, 1 to 21."""
    weights = np.array([0.2126, 0.7152, 0.0722])
    bright, dim = sorted((float(weights @ linear(rgb(colour))) for colour in (one, other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize(
    "colours",
    [
        palette.EMOTION_COLOURS | {"undecided": palette.UNDECIDED_COLOUR},
        palette.CATEGORY_COLOURS | {"undecided": palette.UNDECIDED_COLOUR},
        dict(enumerate(palette.GROUP_COLOURS)),
    ],
    ids=["emotions", "categories", "groups"],
)
def test_any_two_differ(colours, sight):
    distances = {
        pair: float(deltaE_ciede2000(*(seen(colours[name], sight) for name in pair)))
        for pair in combinations(colours, 2)
    }
    closest = min(distances, key=distances.get)
    assert distances[closest] >= 18, (closest, distances[closest])


@pytest.mark.parametrize("background", [LIGHT, DARK])
@pytest.mark.parametrize(
    "colour",
    [
        *palette.EMOTION_RANGE,
        *palette.CATEGORY_RANGE,
        *palette.GROUP_COLOURS,
        palette.ACCENT,
        palette.UNDECIDED_COLOUR,
    ],
)
def test_stands_out(colour, background):
    assert contrast(colour, background) >= 1.9


def test_order():
    assert list(palette.EMOTION_COLOURS) == list(EMOTIONS)
    assert list(palette.CATEGORY_COLOURS) == list(CATEGORIES)
    assert palette.CATEGORY_OF_VALUE == {-1: "negative", 0: "neutral", 1: "positive"}


def test_a_group_is_taken_for_no_emotion():
    meant = [*palette.EMOTION_RANGE, *palette.CATEGORY_RANGE]
    for colour in palette.GROUP_COLOURS:
        assert min(deltaE_ciede2000(seen(colour, "normal"), seen(other, "normal")) for other in meant) >= 9, colour


def test_thirty_six_groups_all_differ():
    marks = [
        (palette.group_colour(place), tuple(palette.group_dash(place)), palette.group_shape(place))
        for place in range(36)
    ]
    for of in ((0, 1), (0, 2)):
        assert len({tuple(mark[which] for which in of) for mark in marks}) == 36
