"""The store written anew: the same store, in a file that never held what was deleted."""

import os
import subprocess
import sys

import pytest

from db.rewrite import fresh_path
from db.store import Store
from tests.db.test_privacy import add

SECRET = "Xaverius-of-nowhere"


def schema(store) -> list:
    tables = store._read("SELECT table_name, sql, comment FROM duckdb_tables() ORDER BY ALL")
    columns = store._read(
        "SELECT table_name, column_name, comment FROM duckdb_columns() WHERE NOT internal ORDER BY ALL"
    )
    views = store._read("SELECT view_name, sql, comment FROM duckdb_views() WHERE NOT internal ORDER BY ALL")
    return [tables, columns, views]


def queue(store, video_id: str) -> int:
    return store.queue_run(video_id, sample_fps=2.0, smoothing="mean:1.5s")


@pytest.fixture
def emptied(store):
    """A store whose file still has the name of somebody whose rows are deleted."""
    add(store, "a" * 16, subject="anna")
    add(store, "b" * 16, subject=SECRET)
    queue(store, "a" * 16)
    queue(store, "b" * 16)
    store.publish()
    store.delete_video("b" * 16)
    store.publish()
    assert SECRET.encode() in store.path.read_bytes() or SECRET.encode() in (
        b"".join(file.read_bytes() for file in (store.path.parent / "results").iterdir())
    )
    return store


def test_nothing_is_left_of_what_was_deleted(emptied):
    before, home = schema(emptied), emptied.path.parent
    assert emptied.write_anew() > 0
    files = [path for path in home.rglob("*") if path.is_file()]
    assert not [path for path in files if SECRET.encode() in path.read_bytes()]
    assert len(list((home / "results").iterdir())) == 1
    assert schema(emptied) == before and [video["subject"] for video in emptied.videos()] == ["anna"]
    assert queue(emptied, "a" * 16) == 3  # the sequence goes on


def test_it_goes_on_with_the_fresh_file_and_nobody_else_gets_in(emptied):
    emptied.write_anew()
    look = f"import duckdb; duckdb.connect({str(emptied.path)!r}, read_only=True)"
    said = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True)
    assert "Could not set lock" in said.stderr
    add(emptied, "c" * 16)
    emptied.close()
    with Store(emptied.path) as again:
        assert [video["video_id"] for video in again.videos()] == ["a" * 16, "c" * 16]


def test_what_a_killed_process_left_is_removed(emptied):
    emptied.close()
    fresh_path(emptied.path).write_bytes(b"half of it")
    with Store(emptied.path) as again:
        assert not fresh_path(emptied.path).exists()
        assert len(again.videos()) == 1


def test_not_inside_a_transaction(emptied):
    with pytest.raises(ValueError, match="transaction"), emptied.transaction():
        emptied.write_anew()


# Dies at a given step of writing anew; what it had committed must be there, whichever step that was.
_KILLED = """
import os, sys
from pathlib import Path
from db.store import Store
sys.path.insert(0, {tests!r})
step, home = {step!r}, Path({home!r})
real = os.replace, os.fsync
def die(*_): os.kill(os.getpid(), 9)
def replace(source, target):
    if step == "before": die()
    real[0](source, target)
    if step == "after": die()
os.replace = replace
store = Store(home / "store.duckdb", home / "results")
store.update_video("a" * 16, cohort="kept")
store.write_anew()
"""


@pytest.mark.slow
@pytest.mark.parametrize("step", ["before", "after"])
def test_killed_while_one_file_takes_the_place_of_the_other(emptied, step):
    home = emptied.path.parent
    emptied.close()
    script = _KILLED.format(step=step, home=str(home), tests=os.getcwd())
    ended = subprocess.run([sys.executable, "-c", script], cwd=os.getcwd(), env=os.environ | {"PYTHONPATH": "."})
    assert ended.returncode == -9
    with Store(emptied.path, home / "results") as again:
        assert [video["cohort"] for video in again.videos()] == ["kept"]
        again.write_anew()
    assert not [path for path in home.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]
