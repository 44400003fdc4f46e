"""Random changes to training faces, as a Keras layer: the same on every backend, and on a GPU nearly free."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

import keras
from keras import ops

from training.datasets import FACE_SIZE

WINDOW_PX = 40  # side of the window cut out at a random place (Khaireddin and Chen 2021)
ERASE_AREA = (0.02, 0.2)  # share of the picture
ERASE_ASPECT = 2.7  # width to height, at most; its inverse at least


@dataclass(frozen=True)
class Changes:
    """How far faces are changed, at most; each face by its own draw. The default is moodnet's.

    Rotation as in system A; the others were chosen on the validation split.

    Attributes:
        mirror: whether half of the faces are mirrored.
        rotation_deg: to either side.
        scale: smallest and largest.
        shift_px: to either side, in both directions.
        window_px: side of the square that is kept, from the middle after the shift.
        contrast: smallest and largest factor, about the face's mean.
        brightness: grey levels, up or down.
        erase: share of the faces that get a rectangle blotted out.
    """

    mirror: bool = True
    rotation_deg: float = 15.0
    scale: tuple[float, float] = (0.85, 1.15)
    shift_px: float = 4.0
    window_px: int = WINDOW_PX
    contrast: tuple[float, float] = (0.7, 1.3)
    brightness: float = 30.0
    erase: float = 0.25

    @property
    def changes_light(self) -> bool:
        return self.brightness > 0 or tuple(self.contrast) != (1, 1)


NONE = Changes(
    mirror=False, rotation_deg=0, scale=(1, 1), shift_px=0, window_px=FACE_SIZE, contrast=(1, 1), brightness=0, erase=0
)


class Augment(keras.layers.Layer):
    """Mirror, rotate, scale and shift each face, change its contrast and brightness, and blot out a rectangle.

    Input (N, H, W, 1), grey levels 0..255; output float32 (N, window, window, 1). Training on windows is a third
    cheaper than on whole pictures; outside training it cuts out the middle and changes nothing.
    """

    def __init__(self, seed: int | None = None, changes: Changes | dict = Changes(), **kwargs):  # noqa: B008
        super().__init__(**{"dtype": "float32", **kwargs})
        self.seed = seed
        if isinstance(changes, dict):  # as a saved layer has them, tuples as lists
            changes = Changes(**{name: tuple(v) if isinstance(v, list) else v for name, v in changes.items()})
        self.changes = changes
        self.generator = keras.random.SeedGenerator(seed)

    def get_config(self):
        return {**super().get_config(), "seed": self.seed, "changes": asdict(self.changes)}

    def call(self, faces, training=False):
        faces = ops.cast(faces, "float32")
        if not training or self.changes == NONE:
            return self._middle(faces)
        faces = self._middle(self._move(faces))
        faces = self._light(faces) if self.changes.changes_light else faces
        return self._erase(faces) if self.changes.erase else faces

    def _uniform(self, faces, low, high):
        """One draw for each face, (N, 1)."""
        return keras.random.uniform((ops.shape(faces)[0], 1), low, high, seed=self.generator)

    def _middle(self, faces):
        """The window in the middle of each picture."""
        window = self.changes.window_px
        top, left = ((extent - window) // 2 for extent in faces.shape[1:3])
        return faces[:, top : top + window, left : left + window]

    def _move(self, faces):
        """One affine resampling for mirror, rotation, scale and shift together, so that faces blur only once."""
        height, width = faces.shape[1:3]
        reach = self.changes.shift_px
        angle = self._uniform(faces, -1, 1) * math.radians(self.changes.rotation_deg)
        zoom = 1 / self._uniform(faces, *self.changes.scale)
        mirror = ops.sign(self._uniform(faces, -1, 1) + 1e-9) if self.changes.mirror else 1.0
        cos, sin = zoom * ops.cos(angle), zoom * ops.sin(angle)
        x0, y0 = (width - 1) / 2, (height - 1) / 2
        a, b, c, d = cos * mirror, -sin, sin * mirror, cos
        shift_x = x0 - a * x0 - b * y0 + self._uniform(faces, -reach, reach)
        shift_y = y0 - c * x0 - d * y0 + self._uniform(faces, -reach, reach)
        zero = ops.zeros_like(a)
        transform = ops.concatenate([a, b, shift_x, c, d, shift_y, zero, zero], axis=1)
        return ops.image.affine_transform(faces, transform, fill_mode="reflect")

    def _light(self, faces):
        mean = ops.mean(faces, axis=(1, 2, 3), keepdims=True)
        contrast = self._uniform(faces, *self.changes.contrast)[:, :, None, None]
        brightness = self._uniform(faces, -self.changes.brightness, self.changes.brightness)[:, :, None, None]
        return ops.clip((faces - mean) * contrast + mean + brightness, 0, 255)

    def _erase(self, faces):
        """A rectangle of one random grey level (random erasing, Zhong et al. 2020)."""
        height, width = faces.shape[1:3]
        side = ops.sqrt(self._uniform(faces, *ERASE_AREA))
        stretch = ops.exp(self._uniform(faces, -1, 1) * math.log(ERASE_ASPECT) / 2)
        erased = self._uniform(faces, 0, 1) < self.changes.erase

        def inside(pixels, extent):
            centre = self._uniform(faces, 0, pixels)
            return ops.abs(ops.arange(pixels, dtype="float32")[None] - centre) < extent * pixels / 2

        rows, columns = inside(height, side * stretch) & erased, inside(width, side / stretch)
        rectangle = (rows[:, :, None] & columns[:, None, :])[..., None]
        return ops.where(rectangle, self._uniform(faces, 0, 255)[:, :, None, None], faces)
