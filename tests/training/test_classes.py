"""The one map of class names: every set's own, and what is dropped."""

import pytest

from db.emotions import EMOTIONS
from training import classes
from training.datasets import USAGES
from training.readers import fer2013


def emotion(*arguments):
    found = classes.label(*arguments)
    return None if found is None else EMOTIONS[found]


@pytest.mark.parametrize(
    ("name", "codes", "expected"),
    [
        ("Anger", None, "angry"),
        (" HAPPINESS ", None, "happy"),
        ("neutral", None, "neutral"),
        ("Contempt", None, None),
        ("Not a_Face", None, None),
        ("0", "fer2013", "angry"),
        ("6", "fer2013", "neutral"),
        ("FER", "iimi", "fear"),
        ("NUT", "iimi", "neutral"),
        ("1", "raf-db", "surprise"),
        ("7", "raf-db", "neutral"),
        ("1", "affectnet", "happy"),
        ("7", "affectnet", None),
        ("sad", "affectnet", "sad"),  # words hold beside codes
    ],
)
def test_names(name, codes, expected):
    assert emotion(name, codes) == expected


def test_every_set_has_every_emotion():
    for name, codes in classes.SETS.items():
        assert set(codes.values()) - {None} == set(EMOTIONS), name
    assert {emotion(column) for column in classes.VGU_COLUMNS} == {*EMOTIONS, None}
    assert set(classes.SPLIT_NAMES.values()) == set(USAGES)
    assert all(classes.usage(name) == name for name in USAGES)


@pytest.mark.parametrize("name", ["", "angryy", "0", "11"])
def test_unknown_names_are_told_with_what_is_known(name):
    with pytest.raises(classes.UnknownClass, match="known are angry, disgust"):
        classes.label(name)
    with pytest.raises(classes.UnknownClass, match="known are train"):
        classes.usage(name)


def test_ferplus_names_a_face_by_its_row():
    assert fer2013.file_name(35_886) == "fer0035886.png"
