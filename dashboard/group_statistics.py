"""Whether groups differ: the tests, effect sizes and intervals over the units of a study. No Streamlit and no SQL.

Two groups: Mann-Whitney's test, or Wilcoxon's signed-rank test over pairs where the same subjects are in both. More:
Kruskal-Wallis, then every pair as above. These tests look at ranks, so that shares with many zeros and long tails are
no trouble. SciPy does the tests, all measures at once; every figure of one study and seed is the same each time.
"""

from __future__ import annotations

from itertools import combinations
from math import comb
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from dashboard.group_sentences import ALPHA, FAMILY, FEW_UNITS, INTERVAL, sentence
from dashboard.measures import MEASURES
from dashboard.rank_tests import holm, rank_sum, several_groups, signed_rank
from dashboard.study import Study
from dashboard.words import one_line

__all__ = ["FAMILY", "FEW_UNITS", "INTERVAL", "compare", "describe"]

RESAMPLES = 9999
AT_ONCE = 1_000_000  # draws of units that are held at a time
CONFIDENCE = 0.95
DIGITS = 6  # of shares and valences; what differs less is rounding, and ranks must not see it

COLUMNS = (
    "kind", "measure", "group_a", "group_b", "test", "n", "n_a", "n_b", "mean_a", "mean_b", "median_a", "median_b",
    "difference", "ci_low", "ci_high", "cliffs_delta", "hedges_g", "size", "statistic", "p", "p_holm", "paired",
    "warning", "sentence",
)  # fmt: skip
DESCRIBED = ("group", "measure", "n", "mean", "sd", "median", "q1", "q3", "ci_low", "ci_high")


class Pair(NamedTuple):
    """Two groups as they are compared: values (units, measures), in pairs or not, and what is to be said of them."""

    a: np.ndarray
    b: np.ndarray
    paired: bool
    warning: str


def compare(study: Study, seed: int = 0) -> pd.DataFrame:
    """Every measure compared between the groups of a study; empty with fewer than two groups.

    With two groups one row of kind `pair` for each measure; with more, first one of kind `all` for each measure, then
    those of each pair. Columns: COLUMNS. `difference` is the mean of group_a minus that of group_b, with its interval
    (see INTERVAL); `size` is that of Cliff's delta in words. n is a dict by group; in a paired comparison all figures
    are of the pairs. p_holm: corrected over all rows of the kind. What can't be worked out is NaN (statistic, p and the
    rest where a group has fewer than two units or nothing varies), and the sentence says so.
    """
    names = study.groups
    if len(names) < 2:
        return pd.DataFrame(columns=COLUMNS)
    units = {name: study.of(name) for name in names}
    values = {name: _values(units[name]) for name in names}
    means = {name: resampled_means(values[name], [seed, place]) for place, name in enumerate(names)}
    rows = []
    if len(names) > 2:
        warning = " ".join(filter(None, [_few(study.n, study.choice.unit), _several_groups(study)]))
        for measure, tested in zip(MEASURES, several_groups(list(values.values())), strict=True):
            rows.append({"kind": "all", "measure": measure, "n": study.n, "paired": False, "warning": warning,
                         **tested._asdict()})  # fmt: skip
    for number, (a, b) in enumerate(combinations(names, 2)):
        pair = _pair({a: units[a], b: units[b]}, study.choice.unit)
        if pair.paired:
            resampled = resampled_means(pair.a - pair.b, [seed, len(names) + number])
            tests = signed_rank((pair.a - pair.b).round(DIGITS))
        else:
            resampled = None if means[a] is None or means[b] is None else means[a] - means[b]
            tests = rank_sum(pair.a, pair.b, seed)
        said = {"kind": "pair", "group_a": a, "group_b": b, "n": {a: len(pair.a), b: len(pair.b)}, "n_a": len(pair.a),
                "n_b": len(pair.b), "paired": pair.paired, "warning": pair.warning}  # fmt: skip
        low, high = interval(resampled, min(len(pair.a), len(pair.b)))
        figures = pd.DataFrame({"measure": MEASURES, "ci_low": low, "ci_high": high, **_figures(pair.a, pair.b)})
        for own, tested in zip(figures.to_dict("records"), tests, strict=True):
            rows.append({**said, **own, **tested._asdict()})
    table = pd.DataFrame(rows, columns=COLUMNS).astype({"n_a": "Int64", "n_b": "Int64"})
    table["p_holm"] = table.groupby("kind")["p"].transform(holm)
    table[["group_a", "group_b", "size"]] = (
        table[["group_a", "group_b", "size"]].astype(object).where(table[["group_a", "group_b", "size"]].notna(), None)
    )
    family = int(table.loc[table["kind"] == "pair", "p"].notna().sum())
    too_few = [_cannot_stand_out(row, family) for row in table.to_dict("records")]
    table["warning"] = [" ".join(filter(None, both)) for both in zip(table["warning"], too_few, strict=True)]
    table["sentence"] = [sentence(row, study.choice) for row in table.to_dict("records")]
    return table


def describe(study: Study, seed: int = 0) -> pd.DataFrame:
    """The figures of each group and measure: columns DESCRIBED; sd is that between units (n - 1), ci_low and ci_high
    the interval of the mean. A group without units has n = 0 and NaN."""
    parts = []
    for place, name in enumerate(study.groups):
        values = _values(study.of(name))
        n = len(values)
        low, high = interval(resampled_means(values, [seed, place]), n)
        q1, median, q3 = np.quantile(values, [0.25, 0.5, 0.75], axis=0) if n else (np.nan,) * 3
        mean, sd = values.mean(axis=0) if n else np.nan, values.std(axis=0, ddof=1) if n > 1 else np.nan
        found = (name, MEASURES, n, mean, sd, median, q1, q3, low, high)
        parts.append(pd.DataFrame(dict(zip(DESCRIBED, found, strict=True))))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=DESCRIBED)


# --- figures of two samples ------------------------------------------------------------------------------------------


# Each is worked out for all columns of its samples, (units, measures), at once; for (units,) it is one number.


def cliffs_delta(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """How much more often a value of `a` is above one of `b` than below, -1 to 1 (Cliff 1993, Psychological Bulletin
    114:494); NaN where one is empty. It is 2 U / (n m) - 1, with Mann and Whitney's U."""
    if not len(a) or not len(b):
        return np.full(a.shape[1:], np.nan)
    u = stats.rankdata(np.concatenate([a, b]), axis=0)[: len(a)].sum(axis=0) - len(a) * (len(a) + 1) / 2
    return 2 * u / (len(a) * len(b)) - 1


def hedges_g(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Difference of the means in pooled standard deviations, corrected for small samples by 1 - 3 / (4 df - 1) (Hedges
    1981, Journal of Educational Statistics 6:107). The same for pairs, so that both can be compared (the deviation is
    that between units, not that of the differences). NaN with fewer than two in a sample, or where nothing varies."""
    df = len(a) + len(b) - 2
    if min(len(a), len(b)) < 2:
        return np.full(a.shape[1:], np.nan)
    pooled = np.sqrt(((len(a) - 1) * a.var(axis=0, ddof=1) + (len(b) - 1) * b.var(axis=0, ddof=1)) / df)
    return (a.mean(axis=0) - b.mean(axis=0)) / np.where(pooled > 0, pooled, np.nan) * (1 - 3 / (4 * df - 1))


def size(delta: float) -> str | None:
    """Cliff's delta in words, by the limits 0.147, 0.33 and 0.474 of Romano et al. (2006, Florida Association of
    Institutional Research); None for NaN."""
    if np.isnan(delta):
        return None
    limits = (0.147, 0.33, 0.474)
    return ("negligible", "small", "medium", "large")[int(np.searchsorted(limits, abs(delta), side="right"))]


def resampled_means(values: np.ndarray, seed: int | list[int]) -> np.ndarray | None:
    """Means of RESAMPLES samples drawn with replacement from units (n, measures): (measures, RESAMPLES); None below two
    units, of which no sample says how much units differ.

    As scipy.stats.bootstrap draws them; but a mean needs only how often each unit was drawn, not the values themselves.
    """
    n = len(values)
    if n < 2:
        return None
    rng = np.random.default_rng(seed)
    means = []
    for first in range(0, RESAMPLES, samples := max(1, AT_ONCE // n)):
        drawn = rng.integers(n, size=(min(samples, RESAMPLES - first), n))
        drawn += n * np.arange(len(drawn))[:, None]  # each sample counts its own units
        counts = np.bincount(drawn.ravel(), minlength=drawn.size).reshape(drawn.shape)
        means.append(counts.astype(float) @ values / n)
    return np.concatenate(means).T


def interval(resampled: np.ndarray | None, n: int) -> tuple[np.ndarray, np.ndarray] | tuple[float, float]:
    """The bootstrap intervals of resampled figures, (..., RESAMPLES): where each begins and ends, (...); NaN where
    nothing varies, and two NaN without any. n: units of the smaller group.

    Percentiles of a bootstrap are too narrow in small samples; those of Student's t at n - 1 degrees of freedom, taken
    to the scale of the normal distribution and widened by sqrt(n / (n - 1)), make up for it (the "expanded percentile"
    of Hesterberg 2015, The American Statistician 69:371).
    """
    if resampled is None:
        return np.nan, np.nan
    tail = stats.norm.cdf(stats.t.ppf((1 - CONFIDENCE) / 2, n - 1) * np.sqrt(n / (n - 1)))
    ends = np.quantile(resampled, [tail, 1 - tail], axis=-1)
    low, high = np.where(np.ptp(resampled, axis=-1) < 0.1**DIGITS, np.nan, ends)
    return low, high


# --- groups and pairs ------------------------------------------------------------------------------------------------


def _values(units: pd.DataFrame) -> np.ndarray:
    return units[list(MEASURES)].to_numpy(float).round(DIGITS)


def _figures(a: np.ndarray, b: np.ndarray) -> dict[str, np.ndarray | list]:
    """The figures of two groups in every measure, but for the tests and the intervals."""
    nothing = np.full(len(MEASURES), np.nan)
    means = [one.mean(axis=0) if len(one) else nothing for one in (a, b)]
    medians = [np.median(one, axis=0) if len(one) else nothing for one in (a, b)]
    delta = cliffs_delta(a, b)
    return {
        "mean_a": means[0], "mean_b": means[1], "median_a": medians[0], "median_b": medians[1],
        "difference": means[0] - means[1], "cliffs_delta": delta, "hedges_g": hedges_g(a, b),
        "size": [size(one) for one in delta],
    }  # fmt: skip


def _pair(units: dict[str, pd.DataFrame], unit: str) -> Pair:
    """Two groups in pairs by subject where most subjects are in both, else each with its own units.

    units: of the two groups, as of Study.of; unit: what one is called. In pairs a subject counts once in each group,
    with the mean of its units; those in one group only are left out. A subject of whom both groups hold the very same
    videos makes no pair: there is nothing between the two.
    """
    first, second = units.values()
    own = [one.groupby("subject", sort=False) for one in (first, second)]
    subjects = [list(one.groups) for one in own]
    in_both = [name for name in subjects[0] if name in own[1].groups]
    pairs = [name for name in in_both if _videos(own[0].get_group(name)) != _videos(own[1].get_group(name))]
    unknown = [int(one["subject"].isna().sum()) for one in (first, second)]
    everyone = len({*subjects[0], *subjects[1]}) + sum(unknown)
    if len(pairs) >= 2 and 2 * len(pairs) >= everyone:
        alone = [name for name in dict.fromkeys([*subjects[0], *subjects[1]]) if name not in pairs]
        sides = [_values(one[list(MEASURES)].mean().loc[pairs]) for one in own]
        return Pair(*sides, True, " ".join(filter(None, [_few_pairs(len(pairs)), _alone(alone, sum(unknown))])))
    warnings = [_few({name: len(one) for name, one in units.items()}, unit)]
    if in_both:
        warnings.append(
            f"{len(in_both)} of {everyone} subjects {'is' if len(in_both) == 1 else 'are'} in both groups, which this "
            "test takes for independent."
        )
    if any(len(one) > len(subjects[place]) + unknown[place] for place, one in enumerate((first, second))):
        warnings.append(
            "Some subjects have several sessions, which count as if independent: subjects as the unit don't."
        )
    return Pair(_values(first), _values(second), False, " ".join(filter(None, warnings)))


def _videos(units: pd.DataFrame) -> set[str]:
    return {video for ids in units["video_ids"] for video in ids}


def _few(n: dict[str, int], unit: str) -> str:
    small = [f"{one_line(name)} (n = {count})" for name, count in n.items() if count < FEW_UNITS]
    return f"Fewer than {FEW_UNITS} {unit}s in {' and '.join(small)}: take this as a hint." if small else ""


def _few_pairs(n: int) -> str:
    return f"Fewer than {FEW_UNITS} pairs (n = {n}): take this as a hint." if n < FEW_UNITS else ""


def _cannot_stand_out(row: dict, family: int) -> str:
    """A warning where even the clearest order of so few ranks would not be surprising after Holm's correction."""
    if row["kind"] == "all" or np.isnan(row["p"]):
        return ""
    orders = 2 ** row["n_a"] if row["paired"] else comb(row["n_a"] + row["n_b"], row["n_a"])
    if family * 2 / orders < ALPHA:
        return ""
    return f"So few units can't stand out among {family} comparisons, however clear the difference."


def _alone(names: list[str], unknown: int) -> str:
    """Who is left out of the pairs, by name."""
    shown = [one_line(name) for name in names[:10]] + ([f"{len(names) - 10} more"] if len(names) > 10 else [])
    shown += [f"{unknown} without a subject"] if unknown else []
    return f"Left out, because no pair: {', '.join(shown)}." if shown else ""


def _several_groups(study: Study) -> str:
    """A warning where a subject is in more than one group, if there is one."""
    groups_of = study.units.dropna(subset="subject").groupby("subject")["group"].nunique()
    again = int((groups_of > 1).sum())
    if not again:
        return ""
    return (
        f"{again} subject{' is' if again == 1 else 's are'} in more than one group, which this test takes for "
        "independent: rather look at the pairs."
    )
