"""Names as small pictures."""

import numpy as np
import pytest

from processor.lettering import _font_for, plate

BLUE = (0, 0, 200)


@pytest.mark.parametrize("text", ["", " ", "Anna", "Zoë Łukasz Čapek", "Жанна", "Ελένη", "line\nbreak\t\0", "x" * 500])
def test_white_letters_with_a_dark_outline_on_a_plate(text):
    picture = plate(text, 20, BLUE)
    assert picture.dtype == np.uint8 and picture.shape[0] % 2 == picture.shape[1] % 2 == 0
    assert picture.shape[0] < 60 and picture.shape[1] < 1500
    assert tuple(picture[0, 0]) == tuple(picture[-1, -1]) == BLUE
    if text.strip():
        assert (picture == 255).all(axis=2).any() and (picture == 0).all(axis=2).any()


@pytest.mark.parametrize("text", ["Zoë Łukasz Čapek", "Жанна", "Ελένη", "87 % – …"])
def test_letters_beyond_english_are_written_as_they_are(text):
    assert _font_for(text, 20)[1] == text


def test_what_no_font_has_is_a_question_mark():
    assert _font_for("a\U0003fffd", 20)[1] == "a?"
