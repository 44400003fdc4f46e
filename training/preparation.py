"""From labelled pictures to one set of faces: open, align, check, choose."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

from processor.faces import Detector
from training import duplicates, readers, validation
from training.alignment import aligned
from training.datasets import COLUMNS, FACE_SIZE, VOTES, DatasetUnreadable, FaceSet
from training.pictures import PictureUnusable, careful, read_grey, square_face
from training.readers import Labelled, Listing, Problem
from training.readers.folders import check_promises
from training.readers.listing import listed
from training.validation import Report

Choice = Literal["keep", "drop"]


@dataclass(frozen=True)
class Options:
    """How to prepare a set.

    detector: aligns faces, or None. unaligned: what becomes of pictures in which it finds none. faceless: what becomes
    of pictures without a face, by votes or because they are blank. similarity: as `duplicates.find` takes it.
    illumination: how training is to normalise light; None leaves what the sets note. subset: how many faces to draw.
    partial: whether a split may be missing and a class empty.
    """

    detector: Detector | None = None
    unaligned: Choice = "keep"
    faceless: Choice = "keep"
    drop_duplicates: bool = False
    similarity: float = duplicates.SIMILARITY
    illumination: str | None = None
    subset: int | None = None
    seed: int = 1
    partial: bool = False


@dataclass(frozen=True)
class _Opened:
    """A picture that could be read: uint8 (48, 48), its size before, and whether a face was found to align."""

    face: np.ndarray
    size_px: tuple[int, int]
    found: bool


def _everything(values: Iterable, _total: int) -> Iterable:
    return values


def read_faces(path: Path) -> FaceSet:
    """Every usable face of the set at `path`, unchecked and unchanged. Raises DatasetUnreadable as `prepare` does."""
    return _open_all(readers.read(path), Options(partial=True), Report(), _everything)[0]


def prepare(
    listings: Sequence[Listing], options: Options, progress: Callable[[Iterable, int], Iterable] = _everything
) -> tuple[FaceSet, list[Labelled], Report]:
    """The faces of all listings as one set, the labelled picture of each, and what was wrong with the others.

    progress: wraps the opened pictures of a listing, and is told how many there will be. Raises DatasetUnreadable if
    nothing usable is left of a listing, or of a class folder or split (unless `partial`), and ValueError if the sets
    note different methods for light and the options none.
    """
    report = Report()
    sets, labelled = [], []
    for listing in listings:
        faces, usable = _open_all(listing, options, report, progress)
        sets.append(faces)
        labelled += usable
    faces = FaceSet.join(sets)

    faceless = validation.without_a_face(faces)
    for reason, found in faceless.items():
        for i in np.flatnonzero(found):
            text = "all of one grey" if reason == "blank" else f"votes for no face: {faces.votes[i, -1]}"
            report.problems.append(Problem(reason, labelled[i].where, text, kept=options.faceless == "keep"))
    if options.faceless == "drop":
        faces, labelled = _without(np.any(list(faceless.values()), axis=0), faces, labelled)

    twins = duplicates.find(faces.images, options.similarity)
    report.add_duplicates(faces, labelled, twins)
    faces = replace(faces, twin_in_training=duplicates.twins_in_training(faces, twins))
    if options.drop_duplicates:
        drop = duplicates.to_drop(faces, twins)
        faces = replace(faces, twin_in_training=None)  # those of `Training` that it tells of are gone
        report.taken_out["duplicates taken out of Training"] = int(drop.sum())
        faces, labelled = _without(drop, faces, labelled)

    if options.subset is not None and options.subset < len(faces):
        report.taken_out["not drawn for the subset"] = len(faces) - options.subset
        chosen = faces.draw(options.subset, options.seed)
        faces, labelled = faces.where(chosen), [labelled[i] for i in chosen]
    report.counts = validation.class_counts(faces)
    return faces, labelled, report


def _open_all(
    listing: Listing, options: Options, report: Report, progress: Callable[[Iterable, int], Iterable]
) -> tuple[FaceSet, list[Labelled]]:
    """Every usable picture of one listing."""
    opened, usable, sizes_px = [], [], []
    with careful(), ThreadPoolExecutor(os.cpu_count()) as pool:
        # Detectors remember and are not shared between threads; decoding lets other threads run.
        each = map if options.detector else pool.map
        results = each(lambda face: _open(face, options), listing.faces)
        for face, result in zip(listing.faces, progress(results, len(listing.faces)), strict=True):
            if isinstance(result, Problem):
                listing.problems.append(result)
                continue
            if not result.found:
                kept = options.unaligned == "keep"
                listing.problems.append(Problem("no face found to align", face.where, "framed as it was", kept))
                if not kept:
                    continue
            opened.append(result.face)
            usable.append(face)
            sizes_px.append(result.size_px)
    listing.problems += validation.size_problems(usable, sizes_px)
    report.add_source(listing, len(usable))
    if not usable:
        reasons = listed(f"{p.where} ({p.kind}: {p.text})" for p in listing.problems) or "there is none"
        raise DatasetUnreadable(f"No picture in {listing.path} can be used: {reasons}.")
    check_promises(listing, {(face.usage, face.emotion) for face in usable}, options.partial)
    return _face_set(usable, opened, options.illumination or listing.illumination), usable


def _open(face: Labelled, options: Options) -> _Opened | Problem:
    try:
        grey = face.picture if isinstance(face.picture, np.ndarray) else read_grey(face.picture)
    except PictureUnusable as error:
        return Problem(error.kind, face.where, str(error))
    found = aligned(grey, options.detector) if options.detector else None
    small = square_face(grey) if found is None else found
    return _Opened(small, grey.shape[::-1], found=options.detector is None or found is not None)


def _face_set(labelled: list[Labelled], images: list[np.ndarray], illumination: str) -> FaceSet:
    columns = {name: np.array([getattr(face, name) for face in labelled]) for name in COLUMNS}
    nobody = np.zeros(len(VOTES), np.uint8)
    voted = any(face.votes is not None for face in labelled)
    return FaceSet(
        images=np.stack(images).reshape(-1, FACE_SIZE, FACE_SIZE),
        fer=np.array([face.emotion for face in labelled], np.int8),
        votes=np.stack([nobody if f.votes is None else f.votes for f in labelled]) if voted else None,
        usage=np.array([face.usage for face in labelled]),
        row=np.array([face.row for face in labelled], np.int32),
        **{name: column for name, column in columns.items() if any(column)},
        illumination=illumination,
    )


def _without(drop: np.ndarray, faces: FaceSet, labelled: list[Labelled]) -> tuple[FaceSet, list[Labelled]]:
    return faces.where(~drop), [face for face, out in zip(labelled, drop, strict=True) if not out]
