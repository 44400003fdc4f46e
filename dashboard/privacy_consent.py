"""The Privacy page's section on consent: one row per subject, to be edited; and whether video waits without it."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import streamlit as st

from dashboard import activity
from dashboard.words import missing, one_line, plain
from db import privacy_results
from db.results import Connection
from db.session import utc_now

SHOWN_AT_ONCE = 20
SOON = timedelta(days=30)
WORDS = {"given": "given", "refused": "refused or withdrawn", None: "not known"}
MEANT = {word: value for value, word in WORDS.items()}
STANDING = {"given": "valid", "refused": "refused or withdrawn", "expired": "ended", "unknown": "not known"}


def section(con: Connection) -> None:
    """The setting, what waits for consent, the table, and a form for somebody who has no video yet."""
    today = utc_now().date()
    required = privacy_results.settings(con)["require_consent"]
    _require(required)
    _waiting(con, today)
    rows = privacy_results.consents(con, today)
    _soon(rows, today)
    if rows.empty:
        st.info("There is no subject yet: name one below, or in the library once there are videos.")
    else:
        _table(rows)
    _somebody_new(rows)


def _require(required: bool) -> None:
    key = f"require-{required}"

    def changed() -> None:
        wanted = st.session_state[key]
        message = "From now on, video waits for consent." if wanted else "Video no longer waits for consent."
        activity.hand_in("setting_change", message, name="require_consent", value=wanted, seen=required)

    st.toggle(
        "Analyse only with consent", required, key=key, on_change=changed,
        help="A video then waits until its subject is known to have agreed. Who refused is never analysed, either way.",
    )  # fmt: skip
    st.caption(
        'A video can carry its own word as well: `"consent": true` in the file beside it. '
        + ("Without consent, new video waits." if required else "Video of subjects who said nothing is analysed.")
    )


def _waiting(con: Connection, today: date) -> None:
    waiting = privacy_results.waiting_for_consent(con, today)
    if waiting.empty:
        return
    title = "1 video waits" if len(waiting) == 1 else f"{len(waiting):,} videos wait"
    with st.expander(f"{title} for consent", expanded=True, icon=":material/hourglass_empty:"):
        for row in waiting.head(SHOWN_AT_ONCE).itertuples():
            st.markdown(f"**{plain(row.name)}**: {plain(row.reason)}")
        if len(waiting) > SHOWN_AT_ONCE:
            st.caption(f"And {len(waiting) - SHOWN_AT_ONCE:,} more.")


def _soon(rows: pd.DataFrame, today: date) -> None:
    ends = pd.to_datetime(rows["expires_on"])
    near = rows[(rows["standing"] == "given") & (ends <= pd.Timestamp(today + SOON))]
    for row in near.head(SHOWN_AT_ONCE).itertuples():
        st.warning(f"The consent of {plain(row.subject)} ends on {row.expires_on:%d %b %Y}.", icon=":material/event:")


def _table(rows: pd.DataFrame) -> None:
    shown = pd.DataFrame(
        {
            "subject": rows["subject"].map(one_line),
            "videos": rows["videos"],
            "standing": rows["standing"].map(STANDING),
            "consent": [WORDS[_said(given)] for given in rows["given"]],
            "given_on": [None if missing(day) else pd.Timestamp(day).date() for day in rows["given_on"]],
            "expires_on": [None if missing(day) else pd.Timestamp(day).date() for day in rows["expires_on"]],
            "note": rows["note"].where(rows["note"].notna(), None),
        }
    )
    config = st.column_config
    after = st.data_editor(
        shown, hide_index=True, disabled=["subject", "videos", "standing"], num_rows="fixed", placeholder="–",
        # Another key once something is different, so that no edit is laid over rows that it was not made on.
        key=f"consents-{hash(shown.to_csv())}",
        column_config={
            "subject": config.TextColumn("Subject"),
            "videos": config.NumberColumn("Videos", width="small"),
            "standing": config.TextColumn("Today", help="Whether the consent holds today (UTC)."),
            "consent": config.SelectboxColumn("Consent", options=list(MEANT), required=True),
            "given_on": config.DateColumn("On", format="D MMM YYYY", help="When it was given, refused or withdrawn."),
            "expires_on": config.DateColumn("Until", format="D MMM YYYY", help="Last day; empty: it does not end."),
            "note": config.TextColumn("Note", max_chars=500, help="Such as where the signed form lies."),
        },
    )  # fmt: skip
    changed = [place for place in range(len(shown)) if _of(after, place) != _of(shown, place)]
    what = "1 change" if len(changed) == 1 else f"{len(changed)} changes"
    if st.button(f"Save {what}" if changed else "Save", type="primary", disabled=not changed, key="save-consents"):
        for place in changed:
            subject = rows["subject"].iloc[place]
            _hand_in(subject, _of(after, place), _of(shown, place))
        st.rerun()


def _somebody_new(rows: pd.DataFrame) -> None:
    with st.expander("Consent of somebody who has no video yet", icon=":material/person_add:"):
        with st.form("new-consent", clear_on_submit=True, border=False):
            columns = st.columns(3)
            subject = columns[0].text_input(
                "Subject", max_chars=200, help="As videos will name it: a pseudonym is best."
            )
            given_on = columns[1].date_input("Given on", None, format="YYYY-MM-DD")
            expires_on = columns[2].date_input("Until", None, format="YYYY-MM-DD", help="Empty: it does not end.")
            note = st.text_input("Note", max_chars=500)
            if not st.form_submit_button("Record consent"):
                return
        if not subject.strip():
            st.warning("Name the subject first.")
        elif subject.strip() in set(rows["subject"]):
            st.warning(f"{plain(subject.strip())} is in the table: change it there.")
        else:
            _hand_in(subject.strip(), _consent("given", given_on, expires_on, note), None)
            st.rerun()


def _hand_in(subject: str, consent: dict | None, seen: dict | None) -> None:
    message = f"The consent of {plain(subject)} is handed to the processor."
    activity.hand_in("consent", message, subject=subject, consent=consent, seen=seen)


def _of(rows: pd.DataFrame, place: int) -> dict | None:
    """A row of the table as a request tells it."""
    row = rows.iloc[place]
    return _consent(row["consent"], row["given_on"], row["expires_on"], row["note"])


def _consent(word: str, given_on: object, expires_on: object, note: object) -> dict | None:
    if MEANT[word] is None:
        return None
    days = {
        name: None if missing(day) else pd.Timestamp(day).date().isoformat()
        for name, day in (("given_on", given_on), ("expires_on", expires_on))
    }
    text = None if missing(note) else str(note).strip() or None
    return {"given": MEANT[word] == "given", **days, "note": text}


def _said(given: object) -> str | None:
    return None if missing(given) else "given" if given else "refused"
