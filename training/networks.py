"""Networks, as Keras functional models. Preprocessing is part of each: they take uint8 grey crops.

Every network returns a dict of named softmax outputs: `fer2013` (N, 7) in the order of `db.emotions.EMOTIONS`, and
`ferplus` (N, 8) in the order of `training.datasets.FERPLUS_CLASSES` where it has such a head.
"""

from __future__ import annotations

import math

import keras
import numpy as np
from keras import layers, ops

from db.emotions import EMOTIONS
from training.datasets import FACE_SIZE, FERPLUS_CLASSES


def moodnet(
    stem: int = 32,
    widths: tuple[int, ...] = (64, 64, 128, 128, 256, 256),
    dropout: float = 0.3,
    l2: float = 1e-4,
    size: int = FACE_SIZE,
    normalization: type[layers.BatchNormalization] | None = layers.BatchNormalization,
) -> keras.Model:
    """Our network: a residual CNN with squeeze-and-excitation (Hu et al. 2018) and one head for each label set.

    Args:
        stem: filters of the first convolution.
        widths: filters of each residual block; the picture is halved at each widening.
        dropout: share of features dropped before the heads.
        l2: weight decay on convolutions and heads.
        size: side of the square picture in pixels. The weights do not depend on it.
        normalization: the layer class after each convolution; None gives the convolutions a bias instead.
    """
    regularizer = keras.regularizers.L2(l2)

    def conv(x, filters, kernel, stride=1):
        x = layers.Conv2D(
            filters, kernel, stride, padding="same", use_bias=normalization is None,
            kernel_initializer="he_normal", kernel_regularizer=regularizer,
        )(x)  # fmt: skip
        return normalization()(x) if normalization else x

    def block(x, filters):
        stride = 2 if filters > x.shape[-1] else 1
        shortcut = x if stride == 1 and filters == x.shape[-1] else conv(x, filters, 1, stride)
        x = layers.ReLU()(conv(x, filters, 3, stride))
        x = conv(x, filters, 3)
        gate = layers.GlobalAveragePooling2D(keepdims=True)(x)
        gate = layers.Dense(max(filters // 8, 4), activation="relu")(gate)
        gate = layers.Dense(filters, activation="sigmoid")(gate)
        return layers.ReLU()(layers.Add()([layers.Multiply()([x, gate]), shortcut]))

    faces = keras.Input((size, size, 1), dtype="uint8", name="faces")
    x = layers.Rescaling(1 / 127.5, offset=-1)(faces)
    x = layers.ReLU()(conv(x, stem, 3))
    for filters in widths:
        x = block(x, filters)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(dropout)(x)

    # Softmax in float32: in bfloat16 the probabilities would not sum to 1.
    def head(name, classes):
        return layers.Dense(classes, "softmax", kernel_regularizer=regularizer, dtype="float32", name=name)(x)

    outputs = {"fer2013": head("fer2013", len(EMOTIONS)), "ferplus": head("ferplus", len(FERPLUS_CLASSES))}
    return keras.Model(faces, outputs, name="moodnet")


NETWORKS = {"moodnet": moodnet}


def deployable(trained: keras.Model, build=moodnet) -> keras.Model:
    """The network as it is shipped: whole pictures, float32, normalization folded into the convolutions.

    Each output is the mean over the picture and its mirror image: half a point to a point more accurate, for twice the
    time (`RESULTS.md`). It gets a third output, `emotions` (N, 7), the probabilities that Moodreel stores: the FER+
    head's seven, contempt left out, renormalised; ten votes are a better truth than one label. Float32, so that the
    figures do not depend on whether a processor has bfloat16.
    """
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float32")
    try:
        model = build(normalization=None)
        shipped_layers = iter(layer for layer in model.layers if layer.weights)
        for layer, follower in zip(trained.layers, _convolution_followers(trained), strict=True):
            if layer.weights and not isinstance(layer, layers.BatchNormalization):
                next(shipped_layers).set_weights(layer.get_weights() if follower is None else _folded(layer, follower))
        faces = keras.Input(model.input_shape[1:], dtype="uint8", name="faces")
        straight, mirrored = model(faces), model(ops.flip(faces, axis=2))
        outputs = {head: (straight[head] + mirrored[head]) / 2 for head in straight}
        seven = outputs["ferplus"][:, : len(EMOTIONS)]
        outputs["emotions"] = seven / ops.sum(seven, axis=-1, keepdims=True)
        return keras.Model(faces, outputs, name=trained.name)
    finally:
        keras.config.set_dtype_policy(policy)


def with_normalization(shipped: keras.Model, faces: np.ndarray, build=moodnet, **options) -> keras.Model:
    """A network to train on, made from a shipped one: what `deployable` folded, taken apart again.

    What the convolutions put out for `faces` (uint8 (N, H, W, 1), a thousand or more of the training data) gives each
    normalization its statistics, so that the result computes what `shipped` does. Filters get the length that
    `he_normal` gives them: normalization undoes it, but the learning rate depends on it.

    Args:
        options: for `build`; `normalization` must not be None.
    """
    folded = next(layer for layer in shipped.layers if isinstance(layer, keras.Model))
    trained = build(**options)
    convolutions = [layer for layer in folded.layers if isinstance(layer, layers.Conv2D)]
    responses = keras.Model(folded.inputs, [layer.output for layer in convolutions]).predict(faces, verbose=0)
    statistics = {id(layer): response for layer, response in zip(convolutions, responses, strict=True)}
    folded_layers = iter(layer for layer in folded.layers if layer.weights)
    for layer, normalization in zip(trained.layers, _convolution_followers(trained), strict=True):
        if not layer.weights or isinstance(layer, layers.BatchNormalization):
            continue
        source = next(folded_layers)
        if normalization is None:
            layer.set_weights(source.get_weights())
            continue
        kernel, bias = source.get_weights()
        response = statistics[id(source)]
        mean, variance = response.mean(axis=(0, 1, 2)), response.var(axis=(0, 1, 2))
        scale = math.sqrt(2) / np.maximum(np.sqrt((kernel**2).sum(axis=(0, 1, 2))), 1e-8)
        layer.set_weights([kernel * scale])
        gamma = np.sqrt(variance * scale**2 + normalization.epsilon) / scale
        normalization.set_weights([gamma, mean, (mean - bias) * scale, variance * scale**2])
    return trained


def _convolution_followers(model: keras.Model) -> list[layers.BatchNormalization | None]:
    """For each layer, the normalization that reads its output, or None."""
    followers = {}
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            followers[layer.input._keras_history.operation] = layer
    return [followers.get(layer) for layer in model.layers]


def _folded(convolution: layers.Conv2D, normalization: layers.BatchNormalization) -> list[np.ndarray]:
    """Kernel and bias of one convolution that does what both layers do: y = (x * k - mean) * gamma / sd + beta."""
    gamma, beta, mean, variance = normalization.get_weights()
    scale = gamma / np.sqrt(variance + normalization.epsilon)
    return [convolution.get_weights()[0] * scale, beta - mean * scale]
