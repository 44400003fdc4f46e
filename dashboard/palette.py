"""The colours: one for each emotion and category, the same in every chart.

Chosen by search and checked by tests: any two differ by a CIEDE2000 distance of at least 18 to normal sight and under
simulated protanopia and deuteranopia (Machado, Oliveira and Fernandes 2009, severity 1), and each stands out from a
white as well as from a nearly black background. Hues follow habit where they can: red for anger, blue for sadness.
"""

from db.emotions import CATEGORIES, CATEGORY_VALUE, EMOTIONS

EMOTION_COLOURS = {
    "angry": "#9b3232",
    "disgust": "#53cb95",
    "fear": "#6e43a0",
    "happy": "#b27f0a",
    "sad": "#7589f6",
    "surprise": "#88bfc8",
    "neutral": "#79767b",
}

CATEGORY_COLOURS = {"negative": "#b04a2f", "neutral": "#8f95a0", "positive": "#2f7fd0"}

# For what is neither an emotion nor a category, such as when somebody is in the picture.
ACCENT = "#3f7d7a"

EMOTION_RANGE = [EMOTION_COLOURS[emotion] for emotion in EMOTIONS]
CATEGORY_RANGE = [CATEGORY_COLOURS[category] for category in CATEGORIES]
CATEGORY_OF_VALUE = {value: category for category, value in CATEGORY_VALUE.items()}
