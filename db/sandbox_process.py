"""One query in a process of its own: reads what is asked from stdin as one line of JSON, answers on stdout, and ends.

A program, started by db/sandbox.py and not imported. It has none of this project's modules, no environment to tell of,
and dies alone: what the engine does not stop in time, and what would take a whole process with it, harms nobody else.
The answer is one line of JSON, {error, location} or {truncated, seconds}, the latter followed by the rows as an Arrow
stream.
"""

from __future__ import annotations

import json
import os
import resource
import select
import sys
import threading
import time

import duckdb
import pyarrow as pa

IDLE_S = 900.0  # a process that is kept ready ends by itself after this time
CHUNK_ROWS = 2048  # rows that are asked for at once
SPARE_BYTES = 600_000_000  # for the program itself, its threads, and rows on their way out

# What may be asked: all of it only reads. MULTI is a PIVOT that has to look at the values first.
ALLOWED = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN, duckdb.StatementType.MULTI)


class Refused(Exception):
    """The text is not one query; the message says what it is instead."""


def connect(snapshot: str, memory_bytes: int) -> duckdb.DuckDBPyConnection:
    """A connection that can read the snapshot and nothing else, within that memory; none of it can be changed later."""
    con = duckdb.connect(snapshot, read_only=True)
    for setting in (
        f"memory_limit = '{memory_bytes}B'",
        "temp_directory = ''",  # nothing is put aside on disk
        "max_temp_directory_size = '0B'",
        f"threads = {max(1, min(4, os.cpu_count() or 1))}",
        "errors_as_json = true",  # which say where in the text, in bytes
        "python_enable_replacements = false",
        "autoinstall_known_extensions = false",
        "autoload_known_extensions = false",
        "allow_community_extensions = false",
        "allow_persistent_secrets = false",
        "enable_progress_bar = false",
        "enable_external_access = false",
        "lock_configuration = true",
    ):
        con.execute(f"SET {setting}")
    return con


def answer(asked: dict) -> tuple[dict, pa.Table]:
    """What was found: {truncated: None, "rows" or "bytes", seconds}, and the rows. Raises Refused and duckdb.Error."""
    with connect(asked["snapshot"], asked["memory_bytes"]) as con:
        timer = threading.Timer(asked["seconds"], con.interrupt)
        timer.daemon = True
        timer.start()
        started = time.monotonic()
        try:
            rows, truncated = found(con, asked)
        finally:
            timer.cancel()
        return {"truncated": truncated, "seconds": time.monotonic() - started}, rows


def found(con: duckdb.DuckDBPyConnection, asked: dict) -> tuple[pa.Table, str | None]:
    """The rows, as they come, until there are as many of them or of their bytes as are wanted, and which it was."""
    reader = reading(con, one_query(con, asked["sql"]))
    kept, rows, size, truncated = [], 0, 0, None
    for batch in reader:
        if rows + batch.num_rows > asked["rows"]:
            batch, truncated = batch.slice(0, asked["rows"] - rows), "rows"
        if size + batch.nbytes > asked["result_bytes"]:
            batch, truncated = batch.slice(0, fitting(batch, asked["result_bytes"] - size)), "bytes"
        kept.append(batch)
        rows, size = rows + batch.num_rows, size + batch.nbytes
        if truncated:
            break
    return pa.Table.from_batches(kept, reader.schema), truncated


def one_query(con: duckdb.DuckDBPyConnection, sql: str) -> duckdb.Statement:
    """The one statement that the text is. Raises Refused where it is none, several, or one that does more than read."""
    statements = con.extract_statements(sql)
    if not statements:
        raise Refused("There is no query in that: write one such as SELECT * FROM video_summary.")
    if len(statements) > 1:
        raise Refused(f"These are {len(statements)} statements; one query at a time, please.")
    try:
        allowed = statements[0].type in ALLOWED
    except ValueError:  # a kind of statement that DuckDB's Python does not know itself
        allowed = False
    if not allowed:
        raise Refused(
            "This does something else than ask: the results can only be read here, with SELECT, FROM, WITH, VALUES, "
            "PIVOT, SUMMARIZE, DESCRIBE, SHOW or EXPLAIN."
        )
    return statements[0]


def reading(con: duckdb.DuckDBPyConnection, statement: duckdb.Statement) -> pa.RecordBatchReader:
    """The rows as they come; `execute` would gather them all first."""
    try:
        return con.sql(statement).to_arrow_reader(CHUNK_ROWS)
    except duckdb.Error as error:
        if "{" not in str(error):
            con.execute(statement)  # fails at the same place, and says where it is
        raise


def fitting(batch: pa.RecordBatch, size: int) -> int:
    """How many of the first rows of a batch have at most so many bytes together."""
    low, high = 0, batch.num_rows
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if batch.slice(0, middle).nbytes <= size else (low, middle - 1)
    return low


def told(error: Exception) -> dict:
    """What DuckDB says, its kind before it, and where in the text: {error, location: [byte, bytes] or None}."""
    kind, _, details = str(error).partition(": ")
    try:
        found = json.loads(details)
        location = json.loads(found["location"]) if "location" in found else None
        return {"error": f"{kind}: {found['exception_message']}", "location": location}
    except (ValueError, TypeError, KeyError):  # not every message comes as JSON
        return {"error": str(error), "location": None}


def limit(what: int, most: int) -> None:
    """No more of that for this process, for good; a limit that is stricter already stays."""
    hard = resource.getrlimit(what)[1]
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(what, (most, most))


def main() -> None:
    """Answer what stdin asks; nothing is written to any file but stdout as it was at the start."""
    out = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 1)  # what a library prints is no part of the answer
    os.dup2(nothing, 2)
    if not select.select([sys.stdin], [], [], IDLE_S)[0]:
        return
    line = sys.stdin.buffer.readline()
    if not line:
        return  # who kept this process ready has ended
    asked = json.loads(line)
    limit(resource.RLIMIT_CORE, 0)
    limit(resource.RLIMIT_FSIZE, 0)  # no file can grow by a byte
    limit(resource.RLIMIT_DATA, asked["memory_bytes"] + SPARE_BYTES)
    rows = None
    try:
        header, rows = answer(asked)
    except Refused as error:
        header = {"error": str(error), "location": None}
    except (duckdb.Error, OSError, pa.ArrowException) as error:  # the latter two while rows are on their way
        header = told(error)
    except MemoryError:
        header = {"error": "Out of Memory Error: there is no more for the rows", "location": None}
    out.write(json.dumps(header).encode() + b"\n")
    if rows is not None:
        with pa.ipc.new_stream(out, rows.schema) as stream:
            stream.write_table(rows)
    out.flush()
    os._exit(0)  # whatever still runs in the engine's threads ends here


if __name__ == "__main__":
    main()
