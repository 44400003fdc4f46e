"""The files of a comparison: tables as CSV and the report as a PDF, read back as others would."""

import io

import numpy as np
import pandas as pd
import pytest
from pypdf import PdfReader

from dashboard import compare_drawings, compare_report, compare_tables, group_statistics
from dashboard.choice import Choice, Group, groups_by
from dashboard.measures import MEASURES
from dashboard.study import study
from tests import studies

FORMULA = "=HYPERLINK(1)"


@pytest.fixture(scope="module")
def found():
    """Two cohorts, one of them with a name that a spreadsheet would run; one video too short, one failed."""
    rows = studies.rows(np.random.default_rng(2), 0.15, subjects=6)
    rows.loc[rows["cohort"] == "treatment", "cohort"] = FORMULA
    rows.loc[0, "person_s"] = 3.0
    rows.loc[7, ["run_id", "track_id", "state", "error"]] = [pd.NA, pd.NA, "failed", "The file ends in the middle."]
    return study(rows, Choice(groups_by(rows, "cohort"), min_seconds=10))


def read(data: bytes) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(data))


def test_units(found):
    rows = read(compare_tables.units_csv(found))
    assert len(rows) == len(found.units) == 10
    np.testing.assert_allclose(rows[list(MEASURES)], found.units[list(MEASURES)].astype(float))
    assert rows["video_ids"].tolist() == [" ".join(ids) for ids in found.units["video_ids"]]
    assert set(rows["group"]) == {"control", f"'{FORMULA}"} and set(rows["cohort"]) == {"control", f"'{FORMULA}"}


def test_tests_and_figures(found):
    results, figures = group_statistics.compare(found), group_statistics.describe(found)
    rows = read(compare_tables.results_csv(results))
    assert rows["measure"].tolist() == results["measure"].tolist()
    np.testing.assert_allclose(rows["p_holm"], results["p_holm"].astype(float))
    assert rows["n"].str.contains(": 5, ").all()
    assert not compare_tables.results_csv(results).decode().splitlines()[1].startswith("=")
    assert len(read(compare_tables.figures_csv(figures))) == 2 * len(MEASURES)


def test_left_out(found):
    rows = read(compare_tables.left_out_csv(found)).set_index("video_id")
    assert "3.0 s, less than 10 s" in rows.loc["c01-1", "why"]
    assert "ends in the middle" in rows.loc["t02-1", "why"]


@pytest.mark.slow
def test_the_report_says_groups_rules_figures_tests_and_n(found):
    figures, results = group_statistics.describe(found), group_statistics.compare(found)
    charts = compare_drawings.all_of(found, figures, results, "UTC")
    made = compare_report.pdf(found, figures, results, charts, {}, "UTC", pd.Timestamp("2026-11-21 10:00"))
    document = PdfReader(io.BytesIO(made))
    text = " ".join(" ".join(page.extract_text() for page in document.pages).split())
    for words in (
        f"Comparison of {FORMULA} and control", "2 groups, 10 sessions from 10 videos", "21 Nov 2026, 10:00 UTC",
        "Person seen for less than 10 s", "2 of 12 videos left out.", "3.0 s, less than 10 s", "control (n = 5)",
        "Whitney", "After Holm".lower(), "prohibited", "Cliff’s delta",
    ):  # fmt: skip
        assert words in text or words in text.lower(), words
    for sentence in results["sentence"]:
        assert sentence[:60] in text
    # Tagged, in English, with an outline, and every picture described.
    root = document.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] and root["/Lang"] == "en" and document.metadata.title
    kinds = [kid.get_object().get("/S") for kid in root["/StructTreeRoot"]["/K"][0].get_object()["/K"]]
    figures_ = [
        kid.get_object() for kid in root["/StructTreeRoot"]["/K"][0].get_object()["/K"]
        if kid.get_object().get("/S") == "/Figure"
    ]  # fmt: skip
    assert kinds.count("/H1") == 1 and len(figures_) == len(charts)
    assert all(figure["/Alt"] for figure in figures_)
    assert document.outline


@pytest.mark.slow
def test_a_report_on_one_group_has_no_test(found):
    one = study(studies.rows(np.random.default_rng(3), subjects=2), Choice((Group("control", cohorts=("control",)),)))
    figures, results = group_statistics.describe(one), group_statistics.compare(one)
    text = " ".join(
        page.extract_text()
        for page in PdfReader(io.BytesIO(compare_report.pdf(one, figures, results, {}, {}, "UTC"))).pages
    )
    assert "A test needs two groups with units." in text and "Fewer than 5 sessions" in text
