"""Temperatures: found again where they are known, and part of the network."""

import numpy as np
import pytest
from scipy.special import softmax

from processor.emotions import Classifier, write_bundle
from tests.training import bundles
from training.calibrate import calibrated, effect, temperatures, temperatures_of
from training.evaluate import measure


@pytest.fixture(scope="module")
def too_sure():
    """Faces whose labels were drawn from probabilities that the outputs exaggerate: logits times 2.5."""
    rng = np.random.default_rng(2)
    logits = rng.normal(0, 1.5, (4000, 7))
    labels = (rng.random((4000, 1)) > softmax(logits, axis=1).cumsum(axis=1)).sum(axis=1)
    faces = bundles.faces(4000, votes=False)
    faces.fer[:] = labels
    said = softmax(2.5 * logits, axis=1).astype(np.float32)
    return {"fer2013": said, "emotions": said}, faces


def test_a_known_temperature_is_found_again(too_sure):
    found = temperatures(*too_sure)
    assert found["fer2013"] == found["emotions"] == pytest.approx(2.5, rel=0.08)


def test_votes_are_what_emotions_are_held_against(too_sure):
    outputs, faces = too_sure
    voted = bundles.faces(4000)
    ballots = np.zeros_like(voted.votes)
    ballots[np.arange(4000), np.array([4, 5, 6, 1, 3, 2, 0])[faces.fer]] = 9  # FER+'s order of the votes
    ballots[:5] = 0  # no majority: these don't count
    wrong = (faces.fer + 1) % 7  # FER2013's label, which `emotions` must not look at
    voted = type(voted)(voted.images, wrong.astype(np.int8), ballots, voted.usage, voted.row)
    found = temperatures({**outputs, "ferplus": np.pad(outputs["emotions"], ((0, 0), (0, 1)))}, voted)
    assert found["emotions"] == found["ferplus"] == pytest.approx(2.5, rel=0.08)
    assert found["fer2013"] > 10  # sure of what is always wrong


def test_what_it_did_is_told_from_the_calibrated_answers(too_sure):
    outputs, faces = too_sure
    cooled = {head: softmax(np.log(said) / 2.5, axis=1) for head, said in outputs.items()}
    told = effect(cooled, faces, {"emotions": 2.5}, "validation")["emotions"]
    before = effect(outputs, faces, {"emotions": 1.0}, "validation")["emotions"]
    assert told["ece_before"] == pytest.approx(before["ece_after"], abs=2e-4)
    assert told["ece_after"] < 0.03 < 0.1 < told["ece_before"]
    assert (told["temperature"], told["split"]) == (2.5, "validation")


@pytest.mark.slow
def test_it_lies_in_the_network_and_changes_no_prediction(tmp_path):
    model, faces = bundles.model(), bundles.faces(70, "Training")
    crops = faces.images[..., None]
    before = {head: np.asarray(said) for head, said in model.predict_on_batch(crops).items()}
    cool = calibrated(model, {"emotions": 3.0, "fer2013": 0.5})
    write_bundle(tmp_path / "cool", cool, {"name": "cool", "version": "1"})
    loaded = Classifier(tmp_path / "cool")
    assert temperatures_of(loaded.model) == pytest.approx({"emotions": 3.0, "fer2013": 0.5})
    after = loaded.outputs(faces.images)
    for head, temperature in {"emotions": 3.0, "fer2013": 0.5}.items():
        expected = softmax(np.log(np.maximum(before[head], 1e-12)) / temperature, axis=1)
        np.testing.assert_allclose(after[head], expected, atol=1e-5)
        assert (after[head].argmax(axis=1) == before[head].argmax(axis=1)).all()
        np.testing.assert_allclose(after[head].sum(axis=1), 1, atol=1e-5)
    assert measure(tmp_path / "cool", "noise", faces)["calibration"]["emotions"]["temperature"] == 3.0
    with pytest.raises(ValueError, match="calibrated already"):
        calibrated(loaded.model, {"emotions": 2.0})


def test_an_uncalibrated_network_has_none():
    assert temperatures_of(bundles.model()) == {}
