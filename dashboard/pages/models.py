"""Models: a card for each, all of them compared, and what was measured of one, down to the single face."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import streamlit as st

from dashboard import (
    activity,
    context,
    model_actions,
    model_card,
    model_comparison,
    model_faces,
    model_figures,
    model_rows,
)
from dashboard.words import one_line, plain
from db import model_results
from db.results import Connection
from processor import spool

CARDS, COMPARISON, EVALUATION, TRAINING, FACES = VIEWS = ("Cards", "Comparison", "Evaluation", "Training", "Faces")


def page() -> None:
    """The whole page, from top to bottom."""
    context.within_app()
    con = context.connection()
    st.title("Models", anchor=False)
    news(context.snapshot())
    default = model_actions.default()
    bundles = model_card.on_disk(context.home().models)
    for problem in bundles.problems:
        st.warning(plain(problem), icon=":material/report:")
    if default.model_id is None:
        st.error(f"No new video can be analysed: {plain(default.why)}", icon=":material/error:")
    if con and not model_results.up_to_date(con):
        st.info(f"These results are from an older Moodreel. Start the processor, once: `{context.START_COMMAND}`.")
        return
    models = model_results.models(con) if con else []
    if not models:
        empty(bundles)
        return
    # The default first, then those whose files are here, then those that were only measured.
    models.sort(key=lambda model: (model["model_id"] != default.model_id, model["model_id"] not in bundles.folders))
    evaluations = model_results.evaluations(con)
    view = st.segmented_control(
        "View", VIEWS, default=CARDS, required=True, key="view", bind="query-params", label_visibility="collapsed"
    )
    if view == CARDS:
        model_actions.refused(con)
        cards(con, models, evaluations, bundles, default)
    elif view == COMPARISON:
        model_comparison.comparison(con, models, evaluations)
    else:
        closely(con, view, models, evaluations, bundles)


@st.fragment(run_every=1.0)
def news(seen: Path | None) -> None:
    """The processor's state; draws itself every second, and the whole page when there are new results."""
    activity.refresh_when_new(seen)
    activity.processor_line(context.processor())
    if waiting := len(spool.pending(context.home().spool)):
        what = "One request waits" if waiting == 1 else f"{waiting:,} requests wait"
        st.caption(f":material/hourglass_empty: {what} for the processor.")
    context.say_what_was_asked()


def empty(bundles: model_card.OnDisk) -> None:
    """The page of somebody who has just started."""
    with st.container(border=True):
        st.subheader("Nothing here yet", anchor=False)
        names = ", ".join(f"**{plain(folder.name)}**" for folder in bundles.folders.values())
        st.markdown(
            f"{f'These models lie ready: {names}.' if names else 'There is no model yet.'} The processor puts their "
            f"cards and figures into the store when it starts: `{context.START_COMMAND}` or "
            f"`{context.START_COMMAND_PYTHON}`. To make one of your own: `python -m training train`."
        )


def cards(
    con: Connection,
    models: list[dict],
    evaluations: pd.DataFrame,
    bundles: model_card.OnDisk,
    default: model_actions.Default,
) -> None:
    """A card for each model; those that were only measured follow, folded away."""
    for model in models:
        its = evaluations[evaluations["model_id"] == model["model_id"]]
        if model["model_id"] in bundles.folders:
            model_card.card(con, model, its, bundles, default)
            continue
        called = f"{plain(model['name'])} {plain(model['version'])}"
        only_measured = model["card"].get("weights") is False
        with st.expander(f"{called}: {'measured, not shipped' if only_measured else 'its files are not here'}"):
            model_card.card(con, model, its, bundles, default)


def closely(
    con: Connection, view: str, models: list[dict], evaluations: pd.DataFrame, bundles: model_card.OnDisk
) -> None:
    """One model's evaluation, training or faces."""
    called = model_rows.names(models)
    place = st.container(horizontal=True, vertical_alignment="bottom")
    model_id = place.selectbox(
        "Model", list(called), format_func=lambda model_id: one_line(called.get(model_id, model_id)), key="model",
        width=260, persist_state="page",
    )  # fmt: skip
    its = evaluations[evaluations["model_id"] == model_id]
    if view == EVALUATION:
        model_figures.evaluation(con, its, place)
    elif view == TRAINING:
        model_figures.training(con, next(model for model in models if model["model_id"] == model_id))
    elif its.empty:
        st.info("This model has not been measured here: `python -m training evaluate` does that.")
    else:
        rows = model_figures.rows_of(its, model_figures.controls(its, "faces", place, both=False))
        for row in rows.values():
            model_faces.gallery(row, bundles.folders.get(model_id))
        if not rows:
            st.info("There is no such evaluation of this model. Choose other faces or labels.")


page()
