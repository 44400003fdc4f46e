"""A chart on a page: the picture, a sentence for those who can't see it, and the numbers behind it."""

from __future__ import annotations

import pandas as pd
import streamlit as st
from altair import TopLevelMixin

from dashboard.words import one_line, plain


def draw(name: str, chart: TopLevelMixin, rows: pd.DataFrame, alt: str) -> None:
    """One chart with its data.

    name: of the chart on this page, for its keys. rows: the data as a table with readable column names; sent only while
    somebody has it open, so that a chart costs no more than its picture. alt: what the chart shows, as a sentence.
    """
    st.altair_chart(chart, width="stretch", key=f"chart-{name}", alt=one_line(alt))
    data = st.expander("Data", icon=":material/table:", type="compact", key=f"data-{name}", on_change="rerun")
    if data.open:
        with data:
            st.caption(plain(alt))
            st.dataframe(rows, width="stretch", hide_index=True, key=f"table-{name}")
