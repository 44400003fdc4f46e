"""A model's card as a piece of the Models page: what it is for and not, its figures, how it came about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import streamlit as st

from dashboard import context, model_actions, network
from dashboard.listing import moment
from dashboard.model_rows import LABELS, in_percent, score, trained, with_interval
from dashboard.words import missing, one_line, plain, size
from db.model_results import first_split
from db.results import Connection
from processor.emotions import BundleUnusable, bundles, find_bundle

# What a card says in words, in the order in which it is told; what else it says comes after.
_WORDS = {
    "intended_use": "What it is for",
    "not_for": "Not for",
    "limits": "Limits",
    "trained_on": "Learned from",
    "chosen_on": "Chosen on",
    "licence": "Licence",
}
# Told elsewhere on the page, or of no interest to a reader.
_ELSEWHERE = {"name", "version", "description", "commands", "emotions", "sha256", "weights", *_WORDS}
_ELSEWHERE |= {"epochs", "minutes", "machine", "software", "speed", "size", "calibration"}

HEADS = {"fer2013": "FER2013 head", "ferplus": "FER+ head", "emotions": "stored probabilities"}


@dataclass(frozen=True)
class OnDisk:
    """The bundles at hand: model_id to the name that chooses it, and to its folder; and what is wrong with others."""

    names: dict[str, str]
    folders: dict[str, Path]
    problems: list[str]


def on_disk(models: Path) -> OnDisk:
    """What lies in the home's folder `models` and among the shipped ones."""
    names, folders, problems = {}, {}, []
    for folder in bundles(models):
        try:
            model_id = network.identity(folder)
        except (BundleUnusable, OSError) as error:
            problems.append(str(error))
            continue
        folders.setdefault(model_id, folder)
        if find_bundle(folder.name, models) == folder:  # else the name means another bundle, which lies before this one
            names.setdefault(model_id, folder.name)
    return OnDisk(names, folders, problems)


def card(
    con: Connection, model: dict, evaluations: pd.DataFrame, bundles: OnDisk, default: model_actions.Default
) -> None:
    """One model's card. model: as from model_results.models; evaluations: its rows."""
    words, model_id = model["card"], model["model_id"]
    with st.container(border=True, key=f"card-{model_id}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader(f"{plain(model['name'])} {plain(model['version'])}", anchor=False, width="content")
            if model_id == default.model_id:
                st.badge("default", icon=":material/check:", color="green")
            if words.get("weights") is False:
                st.badge("measured, not shipped", color="gray")
            elif model_id not in bundles.folders:
                st.badge("its files are not here", color="orange")
        if words.get("description"):
            st.markdown(plain(words["description"]))
        if model_id == default.model_id:
            st.caption(f":material/check: {plain(default.why)}")
        numbers(words, evaluations)
        figures(evaluations, model_id)
        left, right = st.columns(2, gap="large")
        told = [(title, words[name]) for name, title in _WORDS.items() if words.get(name)]
        for place, (title, text) in enumerate(told):
            (left if place < (len(told) + 1) // 2 else right).markdown(f"**{title}.** {plain(text)}")
        calibration(words)
        how_trained(model)
        if model_id in bundles.names:
            model_actions.buttons(con, bundles.names[model_id], model, default)


def numbers(words: dict, evaluations: pd.DataFrame) -> None:
    """The figures that matter most, large, each with its interval; speed and size."""
    facts = []
    for labels, called in LABELS.items():
        on = evaluations[evaluations["labels"] == labels]
        split = first_split(list(on["split"]))
        if split is None:
            continue
        row = on[on["split"] == split].iloc[0]
        about = f"{row['n']:,} faces of {one_line(row['data'])}, {one_line(split)}"
        for measure, classes in (("accuracy", "7 emotions"), ("accuracy_3", "3 categories")):
            low, high = row[f"{measure}_low"], row[f"{measure}_high"]
            interval = "" if missing(low) else f"{low * 100:.1f}–{high * 100:.1f} %, "
            facts.append((f"{called}, {classes}", in_percent(row[measure]), f"{interval}{about}"))
    speed, large = _numbers(words.get("speed")), _numbers(words.get("size"))
    if "faces_per_s" in speed:
        device = words["speed"].get("device")
        alone = f"{speed['batch_1_ms']:.0f} ms for one" if "batch_1_ms" in speed else ""
        facts.append(("Faces a second", f"{speed['faces_per_s']:,.0f}", f"{alone}{f' on {device}' if device else ''}"))
    if "parameters" in large:
        space = f"{size(large['bytes'])} on disk" if "bytes" in large else ""
        facts.append(("Parameters", f"{large['parameters'] / 1e6:.1f} M", space))
    with st.container(horizontal=True, gap="small"):
        for label, value, about in facts:
            with st.container(width=145):
                st.metric(label, value)
                st.caption(plain(about))


def figures(evaluations: pd.DataFrame, model_id: str) -> None:
    """Every evaluation of the model in one table, with intervals."""
    if evaluations.empty:
        st.info("It has not been measured here: `python -m training evaluate` does that.")
        return
    st.dataframe(
        pd.DataFrame(
            {
                "Faces": [f"{one_line(row.data)}, {one_line(row.split)}" for row in evaluations.itertuples()],
                "Labels": evaluations["labels"].map(LABELS),
                "Number": evaluations["n"],
                "7 emotions": _column(evaluations, "accuracy"),
                "3 categories": _column(evaluations, "accuracy_3"),
                "Macro F1": _column(evaluations, "macro_f1", score),
                "Calibration error": [in_percent(value) for value in evaluations["ece"]],
            }
        ),
        hide_index=True,
        key=f"figures-{model_id}",
        alt="Table of the figures of this model",
        column_config={
            "Number": st.column_config.NumberColumn(format="localized", width="small"),
            "Macro F1": st.column_config.TextColumn(help="Mean of F1 over the emotions, rare ones as much as others."),
            "Calibration error": st.column_config.TextColumn(
                help="How far what it states is from how often it is right, on average."
            ),
        },
    )
    st.caption("In brackets the 95 % interval: how far off a figure can be by the luck of which faces were in the set.")


def _column(evaluations: pd.DataFrame, measure: str, written: Callable[..., str] = with_interval) -> list[str]:
    rows = evaluations[[measure, f"{measure}_low", f"{measure}_high"]].itertuples(index=False)
    return [written(*row) for row in rows]


def _numbers(part: object) -> dict[str, float]:
    """The numbers in a part of a card; a bundle can come from anywhere, with anything in its card."""
    if not isinstance(part, dict):
        return {}
    return {name: value for name, value in part.items() if isinstance(value, int | float)}


def calibration(words: dict) -> None:
    """How far stated probabilities were from the truth before and after they were calibrated."""
    heads = words.get("calibration")
    parts = []
    for head, found in heads.items() if isinstance(heads, dict) else ():
        found = _numbers(found)
        temperature = f", temperature {found['temperature']:.2f}" if "temperature" in found else ""
        change = f"{in_percent(found.get('ece_before'))} → {in_percent(found.get('ece_after'))}"
        parts.append(f"{HEADS.get(head, plain(head))} {change}{temperature}")
    told = "; ".join(parts) or "it was not calibrated, its probabilities are as the network gives them"
    st.markdown(f"**Calibration error before and after.** {told}.")


def how_trained(model: dict) -> None:
    """Where the network comes from, to the command."""
    words = model["card"]
    with st.expander("How it was trained", icon=":material/model_training:"):
        facts = trained(words)
        if words.get("software"):
            facts += f", with {words['software']}"
        if facts:
            st.markdown(f"{plain(facts)}.")
        for command in words.get("commands") or []:
            st.code(one_line(command), language=None, wrap_lines=True)
        for name, value in words.items():
            if name not in _ELSEWHERE and isinstance(value, str | int | float) and not isinstance(value, bool):
                st.markdown(f"**{plain(name.replace('_', ' ').capitalize())}.** {plain(value)}")
        st.caption(
            f"Stored as {plain(model['model_id'])} since {moment(model['added_at'], context.zone())}. "
            f"SHA-256 of its weights: {plain(words.get('sha256') or 'unknown')}."
        )
