"""Where faces are between the frames that were looked at; every number worked out by hand."""

import numpy as np
import pytest

from processor.boxes import Boxes


def boxes(*sights, step_s=0.5):
    """Each sight: (track, t_s, x); boxes are 10 wide and 20 high, at y 100. Looked at every step."""
    track, t_s, x = (np.array(column) for column in zip(*sights, strict=True)) if sights else (np.array([]),) * 3
    xywh = np.stack([x, np.full(len(x), 100.0), np.full(len(x), 10.0), np.full(len(x), 20.0)], axis=1)
    return Boxes(track, t_s.astype(float), t_s + step_s, xywh, step_s)


def at(boxes, t_s):
    return [(row, round(float(box[0]), 6)) for row, box in boxes.at(t_s)]


def blurred(boxes, t_s):
    return [round(left + 3, 6) for left, *_ in boxes.to_blur(t_s)]  # less the margin: 0.3 of 10


def test_nobody():
    assert at(boxes(), 1.0) == [] and blurred(boxes(), 1.0) == []


@pytest.mark.parametrize(
    ("t_s", "expected"),
    [(0.9, []), (1.0, [(0, 0.0)]), (1.25, [(0, 5.0)]), (1.5, [(1, 10.0)]), (1.99, [(1, 10.0)]), (2.0, [])],
)
def test_a_box_moves_evenly_and_holds_until_the_next_frame_looked_at(t_s, expected):
    assert at(boxes((1, 1.0, 0), (1, 1.5, 10)), t_s) == expected


def test_a_missed_frame_breaks_it_off():
    seen = boxes((1, 1.0, 0), (1, 2.0, 10))  # two steps apart
    assert [at(seen, t_s) for t_s in (1.25, 1.5, 1.75, 2.0)] == [[(0, 0.0)], [], [], [(1, 10.0)]]


def test_a_pause_of_the_video_does_not_hold_a_box_for_ever():
    seen = Boxes(np.array([1]), np.array([1.0]), np.array([9.0]), np.array([[0, 0, 1, 1]]), 0.5)
    assert at(seen, 1.74) == [(0, 0.0)] and at(seen, 1.76) == []


def test_tracks_do_not_mix():
    seen = boxes((1, 1.0, 0), (1, 1.5, 10), (2, 1.5, 50), (2, 2.0, 60))
    assert at(seen, 1.25) == [(0, 5.0)] and at(seen, 1.75) == [(1, 10.0), (2, 55.0)]


@pytest.mark.parametrize(
    ("t_s", "expected"),
    [
        (0.49, []), (0.5, [0.0]), (0.99, [0.0]), (1.25, [5.0]),  # a step before the first sight
        (1.5, [10.0]), (2.0, [20.0]), (2.5, [30.0]),  # a frame in which it was missed: on the way
        (3.0, [30.0]), (3.5, [30.0]), (3.51, []),  # until the next frame looked at, and a step more
    ],
)  # fmt: skip
def test_blurring_begins_earlier_ends_later_and_bridges_what_was_missed(t_s, expected):
    assert blurred(boxes((1, 1.0, 0), (1, 1.5, 10), (1, 2.5, 30)), t_s) == expected


def test_across_a_long_gap_blurring_holds_on_both_sides():
    seen = boxes((1, 1.0, 0), (1, 6.0, 90))
    told = [blurred(seen, t_s) for t_s in (1.5, 2.0, 2.1, 5.4, 5.5, 6.0)]
    assert told == [[0.0], [0.0], [], [], [90.0], [90.0]]


def test_no_moment_is_left_open_while_the_tracker_waits():
    for steps in (1, 2, 3, 8):  # it waits four seconds
        seen = boxes((1, 1.0, 0), (1, 1.0 + steps * 0.5, 10))
        assert all(blurred(seen, t_s) for t_s in np.arange(0.5, 2.0 + steps * 0.5, 0.01)), steps


def test_the_margin():
    [box] = boxes((1, 1.0, 0)).to_blur(1.0)
    assert box == pytest.approx((-3, 94, 13, 126))
