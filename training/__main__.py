"""`python -m training`: prepare a data set, train a network, evaluate a bundle."""

from __future__ import annotations

import os
import sys

# Before Keras is imported: TensorFlow's greetings are no news.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import typer

from training.cli import adapt, compare, evaluate, explain, prepare, train
from training.cli.options import stderr
from training.datasets import DatasetUnreadable
from training.errors import CheckpointUnusable, ImagenetMissing
from training.replacing import DatasetUnwritable

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
app.command()(prepare.prepare)
app.command()(train.train)
app.command()(adapt.adapt)
app.command()(evaluate.evaluate)
app.command()(compare.compare)
app.command()(explain.explain)


def main() -> None:
    """Run a command; what is wrong with the input is said in a sentence, with exit code 1."""
    from processor.config import SettingsInvalid
    from processor.emotions import BundleUnusable
    from training.explain import NotExplainable

    said = (
        SettingsInvalid, NotExplainable, DatasetUnreadable, DatasetUnwritable, BundleUnusable,
        ImagenetMissing, CheckpointUnusable, ValueError,
    )  # fmt: skip
    try:
        app()
    except said as error:
        stderr.print(f"[red]{error}[/red]")
        sys.exit(1)


if __name__ == "__main__":
    main()
