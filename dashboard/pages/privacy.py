"""Privacy: what Moodreel is used for here, who agreed, how long things are kept, and erasing a subject."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard import (
    activity,
    answers,
    context,
    privacy_consent,
    privacy_erase,
    privacy_notice,
    privacy_retention,
)

PURPOSE, CONSENT, RETENTION, ERASE = VIEWS = ("Purpose and notice", "Consent", "Retention", "Erase")
SECTIONS = {
    PURPOSE: privacy_notice.section,
    CONSENT: privacy_consent.section,
    RETENTION: privacy_retention.section,
    ERASE: privacy_erase.section,
}


def page() -> None:
    """The whole page, from top to bottom."""
    context.within_app()
    con = context.connection()
    st.title("Privacy", anchor=False)
    now(context.snapshot())
    if con is None:
        st.info(
            "The processor has not run here yet, so there is nothing to decide about. Start it with "
            f"`{context.START_COMMAND}`, then come back."
        )
        return
    answers.say(con)
    st.caption(
        "Everything stays on this computer: no page of Moodreel loads anything from elsewhere, and nothing is sent "
        "anywhere unless a way to send alerts has been set up."
    )
    view = st.segmented_control(
        "Section", VIEWS, default=PURPOSE, required=True, key="section", bind="query-params",
        label_visibility="collapsed",
    )  # fmt: skip
    SECTIONS[view](con)


@st.fragment(run_every=1.0)
def now(seen: Path | None) -> None:
    """The processor's state; draws itself every second, and the whole page when there are new results."""
    activity.refresh_when_new(seen)
    activity.processor_line(context.processor())
    context.say_what_was_asked()


page()
