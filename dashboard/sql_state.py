"""What the SQL page remembers while a browser window is open: the text, the query under way, its outcome, the past."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import streamlit as st

from dashboard import context
from db.sandbox import Answer, QueryFailed, Running

_EDITION, _BEGIN, _PUT, _DRAFT, _RUNNING, _OUTCOME, _HISTORY = (
    "sql-edition", "sql-begin", "sql-put", "sql-draft", "sql-running", "sql-outcome", "sql-history",
)  # fmt: skip

KEPT = 50  # queries in the history
IN_ADDRESS = 6000  # characters; a server reads no longer addresses


@dataclass(frozen=True)
class Outcome:
    """What became of a query. number: how many there were in this window; snapshot: which results it was asked of."""

    number: int
    sql: str
    snapshot: Path
    at: datetime  # UTC, without a zone
    found: Answer | QueryFailed


def key(widget: str) -> str:
    """The key of the editor ("sql-text"), or of a list that closes when a query from it is put into the editor.

    Each text that is put there has an editor of its own. A browser that has not heard of it yet, because a key was
    pressed at once or the machine is slow, sends what the one before had, which would take the new text away.
    """
    return f"{widget}-{st.session_state.get(_EDITION, 0)}"


def beginning(first: str) -> str:
    """What the editor begins with: what was put there, or the address's query, what was last written here, or `first`.

    It is to be the field's default. A value that is set is told to the browser only once, and gets lost where the page
    is drawn again at that moment: the field stays empty.
    """
    if key("sql-text") not in st.session_state and not st.session_state.get(_PUT):
        shared = st.query_params.get("query")
        st.session_state[_BEGIN] = shared if shared is not None else st.session_state.get(_DRAFT, first)
    return st.session_state[_BEGIN]


def drawn() -> None:
    """After the editor was drawn: what it has is kept for when somebody comes back to the page."""
    st.session_state[_PUT] = False
    st.session_state[_DRAFT] = text()


def text() -> str:
    """What the editor has."""
    return st.session_state.get(key("sql-text"), st.session_state.get(_BEGIN, ""))


def put(sql: str) -> None:
    """Put a query into the editor; what was there and has not been run is kept in the history."""
    before = text()
    known = {sql, "", *(entry.sql for entry in history())}
    if before.strip() and before not in known:
        _remember(Entry(before, _now(), "not run"))
    _write(sql)


def insert(word: str) -> None:
    """Put a word at the end of the text."""
    before = text()
    _write(f"{before}{'' if not before or before[-1].isspace() else ' '}{word}")


def _write(sql: str) -> None:
    st.session_state[_EDITION] = st.session_state.get(_EDITION, 0) + 1
    st.session_state[_BEGIN], st.session_state[_PUT] = sql, True


def run() -> None:
    """Start what the editor has, and stop what runs."""
    stop()
    file = context.snapshot()
    if file is not None:
        st.session_state[_RUNNING] = Running(file, text())
        share(text())


def share(sql: str) -> None:
    """Put the query into the page's address, where it is short enough."""
    if len(sql) <= IN_ADDRESS:
        st.query_params["query"] = sql
    else:
        st.query_params.pop("query", None)


def running() -> Running | None:
    """The query under way, or one whose outcome nobody has taken yet."""
    return st.session_state.get(_RUNNING)


def stop() -> None:
    """Stop the query under way, if there is one."""
    if running() is not None:
        running().stop()


def take() -> None:
    """The query has come to its end: keep what became of it.

    It is let go of last: a click can break this off at any line, and then it is taken when the page is drawn again.
    """
    ended = running()
    try:
        found = ended.answer()
        said = f"{found.rows.num_rows:,} rows"
    except QueryFailed as error:
        found, said = error, str(error).splitlines()[0]
    before = outcome()
    number = before.number + 1 if before else 1
    st.session_state[_OUTCOME] = Outcome(number, ended.sql, ended.snapshot, _now(), found)
    _remember(Entry(ended.sql, _now(), said))
    del st.session_state[_RUNNING]


def outcome() -> Outcome | None:
    """What became of the last query."""
    return st.session_state.get(_OUTCOME)


@dataclass(frozen=True)
class Entry:
    """A query that was run, or left, in this window; said: what became of it, in a few words."""

    sql: str
    at: datetime  # UTC, without a zone
    said: str


def history() -> list[Entry]:
    """The last queries of this window, newest first, each once."""
    return st.session_state.get(_HISTORY, [])


def forget_history() -> None:
    """Forget them all."""
    st.session_state[_HISTORY] = []


def _remember(entry: Entry) -> None:
    others = [one for one in history() if one.sql != entry.sql]
    st.session_state[_HISTORY] = [entry, *others][:KEPT]


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
