"""What a query found, on the SQL page: as a table, as a chart, as files; or why it found nothing."""

from __future__ import annotations

import streamlit as st

from dashboard import context, drawing, file_buttons, listing, sql_charts, sql_tables
from dashboard.sql_charts import NO_COLOUR, Choice
from dashboard.sql_state import Outcome
from dashboard.words import plain
from db.sandbox import LIMITS, Answer, QueryFailed

TABLE, CHART, FILES = "Table", "Chart", "Files"
_SHOWN = "sql-shown"


def answer(outcome: Outcome) -> None:
    """The outcome of the last query."""
    if isinstance(outcome.found, QueryFailed):
        failed(outcome.found)
        return
    found = outcome.found
    rows, columns = found.rows.num_rows, found.rows.num_columns
    facts = [_counted(rows, "row"), _counted(columns, "column"), f"{found.seconds:.2f} s"]
    facts.append(listing.moment(outcome.at, context.zone()))
    st.caption(plain(" · ".join(facts)))
    if outcome.snapshot != context.snapshot():
        st.caption(":material/update: There are newer results by now: run the query again to see them.")
    truncated(found)
    if rows == 0:
        if found.truncated is None:
            st.info("The query found no rows.", icon=":material/search_off:")
        return
    view = st.segmented_control(
        "Show as", [TABLE, CHART, FILES], default=TABLE, required=True, key="view", bind="query-params",
        label_visibility="collapsed",
    )  # fmt: skip
    {TABLE: table, CHART: chart, FILES: files}[view](outcome, found)


def failed(error: QueryFailed) -> None:
    """What DuckDB says, and where in the text."""
    message = str(error)
    st.error(plain(message), icon=":material/error:")
    if error.place is not None:
        st.code(error.place.excerpt, language=None, wrap_lines=False)
    if message.startswith("Catalog Error") and "does not exist" in message:
        st.caption(
            "The tables and views that there are now are listed with the editor. Results of another version of "
            "Moodreel may have had others; the query is still in the editor."
        )


def truncated(found: Answer) -> None:
    """Says which limit cut the answer."""
    if found.truncated == "rows":
        st.warning(
            f"Only the first {LIMITS.rows:,} rows are here; there are more. Add a WHERE or GROUP BY, or take them all "
            "with another tool (see below).",
            icon=":material/content_cut:",
        )
    elif found.truncated == "bytes":
        size_mb = LIMITS.result_bytes // 1_000_000
        what = f"Only the first {found.rows.num_rows:,} rows are here" if found.rows.num_rows else "No row is here"
        st.warning(
            f"{what}: more than {size_mb} MB are not fetched. Choose fewer columns, or shorten long texts, such as "
            "with left(text, 100).",
            icon=":material/content_cut:",
        )


def table(outcome: Outcome, found: Answer) -> None:
    """All rows, each long text cut."""
    number, rows = st.session_state.get(_SHOWN, (None, None))
    if number != outcome.number:  # the page is drawn again at every click
        rows = sql_tables.shown(found.rows)
        st.session_state[_SHOWN] = (outcome.number, rows)
    st.dataframe(rows, width="stretch", hide_index=True, key=f"sql-rows-{outcome.number}")


def chart(outcome: Outcome, found: Answer) -> None:
    """A chart with what to draw; the choice is in the page's address."""
    numbers = sql_charts.numbers(found.rows)
    suited = sql_charts.suited(found.rows)
    if not numbers:
        st.info("A chart needs a column of numbers, and this result has none.", icon=":material/show_chart:")
        return
    names = found.rows.column_names
    suited = suited or Choice(sql_charts.BAR, names[0], numbers[0])
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = st.segmented_control(
            "Kind", sql_charts.KINDS, default=suited.kind, required=True, key="chart", bind="query-params"
        )
        x = _column("Along", names, suited.x, "x")
        y = _column("Height", numbers, suited.y, "y")
        colour = _column("Colour", [NO_COLOUR, *names], suited.colour or NO_COLOUR, "colour")
    drawn = sql_charts.draw(found.rows, Choice(kind, x, y, None if colour == NO_COLOUR else colour))
    if drawn.rows.empty:
        st.info("There is nothing to draw: no row has a value for both.", icon=":material/show_chart:")
        return
    drawing.draw("sql", drawn.chart, drawn.rows, drawn.sentence)


def _column(label: str, names: list[str], first: str, key: str) -> str:
    if st.session_state.get(key) not in names:  # of another query
        st.session_state.pop(key, None)
    return st.selectbox(label, names, index=names.index(first), key=key, bind="query-params", width=170)


def files(outcome: Outcome, found: Answer) -> None:
    """The rows as CSV and as Parquet, made when asked for."""
    made = file_buttons.made(
        "sql",
        outcome.number,
        "Prepare files",
        lambda: [
            ("CSV", "rows.csv", sql_tables.csv(found.rows), file_buttons.CSV),
            ("Parquet", "rows.parquet", sql_tables.parquet(found.rows), file_buttons.PARQUET),
        ],
    )
    if made:
        file_buttons.buttons("query", made)
        st.caption("In the CSV file an apostrophe stands before texts that a spreadsheet would run as a formula.")


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
