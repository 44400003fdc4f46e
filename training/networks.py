"""Networks, as Keras functional models. Preprocessing is part of each: they take uint8 grey crops.

Every network returns a dict of named softmax outputs: `fer2013` (N, 7) in the order of `db.emotions.EMOTIONS`, and
`ferplus` (N, 8) in the order of `training.datasets.FERPLUS_CLASSES` where it has such a head.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import keras
import numpy as np
from keras import ops

from db.emotions import EMOTIONS
from training.folding import can_be_folded, folded, unfolded
from training.light import light
from training.moodnet import moodnet, moodnet_wide
from training.pretrained import hybrid, resnet50v2, vgg16, vgg16_small
from training.small_networks import cnn, mini_xception, resnet18

Build = Callable[..., keras.Model]

NETWORKS: dict[str, Build] = {
    build.__name__: build
    for build in (
        moodnet, moodnet_wide, cnn, mini_xception, vgg16_small, vgg16, resnet50v2, hybrid, resnet18,
    )
}  # fmt: skip
NORMALIZED = ("moodnet", "moodnet_wide", "resnet18")
"""Those whose class of normalization can be chosen."""


def build(name: str, **options) -> keras.Model:
    """The network `name`. Raises ValueError, naming those there are."""
    if name not in NETWORKS:
        raise ValueError(f"There is no network {name!r}. Known: {', '.join(NETWORKS)}.")
    return NETWORKS[name](**options)


def deployable(
    trained: keras.Model, build: Build = moodnet, mirror: bool = True, illumination: str = "none"
) -> keras.Model:
    """The network as it is shipped: whole pictures, float32, normalization folded into convolutions where it can be.

    With `mirror`, each output is the mean over the picture and its mirror image: half a point to a point more accurate,
    for twice the time (`RESULTS.md`). It gets one more output, `emotions` (N, 7), the probabilities that Moodreel
    stores: the FER+ head's seven, contempt left out, renormalised, because ten votes are a better truth than one label;
    FER2013's where there is no such head. With `illumination`, one of `illumination.METHODS`, it first normalises the
    light of each picture by itself, as that of the pictures was that it learned from. Float32, so that the figures do
    not depend on whether a processor has bfloat16.
    """
    with dtype_policy("float32"):
        if can_be_folded(trained):
            network = folded(trained, build)
        else:
            network = build()
            for layer, source in zip(network.layers, trained.layers, strict=True):
                if source.weights:
                    layer.set_weights(source.get_weights())
        faces = keras.Input(network.input_shape[1:], dtype="uint8", name="faces")
        seen = faces if illumination == "none" else light(illumination, faces.shape[1])(faces)
        outputs = network(seen)
        if mirror:
            mirrored = network(ops.flip(seen, axis=2))
            outputs = {head: (outputs[head] + mirrored[head]) / 2 for head in outputs}
        seven = outputs["ferplus"][:, : len(EMOTIONS)] if "ferplus" in outputs else outputs["fer2013"]
        outputs["emotions"] = seven / ops.sum(seven, axis=-1, keepdims=True)
        return keras.Model(faces, outputs, name=trained.name)


def trainable_again(shipped: keras.Model, faces: np.ndarray, build: Build = moodnet, **options) -> keras.Model:
    """A network to train on, made from a shipped one: what `deployable` did, taken back.

    Args:
        faces: uint8 (N, H, W, 1), a thousand or more of the training data, light normalised if it is to be
            (`folding.unfolded` says what for).
        options: for `build`.

    Raises ValueError if `shipped` is not the network that `build` makes.
    """
    network = inner_network(shipped)
    trained = build(**options)
    try:
        if can_be_folded(trained):
            return unfolded(network, faces, build, **options)
        for layer, source in zip(trained.layers, network.layers, strict=True):
            if source.weights:
                layer.set_weights(source.get_weights())
        return trained
    except (ValueError, StopIteration) as error:
        raise ValueError(
            f"The network {shipped.name!r} to begin from is not a {trained.name!r} of this size."
        ) from error


def inner_network(model: keras.Model) -> keras.Model:
    """The network inside a shipped one, which wraps it for light, the mirror image, `emotions` and calibration."""
    for layer in model.layers:
        if isinstance(layer, keras.Model) and isinstance(layer.output, dict):
            return inner_network(layer)
    return model


@contextmanager
def dtype_policy(name: str) -> Iterator[None]:
    """Keras' dtype policy within the block."""
    earlier = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(earlier)
