"""Batch normalization in and out of convolutions: a shipped network has none, one that trains needs it."""

from __future__ import annotations

import math
from collections.abc import Callable

import keras
import numpy as np
from keras import layers


def can_be_folded(trained: keras.Model) -> bool:
    """Whether the network has batch normalization, and each follows a convolution directly."""
    normalizations = [layer for layer in trained.layers if isinstance(layer, layers.BatchNormalization)]
    followed = [follower for follower in _convolution_followers(trained) if follower is not None]
    return bool(normalizations) and len(followed) == len(normalizations)


def folded(trained: keras.Model, build: Callable[..., keras.Model], **options) -> keras.Model:
    """`trained` without normalization, computing the same: built with `normalization=None` and `options`."""
    model = build(normalization=None, **options)
    weighted = iter(layer for layer in model.layers if layer.weights)
    for layer, follower in zip(trained.layers, _convolution_followers(trained), strict=True):
        if layer.weights and not isinstance(layer, layers.BatchNormalization):
            next(weighted).set_weights(layer.get_weights() if follower is None else _folded(layer, follower))
    return model


def unfolded(network: keras.Model, faces: np.ndarray, build: Callable[..., keras.Model], **options) -> keras.Model:
    """A network to train on, made from a folded one: the convolutions get their normalization again.

    What the convolutions put out for `faces` (uint8 (N, H, W, 1), a thousand or more of the training data) gives each
    normalization its statistics, so that the result computes what `network` does. Filters get the length that
    `he_normal` gives them: normalization undoes it, but the learning rate depends on it.

    Args:
        options: for `build`; `normalization` must not be None.
    """
    trained = build(**options)
    convolutions = [layer for layer in network.layers if isinstance(layer, layers.Conv2D)]
    responses = keras.Model(network.inputs, [layer.output for layer in convolutions]).predict(faces, verbose=0)
    statistics = {id(layer): response for layer, response in zip(convolutions, responses, strict=True)}
    folded_layers = iter(layer for layer in network.layers if layer.weights)
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
    """For each layer, the normalization that reads its output if it is a convolution, or None."""
    followers = {}
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            source = layer.input._keras_history.operation
            if isinstance(source, layers.Conv2D):
                followers[source] = layer
    return [followers.get(layer) for layer in model.layers]


def _folded(convolution: layers.Conv2D, normalization: layers.BatchNormalization) -> list[np.ndarray]:
    """Kernel and bias of one convolution that does what both layers do: y = (x * k - mean) * gamma / sd + beta."""
    gamma, beta, mean, variance = normalization.get_weights()
    scale = gamma / np.sqrt(variance + normalization.epsilon)
    return [convolution.get_weights()[0] * scale, beta - mean * scale]
