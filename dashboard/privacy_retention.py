"""The Privacy page's section on retention: for how many days things are kept, and what goes next."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import activity, context
from dashboard.words import one_line, size
from db import privacy_results
from db.results import Connection
from db.session import utc_now
from processor import retention

TITLES = {
    "videos": ("Videos", "Moodreel's copies of videos, from the day they came. Their results stay."),
    "thumbnails": ("Thumbnails", "Small pictures of videos, from the day the video came."),
    "made": ("Made files", "Playable copies, annotated videos and clips, from the day they were made."),
    "results": (
        "Results",
        "A video's entry with everything found in it, and Moodreel's copy of it, from the end of its newest analysis.",
    ),
}
SHOWN_AT_ONCE = 200


def section(con: Connection) -> None:
    """The days, and the preview."""
    settings = privacy_results.settings(con)
    _days(settings)
    _preview(con, settings)


def _days(settings: dict) -> None:
    now = settings["retention_days"]
    with st.form("retention"):
        st.markdown("How many days things are kept. Empty: until somebody deletes them.")
        columns = st.columns(len(TITLES))
        wanted = {
            kind: column.number_input(title, 1, 36_500, now[kind], 1, help=help_text, placeholder="for ever", key=kind)
            for column, (kind, (title, help_text)) in zip(columns, TITLES.items(), strict=True)
        }
        watched = st.checkbox(
            "Remove files of the watched folders, too", settings["retention_watched"],
            help="Otherwise only Moodreel's own copies are removed: watched folders are yours.",
        )  # fmt: skip
        if st.form_submit_button("Save", type="primary"):
            if wanted != now:
                activity.hand_in(
                    "setting_change", "The days are handed to the processor.", name="retention_days", value=wanted,
                    seen=now,
                )  # fmt: skip
            if watched != settings["retention_watched"]:
                activity.hand_in(
                    "setting_change", "The choice about watched folders is handed to the processor.",
                    name="retention_watched", value=watched, seen=not watched,
                )  # fmt: skip
            st.rerun()


def _preview(con: Connection, settings: dict) -> None:
    st.subheader("What goes next", anchor=False)
    if not any(settings["retention_days"].values()):
        st.info("Nothing: no number of days has been decided.")
        return
    due = retention.schedule(con, context.home(), settings)
    if not due:
        st.info("Nothing: there is nothing that these days are about.")
        return
    now = utc_now()
    late = sum(one.at <= now for one in due)
    if late:
        st.warning(
            f"{late:,} of these are due: they are removed when the processor looks next, which is every hour and when "
            "it starts.", icon=":material/auto_delete:",
        )  # fmt: skip
    rows = pd.DataFrame(
        {
            "at": pd.to_datetime([one.at for one in due[:SHOWN_AT_ONCE]], utc=True),
            "what": [TITLES[one.kind][0] for one in due[:SHOWN_AT_ONCE]],
            "video": [one_line(one.name) for one in due[:SHOWN_AT_ONCE]],
            "size": [size(one.size_bytes) if one.files else None for one in due[:SHOWN_AT_ONCE]],
        }
    )
    config = st.column_config
    st.dataframe(
        rows, hide_index=True, placeholder="–", alt="What is removed, and when",
        column_config={
            "at": config.DatetimeColumn("Goes on", format="D MMM YYYY, HH:mm", timezone=context.zone()),
            "what": config.TextColumn("What"), "video": config.TextColumn("Video"), "size": config.TextColumn("Size"),
        },
    )  # fmt: skip
    more = f", the first {SHOWN_AT_ONCE} shown" if len(due) > SHOWN_AT_ONCE else ""
    st.caption(
        f"{len(due):,} in all{more}. Each removal is written to moodreel.log. Nothing is removed while the computer's "
        "clock can't be believed: when it is behind what Moodreel has seen, or has jumped more than 30 days ahead; "
        "then Moodreel must have been running for a day first."
    )
