"""What happens before and after each epoch: seeds, curves, checkpoints, the best weights, progress."""

from __future__ import annotations

import csv
import math
import os
import time
from pathlib import Path

import keras
import numpy as np
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from training.batches import Batches
from training.errors import CheckpointUnusable
from training.weights import load_weights

CURVES_FILE = "curves.csv"
WEIGHTS = Path("checkpoint") / "latest.weights.h5"
DRAWS_AN_EPOCH = 1_000_000  # more than there are
MIB = 1 << 20
HDF5_MIB = 4  # what a file holds besides the weights, at most
LINE_EVERY_S = 60.0  # of a log that is no terminal


def curves(folder: Path) -> list[dict[str, float]]:
    """The training curves, one dict an epoch, rounded to 4 digits; an epoch done twice after a stop counts once."""
    rows = _rows(folder)
    return [{name: round(value, 4) for name, value in rows[epoch].items()} for epoch in sorted(rows)]


def _rows(folder: Path) -> dict[int, dict[str, float]]:
    """{epoch: its values}, of every line that is whole."""
    file = folder / CURVES_FILE
    if not file.exists():
        return {}
    with open(file, newline="") as lines:
        whole = [row for row in csv.DictReader(lines) if None not in row.values() and None not in row]
    return {int(float(row["epoch"])): {name: float(value) for name, value in row.items()} for row in whole}


def better(monitor: str, value: float, than: float | None) -> bool:
    """Whether `value` of the measure `monitor` is better: more of an accuracy, less of a loss."""
    return than is None or (value > than if "accuracy" in monitor else value < than)


def resume(trainer: keras.Model, folder: Path, steps: int) -> int:
    """Bring a compiled model back to its checkpoint in `folder`, with optimizer and random state. Returns its epochs.

    The optimizer's count of steps says which epoch it is, so that one file holds everything and can't disagree with
    another. 0 if there is no checkpoint. Raises CheckpointUnusable if it is damaged or of another network.
    """
    file = folder / WEIGHTS
    if not file.exists():
        return 0
    trainer.optimizer.build(trainer.trainable_variables)
    try:
        load_weights(trainer, file)
    except ValueError as error:
        raise CheckpointUnusable(
            f"{file} can't be read as a checkpoint of this network: {error} "
            f"Go on with the options that it was begun with, or remove {folder} to begin anew."
        ) from error
    return int(keras.ops.convert_to_numpy(trainer.optimizer.iterations)) // steps


class Seeds(keras.callbacks.Callback):
    """All that is random in an epoch follows from the seed and the epoch: Keras' checkpoints hold no random state."""

    def __init__(self, shown: Batches):
        super().__init__()
        self.shown = shown

    def on_epoch_begin(self, epoch, logs=None):
        self.shown.epoch = epoch
        for variable in self.model.variables:
            if variable.path.endswith("seed_generator_state"):
                seed, _ = keras.ops.convert_to_numpy(variable)
                variable.assign(np.array([seed, epoch * DRAWS_AN_EPOCH], variable.dtype))


class EpochLog(keras.callbacks.Callback):
    """The curves, `curves.csv`: a line for each epoch, with the seconds that it took."""

    def __init__(self, folder: Path):
        super().__init__()
        self.file = folder / CURVES_FILE

    def on_epoch_begin(self, epoch, logs=None):
        self.started = time.monotonic()

    def on_epoch_end(self, epoch, logs=None):
        values = {"epoch": epoch, **dict(sorted(logs.items())), "seconds": time.monotonic() - self.started}
        try:
            with open(self.file, "a+", newline="") as file:
                file.seek(0)
                columns = next(csv.reader(file), None)  # of an earlier run
                if columns and not file.read().endswith("\n"):
                    file.write("\n")  # after a line that a stop has cut off
                lines = [list(values)] if columns is None else []
                lines.append([values.get(name, "nan") for name in columns or values])
                csv.writer(file).writerows(lines)
        except OSError as error:
            raise CheckpointUnusable(f"{self.file} can't be written: {error.strerror or error}.") from error


class Checkpoint(keras.callbacks.Callback):
    """All that a training needs to go on, in one file, replaced whole: a stop at any moment leaves a good one."""

    def __init__(self, folder: Path):
        super().__init__()
        self.folder = folder

    def on_epoch_end(self, epoch, logs=None):
        save_weights(self.model, self.folder / WEIGHTS)


class KeepBest(keras.callbacks.Callback):
    """The network's weights after the epoch with the best `monitor`, in `best-MONITOR.weights.h5`."""

    def __init__(self, folder: Path, monitor: str, done: int):
        """done: epochs that earlier runs in this folder have finished."""
        super().__init__()
        self.file, self.monitor, self.best = best_file(folder, monitor), monitor, None
        for epoch, row in _rows(folder).items():
            if epoch < done and better(monitor, row[monitor], self.best):
                self.best = row[monitor]

    def on_epoch_end(self, epoch, logs=None):
        if better(self.monitor, logs[self.monitor], self.best):
            self.best = logs[self.monitor]
            save_weights(self.model.layers[-1], self.file)


def best_file(folder: Path, monitor: str) -> Path:
    return folder / f"best-{monitor}.weights.h5"


def save_weights(model: keras.Model, file: Path) -> None:
    """Write the weights beside `file`, then take its place. Raises CheckpointUnusable if there is no room."""
    beside = file.with_name(f"next-{file.name}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        _try_room(beside, model)
        model.save_weights(beside)
        os.replace(beside, file)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise CheckpointUnusable(
            f"The checkpoint {file} can't be written: {error.strerror or error}. The one before it is kept: make room "
            "on the disk and give the same command again, it goes on from there."
        ) from error


def _try_room(file: Path, model: keras.Model) -> None:
    """Fill `file` with as much as the weights need: HDF5 crashes on a full disk, this raises OSError."""
    optimizer = getattr(model, "optimizer", None)  # a network that was not compiled has none
    variables = [*model.variables, *(optimizer.variables if optimizer else [])]
    needed = sum(math.prod(variable.shape) * np.dtype(variable.dtype).itemsize for variable in variables)
    with open(file, "wb") as room:
        for _ in range(HDF5_MIB + math.ceil(needed / MIB)):
            room.write(bytes(MIB))
        os.fsync(room.fileno())


class _Remembers:
    """A callback whose memory is brought back by `replay`, and that so must not begin anew."""

    def on_train_begin(self, logs=None):
        pass


class EarlyStopping(_Remembers, keras.callbacks.EarlyStopping):
    pass


class ReduceLROnPlateau(_Remembers, keras.callbacks.ReduceLROnPlateau):
    pass


def replay(trainer: keras.Model, callbacks: list[keras.callbacks.Callback], folder: Path, done: int) -> bool:
    """Play the curves of the first `done` epochs to callbacks that have a memory; whether they stopped the training.

    What they remember is a function of the curves, so that after a stop they are where they were.
    """
    rows = _rows(folder)
    for callback in callbacks:
        callback.set_model(trainer)
        for epoch in sorted(epoch for epoch in rows if epoch < done):
            callback.on_epoch_end(epoch, dict(rows[epoch]))
    return trainer.stop_training


class Reporting(keras.callbacks.Callback):
    """Progress with the time left: a bar on a terminal, lines in a log file."""

    def __init__(self, epochs: int, steps: int, done: int, console: Console | None = None):
        super().__init__()
        self.epochs, self.steps, self.first = epochs, steps, done
        self.console = console or Console(stderr=True)
        self.bar = None

    def on_train_begin(self, logs=None):
        self.started = self.printed = time.monotonic()
        self.epoch = self.first
        if self.console.is_terminal:
            columns = (
                TextColumn("{task.description}"),
                BarColumn(),
                TimeElapsedColumn(),
                TextColumn("{task.fields[left]}"),
            )
            self.bar = Progress(*columns, console=self.console)
            steps = self.epochs * self.steps
            self.task = self.bar.add_task("", total=steps, completed=self.first * self.steps, left="")
            self.bar.start()
        elif self.first:
            self.console.print(f"{self.first} of {self.epochs} epochs are done already.")

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        done = self.epoch * self.steps + batch + 1
        what = f"epoch {self.epoch + 1} of {self.epochs}, step {batch + 1} of {self.steps}"
        if logs:
            what += f", loss {logs['loss']:.3f}"
        left = f"{self._left(done)} left"
        if self.bar:
            self.bar.update(self.task, completed=done, description=what, left=left)
        elif time.monotonic() - self.printed >= LINE_EVERY_S:
            self._line(f"{what}, {left}")

    def on_epoch_end(self, epoch, logs=None):
        measures = ", ".join(
            f"{name} {value:.3f}" for name, value in sorted((logs or {}).items()) if name != "learning_rate"
        )
        left = self._left((epoch + 1) * self.steps)
        self._line(f"epoch {epoch + 1} of {self.epochs}: {measures}; {left} left")

    def close(self) -> None:
        """Give the terminal back, however the training ended."""
        if self.bar:
            self.bar.stop()

    def _left(self, done: int) -> str:
        spent = time.monotonic() - self.started
        left_s = spent * (self.epochs * self.steps - done) / max(done - self.first * self.steps, 1)
        return (
            f"{left_s / 3600:.1f} h"
            if left_s > 2 * 3600
            else f"{left_s / 60:.0f} min"
            if left_s > 120
            else f"{left_s:.0f} s"
        )

    def _line(self, text: str) -> None:
        self.printed = time.monotonic()
        self.console.print(text, highlight=False, soft_wrap=True)
