"""The Models page in a real browser, beside the real service: what it shows of a network that was really evaluated."""

from __future__ import annotations

import re

import numpy as np
import pytest

from db.emotions import EMOTIONS
from db.store import Store
from processor.emotions import Classifier, model_id, write_bundle
from tests.e2e.browser import fits, settled
from training import evaluate
from training.datasets import VOTES, FaceSet

sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install -r requirements-dev.txt")

pytestmark = pytest.mark.e2e

VIEWS = ("Cards", "Comparison", "Evaluation", "Training", "Faces")


@pytest.fixture
def faces() -> FaceSet:
    """Seventy pictures with labels of both sets: each emotion is a bar at another height, in noise."""
    random = np.random.default_rng(0)
    fer = np.repeat(np.arange(7), 10)
    images = random.integers(0, 90, (70, 48, 48)).astype(np.uint8)
    for image, label in zip(images, fer, strict=True):
        image[6 * label : 6 * label + 6] += 150
    votes = np.zeros((70, len(VOTES)), np.uint8)
    names = {"angry": "anger", "happy": "happiness", "sad": "sadness"}
    votes[np.arange(70), [VOTES.index(names.get(EMOTIONS[label], EMOTIONS[label])) for label in fer]] = 10
    rows = np.arange(100, 170, dtype=np.int32)
    return FaceSet(images, fer.astype(np.int8), votes, np.full(70, "PublicTest"), rows)


@pytest.fixture
def bundle(home, faces) -> str:
    """A bundle in the home, evaluated on the faces; these prepared. No setting says which model to use."""
    import keras

    keras.utils.set_random_seed(1)
    crops = keras.Input((48, 48, 1), dtype="uint8")
    x = keras.layers.Conv2D(16, 3, strides=4, activation="relu")(keras.layers.Rescaling(1 / 255)(crops))
    probabilities = keras.layers.Dense(7, "softmax")(keras.layers.Flatten()(x))
    folder = home.models / "tiny"
    card = {"name": "tiny", "version": "1", "description": "A network for a test.", "not_for": "Anything else."}
    card |= {"curves": [{"epoch": n, "loss": 2 / n, "val_loss": 2.2 / n, "accuracy": 0.2 * n} for n in (1, 2, 3)]}
    write_bundle(folder, keras.Model(crops, {"emotions": probabilities}), card)
    classifier = Classifier(folder)
    found = [
        {"data": "bars", "split": "PublicTest", **one} for one in evaluate.evaluate(classifier, faces, resamples=50)
    ]
    (home.path / "datasets").mkdir(exist_ok=True)
    faces.save(home.path / "datasets" / "bars.npz")
    with Store(home.store, home.results) as store:
        store.add_model(model_id(classifier.card), "tiny", "1", classifier.card["sha256"], classifier.card)
        store.put_evaluations(model_id(classifier.card), found, card["curves"])
        store.publish()
    return ""


def view(page, name: str) -> None:
    """Choose a view."""
    page.get_by_test_id("stButtonGroup").first.get_by_role("radio", name=name).click()
    page.wait_for_url(re.compile(rf"view={name}"))
    settled(page)


def count(found, number: int) -> None:
    """Until there are so many; the page draws them one after another."""
    sync_api.expect(found).to_have_count(number, timeout=30_000)


def test_models(up, watched, shots):
    page = watched.page()
    page.goto(f"{up.url}/models")
    # The service has stored the shipped bundle's card by itself, and it is the default until another is chosen.
    page.get_by_text("It is the one that Moodreel comes with").wait_for()
    page.get_by_role("heading", name="tiny 1").wait_for()
    page.get_by_role("button", name="Make this the default").click()
    page.get_by_text("It was made the default").wait_for()
    settled(page)
    assert page.locator("h3").first.inner_text() == "tiny 1"  # the default comes first

    view(page, "Comparison")
    count(page.get_by_test_id("stVegaLiteChart"), 3)

    view(page, "Training")
    count(page.get_by_test_id("stVegaLiteChart"), 2)

    view(page, "Evaluation")
    count(page.get_by_test_id("stVegaLiteChart"), 5)
    # The middle of the confusion matrix is fear taken for fear, or near it: the tooltip shows faces.
    square = page.get_by_test_id("stVegaLiteChart").first
    square.scroll_into_view_if_needed()
    for share in np.linspace(0.35, 0.95, 13):  # until over a pair that there are faces of
        box = square.bounding_box()
        page.mouse.move(box["x"] + share * box["width"], box["y"] + 0.3 * box["height"] + share * 0.6 * box["height"])
        page.wait_for_timeout(150)
        pictures = page.locator("#vg-tooltip-element img[src^='data:image/jpeg']")
        if pictures.count():
            break
    assert pictures.evaluate("picture => picture.complete && picture.naturalHeight") == 48

    view(page, "Faces")
    tiles = page.locator("[class*=st-key-face-]").get_by_role("button")
    count(tiles, 24)
    tiles.first.click()
    page.get_by_role("dialog").get_by_text("The warmer a place").wait_for()
    assert page.get_by_role("dialog").locator("img").count() in (2, 3)  # the face, what it was named, its label
    settled(page)
    page.screenshot(path=shots / "models_gradcam.png")

    for width, scheme in ((1440, "dark"), (375, "light")):
        for name in VIEWS:
            other = watched.page(width, 900 if width > 500 else 812, scheme)
            other.goto(f"{up.url}/models?view={name}")
            other.get_by_text("Moodreel shows what faces express").wait_for(state="attached")
            settled(other)
            assert other.get_by_test_id("stException").count() == 0
            assert fits(other)
            other.screenshot(path=shots / f"models_{name.lower()}_{width}_{scheme}.png")
            other.context.close()
