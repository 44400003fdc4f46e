"""The first use of a home: what it is for, and what it must not be used for, is confirmed before any page is shown."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard import activity, context, legal
from db import privacy_results
from processor.metadata import MAX_TEXT

CONFIRMED = "purpose-confirmed"


def confirmed() -> bool:
    """Whether somebody confirmed, as the results tell; or in this window, though the processor has yet to see it."""
    if not st.session_state.get(CONFIRMED):
        con = context.connection()
        st.session_state[CONFIRMED] = con is not None and privacy_results.is_confirmed(con)
    return st.session_state[CONFIRMED]


def ask() -> None:
    """The question, in place of the page. Meanwhile the processor works: nothing that arrives has to wait."""
    st.title("Before you begin", anchor=False)
    _look_again(context.snapshot())
    for paragraph in legal.PROHIBITED:
        st.markdown(paragraph)
    st.caption(legal.NO_ADVICE)
    with st.form("first-use"):
        purpose = st.text_input(
            "What is Moodreel used for here?", max_chars=MAX_TEXT, placeholder="A study of reactions to short films",
            help="It is recorded with your confirmation, and proposed for the notice to the people filmed.",
        )  # fmt: skip
        agreed = st.checkbox(legal.STATEMENT)
        if st.form_submit_button("Confirm and go on", type="primary"):
            if not purpose.strip() or not agreed:
                st.warning("Say what it is used for, and tick the confirmation.")
            elif activity.hand_in(
                "confirm_purpose", "Your confirmation is recorded.", purpose=purpose.strip(), statement=legal.STATEMENT
            ):
                st.session_state[CONFIRMED] = True
                st.rerun()


@st.fragment(run_every=2.0)
def _look_again(seen: Path | None) -> None:
    """Somebody else may have confirmed meanwhile."""
    activity.refresh_when_new(seen)
    context.say_what_was_asked()
