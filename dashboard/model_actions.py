"""What can be asked for a model: that it becomes the default, and that videos are analysed again with it."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from dashboard import activity, context, network
from dashboard.words import plain
from db import model_results, results
from processor.default_model import in_force
from processor.emotions import BundleUnusable, find_bundle

KINDS = ("default_model", "reprocess_all", "evaluation")  # requests that are about models


@dataclass(frozen=True)
class Default:
    """The model that new analyses use. model_id None: it can't be used, and `why` says so.

    fixed: a setting says which, so that it can't be changed here.
    """

    model_id: str | None
    why: str
    fixed: bool


def default() -> Default:
    """Which model is the default, and why."""
    settings = context.settings()
    chosen = in_force(settings)
    fixed = chosen.by == "setting"
    try:
        model_id = network.identity(find_bundle(chosen.name, context.home().models))
    except (BundleUnusable, OSError) as error:
        return Default(None, f"{error} {chosen.why}", fixed)
    return Default(model_id, f"New videos are analysed with it. {chosen.why}", fixed)


def buttons(con: results.Connection, name: str, model: dict, default: Default) -> None:
    """What can be done with the bundle `name`, the one of `model`."""
    model_id, called = model["model_id"], f"{plain(model['name'])} {plain(model['version'])}"
    lacking, videos = model_results.to_analyse(con, model_id, name, model_id == default.model_id)
    with st.container(horizontal=True, vertical_alignment="center"):
        if model_id != default.model_id:
            st.button(
                "Make this the default", key=f"default-{model_id}", icon=":material/star:", disabled=default.fixed,
                help=default.why if default.fixed else "New videos are analysed with it from then on.",
                on_click=activity.hand_in, args=("default_model", f"Asked to make {called} the default."),
                kwargs={"model": name},
            )  # fmt: skip
        if lacking:
            reprocess(model_id, name, called, lacking)
        elif videos:
            st.caption(":material/check: Every video has been analysed with it, or is about to be.")


def reprocess(model_id: str, name: str, called: str, lacking: int) -> None:
    """Asks first, for it can take long."""
    number = "one video" if lacking == 1 else f"{lacking:,} videos"
    with st.popover("Reprocess with this", key=f"reprocess-{model_id}", icon=":material/replay:"):
        st.markdown(
            f"{number.capitalize()} that this model has not seen: analysed again, one after another, when nothing "
            "else waits. What is shown now stays until the new results are there."
        )
        st.button(
            f"Reprocess {number}", key=f"reprocess-now-{model_id}", type="primary", on_click=activity.hand_in,
            args=("reprocess_all", f"Asked to analyse {number} with {called}."), kwargs={"model": name},
        )  # fmt: skip


def refused(con: results.Connection) -> None:
    """Requests about models that the processor refused, and why."""
    rows = results.refused_requests(con)
    rows = rows[rows["kind"].isin(KINDS)]
    if rows.empty:
        return
    with st.expander("What was refused", icon=":material/report:"):
        for row in rows.itertuples():
            about = f" ({plain(row.name)})" if isinstance(row.name, str) else ""
            st.markdown(f"The request to **{plain(row.kind)}**{about} was refused: {plain(row.reason)}")
