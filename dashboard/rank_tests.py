"""Tests on ranks of many measures at once, and the correction for having made many. SciPy makes them.

Values are (units, measures); every test gives, for each measure, its name, its statistic and its two-sided p, NaN where
nothing can be decided. With ties the exact distributions do not hold; in small samples the ranks are then permuted.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

PERMUTATIONS = 9999  # drawn where there are more; else every one of them is looked at
# Up to so many units, ranks are permuted where there are ties; from there on the normal distribution is near enough.
SMALL, SMALL_PAIRS = 20, 13


class Tested(NamedTuple):
    """What a test found in one measure; p is two-sided."""

    test: str
    statistic: float
    p: float


def rank_sum(a: np.ndarray, b: np.ndarray, seed: int = 0) -> list[Tested]:
    """Mann and Whitney's test of two independent groups. The statistic is U of `a`.

    Exact without ties where one group has at most 8 units; with ties and at most SMALL units in all by permutation;
    else by the normal distribution, with corrections for ties and continuity. Undecided with fewer than two units in a
    group, or where all have the same value.
    """
    both = np.concatenate([a, b])
    undecided = np.full(both.shape[1], min(len(a), len(b)) < 2) | _same(both)
    tied = _ties(both) & (len(both) <= SMALL) & ~undecided
    p = np.full(both.shape[1], np.nan)
    if tied.any():
        ranks = stats.rankdata(both[:, tied], axis=0)
        p[tied] = stats.permutation_test(
            (ranks[: len(a)], ranks[len(a) :]), _apart, axis=0, vectorized=True, n_resamples=PERMUTATIONS,
            rng=np.random.default_rng(seed),
        ).pvalue  # fmt: skip
    statistic = np.full(both.shape[1], np.nan)
    ties = _ties(both)
    # Those with ties and those without by themselves: SciPy chooses one way for all that it is given together.
    for alike in (ties & ~undecided, ~ties & ~undecided):
        if alike.any():
            one = stats.mannwhitneyu(a[:, alike], b[:, alike], axis=0)
            statistic[alike], p[alike] = one.statistic, np.where(tied[alike], p[alike], one.pvalue)
    return [
        Tested("Mann-Whitney (permutation)" if permuted else "Mann-Whitney", float(u), float(own))
        for permuted, u, own in zip(tied, statistic, p, strict=True)
    ]


def signed_rank(differences: np.ndarray) -> list[Tested]:
    """Wilcoxon's test of the differences of pairs. The statistic is the smaller of the two sums of ranks.

    Pairs without a difference do not count. Exact without them and without ties up to 50 pairs; else by permutation up
    to SMALL_PAIRS pairs, by the normal distribution with more. Undecided with fewer than two pairs, or where no pair
    differs.
    """
    undecided = np.full(differences.shape[1], len(differences) < 2) | ~differences.any(axis=0)
    tied = (_ties(np.abs(differences)) | (differences == 0).any(axis=0)) & (len(differences) <= SMALL_PAIRS)
    tied &= ~undecided
    ranks = np.zeros(differences.shape)
    for place in np.flatnonzero(tied):
        one = differences[:, place]
        ranks[one != 0, place] = stats.rankdata(np.abs(one[one != 0])) * np.sign(one[one != 0])
    p = np.full(differences.shape[1], np.nan)
    if tied.any():
        p[tied] = stats.permutation_test(
            (ranks[:, tied],), np.sum, permutation_type="samples", axis=0, vectorized=True, n_resamples=PERMUTATIONS
        ).pvalue
    found = []
    for place in range(differences.shape[1]):
        if undecided[place]:
            found.append(Tested("Wilcoxon", np.nan, np.nan))
        elif tied[place]:
            smaller = min(ranks[:, place].clip(min=0).sum(), -ranks[:, place].clip(max=0).sum())
            found.append(Tested("Wilcoxon (permutation)", float(smaller), float(p[place])))
        else:
            # As SciPy chooses by itself, but for small samples with ties: there it takes a hundred times as long.
            exact = (
                len(differences) <= 50 and not _ties(np.abs(differences[:, [place]]))[0] and differences[:, place].all()
            )
            one = stats.wilcoxon(differences[:, place], method="exact" if exact else "asymptotic")
            found.append(Tested("Wilcoxon", float(one.statistic), float(one.pvalue)))
    return found


def several_groups(groups: list[np.ndarray]) -> list[Tested]:
    """Kruskal and Wallis' test of independent groups, each (units, measures); the statistic is H, corrected for ties,
    whose distribution is taken for chi-squared. Undecided with fewer than two groups that have units, with one unit in
    each, or where all have the same value."""
    measures = groups[0].shape[1]
    groups = [group for group in groups if len(group)]
    if len(groups) < 2 or all(len(group) == 1 for group in groups):
        return [Tested("Kruskal-Wallis", np.nan, np.nan)] * measures
    return [
        Tested("Kruskal-Wallis", np.nan, np.nan) if same
        else Tested("Kruskal-Wallis", *map(float, stats.kruskal(*(group[:, place] for group in groups))))
        for place, same in enumerate(_same(np.concatenate(groups)))
    ]  # fmt: skip


def holm(p: pd.Series) -> pd.Series:
    """Probabilities corrected for how many there are (Holm 1979, Scandinavian Journal of Statistics 6:65).

    The smallest times n, the next times n - 1, and so on, none below the one before, none above 1. As with R's
    p.adjust, NaN stay NaN and do not count.
    """
    ordered = p.dropna().sort_values()
    factors = np.arange(len(ordered), 0, -1)
    return (ordered * factors).cummax().clip(upper=1).reindex(p.index)


def _apart(a: np.ndarray, b: np.ndarray, axis: int) -> np.ndarray:
    """How far the ranks of two groups are apart; of all orders of the same ranks it tells the same as U."""
    return a.mean(axis=axis) - b.mean(axis=axis)


def _same(values: np.ndarray) -> np.ndarray:
    return np.ptp(values, axis=0) == 0 if len(values) else np.ones(values.shape[1], bool)


def _ties(values: np.ndarray) -> np.ndarray:
    return (np.diff(np.sort(values, axis=0), axis=0) == 0).any(axis=0)
