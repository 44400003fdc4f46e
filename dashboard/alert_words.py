"""What rules and alerts are called in plain language, and what a rule would raise. No Streamlit and no SQL."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd

from dashboard.words import missing, precise, smoothing_window_s
from processor.alerting import DEFAULT_SENSITIVITY, Rule, raised, what_counts

# What a new rule is, and the rule that is proposed: prolonged sadness, as a therapist would want to know of it.
PROPOSED = {
    "name": "Prolonged sadness", "target": "sad", "threshold": 0.6, "at_least_s": 20.0, "within_s": 30.0,
    "enabled": True, "notify": False,
}  # fmt: skip

CATEGORY_TITLES = {
    "negative": "negative (angry, disgust, fear, sad together)",
    "positive": "positive (happy, surprise together)",
}


def titled(target: str) -> str:
    """A target as it is chosen from a list."""
    return CATEGORY_TITLES.get(target, target)


def in_words(rule: dict, sensitivities: dict[str, float]) -> str:
    """A rule as a sentence: `When sad is at or above 0.60 for 20 s within any 30 s, per person.`

    rule: a dict of table alert_rule's columns (threshold None or NaN: the target's sensitivity).
    """
    threshold = rule["threshold"]
    follows = missing(threshold)
    if follows:
        threshold = sensitivities.get(rule["target"], DEFAULT_SENSITIVITY)
    how = ", its sensitivity," if follows else ""
    held, window = seconds(rule["at_least_s"]), seconds(rule["within_s"])
    within = "without a break" if rule["at_least_s"] == rule["within_s"] else f"within any {window}"
    return f"When {rule['target']} is at or above {threshold:.2f}{how} for {held} {within}, per person."


def what_was(alert) -> str:
    """An alert as a phrase: `sad at or above 0.60 for 24.5 s of 31 s, up to 0.93`. alert: a row of alert_results."""
    span = seconds(alert.end_s - alert.start_s)
    held = seconds(alert.held_s)
    how_long = held if held == span else f"{held} of {span}"
    return f"{alert.target} at or above {alert.threshold:.2f} for {how_long}, up to {alert.peak:.2f}"


def seconds(value: float) -> str:
    """Seconds to a tenth: `20 s`, `1.5 s`, `2 min 5 s`."""
    value = round(value, 1)
    minutes, rest = divmod(value, 60)
    rest = round(rest, 1)
    if not minutes:
        return f"{rest:g} s"
    return f"{minutes:g} min {rest:g} s" if rest else f"{minutes:g} min"


def times(alert) -> str:
    """From when to when an alert lasts: `1:05.5 to 1:31`."""
    return f"{precise(alert.start_s, 1)} to {precise(alert.end_s, 1)}"


def as_rule(rule: dict) -> Rule:
    """A rule as the processor takes it. Raises ValueError for one that can't be."""
    threshold = None if missing(rule["threshold"]) else float(rule["threshold"])
    return Rule(
        str(rule.get("rule_id") or ""), rule["name"], rule["target"], threshold, float(rule["at_least_s"]),
        float(rule["within_s"]),
    )  # fmt: skip


def would_raise(
    rule: dict, sensitivities: dict[str, float], runs: pd.DataFrame, faces: Callable[[int], tuple[np.ndarray, ...]],
    excluded: Callable[[str], Iterable[tuple[float, float]]],
) -> tuple[int, int]:  # fmt: skip
    """How many alerts a rule would raise in these runs, and in how many of them.

    runs: as from `alert_results.newest_runs`; faces: of a run, as from `alert_results.faces`; excluded: the ranges of a
    video that do not count.
    """
    counts = []
    for run in runs.itertuples():
        t_s, track_id, probabilities, frames_s = faces(run.run_id)
        seen = what_counts(
            t_s, track_id, probabilities, frames_s, 1 / run.sample_fps, smoothing_window_s(run.smoothing),
            list(excluded(run.video_id)),
        )  # fmt: skip
        counts.append(len(raised(seen, [as_rule(rule)], sensitivities)))
    return sum(counts), sum(count > 0 for count in counts)
