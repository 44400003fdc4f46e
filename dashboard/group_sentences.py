"""What a comparison says, in plain language: one sentence or two for each result. No Streamlit inside.

Nothing here says that something is proven or that groups are the same: a test can only say how surprising the data
would be if there were no difference.
"""

from __future__ import annotations

from dashboard.choice import Choice
from dashboard.measures import amount, difference, title
from dashboard.words import missing, one_line

ALPHA = 0.05  # below it, data are called surprising
FEW_UNITS = 5  # fewer in a group deserve a warning

INTERVAL = (
    "95 % bootstrap interval: percentiles of 9,999 resamplings of the units, widened for small groups. Of intervals "
    "made in this way, about 95 in 100 hold the true value. Each is for one measure by itself."
)
FAMILY = (
    "Holm's correction is over all measures, and over all pairs where there are more than two groups: among many "
    "comparisons some would look surprising by chance. A difference says nothing about its cause."
)


def sentence(row: dict, choice: Choice) -> str:
    """The result of one row of `group_statistics.compare` (but its sentence) in plain language."""
    return f"{title(row['measure'])}: {_overall(row) if row['kind'] == 'all' else _pair(row, choice)}"


def span(measure: str, low: float, high: float) -> str:
    """An interval of differences: `−1.0 to +7.4 points`."""
    return f"{difference(measure, low).removesuffix(' points')} to {difference(measure, high)}"


def probability(p: float) -> str:
    """`p = 0.012`, `p < 0.001`; what only rounds to 1, or up to the limit of surprise, is not written as it."""
    if p < 0.001:
        return "p < 0.001"
    if p < ALPHA and round(p, 3) == ALPHA:
        return f"p < {ALPHA:g}"
    if p > 0.995:
        return "p > 0.99" if p < 1 else "p = 1"
    return f"p = {p:.3f}" if p < 0.1 else f"p = {p:.2f}"


def _overall(row: dict) -> str:
    test = row["test"]
    if missing(row["p"]):
        return "this can't be decided: there are too few units, or all have the same value."
    if row["p_holm"] < ALPHA:
        return (
            f"the groups differ more than they would by chance alone, except seldom ({test}, corrected "
            f"{probability(row['p_holm'])}). Which of them, the pairs tell."
        )
    if row["p"] < ALPHA:
        return f"{_chance(row)} ({test})."
    return (
        f"these data can't tell whether the groups differ ({test}, {probability(row['p'])}). That does not make them "
        "alike."
    )


def _pair(row: dict, choice: Choice) -> str:
    measure, a, b = row["measure"], one_line(row["group_a"]), one_line(row["group_b"])
    few = [name for name, n in ((a, row["n_a"]), (b, row["n_b"])) if n < 2]
    if few:
        return f"this can't be decided: {' and '.join(few)} would need at least two {choice.unit}s."
    counted = f"n = {row['n_a']} pairs" if row["paired"] else f"n = {row['n_a']} and {row['n_b']}"
    found = f"{amount(measure, row['mean_a'])} in {a}, {amount(measure, row['mean_b'])} in {b} on average ({counted})."
    if missing(row["p"]):
        same = "no pair differs" if row["paired"] else f"every {choice.unit} has the same value"
        return f"{found} This can't be decided, because {same}."
    return f"{found} {_verdict(row, a, b)}"


def _verdict(row: dict, a: str, b: str) -> str:
    fits = _interval(row)
    if row["p_holm"] < ALPHA:
        higher, lower = (a, b) if row["difference"] >= 0 else (b, a)
        effect = f"the effect is {row['size']} (Cliff's delta {row['cliffs_delta']:+.2f})".replace("-", "−")
        text = f"The mean of {higher} is above that of {lower} by more than chance alone would often bring about "
        text += f"(corrected {probability(row['p_holm'])}); {effect}. {fits}"
        if row["difference"] * row["cliffs_delta"] < 0:
            text += " Means and ranks point to different groups here: look at the single values."
        return text
    if row["p"] < ALPHA:
        return f"{_chance(row).capitalize()}. {fits}"
    return f"These data can't tell the groups apart ({probability(row['p'])}), which does not make them alike. {fits}"


def _chance(row: dict) -> str:
    """On its own it would be surprising, but it is not the only one that was looked at."""
    return (
        f"this can't be decided: on its own it would be a surprise ({probability(row['p'])}), but among so many "
        f"comparisons one like it often comes by chance (corrected {probability(row['p_holm'])})"
    )


def _interval(row: dict) -> str:
    """Which true differences would fit the data."""
    low, high = row["ci_low"], row["ci_high"]
    if missing(low):
        return "How large the difference is can't be said."
    which = f"{one_line(row['group_a'])} minus {one_line(row['group_b'])}"
    fits = f"True differences ({which}) from {span(row['measure'], low, high)} fit the data (95 % interval)"
    return f"{fits}, so there may be none." if low <= 0 <= high else f"{fits}."
