"""A chart on a page: the picture, a sentence for those who can't see it, and the numbers behind it."""

from __future__ import annotations

import pandas as pd
import streamlit as st
from altair import TopLevelMixin

from dashboard.words import one_line, plain

# Small writing in charts, 7 to 1 at least against the page; Streamlit's theme colours axes and titles only.
WRITING = {"light": "#4a5655", "dark": "#b4bcba"}


def readable(chart: TopLevelMixin | dict) -> TopLevelMixin | dict:
    """The chart with subtitles, and writing that has no colour of its own, in a colour for the theme that is on.

    chart: altair's, or its specification in Vega-Lite, in which nothing else is configured.
    """
    colour = WRITING["dark" if st.context.theme.type == "dark" else "light"]
    if isinstance(chart, dict):
        return {**chart, "config": {"title": {"subtitleColor": colour}, "text": {"color": colour}}}
    return chart.configure_title(subtitleColor=colour).configure_text(color=colour)


def draw(name: str, chart: TopLevelMixin | dict, rows: pd.DataFrame, alt: str, on_select: str = "ignore"):
    """One chart with its data; returns what Streamlit does: with on_select `rerun`, what is selected in it.

    name: of the chart on this page, for its keys. chart: altair's, or its specification in Vega-Lite with its data sets
    as tables. rows: the data as a table with readable column names; sent only while somebody has it open, so that a
    chart costs no more than its picture. alt: what the chart shows, as a sentence.
    """
    show = st.vega_lite_chart if isinstance(chart, dict) else st.altair_chart
    drawn = show(readable(chart), width="stretch", key=f"chart-{name}", alt=one_line(alt), on_select=on_select)
    data(name, rows, alt)
    return drawn


def data(name: str, rows: pd.DataFrame, alt: str) -> None:
    """The numbers under a chart, for those who ask for them; arguments as for `draw`."""
    numbers = st.expander("Data", icon=":material/table:", type="compact", key=f"data-{name}", on_change="rerun")
    if numbers.open:
        with numbers:
            st.caption(plain(alt))
            st.dataframe(rows, width="stretch", hide_index=True, key=f"table-{name}")
