"""A network adapted to a person's own labelled faces: tens of them are enough, and what it knew it mostly keeps.

Only the heads learn; what the network sees in a face stays as it is. The heads are held to where they were (L2-SP, Li
et al. 2018), and practise on as many faces of a general set beside, if there is one.
"""

from __future__ import annotations

import keras
import numpy as np
from keras import ops

from processor.emotions import BundleUnusable
from training.augment import Augment, Changes
from training.batches import Targets, targets_and_weights
from training.datasets import FACE_SIZE, FaceSet, majority_labels
from training.light import as_seen
from training.metrics import figures
from training.networks import inner_network

LEARNING_RATE = 3e-4
HOLD = 1e-2  # how strongly the heads are held to where they were
COPIES = 8  # of each face, each changed by its own draw
BATCH = 32
HELD_OFF = 1 / 3  # of the person's faces, to see what was gained
CHANGES = Changes(window_px=FACE_SIZE, shift_px=3.0, scale=(0.9, 1.1), brightness=20.0, contrast=(0.8, 1.2), erase=0)
TEST_SPLITS = ("Test", "PublicTest", "PrivateTest")
MEASURES = ("accuracy", "accuracy_3", "macro_f1")


def parts(faces: FaceSet, seed: int) -> tuple[FaceSet, FaceSet]:
    """The faces to learn from, and those to see what was gained on: the set's test split, or a third of each emotion.

    Raises ValueError if either would be empty.
    """
    test = np.isin(faces.usage, TEST_SPLITS)
    if not test.any():
        rng = np.random.default_rng(seed)
        for emotion in np.unique(faces.fer):
            rows = np.flatnonzero(faces.fer == emotion)
            count = round(len(rows) * HELD_OFF) if len(rows) > 1 else 0
            test[rng.choice(rows, max(count, min(1, len(rows) - 1)), replace=False)] = True
    if test.all() or not test.any():
        raise ValueError(
            f"To adapt and to see what it brings takes two faces of an emotion at least; there are {len(faces)} faces, "
            f"{int(test.sum())} of them to test on."
        )
    return faces.where(~test), faces.where(test)


def adapt(model: keras.Model, own: FaceSet, general: FaceSet | None, *, epochs: int, seed: int) -> None:
    """Train the heads of a loaded bundle's network in place, on `own` and on as many faces of `general`.

    Normalisation of light, calibration and the mean with the mirror image stay. Raises BundleUnusable if the network's
    heads are not dense.
    """
    keras.utils.set_random_seed(seed)
    network = inner_network(model)
    heads = {head: _head(network, head) for head in network.output}
    images, targets, weights = _lesson(own, general, seed)
    images = as_seen(model, images[..., None])
    features = keras.Model(network.input, next(iter(heads.values())).input)
    changed = Augment(seed=seed, changes=CHANGES)(np.repeat(images, COPIES, axis=0), training=True)
    seen = np.concatenate([images, np.round(ops.convert_to_numpy(changed)).astype(np.uint8)])
    seen = features.predict(seen, batch_size=BATCH, verbose=0)

    inputs = keras.Input(seen.shape[1:])
    outputs = {
        head: keras.layers.Dense(
            layer.units, "softmax", name=head,
            kernel_regularizer=_held_to(layer.kernel), bias_regularizer=_held_to(layer.bias),
        )(inputs)
        for head, layer in heads.items()
    }  # fmt: skip
    learner = keras.Model(inputs, outputs)
    for head, layer in heads.items():
        learner.get_layer(head).set_weights(layer.get_weights())
    learner.compile(keras.optimizers.Adam(LEARNING_RATE), loss=dict.fromkeys(heads, "categorical_crossentropy"))

    def each(values: Targets) -> Targets:
        """For the faces themselves, then for their copies."""
        return {head: np.concatenate([values[head], np.repeat(values[head], COPIES, axis=0)]) for head in heads}

    learner.fit(seen, each(targets), sample_weight=each(weights), batch_size=BATCH, epochs=epochs, verbose=0)
    for head, layer in heads.items():
        layer.set_weights(learner.get_layer(head).get_weights())


def compare(before: keras.Model, after: keras.Model, sets: dict[str, FaceSet]) -> list[dict]:
    """{set, labels, n, before: {accuracy, accuracy_3, macro_f1}, after: the same} of each, by what Moodreel stores.

    By FER+'s majority where there are votes, else by the one label.
    """
    found = []
    for name, faces in sets.items():
        voted = faces.votes is not None and bool((majority_labels(faces.votes) >= 0).any())
        truth = majority_labels(faces.votes) if voted else faces.fer
        counted = {"set": name, "labels": "ferplus" if voted else "fer2013", "n": int((truth >= 0).sum())}
        found.append({**counted, "before": _figures(before, faces, truth), "after": _figures(after, faces, truth)})
    return found


def _figures(model: keras.Model, faces: FaceSet, truth: np.ndarray) -> dict:
    counts = truth >= 0
    emotions = model.predict(faces.images[counts][..., None], batch_size=BATCH, verbose=0)["emotions"]
    found = figures(truth[counts].astype(int), emotions, resamples=1)
    return {measure: found[measure] for measure in MEASURES}


def _lesson(own: FaceSet, general: FaceSet | None, seed: int) -> tuple[np.ndarray, Targets, Targets]:
    """Images, targets and weights; a person's label counts for the FER+ head too, where nobody voted."""
    targets, weights = targets_and_weights(own)
    unvoted = weights["ferplus"] == 0
    targets["ferplus"][unvoted] = np.eye(targets["ferplus"].shape[1], dtype=np.float32)[own.fer[unvoted]]
    weights["ferplus"][:] = 1
    if general is None:
        return own.images, targets, weights
    practice = general.split("train").subset(len(own), seed)
    more_targets, more_weights = targets_and_weights(practice)
    return (
        np.concatenate([own.images, practice.images]),
        {head: np.concatenate([targets[head], more_targets[head]]) for head in targets},
        {head: np.concatenate([weights[head], more_weights[head]]) for head in weights},
    )


def _head(network: keras.Model, name: str) -> keras.layers.Dense:
    layer = network.get_layer(name)
    if not isinstance(layer, keras.layers.Dense):
        raise BundleUnusable(f"The network {network.name!r} has no dense layer {name!r} that could be adapted.")
    return layer


def _held_to(weight):
    """A penalty on the distance from where a weight is now."""
    start = ops.convert_to_numpy(weight)
    return lambda weight: HOLD * ops.sum(ops.square(weight - start))
