"""What takes room: by kind, and the largest videos."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import streamlit as st

from dashboard import context, storage
from dashboard.palette import ACCENT
from dashboard.words import clock, one_line, size
from db import library_results
from db.results import Connection
from processor.config import Home

LARGEST = 20


def section(con: Connection, videos: pd.DataFrame, shown: pd.DataFrame) -> None:
    """Room used by kind, and the largest videos. Arguments as of every section of the library."""
    home = context.home()
    kinds = _used(str(home.path))
    inside = int(kinds["size_bytes"].sum())
    files, outside = library_results.outside(con, str(home.path))
    left, middle, right = st.columns(3)
    left.metric("Moodreel's home", size(inside), help=f"All of {one_line(home.path)}")
    middle.metric("Videos elsewhere", size(outside), help=f"{files:,} files in watched folders outside of it")
    right.metric("Free on this disk", size(storage.free_bytes(home)))
    config = st.column_config
    kinds = kinds[kinds["files"] > 0].sort_values("size_bytes", ascending=False)
    st.dataframe(
        kinds.assign(share=100 * kinds["size_bytes"] / max(inside, 1), size=kinds["size_bytes"].map(size))[
            ["what", "size", "share", "files", "where"]
        ],
        hide_index=True, width="stretch", alt="Room used, by kind",
        column_config={
            "what": config.TextColumn("What"), "size": config.TextColumn("Size", width="small", alignment="right"),
            "share": config.ProgressColumn(
                "Share of the home", min_value=0, max_value=100, format="%.0f %%", color=ACCENT
            ),
            "files": config.NumberColumn("Files", format="localized", width="small"),
            "where": config.TextColumn("Folder in the home"),
        },
    )  # fmt: skip
    st.subheader("Largest videos", anchor=False)
    largest = shown.sort_values("size_bytes", ascending=False).head(LARGEST)
    st.dataframe(
        pd.DataFrame(
            {
                "video": largest["name"].map(one_line), "size": largest["size_bytes"].map(size),
                "length": largest["duration_s"].map(clock),
                "where": [
                    "in the library" if Path(path).is_relative_to(home.library) else one_line(Path(path).parent)
                    for path in largest["path"]
                ],
                "subject": largest["subject"].map(one_line, na_action="ignore"), "added": largest["added_at"],
            }
        ),
        hide_index=True, width="stretch", placeholder="–", alt="The largest videos",
        column_config={
            "video": config.TextColumn("Video", width="medium"),
            "size": config.TextColumn("Size", width="small", alignment="right"),
            "length": config.TextColumn("Length", width="small", alignment="right"),
            "where": config.TextColumn("Where"), "subject": config.TextColumn("Subject"),
            "added": config.DatetimeColumn("Added", format="D MMM YYYY", timezone=st.context.timezone),
        },
    )  # fmt: skip


# A home of many files takes a while to look through, and nobody wants that at every click.
@st.cache_data(ttl=30, max_entries=4, show_spinner="Looking at the disk.")
def _used(path: str) -> pd.DataFrame:
    return storage.used(Home(Path(path)))
