"""Training on another backend than TensorFlow: a stopped run ends where one in one go does there, too."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

TRAINED = """
import sys
from dataclasses import replace
from pathlib import Path
import keras
from tests.training.faces import easy_faces, know_tiny
from tests.training.test_train import STEADY, same
from training import callbacks, train
know_tiny()
def run(name, epochs):
    recipe = replace(STEADY, epochs=epochs, mixup=0.2, ema=0.9)
    return train.train("tiny", [easy_faces()], Path(sys.argv[1]) / name, recipe, precision="float32")
run("stopped", 1)
assert same(run("stopped", 2), run("straight", 2))
curves = callbacks.curves(Path(sys.argv[1]) / "straight")
assert curves[1]["loss"] < curves[0]["loss"]
print(keras.backend.backend())
"""


@pytest.mark.slow
@pytest.mark.skipif(not importlib.util.find_spec("jax"), reason="needs JAX, which is not among the dependencies")
def test_a_tiny_network_trains_through_jax(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", TRAINED, str(tmp_path)], env={**os.environ, "KERAS_BACKEND": "jax"},
        cwd=Path(__file__).parents[2], capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "jax"
