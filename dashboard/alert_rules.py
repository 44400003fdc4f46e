"""Section Rules of the alerts page: rules in plain language, made, changed and switched; sensitivities."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import activity
from dashboard.alert_words import PROPOSED, as_rule, in_words, titled, would_raise
from dashboard.words import missing, plain
from db import alert_results, annotation_results
from db.results import Connection
from processor.alerting import DEFAULT_SENSITIVITY, TARGETS

FIELDS = ("name", "target", "threshold", "at_least_s", "within_s", "enabled", "notify")

# A rule that is not saved yet is tried on so much, so that nobody waits for it.
TRIED_RUNS, TRIED_FACES = 50, 250_000

HOW = """
A sampled frame in which a person is seen stands for the time until the next one, for two steps of the sample rate at
most. It is held where the probability of the emotion is at or above the threshold. An alert is raised where the held
time in a window ending with a held frame is long enough; windows that overlap are one alert, from the first held frame
in the first of them to the last held frame of the last. Each person is looked at alone. Excluded ranges are left out.

The probabilities are those that the Video page draws: smoothed over time as the analysis was, or, where it smoothed
labels instead (most frequent of 5), as the network gave them. Of a category, the probabilities of its emotions are
added up. An expression is no feeling: an alert says where to look, not what somebody has.
"""


def section(con: Connection) -> None:
    """The rules, one below the other; then the sensitivities."""
    rules = alert_results.rules(con)
    sensitivities = alert_results.sensitivities(con)
    if rules.empty:
        proposal(sensitivities)
    for row in rules.to_dict("records"):
        one(row, sensitivities)
    st.button("New rule", icon=":material/add:", key="new-rule", on_click=edit, args=(None,))
    with st.expander("How exactly a rule is tried", icon=":material/help:"):
        st.markdown(HOW)
    sliders(rules, sensitivities)
    if "editing-rule" in st.session_state:
        editor(con, st.session_state["editing-rule"], sensitivities)
    if "deleting-rule" in st.session_state:
        confirm(st.session_state["deleting-rule"])


def proposal(sensitivities: dict[str, float]) -> None:
    """The rule that one can begin with."""
    with st.container(border=True):
        st.markdown(f"**There is no rule yet.** One to begin with: {plain(in_words(PROPOSED, sensitivities))}")
        if st.button("Use this rule", type="primary", icon=":material/add_alert:", key="use-proposed"):
            activity.hand_in("rule_save", f"Asked for the rule {plain(PROPOSED['name'])}.", **PROPOSED)
            st.rerun()


def one(rule: dict, sensitivities: dict[str, float]) -> None:
    """A rule: whether it is on, what it says, how much it raised, and what can be done with it."""
    seen = fields_of(rule)
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        # The key says what is stored, so that what somebody else switches shows here.
        key = f"on-{rule['rule_id']}-{rule['enabled']}"
        st.toggle(
            f"{rule['name']} is on", value=bool(rule["enabled"]), key=key, label_visibility="collapsed",
            on_change=switch, args=(rule["rule_id"], seen, key),
        )  # fmt: skip
        with st.container(gap="xxsmall"):
            alerts = rule["alerts"]
            how_many = f"{alerts:,} alerts" if alerts > 1 else "One alert" if alerts else "No alert"
            off = "" if rule["enabled"] else " · switched off"
            sent = " · messages are sent about new ones" if rule["notify"] else ""
            st.markdown(f"**{plain(rule['name'])}**")
            st.caption(f"{plain(in_words(rule, sensitivities))} {how_many}{sent}{off}.")
        with st.container(horizontal=True, width="content"):
            st.button("Change", icon=":material/edit:", key=f"edit-{rule['rule_id']}", on_click=edit, args=(rule,))
            st.button(
                "Delete", icon=":material/delete:", key=f"del-{rule['rule_id']}", on_click=ask_first, args=(rule,)
            )


def sliders(rules: pd.DataFrame, sensitivities: dict[str, float]) -> None:
    """A slider for each emotion and category."""
    st.subheader("Sensitivity", anchor=False)
    st.caption(
        "From which probability on an emotion or category counts, for rules without a threshold of their own. Lower is "
        "more sensitive."
    )
    following = rules[rules["threshold"].isna()].groupby("target")["name"].agg(list).to_dict()
    for place, target in enumerate(TARGETS):
        if place % 3 == 0:
            columns = st.columns(3)
        stored = sensitivities.get(target, DEFAULT_SENSITIVITY)
        key = f"sensitivity-{target}-{stored}"
        with columns[place % 3]:
            st.slider(
                titled(target).capitalize(), 0.0, 1.0, stored, 0.05, "%.2f", key=key, on_change=set_sensitivity,
                args=(target, stored, key),
            )  # fmt: skip
            if names := following.get(target):
                st.caption(f"Followed by {plain(', '.join(names))}.")


def edit(rule: dict | None) -> None:
    """Open the editor on a rule, or on a new one."""
    st.session_state["editing-rule"] = rule
    for name in ("name", "target", "own", "threshold", "at-least", "within", "notify"):
        st.session_state.pop(f"rule-{name}", None)
    st.session_state.pop("rule-tried", None)


def ask_first(rule: dict) -> None:
    """Ask before a rule is deleted."""
    st.session_state["deleting-rule"] = rule


@st.dialog("Rule", width="medium", on_dismiss=lambda: st.session_state.pop("editing-rule", None))
def editor(con: Connection, rule: dict | None, sensitivities: dict[str, float]) -> None:
    """All fields of a rule, what it says in words, and what it would have raised."""
    now = fields_of(rule) if rule else PROPOSED | {"name": ""}
    name = st.text_input("Name", now["name"], key="rule-name", max_chars=200)
    target = st.selectbox(
        "Emotion or category", TARGETS, TARGETS.index(now["target"]), format_func=titled, key="rule-target"
    )
    own = st.toggle(
        "A threshold of its own", now["threshold"] is not None, key="rule-own",
        help="Otherwise it follows the sensitivity of the emotion or category.",
    )  # fmt: skip
    threshold = None
    if own:
        first = now["threshold"] if now["threshold"] is not None else sensitivities.get(target, DEFAULT_SENSITIVITY)
        threshold = st.slider("Threshold", 0.0, 1.0, first, 0.05, "%.2f", key="rule-threshold")
    columns = st.columns(2)
    held = columns[0].number_input(
        "Held for (seconds)", 0.5, 86_400.0, now["at_least_s"], 1.0, "%g", key="rule-at-least"
    )
    within = columns[1].number_input("Within (seconds)", 0.5, 86_400.0, now["within_s"], 1.0, "%g", key="rule-within")
    notify = st.toggle(
        "Send a message about its new alerts", now["notify"], key="rule-notify",
        help="Only where a webhook or e-mail is set up: see the section Messages.",
    )  # fmt: skip
    fields = {
        "name": name.strip(), "target": target, "threshold": threshold, "at_least_s": held, "within_s": within,
        "enabled": now["enabled"], "notify": notify,
    }  # fmt: skip
    try:
        as_rule(fields)
    except ValueError:
        st.error(f"The window must be at least as long as the time to hold: {held:g} s do not fit into {within:g} s.")
        fits = False
    else:
        st.info(plain(in_words(fields, sensitivities)), icon=":material/format_quote:")
        fits = True
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Save", type="primary", icon=":material/save:", key="rule-save", disabled=not fits):
            save(rule, fields)
        tried = st.button("How many would it raise?", icon=":material/query_stats:", key="rule-try", disabled=not fits)
    if tried:
        preview(con, fields, sensitivities)


def preview(con: Connection, fields: dict, sensitivities: dict[str, float]) -> None:
    """How many alerts the rule would have raised, said of how many videos."""
    runs = alert_results.newest_runs(con, TRIED_RUNS, TRIED_FACES)
    if runs.empty:
        st.caption("There is no analysis with a face to try it on yet.")
        return

    def excluded(video_id: str) -> list[tuple[float, float]]:
        ranges = annotation_results.excluded(con, video_id)
        return list(zip(ranges["from_s"], ranges["to_s"], strict=True))

    with st.spinner("Trying the rule …"):
        alerts, inside = would_raise(
            fields, sensitivities, runs, lambda run_id: alert_results.faces(con, run_id), excluded
        )
    of = "the newest video" if len(runs) == 1 else f"{inside:,} of the {len(runs):,} newest videos"
    how_many = "no alert" if not alerts else "one alert" if alerts == 1 else f"{alerts:,} alerts"
    st.success(
        f"It would have raised {how_many} in {of}. At most {TRIED_RUNS} videos with {TRIED_FACES:,} faces are tried "
        "here; saving tries it on all.",
        icon=":material/query_stats:",
    )


def save(rule: dict | None, fields: dict) -> None:
    """Hand the rule in and close the editor."""
    if not fields["name"]:
        st.error("Give the rule a name first.")
        return
    change = {"rule_id": rule["rule_id"], "seen": fields_of(rule)} if rule else {}
    if activity.hand_in("rule_save", f"Asked for the rule {plain(fields['name'])}.", **fields, **change):
        st.session_state.pop("editing-rule", None)
        st.rerun()


def switch(rule_id: str, seen: dict, key: str) -> None:
    """Switch a rule on or off."""
    on = bool(st.session_state[key])
    message = f"Asked to switch the rule {plain(seen['name'])} {'on' if on else 'off'}."
    activity.hand_in("rule_save", message, rule_id=rule_id, seen=seen, **seen | {"enabled": on})


def set_sensitivity(target: str, stored: float, key: str) -> None:
    """Ask for another sensitivity."""
    threshold = float(st.session_state[key])
    message = f"Asked for the sensitivity {threshold:.2f} of {target}."
    activity.hand_in("sensitivity", message, target=target, threshold=threshold, seen=stored)


@st.dialog("Delete this rule?", on_dismiss=lambda: st.session_state.pop("deleting-rule", None))
def confirm(rule: dict) -> None:
    """Asks first, and says what goes."""
    st.markdown(f"**{plain(rule['name'])}**")
    alerts = int(rule["alerts"])
    if alerts:
        st.markdown(
            f"Its {'alert goes' if alerts == 1 else f'{alerts:,} alerts go'} with it, also what is acknowledged, with "
            "the notes. To keep them, switch the rule off instead."
        )
    with st.container(horizontal=True):
        if st.button("Delete", type="primary", icon=":material/delete:", key="delete-rule"):
            activity.hand_in("rule_delete", f"Asked to delete the rule {plain(rule['name'])}.", rule_id=rule["rule_id"])
            del st.session_state["deleting-rule"]
            st.rerun()
        if st.button("Keep it", key="keep-rule"):
            del st.session_state["deleting-rule"]
            st.rerun()


def fields_of(rule: dict) -> dict:
    """A rule as a request tells it. rule: a row of alert_results.rules."""
    out = {name: rule[name] for name in FIELDS}
    out["threshold"] = None if missing(rule["threshold"]) else float(rule["threshold"])
    out["at_least_s"], out["within_s"] = float(rule["at_least_s"]), float(rule["within_s"])
    return out | {"enabled": bool(rule["enabled"]), "notify": bool(rule["notify"])}
