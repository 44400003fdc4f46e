"""`python -m training adapt`: a new bundle that says what it was adapted from, what it gained and what it lost."""

import json
import sys

import numpy as np
import pytest
from typer.testing import CliRunner

from processor.emotions import SHIPPED, BundleUnusable, Classifier, read_card
from tests.training.faces import easy_faces
from training.__main__ import app
from training.datasets import FaceSet


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    rng = np.random.default_rng(3)
    images = rng.integers(0, 256, (12, 48, 48), dtype=np.uint8)
    fer = (np.arange(12) % 2 + 3).astype(np.int8)
    path = tmp_path_factory.mktemp("own") / "mine.npz"
    FaceSet(images, fer, None, np.array(["Training"] * 12), np.arange(12, dtype=np.int32)).save(path)
    return path


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.mark.slow
def test_a_bundle_adapted_to_tens_of_faces(own, tmp_path, monkeypatch):
    general = tmp_path / "general.npz"
    easy_faces(100).save(general)
    arguments = ["adapt", "--data", own, "--general", general, "--out", tmp_path / "mine", "--epochs", 2]
    monkeypatch.setattr(sys, "argv", ["training", *map(str, arguments)])
    done = run(*arguments)
    assert done.exit_code == 0, done.output
    assert "4 faces to see it on are few" in done.stderr
    card, before = json.loads((tmp_path / "mine" / "model.json").read_text()), read_card(SHIPPED / "moodnet")
    assert card["adapted_from"] == f"moodnet-{before['version']}-{before['sha256'][:8]}"
    assert [(result["set"], result["n"]) for result in card["adapted"]] == [("mine", 4), ("general (PublicTest)", 20)]
    assert card["trained_on"].endswith("Then its heads on 8 faces of mine")
    assert card["commands"][:-1] == before["commands"] and "adapt --data" in card["commands"][-1]
    assert card["curves"] == before["curves"] and (card["name"], card["version"]) == ("mine", "1")
    assert {result["data"] for result in card["evaluations"]} == {"general"}
    faces = easy_faces(100).images
    old, new = Classifier(SHIPPED / "moodnet")(faces), Classifier(tmp_path / "mine")(faces)
    assert not np.allclose(old, new, atol=1e-3)
    assert new.sum(axis=1) == pytest.approx(np.ones(100), abs=1e-5)


@pytest.mark.slow
def test_what_can_not_be_adapted_is_said(own, tmp_path):
    done = run("adapt", "--data", own, "--bundle", "nobody", "--out", tmp_path / "mine")
    assert isinstance(done.exception, BundleUnusable)
    folder = tmp_path / "other"
    folder.mkdir()
    (folder / "model.keras").write_bytes((SHIPPED / "moodnet" / "model.keras").read_bytes())
    card = read_card(SHIPPED / "moodnet")
    (folder / "model.json").write_text(json.dumps({**card, "emotions": ["calm", "not calm"]}))
    done = run("adapt", "--data", own, "--bundle", folder, "--out", tmp_path / "mine")
    assert "is for other emotions: expected angry" in str(done.exception)
    single = tmp_path / "single.npz"
    easy_faces(5).where(np.array([0])).save(single)
    assert "takes two faces of an emotion" in str(run("adapt", "--data", single, "--out", tmp_path / "mine").exception)
    assert not (tmp_path / "mine").exists()
