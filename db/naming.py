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


def same_subject(one: str | None, other: str) -> bool:
    """Whether two names are of one subject: in any case, accents written either way."""
    return one is not None and folded(one) == folded(other)


class Words:
    """Finds texts as whole words, in any case, also where they are written as JSON does.

    An underscore ends a word, as in `anna_2.mp4`; and so does the letter of an escape before it, as in `\\nanna`.
    others: names of others, in which nothing is found: Anna is not found in Anna Maria, who is somebody else.
    """

    def __init__(self, texts: Iterable[str], others: Iterable[str] = ()):
        self.texts = tuple(texts)
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

    def in_bytes(self, least: int = 6) -> re.Pattern[bytes]:
        """Finds those of at least so many characters in bytes of any kind of file, as UTF-8 or UTF-16."""
        written = [form.encode(code) for text in self.texts if len(text) >= least for form in _forms(text)
                   for code in ("utf-8", "utf-16-le")]  # fmt: skip
        return re.compile(b"|".join(re.escape(one) for one in sorted(set(written))) or rb"(?!)", re.IGNORECASE)


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
