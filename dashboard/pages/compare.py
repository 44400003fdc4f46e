"""Compare: groups of sessions or subjects side by side, as shares of emotions, over time, and around a moment.

Each section is one function in a module of its own, called as

    section(con: results.Connection, study: Study) -> None

with the units that the address asks for (see dashboard/study.py). Only the chosen section is computed.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pandas as pd
import streamlit as st

from dashboard import activity, compare_controls, compare_figures, context
from dashboard.choice import Choice
from dashboard.compare_words import left_out, units_of
from dashboard.study import Study
from dashboard.words import plain
from db import saved_results
from db.results import Connection

# Modules, imported when they are chosen: some bring SciPy along, which takes longer than drawing the page.
SECTIONS = {
    "Overview": "dashboard.compare_overview",
    "Differences": "dashboard.compare_differences",
    "Over time": "dashboard.compare_over_time",
    "Stimulus": "dashboard.compare_stimulus",
    "Exports": "dashboard.compare_exports",
}


def page() -> None:
    """The whole page, from top to bottom."""
    context.within_app()
    seen = context.snapshot()
    con = context.connection()
    st.title("Compare", anchor=False)
    news(seen)
    rows = compare_figures.rows(con) if con else pd.DataFrame()
    if rows.empty:
        st.info("There is no video yet: add some in the library, and say who is in them.")
        st.page_link("pages/library.py", label="To the library", icon=":material/video_library:")
        return
    chosen = compare_controls.choice()
    for problem in chosen.problems:
        st.warning(plain(f"In the address: {problem}"), icon=":material/link_off:")
    study = compare_figures.of(con, chosen)
    if not chosen.groups:
        begin(chosen, study, con, rows)
        return
    compare_controls.groups(chosen, study, rows, saved_results.filters(con))
    compare_controls.settings(chosen)
    counted(study)
    if study.units.empty:
        st.info("No unit is left to compare. Change the groups or what is left out; the list above says why.")
        return
    name = st.segmented_control(
        "Section", list(SECTIONS), default="Overview", required=True, key="section", bind="query-params",
        label_visibility="collapsed", wrap=True,
    )  # fmt: skip
    import_module(SECTIONS[name]).section(con, study)


@st.fragment(run_every=1.0)
def news(seen: Path | None) -> None:
    """Draws the whole page again when there are new results."""
    activity.refresh_when_new(seen)


def begin(chosen: Choice, study: Study, con: Connection, rows: pd.DataFrame) -> None:
    """The page before there is a group: what can be compared, and the way to it."""
    kinds = compare_controls.kinds(rows)
    if not kinds:
        st.info(
            "None of the videos has a cohort, subject, session or tag yet, and groups are made of these. Enter them in "
            "the library; or choose videos one by one here."
        )
        st.page_link("pages/library.py", label="To the library", icon=":material/video_library:")
    else:
        st.markdown(
            "Choose what to compare: one group for each value of something that is known of the videos, or groups of "
            "your own. All that you set is in the address, so a comparison can be kept as a bookmark or sent on."
        )
    compare_controls.groups(chosen, study, rows, saved_results.filters(con))


def counted(study: Study) -> None:
    """What the figures are of, and what is left out and why."""
    of = units_of(study.choice.unit, len(study.units))
    for note in study.notes:
        if note not in study.choice.problems:  # these have been said
            st.caption(f":material/info: {plain(note)}")
    with st.expander(f"{of}. {left_out(study)}", key="left-out", icon=":material/filter_alt:"):
        if study.left_out.empty:
            st.caption("Every video that the groups ask for is counted.")
        else:
            why = st.column_config.TextColumn("Why", width="large")
            st.dataframe(
                study.left_out.drop(columns="video_id"), hide_index=True, key="compare-left-out",
                alt="Table of the videos left out and why",
                column_config={"name": "Video", "group": "Group", "why": why},
            )  # fmt: skip


page()
