"""`python -m training evaluate`"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from training import datasets
from training.cli import options, report


def evaluate(
    data: options.Data,
    model: Annotated[str, typer.Option(help="Name or folder of a bundle.")] = "moodnet",
    split: Annotated[str, typer.Option(help=f"One of {', '.join(datasets.SPLITS)}.")] = "PublicTest",
    train: Annotated[bool, typer.Option(help="Try a sample of the training part too, to see overfitting.")] = True,
    store: Annotated[bool, typer.Option(help="Hand the figures to the processor, for the dashboard and SQL.")] = True,
    home: options.Home = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON list, one object for each label set.")] = False,
) -> None:
    """Compare a bundle with the labels of a split.

    Of `train`, a sample of 3,570 faces is tried, always the same.
    """
    from processor.emotions import MODEL_FILE, Classifier, find_bundle
    from training import evaluate as evaluation
    from training.speed import speed

    place = options.home_folder(home)
    faces = datasets.load(data)
    folder = find_bundle(model, place.models)
    classifier = Classifier(folder)
    results = evaluation.measured(classifier, data.stem, split, evaluation.part(faces, split))
    measured = list(results)
    if train and split not in ("train", "Training") and (faces.usage == "Training").any():
        seen = evaluation.measured(classifier, data.stem, "train", evaluation.part(faces, "train"))
        measured += seen
        results = [{**result, "train": _beside(result, seen)} for result in results]
    cost = {"speed": speed(classifier), "size": evaluation.size(classifier, folder / MODEL_FILE)}
    results = [{"model": classifier.model_id, **result, **cost} for result in results]
    if as_json:
        print(json.dumps([{name: value for name, value in result.items() if name != "samples"} for result in results]))
    else:
        _show(results)
    if store:
        options.stderr.print(_hand_in(place, classifier.card, measured))


def _beside(result: dict, seen: list[dict]) -> dict | None:
    """What the training part says beside one result: {n, accuracy, accuracy_3, macro_f1, gap}; None without it."""
    same = next((other for other in seen if other["labels"] == result["labels"]), None)
    if same is None:
        return None
    figures = {name: same[name] for name in ("n", "accuracy", "accuracy_3", "macro_f1")}
    return figures | {"gap": round(same["accuracy"] - result["accuracy"], 4)}


def _show(results: list[dict]) -> None:
    report.show_measures(results)
    for result in results:
        report.show_classes(result)
    report.show_overfitting([result for result in results if result.get("train")])
    report.show_cost(results[0])


def _hand_in(home, card: dict, evaluations: list[dict]) -> str:
    """Put the evaluations into the spool; returns what became of that, as a sentence."""
    from processor import spool

    if not Path(home.spool).is_dir():
        return f"Not stored: there is no home in {home.path}. Start Moodreel once, or say where it is with --home."
    own = {name: value for name, value in card.items() if name != "evaluations"}
    try:
        spool.submit(home.spool, "evaluation", card=own, evaluations=evaluations)
    except OSError as error:
        return f"Not stored: {home.spool} can't be written to: {error.strerror or error}."
    return f"Handed to the processor of {home.path}: it stores the figures as soon as it runs."
