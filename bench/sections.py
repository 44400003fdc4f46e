"""A file of results in which each command writes its own section, and leaves what people wrote around it alone."""

from __future__ import annotations

from pathlib import Path

RESULTS = Path(__file__).parent / "RESULTS.md"


def write(text: str, name: str, file: Path = RESULTS) -> None:
    """Put `text` between the marks of section `name`, in place of what is there; at the end where there are no marks.

    Everything outside of the marks stays as it is. Raises ValueError where there is one mark without the other.
    """
    begin, end = (f"<!-- {which} of what {name} writes -->" for which in ("Begin", "End"))
    section = f"{begin}\n{text.strip()}\n{end}"
    before = file.read_text(encoding="utf-8") if file.exists() else ""
    if begin not in before and end not in before:
        after = f"{before.rstrip()}\n\n{section}\n".lstrip()
    elif before.count(begin) == before.count(end) == 1 and before.index(begin) < before.index(end):
        after = before[: before.index(begin)] + section + before[before.index(end) + len(end) :]
    else:
        raise ValueError(
            f"{file} must have the marks of {name} once each: put `{begin}` and `{end}` around its section."
        )
    file.write_text(after, encoding="utf-8")
