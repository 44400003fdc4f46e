"""`python -m training train`"""

from __future__ import annotations

import shlex
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from training import datasets
from training.cli import options


def train(
    data: options.Data,
    network: Annotated[str, typer.Argument(help="The network to train.")] = "moodnet",
    out: Annotated[Path | None, typer.Option(help="Folder of the bundle to write.")] = None,
    then: Annotated[
        list[Path] | None, typer.Option(help="A further data set, trained on after the first. May be repeated.")
    ] = None,
    run: Annotated[Path | None, typer.Option(help="Folder of checkpoints and curves [default: OUT-run].")] = None,
    recipe: Annotated[
        str | None, typer.Option(help="system-a to system-e, or moodnet [default: the network's].")
    ] = None,
    epochs: Annotated[int | None, typer.Option(help="Times through the data, at most.", min=1)] = None,
    batch_size: Annotated[int | None, typer.Option(help="Faces a step.", min=1)] = None,
    peak: Annotated[float | None, typer.Option(help="Learning rate, the highest.", min=0)] = None,
    seed: Annotated[int | None, typer.Option(help="Same seed, same result on a CPU.")] = None,
    subset: Annotated[int | None, typer.Option(help="Train on so many faces of each set only.", min=1)] = None,
    folds: Annotated[int | None, typer.Option(help="Cross-validate: train so many times, no bundle.", min=2)] = None,
    weights: Annotated[
        str | None,
        typer.Option(help="What a VGG16 or ResNet50V2 begins with: imagenet or none [default: the recipe's]."),
    ] = None,
    imagenet: Annotated[
        list[Path] | None, typer.Option(help="A file with ImageNet's weights, where Keras can't download it.")
    ] = None,
    class_weights: Annotated[
        bool | None, typer.Option("--class-weights/--no-class-weights", help="Make rare emotions count more.")
    ] = None,
    smote: Annotated[
        bool | None, typer.Option("--smote/--no-smote", help="Fill rare emotions up with synthetic faces.")
    ] = None,
    mixup: Annotated[float | None, typer.Option(help="Mix two faces in one picture: alpha, 0 for not.", min=0)] = None,
    cutmix: Annotated[float | None, typer.Option(help="Set a piece of one face into another: alpha.", min=0)] = None,
    ema: Annotated[float | None, typer.Option(help="Ship a moving average of the weights: momentum.", min=0)] = None,
    precision: Annotated[str, typer.Option(help="Keras dtype policy: mixed_bfloat16 or float32.")] = "mixed_bfloat16",
    start: Annotated[Path | None, typer.Option(help="A bundle or a finished run's folder to begin from.")] = None,
    teacher: Annotated[Path | None, typer.Option(help="A bundle whose answers are part of the target.")] = None,
    distil: Annotated[float, typer.Option(help="Share of the teacher's answers in it.", min=0, max=1)] = 0.5,
    version: Annotated[str, typer.Option(help="Version in the bundle's card.")] = "1",
) -> None:
    """Train a network and write it as a bundle with its card. Started again after a stop, it goes on where it was.

    Light is normalised as the data set notes it (`prepare --illumination`), and the bundle does the same by itself.
    """
    from training import recipes

    chosen = recipes.recipe_for(network, recipe)
    changes = {
        "epochs": epochs, "batch_size": batch_size, "learning_rate": peak, "seed": seed, "smote": smote,
        "class_weights": class_weights, "mixup": mixup, "cutmix": cutmix, "ema": ema,
    }  # fmt: skip
    chosen = replace(chosen, **{name: value for name, value in changes.items() if value is not None})
    paths = [data, *(then or [])]
    sets = [datasets.load(path) for path in paths]
    if subset:
        sets = [faces.subset(subset, chosen.seed) for faces in sets]
    if out is None and run is None:
        raise ValueError("Say where to: --out FOLDER for the bundle, or --run FOLDER for --folds.")
    folder = run or out.with_name(out.name + "-run")
    if folds:
        _cross_validate(network, sets, folder, chosen, folds, precision)
        return
    if out is None:
        raise ValueError("Say where to write the bundle: --out FOLDER.")
    from training import cards, pretrained
    from training import train as training
    from training.finish import finish

    begin = pretrained.beginning(network, chosen.imagenet and not start, weights, imagenet)
    cards.begin(folder, shlex.join(["python", "-m", "training", *sys.argv[1:]]), start)
    model = training.train(
        network, sets, folder, chosen, precision=precision, weights=begin, start=start, teacher=teacher, distil=distil
    )
    card = cards.card(network, version, sets, folder, chosen, cards.begun_from(begin, start))
    held_off = datasets.FaceSet.join([faces.split("validation") for faces in sets])
    options.show(finish(out, model, card, held_off, {path.stem: datasets.load(path) for path in paths})["evaluations"])


def _cross_validate(network, sets, folder, recipe, count, precision) -> None:
    from training import folds

    if len(sets) > 1:
        raise ValueError("Cross-validation takes one data set: leave --then out.")
    results = folds.cross_validate(network, sets[0], folder, recipe, count, precision=precision)
    options.stderr.print(f"Each fold and all: {folder / folds.RESULTS_FILE}")
    folds.show(results)
