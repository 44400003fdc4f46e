"""Prepared data sets for the Data page: which there are, opening one, and figures that are kept once computed.

Everything is kept under the file's path and time, so that a file that is prepared again is read again. The faces
themselves are kept once, for all sessions together; nobody may write into them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.face_pictures import data_url
from db.emotions import EMOTIONS
from training import exploration
from training.datasets import DatasetUnreadable, FaceSet, load

EVERYTHING = "Every part"


@dataclass(frozen=True)
class Shown:
    """What the page shows: the faces of one part of a set, with the labels of one label set.

    key: what it is, for keeping figures: path, time of the file, part, label set. whole: the set that the faces are a
    part of. label_set: one of `exploration.LABEL_SETS`. labels: int (N,), -1 for a face that has none.
    """

    key: tuple
    whole: FaceSet
    faces: FaceSet
    label_set: str
    labels: np.ndarray

    @property
    def labelled(self) -> int:
        """How many of the faces have a label."""
        return int((self.labels >= 0).sum())


def prepared(home: Path) -> list[Path]:
    """The prepared data sets of a home folder, by name."""
    return sorted((home / "datasets").glob("*.npz"))


def opened(path: Path, part: str = EVERYTHING) -> FaceSet:
    """A prepared set, or one part of it. Raises DatasetUnreadable."""
    key = _changed(path)
    return _whole(*key) if part == EVERYTHING else _part(*key, part)


def parts(faces: FaceSet) -> list[str]:
    """What can be chosen to look at: every part together, then those that hold a face."""
    there = set(exploration.parts(faces))
    return [EVERYTHING, *(part for part in exploration.PARTS if part in there)]


def label_sets(faces: FaceSet) -> list[str]:
    """Whose labels can be chosen."""
    return list(exploration.label_sets(faces))


def shown(path: Path, part: str, label_set: str) -> Shown:
    """The faces of a part with the labels of a label set. Raises DatasetUnreadable."""
    faces = opened(path, part)
    labels = exploration.label_sets(faces)[label_set]
    return Shown((*_changed(path), part, label_set), opened(path), faces, label_set, labels)


def everything(part: Shown) -> Shown:
    """The whole of the set that `part` is from, with the labels that every set has."""
    return shown(Path(part.key[0]), EVERYTHING, "FER2013")


def _changed(path: Path) -> tuple[str, int]:
    try:
        return str(path), path.stat().st_mtime_ns
    except OSError as error:
        raise DatasetUnreadable(f"{path} can't be read: {error.strerror}. Choose another data set.") from error


@st.cache_resource(max_entries=2, show_spinner="Reading the data set")
def _whole(path: str, time_ns: int) -> FaceSet:
    return load(Path(path))


@st.cache_resource(max_entries=1, show_spinner=False)
def _part(path: str, time_ns: int, part: str) -> FaceSet:
    faces = _whole(path, time_ns)
    return faces.where(exploration.parts(faces) == part)


def figure(name: str, what: str, shown: Shown, *options):
    """One of `FIGURES`, computed the first time it is asked for; `what` is said while it is."""
    with st.spinner(f"{what}: {len(shown.faces):,} faces"):
        return _figure(name, shown.key, options, shown)


@st.cache_data(max_entries=100, max_size=200 << 20, show_spinner=False)
def _figure(name: str, key: tuple, options: tuple, _shown: Shown):
    return FIGURES[name](_shown, *options)


def _components(shown: Shown, seed: int) -> tuple[pd.DataFrame, tuple[float, float], int]:
    """Rows for `data_charts.components`, the shares explained, and the number of faces behind them."""
    found = exploration.components(shown.faces.images, shown.labels, seed)
    rows = pd.DataFrame(found.xy, columns=["x", "y"])
    rows["emotion"] = [EMOTIONS[label] for label in shown.labels[found.places]]
    rows["image"] = [data_url(face) for face in shown.faces.images[found.places]]
    return rows, found.explained, found.fitted


FIGURES: dict[str, Callable] = {
    "levels": lambda shown: exploration.levels(shown.faces.images, shown.labels),
    "averages": lambda shown: exploration.averages(shown.faces.images, shown.labels),
    "components": _components,
    "pairs": lambda shown: exploration.pair_correlation(shown.faces.images, shown.labels),
    "single": lambda shown, each, seed: exploration.sample_correlation(shown.faces.images, shown.labels, each, seed),
    "repeated": lambda shown: exploration.repeated(shown.faces),
    "augmented": lambda shown, places, *options: exploration.augmented(
        shown.faces.images[list(places)], *options, illumination=shown.faces.illumination
    ),
}
