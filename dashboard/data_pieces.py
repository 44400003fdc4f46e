"""What the sections of the Data page share: drawing charts and faces, and buttons that draw anew."""

from __future__ import annotations

import numpy as np
import streamlit as st

from dashboard.data_sets import Shown
from dashboard.drawing import readable
from dashboard.gallery import gallery
from dashboard.words import one_line
from db.emotions import EMOTIONS
from training.datasets import VOTES, FaceSet

FACES_AT_ONCE = 28


def draw(chart, alt: str) -> None:
    """A chart as wide as its place."""
    st.altair_chart(readable(chart), width="stretch", alt=alt)


def show(shown: Shown, places: np.ndarray) -> None:
    """Faces with their label below and what else is known of them in the tooltip."""
    chosen = shown.faces.where(places)
    labels = [EMOTIONS[label] if label >= 0 else "–" for label in shown.labels[places]]
    st.html(gallery(chosen.images, labels, [about(chosen, place) for place in range(len(chosen))]))


def about(faces: FaceSet, place: int) -> str:
    """One face in words: row, part, labels, votes, and the columns that the set has."""
    words = [f"row {faces.row[place]}", str(faces.usage[place]), f"FER2013: {EMOTIONS[faces.fer[place]]}"]
    if faces.votes is not None:
        votes = sorted(((int(n), name) for n, name in zip(faces.votes[place], VOTES, strict=True) if n), reverse=True)
        words.append("votes: " + (", ".join(f"{name} {n}" for n, name in votes) or "none"))
    known = {"file": faces.name, "source": faces.source, "gender": faces.gender, "subject": faces.subject}
    words += [
        f"{name}: {one_line(column[place])}" for name, column in known.items() if column is not None and column[place]
    ]
    return "; ".join(words)


def clicked(what: str, section: str) -> int:
    """How often that button of that section was clicked; a draw takes it as its seed."""
    return st.session_state.get(f"{what}-{section}-clicks", 0)


def counting(label: str, what: str, section: str, **look) -> None:
    """A button that counts its clicks."""

    def click() -> None:
        st.session_state[f"{what}-{section}-clicks"] = clicked(what, section) + 1

    st.button(label, key=f"{what}-{section}", on_click=click, **look)
