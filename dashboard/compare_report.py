"""The report on a comparison as a PDF: what is compared and how, what is left out, figures, tests, charts, meaning."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import pandas as pd

from dashboard import compare_drawings
from dashboard.compare_words import chosen_by, few, left_out, settings, warnings
from dashboard.downloads import png
from dashboard.group_sentences import FAMILY, INTERVAL
from dashboard.listing import moment
from dashboard.measures import MEASURES, amount
from dashboard.measures import title as name_of
from dashboard.report import INTENDED_USE, MEANING, MOST_ROWS
from dashboard.report_document import LACKING, Document
from dashboard.study import Study
from dashboard.timeline_charts import Drawing

UNIT_MEANING = (
    "A unit is a session or a subject, never a frame: neighbouring frames show nearly the same moment, and thousands "
    "of them from one person still are one person. What one unit shows is the mean over its people and videos, each "
    "weighted by the time for which it is seen."
)
EFFECT_MEANING = (
    "A difference is the mean of the first group less that of the second. Cliff’s delta, from −1 to +1, is how much "
    "more often a unit of the first group lies above one of the second than below it. Hedges’ g is the difference in "
    "standard deviations, corrected for small groups. A p value says how often chance alone would give a difference at "
    "least as large; it does not say how large or how important one is."
)


def pdf(
    study: Study,
    figures: pd.DataFrame,
    results: pd.DataFrame,
    charts: Mapping[str, Drawing],
    names: Mapping[str, str],
    zone: str = "UTC",
    made_at: datetime | None = None,
) -> bytes:
    """The report, on A4.

    figures, results: as from group_statistics.describe and compare. charts: as from compare_drawings.all_of. names:
    video_id to name. zone: the name of the time zone that moments are written in. made_at: when it is made, in UTC
    without a zone; now unless given.
    """
    made_at = made_at or datetime.now(UTC).replace(tzinfo=None)
    heading = "Comparison of " + (
        " and ".join(study.groups) if len(study.groups) < 4 else f"{len(study.groups)} groups"
    )
    with Document(heading, f"Moodreel: {heading}") as document:
        document.set_creation_date(made_at.replace(tzinfo=UTC))
        document.set_subject("Expressions of faces in groups of videos")
        document.heading(heading, 0)
        document.paragraph(
            f"{compare_drawings.said_of(study)}. Made with Moodreel on {moment(made_at, zone)}.", small=True
        )
        document.paragraph(INTENDED_USE, bold=True)
        _groups(document, study, results, names)
        _left_out(document, study)
        _figures(document, study, figures)
        _tests(document, results)
        if charts:
            document.heading("Charts", room_mm=90)
            for name, drawing in charts.items():
                section = name_of(name) if name in MEASURES else _SECTIONS.get(name, name.capitalize())
                document.picture(png(drawing.chart, width=640, scale=3), drawing.alt, section=section)
        document.heading("What the figures mean")
        for text in (UNIT_MEANING, EFFECT_MEANING, INTERVAL, FAMILY, *MEANING):
            document.paragraph(text)
        document.heading("What this is not for", 2)
        document.paragraph(INTENDED_USE)
        if document.lacking:
            codes = ", ".join(f"U+{ord(character):04X}" for character in sorted(document.lacking)[:20])
            document.paragraph(f"Characters that this report’s font lacks are shown as {LACKING}: {codes}.", small=True)
        return document.whole()


_SECTIONS = {"glance": "Groups at a glance", "radar": "The seven emotions", "differences": "Differences of the means"}


def _groups(document: Document, study: Study, results: pd.DataFrame, names: Mapping[str, str]) -> None:
    document.heading("What is compared")
    table = compare_drawings.groups(study)
    by = {group.name: chosen_by(group, names) for group in study.choice.groups}
    rows = [
        (name, by[name], *(str(value) for value in list(row)[1:]))
        for name, row in zip(study.groups, table.itertuples(index=False), strict=True)
    ]
    columns = [str(column) for column in table.columns[1:]]
    document.table(
        rows, [2, 4, *([1] * len(columns))], ("Group", "Chosen by", *map(str.capitalize, columns)), right=len(columns)
    )
    document.table(settings(study.choice), [1, 3.4])
    for sentence in (*study.notes, *(few(study) if results.empty else warnings(results))):
        document.paragraph(sentence)


def _left_out(document: Document, study: Study) -> None:
    document.heading("What is left out")
    document.paragraph(left_out(study))
    rows = study.left_out.head(MOST_ROWS)
    if len(rows):
        document.table(
            list(zip(rows["name"], rows["group"], rows["why"], strict=True)), [2, 1.4, 4], ("Video", "Group", "Why")
        )
    if len(study.left_out) > len(rows):
        document.paragraph(f"And {len(study.left_out) - len(rows):,} more, which the CSV file lists.")


def _figures(document: Document, study: Study, figures: pd.DataFrame) -> None:
    document.heading("Means of the groups")
    document.paragraph(
        f"Over {study.choice.unit}s, with the 95 % interval of the mean where there are two of them or more."
    )
    header = ("Measure", *(f"{name} (n = {n:,})" for name, n in study.n.items()))
    cells = {(row.group, row.measure): _mean(row) for row in figures.itertuples()}
    # A page is as wide as it is: groups side by side, four at a time.
    for start in range(0, len(study.groups), 4):
        part = study.groups[start : start + 4]
        rows = [(name_of(measure), *(cells.get((name, measure), "–") for name in part)) for measure in MEASURES]
        document.table(rows, [1.5, *([2] * len(part))], (header[0], *header[1:][start : start + 4]), right=len(part))


def _mean(row) -> str:
    told = amount(row.measure, row.mean)
    return (
        told
        if pd.isna(row.ci_low)
        else f"{told} ({amount(row.measure, row.ci_low)} to {amount(row.measure, row.ci_high)})"
    )


def _tests(document: Document, results: pd.DataFrame) -> None:
    document.heading("Tests")
    if results.empty:
        document.paragraph("A test needs two groups with units.")
        return
    table = compare_drawings.tests(results)
    shown = table.head(MOST_ROWS)
    document.table(
        [tuple(row) for row in shown.itertuples(index=False)], [1.8, 2, 1.1, 3.1, 1.9, 1, 2.4, 1.2, 0.9, 0.9],
        [column[:1].upper() + column[1:] for column in shown.columns], right=6,
    )  # fmt: skip
    if len(table) > len(shown):
        document.paragraph(f"And {len(table) - len(shown):,} more, which the CSV file lists.")
    document.heading("In words", 2)
    for sentence in results.loc[results["kind"] == results["kind"].iloc[0], "sentence"]:
        document.paragraph(sentence)
