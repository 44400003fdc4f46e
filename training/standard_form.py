"""A data set on disk as system A kept every set: `train|test/<class>/<original file name>`."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from PIL import Image

from db.emotions import EMOTIONS
from training.readers import Labelled
from training.replacing import DatasetUnwritable


def write_folders(folder: Path, labelled: list[Labelled]) -> None:
    """Copy every picture, as it is, to its place; the faces of a table are written as PNG. The originals stay.

    FER2013's two test splits go to `test`, as in Kaggle's folders. Pictures of equal name, split and class are told
    apart by a number. The folder appears when all is written. Raises DatasetUnwritable if that fails, or if there is
    something in it already.
    """
    # A folder is renamed onto another only if that is empty.
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise DatasetUnwritable(
            f"{folder} has something in it, which would be mixed up with the set. Name a new folder."
        )
    beside = folder.with_name(f"{folder.name}.{os.getpid()}.part")
    taken: set[Path] = set()
    try:
        for face in labelled:
            inner = beside / ("train" if face.usage == "Training" else "test") / EMOTIONS[face.emotion]
            inner.mkdir(parents=True, exist_ok=True)
            target = _free(inner / face.name, taken)
            if isinstance(face.picture, Path):
                shutil.copyfile(face.picture, target)
            else:
                Image.fromarray(face.picture).save(target, format="PNG")
        os.replace(beside, folder)
    except OSError as error:
        raise DatasetUnwritable(
            f"{folder} can't be written: {error.strerror or error}. Nothing is left of it."
        ) from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _free(target: Path, taken: set[Path]) -> Path:
    """`target`, or with a number if that is taken."""
    free, number = target, 1
    while free in taken:
        number += 1
        free = target.with_name(f"{target.stem}-{number}{target.suffix}")
    taken.add(free)
    return free
