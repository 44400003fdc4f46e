"""What is wrong with a data set, said once as a table and once as JSON."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

import numpy as np
from rich.console import Group
from rich.table import Column, Table
from rich.text import Text

from db.emotions import EMOTIONS
from training import duplicates
from training.datasets import USAGES, VOTES, FaceSet
from training.duplicates import Duplicates
from training.readers import Labelled, Listing, Problem
from training.replacing import replacing

EXAMPLES = 3  # of each kind of problem, in the table; all are in the JSON
USUAL_SIZE_SHARE = 0.9  # when so many pictures have one size, the others are odd


@dataclass
class Report:
    """All that preparing a set brought to light.

    counts: {usage: {emotion: faces}} of the set in the end. dropped: {source: {class: faces}} of classes that Moodreel
    does not have. taken_out: {reason: faces} by options. duplicates: None where they were not looked for.
    """

    sources: list[dict] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    dropped: dict[str, dict[str, int]] = field(default_factory=dict)
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    taken_out: dict[str, int] = field(default_factory=dict)
    duplicates: dict = field(default_factory=dict)
    leaks: list[dict] = field(default_factory=list)
    disagreements: list[dict] = field(default_factory=list)

    def add_source(self, listing: Listing, faces: int) -> None:
        """A set that was read, and how many of its faces can be used."""
        self.sources.append({"path": str(listing.path), "format": listing.format, "faces": faces})
        self.problems += listing.problems
        if listing.dropped:
            self.dropped[str(listing.path)] = dict(sorted(listing.dropped.items()))

    def add_duplicates(self, faces: FaceSet, labelled: list[Labelled], found: Duplicates) -> None:
        """What `duplicates.find` found, with every pair by name."""
        copies = found.copies()
        where = [face.where for face in labelled]
        self.duplicates = {
            "exact": {"copies": int(copies.sum()), "pictures": len(np.unique(found.exact[copies]))},
            "near": {
                "pairs": len(found.pairs), "mirrored": int(found.mirrored.sum()), "faces": int(found.near().sum()),
            },
            "pairs": [
                {"kind": "exact", "a": where[found.exact[i]], "b": where[i]} for i in np.flatnonzero(copies)
            ] + [
                {"kind": "mirrored" if mirrored else "near", "a": where[i], "b": where[j],
                 "similarity": round(float(similarity), 3)}
                for (i, j), similarity, mirrored in zip(found.pairs, found.similarity, found.mirrored, strict=True)
            ],
        }  # fmt: skip
        self.leaks = duplicates.leaks(faces, found)
        self.disagreements = [
            {"a": where[found.exact[i]], "b": where[i],
             "labels": [EMOTIONS[faces.fer[found.exact[i]]], EMOTIONS[faces.fer[i]]]}
            for i in np.flatnonzero(copies & (faces.fer != faces.fer[found.exact]))
        ]  # fmt: skip

    def as_dict(self) -> dict:
        """The report for JSON."""
        problems = [vars(problem) for problem in self.problems]
        return {
            "faces": sum(sum(split.values()) for split in self.counts.values()),
            "counts": self.counts,
            "sources": self.sources,
            "dropped_classes": self.dropped,
            "left_out": [{k: v for k, v in p.items() if k != "kept"} for p in problems if not p["kept"]],
            "noted": [{k: v for k, v in p.items() if k != "kept"} for p in problems if p["kept"]],
            "taken_out": self.taken_out,
            "duplicates": self.duplicates,
            "leaks": self.leaks,
            "exact_duplicates_with_other_labels": self.disagreements,
        }

    def save(self, path: Path) -> None:
        """Write the report as JSON. Raises DatasetUnwritable."""
        text = json.dumps(self.as_dict(), indent=1, ensure_ascii=False) + "\n"
        with replacing(path) as file:
            # A name on the disk need not be text.
            file.write(text.encode("utf-8", errors="backslashreplace"))

    def tables(self) -> Group:
        """The report to be read: class counts by split, then what was found, with a few examples."""
        counts = Table("emotion", *(Column(usage, justify="right") for usage in self.counts))
        for emotion in EMOTIONS:
            counts.add_row(emotion, *(f"{split[emotion]:,}" for split in self.counts.values()))
        counts.add_row("all", *(f"{sum(split.values()):,}" for split in self.counts.values()))
        found = Table("found", "faces", "which")
        for rows in (self._problem_rows(), self._duplicate_rows()):
            for row in rows:
                found.add_row(*(Text(cell) for cell in row))  # names may hold what rich takes for markup
        return Group(counts, *([found] if found.row_count else []))

    def _problem_rows(self) -> list[tuple[str, str, str]]:
        rows = []
        for path, split in self.dropped.items():
            told = ", ".join(f"{name}: {n:,}" for name, n in split.items())
            rows.append(("class dropped", f"{sum(split.values()):,}", f"{told} (in {path})"))
        in_order = sorted(self.problems, key=lambda p: (p.kept, p.kind))
        for (kept, kind), group in groupby(in_order, key=lambda p: (p.kept, p.kind)):
            same = list(group)
            told = "; ".join(f"{p.where}: {p.text}" for p in same[:EXAMPLES])
            rest = f"; and {len(same) - EXAMPLES:,} more" if len(same) > EXAMPLES else ""
            rows.append((f"{kind}, {'kept' if kept else 'left out'}", f"{len(same):,}", told + rest))
        return rows + [(reason, f"{n:,}", "as the options say") for reason, n in self.taken_out.items()]

    def _duplicate_rows(self) -> list[tuple[str, str, str]]:
        if not self.duplicates:
            return []
        exact, near = self.duplicates["exact"], self.duplicates["near"]
        rows = []
        if exact["copies"]:
            text = f"copies of {exact['pictures']:,} pictures; {len(self.disagreements):,} have another label"
            rows.append(("exact duplicates", f"{exact['copies']:,}", text))
        if near["pairs"]:
            text = f"in {near['pairs']:,} pairs, {near['mirrored']:,} of them mirrored"
            rows.append(("near duplicates", f"{near['faces']:,}", text))
        for leak in self.leaks:
            (a, b), (n, m) = leak["splits"], (sum(leak[kind][i] for kind in ("exact", "near")) for i in (0, 1))
            text = f"{leak['exact'][0]:,} exactly, {leak['near'][0]:,} nearly; the same pictures are {m:,} faces of {b}"
            rows.append((f"leak: {a} in {b}", f"{n:,}", text))
        return rows


def class_counts(faces: FaceSet) -> dict[str, dict[str, int]]:
    """{usage: {emotion: faces}} for every split that holds a face."""
    counts = {usage: np.bincount(faces.fer[faces.usage == usage], minlength=len(EMOTIONS)) for usage in USAGES}
    return {usage: dict(zip(EMOTIONS, n.tolist(), strict=True)) for usage, n in counts.items() if n.sum()}


def without_a_face(faces: FaceSet) -> dict[str, np.ndarray]:
    """Pictures without a face, {reason: bool (N,)}: of one single grey level, or by more than half of the votes."""
    flat = faces.images.reshape(len(faces), -1)
    blank = flat.min(axis=1, initial=255) == flat.max(axis=1, initial=0)
    if faces.votes is None:
        voted = np.zeros(len(faces), bool)
    else:
        votes = faces.votes.astype(int)
        voted = votes[:, VOTES.index("not-a-face")] * 2 > votes.sum(axis=1)
    return {"blank": blank, "no face by votes": voted}


def size_problems(labelled: list[Labelled], sizes_px: list[tuple[int, int]]) -> list[Problem]:
    """Pictures, kept all the same, that are not square, or not of the (width, height) that nearly all others have."""
    if not sizes_px:
        return []
    usual, times = Counter(sizes_px).most_common(1)[0]
    uniform = times >= USUAL_SIZE_SHARE * len(sizes_px)
    problems = []
    for face, (width, height) in zip(labelled, sizes_px, strict=True):
        if uniform and (width, height) != usual:
            text = f"{width}x{height} pixels, where nearly all have {usual[0]}x{usual[1]}"
            problems.append(Problem("odd size", face.where, text, kept=True))
        elif width != height:
            text = f"{width}x{height} pixels: the middle square was taken"
            problems.append(Problem("not square", face.where, text, kept=True))
    return problems
