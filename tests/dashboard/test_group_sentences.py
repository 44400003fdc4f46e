"""What a result says in plain language."""

import numpy as np
import pandas as pd
import pytest

from dashboard.choice import Choice
from dashboard.group_sentences import FAMILY, INTERVAL, probability, sentence, span
from dashboard.group_statistics import COLUMNS

ROW = dict.fromkeys(COLUMNS) | {
    "kind": "pair", "measure": "happy", "group_a": "treatment", "group_b": "control", "test": "Mann-Whitney",
    "n_a": 15, "n_b": 14, "mean_a": 0.37, "mean_b": 0.256, "difference": 0.114, "ci_low": 0.076, "ci_high": 0.151,
    "cliffs_delta": 0.78, "size": "large", "p": 0.0002, "p_holm": 0.0021, "paired": False,
}  # fmt: skip


FOUND = "Happy: 37.0 % in treatment, 25.6 % in control on average (n = 15 and 14). "


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, f"{FOUND}The mean of treatment is above that of control by more than chance alone would often bring about "
             "(corrected p = 0.002); the effect is large (Cliff's delta +0.78). True differences (treatment minus "
             "control) from +7.6 to +15.1 points fit the data (95 % interval)."),
        ({"measure": "valence", "mean_a": -0.1, "mean_b": 0.2, "difference": -0.3, "ci_low": -0.5, "ci_high": -0.1,
          "cliffs_delta": -0.5, "paired": True, "n_b": 15},
         "Valence: −0.10 in treatment, +0.20 in control on average (n = 15 pairs). The mean of control is above that "
         "of treatment by more than chance alone would often bring about (corrected p = 0.002); the effect is large "
         "(Cliff's delta −0.50). True differences (treatment minus control) from −0.50 to −0.10 fit the data (95 % "
         "interval)."),
        ({"p": 0.03, "p_holm": 0.3, "ci_low": -0.01},
         f"{FOUND}This can't be decided: on its own it would be a surprise (p = 0.030), but among so many comparisons "
         "one like it often comes by chance (corrected p = 0.30). True differences (treatment minus control) from "
         "−1.0 to +15.1 points fit the data (95 % interval), so there may be none."),
        ({"p": 0.4, "p_holm": 1.0, "ci_low": np.nan},
         f"{FOUND}These data can't tell the groups apart (p = 0.40), which does not make them alike. How large the "
         "difference is can't be said."),
        ({"p": np.nan, "p_holm": np.nan}, f"{FOUND}This can't be decided, because every session has the same value."),
        ({"p": np.nan, "p_holm": np.nan, "paired": True, "n_b": 15},
         f"{FOUND.replace('15 and 14', '15 pairs')}This can't be decided, because no pair differs."),
        ({"n_b": 1}, "Happy: this can't be decided: control would need at least two sessions."),
        ({"kind": "all", "test": "Kruskal-Wallis"},
         "Happy: the groups differ more than they would by chance alone, except seldom (Kruskal-Wallis, corrected "
         "p = 0.002). Which of them, the pairs tell."),
        ({"kind": "all", "test": "Kruskal-Wallis", "p": 0.2, "p_holm": 0.4},
         "Happy: these data can't tell whether the groups differ (Kruskal-Wallis, p = 0.20). That does not make them "
         "alike."),
        ({"kind": "all", "p": np.nan, "p_holm": np.nan},
         "Happy: this can't be decided: there are too few units, or all have the same value."),
    ],
    ids=["apart", "pairs, valence", "not after correction", "not", "all alike", "no pair differs", "too few", "all",
         "all: not", "all: undecided"],
)  # fmt: skip
def test_sentences(changes, expected):
    assert sentence(ROW | changes, Choice()) == expected


def test_means_and_ranks_that_point_to_different_groups():
    assert sentence(ROW | {"cliffs_delta": -0.4}, Choice()).endswith("look at the single values.")


def test_units_are_called_what_they_are():
    assert "two subjects" in sentence(ROW | {"n_a": 0}, Choice(unit="subject"))


def test_names_from_outside_stay_on_one_line():
    assert "a b" in sentence(ROW | {"group_a": "a\nb"}, Choice())


@pytest.mark.parametrize(
    ("p", "expected"),
    [(0.0, "p < 0.001"), (0.00099, "p < 0.001"), (0.0123, "p = 0.012"), (0.0996, "p = 0.100"), (0.25, "p = 0.25"),
     (0.04996, "p < 0.05"), (0.0504, "p = 0.050"), (0.999, "p > 0.99"), (1.0, "p = 1")],
)  # fmt: skip
def test_probabilities(p, expected):
    assert probability(p) == expected


def test_intervals():
    assert span("happy", -0.01, 0.074) == "−1.0 to +7.4 points" and span("valence", -0.1, 0.0) == "−0.10 to 0.00"


def test_nothing_is_proven():
    said = " ".join([INTERVAL, FAMILY, *(sentence(ROW | {"p": p, "p_holm": p}, Choice()) for p in (1e-9, 0.03, 0.5))])
    for word in ("prove", "significant", "cause of", "no difference between"):
        assert word not in said.lower(), word
    assert pd.Series([INTERVAL, FAMILY]).str.endswith(".").all()
