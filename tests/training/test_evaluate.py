"""A bundle against labelled faces: which faces count for which labels, sub-groups, and what goes into a card."""

from dataclasses import replace

import numpy as np
import pytest

from processor.emotions import Classifier
from tests.training import bundles
from training import evaluate as evaluation
from training.datasets import FaceSet
from training.evaluate import evaluate, measure


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return bundles.bundle(tmp_path_factory.mktemp("bundles") / "small")


@pytest.fixture(scope="module")
def classifier(folder):
    return Classifier(folder)


def test_both_label_sets_side_by_side(classifier):
    faces = bundles.faces(70)
    fer2013, ferplus = evaluate(classifier, faces)
    assert (fer2013["labels"], fer2013["head"], fer2013["n"]) == ("fer2013", "fer2013", 70)
    assert (ferplus["labels"], ferplus["head"], ferplus["n"]) == ("ferplus", "emotions", 46)  # less every third
    told = classifier.outputs(faces.images)
    assert fer2013["samples"]["predicted"] == told["fer2013"].argmax(axis=1).tolist()
    assert fer2013["samples"]["row"] == list(range(1, 71)) and fer2013["samples"]["truth"] == faces.fer.tolist()
    assert ferplus["samples"]["row"] == [row for row in range(1, 71) if (row - 1) % 3]
    counts = np.arange(70) % 3 > 0
    assert ferplus["accuracy"] == pytest.approx((told["emotions"].argmax(axis=1) == faces.fer)[counts].mean(), abs=1e-4)
    assert ferplus["samples"]["probability"] == pytest.approx(told["emotions"].max(axis=1)[counts], abs=1e-4)
    assert "groups" not in fer2013


def test_without_votes_there_is_one_label_set(classifier):
    assert [found["labels"] for found in evaluate(classifier, bundles.faces(20, votes=False))] == ["fer2013"]


def test_where_no_face_has_a_majority_there_is_one_label_set(classifier):
    faces = bundles.faces(20)
    faces = replace(faces, votes=np.zeros_like(faces.votes))
    assert [found["labels"] for found in evaluate(classifier, faces)] == ["fer2013"]


def test_no_faces(classifier):
    with pytest.raises(ValueError, match="no labelled face"):
        evaluate(classifier, bundles.faces(3).where(np.zeros(3, bool)))


def test_sub_groups(classifier):
    faces = bundles.faces(60, votes=False)
    gender = np.array(["F", "M", ""] * 20)
    faces = replace(faces, gender=gender, source=np.full(60, "iimi"))
    [found] = evaluate(classifier, faces)
    assert set(found["groups"]) == {"gender"}  # all from one source: that would be the whole again
    assert set(found["groups"]["gender"]) == {"F", "M"}
    [alone] = evaluate(classifier, faces.where(gender == "F"))
    assert found["groups"]["gender"]["F"] == {name: alone[name] for name in ("n", "accuracy", "accuracy_3", "macro_f1")}


@pytest.mark.slow
def test_what_goes_into_a_card(folder, monkeypatch):
    monkeypatch.setattr(evaluation, "TRAIN_SAMPLE", 30)
    faces = FaceSet.join([bundles.faces(60, "Training"), bundles.faces(20, "PublicTest", seed=4)])
    card = measure(folder, "noise", faces)
    found = [(e["split"], e["labels"], e["n"]) for e in card["evaluations"]]
    in_train = {(split, labels): n for split, labels, n in found}
    assert in_train[("train", "fer2013")] == 30
    assert [split for split, *_ in found] == ["train", "train", "validation", "validation", "PublicTest", "PublicTest"]
    assert all(e["data"] == "noise" and e["evaluated_at"].endswith("+00:00") for e in card["evaluations"])
    classifier = Classifier(folder)
    assert card["size"] == {
        "parameters": classifier.model.count_params(), "bytes": (folder / "model.keras").stat().st_size,
    }  # fmt: skip
    assert set(card["speed"]) == {"device", "machine", "batch_1_ms", "batch_64_ms", "faces_per_s"}
    assert 0 < card["speed"]["batch_1_ms"] < card["speed"]["batch_64_ms"]
    assert card["speed"]["faces_per_s"] == pytest.approx(64_000 / card["speed"]["batch_64_ms"], rel=0.01)
    assert card["calibration"] == {}
    # The same again, but for the time.
    for then, now in zip(card["evaluations"][-2:], evaluate(classifier, faces.split("PublicTest")), strict=True):
        assert {name: then[name] for name in now} == now


def test_none_of_the_splits(folder):
    with pytest.raises(ValueError, match="none of the splits train, validation"):
        measure(folder, "noise", bundles.faces(5, "PrivateTest"))
