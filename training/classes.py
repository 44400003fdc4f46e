"""The one map from every data set's class names and splits to ours, and what is dropped.

A name that maps to None is a class that Moodreel does not have; its faces are left out and counted.
"""

from __future__ import annotations

from collections.abc import Mapping

from db.emotions import EMOTIONS

# Names in words, whatever the set; compared without case, and with blanks and underscores as hyphens.
WORDS: Mapping[str, str | None] = {
    **{emotion: emotion for emotion in EMOTIONS},
    "anger": "angry",
    "disgusted": "disgust",
    "fearful": "fear",
    "afraid": "fear",
    "happiness": "happy",
    "joy": "happy",
    "sadness": "sad",
    "surprised": "surprise",
    "contempt": None,
    "unknown": None,
    "uncertain": None,
    "none": None,
    "no-face": None,
    "not-a-face": None,
    "drop": None,
}

# The codes of each set that has codes.
SETS: Mapping[str, Mapping[str, str | None]] = {
    "fer2013": {str(code): emotion for code, emotion in enumerate(EMOTIONS)},
    # System A: the fourth part of the file name, its first three letters.
    "iimi": {
        "ang": "angry", "dis": "disgust", "fer": "fear", "hpy": "happy", "sad": "sad", "sur": "surprise",
        "nut": "neutral",
    },
    # Li, Deng and Du 2017, the basic emotions.
    "raf-db": {
        "1": "surprise", "2": "fear", "3": "disgust", "4": "happy", "5": "sad", "6": "angry", "7": "neutral",
    },
    # Mollahosseini, Hasani and Mahoor 2017; 7 is contempt, 8 none, 9 uncertain, 10 no face.
    "affectnet": {
        "0": "neutral", "1": "happy", "2": "sad", "3": "surprise", "4": "fear", "5": "disgust", "6": "angry",
        "7": None, "8": None, "9": None, "10": None,
    },
}  # fmt: skip

# The eight one-hot columns of VGU (system A); contempt is left out, as system A did.
VGU_COLUMNS = ("Anger", "Contempt", "Disgust", "Fear", "Happy", "Neutral", "Sad", "Surprise")

# Names of splits, compared like WORDS. A set's own validation split is more to train on: ours is every 20th row.
SPLIT_NAMES: Mapping[str, str] = {
    "train": "Training", "training": "Training", "valid": "Training", "validation": "Training", "val": "Training",
    "test": "Test", "testing": "Test",
    "publictest": "PublicTest", "public-test": "PublicTest",
    "privatetest": "PrivateTest", "private-test": "PrivateTest",
}  # fmt: skip


class UnknownClass(ValueError):
    """A data set names a class or split that Moodreel does not know."""


def plain(name: str) -> str:
    """A class or split name as it is compared: 'Not a_Face ' -> 'not-a-face'."""
    return "-".join(name.replace("_", " ").replace("-", " ").casefold().split())


def label(name: str, codes: str | None = None) -> int | None:
    """The label 0..6 of a class name, or None if the class is dropped.

    codes: a set in SETS whose codes are known besides WORDS. Raises UnknownClass.
    """
    known = {**WORDS, **SETS[codes]} if codes else WORDS
    if plain(name) not in known:
        raise UnknownClass(f"there is no class {name!r}; known are {', '.join(known)}")
    emotion = known[plain(name)]
    return None if emotion is None else EMOTIONS.index(emotion)


def usage(name: str) -> str:
    """The usage (`datasets.USAGES`) of a split's name. Raises UnknownClass."""
    if plain(name) not in SPLIT_NAMES:
        raise UnknownClass(f"there is no split {name!r}; known are {', '.join(SPLIT_NAMES)}")
    return SPLIT_NAMES[plain(name)]


def is_class(name: str) -> bool:
    """Whether `name` is a class in words."""
    return plain(name) in WORDS


def is_split(name: str) -> bool:
    """Whether `name` is a split's name."""
    return plain(name) in SPLIT_NAMES
