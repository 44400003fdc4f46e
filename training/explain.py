"""Where a network looks: Grad-CAM (Selvaraju et al. 2017), for any bundle and on any of Keras' backends.

A map says which parts of the face raise the score of one emotion above the others. It comes from the last activations
that still have a place in the picture, 6x6 in moodnet, so it is a hint and no measurement. Keras is imported where it
is needed, because the dashboard's pages must open without it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import cv2
import numpy as np

from db.emotions import EMOTIONS

BATCH = 32
# Probabilities below this count as this, so that their logarithm is finite.
FLOOR = 1e-30
# How much of a face its map may cover, 0 to 1.
OPACITY = 0.6


class NotExplainable(Exception):
    """A network has no activations with a place in the picture before this output. The message says which."""


def gradcam(model, crops: np.ndarray, emotion: int | np.ndarray | None = None, head: str = "emotions") -> np.ndarray:
    """One map for each crop, float32 (N, size, size), 0 to 1; the highest value is 1, or all are 0.

    model: the Keras model of a bundle, or one of NETWORKS. A bundle's may wrap the network that does the work: to
    normalise light, to average with the mirror image, to make `emotions`, to calibrate. The map is that of the inner
    network, on the crop as it is or, where the bundle normalises light, after that. crops: uint8 (N, size, size) grey,
    N may be 0. emotion: whose map, 0..6, for all or (N,) for each; None: the one that `model` predicts. head: the
    output in question; for `emotions`, if the inner network has no such output, the one that it is made from.

    The score of an emotion is its logit less the mean of the seven logits, which is told from the probabilities: so
    neither a softmax at its end nor a temperature changes the map. Raises ValueError for crops of another size, and
    NotExplainable.
    """
    size = model.input_shape[1]
    if crops.dtype != np.uint8 or crops.shape[1:] != (size, size):
        raise ValueError(f"`crops` must be uint8 (N, {size}, {size}). Received: {crops.dtype} {crops.shape}")
    from training.light import as_seen  # brings Keras along

    if emotion is None:
        emotion = predicted(model, crops, head)
    wanted = np.broadcast_to(np.asarray(emotion, dtype=int), (len(crops),))
    body, tail = _split(model, head)
    seen = as_seen(model, crops[..., None])
    maps = [_maps(body, tail, seen[batch], wanted[batch], size) for batch in _batches(len(crops))]
    return np.concatenate([np.zeros((0, size, size), np.float32), *maps])


def predicted(model, crops: np.ndarray, head: str = "emotions") -> np.ndarray:
    """The emotion (N,), 0..6, that the whole model gives the highest probability at one of its outputs."""
    name = _head_of(model, head)
    told = [model.predict_on_batch(crops[batch][..., None])[name] for batch in _batches(len(crops))]
    return np.concatenate(
        [np.zeros((0, len(EMOTIONS)), np.float32), *(np.asarray(t)[:, : len(EMOTIONS)] for t in told)]
    ).argmax(axis=1)


def mean_maps(maps: np.ndarray, emotion: np.ndarray) -> np.ndarray:
    """The mean map for each emotion, float32 (7, size, size); NaN where no face has it.

    maps: float32 (N, size, size). emotion: int (N,), 0..6.
    """
    means = np.full((len(EMOTIONS), *maps.shape[1:]), np.nan, np.float32)
    for i in np.unique(emotion):
        means[i] = maps[emotion == i].mean(axis=0)
    return means


def likeness(model, crops: np.ndarray, head: str = "emotions") -> float:
    """How alike the maps of different emotions are on the same face: mean correlation, -1 to 1; NaN if undefined.

    At 1 the map does not move with the emotion, and says nothing about it (Adebayo et al. 2018).
    """
    maps = np.stack([gradcam(model, crops, i, head).reshape(len(crops), -1) for i in range(len(EMOTIONS))])
    found = []
    for of_face in maps.swapaxes(0, 1):
        shaped = of_face[of_face.std(axis=1) > 0]  # a map that is 0 everywhere has no shape to compare
        if len(shaped) > 1:
            found.append(np.corrcoef(shaped)[np.triu_indices(len(shaped), 1)].mean())
    return float(np.mean(found)) if found else float("nan")


def overlay(crop: np.ndarray, heat: np.ndarray) -> np.ndarray:
    """A crop, uint8 (H, W), under its map, float (H, W) 0 to 1: uint8 (H, W, 3) RGB, the warmer, the more it counts."""
    colours = cv2.applyColorMap((255 * heat).astype(np.uint8), cv2.COLORMAP_INFERNO)[..., ::-1]
    cover = OPACITY * heat[..., None]
    return ((1 - cover) * crop[..., None] + cover * colours).astype(np.uint8)


def _maps(body, tail, crops: np.ndarray, emotion: np.ndarray, size: int) -> np.ndarray:
    by_name = body.predict_on_batch(crops)
    activations = [np.asarray(by_name[str(place)], np.float32) for place in range(len(by_name))]
    raw = np.zeros((len(crops), size, size), np.float32)
    for values, gradients in zip(activations, _gradients(tail, activations, emotion), strict=True):
        weights = gradients.mean(axis=(1, 2), keepdims=True)
        raw += np.stack([cv2.resize(heat, (size, size)) for heat in (weights * values).sum(axis=-1)])
    raw = np.maximum(raw, 0)
    highest = raw.max(axis=(1, 2), keepdims=True)
    return np.divide(raw, highest, out=np.zeros_like(raw), where=highest > 0)


def _gradients(tail, activations: list[np.ndarray], emotion: np.ndarray) -> list[np.ndarray]:
    """Of each face's score for its emotion, with respect to each of the activations (N, h, w, channels)."""
    import keras
    from keras import ops

    wanted = ops.one_hot(emotion, len(EMOTIONS), dtype="float32")
    values = [ops.convert_to_tensor(part) for part in activations]

    def score(values):
        probabilities = tail(values, training=False)[:, : len(EMOTIONS)]
        logits = ops.log(ops.maximum(ops.cast(probabilities, "float32"), FLOOR))
        return ops.sum(wanted * (logits - ops.mean(logits, axis=-1, keepdims=True)))

    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(values)
            total = score(values)
        gradients = tape.gradient(total, values)
    elif keras.backend.backend() == "jax":
        import jax

        gradients = jax.grad(score)(values)
    else:
        values = [value.detach().requires_grad_() for value in values]
        score(values).backward()
        gradients = [value.grad for value in values]
    return [ops.convert_to_numpy(gradient) for gradient in gradients]


@lru_cache(maxsize=2)
def _split(model, head: str):
    """The inner network, cut in two where the picture ends: crops to activations, and activations to the output."""
    import keras

    network = _inner(model)
    output = network.output[_head_of(network, head)]
    activations = list(_last_in_picture(output))
    if not activations:
        raise NotExplainable(
            f"The network {network.name} has no activations in the picture before its output {head!r}."
        )
    # By name, because Keras takes a list of one for the one.
    by_name = {str(place): tensor for place, tensor in enumerate(activations)}
    return keras.Model(network.input, by_name), keras.Model(activations, output)


def _inner(model):
    """The network inside a bundle's model; the model itself if it wraps none with outputs by name."""
    import keras

    for layer in model.layers:
        if isinstance(layer, keras.Model) and isinstance(layer.output, dict):
            return _inner(layer)
    return model


def _head_of(model, head: str) -> str:
    """The output of `model` that `head` is, or is made from (`networks.deployable`)."""
    names = [head, *(("ferplus", "fer2013") if head == "emotions" else ())]
    found = next((name for name in names if name in model.output), None)
    if found is None:
        raise NotExplainable(f"The network {model.name} has no output {head!r}; it has {', '.join(model.output)}.")
    return found


def _last_in_picture(tensor) -> Iterator:
    """The tensors (N, h, w, channels), larger than one place, that are nearest before a symbolic tensor; each once."""
    seen, waiting = set(), [tensor]
    while waiting:
        current = waiting.pop(0)
        if id(current) in seen:
            continue
        seen.add(id(current))
        if len(current.shape) == 4 and max(current.shape[1:3]) > 1:
            yield current
            continue
        operation, node, _ = current._keras_history
        waiting += operation._inbound_nodes[node].input_tensors


def _batches(count: int) -> Iterator[slice]:
    return (slice(start, start + BATCH) for start in range(0, count, BATCH))
