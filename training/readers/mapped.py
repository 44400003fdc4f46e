"""Pictures whose folders or names tell split and class by a set's own names: RAF-DB, AffectNet and the like.

A mapping file (TOML) says how. All of its entries:

    name = "raf-db"                  # what the set is called [default: the folder's name]
    pictures = "{split}/{class}/*"   # where pictures lie; also {gender} and {subject}; * is any text without /
    codes = "raf-db"                 # codes Moodreel knows: affectnet, fer2013, iimi, raf-db
    split = "train"                  # of all pictures, where `pictures` has no {split}
    labels = "list.txt"              # lines `picture class`, where `pictures` has no {class}

    [classes]                        # the set's own names; "drop" leaves a class out
    "08_grin" = "happy"
    "09_contempt" = "drop"

    [splits]                         # the set's own names
    "first_half" = "train"

RAF-DB as it is published needs three lines, and AffectNet in folders (`train/0/1.jpg`) one:

    codes = "raf-db"
    pictures = "Image/aligned/{split}_*"
    labels = "EmoLabel/list_patition_label.txt"

    codes = "affectnet"
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from training import classes
from training.datasets import DatasetUnreadable
from training.readers.listing import Labelled, Listing, Problem, files_in, listed, set_name

_FIELDS = ("split", "class", "gender", "subject")


class Mapping(BaseModel):
    """The entries of a mapping file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = ""
    pictures: str = "{split}/{class}/*"
    codes: str | None = None
    split: str = ""
    labels: str = ""
    classes: dict[str, str] = Field(default_factory=dict)
    splits: dict[str, str] = Field(default_factory=dict)


def load_mapping(path: Path) -> Mapping:
    """Read a mapping file. Raises DatasetUnreadable naming it and what in it can't be used."""
    try:
        mapping = Mapping(**tomllib.loads(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        problems = "; ".join(f"`{'.'.join(map(str, e['loc']))}`: {e['msg']}" for e in error.errors())
        raise DatasetUnreadable(f"The mapping file {path} can't be used: {problems}.") from error
    except (OSError, ValueError) as error:
        raise DatasetUnreadable(f"The mapping file {path} can't be read: {error}.") from error
    fields = re.findall(r"{(.*?)}", mapping.pictures)
    problems = [
        f"`pictures` names {{{name}}}, known are {', '.join(_FIELDS)}" for name in fields if name not in _FIELDS
    ]
    problems += [f"`pictures` names {{{name}}} twice" for name in _FIELDS if fields.count(name) > 1]
    if mapping.codes is not None and mapping.codes not in classes.SETS:
        problems.append(f"`codes` is {mapping.codes!r}, known are {', '.join(classes.SETS)}")
    if ("split" in fields) == bool(mapping.split):
        problems.append("the split must be told by {split} in `pictures` or by `split`, not by both or neither")
    if ("class" in fields) == bool(mapping.labels):
        problems.append("the class must be told by {class} in `pictures` or by `labels`, not by both or neither")
    named = [(f"`classes.{name}`", classes.label, to) for name, to in mapping.classes.items()]
    named += [(f"`splits.{name}`", classes.usage, to) for name, to in mapping.splits.items()]
    named += [("`split`", classes.usage, mapping.split)] if mapping.split else []
    for entry, known, to in named:
        try:
            known(to)
        except classes.UnknownClass as error:
            problems.append(f"{entry}: {error}")
    if problems:
        raise DatasetUnreadable(f"The mapping file {path} can't be used: {'; '.join(problems)}.")
    return mapping


def read_mapped(folder: Path, mapping_file: Path) -> Listing:
    """The pictures of a folder by a mapping file.

    A picture that does not lie where the mapping says is listed and left out. Raises DatasetUnreadable if the mapping
    can't be used, no picture lies where it says, or one has a class or split that it does not tell.
    """
    mapping = load_mapping(mapping_file)
    pattern = _pattern(mapping.pictures)
    labels = _labels(folder / mapping.labels) if mapping.labels else {}
    listing = Listing(folder, "mapped")
    for file in files_in(folder):
        where = file.relative_to(folder).as_posix()
        match = pattern.fullmatch(where)
        told = match.groupdict() if match else {}
        name = told.get("class") or _labelled(file, labels)
        if match is None or name is None:
            listing.problems.append(Problem("no single label", where, f"{mapping_file.name} tells no label for it"))
            continue
        try:
            emotion = classes.label(mapping.classes.get(name, name), mapping.codes)
            split = told.get("split") or mapping.split
            usage = classes.usage(mapping.splits.get(split, split))
        except classes.UnknownClass as error:
            raise DatasetUnreadable(f"{folder / where}: {error}. Tell it in {mapping_file}.") from error
        if emotion is None:
            listing.dropped[name] += 1
            continue
        listing.faces.append(
            Labelled(
                file,
                file.name,
                emotion,
                usage,
                mapping.name or set_name(folder),
                where,
                len(listing.faces),
                gender=_gender(told.get("gender")),
                subject=told.get("subject") or "",
            )  # fmt: skip
        )
    if not listing.faces:
        raise DatasetUnreadable(
            f"No picture in {folder} lies where {mapping_file} says: {mapping.pictures}. "
            f"There are: {listed(problem.where for problem in listing.problems) or 'no files'}."
        )
    return listing


def _pattern(pictures: str) -> re.Pattern:
    """`{split}/{class}/*` as a regular expression."""
    pieces = re.split(r"({\w+}|\*)", pictures)
    return re.compile("".join(
        "[^/]*" if piece == "*" else f"(?P<{piece[1:-1]}>[^/]+?)" if piece[:1] == "{" else re.escape(piece)
        for piece in pieces
    ))  # fmt: skip


def _labels(path: Path) -> dict[str, str]:
    """Class by picture name without its suffix, from lines `train_00001.jpg 5`."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetUnreadable(f"The list of labels {path} can't be read: {error}.") from error
    labels = {}
    for number, line in enumerate(lines, 1):
        parts = re.split(r"[\s,;]+", line.strip())
        if len(parts) == 2:
            labels[Path(parts[0]).stem] = parts[1]
        elif line.strip():
            raise DatasetUnreadable(f"{path}, line {number}: {line!r}, expected a picture and its class.")
    return labels


def _labelled(file: Path, labels: dict[str, str]) -> str | None:
    """RAF-DB calls a picture train_00001.jpg in its list and train_00001_aligned.jpg on the disk."""
    return labels.get(file.stem, labels.get(file.stem.removesuffix("_aligned")))


def _gender(text: str | None) -> str:
    initial = (text or "")[:1].upper()
    return {"F": "F", "W": "F", "M": "M"}.get(initial, "")
