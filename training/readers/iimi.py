"""IIMI (system A): the file name tells label, participant and gender."""

from __future__ import annotations

from pathlib import Path

from training import classes
from training.datasets import DatasetUnreadable
from training.readers.listing import Labelled, Listing, Problem, files_in


def is_iimi(folder: Path) -> bool:
    """Whether at least half of the files in the folder are named as IIMI's are."""
    files = files_in(folder)
    return bool(files) and sum(_told(file) is not None for file in files) * 2 >= len(files)


def read_iimi(folder: Path) -> Listing:
    """`DST_002_F_ANG.jpg`: participant, gender, and the label in three letters. All of it is to train on (system A).

    A file whose name tells no label is listed and left out. Raises DatasetUnreadable if no file's name tells one.
    """
    listing = Listing(folder, "iimi")
    for file in files_in(folder):
        where, told = str(file.relative_to(folder)), _told(file)
        if told is None:
            known = ", ".join(code.upper() for code in classes.SETS["iimi"])
            text = f"the name is not like DST_002_F_ANG.jpg, with one of {known}"
            listing.problems.append(Problem("no single label", where, text))
            continue
        emotion, subject, gender = told
        listing.faces.append(
            Labelled(
                file,
                file.name,
                emotion,
                "Training",
                "iimi",
                where,
                len(listing.faces),
                gender=gender,
                subject=subject,
            )  # fmt: skip
        )
    if not listing.faces:
        raise DatasetUnreadable(f"No file in {folder} is named as IIMI's are: DST_002_F_ANG.jpg.")
    return listing


def _told(file: Path) -> tuple[int, str, str] | None:
    """(label, participant, gender) by the file's name, or None."""
    parts = file.stem.split("_")
    if len(parts) < 4 or parts[3][:3].lower() not in classes.SETS["iimi"]:
        return None
    gender = parts[2].upper() if parts[2].upper() in ("F", "M") else ""
    return classes.label(parts[3][:3], "iimi"), parts[1], gender
