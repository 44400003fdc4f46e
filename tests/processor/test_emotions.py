"""Bundles: what is refused, and that saving, loading and batching change nothing."""

import json
import shutil

import numpy as np
import pytest

from db.emotions import EMOTIONS
from processor.emotions import BundleUnusable, Classifier, bundles, find_bundle, model_id, read_card, write_bundle


@pytest.fixture
def copy(tiny_bundle, tmp_path):
    return shutil.copytree(tiny_bundle, tmp_path / "copy")


def change_card(folder, **changes):
    card = json.loads((folder / "model.json").read_text())
    (folder / "model.json").write_text(json.dumps({**card, **changes}))


def test_no_faces_give_no_probabilities(tiny_bundle):
    assert Classifier(tiny_bundle)(np.zeros((0, 48, 48), np.uint8)).shape == (0, 7)


@pytest.mark.parametrize("n", [1, 3, 64, 70])
def test_batches_change_nothing(tiny_bundle, noise_faces, n):
    """70 faces go through as 32, 32 and 6, the 6 filled up to 8: the result is what NumPy works out."""
    classifier = Classifier(tiny_bundle)
    kernel, bias = classifier.model.get_weights()
    pooled = noise_faces[:n].astype(float).reshape(n, 4, 12, 4, 12).mean(axis=(2, 4)).reshape(n, 16) / 255
    logits = np.exp(pooled @ kernel + bias)
    probabilities = classifier(noise_faces[:n])
    assert probabilities == pytest.approx(logits / logits.sum(axis=1, keepdims=True), abs=1e-5)
    assert probabilities.dtype == np.float32
    assert probabilities.sum(axis=1) == pytest.approx(np.ones(n), abs=1e-5)


def test_crops_of_another_size_or_type_are_refused(tiny_bundle):
    with pytest.raises(ValueError, match="Received: uint8"):
        Classifier(tiny_bundle)(np.zeros((1, 32, 32), np.uint8))
    with pytest.raises(ValueError, match="Received: float32"):
        Classifier(tiny_bundle)(np.zeros((1, 48, 48), np.float32))


def test_wrong_hash(copy):
    with open(copy / "model.keras", "ab") as file:
        file.write(b"x")
    with pytest.raises(BundleUnusable, match="not the file its card describes"):
        Classifier(copy)


def test_other_classes(copy):
    change_card(copy, emotions=list(reversed(EMOTIONS)))
    with pytest.raises(BundleUnusable, match="for other emotions"):
        Classifier(copy)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"name": "x"}'])
def test_damaged_card(copy, text):
    (copy / "model.json").write_text(text)
    with pytest.raises(BundleUnusable, match="again"):
        read_card(copy)


def test_a_model_file_that_is_no_model(copy):
    import hashlib

    (copy / "model.keras").write_bytes(b"no model")
    change_card(copy, sha256=hashlib.sha256(b"no model").hexdigest())
    with pytest.raises(BundleUnusable, match="can't be loaded"):
        Classifier(copy)


def test_bundles_are_found_by_folder_or_by_name(tiny_bundle):
    assert find_bundle(str(tiny_bundle)) == tiny_bundle
    assert find_bundle("tiny", tiny_bundle.parent) == tiny_bundle
    assert tiny_bundle in bundles(tiny_bundle.parent)
    with pytest.raises(BundleUnusable, match="no model bundle 'nothing'. Known: .*tiny"):
        find_bundle("nothing", tiny_bundle.parent)


def test_model_id_names_the_very_file():
    assert model_id({"name": "moodnet", "version": "1", "sha256": "0123456789abcdef"}) == "moodnet-1-01234567"


def test_the_card_reads_back_as_it_was_and_long_columns_lie_on_one_line(tmp_path):
    class Model:
        def save(self, path):
            path.write_bytes(b"weights")

    odd = "[\n 1,  2\n]"  # looks like a list, and is text
    card = {"name": "x", "odd": odd, "list": [odd, "a ] b"], "nothing": [], "rows": [[1, 2], [3, 4]]}
    card["samples"] = {"row": list(range(4000)), "probability": [0.5, None]}
    write_bundle(tmp_path, Model(), card)
    text = (tmp_path / "model.json").read_text()
    assert {name: json.loads(text)[name] for name in card} == card
    assert text.count("\n") < 50
