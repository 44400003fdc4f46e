"""`training evaluate`: what it prints, what it hands to the processor, and what it says of bad input."""

import json
import threading

import numpy as np
import pytest
from typer.testing import CliRunner

from db.emotions import EMOTIONS
from db.store import Store
from processor import spool
from processor.config import Settings
from processor.emotions import read_card, write_bundle
from processor.intake import Intake
from processor.requests import Requests
from tests.training import bundles
from training import __main__ as command
from training.datasets import FaceSet
from training.evaluate import measure

DESIGN_KEYS = {"n", "labels", "accuracy", "macro_f1", "accuracy_3", "per_class", "confusion", "ece"}


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    path = tmp_path_factory.mktemp("data") / "noise.npz"
    FaceSet.join([bundles.faces(60, "Training"), bundles.faces(70, "PublicTest", seed=4)]).save(path)
    return path


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    return bundles.bundle(tmp_path_factory.mktemp("bundles") / "small")


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    from training import speed

    monkeypatch.setattr(speed, "WARM_UP", 0)
    monkeypatch.setattr(speed.speed, "__defaults__", (0.0,))


@pytest.fixture
def run(home, data, bundle):
    def run(*options):
        arguments = ["evaluate", "--data", str(data), "--model", str(bundle), "--home", str(home.path), *options]
        return CliRunner().invoke(command.app, arguments, catch_exceptions=False)

    return run


def test_json_is_a_list_with_an_object_for_each_label_set(run, data):
    done = run("--json", "--no-store")
    results = json.loads(done.stdout)
    assert [(r["labels"], r["n"], r["split"], r["data"]) for r in results] == [
        ("fer2013", 70, "PublicTest", "noise"), ("ferplus", 46, "PublicTest", "noise"),
    ]  # fmt: skip
    for result in results:
        assert set(result) >= DESIGN_KEYS and "samples" not in result
        assert list(result["per_class"]) == list(EMOTIONS)
        assert result["train"]["gap"] == pytest.approx(result["train"]["accuracy"] - result["accuracy"], abs=1e-4)
        assert result["size"]["parameters"] > 0 and result["speed"]["faces_per_s"] > 0


@pytest.mark.slow
def test_it_prints_the_figures_of_a_card_again_to_the_digit(run, data, bundle):
    from training.datasets import load

    card = {(e["split"], e["labels"]): e for e in measure(bundle, data.stem, load(data))["evaluations"]}
    for split in ("train", "validation", "PublicTest"):
        for result in json.loads(run("--json", "--no-store", "--no-train", "--split", split).stdout):
            then = card[split, result["labels"]]
            for figure in set(then) - {"samples", "evaluated_at"}:
                assert result[figure] == then[figure], figure


def test_tables(run):
    done = run("--no-store")
    for words in (
        "FER2013's labels, 70",
        "FER+ majority, 46",
        "avg. precision",
        "positive",
        "a gap of",
        "faces a second",
    ):
        assert words in done.stdout, words


@pytest.mark.slow
def test_the_processor_stores_what_it_is_handed(run, home, bundle):
    done = run("--json")
    assert f"Handed to the processor of {home.path}" in done.stderr
    settings = Settings(home=home.path)
    with Store(home.store) as store:
        intake = Intake(store, settings, [home.inbox], threading.RLock())
        assert Requests(home, settings, store, intake, lambda run_id: None).apply_all() == 1
        assert store._read("SELECT DISTINCT state, reason FROM request_log") == [{"state": "applied", "reason": None}]
        stored = store._read("SELECT split, labels, accuracy FROM evaluation")
        said = json.loads(done.stdout)
        told = {("PublicTest", r["labels"]): r["accuracy"] for r in said}
        told |= {("train", r["labels"]): r["train"]["accuracy"] for r in said}
        assert {(e["split"], e["labels"]): e["accuracy"] for e in stored} == told
        assert store._read("SELECT name FROM model") == [{"name": read_card(bundle)["name"]}]


def test_no_store_leaves_the_spool_alone(run, home):
    run("--json", "--no-store", "--no-train")
    assert spool.pending(home.spool) == []


def test_where_nobody_lives_nothing_is_made(data, bundle, tmp_path):
    arguments = ["evaluate", "--data", str(data), "--model", str(bundle), "--home", str(tmp_path / "new"), "--json"]
    done = CliRunner().invoke(command.app, arguments, catch_exceptions=False)
    assert done.exit_code == 0 and "Not stored: there is no home in" in done.stderr
    assert not (tmp_path / "new").exists()


def test_bundles_of_the_home_are_found_by_name(home, data):
    bundles.bundle(home.models / "ours")
    arguments = ["evaluate", "--data", str(data), "--model", "ours", "--home", str(home.path), "--json", "--no-train"]
    assert CliRunner().invoke(command.app, arguments, catch_exceptions=False).exit_code == 0


def bad_bundle(folder, **changes):
    bundles.bundle(folder)
    card = json.loads((folder / "model.json").read_text())
    (folder / "model.json").write_text(json.dumps({**card, **changes}))
    return str(folder)


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ("unknown model", "There is no model bundle 'nothing'. Known: moodnet."),
        ("other classes", "is for other emotions: expected angry, disgust"),
        ("damaged", "is not the file its card describes"),
        ("no split", "The split 'PrivateTest' holds no face in this data set (it has: PublicTest, Training)."),
        ("unknown split", "There is no split 'test'."),
        ("no data", "is not a prepared data set"),
        ("text", "is not a prepared data set"),
    ],
)
def test_bad_input_is_said_in_a_sentence(case, said, data, bundle, home, tmp_path, monkeypatch, capsys):
    (tmp_path / "text.npz").write_text("hello")
    options = {
        "unknown model": ["--model", "nothing"],
        "other classes": ["--model", bad_bundle(tmp_path / "foreign", emotions=["happy", "sad"])],
        "damaged": ["--model", bad_bundle(tmp_path / "damaged", sha256="0" * 64)],
        "no split": ["--split", "PrivateTest"],
        "unknown split": ["--split", "test"],
        "no data": ["--data", str(tmp_path / "nowhere.npz")],
        "text": ["--data", str(tmp_path / "text.npz")],
    }[case]
    arguments = ["evaluate", "--data", str(data), "--model", str(bundle), "--home", str(home.path), *options]
    monkeypatch.setattr("sys.argv", ["training", *arguments])
    with pytest.raises(SystemExit) as ended:
        command.main()
    assert ended.value.code == 1
    told = " ".join(capsys.readouterr().err.split())
    assert said in told and "Traceback" not in told
    assert spool.pending(home.spool) == []


def test_a_bundle_without_a_mirror_and_one_head_will_do(run, tmp_path, home):
    write_bundle(tmp_path / "one", bundles.model(heads=("emotions",)), {"name": "one", "version": "1"})
    results = json.loads(run("--json", "--no-train", "--no-store", "--model", str(tmp_path / "one")).stdout)
    assert {result["head"] for result in results} == {"emotions"}
    assert np.isfinite([result["accuracy"] for result in results]).all()
