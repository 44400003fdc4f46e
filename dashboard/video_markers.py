"""Section Markers of the video page: what people marked, the seconds around it, and what is not to be counted."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import activity, downloads, marker_import, player, video_events, video_excluded
from dashboard.look import Look
from dashboard.marker_files import UNTYPED
from dashboard.marker_times import exact, seconds_of, time_in
from dashboard.video_excluded import GO
from dashboard.words import missing, one_line, plain
from db import annotation_results, results
from db.annotations import MAX_NOTE
from processor.metadata import MAX_TEXT

SUGGESTED = (UNTYPED, "stimulus", "question", "response")
SOURCES = {"typed": "typed", "player": "player", "live": "live", "csv": "CSV", "srt": "subtitles", "eaf": "ELAN"}
_ADDING = ("marker-time", "marker-end", "marker-note")
_PROBLEM = "marker-problem"


def section(con: results.Connection, video: dict, tracks: pd.DataFrame, faces: pd.DataFrame, look: Look) -> None:
    """Everything about markers and excluded ranges. Arguments as of every section of the video page."""
    markers = annotation_results.markers(con, video["video_id"])
    st.subheader("Markers", anchor=False)
    if markers.empty:
        st.info(
            "Nothing is marked yet. Press m while the video plays, type a time below, or import a file of markers.",
            icon=":material/flag:",
        )
    else:
        table(video, markers)
    add(video, markers)
    marker_import.section(video, markers)
    if not markers.empty:
        video_events.section(con, video, markers, faces, look)
    video_excluded.section(con, video)


def table(video: dict, markers: pd.DataFrame) -> None:
    """The markers: each can be gone to, changed and deleted; what was changed is handed in by a button."""
    before = as_table(markers)
    # A table with other rows is another table to Streamlit, so changes are never applied to rows that nobody saw.
    key = f"markers-{st.session_state.setdefault('markers-edition', 0)}"
    config = st.column_config
    after = st.data_editor(
        before, key=key, num_rows="delete", hide_index=True, width="stretch", height=min(38 + 35 * len(before), 400),
        alt="Markers of this video", disabled=("from",),
        column_config={
            "time": config.TextColumn("Time", required=True, max_chars=20, width=90, help="m:ss, h:mm:ss or seconds"),
            "end": config.TextColumn("End", max_chars=20, width=90, help="Empty for a moment."),
            "kind": config.TextColumn("Type", required=True, max_chars=MAX_TEXT),
            "note": config.TextColumn("Note", max_chars=MAX_NOTE, width=240),
            "from": config.TextColumn("From", width=80, help="Where the marker came from."),
            "go": config.ButtonColumn("", width=70, type="tertiary", key=f"{key}-go",
                                      on_click=go, args=(f"{key}-go", list(markers["t_s"]))),
        },
    )  # fmt: skip
    changes, gone, problems = changes_of(before, after)
    for problem in problems:
        st.error(plain(problem), icon=":material/error:")
    with st.container(horizontal=True, vertical_alignment="center"):
        if changes or gone:
            done = [f"change {len(changes)}" if changes else "", f"delete {len(gone)}" if gone else ""]
            label = " and ".join(word for word in done if word).capitalize()
            st.button(
                f"{label} marker{'s' if len(changes) + len(gone) > 1 else ''}", type="primary",
                icon=":material/save:", disabled=bool(problems), on_click=save, args=(changes, gone),
            )  # fmt: skip
            st.button("Leave them as they were", icon=":material/undo:", on_click=forget)
        else:
            st.caption(
                f"{len(before)} marker{'s' if len(before) > 1 else ''}. Click a cell to change it, tick rows to delete."
            )
        st.download_button(
            "Markers as CSV", as_csv(markers), downloads.file_name(video["name"], "markers.csv"), "text/csv",
            key="save-markers", on_click="ignore", icon=":material/download:",
        )  # fmt: skip


def as_table(markers: pd.DataFrame) -> pd.DataFrame:
    """Markers as people read and edit them, by marker_id: time, end, kind, note, from, go, all of them text."""
    return pd.DataFrame(
        {
            "time": markers["t_s"].map(exact),
            "end": markers["end_s"].map(exact),
            "kind": markers["kind"].map(one_line),
            "note": markers["note"].map(lambda note: "" if missing(note) else one_line(note)),
            "from": markers["source"].map(lambda source: SOURCES.get(source, source)),
            "go": GO,
        },
    ).set_index(markers["marker_id"])


def as_csv(markers: pd.DataFrame) -> bytes:
    """Markers as a file that can be imported again: t_s, end_s, kind, note, source."""
    rows = downloads.guard(markers[["t_s", "end_s", "kind", "note", "source"]])
    return rows.to_csv(index=False, lineterminator="\n").encode()


def changes_of(before: pd.DataFrame, after: pd.DataFrame) -> tuple[list[dict], list[str], list[str]]:
    """What was done to a table of `as_table`: requests to change, marker_ids to delete, and sentences on what can't be.

    Only what was changed is in a request, so that a time that was shortened to be shown stays what it is.
    """
    gone = [marker_id for marker_id in before.index if marker_id not in after.index]
    requests, problems = [], []
    for marker_id, row in after.iterrows():
        changes, was = {}, before.loc[marker_id]
        for column, field, parse in (
            ("time", "t_s", seconds_of), ("end", "end_s", seconds_of), ("kind", "kind", str), ("note", "note", str),
        ):  # fmt: skip
            text = "" if pd.isna(row[column]) else str(row[column]).strip()
            if text == was[column]:
                continue
            value = parse(text) if text else None
            if value is None and (text or column in ("time", "kind")):
                problems.append(
                    f"{was['time']}: the type must not be empty." if column == "kind"
                    else f"{was['time']}: {text[:40]!r} is no time such as 75.5, 1:15.5 or 0:01:15.500."
                )  # fmt: skip
            changes[field] = value
        if changes:
            requests.append({"marker_id": marker_id, "changes": changes})
    return requests, gone, problems


def save(changes: list[dict], gone: list[str]) -> None:
    """Hand in what was changed in the table."""
    for change in changes:
        activity.hand_in("marker_change", "Asked to change a marker.", **change)
    if gone:
        activity.hand_in("markers_delete", f"Asked to delete {marker_import.count(gone)}.", marker_ids=gone)
    forget()


def forget() -> None:
    """A new table, without what was done in the one before."""
    st.session_state["markers-edition"] += 1


def go(key: str, times: list[float]) -> None:
    """The person clicked on Go in a row of a table."""
    click = st.session_state[key]
    if click is not None and click["row"] < len(times):
        player.seek(times[click["row"]])


def add(video: dict, markers: pd.DataFrame) -> None:
    """A marker typed by hand."""
    kinds = list(dict.fromkeys([*markers["kind"], *SUGGESTED]))
    with st.form("add-marker", border=True):
        st.markdown("**Add a marker**")
        first, second, third = st.columns(3)
        first.text_input("Time", key="marker-time", placeholder="1:15.5", max_chars=20)
        second.text_input("End, for a stretch", key="marker-end", placeholder="optional", max_chars=20)
        third.selectbox("Type", kinds, key="marker-kind", accept_new_options=True, format_func=one_line)
        st.text_input("Note", key="marker-note", placeholder="optional", max_chars=MAX_NOTE)
        st.form_submit_button("Add the marker", icon=":material/add:", on_click=add_typed, args=(video,))
    if problem := st.session_state.pop(_PROBLEM, None):
        st.error(plain(problem), icon=":material/error:")


def add_typed(video: dict) -> None:
    """Hand in the marker of the form, or remember what is wrong with it."""
    said = st.session_state
    marker, problem = typed(said["marker-time"], said["marker-end"], said["marker-kind"], said["marker-note"], video)
    if problem:
        said[_PROBLEM] = problem
        return
    activity.hand_in(
        "markers_add", f"Asked for a marker at {exact(marker['t_s'])}.",
        video_id=video["video_id"], markers=[marker], source="typed",
    )  # fmt: skip
    for key in _ADDING:
        said[key] = ""


def typed(time: str, end: str, kind: str | None, note: str, video: dict) -> tuple[dict | None, str | None]:
    """A marker from what was typed, or a sentence on why it is none."""
    t_s, problem = time_in(video, time, "The time")
    end_s, end_problem = time_in(video, end, "The end") if end.strip() else (None, None)
    if problem or end_problem:
        return None, problem or end_problem
    if end_s is not None and end_s < t_s:
        return None, f"It ends ({exact(end_s)}) before it begins ({exact(t_s)})."
    kind = (kind or "").strip()
    if not kind or len(kind) > MAX_TEXT:
        return None, f"The type must have 1 to {MAX_TEXT} characters. It has {len(kind):,}."
    return {"t_s": t_s, "end_s": end_s, "kind": kind, "note": note.strip() or None}, None
