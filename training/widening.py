"""A wider network that begins where a narrower one ended."""

from __future__ import annotations

import keras
import numpy as np


def widen(wide: keras.Model, narrow: keras.Model) -> None:
    """Set the weights of `wide` so that it computes what `narrow` does: the same layers with fewer filters.

    The aim is Net2Net's (Chen et al. 2016). There a new filter is a copy of an old one; here it stays as `wide` was
    made, random, and what came from `narrow` does not listen to it yet. So none learns the same as another.

    Raises ValueError if the layers are not the same, or `wide` has fewer filters anywhere.
    """
    drawn, learned = wide.get_weights(), narrow.get_weights()
    alike = [new.ndim for new in drawn] == [old.ndim for old in learned]
    if not alike or any(np.any(np.less(new.shape, old.shape)) for new, old in zip(drawn, learned, strict=True)):
        raise ValueError(f"The network {wide.name!r} is not a wider {narrow.name!r}.")
    wide.set_weights([_grown(new, old) for new, old in zip(drawn, learned, strict=True)])


def _grown(new: np.ndarray, old: np.ndarray) -> np.ndarray:
    """`old` in the corner of `new`, whose last two axes are inputs and outputs."""
    grown = new.copy()
    if old.ndim > 1:
        grown[..., old.shape[-2] :, : old.shape[-1]] = 0
    grown[tuple(map(slice, old.shape))] = old
    return grown
