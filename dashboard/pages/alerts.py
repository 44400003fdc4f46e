"""Alerts: what rules raised, to be looked at and acknowledged; the rules themselves; and where messages go.

Each section is one function in a module of its own, called with the connection. Only the chosen one is computed.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard import activity, alert_list, alert_messages, alert_rules, answers, context
from dashboard.player import forget
from db import alert_results

SECTIONS = {"Alerts": alert_list.section, "Rules": alert_rules.section, "Messages": alert_messages.section}


def page() -> None:
    """The whole page, from top to bottom."""
    context.within_app()
    forget()
    seen = context.snapshot()
    con = context.connection()
    st.title("Alerts", anchor=False)
    now(seen)
    if con is None:
        st.info("Nothing has been analysed yet. Add a video in the library; then rules can raise alerts in it.")
        st.page_link("pages/library.py", label="To the library", icon=":material/video_library:")
        return
    left = alert_results.count(con, only_left=True)
    st.caption(
        "Rules look at what faces express, after every analysis. "
        + ("One alert is not acknowledged." if left == 1 else f"{left:,} alerts are not acknowledged." if left else "")
    )
    name = st.segmented_control(
        "Section", list(SECTIONS), default="Alerts", required=True, key="view", bind="query-params",
        label_visibility="collapsed", wrap=True,
    )  # fmt: skip
    answers.say(con)
    SECTIONS[name](con)


@st.fragment(run_every=1.0)
def now(seen: Path | None) -> None:
    """What the processor does now, as far as alerts go; draws the whole page when there are new results."""
    activity.refresh_when_new(seen)
    state = context.processor()
    if not context.running(state):
        activity.processor_line(state)
        return
    left, of = state.alerts.get("left", 0), state.alerts.get("of", 0)
    if left:
        share = (of - left) / of
        st.progress(share, text=f"The rules are tried on what there is: {of - left:,} of {of:,} analyses")
    context.say_what_was_asked()


page()
