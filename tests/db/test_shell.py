"""The prompt on the published results: through a pipe, at a terminal, and with DuckDB's own command line."""

import io
import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from db import shell
from tests.db import rows

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def piped(store, home, monkeypatch, capsys):
    """Runs the prompt on what is piped into it; returns (status, printed, complained)."""
    rows.analysed(store, "v1", "happy")
    store.publish()

    def run(text: str, shown: int = 100):
        monkeypatch.setattr("sys.stdin", io.StringIO(text))
        status = shell.Prompt(home.snapshot, lambda names, found: print(names, found), shown).run()
        return status, *capsys.readouterr()

    return run


def test_queries_through_a_pipe(piped):
    status, printed, complained = piped("SELECT 1 AS a; SELECT\n'x;' AS b;\n\nSELECT name\n FROM video")
    assert (status, complained) == (0, "")
    assert printed == "['a'] [(1,)]\n['b'] [('x;',)]\n['name'] [('v1.mp4',)]\n"
    assert piped("") == (0, "", "")


def test_rows_that_are_not_shown_are_counted(piped):
    assert piped("FROM range(5);", shown=2)[1] == "['range'] [(0,), (1,)]\n2 of 5 rows.\n"
    assert piped("FROM range(100_001);", shown=1)[1].endswith("1 of 100,000 or more rows.\n")


@pytest.mark.slow
def test_mistakes_go_on_and_are_told_at_the_end(piped):
    status, printed, complained = piped(
        "SELECT nosuch FROM video;\n.nope\nDROP TABLE video;\nSELEC 1;\nSELECT 3 AS c;\n"
    )
    assert status == 1 and printed == "['c'] [(3,)]\n"
    assert "Line 1: SELECT nosuch FROM video;\n               ^^^^^^" in complained
    assert "There is no command .nope" in complained and "This does something else than ask" in complained
    assert "syntax error" in complained


def test_commands(piped):
    status, printed, complained = piped(".tables\n.schema emotion\n.help\n.quit\nSELECT 1;\n")
    assert (status, complained) == (0, "")
    assert (
        "\nvideo\n" in printed and "    valence FLOAT: How pleasant, -1 to 1\n" in printed and "[(1,)]" not in printed
    )
    assert "    video_id VARCHAR: " in piped(".schema\n")[1]
    assert "There is no table gone" in piped(".schema gone\n")[2]


def test_duckdb_s_own_command_line_where_it_is_installed(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert shell.command_line(Path("/home/results.duckdb")) is None
    program = tmp_path / "duckdb"
    program.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/asked\nexit 3\n')
    program.chmod(0o755)
    assert shell.command_line(Path("/home/results.duckdb")) == 3
    assert (tmp_path / "asked").read_text() == "-readonly /home/results.duckdb\n"


@pytest.mark.slow
def test_at_a_terminal(store, home):
    """A query is stopped by Ctrl-C, half a query forgotten by it; Ctrl-D leaves."""
    rows.analysed(store, "v1", "happy")
    store.publish()
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "db", "shell", "--own", "--home", str(home.path)], cwd=REPOSITORY,
        stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True, env=os.environ | {"TERM": "dumb"},
    )  # fmt: skip
    os.close(theirs)
    seen = ""

    def until(text: str) -> None:
        nonlocal seen
        while text not in seen:
            assert select.select([ours], [], [], 60)[0], f"Nothing came for a minute. Seen before: {seen!r}"
            seen += os.read(ours, 4096).decode()
        seen = seen[seen.index(text) + len(text) :]

    try:
        until("moodreel> ")
        os.write(ours, b"SELECT count(*) FROM range(10_000_000) a, range(10_000_000) b;\n")
        threads = Path(f"/proc/{process.pid}/task")
        while not any(file.read_text() for file in threads.glob("*/children")):  # a query has a process of its own
            assert process.poll() is None
            time.sleep(0.05)
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        until("The query was stopped.")
        until("moodreel> ")
        os.write(ours, b"SELECT half\n")
        until("...> ")
        time.sleep(0.5)  # until readline waits for a key: it does not see what comes before
        process.send_signal(signal.SIGINT)
        until("moodreel> ")
        os.write(ours, b"SELECT name\nFROM video;\n")
        until("v1.mp4")
        until("moodreel> ")
        os.write(ours, b"\x04")
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.wait()
        os.close(ours)
