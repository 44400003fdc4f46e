"""The Privacy page's section on the purpose: what was confirmed, what the law says, the notice for people filmed."""

from __future__ import annotations

import streamlit as st

from dashboard import activity, context, legal
from dashboard.listing import moment
from dashboard.words import plain
from db import privacy_results
from db.results import Connection


def section(con: Connection) -> None:
    """What was confirmed and when; the law; the notice with what is to be filled in, to copy and to take away."""
    st.subheader("Purpose", anchor=False)
    purposes = privacy_results.purposes(con)
    if purposes.empty:
        st.markdown("Nobody has confirmed yet what Moodreel is used for here; in this window it waits to be recorded.")
    for row in purposes.itertuples():
        st.markdown(f"**{plain(row.purpose)}**, confirmed on {moment(row.confirmed_at, context.zone())}.")
    with st.expander("What was confirmed, and what is prohibited", icon=":material/gavel:"):
        for paragraph in legal.PROHIBITED:
            st.markdown(paragraph)
        st.caption(plain(legal.STATEMENT))
        st.caption(legal.NO_ADVICE)
    st.subheader("Notice for people filmed", anchor=False)
    st.markdown("Put it up where people are filmed, or hand it out before.")
    settings = privacy_results.settings(con)
    _fill_in(settings["notice"], purposes["purpose"].iloc[0] if len(purposes) else "")
    _take_away(settings)


def _fill_in(now: dict, purpose: str) -> None:
    with st.form("notice"):
        controller = st.text_input("Who is responsible", now["controller"], max_chars=200, key="controller")
        contact = st.text_input(
            "Contact", now["contact"], max_chars=200, key="contact", help="Where people can ask, object or withdraw."
        )
        wanted = st.text_area("Purpose, as people read it", now["purpose"] or purpose, max_chars=500, key="what-for")
        if st.form_submit_button("Save"):
            value = {"controller": controller.strip(), "contact": contact.strip(), "purpose": wanted.strip()}
            if value == now:
                st.info("Nothing was changed.")
            else:
                activity.hand_in(
                    "setting_change", "The notice is handed to the processor.", name="notice", value=value, seen=now
                )
                st.rerun()


def _take_away(settings: dict) -> None:
    language = st.segmented_control(
        "Language", list(legal.LANGUAGES), default="en", required=True, key="language",
        format_func=legal.LANGUAGES.get,
    )  # fmt: skip
    text = legal.notice_text(language, settings)
    st.code(text, language=None, wrap_lines=True)
    with st.container(horizontal=True):
        st.download_button(
            "Text", text, f"notice_{language}.txt", "text/plain", icon=":material/description:", on_click="ignore"
        )
        st.download_button(
            "PDF", lambda: legal.notice_pdf(language, settings), f"notice_{language}.pdf", "application/pdf",
            icon=":material/picture_as_pdf:", on_click="ignore",
        )  # fmt: skip
