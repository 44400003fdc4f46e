"""Files that are there whole or not at all."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO


class DatasetUnwritable(Exception):
    """A prepared data set or its report cannot be written: no permission, no such folder, no room on the disk."""


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file to write into, beside `path`; it takes the place of `path` when all is written.

    Raises DatasetUnwritable if that fails; `path` then is what it was before.
    """
    beside = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with open(beside, "wb") as file:
            yield file
        os.replace(beside, path)
    except OSError as error:
        raise DatasetUnwritable(
            f"{path} can't be written: {error.strerror or error}. What was there before is unchanged."
        ) from error
    finally:
        with contextlib.suppress(OSError):
            beside.unlink()
