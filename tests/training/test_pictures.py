"""Picture files of every kind as grey faces, and files that are none."""

import numpy as np
import pytest
from PIL import Image

from training.pictures import PictureUnusable, careful, read_grey, square_face


def left_dark(size=(60, 40), mode="L"):
    """Dark on the left, bright on the right, `size` as (width, height)."""
    levels = np.full(size[::-1], 200, np.uint8)
    levels[:, : size[0] // 2] = 50
    return Image.fromarray(levels).convert(mode)


@pytest.mark.parametrize(
    ("suffix", "mode"),
    [("png", "L"), ("png", "RGB"), ("png", "P"), ("png", "1"), ("jpg", "RGB"), ("jpg", "CMYK"), ("webp", "RGB"),
     ("bmp", "RGB"), ("tif", "F"), ("gif", "P")],
)  # fmt: skip
def test_every_kind_becomes_grey(tmp_path, suffix, mode):
    picture = left_dark(mode=mode) if mode != "F" else Image.fromarray(np.asarray(left_dark(), np.float32) / 255)
    picture.save(tmp_path / f"a.{suffix}")
    grey = read_grey(tmp_path / f"a.{suffix}")
    assert grey.shape == (40, 60) and grey.dtype == np.uint8
    dark, bright = (0, 255) if mode == "1" else (50, 200)
    if mode != "1":  # which is dithered
        assert grey[:, :25] == pytest.approx(np.full((40, 25), dark), abs=4)
        assert grey[:, 35:] == pytest.approx(np.full((40, 25), bright), abs=4)


def test_sixteen_bits_keep_the_highest_eight(tmp_path):
    Image.fromarray(np.full((30, 30), 51_300, np.uint16)).save(tmp_path / "a.png")
    assert (read_grey(tmp_path / "a.png") == 200).all()  # 51,300 >> 8


def test_transparent_parts_are_black(tmp_path):
    levels = np.full((30, 30, 4), 255, np.uint8)
    levels[:15, :, 3] = 0
    Image.fromarray(levels).save(tmp_path / "a.png")
    grey = read_grey(tmp_path / "a.png")
    assert (grey[:15] == 0).all() and (grey[15:] == 255).all()


def test_a_phone_held_upright(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # shown turned by 90 degrees clockwise: what is left in the file is on top
    left_dark().save(tmp_path / "a.jpg", exif=exif)
    grey = read_grey(tmp_path / "a.jpg")
    assert grey.shape == (60, 40)
    assert grey[:25].mean() < 60 and grey[35:].mean() > 190


@pytest.mark.parametrize(
    ("content", "kind"),
    [(b"", "not an image"), (b"just text", "not an image"), (b"%!PS-Adobe-3.0 EPSF-3.0\n", "not an image")],
)
def test_what_is_no_picture(tmp_path, content, kind):
    (tmp_path / "a.jpg").write_bytes(content)
    with pytest.raises(PictureUnusable) as refusal:
        read_grey(tmp_path / "a.jpg")
    assert refusal.value.kind == kind


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp"])
def test_a_picture_that_breaks_off(tmp_path, suffix):
    path = tmp_path / f"a.{suffix}"
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (80, 80, 3), dtype=np.uint8)).save(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(PictureUnusable) as refusal:
        read_grey(path)
    assert refusal.value.kind == "does not decode"


def test_a_picture_of_a_few_pixels(tmp_path):
    left_dark((40, 23)).save(tmp_path / "a.png")
    with pytest.raises(PictureUnusable, match="40x23 pixels, at least 24"):
        read_grey(tmp_path / "a.png")


def test_a_picture_that_would_fill_memory(tmp_path, monkeypatch):
    left_dark((60, 40)).save(tmp_path / "a.png")
    for limit in (2000, 1000):  # above its limit Pillow warns, above twice its limit it refuses
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", limit)
        with careful(), pytest.raises(PictureUnusable, match="decompression bomb"):
            read_grey(tmp_path / "a.png")


def test_the_middle_square_at_48_pixels():
    face = np.random.default_rng(1).integers(0, 256, (48, 48), dtype=np.uint8)
    assert square_face(face) is face
    wide = np.pad(np.full((96, 96), 120, np.uint8), ((0, 0), (50, 50)))
    assert square_face(wide).shape == (48, 48)
    assert (square_face(wide)[:, 4:-4] == 120).all()  # the black on both sides is cut off
    stripes = np.tile(np.array([0, 255], np.uint8), (480, 240))  # finer than 48 pixels can show: an even grey
    assert abs(square_face(stripes)[4:-4, 4:-4].astype(int) - 127).max() <= 3
