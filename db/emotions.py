"""The seven emotions: the one place that knows their names, order, category and valence.

The order is FER2013's label order (0..6). Categories are system A's: negative = angry, disgust, fear, sad;
positive = happy, surprise; neutral = neutral. Everything else imports these names; a saved model stores them
too, and loading refuses a mismatch.
"""

EMOTIONS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")

CATEGORIES = ("negative", "neutral", "positive")

CATEGORY = {
    "angry": "negative",
    "disgust": "negative",
    "fear": "negative",
    "happy": "positive",
    "sad": "negative",
    "surprise": "positive",
    "neutral": "neutral",
}

CATEGORY_VALUE = {"negative": -1, "neutral": 0, "positive": 1}

# The valence of an emotion is its category's value (system A's -1/0/+1).
VALENCE = {emotion: float(CATEGORY_VALUE[CATEGORY[emotion]]) for emotion in EMOTIONS}
