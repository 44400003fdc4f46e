"""Which videos the library shows: the filters, which are in the address, and those that were saved under a name."""

from __future__ import annotations

from datetime import date

import pandas as pd
import streamlit as st

from dashboard import activity, context, listing
from dashboard.words import one_line, plain
from db import saved_results
from db.results import Connection
from processor.metadata import MAX_TEXT

# Parameters of the address, which are the widgets' keys as well, and what each is in a saved filter.
_LISTS = {"cohort": "cohorts", "subject": "subjects", "session": "sessions", "state": "states"}
_DAYS = {"from": "from_day", "to": "to_day"}
_ALL = ("q", "tag", *_LISTS, *_DAYS)


def controls(con: Connection, videos: pd.DataFrame) -> dict:
    """The filters; returns what they are set to, as a saved filter says it (see `listing.by_filter`)."""
    with st.container(horizontal=True, vertical_alignment="bottom", wrap=False):
        st.text_input(
            "Search", placeholder="Name, subject, cohort or session", icon=":material/search:", key="q",
            bind="query-params", max_chars=MAX_TEXT,
        )  # fmt: skip
        with st.popover("Filter", icon=":material/filter_list:"):
            for key in _LISTS:
                options = listing.choices(videos, "shown" if key == "state" else key)
                if key == "state":
                    options = [state for state in listing.STATES if state in options]
                _choose(key.capitalize(), key, options)
            _choose("Tag", "tag", listing.tag_choices(videos))
            days = st.columns(2)
            for column, key, label in zip(days, _DAYS, ("Recorded from", "Recorded until"), strict=True):
                column.date_input(
                    label, None, key=key, bind="query-params", min_value=date(1970, 1, 1), max_value=date(2199, 12, 31),
                    format="YYYY-MM-DD",
                    help="The day in UTC, counted in. Where it is unknown, the day on which the video was added.",
                )  # fmt: skip
            st.button("Show everything", icon=":material/filter_list_off:", on_click=use, args=({},))
        with st.popover("Saved", icon=":material/bookmark:"):
            _saved(saved_results.filters(con), current())
    wanted = current()
    for words in in_words(wanted):
        st.caption(f":material/filter_list: Only {plain(words)}")
    return wanted


def _choose(label: str, key: str, options: list[str]) -> None:
    # What is chosen stays to be seen, also where no video has it any more: a filter must not grow wider by itself.
    chosen = st.session_state.get(key, ())
    options = [*options, *(value for value in chosen if value not in options)]
    st.multiselect(
        label, options, key=key, bind="query-params", format_func=one_line, accept_new_options=True,
        placeholder="Any",
    )  # fmt: skip


def current() -> dict:
    """What the filters are set to; what lets everything through is left out."""
    said = st.session_state
    wanted: dict = {"text": said["q"].strip()} if said.get("q", "").strip() else {}
    wanted |= {name: list(said[key]) for key, name in _LISTS.items() if said.get(key)}
    tags: dict[str, list[str]] = {}
    for tag in said.get("tag", ()):
        name, _, value = tag.partition("=")
        tags.setdefault(name.strip(), []).append(value.strip())
    wanted |= {"tags": tags} if tags else {}
    return wanted | {name: said[key].isoformat() for key, name in _DAYS.items() if said.get(key)}


def use(wanted: dict) -> None:
    """Set the filters. A callback: before the widgets are drawn."""
    said = st.session_state
    said["q"] = wanted.get("text", "")
    for key, name in _LISTS.items():
        said[key] = list(wanted.get(name, ()))
    said["tag"] = [f"{name}={value}" for name, values in wanted.get("tags", {}).items() for value in values]
    for key, name in _DAYS.items():
        said[key] = date.fromisoformat(wanted[name]) if wanted.get(name) else None


def in_words(wanted: dict) -> list[str]:
    """What a filter lets through, one text for each part: `cohorts: pilot, main`."""
    said = [f"{name}: {', '.join(wanted[name])}" for name in _LISTS.values() if wanted.get(name)]
    said += [f"tag {name}: {', '.join(values)}" for name, values in wanted.get("tags", {}).items()]
    first, last = wanted.get("from_day"), wanted.get("to_day")
    if first or last:
        said.append("recorded" + (f" from {first}" if first else "") + (f" until {last}" if last else ""))
    return said


def _saved(filters: pd.DataFrame, wanted: dict) -> None:
    """Saved filters: use, forget, and save what is set now."""
    for row in filters.itertuples(index=False):
        with st.container(horizontal=True, vertical_alignment="center", key=f"saved-{row.filter_id}"):
            words = in_words(row.filter)
            words = ([f"search: {row.filter['text']}"] if row.filter.get("text") else []) + words
            st.button(
                one_line(row.name) if row.filter != wanted else f"{one_line(row.name)} (in use)",
                key=f"use-{row.filter_id}", help=plain("; ".join(words)) or "Everything", width="stretch",
                on_click=use, args=(row.filter,),
            )  # fmt: skip
            st.button(
                "Forget", key=f"forget-{row.filter_id}", type="tertiary", icon=":material/delete:",
                help=f"Forget {plain(row.name)}", on_click=activity.hand_in,
                args=("filter_forget", f"Asked to forget the filter {plain(row.name)}."),
                kwargs={"filter_id": row.filter_id, "seen": {"name": row.name, "filter": row.filter}},
            )  # fmt: skip
    if filters.empty:
        st.caption("Nothing is saved yet. A saved filter can be chosen as a group of a comparison, too.")
    if not wanted:
        st.caption("Set a filter first, then save it here under a name.")
        return
    with st.form("save-filter", border=False):
        st.text_input("Name of this filter", key="filter-name", max_chars=MAX_TEXT)
        st.form_submit_button(
            "Save the filter", icon=":material/bookmark_add:", on_click=_save, args=(filters, wanted)
        )  # fmt: skip


def _save(filters: pd.DataFrame, wanted: dict) -> None:
    name = st.session_state["filter-name"].strip()
    if not name:
        context.ask("Give the filter a name, then save it.")
        return
    there = filters[filters["name"] == name].to_dict("records")
    seen = {"name": name, "filter": there[0]["filter"]} if there else None
    activity.hand_in("filter_save", f"Asked to save the filter {plain(name)}.", name=name, filter=wanted, seen=seen)
    st.session_state["filter-name"] = ""
