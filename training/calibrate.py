"""Temperature scaling (Guo et al. 2017): probabilities that say how often they are right.

One number for each head, fitted to faces that were held off from training. It changes no prediction: all logits are
divided by the same temperature. The temperature lies in the network itself, so whoever loads it gets it.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

from training.datasets import FaceSet, majority_labels
from training.metrics import expected_calibration_error, share

# Probabilities below this count as this, so that their logarithm is finite.
FLOOR = 1e-12
LOWEST, HIGHEST = 0.05, 20.0  # temperatures; beyond them something else is wrong
_SUFFIX = "_temperature"


def temperatures(outputs: dict[str, np.ndarray], faces: FaceSet) -> dict[str, float]:
    """The temperature of each head: the one with the lowest negative log-likelihood of the labels.

    outputs: `Classifier.outputs(faces.images)`, of faces that the network did not learn from. Above 1, the network was
    too sure. `ferplus` gets the temperature of `emotions`, its seven without contempt, so that the two stay in step.
    """
    found = {}
    for head in [head for head in outputs if head != "ferplus"]:
        truth = _truth(head, faces)
        counts = truth >= 0
        logits = np.log(np.maximum(outputs[head][counts].astype(np.float64), FLOOR))
        found[head] = _lowest_loss(logits, truth[counts].astype(int))
    if "ferplus" in outputs:
        found["ferplus"] = found["emotions"]
    return found


def calibrated(model, temperatures: dict[str, float]):
    """The Keras model with each head's probabilities softened or sharpened by its temperature. It predicts the same.

    model: a functional Keras model with a dict of softmax outputs. Heads without a temperature stay as they are.
    Raises ValueError if the model has temperatures already.
    """
    import keras
    from keras import layers, ops

    if temperatures_of(model):
        raise ValueError(f"The model {model.name} is calibrated already: calibrate the one it was made from.")
    outputs = dict(model.output)
    for head, temperature in temperatures.items():
        logits = ops.log(ops.maximum(outputs[head], FLOOR))
        cooled = layers.Rescaling(1 / temperature, name=head + _SUFFIX, dtype="float32")(logits)
        outputs[head] = layers.Softmax(name=f"{head}_calibrated", dtype="float32")(cooled)
    return keras.Model(model.input, outputs, name=model.name)


def temperatures_of(model) -> dict[str, float]:
    """The temperatures that lie in a Keras model; empty if it was not calibrated."""
    found = [layer for layer in model.layers if layer.name.endswith(_SUFFIX)]
    return {layer.name.removesuffix(_SUFFIX): 1 / layer.scale for layer in found}


def effect(outputs: dict[str, np.ndarray], faces: FaceSet, temperatures: dict[str, float], split: str) -> dict:
    """What each temperature did: {head: {temperature, ece_before, ece_after, split}}.

    outputs: of the calibrated model, for `faces`, which are `split`. What it said before follows from what it says now.
    """
    found = {}
    for head, temperature in temperatures.items():
        truth = _truth(head, faces)
        counts = truth >= 0
        after = outputs[head][counts]
        before = softmax(np.log(np.maximum(after, FLOOR)) * temperature, axis=1)
        found[head] = {
            "temperature": share(temperature),
            "ece_before": share(expected_calibration_error(truth[counts], before)),
            "ece_after": share(expected_calibration_error(truth[counts], after)),
            "split": split,
        }
    return found


def _truth(head: str, faces: FaceSet) -> np.ndarray:
    """The labels (N,) that a head is held against, -1 where there is none: FER+'s majority, where there is any."""
    majority = majority_labels(faces.votes) if head != "fer2013" and faces.votes is not None else None
    return faces.fer if majority is None or not (majority >= 0).any() else majority


def _lowest_loss(logits: np.ndarray, truth: np.ndarray) -> float:
    def loss(log_temperature: float) -> float:
        return -log_softmax(logits / np.exp(log_temperature), axis=1)[np.arange(len(truth)), truth].mean()

    # Over the logarithm, because half as sure and twice as sure are equally far.
    found = minimize_scalar(loss, bounds=(np.log(LOWEST), np.log(HIGHEST)), method="bounded")
    return float(np.exp(found.x))
