"""How each system trains, and how we do, as data. `training train --recipe NAME` follows one; flags change parts of it.

The five systems' own descriptions are the source of what is marked with a letter; what a system does
not say is Keras' default or, where a value is needed, ours, and marked as such.
"""

from __future__ import annotations

from dataclasses import dataclass

from training.augment import Changes
from training.datasets import FACE_SIZE


@dataclass(frozen=True)
class EarlyStopping:
    """Stop when `monitor` has not got better for `patience` epochs; go back to the best epoch if `restore`."""

    monitor: str
    patience: int
    restore: bool = True


@dataclass(frozen=True)
class Plateau:
    """Multiply the learning rate by `factor` when `monitor` has not got better for `patience` epochs, to `min_lr`."""

    monitor: str
    patience: int
    factor: float
    min_lr: float


@dataclass(frozen=True)
class Recipe:
    """How a network is trained.

    Attributes:
        name: as `--recipe` takes it.
        networks: those that the system trained so; the first is the default.
        optimizer: "sgd" (Nesterov momentum 0.9) or "adam".
        learning_rate: the first; with `cosine` the highest.
        cosine: linear warm-up over `warmup_steps`, then a cosine down to 0 at the last step.
        decay: learning_rate / (1 + decay * steps), as Keras' optimizers once did.
        weight_decay: decoupled, per step; None for none.
        validation_share: of `Training`; None for the twentieth that is always held off (`datasets.VALIDATION_EVERY`).
        imagenet: whether the system began with ImageNet's weights, where Keras has them.
        checkpoint: the measure by which the best epoch's weights are kept; None keeps the last.
        mirror: whether what is shipped averages with the mirror image.
        label_smoothing: of the `fer2013` head; FER+'s vote shares are soft already.
        mixup, cutmix: alpha of the Beta distribution that shares are drawn from; 0 for none.
        ema: momentum of the moving average of the weights; 0 for none.
    """

    name: str
    networks: tuple[str, ...]
    optimizer: str
    learning_rate: float
    batch_size: int
    epochs: int
    seed: int
    augment: Changes
    cosine: bool = False
    warmup_steps: int = 0
    decay: float = 0.0
    weight_decay: float | None = None
    validation_share: float | None = None
    class_weights: bool = False
    smote: bool = False
    imagenet: bool = False
    checkpoint: str | None = None
    early_stopping: EarlyStopping | None = None
    plateau: Plateau | None = None
    label_smoothing: float = 0.0
    mixup: float = 0.0
    cutmix: float = 0.0
    ema: float = 0.0
    mirror: bool = False


def _whole(**changes) -> Changes:
    """Changes that leave the light and the picture's size as they are, unless told."""
    unchanged = {"window_px": FACE_SIZE, "contrast": (1.0, 1.0), "brightness": 0.0, "erase": 0.0, "scale": (1.0, 1.0)}
    return Changes(**{**unchanged, "shift_px": 0.0, **changes})


MOODNET = Recipe(
    "moodnet", ("moodnet", "moodnet_wide"),
    optimizer="sgd", learning_rate=0.1, cosine=True, warmup_steps=600, batch_size=128, epochs=28, seed=1,
    augment=Changes(), label_smoothing=0.1, mirror=True,
)  # fmt: skip
"""Ours. Khaireddin and Chen 2021 found Nesterov momentum best on FER2013; the rest was chosen on the held-off faces."""

SYSTEM_A = Recipe(
    "system-a", ("resnet50v2", "vgg16", "hybrid"),
    optimizer="adam", learning_rate=1e-3, batch_size=64, epochs=50, seed=123, validation_share=0.2,
    augment=_whole(rotation_deg=15.0, scale=(0.9, 1.1), shift_px=0.1 * FACE_SIZE),
    class_weights=True, imagenet=True, checkpoint="val_loss",
    early_stopping=EarlyStopping("val_fer2013_categorical_accuracy", 8), plateau=Plateau("val_loss", 2, 0.2, 5e-4),
)  # fmt: skip
"""System A: Adam, batch 64, seed 123, a fifth for validation; kept by val_loss; stops after 8 epochs by val_accuracy;
plateau 0.2 after 2, not below 5e-4; class weights; flip, rotation 15 degrees. Ours: Keras' learning rate, zoom and
shift of a tenth, 50 epochs. The held-off twentieth is part of the fifth."""

SYSTEM_B = Recipe(
    "system-b", ("cnn", "mini_xception"),
    optimizer="adam", learning_rate=1e-4, decay=1e-6, batch_size=64, epochs=50, seed=1,
    augment=_whole(rotation_deg=10.0, scale=(0.9, 1.1), shift_px=0.1 * FACE_SIZE), class_weights=True,
)  # fmt: skip
"""System B: Adam 1e-4 with decay 1e-6, batch 64, 50 epochs; class weights; mirror, rotation, zoom, shift of a tenth.
SMOTE with `--smote`, illumination as `training prepare` notes it, folds with `--folds`. Ours: rotation 10 degrees, zoom
0.1."""

SYSTEM_C = Recipe(
    "system-c", ("vgg16_small",),
    optimizer="adam", learning_rate=1e-4, batch_size=64, epochs=50, seed=1,
    augment=_whole(rotation_deg=30.0, scale=(0.8, 1.2), shift_px=0.1 * FACE_SIZE),
    class_weights=True, imagenet=True, checkpoint="val_loss",
    early_stopping=EarlyStopping("val_loss", 10), plateau=Plateau("val_loss", 5, 0.2, 1e-5),
)  # fmt: skip
"""System C: Adam 1e-4, 50 epochs, class weights; plateau 0.2 after 5, not below 1e-5; stops after 10 by val_loss;
rotation 30, zoom 0.2, shifts 0.1, flip. Ours: batch 64."""

SYSTEM_D = Recipe(
    "system-d", ("resnet18",),
    optimizer="adam", learning_rate=1e-3, weight_decay=1e-4, batch_size=64, epochs=50, seed=1,
    augment=_whole(rotation_deg=10.0, contrast=(0.8, 1.2), brightness=25.0),
    checkpoint="val_loss",
    early_stopping=EarlyStopping("val_loss", 10), plateau=Plateau("val_loss", 5, 0.1, 1e-6),
)  # fmt: skip
"""System D: Adam 1e-3 with a plateau schedule and weight decay, batch 64, 50 epochs, early stopping; flip, small
rotation, brightness and contrast. It began with ImageNet's weights, which Keras does not have for this network. Ours:
weight decay 1e-4, patience 5 and 10, PyTorch's factor 0.1; 10 degrees, a fifth of contrast, 25 grey levels."""

SYSTEM_E = Recipe(
    "system-e", ("cnn",),
    optimizer="adam", learning_rate=1e-4, decay=1e-6, batch_size=64, epochs=150, seed=1, augment=_whole(
        rotation_deg=0.0, mirror=False
    ),
)  # fmt: skip
"""System E: system B's network for 150 epochs. It says no more: Adam and batch are B's, faces stay as they are."""

RECIPES: dict[str, Recipe] = {
    recipe.name: recipe for recipe in (MOODNET, SYSTEM_A, SYSTEM_B, SYSTEM_C, SYSTEM_D, SYSTEM_E)
}


def recipe_for(network: str, name: str | None = None) -> Recipe:
    """The recipe `name`, or else the first that trains `network`. Raises ValueError, naming those there are."""
    if name is None:
        return next((recipe for recipe in RECIPES.values() if network in recipe.networks), MOODNET)
    if name not in RECIPES:
        raise ValueError(f"There is no recipe {name!r}. Known: {', '.join(RECIPES)}.")
    return RECIPES[name]
