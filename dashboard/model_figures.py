"""Two views of the Models page: everything measured of one network, and its training."""

from __future__ import annotations

from dataclasses import dataclass

import altair as alt
import pandas as pd
import streamlit as st

from dashboard import model_charts, model_faces
from dashboard.drawing import readable
from dashboard.model_rows import LABELS, LABELS_HELP, in_percent, score, with_interval
from dashboard.words import missing, one_line, plain
from db import model_results
from db.results import Connection

BOTH = "side by side"
SPLITS = {"train": "train (learned from)", "validation": "validation (chosen on)"}
HEADS = {"fer2013": "FER2013's labels", "ferplus": "FER+'s votes", "all": "everything together"}


@dataclass(frozen=True)
class Chosen:
    """Which evaluations the controls are set to. labels: one or both of LABELS, in that order."""

    data: str
    split: str
    labels: tuple[str, ...]


def controls(evaluations: pd.DataFrame, key: str, place, both: bool = True) -> Chosen:
    """Labels, data set and split, of those there are. `both`: whether both label sets may be asked for at once.

    place: the container, beside whose contents they go.
    """
    with place:
        found = [labels for labels in LABELS if (evaluations["labels"] == labels).any()]
        options = [*found, BOTH] if both and len(found) > 1 else found
        labels = st.segmented_control(
            "Labels", options, default=options[0], required=True, key=f"{key}-labels", help=LABELS_HELP,
            format_func=lambda name: LABELS.get(name, name.capitalize()),
        )  # fmt: skip
        data = list(dict.fromkeys(evaluations["data"]))
        chosen = data[0]
        if len(data) > 1:
            chosen = st.selectbox("Data set", data, key=f"{key}-data", format_func=one_line, width=220)
        splits = list(dict.fromkeys(evaluations.loc[evaluations["data"] == chosen, "split"]))
        first = splits.index(model_results.first_split(splits))
        split = st.selectbox(
            "Faces", splits, index=first, key=f"{key}-split-{chosen}", width=220,
            format_func=lambda name: one_line(SPLITS.get(name, name)),
        )  # fmt: skip
    return Chosen(chosen, split, tuple(found) if labels == BOTH else (labels,))


def rows_of(evaluations: pd.DataFrame, chosen: Chosen) -> dict[str, pd.Series]:
    """The chosen evaluations of one model: labels to row; without those that there are none of."""
    on = evaluations[(evaluations["data"] == chosen.data) & (evaluations["split"] == chosen.split)]
    found = {labels: on[on["labels"] == labels] for labels in chosen.labels}
    return {labels: rows.iloc[0] for labels, rows in found.items() if len(rows)}


# --- Evaluation ------------------------------------------------------------------------------------------------------


def evaluation(con: Connection, evaluations: pd.DataFrame, place) -> None:
    """Everything measured of one model on the chosen faces; both label sets beside each other when asked for.

    evaluations: the model's. place: where the controls go.
    """
    if evaluations.empty:
        st.info("This model has not been measured here: `python -m training evaluate` does that.")
        return
    chosen = controls(evaluations, "evaluation", place)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        classes = st.segmented_control(
            "Confusion of", ["7 emotions", "3 categories"], default="7 emotions", required=True, key="classes"
        )
        by_row = st.segmented_control(
            "In", ["percent", "faces"], default="percent", required=True, key="by-row",
            help="Percent of the faces with that label, or how many faces.",
        )  # fmt: skip
    found = rows_of(evaluations, chosen)
    if not found:
        st.info("There is no such evaluation of this model. Choose other faces or labels.")
        return
    st.caption(LABELS_HELP)

    def confusion(con: Connection, row: pd.Series) -> None:
        matrix(con, row, classes == "3 categories", by_row == "percent")

    def overfitting(con: Connection, row: pd.Series) -> None:
        splits(evaluations, row)

    left, right = (confusion, roc, reliability, groups), (classes_f1, report, precision_recall, overfitting)
    if len(found) > 1:
        # Piece by piece, so that the same figures of both stand beside each other.
        for piece in (summary, *(piece for pair in zip(left, right, strict=True) for piece in pair)):
            for column, row in zip(st.columns(len(found), gap="large"), found.values(), strict=True):
                with column:
                    piece(con, row)
        return
    (row,) = found.values()
    summary(con, row)
    for column, pieces in zip(st.columns(2, gap="large"), (left, right), strict=True):
        with column:
            for piece in pieces:
                piece(con, row)


def summary(con: Connection, row: pd.Series) -> None:
    """The figures of one evaluation on one line."""
    figures = [
        f"7 emotions {with_interval(row['accuracy'], row['accuracy_low'], row['accuracy_high'])}",
        f"3 categories {with_interval(row['accuracy_3'], row['accuracy_3_low'], row['accuracy_3_high'])}",
        f"balanced accuracy {in_percent(row['balanced_accuracy'])}",
        f"macro F1 {score(row['macro_f1'], row['macro_f1_low'], row['macro_f1_high'])}",
        f"mean AUC {score(row['auc'])}",
        f"calibration error {in_percent(row['ece'])}",
    ]
    st.markdown(f"**{LABELS[row['labels']]}**, {row['n']:,} faces: " + " · ".join(figures))


def matrix(con: Connection, row: pd.Series, categories: bool, by_row: bool) -> None:
    """The confusion matrix, with examples in the tooltip where the faces are at hand."""
    rows = model_results.confusion(con, row["evaluation_id"], categories)
    if rows.empty:
        return
    pictures = model_faces.example_pictures(con, row, categories)
    dark = st.context.theme.type == "dark"
    chart = model_charts.confusion(rows, by_row, pictures, LABELS[row["labels"]], dark)
    draw(chart, f"confusion-{row['labels']}", "Matrix of which emotion was taken for which")


def classes_f1(con: Connection, row: pd.Series) -> None:
    """F1 of each emotion."""
    rows = model_results.report(con, row["evaluation_id"])
    if not rows.empty:
        draw(model_charts.f1(rows), f"f1-{row['labels']}", "Bars of F1 of each emotion")


def report(con: Connection, row: pd.Series) -> None:
    """The classification report."""
    rows = model_results.report(con, row["evaluation_id"])
    if rows.empty:
        return
    shares = ("precision", "recall", "f1", "auc", "average_precision")
    titles = {"f1": "F1", "auc": "AUC", "average_precision": "AP"}
    st.markdown("**Classification report**")
    st.dataframe(
        rows, hide_index=True, key=f"report-{row['labels']}", placeholder="–", alt="Classification report",
        column_config={
            "emotion": st.column_config.TextColumn("Emotion"),
            "support": st.column_config.NumberColumn("Faces", format="localized"),
            **{
                name: st.column_config.NumberColumn(titles.get(name, name.capitalize()), format="%.3f")
                for name in shares
            },
        },
    )  # fmt: skip
    st.caption("Precision: of those so named, how many are. Recall: of those that are, how many were so named.")


def roc(con: Connection, row: pd.Series) -> None:
    """ROC curves."""
    mean = None if missing(row["auc"]) else f"In the legend the area under each; mean {row['auc']:.3f}"
    _curves(con, row, "roc", mean, "Lines of true positive rate over false positive rate of each emotion")


def precision_recall(con: Connection, row: pd.Series) -> None:
    """Precision-recall curves."""
    _curves(con, row, "pr", "In the legend the average precision of each",
            "Lines of precision over recall of each emotion")  # fmt: skip


def _curves(con: Connection, row: pd.Series, kind: str, subtitle: str | None, alt_text: str) -> None:
    points = model_results.curve(con, row["evaluation_id"], kind)
    if not points.empty:
        rows = model_results.report(con, row["evaluation_id"])
        draw(model_charts.curves(points, kind, rows, subtitle), f"{kind}-{row['labels']}", alt_text)


def reliability(con: Connection, row: pd.Series) -> None:
    """Whether the network is as sure as it should be."""
    points = model_results.curve(con, row["evaluation_id"], "calibration")
    if not points.empty:
        subtitle = f"Calibration error (ECE) {in_percent(row['ece'])}; larger dots: more faces"
        draw(
            model_charts.calibration(points, subtitle),
            f"calibration-{row['labels']}",
            "Line of how often the network is right over how sure it says it is, with the diagonal",
        )


def splits(evaluations: pd.DataFrame, row: pd.Series) -> None:
    """The same figure on faces learned from, chosen on, and never seen: how far the network overfits."""
    same = evaluations[(evaluations["labels"] == row["labels"]) & (evaluations["data"] == row["data"])]
    if len(same) < 2:
        return
    rows = same.assign(
        part=[one_line(SPLITS.get(name, name)) for name in same["split"]],
        low=same["accuracy_low"],
        high=same["accuracy_high"],
        order=[list(SPLITS).index(name) if name in SPLITS else len(SPLITS) for name in same["split"]],
    )
    rows = rows.sort_values("order", kind="stable")[["part", "n", "accuracy", "low", "high"]]
    chart = model_charts.parts(rows, "Train against test", "7 emotions; a wide gap is overfitting")
    draw(chart, f"splits-{row['labels']}", "Dots of how many faces are named right in each part of the data")


def groups(con: Connection, row: pd.Series) -> None:
    """Sub-groups of the faces, where the data set has them."""
    found = model_results.groups(con, row["evaluation_id"])
    for grouping, rows in found.groupby("grouping"):
        rows = rows.assign(part=rows["value"].map(one_line), low=None, high=None)
        chart = model_charts.parts(
            rows[["part", "n", "accuracy", "low", "high"]], f"By {one_line(grouping.replace('_', ' '))}"
        )
        draw(chart, f"group-{grouping}-{row['labels']}", f"Dots of how many faces are named right, by {grouping}")


# --- Training --------------------------------------------------------------------------------------------------------


def training(con: Connection, model: dict) -> None:
    """The training curves, a chart for each head and figure."""
    rows = model_results.epochs(con, model["model_id"])
    if rows.empty:
        st.info("The curves of this model's training are not in the store: its card has none.")
        return
    st.markdown(
        "Train (dashed) is counted while the network learns, mostly on pictures made harder on purpose, so it may lie "
        "below validation (solid), which is counted on faces held off, as they are."
    )
    found = set(rows["head"])
    heads = [head for head in HEADS if head in found] + sorted(found - set(HEADS))
    for figure in ("accuracy", "loss"):
        for column, head in zip(st.columns(max(2, len(heads))), heads, strict=False):
            its = rows[(rows["figure"] == figure) & (rows["head"] == head)]
            if its.empty:
                continue
            with column:
                chart = model_charts.training(
                    its,
                    figure,
                    f"{figure.capitalize()}, {HEADS.get(head, one_line(head))}",
                )
                draw(chart, f"training-{figure}-{head}", f"Lines of {figure} over the epochs, train and validation")


def draw(chart: alt.TopLevelMixin, key: str, alt_text: str) -> None:
    """A chart as wide as its place."""
    st.altair_chart(readable(chart), width="stretch", key=f"chart-{key}", alt=plain(alt_text))
