"""`python -m training`: prepare a data set, train a network, evaluate a bundle."""

from __future__ import annotations

import json
import os
import shlex
import sys
from pathlib import Path
from typing import Annotated

# Before Keras is imported: TensorFlow's greetings are no news.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import typer
from rich.console import Console
from rich.table import Table

from training import datasets

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
stderr = Console(stderr=True)

DataOption = Annotated[Path, typer.Option("--data", help="A prepared data set (.npz).")]


@app.command()
def prepare(
    source: Annotated[Path, typer.Argument(help="fer2013.csv, or a folder with fer2013_mosaic.png and its labels.")],
    out: Annotated[Path, typer.Option(help="The prepared data set to write (.npz).")],
    ferplus: Annotated[Path | None, typer.Option(help="fer2013new.csv, the FER+ votes, row for row.")] = None,
) -> None:
    """Bring labelled faces into the form that training reads. The originals stay as they are."""
    faces = datasets.read_mosaic(source) if source.is_dir() else datasets.read_fer2013_csv(source, ferplus)
    faces.save(out)
    for usage in sorted(set(faces.usage)):
        stderr.print(f"{usage}: {int((faces.usage == usage).sum()):,} faces")
    print(out)


@app.command()
def train(
    data: DataOption,
    out: Annotated[Path, typer.Option(help="Folder of the bundle to write.")],
    network: Annotated[str, typer.Argument(help="The network to train.")] = "moodnet",
    run: Annotated[Path | None, typer.Option(help="Folder of checkpoints and curves [default: OUT-run].")] = None,
    epochs: Annotated[int, typer.Option(help="Times through the data.", min=1)] = 28,
    batch_size: Annotated[int, typer.Option(help="Faces a step.", min=1)] = 128,
    seed: Annotated[int, typer.Option(help="Same seed, same result on a CPU.")] = 1,
    precision: Annotated[str, typer.Option(help="Keras dtype policy: mixed_bfloat16 or float32.")] = "mixed_bfloat16",
    peak: Annotated[float, typer.Option(help="Highest learning rate.", min=0)] = 0.1,
    start: Annotated[Path | None, typer.Option(help="Folder of a finished run to begin from.")] = None,
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
        start=start,
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
    _print(evaluations)


@app.command()
def evaluate(
    data: DataOption,
    model: Annotated[str, typer.Option(help="Name or folder of a bundle.")] = "moodnet",
    split: Annotated[str, typer.Option(help=f"One of {', '.join(datasets.SPLITS)}.")] = "PublicTest",
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON list, one object for each label set.")] = False,
) -> None:
    """Compare a bundle with the labels of a split."""
    from processor.emotions import Classifier, find_bundle
    from training import evaluate as evaluation

    results = evaluation.evaluate(Classifier(find_bundle(model)), datasets.load(data).split(split))
    if as_json:
        print(json.dumps(results))
    else:
        _print([{"split": split, **result} for result in results])


def _print(evaluations: list[dict]) -> None:
    table = Table("split", "labels", "faces", "7 classes, %", "3 categories, %", "macro F1, %", "ECE, %")
    for result in evaluations:
        figures = (f"{100 * result[name]:.1f}" for name in ("accuracy", "accuracy_3", "macro_f1", "ece"))
        table.add_row(result["split"], result["labels"], f"{result['n']:,}", *figures)
    Console().print(table)


def main() -> None:
    """Run a command; what is wrong with the input is said in a sentence, with exit code 1."""
    from processor.emotions import BundleUnusable

    try:
        app()
    except (datasets.DatasetUnreadable, BundleUnusable, ValueError) as error:
        stderr.print(f"[red]{error}[/red]")
        sys.exit(1)


if __name__ == "__main__":
    main()
