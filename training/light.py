"""Normalisation of light inside a network: what `illumination.normalised` does to pictures, as Keras operations.

It is a Keras model of its own within the shipped one, before the mirror image and the network, so that the bundle
takes crops as they come from a camera. No layer of ours is in it: who loads the bundle needs nothing of this package.
"""

from __future__ import annotations

import cv2
import keras
import numpy as np
from keras import ops

from training.datasets import FACE_SIZE
from training.illumination import ALPHA, BLEND, GAMMA, METHODS, NOTHING, SIGMAS_PX, TAU

BATCH = 64
LEVELS = 256
DIGIT = 16  # a grey level is two of them
# The name of the model by what it does, by which it is found again in a shipped one.
NAMES = {method: f"light_{method}" for method in METHODS if method != "none"}


def light(method: str, size: int = FACE_SIZE) -> keras.Model:
    """A model of uint8 (N, size, size, 1) to the same, without weights: `method`, one of METHODS, on each picture.

    On faces it is at most one grey level from `illumination.normalised`. `dog` divides by how many edges there are, so
    that in a picture most of which is flat, single pixels on which rounding decides may be further. Raises ValueError
    for `none`, which needs no model, and for a method that is not in METHODS.
    """
    changes = {"equalise": _equalised, "blend": _blended, "dog": _difference_of_gaussians}
    if method not in changes:
        raise ValueError(f"There is no normalisation of light {method!r} to build. Known: {', '.join(changes)}.")
    crops = keras.Input((size, size, 1), dtype="uint8", name="crops")
    grey = ops.cast(crops, "float32")
    lowest, highest = (find(grey, axis=(1, 2, 3), keepdims=True) for find in (ops.min, ops.max))
    changed = ops.where(ops.equal(lowest, highest), grey, changes[method](grey, lowest, highest))
    return keras.Model(crops, ops.cast(changed, "uint8"), name=NAMES[method])


def as_seen(model: keras.Model, crops: np.ndarray) -> np.ndarray:
    """Crops, uint8 (N, H, W, 1), as the network inside a shipped model sees them: their light normalised as it does."""
    step = next((layer for layer in model.layers if layer.name in NAMES.values()), None)
    return crops if step is None or not len(crops) else step.predict(crops, batch_size=BATCH, verbose=0)


def _equalised(grey, lowest, _highest):
    """Each level goes to its place among all: 0 for the lowest, 255 for the highest."""
    pixels = grey.shape[1] * grey.shape[2]
    levels = ops.reshape(ops.cast(grey, "int32"), (-1, pixels))
    # Two digits of 16 make the histogram a product of small matrices; of one of 256 the memory would be tenfold.
    high, low = (ops.one_hot(digit, DIGIT, dtype="float32") for digit in (levels // DIGIT, levels % DIGIT))
    histogram = ops.reshape(ops.matmul(ops.transpose(high, (0, 2, 1)), low), (-1, LEVELS))
    least = ops.sum(ops.cast(ops.equal(grey, lowest), "float32"), axis=(1, 2))
    scale = (LEVELS - 1) / ops.maximum(pixels - least, 1)
    table = ops.round((ops.cumsum(histogram, axis=1) - least) * scale)
    return ops.reshape(ops.take_along_axis(table, levels, axis=1), (-1, *grey.shape[1:]))


def _blended(grey, lowest, highest):
    linear = (grey - lowest) * ((LEVELS - 1) / ops.maximum(highest - lowest, 1))
    return ops.round(BLEND * _equalised(grey, lowest, highest) + (1 - BLEND) * linear)


def _difference_of_gaussians(grey, _lowest, _highest):
    bright = ((grey + 1) / LEVELS) ** GAMMA
    narrow, wide = (_blurred(bright, sigma) for sigma in SIGMAS_PX)
    edges = narrow - wide
    edges = ops.sign(edges) * ops.maximum(ops.abs(edges) - NOTHING, 0.0)
    edges = edges / _strength(ops.abs(edges))
    edges = edges / _strength(ops.minimum(TAU, ops.abs(edges)))
    return ops.round((ops.tanh(edges / TAU) + 1) * 127.5)


def _strength(sizes):
    """What `sizes` are divided by for equal contrast; 1 where all are 0."""
    mean = ops.mean(sizes**ALPHA, axis=(1, 2, 3), keepdims=True) ** (1 / ALPHA)
    return ops.where(mean > 0, mean, 1.0)


def _blurred(grey, sigma: float):
    """As OpenCV blurs: its kernel, of four sigmas to either side, and the border's pixels go on outside.

    Products and sums by hand, because a GPU's convolutions and matrix products may round to ten bits.
    """
    reach = round(4 * sigma)
    kernel = cv2.getGaussianKernel(2 * reach + 1, sigma, cv2.CV_32F)
    for axis, shape in ((1, (-1, 1, 1)), (2, (-1, 1))):
        extent = grey.shape[axis]
        around = np.clip(np.arange(extent)[:, None] + np.arange(-reach, reach + 1), 0, extent - 1)
        windows = ops.take(grey, around.astype(np.int32), axis=axis)
        grey = ops.sum(windows * kernel.reshape(shape), axis=axis + 1)
    return grey
