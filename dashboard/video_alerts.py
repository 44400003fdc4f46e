"""Alerts on the video page: how many there are, and a list with pictures that leads to each."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard.alert_words import times, what_was
from dashboard.palette import EMOTION_COLOURS, GREY
from dashboard.player import stills
from dashboard.words import missing, one_line, person
from db import alert_results
from db.results import Connection

MOST = 50  # in the list; the alerts page has them all


def line(con: Connection, video: dict) -> None:
    """How many alerts this video has, and where they are; nothing where it has none."""
    total = alert_results.count(con, video_id=video["video_id"])
    if not total:
        return
    left = alert_results.count(con, video_id=video["video_id"], only_left=True)
    alerts = "One alert" if total == 1 else f"{total:,} alerts"
    open_ones = (
        "all acknowledged" if not left else "not acknowledged" if left == total else f"{left:,} not acknowledged"
    )
    st.caption(f":material/notifications: {alerts} in this video, {open_ones}: listed in the section Moments.")


def section(con: Connection, video: dict, faces: pd.DataFrame) -> None:
    """The alerts of the video, each with a picture of its first moment. faces: of the current run."""
    found = alert_results.alerts(con, video_id=video["video_id"], limit=MOST)
    if found.empty:
        return
    found = found.sort_values(["start_s", "track_id"], kind="stable")
    st.subheader("Alerts", anchor=False)
    boxes = faces.drop_duplicates(["track_id", "t_s"]).set_index(["track_id", "t_s"])[["x", "y", "w", "h"]]
    pictures = [
        {
            "id": row.alert_id,
            "t_s": row.start_s,
            "box": tuple(boxes.loc[(row.track_id, row.start_s)])
            if (row.track_id, row.start_s) in boxes.index
            else None,
            "title": f"{row.rule}: {times(row)}",
            "text": f"{one_line(person(row.track_id, row.label))} · {what_was(row)} · "
            + ("not acknowledged" if missing(row.acknowledged_at) else "acknowledged"),
            "colour": EMOTION_COLOURS.get(row.target, GREY),
        }
        for row in found.itertuples()
    ]
    stills(video, pictures, "stills-alerts")
    st.page_link("pages/alerts.py", label="To the alerts", icon=":material/notifications:")
