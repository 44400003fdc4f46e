"""The SQL page's editor: the text, what to begin from, running it, and what ran before."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import context, listing, sql_saved, sql_state
from dashboard.words import one_line, plain
from db.questions import QUESTIONS
from db.sandbox import LIMITS, Running

FIRST = QUESTIONS[0].sql
AT_ONCE_S = 0.7  # a query that takes no longer is answered without a word on its progress

# Code is read letter by letter; Streamlit has no setting for the writing of a field. While a page is drawn, an editor
# that another one has taken the place of still stands below that for a moment.
STYLE = """<style>
.st-key-sql-text textarea { font-family: 'Source Code Pro', monospace; tab-size: 4; }
.st-key-sql-text > :not(:first-child) { display: none; }
</style>"""


def editor(queries: pd.DataFrame) -> None:
    """The editor with all its buttons. queries: as from saved_results.queries."""
    st.html(STYLE)
    begin = sql_state.beginning(FIRST)
    with st.container(horizontal=True):
        _questions()
        sql_saved.open_saved(queries)
        _history()
    st.container(key="sql-text").text_area(
        "Query", begin, key=sql_state.key("sql-text"), height=240, max_chars=LIMITS.characters,
        placeholder="FROM video_summary",
        help="One query in DuckDB's SQL. It can read the published results, and nothing else.",
    )  # fmt: skip
    sql_state.drawn()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Run", type="primary", icon=":material/play_arrow:", key="sql-run", shortcut="Ctrl+Enter",
            on_click=sql_state.run,
        )  # fmt: skip
        sql_saved.save(queries)
        if st.query_params.get("query") == sql_state.text() and sql_state.outcome() is None:
            st.caption("This query came with the address. Nothing has been run yet: look at it first.")
        elif len(sql_state.text()) > sql_state.IN_ADDRESS:
            st.caption("This query is too long for the page's address: save it to share it.")
        else:
            st.caption("A query that was run is in the page's address: send it to share the query.")


def _questions() -> None:
    key = sql_state.key("sql-questions")
    popover = st.popover("Ready questions", icon=":material/lightbulb:", key=key, on_change="rerun")
    if popover.open:
        with popover:
            for number, question in enumerate(QUESTIONS):
                st.button(
                    question.name, key=f"sql-question-{number}", type="tertiary", on_click=sql_state.put,
                    args=(question.sql,), icon=":material/chevron_right:",
                )  # fmt: skip
                st.caption(question.answers)


def _history() -> None:
    popover = st.popover("History", icon=":material/history:", key=sql_state.key("sql-past"), on_change="rerun")
    if not popover.open:
        return
    with popover:
        entries = sql_state.history()
        if not entries:
            st.caption("What you run in this window is listed here.")
            return
        for number, entry in enumerate(entries):
            begin = one_line(" ".join(entry.sql.split()))
            st.button(
                plain(begin if len(begin) <= 60 else f"{begin[:59]}…"), key=f"sql-past-{number}", type="tertiary",
                on_click=sql_state.put, args=(entry.sql,), icon=":material/chevron_right:",
            )  # fmt: skip
            said = entry.said if len(entry.said) <= 100 else f"{entry.said[:99]}…"
            st.caption(f"{plain(listing.moment(entry.at, context.zone()))} · {plain(said)}")
        st.button("Forget all", key="sql-past-forget", icon=":material/delete:", on_click=sql_state.forget_history)


def progress(query: Running) -> None:
    """While a query runs: for how long, and the button that stops it. One that ends at once shows nothing of that."""
    with st.spinner("Asking"):
        ended = query.wait(AT_ONCE_S)
    if ended:
        sql_state.take()
        st.rerun()
    _under_way(query)


@st.fragment(run_every=0.5)
def _under_way(query: Running) -> None:
    if query.wait(0):
        if sql_state.running() is query:
            sql_state.take()
        st.rerun()
    elapsed_s, most_s = query.elapsed_s(), query.limits.seconds
    if query.started_at is None:
        st.progress(0.0, "Waiting: other people's queries are running.")
    else:
        st.progress(min(1.0, elapsed_s / most_s), f"Running for {elapsed_s:.0f} s of at most {most_s:g} s")
    st.button("Stop", key="sql-stop", icon=":material/stop:", on_click=query.stop)
