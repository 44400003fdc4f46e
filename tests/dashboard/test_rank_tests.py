"""Tests on ranks against published examples, and against counting every order there is."""

from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from dashboard.rank_tests import holm, rank_sum, several_groups, signed_rank

# R's airquality: ozone in New York by month, May to September 1973, without the days on which it was not measured.
OZONE = [
    [41, 36, 12, 18, 28, 23, 19, 8, 7, 16, 11, 14, 18, 14, 34, 6, 30, 11, 1, 11, 4, 32, 23, 45, 115, 37],
    [29, 71, 39, 23, 21, 37, 20, 12, 13],
    [135, 49, 32, 64, 40, 77, 97, 97, 85, 10, 27, 7, 48, 35, 61, 79, 63, 16, 80, 108, 20, 52, 82, 50, 64, 59],
    [39, 9, 16, 78, 35, 66, 122, 89, 110, 44, 28, 65, 22, 59, 23, 31, 44, 21, 9, 45, 168, 73, 76, 118, 84, 85],
    [96, 78, 73, 91, 47, 32, 20, 23, 21, 24, 44, 21, 28, 9, 13, 46, 18, 13, 24, 16, 13, 23, 36, 7, 14, 30, 14, 18, 20],
]


def column(*values):
    return np.array(values, float)[:, None]


def test_wilcoxon_of_rs_help():
    """?wilcox.test: depression before and after a tranquillizer (Hollander & Wolfe 1973, 29f): V = 40, and p = 0.01953
    one-sided; the smaller sum of ranks is 45 - 40."""
    before = column(1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30)
    after = column(0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29)
    [found] = signed_rank(before - after)
    assert (found.test, found.statistic) == ("Wilcoxon", 5) and found.p == pytest.approx(2 * 0.01953, abs=1e-5)


def test_mann_whitney_of_rs_help():
    """?wilcox.test: permeability of the human chorioamnion (Hollander & Wolfe 1973, 69f): W = 35, and p = 0.1272
    one-sided."""
    at_term = column(0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46)
    earlier = column(1.15, 0.88, 0.90, 0.74, 1.21)
    [found] = rank_sum(at_term, earlier)
    assert (found.test, found.statistic) == ("Mann-Whitney", 35) and found.p == pytest.approx(2 * 0.1272, abs=1e-4)


def test_mann_whitney_with_ties_in_large_samples():
    """R: wilcox.test(Ozone ~ Month, airquality, subset = Month %in% c(5, 8)), of ?wilcox.test: W = 127.5,
    p = 0.0001208."""
    [found] = rank_sum(column(*OZONE[0]), column(*OZONE[3]))
    assert (found.test, found.statistic) == ("Mann-Whitney", 127.5) and found.p == pytest.approx(0.0001208, abs=1e-7)


def test_kruskal_wallis_of_rs_help():
    """?kruskal.test: ozone by month, 29.267 with 4 degrees of freedom, p = 6.901e-06; and mucociliary efficiency
    (Hollander & Wolfe 1973, 116), 0.77143, p = 0.68."""
    [found] = several_groups([column(*month) for month in OZONE])
    assert (found.statistic, found.p) == (pytest.approx(29.267, abs=5e-4), pytest.approx(6.901e-06, abs=5e-10))
    dust = [(2.9, 3.0, 2.5, 2.6, 3.2), (3.8, 2.7, 4.0, 2.4), (2.8, 3.4, 3.7, 2.2, 2.0)]
    [found] = several_groups([column(*group) for group in dust])
    assert (found.statistic, found.p) == (pytest.approx(0.77143, abs=5e-6), pytest.approx(0.68, abs=5e-4))


@pytest.mark.parametrize(
    ("p", "corrected"),
    [
        ([], []),
        ([0.03], [0.03]),
        ([0.01, 0.04, 0.03, 0.005], [0.03, 0.06, 0.06, 0.02]),  # Wikipedia, Holm-Bonferroni method
        ([0.01, 0.02, 0.03, 0.04, 0.05], [0.05, 0.08, 0.09, 0.09, 0.09]),  # R: p.adjust(1:5 / 100, "holm")
        ([0.5, 0.6], [1, 1]),
        ([0.02, np.nan, 0.03], [0.04, np.nan, 0.04]),  # R: p.adjust counts those that are there
        ([np.nan, np.nan], [np.nan, np.nan]),
    ],
)
def test_holm(p, corrected):
    found = holm(pd.Series(p, index=range(5, 5 + len(p)), dtype=float))
    assert list(found.index) == list(range(5, 5 + len(p)))
    assert found.tolist() == pytest.approx(corrected, nan_ok=True)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ([1, 2, 2], [2, 3, 3]),
        ([0, 0, 0, 1], [0, 2]),
        ([0, 0, 0, 0, 3, 5], [0, 1, 1, 1, 4]),
        ([1, 1], [2, 2]),
    ],
)
def test_with_ties_every_order_of_the_ranks_is_counted(a, b):
    ranks = stats.rankdata([*a, *b])
    sums = np.array([sum(chosen) for chosen in combinations(ranks, len(a))])
    seen = ranks[: len(a)].sum()
    [found] = rank_sum(column(*a), column(*b))
    assert found.test == "Mann-Whitney (permutation)"
    assert found.p == pytest.approx(min(1, 2 * min((sums <= seen).mean(), (sums >= seen).mean())))
    assert found.statistic == sum((x > y) + (x == y) / 2 for x in a for y in b)


@pytest.mark.parametrize("differences", [[1, 1, 2], [0, 0.5, -1, 2, 2], [-3, 3, 1, 0, 0, 1, 2], [1, -1]])
def test_with_ties_every_sign_of_the_ranks_is_counted(differences):
    kept = [one for one in differences if one]
    ranks = stats.rankdata(np.abs(kept))
    sums = np.array([np.dot(ranks, signs) for signs in product((-1, 1), repeat=len(kept))])
    seen = np.dot(ranks, np.sign(kept))
    [found] = signed_rank(column(*differences))
    assert found.test == "Wilcoxon (permutation)"
    assert found.p == pytest.approx(min(1, 2 * min((sums <= seen).mean(), (sums >= seen).mean())))
    assert found.statistic == min(ranks[np.sign(kept) > 0].sum(), ranks[np.sign(kept) < 0].sum())


def test_each_measure_is_tested_by_itself():
    rng = np.random.default_rng(3)
    a, b = rng.normal(size=(9, 3)).round(1), rng.normal(0.5, size=(10, 3)).round(1)
    a[:, 1], b[:, 1] = 0.25, 0.25  # the same everywhere
    together, alone = rank_sum(a, b), [rank_sum(a[:, [place]], b[:, [place]])[0] for place in range(3)]
    pd.testing.assert_frame_equal(pd.DataFrame(together), pd.DataFrame(alone))
    assert list(np.isnan([one.p for one in together])) == [False, True, False]
    pairs = (a - b[:9]).round(6)
    together, alone = signed_rank(pairs), [signed_rank(pairs[:, [place]])[0] for place in range(3)]
    pd.testing.assert_frame_equal(pd.DataFrame(together), pd.DataFrame(alone))
    assert list(np.isnan([one.p for one in together])) == [False, True, False]


@pytest.mark.parametrize(
    ("a", "b"),
    [([], []), ([1], [2]), ([1], []), ([1], [2, 3]), ([2, 2], [2, 2, 2])],
    ids=["nobody", "one each", "one and none", "one and two", "all alike"],
)  # fmt: skip
def test_what_cannot_be_decided(a, b):
    assert np.isnan(rank_sum(np.reshape(a, (-1, 1)), np.reshape(b, (-1, 1)))[0].p)
    groups = [np.reshape(values, (-1, 1)) for values in (a, b, [])]
    decided = len(a) + len(b) > 2 and len(set(a) | set(b)) > 1 and len(a) and len(b)
    assert np.isnan(several_groups(groups)[0].p) != decided


@pytest.mark.parametrize("differences", [[], [0.5], [0.0, 0.0, 0.0]])
def test_pairs_that_cannot_be_decided(differences):
    [found] = signed_rank(np.reshape(differences, (-1, 1)))
    assert np.isnan(found.p) and np.isnan(found.statistic)


def test_zero_variance_in_one_group_is_a_result():
    [found] = rank_sum(column(*[0.0] * 6), column(0.1, 0.2, 0.3, 0.4, 0.5, 0.6))
    assert found.p == pytest.approx(2 / 924)  # 12 over 6 orders of the ranks, of which this and its mirror image count
