"""What several commands share: options, and how figures are shown."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

stderr = Console(stderr=True, soft_wrap=True)
stdout = Console(soft_wrap=True)

Data = Annotated[Path, typer.Option("--data", help="A prepared data set (.npz).")]
Home = Annotated[Path | None, typer.Option("--home", help="Folder that holds everything [default: ./data].")]


def show(evaluations: list[dict]) -> None:
    """One line for each evaluation: shares in percent, the ends of their 95 percent intervals in brackets."""
    table = Table("split", "labels", "faces", "7 classes, %", "3 categories, %", "macro F1, %", "ECE, %")
    for result in evaluations:
        figures = (with_interval(result, name) for name in ("accuracy", "accuracy_3", "macro_f1"))
        table.add_row(result["split"], result["labels"], f"{result['n']:,}", *figures, percent(result["ece"]))
    stdout.print(table)


def percent(value: float | None) -> str:
    """A share in percent with one digit; a dash where it is undefined."""
    return "–" if value is None else f"{100 * value:.1f}"


def with_interval(figures: dict, measure: str) -> str:
    """A measure in percent, with its interval in brackets where there is one."""
    interval = figures.get("intervals", {}).get(measure)
    return percent(figures[measure]) + (f" ({percent(interval[0])}–{percent(interval[1])})" if interval else "")


def home_folder(home: Path | None):
    """The home of this call: the flag, the settings, or ./data. Raises SettingsInvalid."""
    from processor import config

    return config.Home(config.load(home=home).home)
