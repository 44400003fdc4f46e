"""Effect sizes, intervals and comparisons: published examples, figures by hand, and studies of known truth."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from dashboard import group_statistics
from dashboard.group_statistics import (
    COLUMNS,
    cliffs_delta,
    compare,
    describe,
    hedges_g,
    interval,
    resampled_means,
    size,
)
from dashboard.study import MEASURES, Choice, Group, groups_by, study
from db import results, study_results
from db.emotions import EMOTIONS
from db.store import Store
from tests.studies import fill, rows, truth, unit


def happy(shares, **columns):
    """A video for each share of happy, of a cohort; subjects are p1, p2, ... unless said otherwise."""
    cohort = columns["cohort"]
    return [
        unit(f"{cohort}{number}", {"happy": share}, **{"subject": f"{cohort}-p{number}", **columns})
        for number, share in enumerate(shares)
    ]


def compared(*parts, by="cohort", **choice):
    table = pd.DataFrame([row for part in parts for row in part])
    return compare(study(table, Choice(groups_by(table, by), **choice)))


def one(table, measure="happy", kind="pair"):
    [row] = table[(table["measure"] == measure) & (table["kind"] == kind)].to_dict("records")
    return row


# --- figures of two samples


@pytest.mark.parametrize(
    ("a", "b", "delta"),
    [
        # R package effsize, ?cliff.delta, the example of Hogarty & Kromrey (1999): -0.25 (small)
        ([10, 10, 20, 20, 20, 30, 30, 30, 40, 50], [10, 20, 30, 40, 40, 50], -0.25),
        ([1, 2], [3, 4], -1),
        ([3], [1, 2], 1),
        ([1, 1], [1, 1, 1], 0),
        ([], [1], np.nan),
        ([], [], np.nan),
    ],
)
def test_cliffs_delta(a, b, delta):
    assert cliffs_delta(np.array(a, float), np.array(b, float)) == pytest.approx(delta, nan_ok=True)


@pytest.mark.parametrize(
    ("a", "b", "g"),
    [
        # Pooled variance 2.5; -2 / 1.58114 = -1.26491, times 1 - 3 / 31.
        ([1, 2, 3, 4, 5], [3, 4, 5, 6, 7], -1.14250),
        # Variances 1 and 4 with 2 and 1 degrees of freedom: pooled 2; (2 - 5) / 1.41421 times 1 - 3 / 11.
        ([1, 2, 3], [3.585786, 6.414214], -1.54278),
        ([1, 1], [2, 2], np.nan),
        ([1], [2, 3], np.nan),
        ([], [2, 3], np.nan),
        # Nothing varies in one: pooled (0 + 3 * 2) / 4 = 1.5; -2 / 1.22474 = -1.63299, times 1 - 3 / 15.
        ([1, 1, 1], [2, 2, 5], -1.30639),
    ],
)
def test_hedges_g(a, b, g):
    assert hedges_g(np.array(a, float), np.array(b, float)) == pytest.approx(g, abs=2e-5, nan_ok=True)


def test_sizes_in_words():
    """The limits of Romano et al. 2006; effsize calls -0.25 small."""
    deltas = (0.0, -0.146, 0.147, -0.25, 0.33, 0.473, 0.474, -1.0)
    assert [size(delta) for delta in deltas] == [
        "negligible", "negligible", "small", "small", "medium", "medium", "large", "large",
    ]  # fmt: skip
    assert size(np.nan) is None


def test_the_interval_is_wider_in_small_groups():
    """Of a normal distribution of means, t(9) = 2.2622 times sqrt(10 / 9) = 2.3845 deviations; of many units 1.96."""
    normal = stats.norm.ppf((np.arange(100_000) + 0.5) / 100_000)
    assert interval(normal, 10) == pytest.approx((-2.3845, 2.3845), abs=2e-3)
    assert interval(normal, 100_000) == pytest.approx((-1.96, 1.96), abs=2e-3)
    assert np.isnan(interval(None, 10)).all() and np.isnan(interval(np.full(99, 0.3), 10)).all()


def test_the_interval_of_a_mean_is_near_students():
    values = np.random.default_rng(5).normal(0.3, 0.1, (40, 1))
    low, high = interval(resampled_means(values, 0)[0], 40)
    expected = stats.t.interval(0.95, 39, values.mean(), stats.sem(values[:, 0]))
    assert (low, high) == pytest.approx(expected, abs=0.003)


def test_resampling_is_the_same_each_time_and_needs_two_units():
    values = np.array([[0.1], [0.4], [0.2]])
    assert (resampled_means(values, [0, 1]) == resampled_means(values, [0, 1])).all()
    assert (resampled_means(values, [0, 1]) != resampled_means(values, [0, 2])).any()
    assert resampled_means(values[:1], 0) is None and resampled_means(values[:0], 0) is None


def test_resamples_are_those_of_scipy(monkeypatch):
    """Drawn in several goes, too."""
    values = np.random.default_rng(3).uniform(0, 1, (7, 3))
    drawn = stats.bootstrap((values,), np.mean, axis=0, method="percentile", rng=np.random.default_rng([4, 2]))
    monkeypatch.setattr(group_statistics, "AT_ONCE", 7000)
    assert resampled_means(values, [4, 2]) == pytest.approx(drawn.bootstrap_distribution)


# --- comparisons


def test_two_groups():
    a, b = [0.1, 0.2, 0.3, 0.4, 0.5], [0.3, 0.42, 0.51, 0.6, 0.7, 0.8]
    table = compared(happy(a, cohort="a"), happy(b, cohort="b"))
    assert list(table.columns) == list(COLUMNS) and list(table["measure"]) == list(MEASURES)
    row = one(table)
    assert (row["group_a"], row["group_b"], row["n_a"], row["n_b"], row["n"]) == ("a", "b", 5, 6, {"a": 5, "b": 6})
    assert (row["mean_a"], row["median_a"]) == pytest.approx((0.3, 0.3))
    assert (row["mean_b"], row["median_b"]) == pytest.approx((0.555, 0.555))
    assert row["difference"] == pytest.approx(-0.255) and row["ci_low"] < -0.255 < row["ci_high"] < 0.05
    assert row["test"] == "Mann-Whitney (permutation)" and not row["paired"] and row["warning"] == ""
    # Of 30 pairs of values b is above in 26, below in 3, and as high in one.
    assert row["cliffs_delta"] == pytest.approx(-23 / 30) and row["statistic"] == 3.5
    assert row["p"] == pytest.approx(stats.mannwhitneyu(a, b, method=stats.PermutationMethod()).pvalue)
    # Happy, neutral, positive and valence all are this one number; nothing else varies, so they are the family.
    assert table.dropna(subset="p")["measure"].tolist() == ["happy", "neutral", "positive", "valence"]
    assert row["p_holm"] == pytest.approx(4 * row["p"])


def test_more_groups():
    parts = [happy(shares, cohort=name) for name, shares in
             {"a": [0.1, 0.2, 0.3], "b": [0.15, 0.25, 0.35], "c": [0.5, 0.6, 0.7]}.items()]  # fmt: skip
    table = compared(*parts)
    assert list(table["kind"]) == ["all"] * 10 + ["pair"] * 30
    row = one(table, kind="all")
    expected = stats.kruskal([0.1, 0.2, 0.3], [0.15, 0.25, 0.35], [0.5, 0.6, 0.7])
    assert (row["test"], row["statistic"], row["p"]) == ("Kruskal-Wallis", *map(pytest.approx, expected))
    assert row["n"] == {"a": 3, "b": 3, "c": 3} and row["group_a"] is None and row["size"] is None
    assert row["p_holm"] == pytest.approx(min(1, 4 * row["p"]))
    pairs = table[(table["kind"] == "pair") & (table["measure"] == "happy")]
    assert list(zip(pairs["group_a"], pairs["group_b"], strict=True)) == [("a", "b"), ("a", "c"), ("b", "c")]
    assert pairs["p"].tolist() == pytest.approx([0.7, 0.1, 0.1]) and pairs["p_holm"].tolist() == [1, 1, 1]
    assert pairs["warning"].str.contains("Fewer than 5 sessions").all()


def test_the_same_subjects_in_both_groups_are_pairs():
    before, after = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6], [0.15, 0.27, 0.39, 0.51, 0.58, 0.64]
    parts = [happy(shares, cohort=name) for name, shares in (("before", before), ("after", after))]
    for part in parts:
        for number, row in enumerate(part):
            row["subject"] = f"p{number}"
    choice = Choice((Group("after", cohorts=("after",)), Group("before", cohorts=("before",))))
    table = compare(study(pd.DataFrame(parts[0] + parts[1]), choice))
    row = one(table)
    assert row["paired"] and row["test"] == "Wilcoxon" and row["n_a"] == row["n_b"] == 6
    # 2 / 64 for the clearest of six pairs, times four measures that vary, is 0.125.
    assert row["warning"] == "So few units can't stand out among 4 comparisons, however clear the difference."
    assert (row["statistic"], row["p"]) == (0, pytest.approx(2 / 64))  # all six rise: one of 2^6 signs, and its mirror
    assert row["difference"] == pytest.approx(0.44 / 6)
    assert 0.04 < row["ci_low"] < row["difference"] < row["ci_high"] < 0.11  # of the differences, which vary little
    assert "n = 6 pairs" in row["sentence"]


def test_who_has_no_pair_is_named_and_left_out():
    rows_ = []
    for number in range(6):
        for session in ("1", "2"):
            if (number, session) not in {(4, "2"), (5, "1")}:
                rows_.append(unit(f"{number}{session}", {"happy": number / 10 + int(session) / 50 + number**2 / 1000},
                                  subject=f"p{number}", session=session))  # fmt: skip
    rows_.append(unit("x", session="2"))
    table = compared(rows_, by="session")
    row = one(table)
    assert row["paired"] and row["n_a"] == 4
    assert (
        row["warning"]
        == "Fewer than 5 pairs (n = 4): take this as a hint. Left out, because no pair: p4, p5, 1 without a subject. "
        "So few units can't stand out among 4 comparisons, however clear the difference."
    )
    assert row["mean_a"] == pytest.approx(np.mean([number / 10 + 0.02 + number**2 / 1000 for number in range(4)]))


def test_a_few_subjects_in_both_groups_make_no_pairs_but_a_warning():
    a, b = (happy(np.linspace(low, low + 0.3, 6), cohort=name) for name, low in (("a", 0.1), ("b", 0.3)))
    b[0]["subject"] = a[0]["subject"]
    row = one(compared(a, b))
    assert not row["paired"] and row["n_a"] == 6
    assert row["warning"] == "1 of 11 subjects is in both groups, which this test takes for independent."


def test_several_sessions_of_a_subject_are_not_independent():
    parts = [
        happy([0.1, 0.2, 0.3, 0.4, 0.5], cohort=name, session=session, subject=f"{name}-{session}")
        for name in "ab" for session in "12"
    ]  # fmt: skip
    for part in parts:
        for number, row in enumerate(part):
            row["video_id"] += row["session"]
            row["subject"] = f"{row['cohort']}{number}"
    row = one(compared(*parts))
    assert row["n_a"] == 10 and "count as if independent" in row["warning"]
    row = one(compared(*parts, unit="subject"))
    assert row["n_a"] == 5 and row["warning"] == ""


def test_in_pairs_a_subject_counts_once_with_the_mean_of_its_sessions():
    rows_ = []
    for number in range(5):
        for place, (cohort, share) in enumerate((("a", 0.1), ("a", 0.3), ("b", 0.4))):
            rows_.append(unit(f"{number}{place}", {"happy": share + number / 50}, subject=f"p{number}", cohort=cohort,
                              session=str(place)))  # fmt: skip
    row = one(compared(rows_))
    assert row["paired"] and row["n_a"] == 5 and row["difference"] == pytest.approx(-0.2)
    assert np.isnan(row["ci_low"]) and row["p"] == pytest.approx(2 / 32)  # every pair differs by the same


def test_the_same_sessions_in_both_groups_are_no_pairs():
    table = pd.DataFrame(happy([0.1, 0.2, 0.3, 0.4, 0.5, 0.6], cohort="a"))
    found = study(table, Choice((Group("all"), Group("again", cohorts=("a",)))))
    row = one(compare(found))
    assert not row["paired"] and "6 of 6 subjects are in both groups" in row["warning"]
    assert row["p"] == pytest.approx(1) and row["difference"] == 0 and row["cliffs_delta"] == 0
    assert "In more than one group" in found.notes[0]


@pytest.mark.parametrize(
    ("a", "b", "says"),
    [
        ([0.2], [0.3, 0.4, 0.5], "a would need at least two sessions"),
        ([0.2], [0.3], "a and b would need at least two sessions"),
        ([0.2, 0.2], [0.2, 0.2, 0.2], "This can't be decided, because every session has the same value."),
    ],
)
def test_what_cannot_be_decided(a, b, says):
    row = one(compared(happy(a, cohort="a"), happy(b, cohort="b")))
    assert says in row["sentence"] and np.isnan(row["p"]) and np.isnan(row["p_holm"]) and np.isnan(row["ci_low"])


def test_a_group_without_units():
    table = pd.DataFrame(happy([0.2, 0.3], cohort="a"))
    found = study(table, Choice((*groups_by(table, "cohort"), Group("none", cohorts=("x",)))))
    row = one(compare(found))
    assert (row["n_a"], row["n_b"]) == (2, 0) and np.isnan(row["difference"]) and "none would need" in row["sentence"]
    assert describe(found).set_index(["group", "measure"]).loc[("none", "happy"), "n"] == 0
    nobody = study(table, Choice(tuple(Group(name, cohorts=("x",)) for name in "pqr")))
    assert compare(nobody)["p"].isna().all() and len(compare(nobody)) == 40
    assert compare(study(table, Choice(groups_by(table, "cohort")))).empty
    assert compare(study(table, Choice())).empty and describe(study(table, Choice())).empty


def test_zero_variance_in_one_group():
    row = one(compared(happy([0.2] * 6, cohort="a"), happy([0.3, 0.4, 0.5, 0.6, 0.7, 0.8], cohort="b")))
    assert row["p"] == pytest.approx(2 / 924) and row["cliffs_delta"] == -1
    assert row["ci_low"] < row["difference"] < row["ci_high"] < 0


@pytest.mark.parametrize(("n", "said"), [(5, True), (6, False)])
def test_too_few_to_stand_out_after_the_correction(n, said):
    """Five and five units have 252 orders: the clearest and its mirror image times ten measures are 0.08. Six and six
    have 924: 0.02."""
    rng = np.random.default_rng(4)
    drawn = rng.uniform(0.01, 0.15, (2 * n, 6))
    table = compared([
        unit(str(number), dict(zip(EMOTIONS[:6], shares, strict=True)), cohort="ab"[number % 2])
        for number, shares in enumerate(drawn)
    ])  # fmt: skip
    assert table["p"].notna().all()
    assert table["warning"].str.contains("can't stand out among 10 comparisons").tolist() == [said] * 10


def test_someone_never_seen_is_no_zero():
    nobody = {**unit("9", cohort="b", subject="z", person_s=0.0), "happy": np.nan, "valence": np.nan}
    row = one(compared(happy([0.1, 0.2, 0.3], cohort="a"), [*happy([0.4, 0.5, 0.6], cohort="b"), nobody]))
    assert row["n_b"] == 3 and row["mean_b"] == pytest.approx(0.5)


def test_description():
    table = pd.DataFrame(happy([0.1, 0.2, 0.3, 0.6], cohort="a") + happy([0.5], cohort="b"))
    found = describe(study(table, Choice(groups_by(table, "cohort")))).set_index(["group", "measure"])
    a, b = found.loc[("a", "happy")], found.loc[("b", "happy")]
    assert (a["n"], a["mean"], a["median"], a["q1"], a["q3"]) == pytest.approx((4, 0.3, 0.25, 0.175, 0.375))
    assert a["sd"] == pytest.approx(np.std([0.1, 0.2, 0.3, 0.6], ddof=1)) and a["ci_low"] < 0.3 < a["ci_high"]
    assert (b["n"], b["mean"], b["median"]) == (1, 0.5, 0.5) and b[["sd", "ci_low", "ci_high"]].isna().all()


# --- studies of which the truth is known


@pytest.mark.slow
def test_a_study_of_sixty_videos_recovers_its_effect(tmp_path):
    with Store(tmp_path / "store.duckdb", tmp_path / "results") as store:
        effect = fill(store, 0.15)
        store.publish()
    with results.connect(tmp_path / "results.duckdb") as con:
        people = study_results.units(con)
    assert people["video_id"].nunique() == 60
    choice = Choice((Group("T", cohorts=("treatment",)), Group("C", cohorts=("control",))), unit="subject")
    found = study(people, choice)
    assert found.n == {"T": 15, "C": 15} and found.left_out.empty
    table = compare(found).set_index("measure")
    for measure in ("happy", "neutral", "positive", "valence"):
        row = table.loc[measure]
        assert row["ci_low"] < effect[measure] < row["ci_high"] and row["p_holm"] < 0.05, measure
        assert np.sign(row["difference"]) == np.sign(effect[measure]) and row["size"] == "large"
    for measure in ("disgust", "fear", "sad", "negative"):
        row = table.loc[measure]
        assert row["ci_low"] < 0 < row["ci_high"] and row["p_holm"] > 0.05, measure
    sessions = compare(study(people, Choice(groups_by(people, "session"))))
    assert sessions["paired"].all() and set(sessions["n_a"]) == {30} and (sessions["p_holm"] > 0.05).all()


STUDIES = 200


def simulated(effect, subjects, studies=STUDIES):
    """The comparison of each of so many studies of two cohorts, with `subjects` in each."""
    rng = np.random.default_rng(2026)
    choice = Choice((Group("T", cohorts=("treatment",)), Group("C", cohorts=("control",))))
    return [compare(study(rows(rng, effect, subjects=subjects), choice), seed=number) for number in range(studies)]


def as_stated(rate, found, studies=STUDIES):
    """Whether so many of the studies agree with the rate: within what one in a thousand tries would leave."""
    low, high = stats.binom.interval(0.999, studies, rate)
    return low <= found <= high


@pytest.mark.slow
@pytest.mark.parametrize("subjects", [30, 8])
def test_without_an_effect_the_tests_err_as_often_as_they_say(subjects):
    """0.05 of 200 studies are 10; by chance 2 to 21 (binomial, 99.9 percent)."""
    tables = simulated(0.0, subjects)
    for measure in ("happy", "sad", "negative", "valence"):
        p = np.array([one(table, measure)["p"] for table in tables])
        assert as_stated(0.05, (p < 0.05).sum()), (measure, (p < 0.05).sum())
    any_at_all = sum((table["p_holm"] < 0.05).any() for table in tables)
    assert any_at_all <= stats.binom.ppf(0.9995, STUDIES, 0.05)  # measures depend on each other: rather less
    for measure in ("happy", "sad", "negative", "valence"):
        held = sum(row["ci_low"] <= 0 <= row["ci_high"] for row in (one(table, measure) for table in tables))
        assert as_stated(0.95, held), (measure, held)


@pytest.mark.slow
def test_intervals_hold_the_true_effect_as_often_as_they_say_even_in_groups_of_five():
    tables, effect = simulated(0.15, 5), truth(0.15)
    for measure in ("happy", "neutral", "valence"):
        found = [one(table, measure) for table in tables]
        held = sum(row["ci_low"] <= effect[measure] <= row["ci_high"] for row in found)
        assert as_stated(0.95, held), (measure, held)
        mean = np.mean([row["difference"] for row in found])
        error = np.std([row["difference"] for row in found], ddof=1) / np.sqrt(STUDIES)
        assert abs(mean - effect[measure]) < 4 * error
