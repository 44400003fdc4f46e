"""Training on a tiny set: it learns, it goes on after a stop, and its bundle says what `evaluate` says."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from processor.emotions import Classifier
from training import train as training
from training.__main__ import app
from training.datasets import FaceSet
from training.networks import moodnet


@pytest.fixture
def tiny_network(monkeypatch):
    def tiny(**options):
        # Not narrower: TensorFlow 2.21's oneDNN kernels corrupt memory with 8 or 16 filters and a last small batch.
        return moodnet(stem=16, widths=(32, 32), dropout=0.0, **options)

    monkeypatch.setitem(training.NETWORKS, "tiny", tiny)


@pytest.fixture(scope="module")
def easy_faces():
    """Happy is bright below, sad is bright above: 320 pictures that any network can learn."""
    rng = np.random.default_rng(4)
    images = rng.integers(0, 80, (320, 48, 48), dtype=np.uint8)
    happy = rng.random(320) < 0.5
    images[happy, 28:] += 150
    images[~happy, :20] += 150
    votes = np.zeros((320, 10), np.uint8)
    votes[happy, 1], votes[~happy, 3] = 9, 8
    usage = np.array(["Training"] * 256 + ["PublicTest"] * 64)
    return FaceSet(images, np.where(happy, 3, 4).astype(np.int8), votes, usage, np.arange(320, dtype=np.int32))


def test_the_loss_falls_and_a_second_run_goes_on(tiny_network, easy_faces, tmp_path):
    options = {"batch_size": 32, "precision": "float32"}
    training.train("tiny", easy_faces, tmp_path, epochs=3, **options)
    model = training.train("tiny", easy_faces, tmp_path, epochs=6, **options)
    curves = training.curves(tmp_path)
    assert [epoch["epoch"] for epoch in curves] == [0, 1, 2, 3, 4, 5]
    assert curves[-1]["loss"] < curves[0]["loss"]
    test = easy_faces.split("PublicTest")
    right = model.predict(test.images[..., None], verbose=0)["fer2013"].argmax(axis=1) == test.fer
    assert right.mean() > 0.9


def test_the_command_writes_a_bundle_whose_figures_evaluate_prints_again(tiny_network, easy_faces, tmp_path):
    data, out = tmp_path / "easy.npz", tmp_path / "bundle"
    easy_faces.save(data)
    run = CliRunner()
    options = ["--epochs", "1", "--batch-size", "64", "--precision", "float32"]
    done = run.invoke(app, ["train", "tiny", "--data", str(data), "--out", str(out), *options], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    card = json.loads((out / "model.json").read_text())
    assert (card["name"], card["epochs"]) == ("tiny", 1)
    assert Classifier(out).card["sha256"] == card["sha256"]
    printed = run.invoke(app, ["evaluate", "--model", str(out), "--data", str(data), "--json"], catch_exceptions=False)
    stored = [result for result in card["evaluations"] if result["split"] == "PublicTest"]
    assert [{"data": "easy", "split": "PublicTest", **result} for result in json.loads(printed.stdout)] == stored


def test_targets_of_faces_with_and_without_votes(easy_faces):
    targets, weights = training.targets_and_weights(easy_faces, label_smoothing=0.1)
    assert targets["fer2013"].sum(axis=1) == pytest.approx(np.ones(320), abs=1e-6)
    assert targets["fer2013"].max() == pytest.approx(0.9 + 0.1 / 7)
    assert weights["ferplus"].tolist() == [1.0] * 320
    bare = FaceSet(easy_faces.images, easy_faces.fer, None, easy_faces.usage, easy_faces.row)
    assert training.targets_and_weights(bare)[1]["ferplus"].tolist() == [0.0] * 320
