"""The colours of the charts: those of emotions and categories (db/colours.py), and what is made of them."""

from db.colours import CATEGORY_COLOURS, EMOTION_COLOURS
from db.emotions import CATEGORIES, CATEGORY_VALUE, EMOTIONS

__all__ = [
    "ACCENT", "CATEGORY_COLOURS", "CATEGORY_OF_VALUE", "CATEGORY_RANGE", "EMOTION_COLOURS", "EMOTION_RANGE", "GREY",
    "UNDECIDED_COLOUR",
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
