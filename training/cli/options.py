"""What several commands share: options, and how figures are shown."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

stderr = Console(stderr=True)

Data = Annotated[Path, typer.Option("--data", help="A prepared data set (.npz).")]


def show(evaluations: list[dict]) -> None:
    """One line for each evaluation."""
    table = Table("split", "labels", "faces", "7 classes, %", "3 categories, %", "macro F1, %", "ECE, %")
    for result in evaluations:
        figures = (f"{100 * result[name]:.1f}" for name in ("accuracy", "accuracy_3", "macro_f1", "ece"))
        table.add_row(result["split"], result["labels"], f"{result['n']:,}", *figures)
    Console().print(table)
