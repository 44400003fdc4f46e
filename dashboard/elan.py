"""Annotation files of ELAN (EAF, the EUDICO Annotation Format 2.7 to 3.0): who says or does what when, in tiers.

The format: https://www.mpi.nl/tools/elan/EAF_Annotation_Format_3.0_and_ELAN.pdf. An annotation of a tier refers either
to two time slots, in milliseconds, or to another annotation, whose times it shares. A slot may lack a time; the slots
stand in the order of time, so that it lies between its neighbours, where ELAN draws it too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import unquote
from xml.etree import ElementTree
from xml.parsers import expat

import numpy as np


class NotElan(Exception):
    """The bytes are no EAF file, or one that can't be used; the message is a sentence."""


@dataclass(frozen=True)
class Document:
    """rows: {id, t_s, end_s, kind (the tier), note (the value)}, with `problem` where one has no time.

    media: the names of the files that it is about, without folders. warnings: sentences.
    """

    rows: list[dict]
    media: list[str]
    warnings: list[str]


def read(data: bytes) -> Document:
    """Read an EAF file. Raises NotElan; a file that declares entities is refused, for they can grow without end."""
    _refuse_doctype(data)
    try:
        root = ElementTree.fromstring(data)
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise NotElan(f"it is not well-formed XML ({error}).") from error
    if root.tag != "ANNOTATION_DOCUMENT":
        raise NotElan("it is XML, but no annotation document of ELAN.")
    header = root.find("HEADER")
    units = "milliseconds" if header is None else header.get("TIME_UNITS", "milliseconds")
    if units != "milliseconds":
        raise NotElan(f"its times are in {units[:40]}, not in milliseconds: save it with ELAN of today.")
    slots, guessed = _slots(root)
    times, rows = {}, []
    annotations = [
        (tier.get("TIER_ID", ""), each) for tier in root.iter("TIER") for each in tier.iterfind("ANNOTATION/*")
    ]
    parents = {each.get("ANNOTATION_ID"): each.get("ANNOTATION_REF") for _, each in annotations}
    for _, each in annotations:
        if each.tag == "ALIGNABLE_ANNOTATION":
            times[each.get("ANNOTATION_ID")] = (each.get("TIME_SLOT_REF1"), each.get("TIME_SLOT_REF2"))
    between = 0
    for tier, each in annotations:
        key = each.get("ANNOTATION_ID")
        row = {"id": str(key)[:40], "t_s": 0.0, "end_s": None, "kind": tier, "note": each.findtext("ANNOTATION_VALUE")}
        pair = times.get(_aligned(key, times, parents), (None, None))
        if pair[0] in slots and pair[1] in slots:
            row |= {"t_s": slots[pair[0]], "end_s": slots[pair[1]]}
            between += bool(guessed.intersection(pair))
        else:
            row["problem"] = "it has no time."
        rows.append(row)
    warnings = (
        [f"{between} of its annotations have no exact time, but one between their neighbours'."] if between else []
    )
    described = root.findall("HEADER/MEDIA_DESCRIPTOR")
    if any(each.get("TIME_ORIGIN", "0") != "0" for each in described):
        warnings.append("It shifts its media in time (TIME_ORIGIN), which is not followed here: look at the times.")
    addresses = [each.get("RELATIVE_MEDIA_URL") or each.get("MEDIA_URL") or "" for each in described]
    media = [PurePosixPath(unquote(address).replace("\\", "/")).name for address in addresses]
    return Document(rows, [name for name in media if name], warnings)


def other_media(document: Document, video_name: str | None) -> list[str]:
    """A warning where the file names media, and none of them is called like the video (endings do not count)."""

    def stem(name: str) -> str:
        return re.sub(r"\.\w{1,5}$", "", name).casefold()

    if not video_name or not document.media or stem(video_name) in map(stem, document.media):
        return []
    named = ", ".join(name[:80] for name in document.media[:3])
    return [f"It was made for {named}, and this video is called {video_name[:80]}."]


def _refuse_doctype(data: bytes) -> None:
    def refuse(*_) -> None:
        raise NotElan("it has a DOCTYPE, which ELAN does not write.")

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise NotElan(f"it is not well-formed XML ({error}).") from error


def _slots(root: ElementTree.Element) -> tuple[dict[str, float], set[str]]:
    """{slot: seconds}, those without a time evenly between their neighbours, and which those are.

    A slot before the first or after the last one with a time has none.
    """
    names, values = [], []
    for slot in root.iterfind("TIME_ORDER/TIME_SLOT"):
        text = slot.get("TIME_VALUE", "")
        names.append(slot.get("TIME_SLOT_ID"))
        values.append(int(text) / 1000 if re.fullmatch(r"-?\d{1,12}", text) else np.nan)
    known = np.flatnonzero(~np.isnan(values)) if values else []
    if not len(known):
        return {}, set()
    filled = np.interp(np.arange(len(values)), known, np.array(values)[known], left=np.nan, right=np.nan)
    slots = {name: float(second) for name, second in zip(names, filled, strict=True) if not np.isnan(second)}
    return slots, {name for name, value in zip(names, values, strict=True) if np.isnan(value)}


def _aligned(key: str | None, times: dict, parents: dict) -> str | None:
    """The annotation with times of its own that this one hangs on, step by step; None where there is none."""
    seen = set()
    while key is not None and key not in times and key not in seen:
        seen.add(key)
        key = parents.get(key)
    return key if key in times else None
