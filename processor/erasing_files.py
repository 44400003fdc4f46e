"""Which files a subject has in a home and in the watched folders, and whether any file there still names it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from db.naming import Words, same_subject
from db.store import Store
from processor import metadata, watch
from processor.config import Home
from processor.live_session import read_about
from processor.metadata import FieldInvalid
from processor.watch import SIDECAR_SUFFIX, VIDEO_SUFFIXES

INBOX, BY_HAND, LIVE = "inbox", "given by hand", "live"
# Pictures, sound and numbers: a name among their bytes would be an accident. Their own names are looked at.
_NO_TEXT = (*VIDEO_SUFFIXES, ".jpg", ".jpeg", ".png", ".npz", ".keras", ".onnx", ".zip", ".part", ".content")
_TEXT_BYTES = 64 << 20  # of a file that is read as text
_BLOCK_BYTES = 4 << 20


def files_of(
    home: Home, folders: Iterable[Path], subject: str, video_ids: list[str], owners: dict[str, str | None],
    made: list[str], thumbnails: list[str],
) -> dict[str, list[str]]:  # fmt: skip
    """The files of a subject that are there, by place: library, made, thumbnails, LIVE, INBOX, other watched folders by
    their path, and BY_HAND for those that were given by hand from anywhere else.

    owners: of every file that the store knows, the video it holds, or None. A file of the watched folders that it does
    not know yet is the subject's where its folder or its sidecar says so.
    """
    ids, found = set(video_ids), {}
    mine = [path for path, video_id in owners.items() if video_id in ids]
    found["library"] = [path for path in mine if Path(path).is_relative_to(home.library)]
    found["made"] = [str(home.made / name) for name in made]
    found["thumbnails"] = [str(home.path / "thumbnails" / name) for name in thumbnails]
    found[LIVE] = [str(file) for file in _of_sessions(home, subject)]
    folders = list(folders)
    ours = [str(path) for path in (home.library, home.spool, home.made, home.results, home.path / "thumbnails")]
    for folder in folders:
        place = INBOX if folder == home.inbox else str(folder)
        found[place] = list(_watched(folder, folders, subject, ids, owners, ours))
    known = {path for paths in found.values() for path in paths}
    found[BY_HAND] = [path for path in mine if path not in known]
    return {
        place: sorted(there) for place, paths in found.items() if (there := [p for p in paths if os.path.lexists(p)])
    }


def _of_sessions(home: Home, subject: str) -> Iterator[Path]:
    """The files of live sessions that are not in the store yet: those that go on, wait, or were refused."""
    for folder in home.live.glob("*/"):
        try:
            whose = read_about(folder)["subject"]
        except (OSError, FieldInvalid):
            continue
        if same_subject(whose, subject):
            yield from folder.iterdir()


def remove_sessions(paths: Iterable[str]) -> None:
    """Remove the folders of live sessions with all that is in them now: one that goes on may have got more files."""
    for folder in {Path(path).parent for path in paths}:
        shutil.rmtree(folder, ignore_errors=True)


def _watched(
    folder: Path, folders: list[Path], subject: str, ids: set[str], owners: dict[str, str | None], ours: list[str]
) -> Iterator[str]:
    seen = {path for path, _ in watch.walk(str(folder), ours)}
    for path in seen:
        if path.endswith(SIDECAR_SUFFIX):
            video = path.removesuffix(SIDECAR_SUFFIX)
            if video not in seen and same_subject(metadata.of_folders(path, folders).get("subject"), subject):
                yield path
            continue
        owner = owners.get(path)
        if owner in ids or (owner is None and same_subject(metadata.of_file(path, folders)[0].get("subject"), subject)):
            yield path
            if path + SIDECAR_SUFFIX in seen:
                yield path + SIDECAR_SUFFIX


def requests_of(home: Home, words: Words, but: str = "") -> list[str]:
    """Requests in the spool, waiting and refused, that the words are in, with their contents; all but one's id."""
    found = []
    for path in sorted([*home.spool.glob("*.json"), *home.refused.glob("*.json")]):
        if path.stem != but and words.are_in(_text(path)):
            content = path.with_suffix(".content")
            found += [str(path), *([str(content)] if content.exists() else [])]
    return found


def remove(paths: Iterable[str]) -> int:
    """Remove files; returns how many were there. Raises OSError where one can't be removed."""
    count = 0
    for path in paths:
        if os.path.lexists(path):
            os.unlink(path)
            count += 1
    return count


def remove_empty_folders(folder: Path, subject: str) -> int:
    """Remove folders named like the subject that have nothing in them (any more); returns how many."""
    count = 0
    for current, _, _ in os.walk(folder, topdown=False):
        if current != str(folder) and same_subject(metadata.clean(os.path.basename(current)), subject):
            try:
                os.rmdir(current)
                count += 1
            except OSError:
                continue  # there is something in it that is not ours
    return count


@dataclass
class Searched:
    """What a search looked at. found: by place in the home, such as spool or inbox, how many files name the subject."""

    files: int = 0
    size_bytes: int = 0
    found: dict[str, int] = field(default_factory=dict)
    paths: list[str] = field(default_factory=list)


def search(home: Home, words: Words, store: Store | None = None, skip: Iterable[Path] = ()) -> Searched:
    """Look for the words in every file under the home: in names, in texts, and in the bytes of stores and snapshots.

    store: the open one, whose file is read through its own descriptor. Videos and pictures are looked at by name only.
    """
    result, skipped = Searched(), {Path(path) for path in skip}
    for folder, _, names in os.walk(home.path):
        for name in names:
            path = Path(folder, name)
            if path in skipped:
                continue
            hit = words.are_in(str(path.relative_to(home.path)))
            result.files += 1
            if path == home.store:
                hit = hit or (store is not None and words.are_in_blocks(store.blocks()))
            elif not path.is_symlink() and not name.endswith(_NO_TEXT):
                hit = hit or _contains(path, words)
            result.size_bytes += path.lstat().st_size if path.exists() else 0
            if hit:
                place = path.relative_to(home.path).parts[0]
                result.found[place] = result.found.get(place, 0) + 1
                result.paths.append(str(path))
    return result


def _contains(path: Path, words: Words) -> bool:
    if path.suffix not in (".duckdb", ".wal", ".fresh"):
        return words.are_in(_text(path))
    try:
        with path.open("rb") as file:
            return words.are_in_blocks(iter(lambda: file.read(_BLOCK_BYTES), b""))
    except FileNotFoundError:
        return False


def _text(path: Path) -> str:
    """A file as text; nothing of one that is gone, or too long to be one."""
    try:
        if not path.is_file() or path.stat().st_size > _TEXT_BYTES:
            return ""
        return path.read_bytes().decode("utf-8", "replace")
    except FileNotFoundError:
        return ""
