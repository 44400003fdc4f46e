"""`python -m training prepare`"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import track

from processor import config
from processor.faces import detector as find_detector
from training import duplicates, readers
from training.cli import options
from training.illumination import METHODS
from training.preparation import Options
from training.preparation import prepare as prepare_set
from training.replacing import DatasetUnwritable
from training.standard_form import write_folders

Format = StrEnum("Format", {name: name for name in ("auto", *readers.FORMATS)})
Illumination = StrEnum("Illumination", {name: name for name in METHODS})


class Align(StrEnum):
    """Whether to align faces, and with which detector."""

    no = "no"
    auto = "auto"
    yunet = "yunet"
    haar = "haar"


class Choice(StrEnum):
    """What becomes of a picture."""

    keep = "keep"
    drop = "drop"


def prepare(
    sources: Annotated[list[Path], typer.Argument(help="Data sets, files or folders; several become one.")],
    out: Annotated[
        Path | None, typer.Option(help="The prepared set to write (.npz); if not given, HOME/datasets/NAME.npz.")
    ] = None,
    home: Annotated[Path | None, typer.Option(help="Home folder; if not given, the setting `home`.")] = None,
    kind: Annotated[
        Format, typer.Option("--format", help="auto, or " + "; ".join(f"{k}: {v}" for k, v in readers.FORMATS.items()))
    ] = Format.auto,
    ferplus: Annotated[Path | None, typer.Option(help="fer2013new.csv, the FER+ votes, row for row.")] = None,
    mapping: Annotated[
        Path | None,
        typer.Option(
            help="TOML file that tells where pictures lie and what classes are called. AffectNet in folders needs one "
            'line: codes = "affectnet". All entries, with examples: training/readers/mapped.py.'
        ),
    ] = None,
    folders: Annotated[
        Path | None, typer.Option(help="Also copy the pictures to a new folder, as train|test/<class>/<name>.")
    ] = None,
    align: Annotated[Align, typer.Option(help="Find each face and move it to where FER2013 has it.")] = Align.no,
    unaligned: Annotated[Choice, typer.Option(help="Pictures in which no face is found to align.")] = Choice.keep,
    illumination: Annotated[
        Illumination | None,
        typer.Option(
            help="Note how a network trained on the set normalises light, in training and in use; the pictures stay as "
            "they are. If not given, what a prepared source notes, else none. "
            + "; ".join(f"{k}: {v}" for k, v in METHODS.items())
        ),
    ] = None,
    faceless: Annotated[
        Choice, typer.Option(help="Pictures without a face: blank, or by more than half of the FER+ votes.")
    ] = Choice.keep,
    drop_duplicates: Annotated[
        bool,
        typer.Option(
            "--drop-duplicates",
            help="Drop from Training what is in it twice, or in a test split. Test splits stay as they are.",
        ),
    ] = False,
    similarity: Annotated[
        float, typer.Option(min=0.5, max=1, help="How alike near duplicates are; 1: only exact ones are looked for.")
    ] = duplicates.SIMILARITY,
    subset: Annotated[
        int | None, typer.Option(min=1, help="Draw so many faces, each split and emotion with its share.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Same seed, same subset.")] = 1,
    partial: Annotated[bool, typer.Option("--partial", help="A split may be missing and a class empty.")] = False,
    report: Annotated[Path | None, typer.Option(help="Also write what was found as JSON, every file by name.")] = None,
) -> None:
    """Bring labelled faces into the form that training reads: 48x48 grey, and say what is wrong with them.

    The originals stay as they are. Pictures of other sizes are cut to their middle square and resampled with Lanczos'
    filter. Files that are no pictures, or do not decode, are listed and left out.
    """
    settings = config.load(home=home)
    out = out or config.Home(settings.home).path / "datasets" / f"{'+'.join(map(readers.set_name, sources))}.npz"
    _refuse_to_overwrite(sources, out, report)
    listings = [readers.read(source, kind, ferplus=ferplus, mapping=mapping) for source in sources]
    detector = None
    if align is not Align.no:
        models = config.Home(settings.home).models
        try:
            detector = find_detector(align, models, settings.min_face_px, settings.min_face_score)
        except FileNotFoundError as error:
            raise ValueError(str(error)) from error
        options.stderr.print(f"Aligning with {detector.name}.")
    chosen = Options(
        detector=detector, unaligned=unaligned, faceless=faceless, drop_duplicates=drop_duplicates,
        similarity=similarity, illumination=illumination, subset=subset, seed=seed, partial=partial,
    )  # fmt: skip
    faces, labelled, found = prepare_set(listings, chosen, _progress)
    options.stderr.print(found.tables())
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatasetUnwritable(f"{out} can't be written: {error.strerror}.") from error
    faces.save(out)
    if report:
        found.save(report)
    if folders:
        write_folders(folders, labelled)
    print(out)


def _refuse_to_overwrite(sources: list[Path], out: Path, report: Path | None) -> None:
    """Originals stay: nothing is written onto a source, nor a data set under a name that is not one's."""
    if out.suffix != ".npz":
        raise ValueError(f"A prepared set is a .npz file. Received: --out {out}")
    for written in (out, report):
        for source in sources:
            if written and written.absolute() == source.absolute():
                raise ValueError(f"{source} is to be read; it can't be written, too. Name another file.")


def _progress(values: Iterable, total: int) -> Iterable:
    hidden = not options.stderr.is_terminal
    return track(values, "Reading pictures", total, console=options.stderr, transient=True, disable=hidden)
