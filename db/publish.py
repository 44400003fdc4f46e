"""Publishing: a consistent copy of the store under a new name, and the pointer to it."""

from __future__ import annotations

import os
from pathlib import Path

from db.connection import sync_folder

POINTER = "results.duckdb"
BLOCK_BYTES = 4 << 20


class PublishFailed(Exception):
    """The snapshot could not be written; the previous one is still in force."""


class Snapshots:
    """The numbered copies `folder/<n>.duckdb`, and `results.duckdb` beside the folder, a link to the newest.

    Every copy gets a new name: a process that still holds a replaced file of the same name would be given the old rows
    again when it reconnects. A copy that a reader has open stays readable after it is removed here.
    """

    def __init__(self, folder: Path, keep: int):
        if keep < 1:
            raise ValueError(f"At least one snapshot must be kept. Received: keep={keep}")
        self.folder = Path(folder)
        self.pointer = self.folder.parent / POINTER
        self.keep = keep

    def numbers(self) -> list[int]:
        """The numbers of the snapshots that are there, ascending."""
        return sorted(int(path.stem) for path in self.folder.glob("*.duckdb") if path.stem.isdecimal())

    def in_force(self) -> Path | None:
        """The snapshot that `results.duckdb` points at; None when there is none yet."""
        return self.pointer.resolve() if self.pointer.is_symlink() else None

    def publish(self, source: int) -> Path:
        """Copy the file open as descriptor `source` to the next number, and point `results.duckdb` at it.

        The caller sees to it that nobody writes to `source` meanwhile.

        Raises PublishFailed, with the OSError as its cause; then no half-written file is left.
        """
        # A number is not used again even when somebody emptied the folder: readers know a snapshot by its name.
        last = self.in_force()
        pointed = int(last.stem) if last and last.stem.isdecimal() else 0
        target = self.folder / f"{max([pointed, *self.numbers()]) + 1}.duckdb"
        beside = target.with_suffix(".part")
        link_beside = self.pointer.with_suffix(".part")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._remove_leftovers()
            copy(source, beside)
            beside.rename(target)
            link_beside.symlink_to(os.path.relpath(target, self.pointer.parent))
            link_beside.replace(self.pointer)
            for folder in (self.folder, self.pointer.parent):
                sync_folder(folder)
        except BaseException as error:
            for path in (beside, link_beside, target):
                if path is not target or self.in_force() != target.resolve():
                    path.unlink(missing_ok=True)
            if not isinstance(error, OSError):
                raise
            raise PublishFailed(
                f"The results could not be published to {target}: {error.strerror or error}. "
                f"Free some disk space or look at the folder's permissions; {self.pointer} still shows what it did."
            ) from error
        self._remove_old()
        return target

    def remove_older(self) -> int:
        """Remove every snapshot but the one in force; returns how many. Raises OSError where one can't be removed."""
        older = [number for number in self.numbers() if self.folder / f"{number}.duckdb" != self.in_force()]
        for number in older:
            (self.folder / f"{number}.duckdb").unlink(missing_ok=True)
        return len(older)

    def _remove_leftovers(self) -> None:
        """Remove what a publishing that was killed left behind."""
        for path in [*self.folder.glob("*.part"), self.pointer.with_suffix(".part")]:
            path.unlink(missing_ok=True)

    def _remove_old(self) -> None:
        for number in self.numbers()[: -self.keep]:
            try:
                (self.folder / f"{number}.duckdb").unlink(missing_ok=True)
            except OSError:
                # The new snapshot is in force, and that is what counts; the old one gets another try next time.
                continue


def copy(source: int, target: Path) -> None:
    """Copy the file open as descriptor `source` to the new file `target` and bring it to the disk.

    The copy is made read-only, so that nobody who opens it in the DuckDB shell changes it by mistake.
    """
    with open(target, "xb") as file:
        offset = 0
        while block := os.pread(source, BLOCK_BYTES, offset):
            file.write(block)
            offset += len(block)
        file.flush()
        os.fchmod(file.fileno(), os.fstat(file.fileno()).st_mode & 0o444)
        os.fsync(file.fileno())
