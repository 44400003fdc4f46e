"""The systems' networks that begin with ImageNet's weights: `vgg16`, `resnet50v2`, `hybrid` (A), `vgg16_small` (C).

Keras has these weights and downloads them once, or they come from files. Without either, `weights=None` begins from
scratch; freezing random layers makes no sense then, so give `unfrozen=None` with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import keras
from keras import layers

from training.datasets import FACE_SIZE
from training.errors import ImagenetMissing
from training.small_networks import fer2013_head
from training.weights import load_weights

IMAGENET, SCRATCH = "imagenet", "none"
PRETRAINED = ("vgg16_small", "vgg16", "resnet50v2", "hybrid")
"""The networks that can begin with ImageNet's weights."""

Weights = str | Sequence[Path] | None
"""`IMAGENET` to download, files to read, or None for none."""


def beginning(network: str, imagenet: bool, weights: str | None, files: Sequence[Path] | None) -> Weights:
    """What `network` begins with: `files` if there are any, else what `weights` says, else ImageNet's if `imagenet`.

    Raises ValueError if `network` can't begin with ImageNet's weights and shall.
    """
    if weights not in (None, IMAGENET, SCRATCH):
        raise ValueError(f"The weights to begin with are {IMAGENET} or {SCRATCH}. Received: {weights}.")
    asked = bool(files) or weights == IMAGENET
    if asked and network not in PRETRAINED:
        raise ValueError(f"Keras has ImageNet's weights for {', '.join(PRETRAINED)}, not for {network}.")
    if files:
        return tuple(files)
    return IMAGENET if asked or (imagenet and weights is None and network in PRETRAINED) else None


def vgg16(size: int = FACE_SIZE, weights: Weights = None, unfrozen: int | None = 5, input_px: int = 224) -> keras.Model:
    """System A's VGG16: 21,180,871 parameters, 13,544,711 of them in the head and the last 5 layers.

    Args:
        size: side of the square picture in pixels; it is brought to `input_px`, and one channel to three.
        weights: what the convolutions begin with.
        unfrozen: how many of the last layers before the head learn; None for all.
        input_px: side in pixels that the convolutions see. The head's weights depend on it.
    """
    faces = keras.Input((size, size, 1), dtype="uint8", name="faces")
    x = _backbone("VGG16", _colour(faces, input_px), weights, unfrozen)
    x = layers.Dropout(0.25)(layers.Flatten()(x))
    return keras.Model(faces, fer2013_head(_dense_block(x)), name="vgg16")


def resnet50v2(
    size: int = FACE_SIZE, weights: Weights = None, unfrozen: int | None = 50, input_px: int = 224
) -> keras.Model:
    """System A's ResNet50V2: 49,298,567 parameters, 42,085,127 of them trainable. Arguments as `vgg16`."""
    faces = keras.Input((size, size, 1), dtype="uint8", name="faces")
    x = layers.Flatten()(_backbone("ResNet50V2", _colour(faces, input_px), weights, unfrozen))
    return keras.Model(faces, fer2013_head(_dense_block(x)), name="resnet50v2")


def hybrid(
    size: int = FACE_SIZE,
    weights: Weights = None,
    unfrozen: tuple[int | None, int | None] | None = (5, 50),
    input_px: int = 224,
) -> keras.Model:
    """System A's two side by side: 70,435,783 parameters, 55,587,079 of them trainable. Arguments as `vgg16`.

    `unfrozen` holds VGG16's and ResNet50V2's number of layers.
    """
    faces = keras.Input((size, size, 1), dtype="uint8", name="faces")
    x = _colour(faces, input_px)
    both = zip(("VGG16", "ResNet50V2"), unfrozen or (None, None), strict=True)
    features = [layers.Flatten()(_backbone(name, x, weights, count)) for name, count in both]
    x = layers.Concatenate()(features)
    return keras.Model(faces, fer2013_head(_dense_block(x)), name="hybrid")


def vgg16_small(size: int = FACE_SIZE, weights: Weights = None, unfrozen: int | None = 4) -> keras.Model:
    """System C's VGG16, on faces as they are: 14,847,815 parameters, 7,212,551 trainable. Arguments as `vgg16`."""
    faces = keras.Input((size, size, 1), dtype="uint8", name="faces")
    x = layers.Flatten()(_backbone("VGG16", _colour(faces, size), weights, unfrozen))
    x = layers.Dropout(0.5)(layers.Dense(256, activation="relu")(x))
    return keras.Model(faces, fer2013_head(x), name="vgg16_small")


def _colour(faces, side_px: int):
    """Grey uint8 (N, H, W, 1) as the convolutions want it: (N, side_px, side_px, 3), 0 to 1, bilinear."""
    x = layers.Rescaling(1 / 255)(faces)
    if faces.shape[1] != side_px:
        x = layers.Resizing(side_px, side_px, interpolation="bilinear")(x)
    return layers.Concatenate()([x, x, x])


def _dense_block(x):
    """System A's head, less its softmax."""
    for width in (256, 128, 64):
        x = layers.BatchNormalization()(layers.Dense(width, activation="relu")(x))
    return x


def _backbone(name: str, x, weights: Weights, unfrozen: int | None):
    """The features that Keras' network `name` makes of `x`, all but its last `unfrozen` layers frozen."""
    application = getattr(keras.applications, name)
    if weights == IMAGENET:
        try:
            backbone = application(include_top=False, weights=IMAGENET, input_tensor=x)
        except Exception as error:  # Keras raises nothing narrower when a download fails
            raise ImagenetMissing(
                f"ImageNet's weights of {name} can't be downloaded: {error}. Give the file that Keras would download, "
                f"{name.lower()}_weights_tf_dim_ordering_tf_kernels_notop.h5, with --imagenet FILE, or begin from "
                "scratch with --weights none."
            ) from error
    else:
        backbone = application(include_top=False, weights=None, input_tensor=x)
        if weights is not None:
            _load(backbone, _file_of(name, list(weights)))
    if unfrozen is not None:
        for layer in backbone.layers[:-unfrozen]:
            layer.trainable = False
    return backbone.output


def _file_of(name: str, files: list[Path]) -> Path:
    """Which of the files is for the network `name`: the only one, or the one whose name begins with the network's."""
    matching = files if len(files) == 1 else [file for file in files if file.name.lower().startswith(name.lower())]
    if len(matching) != 1:
        raise ImagenetMissing(
            f"--imagenet needs one file for {name}, whose name begins with {name.lower()!r}. "
            f"Received: {', '.join(file.name for file in files)}."
        )
    return matching[0]


def _load(backbone: keras.Model, file: Path) -> None:
    if not file.is_file():
        raise ImagenetMissing(f"There is no file {file} with ImageNet's weights.")
    try:
        load_weights(backbone, file)
    except ValueError as error:
        raise ImagenetMissing(
            f"{file} doesn't hold ImageNet's weights of {backbone.name}, without its top: {error}"
        ) from error
