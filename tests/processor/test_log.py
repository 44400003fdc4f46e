"""A name is taken out of the log while it is being written."""

import logging
import threading

import pytest

from db.naming import ERASED, Words
from processor import log


@pytest.fixture
def log_file(tmp_path):
    root, file = logging.getLogger(), tmp_path / "moodreel.log"
    handlers, level = root.handlers[:], root.level
    log.set_up(file)
    yield file
    for handler in root.handlers:
        handler.close()
    root.handlers[:] = handlers
    root.setLevel(level)


def test_lines_are_replaced_in_all_files_and_none_is_lost(log_file):
    rotated = log_file.with_name("moodreel.log.1")
    rotated.write_text("before: anna\nbefore: joanna\n")
    words, written = Words(["Anna"]), 400
    writer = threading.Thread(target=lambda: [logging.info("line %d of anna", n) for n in range(written)])
    writer.start()
    replaced = log.replace_in_files(log_file, words)
    writer.join()
    replaced += log.replace_in_files(log_file, words)
    assert replaced == written + 1 and log.count_in_files(log_file, words) == 0
    lines = log_file.read_text().splitlines()
    assert len(lines) == written and lines[-1].endswith(f"line {written - 1} of {ERASED}")
    assert rotated.read_text() == f"before: {ERASED}\nbefore: joanna\n"
    logging.info("and on")
    assert log_file.read_text().endswith("and on\n")
    assert sorted(path.name for path in log_file.parent.iterdir()) == ["moodreel.log", "moodreel.log.1"]


def test_without_a_log(tmp_path):
    assert log.replace_in_files(tmp_path / "moodreel.log", Words(["anna"])) == 0
