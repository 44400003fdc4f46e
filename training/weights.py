"""Weights from a file, all of them or none."""

from __future__ import annotations

import warnings
from pathlib import Path

import keras


def load_weights(model: keras.Model, file: Path) -> None:
    """As `model.load_weights`, but a file that lacks some of the weights is refused, where Keras only warns.

    Raises ValueError with the first line of what Keras says.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)
            model.load_weights(file)
    except (OSError, ValueError, KeyError, UserWarning) as error:
        raise ValueError(str(error).strip().splitlines()[0]) from error
