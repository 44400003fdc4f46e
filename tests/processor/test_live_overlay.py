"""What is drawn on a live picture, read off its pixels."""

from fractions import Fraction

import cv2
import numpy as np
import pytest

from db.emotions import EMOTIONS
from processor.live_faces import LiveFace, Sight
from processor.live_overlay import Overlay, drawn
from tests.processor.live_work import camera

HAPPY, SAD, UNDECIDED = (178, 127, 10), (117, 137, 246), (110, 115, 125)  # RGB
NOISE = np.random.default_rng(5).integers(170, 240, (240, 320, 1), dtype=np.uint8).repeat(3, axis=2)
NOW_S = 100.0
PLAIN = Overlay(labels=False, mirror=False)
PLAIN_LABELS = Overlay(boxes=False, mirror=False)


def face(box, emotion="happy", share=0.9, track_id=1):
    smoothed = np.full(7, (1 - share) / 6)
    smoothed[EMOTIONS.index("sad" if emotion == "sad" else "happy")] = share
    number = EMOTIONS.index(emotion) if emotion in EMOTIONS else -1
    return LiveFace(track_id, np.array(box, float), 0.9, smoothed, smoothed, number)


def sight(*faces, size_wh=(320, 240), arrived_s=NOW_S, missed=()):
    return Sight(0, 0.0, arrived_s, arrived_s, size_wh, faces, 120.0, 9.0, tuple(map(np.array, missed)))


def picture(seen, overlay, bgr=NOISE):
    """uint8 (H, W, 3) RGB."""
    return drawn(camera(bgr), seen, overlay, NOW_S).to_ndarray(format="rgb24")


def near(pixel, rgb):
    return np.abs(pixel.astype(int) - rgb).max() < 30


def has_border(rgb, box, colour):
    """Whether the left border of the box, in its middle, has that colour."""
    x, y, _, h = box
    return near(rgb[y + h // 2, x : x + 2].mean(axis=0), colour)


def sharpness(rgb, box):
    """Of what is inside of the box's border."""
    x, y, w, h = box
    inside = cv2.cvtColor(rgb[y + 4 : y + h - 4, x + 5 : x + w - 5], cv2.COLOR_RGB2GRAY)
    return cv2.Laplacian(inside, cv2.CV_64F).var()


@pytest.mark.parametrize("seen", [None, sight(), sight(face((100, 100, 40, 50)), arrived_s=NOW_S - 1.1)])
def test_nothing_is_drawn_where_nothing_was_seen_lately(seen):
    assert (picture(seen, Overlay(mirror=False)) == camera(NOISE).to_ndarray(format="rgb24")).all()


def test_the_frame_keeps_its_time_and_stays_as_it_is():
    frame = camera(NOISE)
    frame.pts, frame.time_base = 9000, Fraction(1, 90000)
    before = frame.to_ndarray()
    out = drawn(frame, sight(face((100, 100, 40, 50))), Overlay(), NOW_S)
    assert (out.pts, out.time_base, out.format.name) == (9000, frame.time_base, "yuv420p")
    assert (frame.to_ndarray() == before).all()


@pytest.mark.parametrize(("emotion", "colour"), [("happy", HAPPY), ("sad", SAD), ("undecided", UNDECIDED)])
def test_a_box_has_the_colour_of_its_emotion(emotion, colour):
    box = (100, 100, 40, 50)
    assert has_border(picture(sight(face(box, emotion)), PLAIN), box, colour)
    assert not has_border(picture(sight(face(box, emotion)), Overlay(boxes=False, labels=False)), box, colour)


def test_mirrored_the_face_is_on_the_other_side_and_the_letters_can_be_read():
    box, other_side = (20, 100, 40, 50), (260, 100, 40, 50)
    mirrored = picture(sight(face(box)), Overlay(labels=False))
    assert has_border(mirrored, other_side, HAPPY) and not has_border(mirrored, box, HAPPY)
    unmarked = picture(None, Overlay())
    assert (unmarked == picture(None, PLAIN)[:, ::-1]).all()

    middle = (140, 100, 40, 50)  # is its own mirror image, so that labels come to lie on the same place
    flat = np.full_like(NOISE, 120)
    assert (
        picture(sight(face(middle)), Overlay(boxes=False), flat) == picture(sight(face(middle)), PLAIN_LABELS, flat)
    ).all()


def test_boxes_follow_the_picture_to_another_size():
    """The camera's picture has become twice as large since the sight."""
    large = cv2.resize(NOISE, (640, 480))
    assert has_border(picture(sight(face((100, 100, 40, 50))), PLAIN, large), (200, 200, 80, 100), HAPPY)


def test_odd_sizes_become_even_and_boxes_outside_do_no_harm():
    out = picture(sight(face((-30, -30, 500, 500)), face((900, 900, 5, 5))), Overlay(), NOISE[:239, :319])
    assert out.shape == (238, 318, 3)


def told(monkeypatch, seen, overlay):
    """The labels that are written, with the height of their letters in pixels."""
    written = []
    monkeypatch.setattr(
        "processor.live_overlay._labels.write_beside",
        lambda canvas, box, text, rgb, height_px: written.append((text, rgb, height_px)),
    )
    picture(seen, overlay)
    return written


def test_labels_say_who_and_what(monkeypatch):
    seen = sight(face((10, 60, 40, 50)), face((90, 60, 40, 50), "sad", 0.6, 2), face((9, 9, 9, 9), "none", 0.3, 3))
    assert told(monkeypatch, seen, Overlay(names=((2, "Zoë"),))) == [
        ("Person 3  undecided 30 %", UNDECIDED, 12),
        ("Zoë  sad 60 %", SAD, 12),
        ("Person 1  happy 90 %", HAPPY, 12),
    ]
    assert told(monkeypatch, sight(face((10, 60, 40, 50))), Overlay(big=True)) == [("happy 90 %", HAPPY, 30)]
    assert told(monkeypatch, seen, Overlay(labels=False)) == []


def test_labels_are_written_beside_the_box():
    seen = sight(face((100, 120, 60, 60)))
    drawn_on = (picture(seen, PLAIN_LABELS) != picture(None, PLAIN_LABELS)).any(axis=2)
    rows, columns = np.nonzero(drawn_on)
    assert 90 < rows.min() and rows.max() < 120 and 100 <= columns.min()


def test_faces_and_those_missed_for_a_moment_are_blurred():
    box, lost, free = (100, 100, 40, 50), (220, 60, 40, 50), (10, 10, 40, 50)
    out = picture(sight(face(box), missed=[lost]), Overlay(boxes=False, labels=False, blur=True, mirror=False))
    assert sharpness(out, box) < 100 and sharpness(out, lost) < 100 < sharpness(out, free)
    hair = (90, 86, 60, 12)
    assert sharpness(out, hair) < 100


@pytest.mark.parametrize("seen", [None, sight(face((100, 100, 40, 50)), arrived_s=NOW_S - 1.1)])
def test_to_blur_where_nothing_is_known_is_to_blur_everything(seen):
    assert sharpness(picture(seen, Overlay(blur=True)), (0, 0, 320, 240)) < 100
