"""Where log lines go: to standard error, and to `moodreel.log` in the home, which is rotated."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from pathlib import Path

from db.naming import Words

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


class _LogFile(RotatingFileHandler):
    def close_stream(self) -> None:
        """Let go of the file; the next line opens it again."""
        if self.stream is not None:
            self.stream.close()
            self.stream = None


def set_up(log_file: Path, console_level: int = logging.INFO) -> None:
    """Send log lines to `log_file`, and those of `console_level` and above to standard error too."""
    console = logging.StreamHandler(sys.stderr)
    console.setLevel(console_level)
    handlers = [console, _LogFile(log_file, maxBytes=MAX_BYTES, backupCount=KEPT, encoding="utf-8")]
    for handler in handlers:
        handler.setFormatter(_OneLine("%(asctime)s %(levelname)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=handlers, force=True)
    # A disk that is full must not end in a traceback for each line that could not be written.
    logging.raiseExceptions = False


def count_in_files(log_file: Path, words: Words) -> int:
    """How many lines of the log, the files that were rotated away included, the words are in."""
    return sum(
        words.are_in(line) for file in _files(log_file) for line in file.read_text("utf-8", "replace").splitlines()
    )


def replace_in_files(log_file: Path, words: Words) -> int:
    """Put a neutral word in their place, in all files of the log; returns how many lines that were.

    Nothing that is logged meanwhile is lost: the handler waits, and opens the file anew.
    """
    handlers = [one for one in logging.getLogger().handlers if isinstance(one, RotatingFileHandler)]
    handlers = [one for one in handlers if Path(one.baseFilename) == log_file.absolute()]
    for handler in handlers:
        handler.acquire()
        handler.close_stream()
    try:
        return sum(_replace_in(file, words) for file in _files(log_file))
    finally:
        for handler in handlers:
            handler.release()


def _files(log_file: Path) -> list[Path]:
    return sorted(path for path in log_file.parent.glob(f"{log_file.name}*") if path.is_file())


def _replace_in(file: Path, words: Words) -> int:
    lines = file.read_text("utf-8", "replace").splitlines(keepends=True)
    replaced = [words.replaced_in(line) for line in lines]
    count = sum(before != after for before, after in zip(lines, replaced, strict=True))
    if count:
        beside = file.with_name(f".{file.name}.part")
        beside.write_text("".join(replaced), encoding="utf-8")
        beside.replace(file)
    return count


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
