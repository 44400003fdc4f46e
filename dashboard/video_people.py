"""People: who is seen when, how they are called, who is who, and the stretch that counts as their neutral.

Every change is a request to the processor, which works the results out anew without looking at the video again.
"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import streamlit as st

from dashboard import activity, answers, charts, findings, timeline
from dashboard.choosing import one_of
from dashboard.drawing import draw
from dashboard.look import Look, labelled
from dashboard.marker_times import exact, seconds_of
from dashboard.people_rows import best_faces, neutral_stretch, overview, said, together
from dashboard.player import seek, stills
from dashboard.words import clock, duration, one_line, percent, plain, signed
from dashboard.words import person as called
from db import people_results, results
from processor.metadata import MAX_TEXT

SHOWN = 12  # people, the most seen; the rest on request
LINKS = 5  # other videos of a person


def section(con: results.Connection, video: dict, tracks: pd.DataFrame, faces: pd.DataFrame, look: Look) -> None:
    """Everybody who is in the whole video, whatever part and person is looked at, and what can be done about them."""
    run = video["current"]
    frames = results.frames(con, run["run_id"])
    whole = labelled(faces, replace(look, track_id=None, from_s=0.0, to_s=float("inf")))
    people = overview(whole, tracks, frames)
    names = {row.track_id: called(row.track_id, row.label) for row in people.itertuples()}
    undo(run, people_results.edits(con, run["run_id"]))
    seen(run, people, frames, faces)
    everyone = st.toggle(f"Show all {len(people)} people", key="people-all") if len(people) > SHOWN else False
    shown = people if everyone else people.head(SHOWN)
    for row in shown.itertuples():
        one(con, video, row)
    if st.toggle("Show pictures", key="people-pictures", help="The best picture of each, taken from the video itself."):
        pictures(video, shown, faces, frames, names)
    st.subheader("Change who is who", anchor=False)
    if on_their_way(run):
        st.caption(":material/hourglass_empty: Your change is on its way; what you see here is from before it.")
    tabs = st.tabs(["Merge", "Split", "Baseline"], key="people-change")
    with tabs[0]:
        merge(run, names, faces)
    with tabs[1]:
        split(run, names, people, look)
    with tabs[2]:
        baseline(run, names, whole, people_results.baselines(con, run["run_id"]), look)


def undo(run: dict, edits: pd.DataFrame) -> None:
    """The last thing that was said of these people, and a button that takes it back."""
    if edits.empty:
        return
    sentences = said(edits)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            f"Undo: {plain(sentences[-1])}", icon=":material/undo:", key="people-undo",
            on_click=ask, args=(run, "people_undo", f"Asked to undo: {sentences[-1]}."),
            disabled=bool(on_their_way(run)),
        )  # fmt: skip
        if len(sentences) > 1:
            st.caption(f"{len(sentences) - 1} more before that")


def seen(run: dict, people: pd.DataFrame, frames: pd.DataFrame, faces: pd.DataFrame) -> None:
    """When each is in the picture."""
    end_s = float(frames["end_s"].max())
    spans = timeline.presence(faces, timeline.bin_s(len(frames), 0.0, end_s) or 0.0)
    labels = dict(zip(people["track_id"], people["label"], strict=True))
    names = [called(track, labels.get(track)) for track in spans["track_id"]]
    rows = pd.DataFrame({"Person": names, "From": spans["start_s"].map(clock), "To": spans["end_s"].map(clock)})
    draw(
        f"people-presence-{run['run_id']}", charts.presence(spans, labels, 0.0, end_s), rows,
        f"Who is in the picture. {findings.presence(spans, len(people))}",
    )  # fmt: skip


def one(con: results.Connection, video: dict, row) -> None:
    """A person: their name, to be changed in its place, and what is known of them. row: of people_rows.overview."""
    run = video["current"]
    # A name that could not be given must not stay in its field: with each change of the people there is a new one.
    key = f"name-{run['run_id']}-{run['people_revision']}-{row.track_id}"
    others = people_results.also_in(con, row.label, video["video_id"]) if row.label else pd.DataFrame()
    with (
        st.container(border=True, key=f"person-{row.track_id}"),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        st.text_input(
            f"Name of person {row.track_id}", row.label or "", max_chars=MAX_TEXT, key=key, placeholder="No name yet",
            on_change=rename, args=(run, row.track_id, row.label, key), width=260,
        )  # fmt: skip
        st.button(
            "Go to", icon=":material/play_arrow:", key=f"go-{row.track_id}", on_click=seek, args=(row.first_s,),
            help="Moves the player to where this person is first seen.",
        )  # fmt: skip
        facts = [
            f"{clock(row.first_s)} to {clock(row.last_s + 1 / run['sample_fps'])}",
            f"seen {duration(row.seconds)}, in {percent(row.share)} of the frames",
            f"mean valence {signed(row.mean_valence)}",
            "only where it is excluded" if row.main is None else f"mostly {row.main}",
        ]
        st.caption(" · ".join(facts))
        for other in others.head(LINKS).itertuples():
            st.page_link(
                "pages/video.py", label=f"Also in {plain(other.video)}", icon=":material/person_search:",
                query_params={"video": other.video_id},
            )  # fmt: skip
        if len(others) > LINKS:
            st.caption(f"and in {len(others) - LINKS} more videos")


def rename(run: dict, track_id: int, label: str | None, key: str) -> None:
    """Ask for the name that has been typed; an empty field takes the name away."""
    name = st.session_state[key].strip() or None
    # Enter and leaving the field can both tell of the same name.
    said_already = on_their_way(run) and st.session_state.get(f"{key}-asked") == name
    if name != label and not said_already:
        st.session_state[f"{key}-asked"] = name
        message = f"Asked to call person {track_id} {one_line(name)}." if name else "Asked to take the name away."
        ask(run, "people_name", message, track_id=int(track_id), name=name)


def pictures(video: dict, people: pd.DataFrame, faces: pd.DataFrame, frames: pd.DataFrame, names: dict) -> None:
    """The best picture of each person; a click on one sends the player there."""
    best = best_faces(faces, frames)
    shown = [
        {
            "id": str(track), "t_s": face["t_s"], "box": (face["x"], face["y"], face["w"], face["h"]),
            "title": names[track], "text": f"at {clock(face['t_s'])}", "colour": None, "ticked": False,
        }
        for track in people["track_id"] if track in best.index for face in [best.loc[track]]
    ]  # fmt: skip
    stills(video, shown, key=f"people-stills-{video['current']['run_id']}")


# Fragments, so that a choice or a typed letter draws only this again; once a change is asked for, everything is.
@st.fragment
def merge(run: dict, names: dict[int, str], faces: pd.DataFrame) -> None:
    """Two tracks that are one person become one."""
    if len(names) < 2:
        st.caption("There is only one person in this video.")
        return
    st.caption("Two that are the same person: their results are put together. The second one's name stays.")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        who = choose("This person", names, f"merge-who-{run['run_id']}", first=1)
        into = choose("is the same as", names, f"merge-into-{run['run_id']}")
        at_s = None if who == into else together(faces, who, into)
        message = f"Asked to merge {names[who]} into {names[into]}."
        if st.button(
            "Merge", icon=":material/merge:", key="people-merge",
            disabled=who == into or at_s is not None or bool(on_their_way(run)),
            on_click=ask, args=(run, "people_merge", message), kwargs={"track_id": who, "into_id": into},
        ):  # fmt: skip
            st.rerun()
    if who == into:
        st.caption("Choose two different people.")
    elif at_s is not None:
        st.caption(
            f":material/block: They are in the picture together at {clock(at_s)}, so they can't be one person. If one "
            "of them is two people under one name, split them first."
        )


@st.fragment
def split(run: dict, names: dict[int, str], people: pd.DataFrame, look: Look) -> None:
    """One track that is two people: from a moment on it is somebody else."""
    st.caption("One who is really two people: from the time given on they are somebody new, without a name.")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        who = choose("Person to split", names, f"split-who-{run['run_id']}", look)
        text = st.text_input(
            "Somebody else from (m:ss)", key=f"split-at-{run['run_id']}", placeholder="1:15.5", width=220, live=True
        )
        row = people[people["track_id"] == who].iloc[0]
        at_s = seconds_of(text)
        possible = at_s is not None and row["first_s"] < at_s <= row["last_s"]
        message = f"Asked to split {names[who]} at {exact(at_s)}."
        if st.button(
            "Split", icon=":material/call_split:", key="people-split",
            disabled=not possible or bool(on_their_way(run)),
            on_click=ask, args=(run, "people_split", message), kwargs={"track_id": who, "at_s": at_s},
        ):  # fmt: skip
            st.rerun()
    if text and at_s is None:
        st.caption(f":material/error: {plain(text[:60])} is no time: write it as 1:15 or 75.5.")
    elif text and not possible:
        st.caption(
            f":material/error: {plain(names[who])} is seen from {exact(row['first_s'])} to {exact(row['last_s'])}: "
            "choose a time after the first and up to the last."
        )


@st.fragment
def baseline(run: dict, names: dict[int, str], whole: pd.DataFrame, chosen: pd.DataFrame, look: Look) -> None:
    """The stretch of a person to which values can be shown relative."""
    st.caption(
        "A stretch in which a person is at rest. Charts can show everything relative to its mean, which takes out how "
        "somebody looks by nature."
    )
    who = choose("Whose baseline", names, f"baseline-who-{run['run_id']}", look)
    chosen = chosen[chosen["track_id"] == who]
    now = tuple(chosen.iloc[0][["from_s", "to_s"]]) if len(chosen) else None
    # The fields begin with what is stored, and begin anew when that changes.
    keys = [f"baseline-{side}-{run['run_id']}-{who}-{now}" for side in ("from", "to")]
    for place, key in enumerate(keys):
        st.session_state.setdefault(key, exact(now[place]) if now else "")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        texts = [
            st.text_input(f"{label} (m:ss)", key=key, placeholder="0:10", width=130, live=True)
            for label, key in zip(("Baseline from", "to"), keys, strict=True)
        ]
        found = neutral_stretch(whole, who)
        st.button(
            "Suggest", icon=":material/auto_fix_high:", key="baseline-suggest", disabled=found is None,
            help="The longest stretch in which this person is seen all the time and labelled neutral.",
            on_click=fill, args=(keys, found),
        )  # fmt: skip
        from_s, to_s = map(seconds_of, texts)
        own = whole[whole["track_id"] == who]["t_s"]
        possible = from_s is not None and to_s is not None and 0 <= from_s < to_s
        possible = possible and bool(((own >= from_s) & (own < to_s)).any())
        asked = st.button(
            "Set baseline", icon=":material/check:", key="baseline-set", disabled=not possible or (from_s, to_s) == now,
            on_click=activity.hand_in, args=("baseline", f"Asked for a new baseline of {plain(names[who])}."),
            kwargs={"run_id": run["run_id"], "track_id": who, "from_s": from_s, "to_s": to_s},
        )  # fmt: skip
        if now:
            asked |= st.button(
                "Remove", icon=":material/delete:", key="baseline-remove", help="This person has no baseline then.",
                on_click=activity.hand_in, args=("baseline", f"Asked to remove the baseline of {plain(names[who])}."),
                kwargs={"run_id": run["run_id"], "track_id": who, "from_s": None, "to_s": None},
            )  # fmt: skip
    if asked:
        st.rerun()
    if found is None:
        st.caption("This person is never labelled neutral, so there is nothing to suggest: choose a stretch yourself.")
    if all(texts) and not possible:
        st.caption(
            ":material/error: This is no stretch in which they are seen: write two times as 1:15 or 75.5, the first "
            "before the second."
        )
    st.caption(f"Baseline now: {exact(now[0])} to {exact(now[1])}." if now else "There is no baseline yet.")


def fill(keys: list[str], times: tuple[float, float]) -> None:
    """Write a suggestion into its two fields."""
    for key, seconds in zip(keys, times, strict=True):
        st.session_state[key] = exact(seconds)


def choose(label: str, names: dict[int, str], key: str, look: Look | None = None, first: int = 0) -> int:
    """One of the people: at first the one who is looked at, or the `first` of all."""
    tracks = list(names)
    if look is not None and look.track_id in names:
        first = tracks.index(look.track_id)
    return one_of(label, names, key=key, index=first, width=220)


def ask(run: dict, kind: str, message: str, **payload) -> None:
    """Hand in a change of the people as they are shown, and as this window's changes on their way will make them."""
    seen = {"run_id": int(run["run_id"]), "revision": int(run["people_revision"]), "after": on_their_way(run)}
    request_id = activity.hand_in(kind, plain(message), **seen, **payload)
    if request_id is not None:
        st.session_state[f"people-asked-{run['run_id']}"] = [*seen["after"], request_id]


def on_their_way(run: dict) -> list[str]:
    """The requests of this window about these people that are not in what is shown."""
    waiting = set(answers.waiting())
    return [asked for asked in st.session_state.get(f"people-asked-{run['run_id']}", ()) if asked in waiting]
