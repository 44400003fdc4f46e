"""Our network, moodnet, in two widths."""

from __future__ import annotations

import keras
from keras import layers

from db.emotions import EMOTIONS
from training.datasets import FACE_SIZE, FERPLUS_CLASSES


def moodnet(
    stem: int = 32,
    widths: tuple[int, ...] = (64, 64, 128, 128, 256, 256),
    dropout: float = 0.3,
    l2: float = 1e-4,
    size: int = FACE_SIZE,
    normalization: type[layers.BatchNormalization] | None = layers.BatchNormalization,
    name: str = "moodnet",
) -> keras.Model:
    """A residual CNN with squeeze-and-excitation (Hu et al. 2018) and one head for each label set.

    Args:
        stem: filters of the first convolution.
        widths: filters of each residual block; the picture is halved at each widening.
        dropout: share of features dropped before the heads.
        l2: weight decay on convolutions and heads.
        size: side of the square picture in pixels. The weights do not depend on it.
        normalization: the layer class after each convolution; None gives the convolutions a bias instead.
        name: of the network.
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
    return keras.Model(faces, outputs, name=name)


def moodnet_wide(**options) -> keras.Model:
    """moodnet with a quarter more filters everywhere, for half as much time again. options: as for `moodnet`."""
    return moodnet(**{"stem": 40, "widths": (80, 80, 160, 160, 320, 320), "name": "moodnet_wide", **options})
