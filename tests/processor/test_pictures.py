"""Pictures as people and attackers have them; and the same answer as for a video's frame."""

import io
import struct
import zlib

import av
import numpy as np
import pytest
from PIL import Image
from skimage import data as photographs

from db.emotions import EMOTIONS
from processor import pictures
from processor.config import load
from processor.pictures import PictureUnreadable, look, read
from processor.pipeline import Analyser

PIXELS = 8192 * 4320
# Left half red, right half blue, green along the top.
RGB = np.zeros((40, 60, 3), np.uint8)
RGB[:, :30], RGB[:, 30:], RGB[:6] = (250, 0, 0), (0, 0, 250), (0, 250, 0)


def encoded(image: Image.Image | np.ndarray, kind: str = "PNG", **options) -> bytes:
    buffer = io.BytesIO()
    image = Image.fromarray(image) if isinstance(image, np.ndarray) else image
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def rgb(content: bytes, name: str = "picture") -> np.ndarray:
    return read(content, name, PIXELS).bgr[:, :, ::-1]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_three_formats(kind):
    options = {"quality": 95} | ({"subsampling": 0} if kind == "JPEG" else {"lossless": True} if kind == "WEBP" else {})
    found = rgb(encoded(RGB, kind, **options))
    assert found.dtype == np.uint8 and found.shape == RGB.shape
    assert np.abs(found.astype(int) - RGB).mean() < 6


@pytest.mark.parametrize(
    ("orientation", "undo"),
    [
        (1, lambda a: a), (2, np.fliplr), (3, lambda a: np.rot90(a, 2)), (4, np.flipud),
        (5, lambda a: np.rot90(np.flipud(a), -1)), (6, lambda a: np.rot90(a, -1)),
        (7, lambda a: np.rot90(np.flipud(a))), (8, np.rot90),
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_exif_orientation(orientation, undo, kind):
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = encoded(RGB, kind, exif=exif, lossless=True)
    assert (rgb(stored) == undo(RGB)).all()


def test_grey_palette_and_cmyk():
    grey = np.tile(np.arange(60, dtype=np.uint8) * 4, (40, 1))
    assert (rgb(encoded(grey)) == grey[:, :, None]).all()
    indexed = Image.fromarray(RGB).convert("P", palette=Image.Palette.ADAPTIVE, colors=4)
    assert (rgb(encoded(indexed)) == np.asarray(indexed.convert("RGB"))).all()
    cmyk = rgb(encoded(Image.fromarray(RGB).convert("CMYK"), "JPEG", quality=95))
    assert np.abs(cmyk[20, [5, 55]].astype(int) - RGB[20, [5, 55]]).max() < 12


def test_sixteen_bits_are_scaled_and_not_clipped():
    deep = np.tile(np.linspace(0, 65535, 60).astype(np.uint16), (40, 1))
    assert (rgb(encoded(deep))[:, :, 0] == deep >> 8).all()


def test_transparency_is_white():
    rgba = np.dstack([RGB, np.where(np.arange(60) < 30, 255, 0)[None].repeat(40, 0).astype(np.uint8)])
    found = rgb(encoded(rgba))
    assert (found[20, 5] == RGB[20, 5]).all() and (found[20, 55] == 255).all()
    grey = encoded(Image.fromarray(RGB[:, :, 0]).convert("LA"))
    assert (rgb(grey)[:, :, 0] == RGB[:, :, 0]).all()


@pytest.mark.parametrize("kind", ["WEBP", "PNG"])
def test_of_a_moving_picture_the_first_is_looked_at(kind):
    more = [Image.fromarray(255 - RGB), Image.fromarray(RGB // 2)]
    found = read(encoded(RGB, kind, save_all=True, append_images=more, lossless=True), "wave.webp", PIXELS)
    assert (found.bgr[:, :, ::-1] == RGB).all()
    assert found.note == "wave.webp moves: only the first of its 3 pictures is looked at."
    assert read(encoded(RGB, kind), "still", PIXELS).note is None


def bomb() -> bytes:
    """A PNG that says it has 50,000 x 50,000 pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty. Choose the file again."),
        (b"hello, this is text", "is not a picture in JPEG, PNG or WebP"),
        (encoded(RGB, "GIF"), "is not a picture in JPEG, PNG or WebP"),
        (encoded(RGB, "BMP"), "is not a picture in JPEG, PNG or WebP"),
        (encoded(RGB, "TIFF"), "is not a picture in JPEG, PNG or WebP"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is not a picture in JPEG, PNG or WebP"),
        (encoded(photographs.astronaut(), "JPEG")[:9000], "is damaged or cut off"),
        (encoded(photographs.astronaut(), "PNG")[:9000], "is damaged or cut off"),
        (encoded(photographs.astronaut(), "WEBP")[:9000], "is damaged or cut off"),
        (bomb(), "has more than the 35,389,440 pixels that are looked at. Make it smaller."),
    ],
    ids=["empty", "text", "gif", "bmp", "tiff", "svg", "cut jpeg", "cut png", "cut webp", "bomb"],
)
def test_what_can_not_be_looked_at_is_said(content, sentence):
    with pytest.raises(PictureUnreadable) as raised:
        read(content, "holiday.jpg", PIXELS)
    assert str(raised.value).startswith("holiday.jpg ") and sentence in str(raised.value)


def test_the_limit_is_the_one_given():
    assert read(encoded(RGB), "small", 2400).bgr.shape == (40, 60, 3)
    with pytest.raises(PictureUnreadable, match="2,399 pixels"):
        read(encoded(RGB), "small", 2399)


# Pillow warns of what it mends by itself; a picture that is a little damaged may still be seen.
@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::PIL.Image.DecompressionBombWarning")
def test_damage_is_read_or_said_and_never_breaks():
    exif = Image.Exif()
    exif[0x0112] = 6
    small = Image.fromarray(photographs.astronaut()).resize((64, 64))
    rng = np.random.default_rng(0)
    said = 0
    for kind in ("JPEG", "PNG", "WEBP"):
        whole = encoded(small, kind, exif=exif)
        for _ in range(150):
            content = bytearray(whole)
            for place in rng.integers(0, min(len(content), 500), 4):
                content[place] = rng.integers(256)
            try:
                assert read(bytes(content[: rng.integers(1, 2 * len(content))]), "x", 10**6).bgr.shape[2] == 3
            except PictureUnreadable:
                said += 1
    assert 150 < said < 450


def test_no_face(tiny_bundle, home):
    analyser = Analyser(load(home=home.path, model=str(tiny_bundle), detector="haar"))
    found = look(np.full((200, 200, 3), 90, np.uint8), analyser.detector, analyser.classifier)
    assert (len(found.faces), found.crops.shape, found.probabilities.shape) == (0, (0, 48, 48), (0, 7))
    assert found.emotions == found.categories == [] and found.valences.size == 0


@pytest.fixture
def lossless(tmp_path):
    """A video of one frame that holds exactly the given picture."""

    def make(bgr: np.ndarray):
        path = tmp_path / "one.mkv"
        with av.open(str(path), "w") as output:
            stream = output.add_stream("ffv1", rate=25)
            stream.width, stream.height, stream.pix_fmt = bgr.shape[1], bgr.shape[0], "bgr0"
            output.mux(stream.encode(av.VideoFrame.from_ndarray(bgr, format="bgr24").reformat(format="bgr0")))
            output.mux(stream.encode(None))
        return path

    return make


@pytest.mark.slow
@pytest.mark.parametrize("detector", ["haar", "yunet"])
def test_a_picture_gets_what_the_processor_stores_for_that_frame(tiny_bundle, home, lossless, detector, request):
    if detector == "yunet":
        model = next((request.getfixturevalue("shared") / "models").glob("face_detection_yunet*"))
        (home.models / model.name).write_bytes(model.read_bytes())
    # Two faces, one smaller, in a picture large enough to be made smaller for the detector.
    picture = np.full((800, 1200, 3), 120, np.uint8)
    face = photographs.astronaut()[:400, 50:450]
    picture[200:600, 50:450] = face
    picture[100:500:1, 700:1100] = np.fliplr(face)
    bgr = read(encoded(picture), "two.png", PIXELS).bgr
    assert (bgr == picture[:, :, ::-1]).all()

    analyser = Analyser(load(home=home.path, model=str(tiny_bundle), detector=detector))
    stored = analyser.analyse(lossless(bgr)).observations.to_pandas()
    found = look(bgr, analyser.detector, analyser.classifier)

    assert len(found.faces) == len(stored) == 2
    stored = stored.sort_values(["w", "x"], ascending=[False, True], kind="stable")
    order = np.lexsort((found.faces.boxes[:, 0], -found.faces.boxes[:, 2]))
    assert (stored[["x", "y", "w", "h"]].to_numpy(np.float32) == found.faces.boxes[order]).all()
    assert stored[list(EMOTIONS)].to_numpy(np.float32) == pytest.approx(found.probabilities[order], abs=1e-6)
    assert list(stored.emotion) == [found.emotions[place] for place in order]
    assert list(stored.category) == [found.categories[place] for place in order]
    assert stored.valence.to_numpy() == pytest.approx(found.valences[order], abs=1e-6)


def test_suffixes_and_formats_are_the_same_three():
    assert {Image.registered_extensions()[f".{suffix}"] for suffix in pictures.SUFFIXES} == set(pictures.FORMATS)
