"""Section Overview of the Compare page: every group and measure at a glance, and the shape of the seven emotions."""

from __future__ import annotations

import streamlit as st

from dashboard import compare_drawings, compare_figures
from dashboard.compare_words import few
from dashboard.drawing import draw
from dashboard.study import Study
from dashboard.words import plain
from db.results import Connection


def section(con: Connection, study: Study) -> None:
    """A heat map of groups and measures, and a radar. Arguments as of every section of the Compare page."""
    for sentence in few(study):
        st.warning(plain(sentence), icon=":material/warning:")
    figures = compare_figures.described(study)
    st.dataframe(
        compare_drawings.groups(study), hide_index=True, key="compare-groups", placeholder="–",
        alt="Table of the groups: units, subjects, videos, time",
    )  # fmt: skip
    left, right = st.columns(2, gap="large")
    with left:
        glance = compare_drawings.glance(study, figures, dark=st.context.theme.type == "dark")
        draw("glance", glance.chart, glance.rows, glance.alt)
    with right:
        shape = compare_drawings.shape(study, figures)
        draw("radar", shape.chart, shape.rows, shape.alt)
