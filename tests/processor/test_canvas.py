"""Drawing on the planes of a picture."""

import av
import numpy as np
import pytest

from processor.canvas import BT601, BT709, Canvas, colour_space, even, to_yuv


def canvas(rgb, size_wh=(64, 48), rotation_deg=0):
    picture = av.VideoFrame.from_ndarray(rgb, format="rgb24")
    return Canvas.of(picture, size_wh, rotation_deg)


def grey(level=128, size_wh=(64, 48)):
    return np.full((size_wh[1], size_wh[0], 3), level, np.uint8)


def seen(canvas):
    return canvas.to_frame().to_ndarray(format="rgb24")


@pytest.mark.parametrize(("pixels", "expected"), [(0, 2), (1, 2), (2, 2), (3.9, 2), (641, 640), (1080, 1080)])
def test_even(pixels, expected):
    assert even(pixels) == expected


@pytest.mark.parametrize("high_definition", [False, True])
def test_colours_as_the_standards_have_them(high_definition):
    """White and black by BT.601 and BT.709; red as their coefficients say."""
    white, black, red = to_yuv(np.array([[255, 255, 255], [0, 0, 0], [255, 0, 0]], np.uint8), high_definition)
    assert (tuple(white), tuple(black)) == ((235, 128, 128), (16, 128, 128))
    assert tuple(red) == ((63, 102, 240) if high_definition else (81, 90, 240))


def test_what_is_not_drawn_on_stays():
    picture = np.random.default_rng(1).integers(0, 256, (48, 64, 3), dtype=np.uint8)
    here, there = canvas(picture), canvas(picture)
    there.fill((10, 10, 20, 20), (255, 0, 0))
    for a, b, step in ((here.y, there.y, 1), (here.u, there.u, 2), (here.v, there.v, 2)):
        changed = np.argwhere(a != b) * step
        assert len(changed) and changed.min() >= 10 and changed.max() < 20


def test_fill_and_outline():
    here = canvas(grey())
    here.outline((10, 8, 50, 40), (255, 0, 0), 2)
    pixels = seen(here)
    for y, x in ((8, 30), (39, 30), (20, 11), (20, 48)):
        assert pixels[y, x, 0] > 240 and pixels[y, x, 1:].max() < 15, (y, x)
    assert abs(int(pixels[24, 24, 0]) - 128) <= 2


@pytest.mark.parametrize(
    "box", [(-20, -20, -5, -5), (100, 100, 120, 130), (30, 30, 30, 30), (40, 40, 20, 20), (-10, -10, 200, 200)]
)
def test_boxes_beyond_the_picture_do_no_harm(box):
    here = canvas(grey())
    here.outline(box, (255, 0, 0), 2)
    here.blur(box)
    assert here.to_frame().width == 64


def test_a_stamp_is_moved_inside():
    stamp = np.zeros((10, 20, 3), np.uint8)
    for left, top, corner in ((-30, -30, (0, 0)), (60, 45, (44, 38)), (10, 10, (10, 10))):
        here = canvas(grey())
        here.paste(left, top, here.stamp(stamp))
        dark = np.argwhere(here.y == 16)
        assert tuple(dark.min(axis=0)[::-1]) == corner and len(dark) == 200
    small = canvas(grey(size_wh=(16, 16)), (16, 16))
    small.paste(0, 0, small.stamp(np.zeros((10, 40, 3), np.uint8)))  # wider than the picture
    assert (small.y[:10] == 16).all()


def test_blur_leaves_nothing_to_recognise():
    noise = np.random.default_rng(2).integers(0, 256, (48, 64, 3), dtype=np.uint8)
    here = canvas(noise)
    before = here.y.copy()
    here.blur((8, 8, 40, 40))
    inside = here.y[8:40, 8:40].astype(float)
    assert np.abs(np.diff(inside, axis=1)).mean() < 5 < np.abs(np.diff(before[8:40, 8:40].astype(float), axis=1)).mean()
    assert (here.y[:, 42:] == before[:, 42:]).all()


def test_dim():
    here = canvas(grey(255))
    here.dim(0.5)
    assert int(here.y[0, 0]) == pytest.approx(16 + (235 - 16) / 2, abs=1) and here.u[0, 0] == 128


@pytest.mark.parametrize("rotation_deg", [0, 90, 180, 270])
def test_turned_as_the_analysis_turns(rotation_deg):
    picture = grey()
    picture[:8, :8] = 255
    here = canvas(picture, rotation_deg=rotation_deg)
    expected = np.rot90(picture, rotation_deg // 90)
    assert here.size_wh == (expected.shape[1], expected.shape[0])
    assert np.abs(seen(here).astype(int) - expected).mean() < 3


def test_unsaid_colour_spaces_are_what_players_take_them_for():
    small, large = (av.VideoFrame(width, height, "yuv420p") for width, height in ((640, 480), (1280, 720)))
    assert (colour_space(small), colour_space(large)) == (BT601, BT709)
    small.colorspace = 9  # BT.2020
    assert colour_space(small) == 9
    assert colour_space(av.VideoFrame(1280, 720, "rgb24").reformat(format="yuv420p")) in (BT601, BT709)


def test_full_range_becomes_limited():
    frame = av.VideoFrame.from_ndarray(np.full((72, 64), 255, np.uint8), format="yuv420p").reformat(format="yuv420p")
    frame.color_range = 2
    white = Canvas.of(frame, (64, 48), 0)
    assert white.y.max() == 235
