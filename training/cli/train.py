"""`python -m training train`"""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from training import datasets
from training.cli import options


def train(
    data: options.Data,
    out: Annotated[Path, typer.Option(help="Folder of the bundle to write.")],
    network: Annotated[str, typer.Argument(help="The network to train.")] = "moodnet",
    run: Annotated[Path | None, typer.Option(help="Folder of checkpoints and curves [default: OUT-run].")] = None,
    epochs: Annotated[int, typer.Option(help="Times through the data.", min=1)] = 28,
    batch_size: Annotated[int, typer.Option(help="Faces a step.", min=1)] = 128,
    seed: Annotated[int, typer.Option(help="Same seed, same result on a CPU.")] = 1,
    precision: Annotated[str, typer.Option(help="Keras dtype policy: mixed_bfloat16 or float32.")] = "mixed_bfloat16",
    peak: Annotated[float, typer.Option(help="Highest learning rate.", min=0)] = 0.1,
    start: Annotated[Path | None, typer.Option(help="Folder of a finished run to begin from.")] = None,
    teacher: Annotated[Path | None, typer.Option(help="A bundle whose answers are half of the target.")] = None,
    version: Annotated[str, typer.Option(help="Version in the bundle's card.")] = "1",
) -> None:
    """Train a network and write it as a bundle with its card. Started again after a stop, it goes on where it was."""
    from processor.emotions import Classifier, write_bundle
    from training import evaluate as evaluation
    from training import train as training

    faces = datasets.load(data)
    folder = run or out.with_name(out.name + "-run")
    folder.mkdir(parents=True, exist_ok=True)
    command = shlex.join(["python", "-m", "training", *sys.argv[1:]])
    (folder / training.COMMAND).write_text(command + "\n", encoding="utf-8")
    model = training.train(
        network, faces, folder, epochs=epochs, batch_size=batch_size, seed=seed, precision=precision, peak=peak,
        start=start, teacher=teacher,
    )  # fmt: skip
    card = training.card(network, version, faces, [*([start] if start else []), folder])
    write_bundle(out, model, card)
    # Measured on the file as it was written, so that `evaluate` prints the same again.
    evaluations = [
        {"data": data.stem, "split": split, **result}
        for split in ("validation", "PublicTest")
        for result in evaluation.evaluate(Classifier(out), faces.split(split))
    ]
    write_bundle(out, model, {**card, "evaluations": evaluations})
    options.show(evaluations)
