"""Model files: which there are, and YuNet's from the OpenCV model zoo."""

from __future__ import annotations

import hashlib
import os
import urllib.error
import urllib.request
from pathlib import Path

from processor.emotions import BundleUnusable, bundles, read_card
from processor.faces import YUNET_SHA256, YUNET_URL, yunet_file

TIMEOUT_S = 60
MAX_BYTES = 16 << 20  # YuNet has a quarter of a MiB


class ModelFileUnusable(Exception):
    """A model file can't be had, or is not the one it should be."""


def pull(models: Path, source: Path | None = None, url: str = YUNET_URL) -> Path:
    """Put YuNet's file into the folder `models`, from `source` if given, else from `url`; returns its path.

    It is named by its content. Raises ModelFileUnusable if it can't be read or fetched, or its SHA-256 is not known.
    """
    try:
        if source is not None:
            with source.open("rb") as file:
                content = file.read(MAX_BYTES)
        else:
            with urllib.request.urlopen(url, timeout=TIMEOUT_S) as answer:
                content = answer.read(MAX_BYTES)
    except (OSError, urllib.error.URLError) as error:
        where = source or url
        raise ModelFileUnusable(
            f"YuNet could not be read from {where}: {getattr(error, 'reason', None) or error}. "
            "Moodreel works without it, with the Haar detector; `models pull --from FILE` takes a copy from elsewhere."
        ) from error
    sha256 = hashlib.sha256(content).hexdigest()
    name = next((name for name, known in YUNET_SHA256.items() if known == sha256), None)
    if name is None:
        known = ", ".join(YUNET_SHA256.values())
        raise ModelFileUnusable(
            f"What came from {source or url} is not a known YuNet file, so it is not used. "
            f"Its SHA-256 is {sha256}; expected one of {known}."
        )
    target = models / name
    beside = target.with_suffix(f".{os.getpid()}.part")
    try:
        beside.write_bytes(content)
        beside.replace(target)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise ModelFileUnusable(f"{target} can't be written: {error.strerror}.") from error
    return target


def listing(models: Path) -> list[dict]:
    """Every model file at hand: {kind: detector or emotions, name, version, path, note}."""
    yunet = yunet_file(models)
    rows = [
        {
            "kind": "detector", "name": "yunet", "version": yunet.stem.rpartition("_")[2] if yunet else "",
            "path": str(yunet or ""), "note": "" if yunet else "not here: `python -m processor models pull`",
        },
        {"kind": "detector", "name": "haar", "version": "", "path": "", "note": "comes with OpenCV"},
    ]  # fmt: skip
    for folder in bundles(models):
        try:
            version, note = str(read_card(folder)["version"]), ""
        except BundleUnusable as error:
            version, note = "", str(error)
        rows.append({"kind": "emotions", "name": folder.name, "version": version, "path": str(folder), "note": note})
    return rows
