"""`python -m training prepare`"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from training import datasets
from training.cli import options


def prepare(
    source: Annotated[Path, typer.Argument(help="fer2013.csv, or a folder with fer2013_mosaic.png and its labels.")],
    out: Annotated[Path, typer.Option(help="The prepared data set to write (.npz).")],
    ferplus: Annotated[Path | None, typer.Option(help="fer2013new.csv, the FER+ votes, row for row.")] = None,
) -> None:
    """Bring labelled faces into the form that training reads. The originals stay as they are."""
    faces = datasets.read_mosaic(source) if source.is_dir() else datasets.read_fer2013_csv(source, ferplus)
    faces.save(out)
    for usage in sorted(set(faces.usage)):
        options.stderr.print(f"{usage}: {int((faces.usage == usage).sum()):,} faces")
    print(out)
