"""How to use the same results from other tools, with the real path of this home: for the foot of the SQL page."""

from __future__ import annotations

import sys
from pathlib import Path

import streamlit as st

from db.publish import POINTER


def tools(home: Path) -> None:
    """The DuckDB command line, Python, a BI tool, and the project's own commands."""
    results = Path(home).resolve() / POINTER
    with st.expander("The same results in other tools", icon=":material/terminal:", key="sql-tools"):
        st.markdown(
            "Everything here is in one file, a copy that the processor publishes after each change under the same "
            "name. Any number of programs may read it, for as long as they like: nothing waits for them. There is no "
            "limit on time or rows outside of this page."
        )
        for heading, language, code in examples(results):
            st.markdown(f"**{heading}**")
            st.code(code, language=language, wrap_lines=True)
        st.caption(
            "A program that stays open goes on showing the results as they were when it opened the file: open it again "
            "for newer ones. Don't open store.duckdb instead: only the processor may, and it could not write meanwhile."
        )


def examples(results: Path) -> list[tuple[str, str | None, str]]:
    """A heading, the language and the text to copy for each tool. results: the published file."""
    home, python = results.parent, sys.executable
    return [
        ("DuckDB's command line", "bash", f'duckdb -readonly "{results}"'),
        ("A prompt of Moodreel's own", "bash", f'"{python}" -m db shell --home "{home}"'),
        (
            "Python",
            "python",
            "import duckdb\n\n"
            f"with duckdb.connect({str(results)!r}, read_only=True) as con:\n"
            '    rows = con.sql("FROM video_summary").df()',
        ),
        (
            "A BI tool (DBeaver, Tableau, Metabase, Power BI: with their DuckDB driver)",
            None,
            f"jdbc:duckdb:{results}  with duckdb.read_only=true",
        ),
        (
            "Parquet files of every table, for all other tools",
            "bash",
            f'"{python}" -m db export --home "{home}" FOLDER',
        ),
    ]
