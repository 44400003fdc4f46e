"""Videos that are there more than once: the same content in several places, and what is likely the same recording."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import library_selection
from dashboard.words import clock, one_line, size
from db import library_results
from db.results import Connection


def section(con: Connection, videos: pd.DataFrame, shown: pd.DataFrame) -> None:
    """Both kinds, of all videos. Arguments as of every section of the library."""
    config = st.column_config
    st.subheader("The same content in several places", anchor=False)
    copies = library_results.copies(con)
    if copies.empty:
        st.info("Every video lies in one place only.", icon=":material/check:")
    else:
        spare = size(float(copies["spare_bytes"].sum()))
        st.caption(
            f"{_number(len(copies))} in more than one place; the copies take {spare} that could be freed. Moodreel "
            "counts each once, and reads the file named first. Remove the others yourself where you don't need them."
        )
        rows = copies.explode("paths").reset_index(names="number")
        first = ~rows["number"].duplicated()
        st.dataframe(
            pd.DataFrame(
                {
                    "video": rows["name"].map(one_line), "use": first.map({True: "in use", False: "copy"}),
                    "path": rows["paths"].map(one_line), "size": rows["size_bytes"].map(size),
                }
            ),
            hide_index=True, width="stretch", alt="Copies of the same content",
            column_config={
                "video": config.TextColumn("Video", width="medium"), "use": config.TextColumn("Use", width="small"),
                "path": config.TextColumn("Place", width="large"),
                "size": config.TextColumn("Size", width="small", alignment="right"),
            },
        )  # fmt: skip
    st.subheader("Likely the same recording", anchor=False)
    alike = library_results.likely_same(con)
    if alike.empty:
        st.info("No two videos have the same name and length.", icon=":material/check:")
        return
    st.caption(
        f"{_number(len(alike))} called the same and as long as another one to within a tenth of a second, but with "
        "other content: such as one that was exported twice. Both count in every comparison, so look at them."
    )
    st.dataframe(
        pd.DataFrame(
            {
                "recording": alike["recording"], "video": alike["name"].map(one_line),
                "length": alike["duration_s"].map(clock), "size": alike["size_bytes"].map(size),
                "subject": alike["subject"].map(one_line, na_action="ignore"),
                "session": alike["session"].map(one_line, na_action="ignore"), "added": alike["added_at"],
                "path": alike["path"].map(one_line),
            }
        ),
        hide_index=True, width="stretch", placeholder="–", alt="Videos that are likely the same recording",
        column_config={
            "recording": config.NumberColumn("Recording", width="small", help="Those of one number are alike."),
            "video": config.TextColumn("Video", width="medium"),
            "length": config.TextColumn("Length", width="small", alignment="right"),
            "size": config.TextColumn("Size", width="small", alignment="right"),
            "subject": config.TextColumn("Subject"), "session": config.TextColumn("Session"),
            "added": config.DatetimeColumn("Added", format="D MMM YYYY, HH:mm", timezone=st.context.timezone),
            "path": config.TextColumn("Place", width="large"),
        },
    )  # fmt: skip
    st.button(
        f"Tick these {len(alike):,} in the list of videos", icon=":material/checklist:", on_click=_tick,
        args=(list(alike["video_id"]),),
    )  # fmt: skip


def _number(videos: int) -> str:
    return "One video is" if videos == 1 else f"{videos:,} videos are"


def _tick(ids: list[str]) -> None:
    library_selection.replace(ids)
    st.session_state["show"] = "Videos"
