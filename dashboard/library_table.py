"""The library's table of videos: what each is and shows, and what can be done with one or with several."""

from __future__ import annotations

import hashlib

import pandas as pd
import streamlit as st

from dashboard import activity, context, library_selection, library_thumbnails, listing, media
from dashboard.palette import ACCENT
from db import library_results, results
from db.results import Connection


def section(con: Connection, videos: pd.DataFrame, shown: pd.DataFrame) -> None:
    """The table. videos: all of them (listing.with_state); shown: those that fit the filters."""
    if shown.empty:
        st.info("No video fits these filters.")
        return
    library_selection.bar(con, videos, shown)
    files = library_results.thumbnails(con)
    pictures = {video_id: media.thumbnail_url(video_id, file) for video_id, file in files.items()} if files else None
    ids = list(shown["video_id"])
    key = table_key(ids)
    config = st.column_config
    st.dataframe(
        listing.table(shown, pictures),
        key=key,
        hide_index=True,
        row_height=40 if pictures is None else 64,
        height="auto" if len(shown) < 8 else 520,
        on_select=lambda: chosen_in(key, ids),
        selection_mode=["multi-row", "single-cell"],
        selection_default=_selected_at_first(key, ids),
        placeholder="–",
        alt="Table of videos",
        column_config={
            "picture": config.ImageColumn("", width=100, help="A good moment of the video."),
            "video": config.TextColumn("Video", width="medium", help="Click to open."),
            "state": config.TextColumn("State", width="small"),
            "coverage": config.ProgressColumn(
                "Coverage", min_value=0, max_value=100, format="%.0f %%", color=ACCENT, width="small",
                help="Share of the frames looked at in which there is a face.",
            ),
            "valence": config.NumberColumn("Valence", format="%+.2f", width="small", help="Mean, -1 (negative) to 1."),
            "course": config.ImageColumn("Course", help="Valence, start to end; gaps where nobody is seen."),
            "subject": config.TextColumn("Subject"),
            "cohort": config.TextColumn("Cohort"),
            "session": config.TextColumn("Session"),
            "tags": config.TextColumn("Tags"),
            "added": config.DatetimeColumn("Added", format="D MMM YYYY, HH:mm", timezone=st.context.timezone),
            "actions": config.ButtonColumn(
                "Actions", type="tertiary", on_click=act, args=(f"{key}-action", ids), key=f"{key}-action"
            ),
        },
    )  # fmt: skip
    library_thumbnails.control(con)
    st.caption(
        f"{len(shown):,} of {len(videos):,} videos. Click a row to see its timeline. Tick rows on the left to compare "
        "them, or to edit, analyse or delete several at once."
    )


def table_key(ids: list[str]) -> str:
    """The table's key: with other rows it is another table, so that no tick slips to a row that nobody ticked."""
    of_rows = hashlib.sha256(" ".join(ids).encode()).hexdigest()[:16]
    return f"videos-{st.session_state.get(library_selection.EDITION, 0)}-{of_rows}"


def _selected_at_first(key: str, ids: list[str]) -> dict:
    """The rows that are ticked when the table is drawn for the first time: those chosen before, in another one."""
    kept_key, default = st.session_state.get("videos-ticked", (None, None))
    if kept_key != key:
        chosen = set(library_selection.chosen())
        default = {"selection": {"rows": [row for row, video_id in enumerate(ids) if video_id in chosen]}}
        st.session_state["videos-ticked"] = (key, default)
    return default


def chosen_in(key: str, ids: list[str]) -> None:
    """The person ticked rows, or clicked one: its video is opened when the page is drawn next (a callback can't)."""
    selection = st.session_state[key].selection
    if selection.cells:
        st.session_state["open_video"] = ids[selection.cells[0][0]]
    else:
        library_selection.choose([ids[row] for row in selection.rows], among=ids)


def act(key: str, ids: list[str]) -> None:
    """The person chose an action in a row's menu."""
    click, con = st.session_state[key], context.connection()
    video = results.video(con, ids[click["row"]]) if click is not None and con is not None else None
    if video is None:
        return
    if click["label"] == listing.DELETE:
        st.session_state["deleting"] = [video["video_id"]]
    elif click["label"] == listing.CANCEL:
        activity.cancel(video["newest"]["run_id"], video["name"])
    else:
        activity.reprocess(video["video_id"], video["name"])
