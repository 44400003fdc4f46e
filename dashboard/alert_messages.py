"""Section Messages of the alerts page: where messages about alerts go, whether they arrive, and a test."""

from __future__ import annotations

import streamlit as st

from dashboard import activity, context
from dashboard.listing import moment
from dashboard.words import missing, plain
from db import alert_results
from db.results import Connection
from processor.notify import channels as set_up

TITLES = {"webhook": "Webhook", "email": "E-mail"}

HOW = {
    "webhook": "Set `alert_webhook` to the address that alerts are posted to, https or on this machine.",
    "email": "Set `alert_email_to`, `alert_email_from` and `smtp_host` (and `smtp_port`, `smtp_tls`, `smtp_user`, "
    "`smtp_password` where the mail server wants them).",
}


def section(con: Connection) -> None:
    """Both ways out: off, or where it leads, how it goes and the test."""
    st.caption(
        "Alerts of rules that send messages can leave this machine, when an analysis brings something new. A message "
        "says the rule, the video's name and when; no picture, no path, and the subject only where `alert_subject` is "
        "set. Off until it is set up in `moodreel.toml` or the environment, which also keep addresses and passwords: "
        "this page knows only the host."
    )
    hosts = channels()
    told = {row["channel"]: row for row in alert_results.deliveries(con).to_dict("records")}
    for channel, title in TITLES.items():
        with st.container(border=True):
            st.subheader(title, anchor=False)
            if channel not in hosts:
                st.markdown(f"Off. {HOW[channel]} Then start Moodreel again.")
                continue
            st.markdown(f"On: messages go to **{plain(hosts[channel])}**.")
            how_it_goes(told.get(channel))
            st.button("Send a test", icon=":material/send:", key=f"test-{channel}", on_click=test, args=(channel,))


def channels() -> dict[str, str]:
    """The ways out with the hosts they lead to: those of the service that runs, else those that are set here."""
    state = context.processor()
    if context.running(state) and "channels" in state.alerts:
        return state.alerts["channels"]
    return set_up(context.settings())


def how_it_goes(row: dict | None) -> None:
    """What became of the messages and of the latest test. row: of alert_results.deliveries, or None."""
    if row is None:
        st.caption("Nothing has been sent yet.")
        return
    counts = [f"{row[name]:,} {name}" for name in ("sent", "waiting") if row[name]]
    counts += [f"{row['failed']:,} given up"] if row["failed"] else []
    if counts:
        st.caption(f"Messages about alerts: {', '.join(counts)}.")
    if row["error"]:
        again = ""
        if not missing(row["next_try_at"]):
            again = f" The next try is at {moment(row['next_try_at'], context.zone())}."
        st.warning(plain(row["error"] + again), icon=":material/sync_problem:")
    if row["test"] == "waiting":
        st.info("A test is on its way.", icon=":material/hourglass_empty:")
    elif row["test"] == "sent":
        st.success("The latest test was taken.", icon=":material/check_circle:")
    elif row["test"] == "failed":
        st.error(plain(f"The latest test failed. {row['test_error']}"), icon=":material/error:")


def test(channel: str) -> None:
    """Ask for a test message."""
    activity.hand_in("alert_test", f"Asked for a test by {TITLES[channel].lower()}.", channel=channel)
