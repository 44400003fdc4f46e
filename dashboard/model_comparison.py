"""A view of the Models page: every network measured here, beside what the five systems and others say of theirs."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import model_charts, model_rows
from dashboard.model_figures import Chosen, controls, draw
from dashboard.model_rows import CLAIMED, LABELS, MEASURED, REPORTED, with_interval
from dashboard.words import one_line
from db import model_results
from db.results import Connection


def comparison(con: Connection, models: list[dict], evaluations: pd.DataFrame) -> None:
    """Every network that was measured here, beside what the five systems and others say of theirs."""
    if evaluations.empty:
        st.info("No model has been measured here yet: `python -m training evaluate` does that.")
        return
    chosen = controls(evaluations, "comparison", st.container(horizontal=True, vertical_alignment="bottom"))
    st.markdown(
        f"**{MEASURED.capitalize()}** are figures that Moodreel's own code counted on the faces chosen above, with "
        f"their 95 % interval. **{CLAIMED.capitalize()}** ones are what the authors of the five systems say of their "
        "networks, counted on faces of their choice, some on those that the network was chosen on. "
        f"**{REPORTED.capitalize()}** ones are from elsewhere. Neither of these was checked here."
    )
    for labels in chosen.labels:
        columns = st.columns(2)
        tables = []
        for column, (measure, classes) in zip(
            columns, {"accuracy": "7 emotions", "accuracy_3": "3 categories"}.items(), strict=True
        ):
            rows = model_rows.comparison(evaluations, models, labels, chosen.data, chosen.split, measure)
            tables.append(rows.assign(classes=classes))
            with column:
                if rows.empty:
                    st.info(f"No figure for {classes} with {LABELS[labels]}'s labels on these faces.")
                    continue
                heading, subtitle = f"{LABELS[labels]}, {classes}", f"Measured on {chosen.data}, {chosen.split}"
                draw(
                    model_charts.comparison(rows, heading, subtitle),
                    f"comparison-{labels}-{measure}",
                    f"Dots of how many faces each network names right, {heading}",
                )
        table(pd.concat(tables), labels)
    by_class(con, evaluations, model_rows.names(models), chosen)


def table(rows: pd.DataFrame, labels: str) -> None:
    """The same as a table, one line a figure, the best first."""
    st.dataframe(
        pd.DataFrame(
            {
                "Network": rows["name"].map(one_line),
                "Classes": rows["classes"],
                "Named right": [
                    with_interval(*row) for row in rows[["value", "low", "high"]].itertuples(index=False)
                ],
                "Whose figure": rows["kind"],
                "Counted on": rows["counted_on"].map(one_line),
                "Faces": rows["faces"],
                "About": rows["about"],
            }
        ),
        hide_index=True,
        key=f"comparison-table-{labels}",
        placeholder="–",
        height="content",
        alt=f"Table of how many faces each network names right with {LABELS[labels]}'s labels",
        column_config={
            "Network": st.column_config.TextColumn(width=170),
            "Faces": st.column_config.NumberColumn(format="localized", help="Nothing where its authors don't say."),
            "About": st.column_config.TextColumn(width="large"),
        },
    )  # fmt: skip


def by_class(con: Connection, evaluations: pd.DataFrame, called: dict[str, str], chosen: Chosen) -> None:
    """F1 of each emotion, network by network."""
    for column, labels in zip(st.columns(len(chosen.labels)), chosen.labels, strict=True):
        on = evaluations[
            (evaluations["labels"] == labels)
            & (evaluations["data"] == chosen.data)
            & (evaluations["split"] == chosen.split)
        ]
        reports = {called[row["model_id"]]: model_results.report(con, row["evaluation_id"]) for _, row in on.iterrows()}
        rows = model_rows.class_comparison(reports, labels)
        if (rows["kind"] == MEASURED).any():
            with column:
                draw(
                    model_charts.class_comparison(rows),
                    f"classes-{labels}",
                    f"Dots of F1 of each emotion and network, {LABELS[labels]}",
                )
