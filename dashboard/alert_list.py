"""Section Alerts of the alerts page: what rules raised, the newest first; each leads to its moment."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import activity, context
from dashboard.alert_words import times, what_was
from dashboard.choosing import one_of
from dashboard.listing import moment
from dashboard.words import missing, one_line, person, plain
from db import alert_results
from db.results import Connection

SHOWN_AT_ONCE = 20
ALL, RULE = "All", "alert_rule"
TICKS, NOTES = "alerts-ticked", "alerts-noted"  # in the session: how often all were ticked anew, how many notes


def section(con: Connection) -> None:
    """Filters, the list, and what can be done with what is chosen in it."""
    rules = alert_results.rules(con)
    if not alert_results.count(con):
        nothing(rules)
        return
    rule_id, subject, only_left = filters(con, rules)
    total = alert_results.count(con, rule_id, subject, only_left=only_left)
    if not total:
        st.info("No alert fits these choices." if rule_id or subject else "Every alert is acknowledged.")
        return
    pages = -(-total // SHOWN_AT_ONCE)
    number = 1
    if pages > 1:
        number = st.pagination(pages, key=f"alerts-page-{rule_id}-{subject}-{only_left}")
    shown = alert_results.alerts(
        con, rule_id, subject, only_left=only_left, limit=SHOWN_AT_ONCE, offset=(number - 1) * SHOWN_AT_ONCE
    )
    alerts_of_page(shown, total)


def left_line(con: Connection) -> None:
    """On another page: how many alerts wait to be looked at; nothing where none does."""
    if left := alert_results.count(con, only_left=True):
        label = "One alert is not acknowledged" if left == 1 else f"{left:,} alerts are not acknowledged"
        st.page_link("pages/alerts.py", label=label, icon=":material/notifications_active:")


def nothing(rules: pd.DataFrame) -> None:
    """No alert: because no rule is on, or because nothing was found."""
    if rules.empty:
        st.info("There is no rule yet, so nothing raises an alert. Make one in the section Rules.")
    elif not rules["enabled"].any():
        st.info("Every rule is switched off, so nothing raises an alert. Switch one on in the section Rules.")
    else:
        st.info("No rule has raised an alert in any of the analyses so far.")


def filters(con: Connection, rules: pd.DataFrame) -> tuple[str | None, str | None, bool]:
    """Controls for rule, subject and what is left; each is part of the address."""
    names = {ALL: ALL} | {row.rule_id: one_line(row.name) for row in rules.itertuples()}
    asked = st.query_params.get(RULE, ALL)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        first = list(names).index(asked) if asked in names else 0
        rule_id = one_of("Rule", names, key=RULE, index=first, width=260)
        subject = st.selectbox(
            "Subject", [ALL, *alert_results.subjects(con)], format_func=one_line, key="alert_subject",
            bind="query-params", width=220,
        )  # fmt: skip
        only_left = st.toggle("Only those not acknowledged", key="alerts_left", bind="query-params")
    if rule_id != ALL:
        st.query_params[RULE] = rule_id
    elif RULE in st.query_params:
        del st.query_params[RULE]
    return (None if rule_id == ALL else rule_id), (None if subject == ALL else subject), only_left


@st.fragment
def alerts_of_page(shown: pd.DataFrame, total: int) -> None:
    """The alerts shown at once, with what can be done with those that are chosen."""
    chosen = [row.alert_id for row in shown.itertuples() if st.session_state.get(_key(row.alert_id))]
    to_do(shown, chosen, total)
    for row in shown.itertuples():
        one(row)
    context.say_what_was_asked()


def to_do(shown: pd.DataFrame, chosen: list[str], total: int) -> None:
    """Choose all or none; acknowledge what is chosen, with a note."""
    many = f"{total:,} alerts" if total > 1 else "One alert"
    st.caption(f"{many}, the newest first. Tick those that you have looked at, then acknowledge them.")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        every = len(chosen) == len(shown)
        label = "Choose none" if every else f"Choose all {len(shown)} shown" if len(shown) > 1 else "Choose it"
        st.button(label, key="choose", on_click=choose, args=(list(shown["alert_id"]), not every))
        st.text_input(
            "Note", key=_note(), placeholder="Note (optional)", max_chars=2000, label_visibility="collapsed",
            width=300,
        )  # fmt: skip
        left = shown[shown["alert_id"].isin(chosen)]["acknowledged_at"].isna()
        ready = int(left.sum())
        st.button(
            f"Acknowledge {ready}" if ready > 1 else "Acknowledge", type="primary", icon=":material/done_all:",
            key="acknowledge", disabled=not ready, on_click=acknowledge, args=(list(shown["alert_id"]), True),
        )  # fmt: skip
        if len(left) > ready:
            st.button(
                "Take back", icon=":material/undo:", key="take-back", on_click=acknowledge,
                args=(list(shown["alert_id"]), False),
            )  # fmt: skip


def one(row) -> None:
    """One alert: what, who, where and when; whether it is acknowledged; the way to its moment."""
    noted = not missing(row.acknowledged_at)
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"alert-{row.Index}"):
        st.checkbox(
            f"Choose the alert in {one_line(row.name)} at {times(row)}", key=_key(row.alert_id),
            label_visibility="collapsed", width="content",
        )  # fmt: skip
        with st.container(gap="xxsmall"):
            mark = ":material/check_circle: " if noted else ":material/notifications_active: "
            who = one_line(person(row.track_id, row.label))
            subject = f" · subject {plain(row.subject)}" if row.subject else ""
            st.markdown(f"{mark}**{plain(row.rule)}** · {plain(row.name)} · {plain(who)}{subject}")
            zone = context.zone()
            facts = [f"{times(row)}: {what_was(row)}", f"raised {moment(row.raised_at, zone)}"]
            if row.sent:
                facts.append("sent out")
            if row.failed:
                facts.append("could not be sent")
            st.caption(plain(" · ".join(facts)))
            if noted:
                note = f": {plain(row.note)}" if row.note else ""
                st.caption(f"Acknowledged {plain(moment(row.acknowledged_at, zone))}{note}")
        st.page_link(
            "pages/video.py", label="Open the moment", icon=":material/play_circle:",
            query_params={"video": row.video_id, "t": f"{row.start_s:.3f}", "person": str(row.track_id)},
        )  # fmt: skip


def choose(alert_ids: list[str], chosen: bool) -> None:
    """Tick these, or take the ticks away.

    The boxes get other keys: the line above that draws itself every second may still send the ticks of before.
    """
    st.session_state[TICKS] = st.session_state.get(TICKS, 0) + 1
    for alert_id in alert_ids:
        st.session_state[_key(alert_id)] = chosen


def acknowledge(shown: list[str], acknowledged: bool) -> None:
    """Ask for those of the alerts shown that are ticked to be acknowledged, or for that to be taken back."""
    alert_ids = [alert_id for alert_id in shown if st.session_state.get(_key(alert_id))]
    note = st.session_state.get(_note(), "").strip() if acknowledged else ""
    how_many = "the alert" if len(alert_ids) == 1 else f"{len(alert_ids)} alerts"
    message = (
        f"Asked to acknowledge {how_many}." if acknowledged else f"Asked to take {how_many} back to the open ones."
    )
    given = {"note": note} if note else {}
    handed_in = activity.hand_in(
        "alerts_acknowledge", message, alert_ids=alert_ids, acknowledged=acknowledged, **given
    )  # fmt: skip
    if handed_in:
        choose(alert_ids, False)
        st.session_state[NOTES] = st.session_state.get(NOTES, 0) + 1


def _key(alert_id: str) -> str:
    return f"chosen-{st.session_state.get(TICKS, 0)}-{alert_id}"


def _note() -> str:
    return f"alert-note-{st.session_state.get(NOTES, 0)}"
