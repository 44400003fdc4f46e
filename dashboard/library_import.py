"""Details of videos from a CSV: read, looked at, and only then handed in."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import context, library_edit, library_selection
from dashboard.details import TITLES, details_of, edits
from dashboard.metadata_csv import CLEAR, MAX_BYTES, Imported, MetadataUnreadable, preview, read_metadata, template
from dashboard.words import one_line, plain
from db.results import Connection

SHOWN = 1000  # rows of a list
_ORDERS = {"Day first: 31/12/2026": True, "Month first: 12/31/2026": False}


def section(con: Connection, videos: pd.DataFrame, shown: pd.DataFrame) -> None:
    """A template to take away, an upload, what it would change, and a button. Arguments as of every section."""
    st.markdown(
        "A table (CSV) with one row for each video. It names its videos in a column **video_id**, **sha256** or "
        "**name**, and may have the columns **subject**, **cohort**, **session**, **tags** (`site=Vienna, arm=B`), "
        "**tag:NAME** (one tag), **consent** (yes or no) and **recorded_at** "
        "(2026-12-31, 31.12.2026, 31/12/2026 or 12/31/2026, in UTC), in any order.\n\n"
        f"An empty cell leaves things as they are; `{CLEAR}` takes away what is there. Nothing changes before you have "
        "seen what will."
    )
    st.download_button(
        f"Table of {library_selection.count(len(shown))} to fill in", lambda: template(shown), "videos.csv",
        "text/csv", key="metadata-template", on_click="ignore", icon=":material/download:",
        help="With what is known already, so that you need only write where something is to change.",
    )  # fmt: skip
    file = st.file_uploader(
        "Table with details of videos", type=("csv", "tsv", "txt"), max_upload_size=MAX_BYTES // 1_000_000,
        key=f"metadata-file-{st.session_state.setdefault('metadata-files', 0)}",
    )  # fmt: skip
    if file is not None:
        _look_at(videos, file)


def _look_at(videos: pd.DataFrame, file) -> None:
    key = f"metadata-order-{file.file_id}"  # another file may mean it otherwise
    order = st.session_state.get(key)
    try:
        found = _read(str(context.snapshot()), file.file_id, _ORDERS.get(order), file, videos)
    except MetadataUnreadable as error:
        st.error(plain(error), icon=":material/error:")
        return
    if found.ambiguous or order:
        some = ", ".join(plain(date) for date in list(dict.fromkeys(found.ambiguous))[:3])
        st.radio(
            "Which comes first in dates with slashes, the day or the month?", list(_ORDERS), index=None,
            key=key, horizontal=True,
            help="Asked because some dates in this file can be read both ways.",
        )  # fmt: skip
        if found.ambiguous:
            rows = "One row has a date" if len(found.ambiguous) == 1 else f"{len(found.ambiguous):,} rows have dates"
            st.warning(f"{rows} with two meanings ({some}), left out until you say.", icon=":material/event:")
    _left_out(found)
    if not found.changes:
        st.info(
            "There is nothing to change: what the table says is so already."
            if found.wanted
            else "There is nothing in it about a video of this library.",
            icon=":material/check:",
        )
        return
    changes = preview(videos, found.changes)
    values = "One value" if len(changes) == 1 else f"{len(changes):,} values"
    st.markdown(f"**{values} of {library_selection.count(len(found.changes))} will change**")
    config = st.column_config
    st.dataframe(
        changes.head(SHOWN).assign(field=changes["field"].head(SHOWN).map(TITLES)).replace("", "–"),
        hide_index=True, width="stretch", height=min(38 + 35 * len(changes), 360), alt="What will change",
        column_config={
            "video": config.TextColumn("Video"), "field": config.TextColumn("Field"),
            "now": config.TextColumn("Now"), "then": config.TextColumn("Then"),
        },
    )  # fmt: skip
    if len(changes) > SHOWN:
        st.caption(f"The first {SHOWN:,} are listed.")
    st.button(
        f"Change {values[0].lower()}{values[1:]}", type="primary", icon=":material/download_done:",
        key="import-details", on_click=_hand_in, args=(edits(details_of(videos), found.changes), values),
    )  # fmt: skip


# The snapshot and the id of the file say all that the result depends on besides the order.
@st.cache_data(max_entries=2, show_spinner="Reading the table.")
def _read(snapshot: str, file_id: str, day_first: bool | None, _file, _videos: pd.DataFrame) -> Imported:
    return read_metadata(_file.name, _file.getvalue(), _videos, day_first)


def _left_out(found: Imported) -> None:
    """What is not taken from the table, and why."""
    if found.ignored:
        st.caption(f":material/view_column: Columns that mean nothing here: {plain(', '.join(found.ignored))}.")
    if found.repeated:
        rows = "One row says" if found.repeated == 1 else f"{found.repeated:,} rows say"
        st.caption(f":material/content_copy: {rows} again what another one says.")
    unknown = pd.DataFrame(found.unknown, columns=["line", "video"]).head(SHOWN)
    problems = pd.DataFrame({"why": [one_line(problem) for problem in found.problems[:SHOWN]]})
    for rows, number, one, several in (
        (unknown, len(found.unknown), "row is about a video that is not", "rows are about videos that are not"),
        (problems, len(found.problems), "row is left out", "rows are left out"),
    ):
        if number:
            where = " in this library" if rows is unknown else ""
            words = f"One {one}{where}" if number == 1 else f"{number:,} {several}{where}"
            with st.expander(words, icon=":material/report:"):
                st.dataframe(rows, hide_index=True, width="stretch", alt=words)
                if number > SHOWN:
                    st.caption(f"The first {SHOWN:,} are listed.")


def _hand_in(wanted: list[dict], values: str) -> None:
    library_edit.hand_in(wanted, f"Asked to change {values[0].lower()}{values[1:]}.")
    st.session_state["metadata-files"] += 1
