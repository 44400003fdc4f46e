"""Bundles and cards of networks that were only measured: in the store from the first start, and read once."""

import json

import pytest

from db import check
from db.store import Store
from processor import known_models
from processor.emotions import SHIPPED, bundles, model_id, read_card
from processor.known_models import KnownModels, record_card
from tests.db.rows import evaluation


@pytest.fixture
def store(home):
    with Store(home.store) as store:
        yield store


@pytest.fixture
def measured(tmp_path, monkeypatch):
    """A folder of cards without weights, in place of the shipped one."""
    folder = tmp_path / "measured"
    folder.mkdir()
    monkeypatch.setattr(known_models, "MEASURED", folder)
    return folder


def card(**fields):
    emotions = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]
    return {"name": "cnn", "version": "1", "sha256": "ab" * 32, "emotions": emotions, **fields}


def put_bundle(home, name, given):
    """A bundle in the home whose weights are a few bytes: nothing here loads them."""
    import hashlib

    folder = home.models / name
    folder.mkdir(exist_ok=True)
    (folder / "model.keras").write_bytes(name.encode())
    given = {**given, "name": name, "sha256": hashlib.sha256(name.encode()).hexdigest()}
    (folder / "model.json").write_text(json.dumps(given))
    return model_id(given)


def models(store):
    return {row["model_id"] for row in store._read("SELECT model_id FROM model")}


def test_the_shipped_bundle_is_known_with_its_figures(store, home):
    KnownModels(store, home.models).record()
    given = read_card(SHIPPED / "moodnet")
    [row] = store._read("SELECT * FROM model WHERE name = 'moodnet'")
    assert row["model_id"] == model_id(given)
    stored = store._read("SELECT split, labels, accuracy FROM evaluation WHERE model_id = ?", [row["model_id"]])
    assert {(e["split"], e["labels"], e["accuracy"]) for e in stored} == {
        (e["split"], e["labels"], e["accuracy"]) for e in given["evaluations"]
    }
    [epochs] = store._read(
        "SELECT count(DISTINCT epoch) AS n FROM training_epoch WHERE model_id = ?", [row["model_id"]]
    )
    assert epochs["n"] == len(given["curves"])
    assert [finding.wrong for finding in check.check(store._connection) if finding.wrong] == []


@pytest.mark.slow
def test_what_the_store_has_is_neither_checked_nor_written_again(store, home, monkeypatch):
    KnownModels(store, home.models).record()
    store.changed = False
    checks = []
    monkeypatch.setattr(known_models, "checked", lambda *given: checks.append(given))
    KnownModels(store, home.models).record()  # as at the next start
    assert (checks, store.changed) == ([], False)


def test_bundles_of_the_home_and_those_put_in_while_it_runs(store, home, measured):
    first = put_bundle(home, "first", card(evaluations=[evaluation()], curves=[{"epoch": 0, "loss": 1.5}]))
    known = KnownModels(store, home.models)
    known.record()
    shipped = {model_id(read_card(folder)) for folder in bundles()}
    assert models(store) == {first, *shipped}
    second = put_bundle(home, "second", card())
    known.record()
    assert models(store) == {first, second, *shipped}


def test_a_card_that_changed_takes_the_place_of_the_one_before(store, home, measured):
    given = card(evaluations=[evaluation()])
    key = put_bundle(home, "first", given)
    known = KnownModels(store, home.models)
    known.record()
    put_bundle(home, "first", {**given, "limits": "many", "evaluations": [evaluation(accuracy=0.5, evaluated_at=None)]})
    known.record()
    assert store.model_card(key)["limits"] == "many"
    assert store._read("SELECT accuracy FROM evaluation WHERE model_id = ?", [key]) == [{"accuracy": 0.5}]


def test_evaluations_on_other_data_stay_when_the_card_changes(store, home, measured):
    key = put_bundle(home, "first", card(evaluations=[evaluation()]))
    known = KnownModels(store, home.models)
    known.record()
    store.put_evaluations(key, [evaluation(data="own")])
    put_bundle(home, "first", card(evaluations=[evaluation()], limits="many"))
    known.record()
    found = store._read("SELECT data FROM evaluation WHERE model_id = ? ORDER BY data", [key])
    assert [row["data"] for row in found] == ["fer", "own"]


def test_networks_without_weights(store, home, measured):
    (measured / "cnn.json").write_text(json.dumps(card(evaluations=[evaluation()])))
    KnownModels(store, home.models).record()
    stored = store.model_card("cnn-1-abababab")
    assert stored["weights"] is False
    assert store._read("SELECT n FROM evaluation WHERE model_id = 'cnn-1-abababab'") == [{"n": 3}]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "can't be read"),
        ('{"name": ', "can't be read"),
        ("[1]", "lacks name, version, emotions, sha256"),
        ('{"name": "x", "version": "1", "sha256": "00"}', "lacks emotions"),
    ],
)
def test_a_bad_card_is_told_of_once_and_holds_up_nothing(store, home, measured, caplog, content, said):
    (measured / "a.json").write_text(content)
    (measured / "b.json").write_text(json.dumps(card()))
    known = KnownModels(store, home.models)
    known.record()
    known.record()
    warnings = [record.message for record in caplog.records if record.levelname == "WARNING"]
    assert len(warnings) == 1 and said in warnings[0] and "a.json" in warnings[0]
    assert "cnn-1-abababab" in models(store)


def test_damaged_bundles_and_bundles_of_other_classes_are_passed_over(store, home, measured, caplog):
    put_bundle(home, "damaged", card())
    (home.models / "damaged" / "model.keras").write_bytes(b"something else")
    put_bundle(home, "foreign", card(emotions=["angry", "contempt"]))
    KnownModels(store, home.models).record()
    assert {key.split("-")[0] for key in models(store)} == {folder.name for folder in bundles()}
    assert "is not the file its card describes" in caplog.text and "is for other emotions" in caplog.text


def test_figures_that_cannot_be_are_left_out_and_the_model_is_kept(store, caplog):
    key = record_card(store, card(evaluations=[evaluation(accuracy=7)]))
    assert key in models(store) and store._read("SELECT * FROM evaluation") == []
    assert "`evaluations.0.accuracy`" in caplog.text
