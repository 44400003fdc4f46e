"""Section Moments of the video page: what is worth looking at first, ticked off as it is looked at; transitions."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import activity, downloads, moment_charts, timeline, video_alerts
from dashboard.choosing import several_of
from dashboard.drawing import draw
from dashboard.look import UNDECIDED, Look, labelled
from dashboard.moments import KINDS, key_moments, tenths
from dashboard.palette import EMOTION_COLOURS, GREY
from dashboard.player import stills
from dashboard.transitions import transitions
from dashboard.words import one_line, percent, person, plain
from db import annotation_results, results
from db.emotions import EMOTIONS

WHAT_COUNTS = (
    "A **peak**: an emotion other than neutral rises by 20 percentage points or more above what is around it; the "
    "three strongest of each emotion that are 5 s apart. A **change**: the mean of valence shifts by 0.3 or more and "
    "stays for 3 s; the five strongest. A **longest stretch**: for how long an emotion is the most probable one "
    "without a break, from 1 s on. Each for every person by itself; gaps and excluded ranges end whatever is looked "
    "for. They are found with the smoothing and in the part chosen above."
)


def section(con: results.Connection, video: dict, tracks: pd.DataFrame, faces: pd.DataFrame, look: Look) -> None:
    """Key moments and transitions. Arguments as every section of the page takes them (see dashboard/pages/video.py)."""
    video_alerts.section(con, video, faces)
    rows = labelled(faces, look)
    if rows.empty:
        st.info("Nobody is to be seen in this part of the video, or it is excluded.")
        return
    names = {int(row.track_id): person(row.track_id, row.label) for row in tracks.itertuples()}
    found = placed(key_moments(rows), rows, names)
    stored = annotation_results.reviewed(con, video["current"]["run_id"])
    st.subheader("Key moments", anchor=False, help=WHAT_COUNTS)
    if found.empty:
        st.info("Nothing stands out here: no emotion peaks, valence does not shift, and no emotion lasts for a second.")
    else:
        listing(video, found, rows, look, stored)
    st.subheader("Transitions", anchor=False)
    changes(rows)


def placed(found: pd.DataFrame, rows: pd.DataFrame, names: dict[int, str]) -> pd.DataFrame:
    """The moments with the person's name (`who`), the face's box (x, y, w, h) and `valence`.

    found: as from `key_moments` of rows, which are as from `look.labelled`. Of a stretch the box is that of its first
    face, and valence the mean over it.
    """
    boxes = rows[["track_id", "t_s", "x", "y", "w", "h", "valence"]].drop_duplicates(["track_id", "t_s"])
    out = found.merge(boxes, on=["track_id", "t_s"], how="left", validate="many_to_one")
    for place in out.index[out["kind"] == "stretch"]:
        one = out.loc[place]
        within = (rows["track_id"] == one["track_id"]) & (rows["t_s"] >= one["t_s"]) & (rows["t_s"] < one["end_s"])
        out.loc[place, "valence"] = rows.loc[within, "valence"].mean()
    return out.assign(who=[names.get(track, person(track, None)) for track in out["track_id"]])


# A fragment, so that filters and ticks draw the player and its lines not again.
@st.fragment
def listing(video: dict, found: pd.DataFrame, rows: pd.DataFrame, look: Look, stored: set[str]) -> None:
    """The moments that the filters let through: on the line of valence, as a list with pictures, as a file."""
    run = video["current"]
    ticked = known(run["run_id"], stored)
    reviewed = found["moment"].isin(ticked)
    shown = filters(found, reviewed)
    st.markdown(f"**{reviewed.sum()} of {len(found)} reviewed**")
    if shown.empty:
        st.info("No key moment is of these kinds. Choose more of them.")
        return
    course = timeline.course(rows, look.from_s, timeline.bin_s(rows["nth"].nunique(), look.from_s, look.to_s))
    draw(
        "moments", moment_charts.moments(course, shown, look.from_s, look.to_s), as_table(shown, ticked),
        f"{len(shown)} key moments on the line of valence, the first of them: {shown['text'].iloc[0]}",
    )  # fmt: skip
    several = found["track_id"].nunique() > 1
    tick = stills(video, [_picture(row, several, ticked) for row in shown.itertuples()], "stills-moments", ticks=True)
    if tick:
        review(run["run_id"], tick["id"], tick["ticked"])
        st.rerun(scope="fragment")
    st.download_button(
        "Key moments as CSV", as_csv(shown, ticked), downloads.file_name(video["name"], "moments.csv"), "text/csv",
        key="save-moments", on_click="ignore", icon=":material/download:",
    )  # fmt: skip


def filters(found: pd.DataFrame, reviewed: pd.Series) -> pd.DataFrame:
    """Controls for kind, emotion, person and what is left to review; the moments that they let through."""
    kinds = [kind for kind in KINDS if (found["kind"] == kind).any()]
    emotions = [emotion for emotion in EMOTIONS if (found["emotion"] == emotion).any()]
    people = dict(sorted(zip(found["track_id"], found["who"], strict=True)))
    chosen = st.pills(
        "Kinds", kinds, selection_mode="multi", default=kinds, format_func=KINDS.get, key="moment-kinds",
        help="Emotions are those of peaks and stretches.",
    )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="bottom"):
        of = st.multiselect("Emotions", emotions, key="moment-emotions", placeholder="All", width=260)
        who = []
        if len(people) > 1:
            called = {track: one_line(name) for track, name in people.items()}
            who = several_of("People", called, key="moment-people", placeholder="All", width=260)
        left = st.toggle("Only those to review", key="moment-left")
    keep = found["kind"].isin(chosen)
    if of:
        keep &= found["emotion"].isin(of)
    if who:
        keep &= found["track_id"].isin(who)
    if left:
        keep &= ~reviewed
    return found[keep].reset_index(drop=True)


def known(run_id: int, stored: set[str]) -> set[str]:
    """The moments that are ticked: those in the store, with what was asked for here and has not got there yet."""
    asked: dict[str, bool] = st.session_state.setdefault(f"review-asked-{run_id}", {})
    for moment in [moment for moment, ticked in asked.items() if (moment in stored) == ticked]:
        del asked[moment]
    return (stored | {moment for moment, ticked in asked.items() if ticked}) - {
        moment for moment, ticked in asked.items() if not ticked
    }


def review(run_id: int, moment: str, ticked: bool) -> None:
    """Ask for a tick to be set or taken away."""
    message = "Asked to tick the moment as reviewed." if ticked else "Asked to take the tick away."
    activity.hand_in("review", message, run_id=int(run_id), moment=moment, reviewed=ticked)
    st.session_state[f"review-asked-{run_id}"][moment] = ticked


def _picture(row, several: bool, ticked: set[str]) -> dict:
    """A moment as a row of the list of pictures. row: of `placed`; several: whether there are other people."""
    strength = {
        "peak": lambda: f"stands out by {percent(row.strength)}",
        "change": lambda: f"by {row.strength:.1f}",
        "stretch": lambda: "",
    }[row.kind]()
    return {
        "id": row.moment,
        "t_s": row.t_s,
        "box": (row.x, row.y, row.w, row.h),
        "title": row.text,
        "text": " · ".join(part for part in (row.who if several else "", strength) if part),
        "colour": EMOTION_COLOURS.get(row.emotion, GREY),
        "ticked": row.moment in ticked,
    }


def as_table(found: pd.DataFrame, ticked: set[str]) -> pd.DataFrame:
    """The moments as people read them."""
    return pd.DataFrame(
        {
            "Time": found["t_s"].map(tenths),
            "What": found["text"],
            "Person": found["who"].map(one_line),
            "Strength": found["strength"].round(2),
            "Reviewed": found["moment"].isin(ticked).map({True: "yes", False: "no"}),
        }
    )


def as_csv(found: pd.DataFrame, ticked: set[str]) -> bytes:
    """The moments as a file: moment, kind, emotion, track_id, person, t_s, end_s, strength, text, reviewed."""
    rows = found.assign(person=found["who"], reviewed=found["moment"].isin(ticked))
    rows = rows[["moment", "kind", "emotion", "track_id", "person", "t_s", "end_s", "strength", "text", "reviewed"]]
    return downloads.guard(rows.round({"t_s": 3, "end_s": 3, "strength": 3})).to_csv(index=False).encode()


def changes(rows: pd.DataFrame) -> None:
    """From which emotion to which the faces change."""
    pairs = transitions(rows)
    total = int(pairs["count"].sum())
    if not total:
        st.info("No emotion changes into another one here, as far as it was seen without a break.")
        return
    most = pairs.loc[pairs["count"].idxmax()]
    times = "once" if most["count"] == 1 else f"{most['count']:,} times"
    undecided = " Undecided counts as one more emotion." if (pairs["from"] == UNDECIDED).any() else ""
    sentence = (
        f"{total:,} changes from one emotion to another, most often from {most['from']} to {most['to']} "
        f"({times}, {percent(most['share'])} of the changes away from {most['from']}).{undecided}"
    )
    st.markdown(plain(sentence))
    table = pairs[pairs["count"] > 0].sort_values("count", ascending=False, kind="stable")
    table = table.assign(share=table["share"].map(percent)).set_axis(["From", "To", "Changes", "Share of row"], axis=1)
    draw("transitions", moment_charts.transitions(pairs, st.context.theme.type == "dark"), table, sentence)
