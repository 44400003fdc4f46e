"""`python -m bench.training_step`: what a step of training costs, by normalization, window and precision."""

from __future__ import annotations

import os
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

from bench import machine
from bench.measure import Spread
from training.augment import WINDOW_PX, Augment
from training.datasets import FACE_SIZE
from training.fused import FusedBatchNormalization
from training.networks import moodnet

BATCH, STEPS, REPEATS = 128, 8, 3


def seconds_a_step(precision: str, normalization: type, window: int) -> Spread:
    """Median over REPEATS of the mean of STEPS steps on random faces, after one that compiles."""
    keras.config.set_dtype_policy(precision)
    faces = keras.Input((FACE_SIZE, FACE_SIZE, 1), dtype="uint8")
    seen = Augment(seed=1)(faces) if window == WINDOW_PX else faces
    model = keras.Model(faces, moodnet(size=window, normalization=normalization)(seen))
    heads = {"fer2013": 7, "ferplus": 8}
    model.compile(keras.optimizers.SGD(0.01, momentum=0.9), loss=dict.fromkeys(heads, "categorical_crossentropy"))
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (BATCH, FACE_SIZE, FACE_SIZE, 1), dtype=np.uint8)
    targets = {head: np.eye(n, dtype=np.float32)[rng.integers(0, n, BATCH)] for head, n in heads.items()}
    model.train_on_batch(images, targets)
    measured = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        for _ in range(STEPS):
            model.train_on_batch(images, targets)
        measured.append((time.perf_counter() - started) / STEPS)
    return Spread.of(measured)


def main() -> None:
    """Print a Markdown table."""
    print(machine.describe(), "\n")
    print(f"| precision | normalization | picture, px | a step of {BATCH} faces, s |\n| --- | --- | --- | --- |")
    for precision in ("mixed_bfloat16", "float32"):
        for normalization in (keras.layers.BatchNormalization, FusedBatchNormalization):
            for window in (FACE_SIZE, WINDOW_PX):
                spread = seconds_a_step(precision, normalization, window)
                print(f"| {precision} | {normalization.__name__} | {window} | {spread} |", flush=True)


if __name__ == "__main__":
    main()
