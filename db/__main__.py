"""The stored results on the command line: query them, export them, check them."""

from __future__ import annotations

import csv
import json
import math
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from db.check import check as run_checks
from db.connection import StoreBusy, StoreError, connect
from db.publish import POINTER

STORE = "store.duckdb"
ROWS_AT_ONCE = 10_000
CELL_CHARACTERS = 60

app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False)
Home = Annotated[
    Path, typer.Option("--home", envvar="MOODREEL_HOME", help="Folder that holds everything Moodreel keeps.")
]


@app.command()
def sql(
    query: Annotated[str, typer.Argument(help='One query, such as "SELECT * FROM video_summary".')],
    as_csv: Annotated[bool, typer.Option("--csv", help="Print all rows as CSV.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print all rows as a JSON list of objects.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="Rows that the printed table shows at most.")] = 100,
    home: Home = Path("data"),
) -> None:
    """Query the published results."""
    if as_csv and as_json:
        stop("Choose one of --csv and --json.")
    with results(home) as connection:
        cursor = connection.execute(query)
        if cursor is None or cursor.description is None:
            stop("There is no query in that.")
        names = [column[0] for column in cursor.description]
        if as_csv:
            writer = csv.writer(sys.stdout, lineterminator="\n")
            writer.writerow(names)
            writer.writerows([plain(value) for value in row] for row in rows_of(cursor))
        elif as_json:
            print_json(names, rows_of(cursor))
        else:
            print_table(names, cursor.fetchmany(limit + 1), limit)


@app.command()
def shell(
    own: Annotated[bool, typer.Option("--own", help="Moodreel's prompt, even where DuckDB's is installed.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="Rows of each answer that are shown at most.")] = 100,
    home: Home = Path("data"),
) -> None:
    """Open the published results at a prompt, to ask one query after another; works with a pipe, too."""
    from db.shell import Prompt, command_line  # brings pandas

    with results(home):
        pass  # says what to do where there is nothing to open
    status = None if own else command_line(home / POINTER)
    if status is None:
        status = Prompt(home / POINTER, lambda names, rows: print_table(names, rows, limit), limit).run()
    raise typer.Exit(status)


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to write to; made when missing.")],
    home: Home = Path("data"),
) -> None:
    """Write every table and view of the published results as DIR/<name>.parquet."""
    with results(home) as connection:
        names = connection.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'main' ORDER BY table_name"
        ).fetchall()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for (name,) in names:
                rows = export_table(connection, name, folder / f"{name}.parquet")
                typer.echo(f"{folder / name}.parquet: {rows:,} rows")
        except OSError as error:
            stop(f"{folder} can't be written to: {error.strerror or error}.")


@app.command()
def check(home: Home = Path("data")) -> None:
    """Check that the stored results agree with each other; exit 1 if they don't."""
    with store_or_results(home) as (connection, name):
        typer.echo(f"Checking {name}")
        bad = 0
        for finding in run_checks(connection):
            typer.echo(f"{finding.name}: {finding.wrong or 'ok'}")
            bad += bool(finding.wrong)
    if bad:
        stop(f"{bad} of the checks found something wrong.")


@app.command()
def erase(
    subject: Annotated[str, typer.Option("--subject", help="Whose data goes; in any case.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do it. Without, only what would go is shown.")] = False,
    home: Home = Path("data"),
) -> None:
    """Erase a subject: rows, files, snapshots, log. Shows only what would go, unless --yes is given."""
    # Files, spool and log are the processor's: it does the work, the same for this command and for the Privacy page.
    command = [sys.executable, "-m", "processor", "erase", "--subject", subject, "--home", str(home)]
    raise typer.Exit(subprocess.run([*command, *(["--yes"] if yes else [])]).returncode)


def stop(message: str) -> None:
    """Say why on stderr, and exit with 1."""
    typer.echo(message, err=True)
    raise typer.Exit(1)


@contextmanager
def results(home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published results of a home. What goes wrong, here or inside, is said in a sentence, and the command ends."""
    # Here, because it brings pandas, which `--help` need not wait for.
    from db.results import SnapshotMissing
    from db.results import connect as connect_results

    snapshot = home / POINTER
    if not snapshot.exists():
        stop(
            f"There are no results in {home} yet. Start the processor with `python -m processor up`, or analyse a "
            "video with `python -m processor analyze VIDEO`; or name another home with --home."
        )
    try:
        with connect_results(snapshot) as connection:
            yield connection
    except (duckdb.Error, SnapshotMissing) as error:
        stop(str(error))


@contextmanager
def store_or_results(home: Path) -> Iterator[tuple[duckdb.DuckDBPyConnection, Path]]:
    """The store of a home when no processor has it, else the published results, with the file's name."""
    try:
        connection = connect(home / STORE, read_only=True) if (home / STORE).exists() else None
    except StoreBusy:
        connection = None
    except StoreError as error:
        stop(str(error))
    if connection is None:
        with results(home) as connection:
            yield connection, home / POINTER
        return
    try:
        with connection:
            yield connection, home / STORE
    except (duckdb.Error, StoreError) as error:
        stop(f"{home / STORE}: {error}")


def rows_of(cursor: duckdb.DuckDBPyConnection) -> Iterator[tuple]:
    """The rows of a query, fetched a part at a time."""
    while rows := cursor.fetchmany(ROWS_AT_ONCE):
        yield from rows


def plain(value: object) -> object:
    """A value as CSV and JSON can hold it: lists and maps as JSON, moments as ISO text, no NaN."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, (list, tuple, dict)):
        return json.dumps(nested(value), ensure_ascii=False)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def nested(value: object) -> object:
    """A value as JSON can hold it, with lists, maps and numbers kept as such."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict):
        return {str(key): nested(item) for key, item in value.items()}
    return [nested(item) for item in value] if isinstance(value, (list, tuple)) else plain(value)


def print_json(names: list[str], rows: Iterator[tuple]) -> None:
    """Print a JSON list, one object a line, without holding all rows in memory."""
    before = "["
    for row in rows:
        print(before, json.dumps(dict(zip(names, map(nested, row), strict=True)), ensure_ascii=False), sep="", end="")
        before = ",\n "
    print("[]" if before == "[" else "]")


def print_table(names: list[str], rows: list[tuple], limit: int) -> None:
    """Print at most `limit` rows, and say so when there are more.

    Where the table is wider than the screen, each row is printed as a list of its columns.
    """
    cells = [[cell(value) for value in row] for row in rows[:limit]]
    table = Table(*names)
    for row in cells:
        table.add_row(*row)
    console = Console()
    needed = Console(width=100_000).measure(table).maximum
    if not console.is_terminal:
        # A file or a pipe has no width; nothing need be folded.
        console = Console(width=needed)
    if needed <= console.width:
        console.print(table)
    else:
        for number, row in enumerate(cells, 1):
            record = Table("row", str(number), show_edge=False)
            for name, value in zip(names, row, strict=True):
                record.add_row(name, value)
            console.print(record, "")
    if len(rows) > limit:
        typer.echo(
            f"Only the first {limit} rows are shown: see more with --limit, or all with --csv or --json.", err=True
        )


def cell(value: object) -> Text:
    """A value as the table shows it: shortened. As Text, because "[...]" would be taken for rich's markup."""
    if value is None:
        return Text("NULL", style="dim")
    if isinstance(value, (list, tuple)):
        return Text(f"[{shortened(', '.join(str(cell(item)) for item in value))}]")
    if isinstance(value, float):
        return Text(f"{value:.6g}")
    return Text(shortened(str(plain(value))))


def shortened(text: str) -> str:
    """At most CELL_CHARACTERS of `text`, with an ellipsis where it was cut."""
    return text if len(text) <= CELL_CHARACTERS else text[: CELL_CHARACTERS - 1] + "…"


def export_table(connection: duckdb.DuckDBPyConnection, name: str, path: Path) -> int:
    """Write one table or view as Parquet, beside and then renamed; returns the number of rows."""
    reader = connection.sql(f'SELECT * FROM "{name}"').to_arrow_reader(1_000_000)
    beside, rows = path.with_suffix(".part"), 0
    try:
        # DuckDB's session is locked to reading its one file, so it can't write Parquet by itself.
        with pq.ParquetWriter(beside, reader.schema, compression="zstd") as writer:
            for batch in reader:
                writer.write_table(pa.Table.from_batches([batch]))
                rows += batch.num_rows
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    return rows


if __name__ == "__main__":
    app(prog_name="python -m db")
