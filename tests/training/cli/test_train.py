"""`python -m training train`: a bundle whose card says how it was made, and sentences for what can't be done."""

import json
from dataclasses import replace

import numpy as np
import pytest
from typer.testing import CliRunner

from processor.emotions import Classifier
from tests.training.faces import easy_faces, tiny
from training import calibrate, networks
from training.__main__ import app


@pytest.fixture
def tiny_network(monkeypatch):
    monkeypatch.setitem(networks.NETWORKS, "tiny", tiny)
    monkeypatch.setattr(networks, "NORMALIZED", (*networks.NORMALIZED, "tiny"))


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    path = tmp_path_factory.mktemp("data") / "easy.npz"
    easy_faces().save(path)
    return path


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


FAST = ("--epochs", 1, "--batch-size", 64, "--precision", "float32")


@pytest.mark.slow
def test_a_bundle_is_calibrated_measured_and_says_how_it_was_made(tiny_network, tmp_path):
    data, out = tmp_path / "noted.npz", tmp_path / "bundle"
    replace(easy_faces(), illumination="blend").save(data)
    done = run("train", "tiny", "--data", data, "--out", out, *FAST)
    assert done.exit_code == 0, done.output
    card = json.loads((out / "model.json").read_text())
    assert (card["name"], card["network"], card["epochs"], card["begun_from"]) == ("tiny", "tiny", 1, "scratch")
    assert (card["recipe"]["batch_size"], card["illumination"]) == (64, "blend")
    assert len(card["commands"]) == len(card["curves"]) == 1
    assert {result["split"] for result in card["evaluations"]} == {"train", "validation", "PublicTest"}
    assert card["size"]["bytes"] > 0 and card["speed"]["batch_1_ms"] > 0
    assert set(calibrate.temperatures_of(Classifier(out).model)) == {"fer2013", "ferplus", "emotions"}
    printed = json.loads(run("evaluate", "--model", out, "--data", data, "--json").stdout)
    stored = [result for result in card["evaluations"] if result["split"] == "PublicTest"]
    for said, kept in zip(printed, stored, strict=True):
        assert {name: said[name] for name in ("n", "labels", "accuracy", "macro_f1", "ece", "confusion")} == {
            name: kept[name] for name in ("n", "labels", "accuracy", "macro_f1", "ece", "confusion")
        }


@pytest.mark.slow
def test_a_bundle_goes_on_from_another_and_carries_its_curves(tiny_network, data, tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    assert run("train", "tiny", "--data", data, "--out", first, *FAST).exit_code == 0
    done = run(
        "train", "tiny", "--data", data, "--then", data, "--out", second, "--start", first, "--teacher", first,
        "--subset", 100, *FAST,
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    before, card = (json.loads((folder / "model.json").read_text()) for folder in (first, second))
    assert card["commands"][0] == before["commands"][0] and len(card["commands"]) == 2
    assert [epoch["epoch"] for epoch in card["curves"]] == [0, 1, 2]
    assert card["curves"][0] == before["curves"][0]
    assert card["begun_from"] == f"tiny-1-{before['sha256'][:8]}"
    learned = len(easy_faces().subset(100, seed=1).split("train"))
    assert (
        card["trained_on"].split(" Then ")
        == [f"{learned} faces of FER2013 (Training), labels of FER2013 and of FER+"] * 2
    )


@pytest.mark.slow
def test_folds_say_mean_and_spread(tiny_network, data, tmp_path):
    done = run("train", "tiny", "--data", data, "--run", tmp_path, "--folds", 2, "--mixup", 0.2, *FAST)
    assert done.exit_code == 0, done.output
    found = json.loads((tmp_path / "folds.json").read_text())
    accuracies = [fold["accuracy"] for fold in found["folds"]]
    assert sum(fold["n"] for fold in found["folds"]) == 256
    assert found["mean"]["accuracy"] == pytest.approx(np.mean(accuracies), abs=1e-4)
    assert found["sd"]["accuracy"] == pytest.approx(abs(accuracies[0] - accuracies[1]) / np.sqrt(2), abs=1e-4)
    assert "mean ± sd" in done.stdout


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("moodnet", "--recipe", "system-f"), "There is no recipe 'system-f'. Known: moodnet, system-a"),
        (("alexnet",), "There is no network 'alexnet'. Known: moodnet"),
        (
            ("resnet18", "--weights", "imagenet"),
            "ImageNet's weights for vgg16_small, vgg16, resnet50v2, hybrid, not for",
        ),
        (("cnn", "--folds", "2000"), "2000 folds need 2000 faces of every emotion"),
        (("cnn", "--folds", "2", "--then", "DATA"), "Cross-validation takes one data set"),
        (("cnn",), "Class weights need faces of every emotion; there is no angry"),
    ],
)
def test_what_can_not_be_done_is_said(options, sentence, data, tmp_path):
    options = [data if option == "DATA" else option for option in options]
    done = run("train", *options, "--data", data, "--out", tmp_path / "bundle")
    assert isinstance(done.exception, ValueError)
    assert sentence in str(done.exception)
    assert not (tmp_path / "bundle").exists()


def test_a_place_to_write_to_is_asked_for(data):
    assert "--out FOLDER" in str(run("train", "--data", data).exception)
