"""The colours of emotions and categories, the same in every chart and on every picture.

Chosen by search and checked by tests: any two differ by a CIEDE2000 distance of at least 18 to normal sight and under
simulated protanopia and deuteranopia (Machado, Oliveira and Fernandes 2009, severity 1), and each stands out from a
white as well as from a nearly black background. Hues follow habit where they can: red for anger, blue for sadness.
"""

EMOTION_COLOURS = {
    "angry": "#9b3232",
    "disgust": "#53cb95",
    "fear": "#6e43a0",
    "happy": "#b27f0a",
    "sad": "#7589f6",
    "surprise": "#88bfc8",
    "neutral": "#7d7a7f",
}

CATEGORY_COLOURS = {"negative": "#b04a2f", "neutral": "#8f95a0", "positive": "#2f7fd0"}
