"""The systems' networks that are trained from scratch on faces as they are: `cnn`, `mini_xception`, `resnet18`."""

from __future__ import annotations

import keras
from keras import layers

from db.emotions import EMOTIONS
from training.datasets import FACE_SIZE


def fer2013_head(x) -> dict:
    """The one output of a system's network. In float32: in bfloat16 the probabilities would not sum to 1."""
    return {"fer2013": layers.Dense(len(EMOTIONS), "softmax", dtype="float32", name="fer2013")(x)}


def cnn(size: int = FACE_SIZE, width: int = 1024) -> keras.Model:
    """Systems B and E: four convolutions without padding, one dense layer; 2,345,607 parameters.

    Args:
        size: side of the square picture in pixels. The weights depend on it.
        width: of the dense layer.
    """
    faces = keras.Input((size, size, 1), dtype="uint8", name="faces")
    x = layers.Rescaling(1 / 255)(faces)
    x = layers.Conv2D(32, 3, activation="relu")(x)
    x = layers.Conv2D(64, 3, activation="relu")(x)
    x = layers.MaxPooling2D()(x)
    x = layers.Dropout(0.25)(x)
    x = layers.Conv2D(128, 3, activation="relu")(x)
    x = layers.MaxPooling2D()(x)
    x = layers.Conv2D(128, 3, activation="relu")(x)
    x = layers.MaxPooling2D()(x)
    x = layers.Dropout(0.25)(x)
    x = layers.Flatten()(x)
    x = layers.Dense(width, activation="relu")(x)
    x = layers.Dropout(0.5)(x)
    return keras.Model(faces, fer2013_head(x), name="cnn")


def mini_xception(
    size: int = FACE_SIZE, stem: int = 8, widths: tuple[int, ...] = (16, 32, 64, 128), l2: float = 0.01
) -> keras.Model:
    """System B's small one: residual depthwise-separable blocks and no dense layer; 58,423 parameters.

    Widths, strides and weight decay are those of Arriaga et al. 2017, whose network it is.
    """
    regularizer = keras.regularizers.L2(l2)

    def conv(x, filters, kernel, stride=1, padding="valid"):
        x = layers.Conv2D(
            filters, kernel, stride, padding=padding, use_bias=False, kernel_regularizer=regularizer
        )(x)  # fmt: skip
        return layers.BatchNormalization()(x)

    def separable(x, filters):
        x = layers.SeparableConv2D(
            filters, 3, padding="same", use_bias=False,
            depthwise_regularizer=regularizer, pointwise_regularizer=regularizer,
        )(x)  # fmt: skip
        return layers.BatchNormalization()(x)

    faces = keras.Input((size, size, 1), dtype="uint8", name="faces")
    x = layers.Rescaling(1 / 127.5, offset=-1)(faces)
    x = layers.ReLU()(conv(x, stem, 3))
    x = layers.ReLU()(conv(x, stem, 3))
    for filters in widths:
        shortcut = conv(x, filters, 1, 2, "same")
        x = layers.ReLU()(separable(x, filters))
        x = separable(x, filters)
        x = layers.MaxPooling2D(3, 2, padding="same")(x)
        x = layers.Add()([x, shortcut])
    x = layers.Conv2D(len(EMOTIONS), 3, padding="same")(x)
    x = layers.GlobalAveragePooling2D()(x)
    outputs = {"fer2013": layers.Softmax(dtype="float32", name="fer2013")(x)}
    return keras.Model(faces, outputs, name="mini_xception")


def resnet18(
    size: int = FACE_SIZE,
    widths: tuple[int, ...] = (64, 128, 256, 512),
    normalization: type[layers.BatchNormalization] | None = layers.BatchNormalization,
) -> keras.Model:
    """System D: ResNet-18 (He et al. 2016) with one input channel; 11,183,431 parameters, 11,173,831 of them trainable.

    Args:
        size: side of the square picture in pixels. The weights do not depend on it.
        widths: filters of each stage of two blocks.
        normalization: the layer class after each convolution; None gives the convolutions a bias instead.
    """

    def conv(x, filters, kernel, stride=1):
        x = layers.Conv2D(
            filters, kernel, stride, padding="same", use_bias=normalization is None, kernel_initializer="he_normal"
        )(x)  # fmt: skip
        return normalization()(x) if normalization else x

    def block(x, filters, stride):
        shortcut = x if stride == 1 and filters == x.shape[-1] else conv(x, filters, 1, stride)
        x = layers.ReLU()(conv(x, filters, 3, stride))
        return layers.ReLU()(layers.Add()([conv(x, filters, 3), shortcut]))

    faces = keras.Input((size, size, 1), dtype="uint8", name="faces")
    x = layers.Rescaling(1 / 255)(faces)
    x = layers.ReLU()(conv(x, widths[0], 7, 2))
    x = layers.MaxPooling2D(3, 2, padding="same")(x)
    for stage, filters in enumerate(widths):
        x = block(x, filters, 1 if stage == 0 else 2)
        x = block(x, filters, 1)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(faces, fer2013_head(x), name="resnet18")
