"""The colours of the charts: those of emotions and categories (db/colours.py), and what is made of them."""

from db.colours import CATEGORY_COLOURS, EMOTION_COLOURS
from db.emotions import CATEGORIES, CATEGORY_VALUE, EMOTIONS

__all__ = [
    "ACCENT", "CATEGORY_COLOURS", "CATEGORY_OF_VALUE", "CATEGORY_RANGE", "EMOTION_COLOURS", "EMOTION_RANGE", "GREY",
    "GROUP_COLOURS", "GROUP_DASHES", "GROUP_SHAPES", "UNDECIDED_COLOUR", "group_colour", "group_dash", "group_shape",
]  # fmt: skip

# For a face of which nobody can say; always with its name beside it, or in a place of its own.
UNDECIDED_COLOUR = "#4c4652"

# For what is neither an emotion nor a category, such as when somebody is in the picture.
ACCENT = "#3f7d7a"

# For small writing and rules in charts, on a light and on a dark page.
GREY = EMOTION_COLOURS["neutral"]

EMOTION_RANGE = [EMOTION_COLOURS[emotion] for emotion in EMOTIONS]
CATEGORY_RANGE = [CATEGORY_COLOURS[category] for category in CATEGORIES]
CATEGORY_OF_VALUE = {value: category for category, value in CATEGORY_VALUE.items()}

# The groups of a comparison, in their order. None is an emotion's or a category's colour, and no two look alike to
# people who see fewer colours: found by the same search as db/colours.py. A line has its dashes, a point its shape.
GROUP_COLOURS = ("#4b2df0", "#78b41e", "#3c6969", "#5aa5ff", "#5a5a0f", "#78a596")
GROUP_DASHES = ([1, 0], [6, 4], [2, 3], [8, 3, 2, 3], [12, 3], [4, 2, 1, 2])
GROUP_SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down")


def group_colour(place: int) -> str:
    """The colour of the group at this place, from 0; from the seventh group on they come again."""
    return GROUP_COLOURS[place % len(GROUP_COLOURS)]


def group_dash(place: int) -> list[int]:
    """The dashes of a group's lines; with the colour, no two of 36 groups are the same."""
    return GROUP_DASHES[_turned(place)]


def group_shape(place: int) -> str:
    """The shape of a group's points; with the colour, no two of 36 groups are the same."""
    return GROUP_SHAPES[_turned(place)]


def _turned(place: int) -> int:
    return (place + place // len(GROUP_COLOURS)) % len(GROUP_COLOURS)
