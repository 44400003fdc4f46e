"""`python -m db shell`: the published results at a prompt; DuckDB's own where it is installed, else ours."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import duckdb

from db import schema_results
from db.results import connect
from db.sandbox import QueryFailed, Running

PROMPT, MORE = "moodreel> ", "     ...> "
HELP = """End a query with a semicolon; it may have several lines. Ctrl-C stops a query, or forgets what was typed.
.tables          the tables and views
.schema [NAME]   the columns of one of them, or of all
.help            this
.quit            leave; Ctrl-D does, too"""

# Names and rows, printed.
Show = Callable[[list[str], list[tuple]], None]


def command_line(snapshot: Path) -> int | None:
    """Run DuckDB's own command line on the snapshot, read-only; its exit status, or None where it is not installed."""
    program = shutil.which("duckdb")
    return None if program is None else subprocess.run([program, "-readonly", str(snapshot)]).returncode


class Prompt:
    """Our prompt: one query at a time, within the limits of db/sandbox.py.

    snapshot: the published file, opened anew for each query, so that new results are seen. show: prints names and rows;
    shown: how many of them at most.
    """

    def __init__(self, snapshot: Path, show: Show, shown: int):
        self.snapshot, self.show, self.shown = snapshot, show, shown
        self.failures = 0

    def run(self) -> int:
        """Until the end of the input; returns the exit status: 1 where that was no terminal and something failed."""
        terminal = sys.stdin.isatty()
        if terminal:
            _line_editing()
            print(f"{self.snapshot}, to be read. .help helps, .quit leaves.")
        typed: list[str] = []
        while True:
            try:
                line = self._line(terminal, MORE if typed else PROMPT)
            except KeyboardInterrupt:
                print()
                typed = []
                continue
            if line is None or (not typed and line.strip() in (".quit", ".exit")):
                break
            if not typed and line.lstrip().startswith("."):
                self._said(partial(self._command, *line.split()))
            elif line.strip() or typed:
                typed.append(line)
                if line.rstrip().endswith(";"):
                    self._all("\n".join(typed))
                    typed = []
        if typed:
            self._all("\n".join(typed))
        return 1 if self.failures and not terminal else 0

    def _line(self, terminal: bool, prompt: str) -> str | None:
        if not terminal:
            line = sys.stdin.readline()
            return line.rstrip("\n") if line else None
        try:
            return input(prompt)
        except EOFError:
            print()
            return None

    def _all(self, text: str) -> None:
        """Each of the queries in a text, in order."""
        try:
            queries = [statement.query for statement in duckdb.extract_statements(text)]
        except duckdb.Error:
            queries = [text]  # so that the mistake is told as all are
        for sql in queries:
            self._said(partial(self._ask, sql))

    def _said(self, do: Callable[[], None]) -> None:
        try:
            do()
        except QueryFailed as error:
            self.failures += 1
            print(error, *([error.place.excerpt] if error.place else []), sep="\n", file=sys.stderr)

    def _ask(self, sql: str) -> None:
        running = Running(self.snapshot, sql)
        try:
            while not running.wait(0.1):
                pass
        except KeyboardInterrupt:
            running.stop()
        answer = running.answer()
        rows = answer.rows.slice(0, self.shown)
        self.show(answer.rows.column_names, list(zip(*(column.to_pylist() for column in rows.columns), strict=True)))
        if answer.rows.num_rows > self.shown or answer.truncated:
            whole = f"{answer.rows.num_rows:,}" + (" or more" if answer.truncated else "")
            print(f"{rows.num_rows:,} of {whole} rows.")

    def _command(self, command: str, *names: str) -> None:
        if command == ".help":
            print(HELP)
        elif command == ".tables":
            with connect(self.snapshot) as con:
                print("\n".join(schema_results.tables(con)["name"]))
        elif command == ".schema":
            self._schema(names)
        else:
            raise QueryFailed(f"There is no command {command}: .help lists them.")

    def _schema(self, names: tuple[str, ...]) -> None:
        with connect(self.snapshot) as con:
            tables = schema_results.tables(con)
            if unknown := sorted(set(names) - set(tables["name"])):
                raise QueryFailed(f"There is no table {unknown[0]}: .tables lists them.")
            for table in tables.itertuples():
                if not names or table.name in names:
                    print(f"{table.name}: {table.comment}")
                    for column in schema_results.columns(con, table.name).itertuples():
                        print(f"    {column.name} {column.type.partition('(')[0]}: {column.comment}")


def _line_editing() -> None:
    """Arrow keys and what was typed before, where the system has readline. Nothing of it is kept on disk."""
    try:
        import readline  # noqa: F401  (being imported is all it takes)
    except ImportError:
        return
