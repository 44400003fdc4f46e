import pytest

from db.emotions import CATEGORIES, CATEGORY, CATEGORY_VALUE, EMOTIONS, VALENCE

# System A's table, written out by hand.
TABLE = [
    ("angry", "negative", -1),
    ("disgust", "negative", -1),
    ("fear", "negative", -1),
    ("happy", "positive", 1),
    ("sad", "negative", -1),
    ("surprise", "positive", 1),
    ("neutral", "neutral", 0),
]


def test_the_emotions_are_in_the_order_of_fer2013():
    assert list(EMOTIONS) == [emotion for emotion, _, _ in TABLE]


@pytest.mark.parametrize(("emotion", "category", "valence"), TABLE)
def test_every_emotion_has_its_category_and_valence(emotion, category, valence):
    assert (CATEGORY[emotion], VALENCE[emotion], CATEGORY_VALUE[category]) == (category, valence, valence)


def test_nothing_else_has_a_category_or_a_valence():
    assert set(CATEGORY) == set(VALENCE) == set(EMOTIONS)
    assert set(CATEGORY_VALUE) == set(CATEGORIES)


@pytest.mark.parametrize(("type_name", "names"), [("emotion_name", EMOTIONS), ("category_name", CATEGORIES)])
def test_the_types_in_sql_have_the_same_names_in_the_same_order(store, type_name, names):
    [row] = store._read(f"SELECT enum_range(NULL::{type_name})::VARCHAR[] AS names")
    assert tuple(row["names"]) == names


def test_table_emotion_holds_them(store):
    rows = store._read(
        "SELECT emotion::VARCHAR AS e, category::VARCHAR AS c, valence AS v FROM emotion ORDER BY emotion"
    )
    assert [(row["e"], row["c"], row["v"]) for row in rows] == TABLE
