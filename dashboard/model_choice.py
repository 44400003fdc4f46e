"""Which models and detectors there are to choose from, for pictures and for the camera."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard.words import plain
from processor.config import Settings
from processor.default_model import in_force
from processor.emotions import BundleUnusable, bundles, find_bundle

MORE_FACES = "YuNet finds more faces than Haar; its model file comes with `python -m processor models pull`."


def bundles_to_choose(settings: Settings, models: Path) -> tuple[list[Path], Path | None]:
    """Every bundle at hand, of two with one name the home's, and the one that videos are analysed with."""
    known = list({folder.name: folder for folder in reversed(bundles(models))}.values())[::-1]
    try:
        usual = find_bundle(in_force(settings).name, models)
    except BundleUnusable as error:
        st.warning(plain(error), icon=":material/warning:")
        return known, None
    return (known if usual in known else [usual, *known]), usual


def detectors_to_choose(models: Path) -> list[str]:
    """The detectors that can be used: YuNet where its file lies in `models`, the home's, and Haar always."""
    from processor.faces import yunet_file  # brings OpenCV along

    return ["yunet", "haar"] if yunet_file(models) else ["haar"]
