"""Training: a data set and a recipe in, a network as it is shipped out. Resumes by itself after a stop."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np

from db.emotions import EMOTIONS
from processor.emotions import CARD_FILE, BundleUnusable, Classifier, read_card
from training import balance, callbacks, networks
from training.augment import Augment
from training.batches import Batches, Targets, targets_and_weights
from training.callbacks import WEIGHTS
from training.datasets import FACE_SIZE, FaceSet, one_illumination
from training.fused import FusedBatchNormalization
from training.illumination import normalised
from training.pretrained import PRETRAINED, Weights
from training.recipes import Recipe
from training.widening import widen

MOMENTUM = 0.9
PRECISIONS = ("mixed_bfloat16", "float32")
# Faces that say what a shipped network's convolutions put out (`folding.unfolded`).
SAMPLE = 2048


def parts(data: FaceSet, recipe: Recipe) -> tuple[FaceSet, FaceSet]:
    """The faces of `Training` to learn from, and those held off, as the recipe shares them.

    The twentieth that every network is chosen and calibrated on is always among those held off; a recipe that holds
    off more adds others by its seed. Raises ValueError if either part is empty.
    """
    count = len(data.split("train")) + len(data.split("validation"))
    held_off = data.held_off()
    more = round((recipe.validation_share or 0) * count) - int(held_off.sum())
    if more > 0:
        others = np.flatnonzero((data.usage == "Training") & ~held_off)
        held_off[np.random.default_rng(recipe.seed).permutation(others)[:more]] = True
    return data.where((data.usage == "Training") & ~held_off), data.where(held_off)


def train(
    network: str,
    data: list[FaceSet],
    folder: Path,
    recipe: Recipe,
    *,
    precision: str = "mixed_bfloat16",
    weights: Weights = None,
    start: Path | None = None,
    teacher: Path | None = None,
    distil: float = 0.5,
) -> keras.Model:
    """Train `network` on each set of `data` in turn (system A); return it as it is shipped (`networks.deployable`).

    Light is normalised as the sets note it, in what the network learns from and in what is shipped.

    After each epoch the state goes to `folder/checkpoint` and the curves to `folder/curves.csv`; a second call with the
    same folder goes on where the first one stopped. Every further set has such a folder in it, `then-1` and so on.

    Args:
        precision: one of PRECISIONS.
        weights: what a network that can begin with ImageNet's weights begins with; then its first layers stay frozen.
        start: a bundle, or the folder of a finished run, of the same network, to begin from (a warm restart,
            Loshchilov and Hutter 2017); for moodnet_wide also a bundle of moodnet (`widening`).
        teacher: a bundle whose answers make up `distil` of the targets (0..1).

    Raises ValueError for options that don't go together, CheckpointUnusable, ImagenetMissing, BundleUnusable.
    """
    _check(network, recipe, precision)
    illumination = one_illumination(data)
    keras.utils.set_random_seed(recipe.seed)
    with networks.dtype_policy(precision):
        model = _network(network, recipe, weights)
        for stage, (faces, place) in enumerate(zip(data, stages(folder, len(data)), strict=True)):
            learn, validation = parts(faces, recipe)
            fit(
                network, model, learn, validation, place, recipe,
                start=None if stage else start, teacher=teacher, distil=distil,
            )  # fmt: skip
    return networks.deployable(model, networks.NETWORKS[network], recipe.mirror, illumination)


def stages(folder: Path, count: int) -> list[Path]:
    """The run folder of each of `count` data sets that are trained on in turn."""
    return [folder if number == 0 else folder / f"then-{number}" for number in range(count)]


def fit(
    network: str, model: keras.Model, learn: FaceSet, validation: FaceSet, folder: Path, recipe: Recipe, *,
    start: Path | None = None, teacher: Path | None = None, distil: float = 0.5,
) -> None:  # fmt: skip
    """Train `model` in place on `learn`; it ends with the weights that the recipe keeps."""
    folder.mkdir(parents=True, exist_ok=True)
    learn = balance.smote(learn, recipe.seed) if recipe.smote else learn
    seen, seen_held_off = (normalised(faces.images, faces.illumination) for faces in (learn, validation))
    inputs = keras.Input((FACE_SIZE, FACE_SIZE, 1), dtype="uint8")
    if start and (start / CARD_FILE).exists():
        begin_with_bundle(model, network, start, seen)
    trainer = keras.Model(inputs, model(Augment(seed=recipe.seed, changes=recipe.augment)(inputs)))
    if start and not (start / CARD_FILE).exists():
        _begin_with_run(trainer, start)

    heads = list(model.output)
    targets, weights = targets_and_weights(learn, recipe.label_smoothing)
    if teacher:
        targets |= _taught(targets, heads, teacher, learn, distil)
    if recipe.class_weights:
        weights["fer2013"] = weights["fer2013"] * _class_weights(learn)[learn.fer]
    shown = Batches(
        seen, {head: targets[head] for head in heads}, {head: weights[head] for head in heads},
        recipe.batch_size, recipe.seed, recipe.mixup, recipe.cutmix,
    )  # fmt: skip
    targets, weights = targets_and_weights(validation)
    checked = Batches(
        seen_held_off, {head: targets[head] for head in heads}, {head: weights[head] for head in heads},
        recipe.batch_size,
    )  # fmt: skip
    trainer.compile(
        _optimizer(recipe, len(shown)),
        loss={head: "categorical_crossentropy" for head in heads},
        # Keras puts the head's name before a measure's only where there are several.
        weighted_metrics={
            head: [keras.metrics.CategoricalAccuracy(f"{head}_" * (len(heads) == 1) + "categorical_accuracy")]
            for head in heads
        },
    )
    _run(trainer, shown, checked, folder, recipe)


def _run(trainer: keras.Model, shown: Batches, checked: Batches, folder: Path, recipe: Recipe) -> None:
    """The epochs that are not done yet; then the weights that the recipe keeps."""
    done = callbacks.resume(trainer, folder, len(shown))
    stopping, plateau = recipe.early_stopping, recipe.plateau
    monitors = {m for m in (recipe.checkpoint, stopping and stopping.restore and stopping.monitor) if m}
    best = [callbacks.KeepBest(folder, monitor, done) for monitor in sorted(monitors)]
    remembering = []
    if stopping:
        remembering.append(callbacks.EarlyStopping(stopping.monitor, patience=stopping.patience, mode=_mode(stopping)))
    if plateau:
        trainer.optimizer.learning_rate = recipe.learning_rate  # `replay` lowers it again as often as it was
        remembering.append(
            callbacks.ReduceLROnPlateau(
                plateau.monitor, plateau.factor, plateau.patience, min_lr=plateau.min_lr, mode=_mode(plateau)
            )
        )
    stopped = callbacks.replay(trainer, remembering, folder, done)
    if done < recipe.epochs and not stopped:
        reporting = callbacks.Reporting(recipe.epochs, len(shown), done)
        try:
            trainer.fit(
                shown, validation_data=checked, initial_epoch=done, epochs=recipe.epochs, shuffle=False, verbose=0,
                callbacks=[
                    callbacks.Seeds(shown),
                    *([keras.callbacks.SwapEMAWeights()] if recipe.ema else []),
                    callbacks.EpochLog(folder), *best, *remembering,
                    callbacks.Checkpoint(folder),  # after all that it must hold
                    reporting, keras.callbacks.TerminateOnNaN(),
                ],
            )  # fmt: skip
        finally:
            reporting.close()
    elif recipe.ema:
        trainer.optimizer.finalize_variable_values(trainer.trainable_weights)
    kept = stopping.monitor if stopping and stopping.restore else recipe.checkpoint
    if kept:
        trainer.layers[-1].load_weights(callbacks.best_file(folder, kept))


def begin_with_bundle(model: keras.Model, network: str, bundle: Path, seen: np.ndarray) -> None:
    """Set the weights of `model` so that it computes what the bundle's network does, the same or a narrower one.

    seen: what it will learn from, uint8 (N, H, W), light normalised if it is to be.
    """
    sample = seen[:: max(1, len(seen) // SAMPLE), ..., None]
    wider = network == "moodnet_wide" and read_card(bundle).get("network") == "moodnet"
    build = networks.NETWORKS["moodnet" if wider else network]
    widen(model, networks.trainable_again(Classifier(bundle).model, sample, build))


def _begin_with_run(trainer: keras.Model, run: Path) -> None:
    """Before it is compiled, so that the optimizer begins anew."""
    if not (run / WEIGHTS).exists():
        raise BundleUnusable(f"There is nothing to begin from in {run}: neither a bundle nor a finished run.")
    trainer.load_weights(run / WEIGHTS)


def _network(network: str, recipe: Recipe, weights: Weights) -> keras.Model:
    options = {"size": recipe.augment.window_px}
    if network in PRETRAINED:
        options |= {"weights": weights} if weights else {"unfrozen": None}
    if network in networks.NORMALIZED:
        options["normalization"] = FusedBatchNormalization
    return networks.build(network, **options)


def _check(network: str, recipe: Recipe, precision: str) -> None:
    if precision not in PRECISIONS:
        raise ValueError(f"The precision must be {' or '.join(PRECISIONS)}. Received: {precision}.")
    if recipe.ema and (recipe.checkpoint or recipe.early_stopping):
        raise ValueError(
            f"A moving average of the weights goes with the last epoch's weights, and the recipe {recipe.name} keeps "
            "the best epoch's: leave --ema out, or take --recipe moodnet."
        )
    if network not in networks.NETWORKS:
        networks.build(network)


def _taught(targets: Targets, heads: list[str], teacher: Path, faces: FaceSet, share: float) -> Targets:
    """The targets of each head with the teacher's answers as `share` of them."""
    told = Classifier(teacher).outputs(faces.images)
    missing = [head for head in heads if head not in told]
    if missing:
        raise BundleUnusable(f"The teacher {teacher} has no output {', '.join(missing)}. Take another.")
    return {head: (1 - share) * targets[head] + share * told[head] for head in heads}


def _class_weights(faces: FaceSet) -> np.ndarray:
    """(7,) float32. Raises ValueError if an emotion has no face, because no weight makes up for that."""
    missing = [name for label, name in enumerate(EMOTIONS) if not (faces.fer == label).any()]
    if missing:
        raise ValueError(
            f"Class weights need faces of every emotion; there is no {' and no '.join(missing)} to learn from. "
            "Add some, or train with --no-class-weights."
        )
    return balance.class_weights(faces.fer)


def _optimizer(recipe: Recipe, steps_per_epoch: int) -> keras.optimizers.Optimizer:
    schedule = recipe.learning_rate
    if recipe.cosine:
        steps = recipe.epochs * steps_per_epoch
        warmup = min(recipe.warmup_steps, steps // 10)
        schedule = keras.optimizers.schedules.CosineDecay(
            0.0, steps - warmup, warmup_target=recipe.learning_rate, warmup_steps=warmup
        )
    elif recipe.decay:
        schedule = keras.optimizers.schedules.InverseTimeDecay(recipe.learning_rate, 1, recipe.decay)
    average = {"use_ema": True, "ema_momentum": recipe.ema} if recipe.ema else {}
    if recipe.optimizer == "adam":
        return keras.optimizers.Adam(schedule, weight_decay=recipe.weight_decay, **average)
    return keras.optimizers.SGD(schedule, momentum=MOMENTUM, nesterov=True, weight_decay=recipe.weight_decay, **average)


def _mode(watched) -> str:
    return "max" if "accuracy" in watched.monitor else "min"
