"""Choosing among things by their names, which can change while the page is open, and be the same.

A browser knows what is chosen by its words, and goes on sending those that were there before: Streamlit would take them
for a new choice. So there is another widget as soon as the words differ, which begins with what was chosen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import TypeVar

import streamlit as st

T = TypeVar("T")


def one_of(
    label: str, names: Mapping[T, str], *, key: str, index: int | None = 0,
    on_change: Callable[[T | None], None] | None = None, place=st, **more,
) -> T | None:  # fmt: skip
    """A selectbox; returns what is chosen, which stays so when something gets another name.

    Args:
        names: what can be chosen, and what each is called. Things of the same name get numbers.
        key: of the widget, while the words are those that it began with.
        index: what is chosen at first; None for nothing.
        on_change: called with what somebody has chosen.
        place: where it is drawn.
        more: for `st.selectbox`.
    """
    words, widget = _as_drawn(names, key)
    kept, options = st.session_state.get(f"{key}-chosen"), list(words)
    chosen = place.selectbox(
        label, options, options.index(kept) if kept in words else index, key=widget,
        format_func=lambda option: words.get(option, str(option)),
        on_change=(lambda: on_change(st.session_state[widget])) if on_change else None, **more,
    )  # fmt: skip
    st.session_state[f"{key}-chosen"] = chosen
    return chosen


def several_of(label: str, names: Mapping[T, str], *, key: str, **more) -> list[T]:
    """A multiselect; returns what is chosen, at first nothing, which stays so when something gets another name.

    names, key, more: as for `one_of`.
    """
    words, widget = _as_drawn(names, key)
    kept = [thing for thing in st.session_state.get(f"{key}-chosen", ()) if thing in words]
    chosen = st.multiselect(label, list(words), kept, key=widget, format_func=words.get, **more)
    st.session_state[f"{key}-chosen"] = chosen
    return chosen


def _as_drawn(names: Mapping[T, str], key: str) -> tuple[dict[T, str], str]:
    """What each thing is called, and the key of the widget: another one as soon as the words differ."""
    words = told_apart(names)
    before, edition = st.session_state.get(f"{key}-words", (words, 1))
    edition += before != words
    st.session_state[f"{key}-words"] = words, edition
    return words, key if edition == 1 else f"{key}:{edition}"


def told_apart(names: Mapping[T, str]) -> dict[T, str]:
    """The names, the second and further ones that are the same with a number: `session.mp4`, `session.mp4 (2)`."""
    seen, told = Counter(), {}
    for thing, name in names.items():
        seen[name] += 1
        told[thing] = name if seen[name] == 1 else f"{name} ({seen[name]})"
    return told
