"""Random changes to training faces, as a Keras layer: the same on every backend, and on a GPU nearly free."""

from __future__ import annotations

import math

import keras
from keras import ops

# Rotation as in system A; the others were chosen on the validation split.
ROTATION_DEG = 15.0
SCALE = (0.85, 1.15)
WINDOW_PX = 40  # side of the window cut out at a random place (Khaireddin and Chen 2021)
CONTRAST = (0.7, 1.3)
BRIGHTNESS = 30.0  # grey levels
ERASE_PROBABILITY = 0.25
ERASE_AREA = (0.02, 0.2)  # share of the picture
ERASE_ASPECT = 2.7  # width to height, at most; its inverse at least


class Augment(keras.layers.Layer):
    """Mirror, rotate, scale and shift each face, change its contrast and brightness, and blot out a rectangle.

    Input (N, H, W, 1), grey levels 0..255; output float32 (N, WINDOW_PX, WINDOW_PX, 1). Training on windows is a
    third cheaper than on whole pictures; outside training it cuts out the middle and changes nothing.
    """

    def __init__(self, seed: int | None = None, **kwargs):
        super().__init__(dtype="float32", **kwargs)
        self.seed = seed
        self.generator = keras.random.SeedGenerator(seed)

    def get_config(self):
        return {**super().get_config(), "seed": self.seed}

    def call(self, faces, training=False):
        faces = ops.cast(faces, "float32")
        if not training:
            return _middle(faces)
        return self._erase(self._light(_middle(self._move(faces))))

    def _uniform(self, faces, low, high):
        """One draw for each face, (N, 1)."""
        return keras.random.uniform((ops.shape(faces)[0], 1), low, high, seed=self.generator)

    def _move(self, faces):
        """One affine resampling for mirror, rotation, scale and shift together, so that faces blur only once."""
        height, width = faces.shape[1:3]
        reach_x, reach_y = (width - WINDOW_PX) / 2, (height - WINDOW_PX) / 2
        angle = self._uniform(faces, -1, 1) * math.radians(ROTATION_DEG)
        zoom = 1 / self._uniform(faces, *SCALE)
        mirror = ops.sign(self._uniform(faces, -1, 1) + 1e-9)
        cos, sin = zoom * ops.cos(angle), zoom * ops.sin(angle)
        x0, y0 = (width - 1) / 2, (height - 1) / 2
        a, b, c, d = cos * mirror, -sin, sin * mirror, cos
        shift_x = x0 - a * x0 - b * y0 + self._uniform(faces, -reach_x, reach_x)
        shift_y = y0 - c * x0 - d * y0 + self._uniform(faces, -reach_y, reach_y)
        zero = ops.zeros_like(a)
        transform = ops.concatenate([a, b, shift_x, c, d, shift_y, zero, zero], axis=1)
        return ops.image.affine_transform(faces, transform, fill_mode="reflect")

    def _light(self, faces):
        mean = ops.mean(faces, axis=(1, 2, 3), keepdims=True)
        contrast = self._uniform(faces, *CONTRAST)[:, :, None, None]
        brightness = self._uniform(faces, -BRIGHTNESS, BRIGHTNESS)[:, :, None, None]
        return ops.clip((faces - mean) * contrast + mean + brightness, 0, 255)

    def _erase(self, faces):
        """A rectangle of one random grey level (random erasing, Zhong et al. 2020)."""
        height, width = faces.shape[1:3]
        side = ops.sqrt(self._uniform(faces, *ERASE_AREA))
        stretch = ops.exp(self._uniform(faces, -1, 1) * math.log(ERASE_ASPECT) / 2)
        erased = self._uniform(faces, 0, 1) < ERASE_PROBABILITY

        def inside(pixels, extent):
            centre = self._uniform(faces, 0, pixels)
            return ops.abs(ops.arange(pixels, dtype="float32")[None] - centre) < extent * pixels / 2

        rows, columns = inside(height, side * stretch) & erased, inside(width, side / stretch)
        rectangle = (rows[:, :, None] & columns[:, None, :])[..., None]
        return ops.where(rectangle, self._uniform(faces, 0, 255)[:, :, None, None], faces)


def _middle(faces):
    """The window of WINDOW_PX in the middle of each picture."""
    top, left = ((extent - WINDOW_PX) // 2 for extent in faces.shape[1:3])
    return faces[:, top : top + WINDOW_PX, left : left + WINDOW_PX]
