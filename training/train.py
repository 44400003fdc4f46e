"""Training: a prepared data set in, a model bundle out. Resumes by itself after a stop."""

from __future__ import annotations

import csv
import math
import os
import platform
import time
from pathlib import Path

import keras
import numpy as np

from db.emotions import EMOTIONS
from processor.emotions import Classifier
from training.augment import WINDOW_PX, Augment
from training.datasets import FACE_SIZE, FERPLUS_CLASSES, VALIDATION_EVERY, FaceSet, vote_shares
from training.fused import FusedBatchNormalization
from training.networks import NETWORKS, deployable, with_normalization

LABEL_SMOOTHING = 0.1  # FER2013 head only; FER+ vote shares are soft already
MOMENTUM = 0.9
PEAK_LEARNING_RATE = 0.1
WARMUP_STEPS = 600
MODEL_FILE = "model.keras"
WEIGHTS = Path("checkpoint") / "latest.weights.h5"  # as Keras' BackupAndRestore calls it
COMMAND = "command.txt"  # how a run was started, for the card


class EpochLog(keras.callbacks.CSVLogger):
    """CSVLogger that also writes how many seconds each epoch took."""

    def on_epoch_begin(self, epoch, logs=None):
        self.started = time.monotonic()

    def on_epoch_end(self, epoch, logs=None):
        super().on_epoch_end(epoch, {**(logs or {}), "seconds": time.monotonic() - self.started})


def targets_and_weights(faces: FaceSet, label_smoothing: float = 0.0) -> tuple[dict, dict]:
    """What each head should say, {head: (N, classes) float32}, and how much each face counts, {head: (N,) float32}.

    The `fer2013` head learns the one label, smoothed; the `ferplus` head the vote shares, where there are votes.
    """
    one_hot = np.eye(len(EMOTIONS), dtype=np.float32)[faces.fer]
    labels = one_hot * (1 - label_smoothing) + label_smoothing / len(EMOTIONS)
    if faces.votes is None:
        shares, voted = np.zeros((len(faces), len(FERPLUS_CLASSES)), np.float32), np.zeros(len(faces), bool)
    else:
        shares, voted = vote_shares(faces.votes)
    targets = {"fer2013": labels, "ferplus": shares}
    weights = {"fer2013": np.ones(len(faces), np.float32), "ferplus": voted.astype(np.float32)}
    return targets, weights


def train(
    network: str, data: FaceSet, folder: Path, *,
    epochs: int = 40, batch_size: int = 128, seed: int = 1, precision: str = "mixed_bfloat16",
    peak: float = PEAK_LEARNING_RATE, start: Path | None = None, teacher: Path | None = None, distil: float = 0.5,
) -> keras.Model:  # fmt: skip
    """Train `network` on the `train` part of `data`; return it as it is shipped (`networks.deployable`).

    Stochastic gradient descent with Nesterov momentum, a linear warm-up and a cosine down to 0. After each epoch the
    state goes to `folder/checkpoint` and the curves to `folder/curves.csv`; a second call with the same folder goes on
    where the first one stopped.

    Args:
        peak: the highest learning rate.
        start: folder of a finished run of the same network to begin from (a warm restart, Loshchilov and Hutter 2017).
    """
    checkpoint = folder / "checkpoint"
    folder.mkdir(parents=True, exist_ok=True)
    keras.utils.set_random_seed(seed)
    keras.config.set_dtype_policy(precision)
    model = NETWORKS[network](size=WINDOW_PX, normalization=FusedBatchNormalization)
    inputs = keras.Input((FACE_SIZE, FACE_SIZE, 1), dtype="uint8")
    learn, validation = data.split("train"), data.split("validation")
    if start and (start / MODEL_FILE).exists():
        sample = learn.images[:: max(1, len(learn) // 2048), ..., None]
        weights = with_normalization(Classifier(start).model, sample, NETWORKS[network]).get_weights()
        model.set_weights(weights)
    trainer = keras.Model(inputs, model(Augment(seed=seed)(inputs)))
    if start and not (start / MODEL_FILE).exists():
        trainer.load_weights(start / WEIGHTS)  # before it is compiled: the optimizer begins anew

    targets, weights = targets_and_weights(learn, LABEL_SMOOTHING)
    if teacher:
        told = Classifier(teacher).outputs(learn.images)
        targets = {head: (1 - distil) * targets[head] + distil * told[head] for head in targets}
    steps = epochs * math.ceil(len(learn) / batch_size)
    warmup = min(WARMUP_STEPS, steps // 10)
    schedule = keras.optimizers.schedules.CosineDecay(0.0, steps - warmup, warmup_target=peak, warmup_steps=warmup)
    trainer.compile(
        keras.optimizers.SGD(schedule, momentum=MOMENTUM, nesterov=True),
        loss={head: "categorical_crossentropy" for head in targets},
        weighted_metrics={head: ["categorical_accuracy"] for head in targets},
    )
    trainer.fit(
        learn.images[..., None], targets, sample_weight=weights,
        validation_data=(validation.images[..., None], *targets_and_weights(validation)),
        batch_size=batch_size, epochs=epochs, verbose=2,
        callbacks=[
            # Two checkpoints, so that a stop while one is written loses an epoch and no more.
            keras.callbacks.BackupAndRestore(str(checkpoint), double_checkpoint=True, delete_checkpoint=False),
            EpochLog(str(folder / "curves.csv"), append=True),
            keras.callbacks.TerminateOnNaN(),
        ],
    )  # fmt: skip
    return deployable(model, NETWORKS[network])


def curves(folder: Path) -> list[dict[str, float]]:
    """The training curves, one dict an epoch, rounded to 4 digits; an epoch done twice after a stop counts once."""
    with open(folder / "curves.csv", newline="") as file:
        rows = {int(float(row["epoch"])): row for row in csv.DictReader(file)}
    return [{name: round(float(value), 4) for name, value in rows[epoch].items()} for epoch in sorted(rows)]


def card(network: str, version: str, faces: FaceSet, folders: list[Path]) -> dict:
    """The model card of finished runs, each begun from the one before, less figures, class order and hash."""
    epochs = [epoch for folder in folders for epoch in curves(folder)]
    return {
        "name": network,
        "version": version,
        "description": "Seven emotions from one face, 48x48 grey. Two heads: FER2013's label, and FER+'s ten votes.",
        "trained_on": f"{len(faces.split('train')):,} faces of FER2013 (Training), labels of FER2013 and of FER+",
        "chosen_on": f"{len(faces.split('validation')):,} faces held off from Training: every {VALIDATION_EVERY}th row",
        "commands": [(folder / COMMAND).read_text(encoding="utf-8").strip() for folder in folders],
        "epochs": len(epochs),
        "minutes": round(sum(epoch["seconds"] for epoch in epochs) / 60),
        "machine": f"{os.cpu_count()} {platform.machine()} cores, {', '.join(keras.distribution.list_devices())}",
        "software": f"Keras {keras.__version__} on {keras.backend.backend()}",
        "licence": "Apache-2.0 (weights). FER2013 is for research; the FER+ labels are MIT.",
        "intended_use": "Describing what faces show in recordings whose subjects agreed, for review by a person.",
        "not_for": "Decisions about people: hiring, work, education, policing, diagnosis.",
        "limits": "What a face shows is not what a person feels. The faces are pictures from the web, posed or candid, "
        "labelled by few; children, the old, dark skin and covered faces are rare, disgust and fear are learned badly.",
        "curves": [{**values, "epoch": number} for number, values in enumerate(epochs)],
    }
