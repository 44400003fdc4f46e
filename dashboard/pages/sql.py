"""SQL: ask the published results anything; as a table, a chart or a file."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard import activity, answers, context, sql_answer, sql_editor, sql_schema, sql_state, sql_tools
from db import sandbox, saved_results


def page() -> None:
    """The whole page, from top to bottom."""
    context.within_app()
    seen, con = context.snapshot(), context.connection()
    st.title("SQL", anchor=False)
    now(seen)
    if con is None:
        st.info(
            "There is nothing to ask yet: add a video on the *Library* page, and come back when it has been analysed.",
            icon=":material/database:",
        )
        sql_tools.tools(context.home().path)
        return
    sandbox.prepare()
    answers.say(con)
    left, right = st.columns([5, 2], gap="medium")
    with right:
        sql_schema.schema(con)
    with left:
        sql_editor.editor(saved_results.queries(con))
        # In the same column, so that on a telephone the answer comes before the schema.
        query, outcome = sql_state.running(), sql_state.outcome()
        if query is not None:
            sql_editor.progress(query)
        elif outcome is not None:
            sql_answer.answer(outcome)
    sql_tools.tools(context.home().path)


@st.fragment(run_every=2.0)
def now(seen: Path | None) -> None:
    """Draws the page again when there are new results: other tables, and what was asked to be saved."""
    activity.refresh_when_new(seen)


page()
