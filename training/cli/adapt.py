"""`python -m training adapt`"""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from training import datasets
from training.cli import options

FEW = 100  # faces; with fewer a few points are chance


def adapt(
    data: options.Data,
    out: Annotated[Path, typer.Option(help="Folder of the bundle to write; its name is the bundle's.")],
    bundle: Annotated[str, typer.Option(help="Name or folder of the bundle to begin with.")] = "moodnet",
    general: Annotated[
        Path | None, typer.Option(help="A prepared data set to practise on beside, and to see what was lost on.")
    ] = None,
    epochs: Annotated[int, typer.Option(help="Times through the faces.", min=1)] = 20,
    seed: Annotated[int, typer.Option(help="Same seed, same result on a CPU.")] = 1,
    version: Annotated[str, typer.Option(help="Version in the new bundle's card.")] = "1",
) -> None:
    """Adapt a bundle to a person's own labelled faces, and say what it gained on those and lost on a general set."""
    from processor.emotions import Classifier, find_bundle
    from training import adapt as adapting
    from training.finish import finish

    folder = find_bundle(bundle)
    before, after = Classifier(folder), Classifier(folder)
    faces, others = datasets.load(data), datasets.load(general) if general else None
    learn, test = adapting.parts(faces, seed)
    adapting.adapt(after.model, learn, others, epochs=epochs, seed=seed)
    tested = {data.stem: test}
    if general and others is not None:
        split = next((name for name in adapting.TEST_SPLITS if (others.usage == name).any()), "validation")
        tested[f"{general.stem} ({split})"] = others.split(split)
    report = adapting.compare(before.model, after.model, tested)
    card = {
        **{name: value for name, value in before.card.items() if name != "evaluations"},
        "name": out.name,
        "version": version,
        "adapted_from": before.model_id,
        "adapted": report,
        "trained_on": f"{before.card.get('trained_on', bundle)}. Then its heads on {len(learn):,} faces of {data.stem}",
        "commands": [*before.card.get("commands", []), shlex.join(["python", "-m", "training", *sys.argv[1:]])],
    }
    finish(out, after.model, card, None, {general.stem: others} if general and others is not None else {})
    _show(report)
    if len(test) < FEW:
        options.stderr.print(f"{len(test)} faces to see it on are few: a difference of some points may be chance.")


def _show(report: list[dict]) -> None:
    table = Table("faces", "labels", "number", "7 classes, %", "3 categories, %", "macro F1, %")
    for result in report:
        changes = (
            f"{100 * result['before'][m]:.1f} → {100 * result['after'][m]:.1f}"
            for m in ("accuracy", "accuracy_3", "macro_f1")
        )
        table.add_row(result["set"], result["labels"], f"{result['n']:,}", *changes)
    Console().print(table)
