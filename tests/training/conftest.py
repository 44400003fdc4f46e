"""Fixtures for the tests of training."""

import zlib

import numpy as np
import pytest
from PIL import Image


@pytest.fixture
def picture():
    """Writes a picture of its own, for every path another: picture(path, size_px) -> path."""

    def write(path, size_px=48):
        path.parent.mkdir(parents=True, exist_ok=True)
        rng = np.random.default_rng(zlib.crc32(str(path).encode()))
        Image.fromarray(rng.integers(0, 256, (size_px, size_px, 3), dtype=np.uint8)).save(path)
        return path

    return write
