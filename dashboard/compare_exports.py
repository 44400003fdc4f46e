"""Section Exports of the Compare page: everything about a comparison, to take away as files."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from dashboard import compare_drawings, compare_figures, compare_tables, context, downloads
from dashboard.compare_words import names_of
from dashboard.file_buttons import CSV, PDF, PNG, SVG, ZIP, File, buttons, made, zipped
from dashboard.study import Study
from db.results import Connection

NAME = "comparison"


def section(con: Connection, study: Study) -> None:
    """CSV of units, tests and what was left out; charts; the report. Arguments as of every section of the page."""
    figures, results = compare_figures.described(study), compare_figures.compared(study)
    of = (str(context.snapshot()), urlencode(study.choice.to_query()), context.zone())

    def drawn() -> dict:
        return compare_drawings.all_of(study, figures, results, context.zone())

    def pictures() -> list[File]:
        whole = [
            (f"{name.capitalize()}, {kind}", f"{name.replace(' ', '_')}.{kind.lower()}", draw(drawing.chart), mime)
            for name, drawing in drawn().items()
            for kind, draw, mime in (("PNG", downloads.png, PNG), ("SVG", downloads.svg, SVG))
        ]
        return [*whole, ("All charts, ZIP", "charts.zip", zipped(NAME, whole), ZIP)]

    def document() -> list[File]:
        from dashboard import compare_report  # brings the fonts along: only when a report is asked for

        names = names_of(compare_figures.rows(con))
        return [
            (
                "Report, PDF",
                "report.pdf",
                compare_report.pdf(study, figures, results, drawn(), names, context.zone()),
                PDF,
            )
        ]

    st.subheader("Tables", anchor=False)
    st.caption("Shares and probabilities from 0 to 1, valence from −1 to 1, moments in UTC.")
    tables = [
        ("Units", "units.csv", compare_tables.units_csv(study), CSV),
        ("Figures of the groups", "figures.csv", compare_tables.figures_csv(figures), CSV),
        ("Tests", "tests.csv", compare_tables.results_csv(results), CSV),
        ("What is left out", "left_out.csv", compare_tables.left_out_csv(study), CSV),
    ]
    buttons(NAME, tables)
    st.subheader("Charts", anchor=False)
    st.caption("The overview, the differences, and the units in every measure, on white.")
    buttons(NAME, made("compare-charts", of, "Prepare the charts", pictures))
    st.subheader("Report", anchor=False)
    st.caption("Groups, what is left out and why, figures, tests, charts, and what they mean, on A4.")
    buttons(NAME, made("compare-report", of, "Prepare the report", document))
