"""The Try it page, without a browser, with a real small network: pictures in, faces out, and nothing left behind."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data as photographs

from dashboard.looking import SHOWN_SIDE, boxed
from dashboard.palette import ACCENT
from db.emotions import CATEGORY, EMOTIONS
from processor import pictures
from processor.config import load
from processor.emotions import write_bundle
from processor.pipeline import Analyser

pytestmark = pytest.mark.slow  # whole pages


@pytest.fixture(scope="module")
def bundle(tmp_path_factory) -> Path:
    """An untrained network with activations in the picture, so that it has heat maps."""
    import keras

    keras.utils.set_random_seed(3)
    faces = keras.Input((48, 48, 1), dtype="uint8")
    x = keras.layers.Conv2D(16, 5, strides=4, activation="relu")(keras.layers.Rescaling(1 / 255)(faces))
    x = keras.layers.Conv2D(32, 3, activation="relu")(x)
    probabilities = keras.layers.Dense(7, "softmax")(keras.layers.GlobalAveragePooling2D()(x))
    folder = tmp_path_factory.mktemp("bundles") / "small"
    write_bundle(folder, keras.Model(faces, {"emotions": probabilities}), {"name": "small", "version": "1"})
    return folder


@pytest.fixture(scope="module")
def opaque_bundle(tmp_path_factory) -> Path:
    """A network inside of another one, whose own output is no emotions': nothing that a heat map could be made for."""
    import keras

    faces = keras.Input((48, 48, 1), dtype="uint8")
    x = keras.layers.Flatten()(keras.layers.AveragePooling2D(12)(keras.layers.Rescaling(1 / 255)(faces)))
    inner = keras.Model(faces, {"features": keras.layers.Dense(16)(x)})
    outside = keras.Input((48, 48, 1), dtype="uint8")
    folder = tmp_path_factory.mktemp("bundles") / "opaque"
    probabilities = keras.layers.Dense(7, "softmax")(inner(outside)["features"])
    write_bundle(folder, keras.Model(outside, {"emotions": probabilities}), {"name": "opaque", "version": "1"})
    return folder


@pytest.fixture
def page(bundle, open_page, monkeypatch):
    monkeypatch.setenv("MOODREEL_MODEL", str(bundle))
    return open_page("try_it")


def encoded(picture: np.ndarray, kind: str = "JPEG", **options) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, kind, **options)
    return buffer.getvalue()


ASTRONAUT = encoded(photographs.astronaut(), quality=95)
COFFEE = encoded(photographs.coffee(), "WEBP")


def upload(app, *files: tuple[str, bytes]):
    """Upload pictures, (name, content) each; the page must not raise."""
    app.file_uploader[0].set_value([(name, content, "image/jpeg") for name, content in files]).run(timeout=60)
    assert not app.exception, app.exception
    return app


def said(app) -> str:
    kinds = ("title", "markdown", "caption", "info", "warning", "error", "subheader")
    return "\n".join(str(element.value) for kind in kinds for element in getattr(app, kind))


def charts(app) -> list[dict]:
    return [json.loads(element.proto.spec) for element in app.get("vega_lite_chart")]


def galleries(app) -> list[str]:
    return [element.proto.body for element in app.get("html") if "<figure" in element.proto.body]


def everything(folder: Path) -> set[tuple[Path, int]]:
    return {(path, path.stat().st_mtime_ns) for path in folder.rglob("*")}


def test_before_a_picture(page):
    assert "Nothing is stored" in said(page)
    assert page.selectbox(key="detector").options == ["Haar"]  # no YuNet file in this home
    assert "small" in page.selectbox(key="bundle").options and "moodnet" in page.selectbox(key="bundle").options
    assert not charts(page)


def test_a_face(page, bundle, home):
    app = upload(page, ("astronaut.jpg", ASTRONAUT))
    analyser = Analyser(load(home=home.path, model=str(bundle), detector="haar"))
    bgr = pictures.read(ASTRONAUT, "astronaut.jpg", 10**7).bgr
    expected = pictures.look(bgr, analyser.detector, analyser.classifier)
    (face,) = expected.probabilities
    emotion = EMOTIONS[face.argmax()]

    assert f"**Face 1: {emotion}** ({face.max():.0%}".removesuffix("%") in said(app)
    assert f"· {CATEGORY[emotion]} · valence" in said(app)
    assert "1 face · 512 × 512 · model small" in said(app) and "detector Haar" in said(app)
    (chart,) = charts(app)
    assert chart["title"]["text"] == "Face 1: probability of each emotion"
    (shown,) = galleries(app)
    assert "what the network saw" in shown and f"what speaks for {emotion}" in shown
    (image,) = app.get("image")
    assert image.proto.imgs[0].alt == "astronaut.jpg, 1 face, each in a box with its number"


def test_the_heat_map_of_another_emotion(page):
    app = upload(page, ("astronaut.jpg", ASTRONAUT))
    (before,) = galleries(app)
    wanted = next(name for name in EMOTIONS if f"what speaks for {name}" not in before)
    app.selectbox(key="explained").select(wanted).run(timeout=60)
    (after,) = galleries(app)
    assert f"what speaks for {wanted}" in after and after != before
    assert after.split("</figure>")[0] == before.split("</figure>")[0]  # the crop is the same


def test_several_pictures_some_of_them_bad(page):
    app = upload(
        page, ("a*b.jpg", ASTRONAUT), ("coffee.webp", COFFEE), ("cut.jpg", ASTRONAUT[:9000]), ("empty.png", b""),
        ("text.png", b"hello"), ("large.png", encoded(np.zeros((5000, 8000), np.uint8), "PNG")),
    )  # fmt: skip
    assert [element.value for element in app.subheader][0] == r"a\*b\.jpg"
    assert "No face was found in this picture" in said(app) and "0 faces · 600 × 400" in said(app)
    errors = [error.value for error in app.error]
    assert [error.split(" ")[0] for error in errors] == [r"cut\.jpg", r"empty\.png", r"text\.png", r"large\.png"]
    for error, word in zip(errors, ("cut off", "is empty", "is not a picture", "35,389,440 pixels"), strict=True):
        assert word in error
    assert len(charts(app)) == 1


def test_nothing_is_stored(page, home, tmp_path):
    before = everything(tmp_path)
    app = upload(page, ("astronaut.jpg", ASTRONAUT), ("coffee.webp", COFFEE))
    assert charts(app)
    assert everything(tmp_path) == before


def test_what_was_found_is_kept_only_while_the_picture_is_there(page, monkeypatch):
    app = upload(page, ("astronaut.jpg", ASTRONAUT))
    assert len(app.session_state["answers"]) == 2  # the picture's, and its heat map
    monkeypatch.setattr(pictures, "look", None)  # it can't be looked at again
    app.run()
    assert not app.exception and len(charts(app)) == 1
    app.file_uploader[0].set_value([]).run()
    assert not app.session_state["answers"] and not charts(app)


def test_many_faces_are_shown_when_asked_for(page):
    face = photographs.astronaut()[:280, 90:370]
    app = upload(page, ("crowd.png", encoded(np.tile(face, (2, 4, 1)), "PNG")))
    assert "8 faces" in said(app) and len(charts(app)) == 6
    app.toggle[0].set_value(True).run(timeout=60)
    assert len(charts(app)) == 8


def test_a_network_without_a_heat_map(opaque_bundle, open_page, monkeypatch):
    monkeypatch.setenv("MOODREEL_MODEL", str(opaque_bundle))
    app = upload(open_page("try_it"), ("astronaut.jpg", ASTRONAUT))
    assert "There is no heat map for this network" in said(app)
    (shown,) = galleries(app)
    assert shown.count("<figure") == 1 and len(charts(app)) == 1


def test_a_bundle_that_can_not_be_used_is_said(home, open_page, monkeypatch):
    folder = home.models / "broken"
    folder.mkdir()
    (folder / "model.json").write_text('{"name": "broken"}')
    monkeypatch.setenv("MOODREEL_MODEL", "broken")
    app = upload(open_page("try_it"), ("astronaut.jpg", ASTRONAUT))
    assert "model bundle" in app.error[0].value or "can't be read" in app.error[0].value
    monkeypatch.setenv("MOODREEL_MODEL", "nowhere")
    app = open_page("try_it")
    assert "There is no model bundle" in app.warning[0].value


def test_yunet_is_offered_and_used_where_it_is(page, home, shared):
    model = next((shared / "models").glob("face_detection_yunet*"))
    (home.models / model.name).write_bytes(model.read_bytes())
    app = upload(page.run(), ("astronaut.jpg", ASTRONAUT))
    assert app.selectbox(key="detector").options == ["YuNet", "Haar"]
    app.selectbox(key="detector").select("yunet").run(timeout=60)
    assert not app.exception
    assert "detector YuNet" in said(app) and "detector's score 0.9" in said(app)


class TestBoxes:
    def test_where_the_faces_are(self):
        drawn = boxed(np.full((300, 400, 3), 90, np.uint8), np.array([[100.0, 60.0, 120.0, 150.0]]))
        assert drawn.shape == (300, 400, 3)
        colour = tuple(int(ACCENT[place : place + 2], 16) for place in (1, 3, 5))
        assert tuple(drawn[135, 100]) == tuple(drawn[210, 180]) == colour
        assert (drawn[135, 97:100] == 255).any() and (drawn[150, 160] == 90).all()

    def test_no_face_leaves_the_picture_as_it_is(self):
        picture = photographs.astronaut()
        assert (boxed(picture, np.zeros((0, 4))) == picture).all()

    def test_a_large_picture_is_made_smaller_with_its_boxes(self):
        drawn = boxed(np.full((2000, 4 * SHOWN_SIDE, 3), 90, np.uint8), np.array([[2000.0, 400.0, 800.0, 800.0]]))
        assert drawn.shape == (500, SHOWN_SIDE, 3)
        changed = np.argwhere((drawn != 90).any(axis=2))
        assert changed.min(axis=0) == pytest.approx([100, 500], abs=10)
        assert changed.max(axis=0) == pytest.approx([300, 700], abs=10)

    def test_a_number_stays_in_the_picture(self):
        drawn = boxed(np.full((200, 200, 3), 90, np.uint8), np.array([[195.0, 195.0, 60.0, 60.0]]))
        assert (drawn[180:, 180:].min(axis=2) > 180).any()  # of the white digit
