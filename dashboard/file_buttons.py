"""Files to take away on a page: made on request, kept for the session, a button for each.

Files are made before their buttons, not when a button is clicked: Streamlit forgets a file made on a click as soon as
pages that are open draw themselves twice, and those that watch the processor do so every second.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Hashable

import streamlit as st

from dashboard import downloads

CSV, PARQUET, JSON = "text/csv", "application/vnd.apache.parquet", "application/json"
PNG, SVG, ZIP, PDF = "image/png", "image/svg+xml", "application/zip", "application/pdf"

# A file: its button's label, the end of its name, its content, its type.
File = tuple[str, str, bytes, str]


def made(kind: str, of: Hashable, label: str, make: Callable[[], list[File]]) -> list[File]:
    """The files made on request, if they were made of just this; else a button that asks for them, and none."""
    made_of, files = st.session_state.get(f"exports-{kind}", (None, []))
    if made_of == of:
        return files
    place = st.empty()
    if not place.button(label, icon=":material/inventory_2:", key=f"prepare-{kind}"):
        return []
    with place, st.spinner("Making the files", show_time=True):
        files = make()
    place.empty()
    st.session_state[f"exports-{kind}"] = (of, files)
    return files


def buttons(name: str, files: list[File]) -> None:
    """One download button for each file. name: what the names of the files begin with."""
    with st.container(horizontal=True):
        for label, what, data, mime in files:
            file = downloads.file_name(name, what)
            st.download_button(
                label, data, file, mime, key=f"save-{what}", on_click="ignore", icon=":material/download:"
            )


def zipped(name: str, files: list[File]) -> bytes:
    """The files in one, under the names that they have by themselves."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for _, what, data, _ in files:
            archive.writestr(downloads.file_name(name, what), data)
    return whole.getvalue()
