"""What faces show in the seconds around markers of one type."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import marker_charts
from dashboard.choosing import one_of
from dashboard.drawing import draw
from dashboard.event_locked import MEASURES, EventLocked, event_locked
from dashboard.look import Look, labelled, relative
from dashboard.words import one_line, plain, signed
from db import people_results, results

LONGEST_S = 60
WIDTHS_S = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0)


def section(con: results.Connection, video: dict, markers: pd.DataFrame, faces: pd.DataFrame, look: Look) -> None:
    """Average and comparison for a chosen type of marker. markers: not empty."""
    st.subheader("Around a type of marker", anchor=False)
    inside = markers[(markers["t_s"] >= look.from_s) & (markers["t_s"] < look.to_s)]
    counts = inside["kind"].value_counts()
    if counts.empty:
        st.info("No marker lies in the part of the video that is chosen above.", icon=":material/flag:")
        return
    run = video["current"]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        names = {name: f"{one_line(name)} ({count})" for name, count in counts.items()}
        kind = one_of("Type of marker", names, key="event-kind")
        measure = st.selectbox("Value", MEASURES, key="event-value", format_func=str.capitalize)
        widths = [width for width in WIDTHS_S if width >= 1 / run["sample_fps"]] or [WIDTHS_S[-1]]
        bin_s = st.selectbox(
            "Averaged over", widths, key="event-width", format_func=lambda width: f"{width:g} s",
            help="The width of one point of the line; never less than the time between two frames looked at.",
        )  # fmt: skip
    before, after = st.columns(2)
    before_s = float(before.slider("Seconds before", 1, LONGEST_S, 5, key="event-before"))
    after_s = float(after.slider("Seconds after", 1, LONGEST_S, 5, key="event-after"))

    rows, against = labelled(faces, look), False
    if look.relative:
        rows, against = relative(rows, faces, people_results.baselines(con, run["run_id"])), True
    found = event_locked(rows, inside.loc[inside["kind"] == kind, "t_s"], before_s, after_s, bin_s)
    said = marker_charts.in_words(found, kind, measure, before_s, after_s)
    if found.seen:
        chart = marker_charts.around(found, measure, kind, against)
        draw("event-course", chart, course_table(found, measure), said)
    st.markdown(plain(said))
    if found.change["n"].any():
        chart = marker_charts.before_after(found, kind, before_s, after_s, against)
        draw("event-change", chart, change_table(found), f"Mean probability of each emotion before and after: {said}")


def course_table(found: EventLocked, measure: str) -> pd.DataFrame:
    """The numbers behind the line."""
    names = {"from_s": "from (s)", "to_s": "to (s)", "mean": "mean", "low": "low", "high": "high", "n": "markers"}
    return marker_charts.of_measure(found, measure)[list(names)].rename(columns=names).round(4)


def change_table(found: EventLocked) -> pd.DataFrame:
    """The numbers behind the comparison, valence among them."""
    rows = found.change.assign(change=found.change["difference"].map(signed))
    names = {"measure": "value", "before": "before", "after": "after", "change": "change", "low": "low", "high": "high"}
    return rows[[*names, "n"]].rename(columns=names | {"n": "markers"}).round(4)
