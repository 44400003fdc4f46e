"""Saved queries on the SQL page: open, save, rename, replace, forget. The processor keeps them, for everybody."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import activity, sql_state
from dashboard.words import plain

_NAME = "sql-save-name"


def open_saved(queries: pd.DataFrame) -> None:
    """The list of saved queries, to choose one from. queries: as from saved_results.queries."""
    popover = st.popover("Saved", icon=":material/bookmarks:", key=sql_state.key("sql-saved"), on_change="rerun")
    if not popover.open:
        return
    with popover:
        if queries.empty:
            st.caption("Nothing saved yet: write a query, and keep it under a name with *Save*.")
        for row in queries.itertuples():
            with st.container(horizontal=True, vertical_alignment="center"):
                st.button(
                    plain(row.name), key=f"sql-open-{row.query_id}", on_click=_open, args=(row.name, row.sql),
                    type="tertiary", icon=":material/description:",
                )  # fmt: skip
                st.space("stretch")
                st.button(
                    "Forget", key=f"sql-forget-{row.query_id}", icon=":material/delete:", type="tertiary",
                    help=f"Forget the saved query {plain(row.name)}, for everybody.", on_click=_forget,
                    args=(row.query_id, row.name, row.sql),
                )  # fmt: skip


def save(queries: pd.DataFrame) -> None:
    """Keeping what the editor has: under a new name, in place of another, or another name for one."""
    popover = st.popover("Save", icon=":material/bookmark_add:", key="sql-save", on_change="rerun")
    if not popover.open:
        return
    with popover:
        name = st.text_input("Name", key=_NAME, max_chars=200).strip()
        there = _named(queries, name)
        if there is not None and there.sql != sql_state.text().strip():
            st.caption("There is a saved query of this name; it is replaced by what the editor has.")
        st.button(
            "Replace" if there is not None else "Save", type="primary", key="sql-save-now",
            disabled=not name or not sql_state.text().strip(), on_click=_save, args=(name, there),
        )  # fmt: skip
        opened = _opened(queries)
        if opened is not None and name and there is None:
            st.button(
                f"Rename {plain(opened.name)} to this", key="sql-rename", on_click=_rename, args=(opened, name)
            )  # fmt: skip


def _named(queries: pd.DataFrame, name: str):
    return next((row for row in queries.itertuples() if row.name == name), None)


def _opened(queries: pd.DataFrame):
    """The saved query that was opened last, if it is still there."""
    return _named(queries, st.session_state.get("sql-opened", ""))


def _open(name: str, sql: str) -> None:
    sql_state.put(sql)
    st.session_state["sql-opened"] = name
    st.session_state[_NAME] = name


def _save(name: str, there) -> None:
    # What was seen goes along, so that nobody replaces what somebody else has changed meanwhile.
    seen = None if there is None else {"name": there.name, "sql": there.sql}
    activity.hand_in(
        "query_save", f"Asked to save the query {plain(name)}.", name=name, sql=sql_state.text(), seen=seen
    )  # fmt: skip
    st.session_state["sql-opened"] = name
    st.session_state["sql-save"] = False


def _rename(opened, name: str) -> None:
    activity.hand_in(
        "query_save", f"Asked to rename {plain(opened.name)} to {plain(name)}.", query_id=opened.query_id, name=name,
        sql=opened.sql, seen={"name": opened.name, "sql": opened.sql},
    )  # fmt: skip
    st.session_state["sql-opened"] = name
    st.session_state["sql-save"] = False


def _forget(query_id: str, name: str, sql: str) -> None:
    activity.hand_in(
        "query_forget", f"Asked to forget the query {plain(name)}.", query_id=query_id, seen={"name": name, "sql": sql}
    )
