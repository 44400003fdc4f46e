"""How a subject's name, and what its files are called, is found in texts and in files, and replaced.

A subject is one in any case and either way of writing accents. A name is found as a whole word: letters and digits
touching it make another word of it, so that Al is not found in Alice.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable

ERASED = "[erased]"  # what stands in place of a name in what stays
LONG = 6  # characters of a text that is looked for among bytes; a shorter one would be found by accident
OVERLAP = 4096  # bytes of a block that are looked at with the next one, too


def same_subject(one: str | None, other: str) -> bool:
    """Whether two names are of one subject: in any case, accents written either way."""
    return one is not None and folded(one) == folded(other)


class Words:
    """Finds texts as whole words, in any case, also where they are written as JSON does.

    An underscore ends a word, as in `anna_2.mp4`; and so does the letter of an escape before it, as in `\\nanna`.
    others: names of others, in which nothing is found: Anna is not found in Anna Maria, who is somebody else.
    """

    def __init__(self, texts: Iterable[str], others: Iterable[str] = ()):
        others = tuple(others)
        self.texts, self._namesakes = tuple(texts), [folded(name) for name in others]
        self._find = re.compile(_either(self.texts), re.IGNORECASE)
        self.others = tuple(name for name in others if self._find.search(name))
        if self.others:
            self._find = re.compile(f"(?:{_either(self.others)})|(?P<found>{_either(self.texts)})", re.IGNORECASE)
        else:
            self._find = re.compile(f"(?P<found>{_either(self.texts)})", re.IGNORECASE)

    def are_in(self, text: str) -> bool:
        """Whether any of them is in the text."""
        return any(hit["found"] for hit in self._find.finditer(text))

    def replaced_in(self, text: str) -> str:
        """The text with ERASED in their place."""
        return self._find.sub(lambda hit: ERASED if hit["found"] else hit[0], text)

    def are_in_blocks(self, blocks: Iterable[bytes]) -> bool:
        """Whether any of those that are long enough is in a file of any kind, read block by block; UTF-8 or UTF-16.

        Bytes have no words: so short ones are passed over, and a name that is a part of somebody else's.
        """
        long = [folded(text) for text in self.texts if len(text) >= LONG]
        long = [text for text in long if not any(text in name for name in self._namesakes)]
        # A hash starts with the id, and a path has the name in it: whoever finds the one need not look for the other.
        needed = [text for text in long if not any(other in text and other != text for other in long)]
        codes = ("utf-8", "utf-16-le")
        needles = {form.encode(code).lower() for text in needed for form in _forms(text) for code in codes}
        kept = b""
        for block in blocks:
            content = kept + block.lower()
            if any(needle in content for needle in needles):
                return True
            kept = content[-OVERLAP:]
        return False


def _either(texts: Iterable[str]) -> str:
    forms = {form for text in texts for form in _forms(text)}
    either = "|".join(re.escape(form) for form in sorted(forms, key=lambda form: (-len(form), form)))
    return rf"(?:(?<![^\W_])|(?<=\\[nrtbf]))(?:{either})(?![^\W_])" if forms else r"(?!)"


def folded(text: str) -> str:
    """A name as names are compared."""
    return unicodedata.normalize("NFC", text).casefold()


def _forms(text: str) -> set[str]:
    accents = {unicodedata.normalize(form, text) for form in ("NFC", "NFD")} | {text}
    cased = {way for one in accents for way in (one, one.lower(), one.upper(), one.title())}
    return (
        cased | {json.dumps(one)[1:-1] for one in cased} | {json.dumps(one, ensure_ascii=False)[1:-1] for one in cased}
    )
