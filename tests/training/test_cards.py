"""Cards: what a run went on from is in the card of what came out."""

import json

from db.emotions import EMOTIONS
from training import cards


def run(folder, command, losses, start=None):
    cards.begin(folder, command, start)
    lines = ["epoch,loss,seconds", *(f"{epoch},{loss},90" for epoch, loss in enumerate(losses))]
    (folder / "curves.csv").write_text("\n".join(lines) + "\n")


def test_a_run_goes_on_from_a_run_that_went_on_from_a_bundle(tmp_path):
    bundle = tmp_path / "bundle"
    bundle.mkdir()
    (bundle / "model.keras").write_bytes(b"")
    card = {
        "name": "b", "version": "1", "emotions": list(EMOTIONS), "commands": ["one"],
        "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "curves": [{"epoch": 0, "loss": 3.0, "seconds": 60.0}],
    }  # fmt: skip
    (bundle / "model.json").write_text(json.dumps(card))
    run(tmp_path / "second", "two", [2.0, 1.5], start=bundle)
    run(tmp_path / "third", "three", [1.0], start=tmp_path / "second")
    found = cards.history(tmp_path / "third")
    assert found["commands"] == ["one", "two", "three"]
    assert [(epoch["epoch"], epoch["loss"]) for epoch in found["curves"]] == [(0, 3.0), (1, 2.0), (2, 1.5), (3, 1.0)]
    assert cards.begun_from(None, bundle) == "b-1-e3b0c442"


def test_further_sets_of_a_run_are_its_later_epochs(tmp_path):
    run(tmp_path, "one", [3.0, 2.0])
    (tmp_path / "then-1").mkdir()
    (tmp_path / "then-1" / "curves.csv").write_text("epoch,loss,seconds\n0,1.0,90\n")
    assert [epoch["loss"] for epoch in cards.history(tmp_path)["curves"]] == [3.0, 2.0, 1.0]


def test_weights_that_a_network_began_with_are_named(tmp_path):
    (tmp_path / "vgg16.h5").write_bytes(b"")
    assert cards.begun_from(None, None) == "scratch"
    assert cards.begun_from("imagenet", None) == "ImageNet"
    assert cards.begun_from((tmp_path / "vgg16.h5",), None).startswith("ImageNet (vgg16.h5, SHA-256 e3b0c44298fc")
