"""What a network sees in training: faces, targets and weights, batch by batch, in an order that seed and epoch fix."""

from __future__ import annotations

import math

import keras
import numpy as np

from db.emotions import EMOTIONS
from training.datasets import FERPLUS_CLASSES, FaceSet, vote_shares

Targets = dict[str, np.ndarray]


def targets_and_weights(faces: FaceSet, label_smoothing: float = 0.0) -> tuple[Targets, Targets]:
    """What each head should say, {head: (N, classes) float32}, and how much each face counts, {head: (N,) float32}.

    The `fer2013` head learns the one label, smoothed; the `ferplus` head the vote shares, where there are votes.
    """
    one_hot = np.eye(len(EMOTIONS), dtype=np.float32)[faces.fer]
    labels = one_hot * (1 - label_smoothing) + label_smoothing / len(EMOTIONS)
    if faces.votes is None:
        shares, voted = np.zeros((len(faces), len(FERPLUS_CLASSES)), np.float32), np.zeros(len(faces), bool)
    else:
        shares, voted = vote_shares(faces.votes)
    targets = {"fer2013": labels, "ferplus": shares}
    weights = {"fer2013": np.ones(len(faces), np.float32), "ferplus": voted.astype(np.float32)}
    return targets, weights


class Batches(keras.utils.PyDataset):
    """Batches of uint8 (B, H, W, 1), targets and weights by head. Every batch is whole.

    Whole, because a last small one makes TensorFlow 2.21's oneDNN kernels corrupt memory in networks of 8 or 16
    filters, and other backends compile each size once more. So the last is filled up: in training with other faces,
    otherwise with faces that count nothing.

    Args:
        images: uint8 (N, H, W).
        targets, weights: as `targets_and_weights` gives them, for the heads that the network has.
        seed: of the order, of the faces to mix and of how. None keeps the order, for validation.
        mixup: alpha of the Beta distribution of the shares of two faces in one picture (Zhang et al. 2018); 0 for none.
        cutmix: the same for a rectangle of the second face in the first (Yun et al. 2019). With both, one is drawn.

    Set `epoch` before each; the same seed and epoch give the same batches, also after a stop.
    """

    def __init__(
        self, images: np.ndarray, targets: Targets, weights: Targets, batch_size: int,
        seed: int | None = None, mixup: float = 0.0, cutmix: float = 0.0,
    ):  # fmt: skip
        super().__init__()
        self.images, self.targets, self.weights = images[..., None], targets, weights
        self.size = min(batch_size, len(images))
        self.seed, self.mixup, self.cutmix = seed, mixup, cutmix
        self.epoch = 0

    def __len__(self) -> int:
        return math.ceil(len(self.images) / self.size)

    def _order(self) -> np.ndarray:
        n = len(self.images)
        order = np.arange(n) if self.seed is None else np.random.default_rng((self.seed, self.epoch)).permutation(n)
        return np.resize(order, len(self) * self.size)

    def __getitem__(self, index: int) -> tuple[np.ndarray, Targets, Targets]:
        where = slice(index * self.size, (index + 1) * self.size)
        chosen = self._order()[where]
        images = self.images[chosen]
        targets = {head: values[chosen] for head, values in self.targets.items()}
        weights = {head: values[chosen] for head, values in self.weights.items()}
        if self.seed is None:
            # Keras divides each batch's loss by its size, so those that count make up for those that don't.
            room = np.arange(where.start, where.stop) < len(self.images)
            scale = len(self) * self.size / len(self.images)
            return images, targets, {head: values * room * np.float32(scale) for head, values in weights.items()}
        if self.mixup or self.cutmix:
            return self._mixed(images, targets, weights, np.random.default_rng((self.seed, self.epoch, index)))
        return images, targets, weights

    def _mixed(self, images, targets, weights, rng):
        """Each face with another of the batch; targets and weights in the same shares."""
        other = rng.permutation(len(images))
        cut = bool(self.cutmix) and (not self.mixup or rng.random() < 0.5)
        share = rng.beta(*[self.cutmix if cut else self.mixup] * 2, size=len(images)).astype(np.float32)
        if cut:
            inside = _rectangles(images.shape[1:3], 1 - share, rng)
            images = np.where(inside[..., None], images[other], images)
            share = 1 - inside.mean(axis=(1, 2), dtype=np.float32)
        else:
            part = share[:, None, None, None]
            images = np.round(part * images + (1 - part) * images[other]).astype(np.uint8)
        mixed_weights = {head: share * w + (1 - share) * w[other] for head, w in weights.items()}
        mixed_targets = {}
        for head, target in targets.items():
            first, second = share * weights[head], (1 - share) * weights[head][other]
            total = np.maximum(mixed_weights[head], 1e-6)[:, None]
            mixed_targets[head] = (first[:, None] * target + second[:, None] * target[other]) / total
        return images, mixed_targets, mixed_weights


def _rectangles(size: tuple[int, int], area: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """bool (N, H, W): in each picture a rectangle of its shape, of `area` (N,) of it, cut off at the borders."""
    inside = np.ones((len(area), *size), bool)
    for axis, pixels in enumerate(size, start=1):
        half = np.sqrt(area) * pixels / 2
        centre = rng.uniform(0, pixels, len(area))
        along = np.abs(np.arange(pixels) + 0.5 - centre[:, None]) < half[:, None]
        inside &= along[:, :, None] if axis == 1 else along[:, None, :]
    return inside
