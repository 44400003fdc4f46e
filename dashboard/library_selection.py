"""The videos that were ticked in the library, whatever the filters show, and what can be done with all of them."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import activity
from dashboard.choice import MOST_GROUPS, Choice, Group
from dashboard.words import missing, one_line, plain
from db.results import Connection

_CHOSEN, EDITION = "chosen-videos", "videos-edition"
NAMED = 8  # of a list of videos that can be long

# What several videos can be compared by: word -> column of results.videos.
_BY = {"cohort": "cohort", "session": "session", "subject": "subject", "video": "video_id"}


def chosen() -> list[str]:
    """The ids of the videos that are ticked, in the order in which that was done."""
    return list(st.session_state.get(_CHOSEN, ()))


def choose(ids: list[str], among: list[str]) -> None:
    """Of the videos `among`, just these are ticked now; others stay as they are."""
    others = [video_id for video_id in chosen() if video_id not in set(among)]
    st.session_state[_CHOSEN] = [*others, *ids]


def replace(ids: list[str]) -> None:
    """Just these videos are ticked now; the table is drawn anew with them."""
    st.session_state[_CHOSEN] = list(ids)
    st.session_state[EDITION] = st.session_state.get(EDITION, 0) + 1


def ticked(videos: pd.DataFrame) -> pd.DataFrame:
    """The rows of the videos that are ticked; those that are gone meanwhile are forgotten."""
    rows = videos[videos["video_id"].isin(chosen())]
    if len(rows) < len(chosen()):
        st.session_state[_CHOSEN] = list(rows["video_id"])
    return rows


def bar(con: Connection, videos: pd.DataFrame, shown: pd.DataFrame) -> None:
    """What can be done with the ticked videos; nothing where none is. videos: all; shown: those in the table."""
    rows = ticked(videos)
    if rows.empty:
        return
    hidden = len(rows) - int(rows["video_id"].isin(shown["video_id"]).sum())
    number = "One video is" if len(rows) == 1 else f"{len(rows):,} videos are"
    with st.container(horizontal=True, vertical_alignment="center", border=True, key="selection"):
        st.markdown(f"**{number} ticked**" + (f", {hidden:,} of them not in the list" if hidden else ""))
        with st.popover("Compare", icon=":material/compare_arrows:"):
            _compare(rows)
        st.button("Edit details", icon=":material/edit:", on_click=_edit)
        st.button(
            "Analyse again", icon=":material/replay:", on_click=activity.hand_in_all,
            args=("reprocess", f"Asked to analyse {count(len(rows))} again."),
            kwargs={"payloads": [{"video_id": video_id} for video_id in rows["video_id"]]},
        )  # fmt: skip
        if st.button("Delete…", icon=":material/delete:", key="delete-ticked"):
            st.session_state["deleting"] = list(rows["video_id"])
        st.button("Untick all", icon=":material/deselect:", type="tertiary", on_click=replace, args=([],))


def count(videos: int) -> str:
    """`one video` or `3 videos`."""
    return "one video" if videos == 1 else f"{videos:,} videos"


def groups(rows: pd.DataFrame, by: str) -> tuple[Group, ...]:
    """The videos as groups to compare, one for each value of `by` (of _BY), in order; their names differ."""
    if by == "video":
        named = [(one_line(row.name), (row.video_id,)) for row in rows.itertuples(index=False)]
    else:
        values = rows[_BY[by]].map(lambda value: f"without a {by}" if missing(value) else one_line(value))
        named = [(name, tuple(part["video_id"])) for name, part in rows.groupby(values, sort=True)]
    names: dict[str, int] = {}
    made = []
    for name, ids in named:
        names[name] = names.get(name, 0) + 1
        made.append(Group(name if names[name] == 1 else f"{name} ({names[name]})", videos=ids))
    return tuple(made)


def _compare(rows: pd.DataFrame) -> None:
    """By what the ticked videos are compared: one button for each way in which there are groups."""
    st.caption("The ticked videos as groups on the Compare page, one for each")
    possible = False
    for by in _BY:
        made = groups(rows, by)
        if 2 <= len(made) <= MOST_GROUPS:
            possible = True
            if st.button(f"{by.capitalize()} ({len(made)} groups)", key=f"compare-{by}", width="stretch"):
                st.switch_page("pages/compare.py", query_params=Choice(made).to_query())
    if not possible:
        st.info(
            f"Tick at least two videos. Of more than {MOST_GROUPS}, some must share a cohort, a session or a subject."
        )


def _edit() -> None:
    st.session_state["show"] = "Edit"


def confirm_delete(videos: pd.DataFrame) -> None:
    """The question before a deletion, for as long as it is not answered. videos: all there are."""
    asked = videos[videos["video_id"].isin(st.session_state.get("deleting", ()))]
    if len(asked):
        delete_dialog(asked.to_dict("records"))
    else:
        st.session_state.pop("deleting", None)


@st.dialog("Delete for good?", on_dismiss=lambda: st.session_state.pop("deleting", None))
def delete_dialog(videos: list[dict]) -> None:
    """Asks first, and says what goes and what stays. videos: rows of results.videos."""
    for video in videos[:NAMED]:
        st.text(one_line(video["name"]))
    if len(videos) > NAMED:
        st.text(f"and {len(videos) - NAMED:,} more")
    what = "All its results are" if len(videos) == 1 else f"All results of these {len(videos):,} videos are"
    st.markdown(f"{what} deleted. This can't be undone.")
    watched = [video for video in videos if video["source"] == "watch"]
    delete_file = True
    if watched:
        label = "Delete the video file, too" if len(videos) == 1 else "Delete the video files in watched folders, too"
        where = [plain(video["path"]) for video in watched[:NAMED]]
        delete_file = st.checkbox(label, help=f"In watched folders: {', '.join(where)}")
        if not delete_file:
            st.caption("The file stays where it is." if len(watched) == 1 else f"{len(watched):,} files stay.")
    if len(watched) < len(videos):
        st.markdown("What lies in Moodreel's own library is deleted, too.")
    with st.container(horizontal=True):
        if st.button("Delete", type="primary", icon=":material/delete:"):
            message = f"Asked to delete {plain(videos[0]['name']) if len(videos) == 1 else count(len(videos))}."
            payloads = [{"video_id": video["video_id"], "delete_file": delete_file} for video in videos]
            activity.hand_in_all("delete", message, payloads)
            del st.session_state["deleting"]
            st.rerun()
        if st.button("Keep it" if len(videos) == 1 else "Keep them"):
            del st.session_state["deleting"]
            st.rerun()
