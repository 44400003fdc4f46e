"""`python -m training compare`"""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.table import Column, Table

from training import datasets
from training.cli import options
from training.cli.report import LABELS


def compare(
    models: Annotated[list[str], typer.Argument(help="Names or folders of two bundles or more.", show_default=False)],
    data: options.Data,
    split: Annotated[str, typer.Option(help=f"One of {', '.join(datasets.SPLITS)}.")] = "PublicTest",
    home: options.Home = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON list, one object for each label set.")] = False,
) -> None:
    """Whether one bundle is better than another on the same faces, and by how much."""
    from processor.emotions import Classifier, find_bundle
    from training.compare import compare as compared
    from training.evaluate import answers

    if len(models) < 2:
        raise ValueError(f"It takes two bundles to compare. Received: {', '.join(models)}.")
    place = options.home_folder(home)
    faces = datasets.load(data).split(split)
    told: dict[str, dict] = {}  # label set -> the truth, and what each bundle says
    for folder in [find_bundle(model, place.models) for model in models]:
        classifier = Classifier(folder)
        for answer in answers(classifier.outputs(faces.images), faces):
            entry = told.setdefault(answer.labels, {"truth": answer.truth, "predicted": {}})
            if classifier.model_id in entry["predicted"]:
                raise ValueError(f"It takes two different bundles to compare. Received twice: {classifier.model_id}.")
            entry["predicted"][classifier.model_id] = answer.probabilities.argmax(axis=1)
    results = [
        {"data": data.stem, "split": split, "labels": labels, **compared(entry["truth"], entry["predicted"])}
        for labels, entry in told.items()
    ]
    if as_json:
        print(json.dumps(results))
    else:
        for result in results:
            _show(result)


def _show(result: dict) -> None:
    title = f"{LABELS[result['labels']]}, {result['n']:,} faces of {result['split']}"
    table = Table(Column("bundle", no_wrap=True), "7 classes, %", "3 categories, %", "macro F1, %", title=title)
    for name, figures in result["models"].items():
        table.add_row(name, *(options.with_interval(figures, m) for m in ("accuracy", "accuracy_3", "macro_f1")))
    options.stdout.print(table)
    for pair in result["pairs"]:
        options.stdout.print(pair["sentence"])
