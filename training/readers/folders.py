"""Pictures in folders named by split and class, or by class alone."""

from __future__ import annotations

from pathlib import Path

from db.emotions import EMOTIONS
from training import classes
from training.datasets import DatasetUnreadable
from training.readers.listing import Labelled, Listing, files_in, folders_in, listed, set_name


def has_splits(folder: Path) -> bool:
    """Whether it has folders named as splits are."""
    return any(classes.is_split(inner.name) for inner in folders_in(folder))


def has_classes(folder: Path) -> bool:
    """Whether it has folders named as classes are."""
    return any(classes.is_class(inner.name) for inner in folders_in(folder))


def read_class_folders(folder: Path) -> Listing:
    """`train|test/<class>/<picture>`, as Kaggle has FER2013 and as system A brought every set.

    Raises DatasetUnreadable naming the folder for a split or class that is not known.
    """
    listing = Listing(folder, "folders")
    for inner in folders_in(folder):
        if not classes.is_split(inner.name):
            raise DatasetUnreadable(f"{inner} is not named as a split is: {', '.join(classes.SPLIT_NAMES)}.")
        _add_classes(listing, inner, classes.usage(inner.name), set_name(folder))
    usages = {usage for usage, _ in listing.promised}
    listing.missing_splits = [name for name, there in (
        ("train", "Training" in usages), ("test", bool(usages - {"Training"}))
    ) if not there]  # fmt: skip
    return listing


def read_own(folder: Path) -> Listing:
    """One's own labelled faces: one folder for each emotion, all of it to train on.

    Raises DatasetUnreadable naming the folder for a class that is not known.
    """
    listing = Listing(folder, "own")
    _add_classes(listing, folder, "Training", set_name(folder))
    return listing


def _add_classes(listing: Listing, folder: Path, usage: str, source: str) -> None:
    inner_folders = folders_in(folder)
    if not inner_folders:
        raise DatasetUnreadable(f"{folder} has no folder of a class: {', '.join(EMOTIONS)}.")
    for inner in inner_folders:
        try:
            emotion = classes.label(inner.name)
        except classes.UnknownClass as error:
            raise DatasetUnreadable(
                f"{inner}: {error}. If the set has names of its own, tell them in a mapping file (`--mapping`)."
            ) from error
        files = files_in(inner)
        if emotion is None:
            listing.dropped[inner.name] += len(files)
            continue
        listing.promised.setdefault((usage, emotion), str(inner))
        for file in files:
            row = len(listing.faces)
            where = str(file.relative_to(listing.path))
            listing.faces.append(Labelled(file, file.name, emotion, usage, source, where, row))


def check_promises(listing: Listing, kept: set[tuple[str, int]], partial: bool) -> None:
    """See that no split is missing and no class folder is left without a usable face, if the set is to be whole.

    kept: every (usage, emotion) that has a face. Raises DatasetUnreadable naming the folders.
    """
    if partial:
        return
    if listing.missing_splits:
        raise DatasetUnreadable(
            f"{listing.path} has no split {' and no split '.join(listing.missing_splits)}. "
            "If that is as it should be, say `--partial`."
        )
    empty = [where for key, where in listing.promised.items() if key not in kept]
    if empty:
        raise DatasetUnreadable(
            f"There is no usable picture in {listed(empty)}. If that is as it should be, say `--partial`."
        )
