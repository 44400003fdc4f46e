"""`training compare`: tables, sentences, JSON."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from processor.emotions import Classifier
from tests.training import bundles
from training.__main__ import app
from training.evaluate import evaluate


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    path = tmp_path_factory.mktemp("data") / "noise.npz"
    bundles.faces(70).save(path)
    return path


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bundles")
    return [str(bundles.bundle(folder / name, seed, name)) for seed, name in ((7, "one"), (8, "two"))]


def run(*arguments):
    return CliRunner().invoke(app, ["compare", *map(str, arguments)])


def test_json(two, data):
    done = run(*two, "--data", data, "--json")
    assert done.exit_code == 0, done.output
    fer2013, ferplus = json.loads(done.stdout)
    assert (fer2013["labels"], fer2013["n"], ferplus["labels"], ferplus["n"]) == ("fer2013", 70, "ferplus", 46)
    for folder in two:
        classifier = Classifier(Path(folder))
        [found, _] = evaluate(classifier, bundles.faces(70))
        figures = fer2013["models"][classifier.model_id]
        assert {name: found[name] for name in figures} == figures
    [pair] = fer2013["pairs"]
    assert pair["a"].startswith("one-1-") and pair["b"].startswith("two-1-")


def test_tables_and_a_sentence(two, data):
    done = run(*two, "--data", data)
    assert "FER+ majority, 46 faces of PublicTest" in done.stdout
    assert done.stdout.count("No difference can be told between") == 2 or "is better than" in done.stdout


def test_one_bundle_is_too_few(two, data):
    done = run(two[0], "--data", data)
    assert done.exit_code == 1 and "It takes two bundles to compare" in str(done.exception)


def test_a_bundle_and_itself(two, data):
    done = run(two[0], two[0], "--data", data)
    assert done.exit_code == 1 and "two different bundles" in str(done.exception)
