"""The controls of the Compare page. All that they are set to lives in the address, from which they are set again.

The address is the one truth: controls show what it says, and a change is written there before the page is drawn.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pandas as pd
import streamlit as st

from dashboard import context, listing
from dashboard.choice import GROUP_NAME, MOST_GROUPS, PERSONS, QUERY_NAMES, UNITS, Choice, Group, groups_by
from dashboard.compare_words import chosen_by, names_of
from dashboard.measures import VALUES
from dashboard.study import Study
from dashboard.words import missing, one_line, plain

EDIT, REMOVE = "Edit…", "Remove"
NEW = -1  # the place of a group that is not there yet
SHAPES = "●■▲◆✚▼"  # of palette.GROUP_SHAPES, as characters

_EDITING, _DRAFT = "compare-editing", "compare-draft"


def choice() -> Choice:
    """The comparison in the address."""
    return Choice.from_query(st.query_params)


def put(wanted: Choice) -> None:
    """Write a comparison into the address; what else is there stays."""
    for name in list(st.query_params):
        if name in QUERY_NAMES or GROUP_NAME.fullmatch(name):
            del st.query_params[name]
    st.query_params.update(wanted.to_query())


# --- Groups


def kinds(rows: pd.DataFrame) -> dict[str, str]:
    """By what there can be one group for each value: column (as groups_by takes it) to words. rows: units."""
    found = {name: name for name in ("cohort", "session", "subject") if rows[name].notna().any()}
    tags = sorted({name for tags in rows["tags"] if isinstance(tags, dict) for name in tags})
    return found | {f"tag:{name}": f"value of {one_line(name)}" for name in tags}


def groups(chosen: Choice, study: Study, rows: pd.DataFrame, filters: pd.DataFrame) -> None:
    """The groups as buttons with a menu each, and how to get more of them. rows: units; filters: the saved ones."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        for place, group in enumerate(chosen.groups):
            mark = SHAPES[(place + place // len(SHAPES)) % len(SHAPES)]
            action = st.menu_button(
                f"{mark} {plain(group.name)} · {study.n.get(group.name, 0)}",
                [EDIT, REMOVE],
                key=f"group-{place}-{group.name}",
                help=plain(chosen_by(group, names_of(rows))),
            )
            if action == EDIT:
                _edit(place, group)
            elif action == REMOVE:
                put(replace(chosen, groups=chosen.groups[:place] + chosen.groups[place + 1 :]))
                st.rerun()
        full = len(chosen.groups) >= MOST_GROUPS
        why = f"At most {MOST_GROUPS} groups can be compared: remove one first." if full else None
        if st.button("Add a group", icon=":material/add:", key="group-add", disabled=full, help=why):
            _edit(NEW, Group(_free_name(chosen)))
        each(chosen, rows)
    if _EDITING in st.session_state:
        _dialog(chosen, rows, filters)


def each(chosen: Choice, rows: pd.DataFrame) -> None:
    """The menu that makes one group for each value of something."""
    offered = kinds(rows)
    if not offered:
        return
    kind = st.menu_button(
        "One group for each", list(offered), key="group-each", icon=":material/account_tree:",
        type="secondary" if chosen.groups else "primary",
        format_func=lambda kind: plain(offered.get(kind, kind)),
    )  # fmt: skip
    if kind:
        start(chosen, rows, kind)


def start(chosen: Choice, rows: pd.DataFrame, kind: str) -> None:
    """One group for each value of something, in place of the groups there are. kind: one of `kinds`."""
    made = groups_by(rows, kind)
    if len(made) == MOST_GROUPS:
        context.ask(f"Up to {MOST_GROUPS} groups can be compared: here are the first ones by name.")
    put(replace(chosen, groups=made))
    st.rerun()


def _free_name(chosen: Choice) -> str:
    taken = {group.name for group in chosen.groups}
    return next(name for number in range(1, len(taken) + 2) if (name := f"Group {number}") not in taken)


def _edit(place: int, group: Group) -> None:
    """Open the dialog on a group; it stays until it is saved or dismissed."""
    _close()
    st.session_state[_EDITING] = place
    st.session_state[_DRAFT] = group


def _close() -> None:
    for key in [key for key in st.session_state if str(key).startswith("draft-")]:
        del st.session_state[key]
    st.session_state.pop(_EDITING, None)


@st.dialog("Group of videos", width="medium", on_dismiss=_close)
def _dialog(chosen: Choice, rows: pd.DataFrame, filters: pd.DataFrame) -> None:
    """Everything that a group can be chosen by; a video must fit all of it."""
    draft: Group = st.session_state[_DRAFT]
    place = st.session_state[_EDITING]
    name = st.text_input("Name", draft.name, key="draft-name", max_chars=80)
    st.caption(
        "A video belongs to the group if it fits everything that is chosen here; of several values, any will do."
    )
    columns = st.columns(3)
    picked = {
        f"{column}s": _several(where, column.capitalize(), listing.choices(rows, column), getattr(draft, f"{column}s"))
        for where, column in zip(columns, ("cohort", "subject", "session"), strict=True)
    }
    pairs = sorted({pair for tags in rows["tags"] if isinstance(tags, dict) for pair in tags.items()})
    if pairs or draft.tags:
        picked["tags"] = _several(st, "Tags", pairs, draft.tags, lambda pair: f"{pair[0]}: {pair[1]}")
    columns = st.columns(2)
    picked["from_day"] = _day(columns[0], "From (recorded or added)", draft.from_day)
    picked["to_day"] = _day(columns[1], "To", draft.to_day)
    saved = list(filters["name"])
    if saved or draft.filter_name:
        saved = saved if draft.filter_name in (None, *saved) else [*saved, draft.filter_name]
        picked["filter_name"] = st.selectbox(
            "Saved filter", saved, saved.index(draft.filter_name) if draft.filter_name else None, key="draft-filter",
            format_func=one_line, placeholder="None", help="Filters are saved on the Library page.",
        )  # fmt: skip
    names = names_of(rows)
    picked["videos"] = _several(
        st, "Videos", sorted(names, key=names.get), draft.videos, lambda video_id: names.get(video_id, "gone")
    )
    wanted = replace(draft, name=name.strip(), **picked)
    if not st.button("Save the group", type="primary", icon=":material/check:"):
        return
    others = {group.name for number, group in enumerate(chosen.groups) if number != place}
    if not wanted.name:
        st.error("Give the group a name: it is what the charts call it.")
    elif wanted.name in others:
        st.error(f"There is a group called {plain(wanted.name)} already: give this one another name.")
    elif wanted.from_day and wanted.to_day and wanted.from_day > wanted.to_day:
        st.error("The first day is after the last one: no video can fit that. Change one of the days.")
    else:
        whole = [*chosen.groups, wanted] if place == NEW else list(chosen.groups)
        if place != NEW:
            whole[place] = wanted
        put(replace(chosen, groups=tuple(whole)))
        _close()
        st.rerun()


def _several(where, label: str, options: list, picked: tuple, format_func: Callable = one_line) -> tuple:
    """Some of the options; what the address names and nobody has stays among them."""
    options = [*options, *(value for value in picked if value not in options)]
    return tuple(
        where.multiselect(
            label, options, list(picked), key=f"draft-{label}", placeholder="Any",
            format_func=lambda value: one_line(format_func(value)),
        )
    )  # fmt: skip


def _day(where, label: str, picked: str | None) -> str | None:
    day = where.date_input(label, date.fromisoformat(picked) if picked else None, key=f"draft-{label}")
    return None if missing(day) else day.isoformat()


# --- How it is compared


def settings(chosen: Choice) -> None:
    """Unit, whose face, which values, and what is left out."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="settings"):
        _mirror(
            st.segmented_control, "Unit", "unit", chosen.unit, options=list(UNITS), required=True,
            format_func=lambda value: UNITS.get(value, value),
            help="What is counted once. Sessions of the same subject are alike, so with several of them per subject "
            "the subject is the safer unit. A frame never is one.",
        )  # fmt: skip
        _mirror(
            st.selectbox, "Whose face", "person", chosen.person, options=list(PERSONS), width=270,
            format_func=lambda value: PERSONS.get(value, value),
        )  # fmt: skip
        _mirror(
            st.segmented_control, "Values", "values", chosen.values, options=list(VALUES), required=True,
            format_func=lambda value: VALUES.get(value, value),
        )  # fmt: skip
        lowest = (chosen.min_coverage, chosen.min_seconds, chosen.min_face_px, chosen.min_sharpness)
        rules = sum(value > 0 for value in lowest)
        with st.popover(f"Leave out ({rules})" if rules else "Leave out", icon=":material/filter_alt:"):
            _exclusions(chosen)


def _exclusions(chosen: Choice) -> None:
    _mirror(
        st.slider, "Face in view, at least", "min_coverage", round(chosen.min_coverage * 100), min_value=0,
        max_value=100, step=5, format="%d %%", read=lambda percent: percent / 100,
        help="Share of the frames that count in which there is a face.",
    )  # fmt: skip
    for label, field, most, help_ in (
        ("Person seen, at least (seconds)", "min_seconds", 36_000.0, "A few frames say little about a session."),
        ("Faces at least so wide (pixels)", "min_face_px", 2_000.0, "Median width of the faces in the video."),
        ("Sharpness, at least", "min_sharpness", 100_000.0, "Median over the frames; under 50 is blurred."),
    ):
        value = min(getattr(chosen, field), most)
        _mirror(st.number_input, label, field, float(value), min_value=0.0, max_value=most, step=1.0, help=help_)


def _mirror(
    widget: Callable, label: str, field: str, value: object, read: Callable = lambda value: value, **more
) -> None:
    """A control that shows what the address says, and writes there what is chosen. read: its value to the field's."""
    key = f"compare-{field}"

    def changed() -> None:
        put(replace(choice(), **{field: read(st.session_state[key])}))

    if st.session_state.get(key) != value:
        st.session_state[key] = value
    widget(label, key=key, on_change=changed, **more)
