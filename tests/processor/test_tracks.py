"""Tracking, on boxes moved by hand."""

import numpy as np
import pytest

from processor.tracks import Tracker, iou

EMPTY = np.zeros((0, 4))


def box(x, y=100, w=100, h=120):
    return [x, y, w, h]


def follow(*steps):
    """The ids for each (time, boxes)."""
    tracker = Tracker()
    return [tracker.update(t_s, np.array(boxes, dtype=float).reshape(-1, 4)).tolist() for t_s, boxes in steps]


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ([0, 0, 1, 1], [5, 5, 1, 1], 0.0),  # apart
        ([0, 0, 1, 1], [1, 0, 1, 1], 0.0),  # touching
        ([0, 0, 2, 2], [0, 0, 2, 2], 1.0),  # the same
        ([0, 0, 2, 2], [1, 0, 2, 2], 2 / 6),  # half over each other
    ],
)
def test_iou(a, b, expected):
    assert iou(np.array(a, float), np.array(b, float)) == pytest.approx(expected)


def test_no_faces():
    assert follow((0.0, EMPTY), (0.5, EMPTY)) == [[], []]


def test_one_face_that_moves_is_one_track():
    assert follow(*[(i / 2, [box(100 + 40 * i)]) for i in range(10)]) == [[1]] * 10


def test_two_faces_in_changing_order():
    assert follow((0, [box(0), box(400)]), (0.5, [box(410), box(10)]), (1, [box(20), box(420)])) == [
        [1, 2],
        [2, 1],
        [1, 2],
    ]


def test_two_people_crossing_keep_their_numbers():
    steps = [(i / 5, [box(100 + 40 * i, 100), box(500 - 40 * i, 180)]) for i in range(11)]
    assert follow(*steps) == [[1, 2]] * 11


def test_a_face_that_leaves_and_returns_nearby_is_the_same():
    assert follow((0, [box(100)]), (0.5, EMPTY), (2.5, [box(150)])) == [[1], [], [1]]


def test_a_face_that_returns_after_too_long_is_a_new_one():
    assert follow((0, [box(100)]), (10, [box(100)])) == [[1], [2]]


def test_a_face_elsewhere_or_of_another_size_is_a_new_one():
    assert follow((0, [box(0)]), (0.5, [box(600)])) == [[1], [2]]
    assert follow((0, [box(100, w=40, h=50)]), (0.5, [box(100, w=120, h=150)])) == [[1], [2]]


def test_a_newcomer_does_not_take_the_number_of_who_is_there():
    assert follow((0, [box(100)]), (0.5, [box(400), box(105)])) == [[1], [2, 1]]
