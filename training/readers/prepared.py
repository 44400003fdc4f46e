"""A set that was prepared before, to be prepared again with other options."""

from __future__ import annotations

from pathlib import Path

from training import datasets
from training.readers.listing import Labelled, Listing, set_name


def read_prepared(path: Path) -> Listing:
    """A prepared `.npz`. Raises DatasetUnreadable as `datasets.load` does."""
    faces = datasets.load(path)
    told = {name: getattr(faces, name) for name in datasets.COLUMNS if getattr(faces, name) is not None}
    listing = Listing(path, "prepared", illumination=faces.illumination)
    for i in range(len(faces)):
        row = int(faces.row[i])
        columns = {"name": f"{row:07d}.png", "source": set_name(path)}
        columns |= {name: str(column[i]) for name, column in told.items() if column[i]}
        listing.faces.append(
            Labelled(
                picture=faces.images[i],
                emotion=int(faces.fer[i]),
                usage=str(faces.usage[i]),
                row=row,
                where=f"{path.name}, row {row}",
                votes=None if faces.votes is None else faces.votes[i],
                **columns,
            )  # fmt: skip
        )
    return listing
