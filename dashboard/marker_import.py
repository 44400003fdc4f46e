"""Markers from a file: read, looked at, and only then imported."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import activity
from dashboard.marker_files import MAX_BYTES, UNTYPED, Imported, MarkersUnreadable, read_markers
from dashboard.marker_times import exact
from dashboard.words import one_line, plain
from db.annotations import same_marker
from processor.metadata import MAX_TEXT

TYPES = ("csv", "tsv", "txt", "srt", "vtt", "eaf")
_SHOWN = 1000  # problems in the list


def section(video: dict, markers: pd.DataFrame) -> None:
    """An upload, what is in it, and a button. markers: those of the video, as from `annotation_results.markers`."""
    with st.expander("Import markers from a file", icon=":material/upload_file:", key="import-markers"):
        file = st.file_uploader(
            "Markers as CSV, SRT or ELAN .eaf",
            type=TYPES,
            max_upload_size=MAX_BYTES // 1_000_000,
            key=f"markers-file-{st.session_state.setdefault('imports', 0)}",
            help="A table needs a header with a column time, start, begin or t_s; it may have end, kind and note. "
            "Times are seconds, m:ss or h:mm:ss. Nothing is imported before you have seen it.",
        )
        if file is not None:
            look_at(video, markers, file.name, file.getvalue())


def look_at(video: dict, markers: pd.DataFrame, name: str, data: bytes) -> None:
    """What is in a file, and the button that imports it."""
    untyped = st.session_state.get("markers-untyped", "").strip() or UNTYPED
    try:
        found = read_markers(name, data, video["duration_s"], video_name=video["name"], untyped=untyped)
    except MarkersUnreadable as error:
        st.error(plain(error), icon=":material/error:")
        return
    for warning in found.warnings:
        st.warning(plain(warning), icon=":material/warning:")
    if found.problems:
        number = "One row is" if len(found.problems) == 1 else f"{len(found.problems):,} rows are"
        with st.expander(f"{number} no marker of this video and will be left out", icon=":material/report:"):
            st.dataframe(
                pd.DataFrame({"why": [one_line(problem) for problem in found.problems[:_SHOWN]]}),
                hide_index=True, width="stretch", alt="Rows that are left out, and why",
            )  # fmt: skip
            if len(found.problems) > _SHOWN:
                st.caption(f"The first {_SHOWN:,} are listed.")
    if found.untyped:
        st.text_input(
            "Type of the markers, since the file says none", UNTYPED, max_chars=MAX_TEXT, key="markers-untyped"
        )
    new = new_ones(found, markers)
    if not found.markers:
        st.info(f"There is no marker of this video in {plain(name)}.", icon=":material/info:")
        return
    if not new:
        number = "The one marker" if len(found.markers) == 1 else f"All of these {len(found.markers):,} markers"
        st.info(f"{number} in {plain(name)}: already there. There is nothing to import.", icon=":material/check:")
    st.dataframe(
        preview(found, new), hide_index=True, width="stretch", height=min(38 + 35 * len(found.markers), 300),
        alt="Markers in the file",
    )  # fmt: skip
    if new:
        st.button(
            f"Import {count(new)}", type="primary", icon=":material/download_done:", on_click=hand_in,
            args=(video, found.source, new),
        )  # fmt: skip


def new_ones(found: Imported, markers: pd.DataFrame) -> list[dict]:
    """The markers of a file that the video has not got yet, each once."""
    seen = {same_marker(marker) for marker in markers.to_dict("records")}
    new = {same_marker(marker): marker for marker in found.markers}
    return [marker for what, marker in new.items() if what not in seen]


def preview(found: Imported, new: list[dict]) -> pd.DataFrame:
    """The markers of a file as people read them: Time, End, Type, Note, and whether the video has it already."""
    kept = {same_marker(marker) for marker in new}
    rows = found.markers
    return pd.DataFrame(
        {
            "Time": [exact(marker["t_s"]) for marker in rows],
            "End": [exact(marker["end_s"]) for marker in rows],
            "Type": [one_line(marker["kind"]) for marker in rows],
            "Note": [one_line(marker["note"] or "") for marker in rows],
            "State": ["new" if same_marker(marker) in kept else "already there" for marker in rows],
        }
    )


def hand_in(video: dict, source: str, new: list[dict]) -> None:
    """Ask for the markers, and empty the upload."""
    activity.hand_in(
        "markers_add", f"Asked to import {count(new)}.", video_id=video["video_id"], markers=new, source=source
    )
    st.session_state["imports"] += 1


def count(markers: list) -> str:
    """How many there are, as `one marker` or `3 markers`."""
    return "one marker" if len(markers) == 1 else f"{len(markers):,} markers"
