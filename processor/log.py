"""Where log lines go: to standard error, and to `moodreel.log` in the home, which is rotated."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from pathlib import Path

MAX_BYTES = 5 << 20
KEPT = 3


class _OneLine(logging.Formatter):
    """Names of files come from outside: control characters in them must not make lines of their own."""

    def format(self, record: logging.LogRecord) -> str:
        record = logging.makeLogRecord(record.__dict__ | {"msg": plain(record.getMessage()), "args": None})
        return super().format(record)


def plain(text: str) -> str:
    """Text with control characters (newlines, escape sequences) written out as `\\n`, `\\x1b`."""
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape", "backslashreplace").decode()
        for letter in text
    )


def set_up(log_file: Path, console_level: int = logging.INFO) -> None:
    """Send log lines to `log_file`, and those of `console_level` and above to standard error too."""
    console = logging.StreamHandler(sys.stderr)
    console.setLevel(console_level)
    handlers = [console, RotatingFileHandler(log_file, maxBytes=MAX_BYTES, backupCount=KEPT, encoding="utf-8")]
    for handler in handlers:
        handler.setFormatter(_OneLine("%(asctime)s %(levelname)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=handlers, force=True)
    # A disk that is full must not end in a traceback for each line that could not be written.
    logging.raiseExceptions = False


class Complaints:
    """Troubles that last: each is logged when it begins and when it is over, not every second.

    on_error: told the sentence of each as well, when it begins.
    """

    def __init__(self, log: logging.Logger, on_error: Callable[[str], None]):
        self._log, self._on_error = log, on_error
        self._lasting: dict[str, str] = {}

    def about(self, what: str, sentence: str, details: str = "") -> None:
        """Log a sentence that is new; an empty one says that the trouble is over."""
        if not sentence:
            if self._lasting.pop(what, None):
                self._log.info("%s: all right again.", what)
            return
        if self._lasting.get(what) == sentence:
            return
        self._lasting[what] = sentence
        self._log.error("%s%s", sentence, f"\n{details}" if details else "")
        self._on_error(sentence)
