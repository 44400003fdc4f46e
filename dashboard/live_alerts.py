"""Alerts of the live page: the store's rules, tried on every sight as it comes, told of at once."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard import context
from dashboard.alert_words import PROPOSED, as_rule, in_words
from dashboard.words import clock, name_of, plain
from db import alert_results
from processor.alerting import Live, Raised, Rule
from processor.live_faces import Sight

STEP_S = 0.2  # as sessions are kept, so that a kept session has the alerts that were seen live
MOST_SHOWN = 20


class Watch:
    """Tries rules on the sights of a stream. Safe for threads: sights come on another one than the page."""

    def __init__(self, rules: Sequence[Rule], sensitivities: Mapping[str, float]):
        self.key = (tuple(rules), tuple(sorted(sensitivities.items())))
        self._lock = threading.Lock()
        self._live = Live(rules, sensitivities, STEP_S)
        self._shown: deque[tuple[Raised, bool]] = deque(maxlen=MOST_SHOWN)
        self._new: deque[Raised] = deque(maxlen=MOST_SHOWN)
        self._until_s = -1.0

    def seen(self, sight: Sight) -> None:
        """Another sight of the stream; of one that is not later than the last, nothing is made."""
        with self._lock:
            if sight.t_s <= self._until_s:
                return
            self._until_s = sight.t_s
            begun, over = self._live.push(sight.t_s, {face.track_id: face.smoothed for face in sight.faces})
            for alert in begun:
                self._shown.appendleft((alert, True))
                self._new.append(alert)
            for alert in over:
                self._end(alert)

    def _end(self, alert: Raised) -> None:
        for place, (shown, under_way) in enumerate(self._shown):
            if under_way and (shown.rule_id, shown.track_id) == (alert.rule_id, alert.track_id):
                self._shown[place] = alert, False
                return

    def alerts(self) -> list[tuple[Raised, bool]]:
        """The latest alerts, newest first, each with whether it is still under way."""
        with self._lock:
            return list(self._shown)

    def new(self) -> list[Raised]:
        """The alerts that have begun since this was last asked."""
        with self._lock:
            told = list(self._new)
            self._new.clear()
            return told


def rules_in_force() -> tuple[list[dict], dict[str, float], str]:
    """The rules to try, as of table alert_rule, the sensitivities, and a sentence on where they come from."""
    con = context.connection()
    rows = alert_results.rules(con).to_dict("records") if con else []
    sensitivities = alert_results.sensitivities(con) if con else {}
    on = [row for row in rows if row["enabled"]]
    if on:
        number = "One rule" if len(on) == 1 else f"{len(on)} rules"
        return on, sensitivities, f"{number} of the Alerts page: {', '.join(row['name'] for row in on)}."
    if rows:
        return [], sensitivities, "Every rule is switched off; the Alerts page has them."
    built_in = PROPOSED | {"rule_id": "built-in"}
    words = in_words(built_in, sensitivities)
    return [built_in], sensitivities, f"There is no rule yet, so a built-in one is tried. {words}"


def watch_for(before: Watch | None, rules: list[dict], sensitivities: dict[str, float]) -> Watch:
    """A watch for these rules: the one before where they are the same."""
    watch = Watch([as_rule(row) for row in rules], sensitivities)
    return before if before is not None and before.key == watch.key else watch


def show(watch: Watch, names: Mapping[int, str]) -> None:
    """The alerts so far, the newest first; each new one also as a message that goes away by itself."""
    for alert in watch.new():
        st.toast(f"**{plain(alert.rule)}** · {plain(who(alert, names))}", icon=":material/notifications_active:")
    for alert, under_way in watch.alerts()[:3]:
        line = f"**{plain(alert.rule)}** · {plain(who(alert, names))} · {what(alert, under_way)}"
        if under_way:
            st.warning(line, icon=":material/notifications_active:")
        else:
            st.caption(f":material/notifications: {line}")


def who(alert: Raised, names: Mapping[int, str]) -> str:
    """Whose alert it is."""
    return name_of(alert.track_id, names)


def what(alert: Raised, under_way: bool) -> str:
    """`sad since 1:05` or `sad from 1:05 to 1:35, up to 0.82`."""
    if under_way:
        return f"{alert.target} since {clock(alert.start_s)}"
    return f"{alert.target} from {clock(alert.start_s)} to {clock(alert.end_s)}, up to {alert.peak:.2f}"
