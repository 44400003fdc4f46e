"""Files that the processor makes of a video on request, in the section Exports: annotated video, clips, copy."""

from __future__ import annotations

import html
from pathlib import Path

import streamlit as st

from dashboard import activity, context, downloads, media
from dashboard.choosing import one_of
from dashboard.look import Look, labelled
from dashboard.moments import KINDS, key_moments
from dashboard.words import clock, duration, one_line, percent, plain, size
from db import annotation_results, made_results, results
from processor.making_form import MAX_MOMENTS

TITLES = {"proxy": "Playable copy", "annotated": "Annotated video", "clips": "Clips of moments"}
_UNSEEN = "Faces that the analysis never found stay visible: watch the result before you share it."


def made(con: results.Connection, video: dict, look: Look) -> None:
    """What can be asked for, and what has been made. video: as from results.video, with a current run."""
    st.subheader("Video files", anchor=False)
    st.caption("The processor makes these while you go on; they stay until you delete them or room is needed.")
    left, right = st.columns(2, gap="large")
    with left:
        _annotated(video, look)
    with right:
        _clips(con, video, look)
    _list(made_results.made_files(con, video["video_id"]))


def _annotated(video: dict, look: Look) -> None:
    st.markdown("**Annotated video**: the whole video with its sound, and a box around every face")
    labels = st.checkbox("Names and emotions beside the boxes", value=True, key="annotated-labels")
    blur = st.checkbox("Blur faces", key="annotated-blur", help=_UNSEEN)
    options = {
        "labels": labels, "blur": blur, "method": look.method, "window_s": float(look.window_s),
        "threshold": float(look.threshold),
    }  # fmt: skip
    _ask("Make the annotated video", video, "annotated", options)


def _clips(con: results.Connection, video: dict, look: Look) -> None:
    st.markdown("**Clips of moments**: a ZIP of short videos with their sound")
    moments = _moments(con, video, look)
    if not moments:
        st.info("There is no key moment and no marker in what is shown now.")
        return
    names = {name: f"{one_line(name)} ({len(those)})" for name, those in moments.items()}
    kind = one_of("Moments", names, key="clips-of")
    before, after = st.columns(2, wrap=False)
    before_s = before.number_input("Seconds before", 0.0, 60.0, 2.0, 0.5, key="clips-before")
    after_s = after.number_input("Seconds after", 0.0, 60.0, 3.0, 0.5, key="clips-after")
    blur = st.checkbox("Blur faces", key="clips-blur", help=_UNSEEN)
    chosen = moments[kind][:MAX_MOMENTS]
    if len(moments[kind]) > MAX_MOMENTS:
        st.caption(f"The first {MAX_MOMENTS} of them.")
    options = {"moments": chosen, "before_s": before_s, "after_s": after_s, "blur": blur}
    _ask("Make the clips", video, "clips", options, possible=before_s + after_s > 0)


def _moments(con: results.Connection, video: dict, look: Look) -> dict[str, list[dict]]:
    """What clips can be made of: by key moments or kind of marker, each {t_s, name}, in order of time."""
    faces = context.faces(video["current"]["run_id"])
    found = key_moments(labelled(faces, look))
    kinds = {"All key moments": found, **{title: found[found["kind"] == kind] for kind, title in KINDS.items()}}
    moments = {
        title: [{"t_s": float(row.t_s), "name": f"{row.kind} {row.emotion or ''}".strip()} for row in rows.itertuples()]
        for title, rows in kinds.items()
    }
    markers = annotation_results.markers(con, video["video_id"])
    markers = markers[(markers["t_s"] >= look.from_s) & (markers["t_s"] < look.to_s)]
    for kind, rows in markers.groupby("kind", sort=True):
        moments[f"Markers: {kind}"] = [{"t_s": float(t_s), "name": kind} for t_s in rows["t_s"]]
    return {title: rows for title, rows in moments.items() if rows}


def _ask(label: str, video: dict, what: str, options: dict, possible: bool = True) -> None:
    st.button(
        label, icon=":material/movie:", key=f"make-{what}", disabled=not possible, on_click=activity.hand_in,
        args=("make", f"Asked for: {TITLES[what].lower()}."),
        kwargs={"video_id": video["video_id"], "what": what, "options": options},
    )  # fmt: skip


def _list(rows: list[dict]) -> None:
    st.markdown("**Made so far**")
    if not rows:
        st.caption("Nothing yet.")
    for row in rows:
        with st.container(horizontal=True, vertical_alignment="center", key=f"made-{row['made_id']}"):
            _row(row)


def _row(row: dict) -> None:
    title = f"**{TITLES[row['kind']]}**{_how(row)}"
    if row["state"] == "done":
        st.markdown(title)
        name = downloads.file_name(row["video_name"], row["kind"] + Path(row["file"]).suffix)  # as media.py names it
        address = html.escape(media.made_url(row), quote=True)
        st.html(f'<a href="{address}" download>Download {html.escape(name)}</a> ({size(row["size_bytes"])})')
    elif row["state"] in ("queued", "running"):
        _progress(row, title)
    else:
        st.markdown(f"{title}: {plain(row['error'] or 'it was cancelled.')}")
    words = {"queued": "Cancel", "running": "Cancel"}.get(row["state"], "Delete")
    st.button(
        words, key=f"unmake-{row['made_id']}", icon=":material/close:" if words == "Cancel" else ":material/delete:",
        help=f"{words}: {TITLES[row['kind']].lower()}", on_click=activity.hand_in, kwargs={"made_id": row["made_id"]},
        args=("unmake", f"Asked to {words.lower()}: {TITLES[row['kind']].lower()}."),
    )  # fmt: skip


def _how(row: dict) -> str:
    """How it was asked for, in a few words."""
    options = row["options"]
    said = ["faces blurred"] if options.get("blur") else []
    if row["kind"] == "annotated" and not options.get("labels", True):
        said.append("boxes only")
    if row["kind"] == "clips":
        moments = options["moments"]
        said.append(f"{len(moments)} from {clock(moments[0]['t_s'])} on")
        said.append(f"{options['before_s']:g} s before to {options['after_s']:g} s after")
    return "".join(f" · {part}" for part in said)


# Draws itself every second; the whole page follows when a new snapshot says that the file is there.
@st.fragment(run_every=1.0)
def _progress(row: dict, title: str) -> None:
    state = context.processor()
    if not context.running(state):
        st.markdown(f"{title}: waits for the processor, which is not running")
        return
    job = next((job for job in state.making if job["made_id"] == row["made_id"]), None)
    if job is None:
        st.markdown(f"{title}: waits for its turn")
        return
    share = min(max(job.get("share") or 0.0, 0.0), 1.0)
    left = f" · about {duration(job['eta_s'])} left" if job.get("eta_s") is not None else ""
    st.progress(share, text=f"{title} · {percent(share)}{left}")
