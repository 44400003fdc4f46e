"""The schema beside the SQL editor: every table and view with its columns; a click puts a name into the query."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import sql_state
from dashboard.words import plain
from db import schema_results
from db.results import Connection

_COLUMNS = "sql-columns"
FIRST = "video_summary"


def schema(con: Connection) -> None:
    """What can be asked: a table to choose, what it is, what its columns are."""
    tables = schema_results.tables(con)
    kinds = dict(zip(tables["name"], tables["kind"], strict=True))
    names = list(tables["name"])
    table = st.selectbox(
        "Table or view", names, index=names.index(FIRST) if FIRST in names else 0, key="sql-table",
        format_func=lambda name: f"{name} ({kinds[name]})" if kinds[name] == "view" else name,
    )  # fmt: skip
    st.caption(plain(tables.set_index("name")["comment"][table] or ""))
    columns = schema_results.columns(con, table)
    with st.container(horizontal=True):
        st.button(
            "Query it", icon=":material/table_view:", key="sql-all", on_click=sql_state.put,
            args=(schema_results.everything(table, list(columns["name"])),),
            help="Put a query for all its columns into the editor.",
        )  # fmt: skip
        st.button(
            "Insert its name", icon=":material/add:", key="sql-name", on_click=sql_state.insert, args=(table,)
        )  # fmt: skip
    st.pills(
        "Columns: click to insert", list(columns["name"]), selection_mode="single", key=_COLUMNS, wrap=True,
        on_change=_insert_column,
    )  # fmt: skip
    with st.expander("What the columns mean", icon=":material/info:", type="compact"):
        st.table(_meanings(columns), border="horizontal")


def _insert_column() -> None:
    name = st.session_state[_COLUMNS]
    if name:
        sql_state.insert(name)
        st.session_state[_COLUMNS] = None


def _meanings(columns: pd.DataFrame) -> pd.DataFrame:
    kinds = ["ENUM" if name.startswith("ENUM") else name for name in columns["type"]]
    return pd.DataFrame(
        {"column": columns["name"], "type": kinds, "meaning": [plain(text or "") for text in columns["comment"]]}
    ).set_index("column")
