"""A loaded network for the pages that run one: imported when it is first needed, and kept until another is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import streamlit as st
from streamlit.runtime.scriptrunner import script_runner

from processor.emotions import CARD_FILE, MODEL_FILE, BundleUnusable, Classifier, model_id, read_card


def keep_state() -> None:
    """Stop Streamlit from resetting Keras after every run of a page; once for a server.

    It means to help scripts that build a network in every run. Ours are loaded once and run in other threads, from
    whose hands it takes the state while they load, and what TensorFlow has compiled while they run.
    """
    script_runner._clean_problem_modules = lambda: None


def card(folder: Path) -> dict:
    """The checked card of a bundle. Raises BundleUnusable."""
    return _card(str(folder), _changed(folder))


def identity(folder: Path) -> str:
    """How the store names the bundle in this folder. Raises BundleUnusable."""
    return model_id(card(folder))


def classifier(folder: Path) -> Classifier:
    """The bundle's network, loaded (seconds the first time). Raises BundleUnusable."""
    return _classifier(str(folder), _changed(folder))


def gradcam(folder: Path, faces: np.ndarray, emotion: int | None = None, head: str = "emotions") -> np.ndarray:
    """Where the network looked. faces: uint8 (N, s, s); emotion: which to explain, 0..6, None: the predicted one.

    Returns float32 (N, s, s), 0 to 1. Raises BundleUnusable, also where there is nothing to show of such a network.
    """
    from training import explain  # brings OpenCV along

    try:
        return explain.gradcam(classifier(folder).model, faces, emotion, head)
    except explain.NotExplainable as error:
        raise BundleUnusable(str(error)) from error


def _changed(folder: Path) -> tuple[int, ...]:
    """What tells a bundle from the one that was there before: when its files changed, and their sizes."""
    files = [folder / name for name in (CARD_FILE, MODEL_FILE)]
    return tuple(number for file in files if file.exists() for number in (file.stat().st_mtime_ns, file.stat().st_size))


# Reading a card hashes the whole model file.
@st.cache_data(max_entries=50, show_spinner=False)
def _card(folder: str, changed: tuple[int, ...]) -> dict:
    return read_card(Path(folder))


@st.cache_resource(max_entries=1, show_spinner="Loading the network: a few seconds, the first time.")
def _classifier(folder: str, changed: tuple[int, ...]) -> Classifier:
    return Classifier(Path(folder))
