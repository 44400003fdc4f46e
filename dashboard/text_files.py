"""Files of text from outside, whatever program wrote them."""

from __future__ import annotations

import re

_FORMULA = re.compile(r"' *[=+\-@\t\r]")


class NotText(Exception):
    """A file holds something else than text."""


def decoded(data: bytes) -> str:
    """Text from bytes: UTF-16 where it says so, else UTF-8, else what Western Windows writes. Raises NotText."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "cp1252", "latin-1")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise NotText("There is no text in it.")


def unguarded(text: str) -> str:
    """Text without the apostrophe that tables of this program have before what a spreadsheet would run."""
    return text[1:] if _FORMULA.match(text) else text
