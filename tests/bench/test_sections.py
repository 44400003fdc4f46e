"""Each benchmark writes its own section of the results; what people wrote stays."""

import pytest

from bench.sections import RESULTS, write

BEFORE = """# Benchmark

<!-- Begin of what `one` writes -->
## One

old
<!-- End of what `one` writes -->

## By hand

Explained.
"""


@pytest.fixture
def file(tmp_path):
    file = tmp_path / "RESULTS.md"
    file.write_text(BEFORE)
    return file


def test_only_its_own_section_is_replaced(file):
    write("## One\n\nnew\n", "`one`", file)
    assert file.read_text() == BEFORE.replace("old", "new")


def test_a_section_that_is_not_there_comes_last(file):
    write("## Two", "`two`", file)
    marked = "<!-- Begin of what `two` writes -->\n## Two\n<!-- End of what `two` writes -->\n"
    assert file.read_text() == f"{BEFORE}\n{marked}"


def test_without_a_file_there_is_one(tmp_path):
    write("## Two", "`two`", tmp_path / "new.md")
    assert (tmp_path / "new.md").read_text().startswith("<!-- Begin of what `two` writes -->\n## Two\n")


def test_a_lost_mark_is_told_and_nothing_is_written(file):
    lost = BEFORE.replace("<!-- End of what `one` writes -->\n", "")
    file.write_text(lost)
    with pytest.raises(ValueError, match="once each"):
        write("## One", "`one`", file)
    assert file.read_text() == lost


def test_the_results_have_their_marks(tmp_path):
    copy = tmp_path / "RESULTS.md"
    copy.write_text(RESULTS.read_text(encoding="utf-8"), encoding="utf-8")
    write("nothing", "`python -m bench`", copy)
    assert "## Why the ratio is not yet within its limit everywhere" in copy.read_text(encoding="utf-8")
    assert copy.read_text(encoding="utf-8").count("<!-- Begin of what `python -m bench` writes -->") == 1
