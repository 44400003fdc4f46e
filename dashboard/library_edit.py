"""Details of many videos in a table: typed, set for all, and handed in together. Nothing that was typed is lost."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import activity, library_selection
from dashboard.details import TITLES, details_of, edits, text
from dashboard.library_draft import ADD_TAGS, Draft
from dashboard.words import one_line, plain
from db import request_results
from db.results import Connection
from processor.library_form import DETAILS
from processor.metadata import MAX_TEXT, FieldInvalid

_DRAFT, _PROBLEM = "details-draft", "set-for-all-problem"
AT_ONCE = 5000  # edits in one request
SHOWN = 50  # of problems and collisions


def section(con: Connection, videos: pd.DataFrame, shown: pd.DataFrame) -> None:
    """The table to edit: the ticked videos, or where none is, those that fit the filters. Arguments as of every one."""
    ticked = library_selection.ticked(videos)
    rows = ticked if len(ticked) else shown
    if rows.empty:
        st.info("No video fits these filters.")
        return
    draft: Draft = st.session_state.setdefault(_DRAFT, Draft())
    now = details_of(videos)
    if draft.waiting and len(request_results.outcomes(con, draft.waiting)) == len(draft.waiting):
        draft.answered(now)
    draft.show(now, list(rows["video_id"]))
    names = dict(zip(videos["video_id"], videos["name"].map(one_line), strict=True))
    which = "ticked" if len(ticked) else "that fit the filters"
    st.caption(
        f"Details of the {library_selection.count(len(rows))} {which}. Click a cell to change it; tags are written "
        "like site=Vienna, arm=B. Nothing changes before you save."
    )
    _set_for_all(draft)
    _collided(draft, names)
    before = draft.table()
    after = _editor(draft, before, names)
    problems = draft.take(before, after)
    if problems:
        said = "\n".join(f"- {plain(names[video_id])}: {plain(why)}" for video_id, why in problems[:SHOWN])
        st.error(f"These cells are not saved, as they are:\n{said}", icon=":material/error:")
    _save_or_discard(draft)


def _editor(draft: Draft, before: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    config = st.column_config
    texts = {name: config.TextColumn(TITLES[name], max_chars=MAX_TEXT) for name in ("subject", "cohort", "session")}
    table = before.copy()
    table.insert(0, "video", [names[video_id] for video_id in before.index])
    return st.data_editor(
        table, key=f"details-{draft.edition}", hide_index=True, width="stretch", num_rows="fixed",
        height="auto" if len(table) < 12 else 480, alt="Details of videos, to be edited",
        disabled=True if draft.waiting else ("video",),
        column_config={
            "video": config.TextColumn("Video", pinned=True, width="medium"),
            **texts,
            "tags": config.TextColumn(TITLES["tags"], width="medium", help="Such as site=Vienna, arm=B"),
            "consent": config.SelectboxColumn(
                TITLES["consent"], options=["", "yes", "no"], help="Whether the people in it agreed; empty: not said"
            ),
            "recorded_at": config.TextColumn(
                TITLES["recorded_at"], help="2026-12-31 or 31.12.2026, with 14:30 after it if you like; in UTC"
            ),
        },
    )[list(DETAILS)]  # fmt: skip


def _set_for_all(draft: Draft) -> None:
    with st.form("set-for-all", border=True):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            kinds = {**TITLES, ADD_TAGS: "Tags, added to those there are"}
            st.selectbox("What", list(kinds), format_func=kinds.get, key="set-what", width=240)
            st.text_input("Value", key="set-value", placeholder="empty takes it away", width=280)
            st.form_submit_button(
                f"Set for all {len(draft.ids):,} rows" if len(draft.ids) > 1 else "Set for this row",
                icon=":material/done_all:", on_click=_set, args=(draft,), disabled=bool(draft.waiting),
            )  # fmt: skip
    if problem := st.session_state.pop(_PROBLEM, None):
        st.error(plain(problem), icon=":material/error:")


def _set(draft: Draft) -> None:
    try:
        draft.set_for_all(st.session_state["set-what"], st.session_state["set-value"])
    except FieldInvalid as error:
        st.session_state[_PROBLEM] = str(error)


def _collided(draft: Draft, names: dict[str, str]) -> None:
    """What was not saved, with both values; it is still in the table."""
    cells = [
        {
            "video": names.get(video_id, video_id), "field": TITLES[field], "yours": text(value) or "–",
            "now": text(draft.seen[video_id][field]) or "–",
        }
        for video_id, fields in draft.collided.items() if video_id in draft.seen
        for field, value in fields.items()
    ]  # fmt: skip
    if not cells:
        return
    st.warning(
        "Somebody else has changed these meanwhile, so yours were not saved. They are still in the table: save again "
        "to replace what is there now, or discard them.", icon=":material/group:",
    )  # fmt: skip
    config = st.column_config
    st.dataframe(
        pd.DataFrame(cells), hide_index=True, width="stretch", alt="Changes that were not saved",
        height="auto" if len(cells) < 8 else 280,
        column_config={
            "video": config.TextColumn("Video"), "field": config.TextColumn("Field"),
            "yours": config.TextColumn("Yours"), "now": config.TextColumn("Now"),
        },
    )  # fmt: skip


def _save_or_discard(draft: Draft) -> None:
    changes = draft.changes()
    cells = sum(map(len, changes.values()))
    if draft.waiting:
        st.caption(":material/hourglass_empty: Handed to the processor; the table can be edited again once it answers.")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        if not cells:
            st.caption("Nothing is changed yet.")
            return
        number = "one change" if cells == 1 else f"{cells:,} changes"
        st.button(
            f"Save {number} in {library_selection.count(len(changes))}", type="primary", icon=":material/save:",
            key="save-details", on_click=_save, args=(draft, number),
        )  # fmt: skip
        st.button("Discard", icon=":material/undo:", key="discard-details", on_click=draft.discard)


def _save(draft: Draft, number: str) -> None:
    draft.handed_in(hand_in(edits(draft.seen, draft.changes()), f"Asked for {number}."))


def hand_in(wanted: list[dict], message: str) -> list[str]:
    """Hand in edits (as from details.edits), in as many requests as it takes; returns their ids."""
    payloads = [{"edits": wanted[place : place + AT_ONCE]} for place in range(0, len(wanted), AT_ONCE)]
    return activity.hand_in_all("edit_many", message, payloads)
