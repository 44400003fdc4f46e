"""The card of a trained bundle: what it learned from, how, and what it is for and not for."""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import keras

from processor.emotions import CARD_FILE, model_id, read_card
from training.callbacks import curves
from training.datasets import VALIDATION_EVERY, FaceSet, one_illumination
from training.pretrained import IMAGENET, Weights
from training.recipes import Recipe

COMMAND = "command.txt"  # how a run was started
BEFORE = "before.json"  # what a run goes on from: commands, curves

DESCRIPTIONS = {
    "moodnet": "Seven emotions from one face, 48x48 grey. Two heads: FER2013's label, and FER+'s ten votes.",
    "moodnet_wide": "Seven emotions from one face, 48x48 grey. Two heads: FER2013's label, and FER+'s ten votes.",
    "cnn": "Systems B's and E's network: four convolutions and a dense layer.",
    "mini_xception": "System B's small network: residual depthwise-separable convolutions.",
    "vgg16": "System A's VGG16 with its dense head, on faces of 224 pixels.",
    "resnet50v2": "System A's ResNet50V2 with its dense head, on faces of 224 pixels.",
    "hybrid": "System A's VGG16 and ResNet50V2 side by side, on faces of 224 pixels.",
    "vgg16_small": "System C's VGG16 on faces of 48 pixels.",
    "resnet18": "System D's ResNet-18 with one input channel.",
}
USE = {
    "licence": "Apache-2.0 (weights). FER2013 is for research; the FER+ labels are MIT.",
    "intended_use": "Describing what faces show in recordings whose subjects agreed, for review by a person.",
    "not_for": "Decisions about people: hiring, work, education, policing, diagnosis.",
    "limits": "What a face shows is not what a person feels. The faces are pictures from the web, posed or candid, "
    "labelled by few; children, the old, dark skin and covered faces are rare, disgust and fear are learned badly.",
}


def begin(folder: Path, command: str, start: Path | None) -> None:
    """Note in a run folder how it was started, and what came before in the bundle or run that it goes on from."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / COMMAND).write_text(command + "\n", encoding="utf-8")
    if start:
        (folder / BEFORE).write_text(json.dumps(history(start)), encoding="utf-8")


def history(place: Path) -> dict:
    """{commands: [str], curves: [one dict an epoch]} of a bundle, or of a run folder and what it goes on from."""
    if (place / CARD_FILE).exists():
        card = read_card(place)
        return {"commands": card.get("commands", []), "curves": card.get("curves", [])}
    before = {"commands": [], "curves": []}
    if (place / BEFORE).exists():
        before = json.loads((place / BEFORE).read_text(encoding="utf-8"))
    own = [(place / COMMAND).read_text(encoding="utf-8").strip()] if (place / COMMAND).exists() else []
    epochs = [epoch for folder in (place, *sorted(place.glob("then-*"))) for epoch in curves(folder)]
    epochs = before["curves"] + epochs
    return {
        "commands": before["commands"] + own,
        "curves": [{**values, "epoch": number} for number, values in enumerate(epochs)],
    }


def begun_from(weights: Weights, start: Path | None) -> str:
    """What the weights were before training, in words."""
    if start:
        return model_id(read_card(start)) if (start / CARD_FILE).exists() else "the run that the first command started"
    if not weights:
        return "scratch"
    if weights == IMAGENET:
        return "ImageNet"
    files = (f"{file.name}, SHA-256 {hashlib.sha256(file.read_bytes()).hexdigest()}" for file in weights)
    return f"ImageNet ({'; '.join(files)})"


def card(
    network: str, version: str, data: Sequence[FaceSet], folder: Path, recipe: Recipe, begun_from: str
) -> dict:  # fmt: skip
    """The model card of a finished run in `folder`, less figures, class order and hash.

    begun_from: what the weights were before: `scratch`, `ImageNet`, or the id of a bundle.
    """
    past = history(folder)
    trained_on = " Then ".join(_learned_from(faces) for faces in data)
    held_off = sum(len(faces.split("validation")) for faces in data)
    return {
        "name": network,
        "version": version,
        "description": DESCRIPTIONS.get(network, f"The network {network}."),
        "network": network,
        "recipe": asdict(recipe),
        "illumination": one_illumination(data),
        "begun_from": begun_from,
        "trained_on": trained_on,
        "chosen_on": f"{held_off:,} faces held off from Training: every {VALIDATION_EVERY}th row",
        "commands": past["commands"],
        "epochs": len(past["curves"]),
        "minutes": round(sum(epoch["seconds"] for epoch in past["curves"]) / 60),
        "machine": f"{os.cpu_count()} {platform.machine()} cores, {', '.join(keras.distribution.list_devices())}",
        "software": f"Keras {keras.__version__} on {keras.backend.backend()}",
        **USE,
        "curves": past["curves"],
    }


def _learned_from(faces: FaceSet) -> str:
    """What a set's `train` part is, in words."""
    names = sorted(set(faces.source.tolist()) - {""}) if faces.source is not None else []
    name = ", ".join("FER2013" if name == "fer2013" else name for name in names) or "FER2013"
    labels = "labels of FER2013 and of FER+" if faces.votes is not None else "one label each"
    return f"{len(faces.split('train')):,} faces of {name} (Training), {labels}"
