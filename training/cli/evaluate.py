"""`python -m training evaluate`"""

from __future__ import annotations

import json
from typing import Annotated

import typer

from training import datasets
from training.cli import options


def evaluate(
    data: options.Data,
    model: Annotated[str, typer.Option(help="Name or folder of a bundle.")] = "moodnet",
    split: Annotated[str, typer.Option(help=f"One of {', '.join(datasets.SPLITS)}.")] = "PublicTest",
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON list, one object for each label set.")] = False,
) -> None:
    """Compare a bundle with the labels of a split."""
    from processor.emotions import Classifier, find_bundle
    from training import evaluate as evaluation

    results = evaluation.evaluate(Classifier(find_bundle(model)), datasets.load(data).split(split))
    if as_json:
        print(json.dumps([{name: value for name, value in result.items() if name != "samples"} for result in results]))
    else:
        options.show([{"split": split, **result} for result in results])
