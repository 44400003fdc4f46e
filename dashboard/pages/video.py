"""Video: one video's player and facts beside its timeline, people, moments, markers, runs and exports.

Each section is one function in a module of its own, called as

    section(con: results.Connection, video: dict, tracks: pd.DataFrame, faces: pd.DataFrame, look: Look) -> None

with the video as from `results.video`, tracks and faces of its current run as from `results`, and what the controls are
set to. Only the chosen section is computed.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import streamlit as st

from dashboard import (
    activity,
    answers,
    context,
    listing,
    video_alerts,
    video_exports,
    video_markers,
    video_moments,
    video_people,
    video_runs,
    video_timeline,
)
from dashboard.choosing import one_of
from dashboard.look import Look, labelled
from dashboard.player import follow, player
from dashboard.video_controls import controls
from dashboard.words import clock, duration, missing, one_line, percent, plain, signed, size, smoothing
from db import annotation_results, people_results, results

SECTIONS = {
    "Timeline": video_timeline.section,
    "People": video_people.section,
    "Moments": video_moments.section,
    "Markers": video_markers.section,
    "Runs": video_runs.section,
    "Exports": video_exports.section,
}

# Of a name of any length the title shows three lines. On a wide screen the player stays in sight while one reads down
# the right side; on a narrow one the columns lie below each other.
STYLE = """<style>
h1 { overflow-wrap: anywhere; overflow: hidden; display: -webkit-box; -webkit-box-orient: vertical;
    -webkit-line-clamp: 3; }
[data-testid=stCaptionContainer] { overflow-wrap: anywhere; }
@media (min-width: 900px) {
    [data-testid=stColumn]:has(.st-key-beside) {
        position: sticky; top: 4.5rem; align-self: flex-start; max-height: calc(100vh - 5rem); overflow-y: auto;
    }
}
</style>"""


def page() -> None:
    """The whole page, from top to bottom."""
    context.within_app()
    st.html(STYLE)
    seen = context.snapshot()
    con = context.connection()
    videos = listing.with_state(results.videos(con)) if con else pd.DataFrame()
    if videos.empty:
        st.title("Video", anchor=False)
        st.info("There is no video yet: add one in the library.")
        st.page_link("pages/library.py", label="To the library", icon=":material/video_library:")
        return
    left, right = st.columns([3, 2], vertical_alignment="center")
    with right:
        video_id = choose(videos)
    video = results.video(con, video_id) if video_id else None
    if video is None:
        news(seen, None)
        return
    row = videos[videos["video_id"] == video_id].iloc[0]
    follow(video_id, st.query_params.get("t"))
    with left:
        header(video)
    news(seen, video["newest"])
    barred = context.without_consent(con).get(video_id)
    if barred and (video["newest"] is None or video["newest"]["state"] == "queued"):
        st.info(plain(barred), icon=":material/shield_person:")
    if video["current"] is None:
        player(video)
    elif not video["current"]["frames_with_face"]:
        no_face(video)
        facts(video, row)
    else:
        body(con, video, row)


def choose(videos: pd.DataFrame) -> str | None:
    """The video to show: the one in the address, else the newest; choosing another changes the address."""
    ids = list(videos["video_id"])
    wanted = st.query_params.get("video")
    if wanted is not None and wanted not in ids:
        st.warning("There is no such video in the library, or it has been deleted. Choose another:")

    def changed(video_id: str | None) -> None:
        st.query_params["video"] = video_id
        for name in ("person", "t"):  # who is somebody else there, and the moment another one
            st.query_params.pop(name, None)

    # The key carries the address, so that following a link wins over what was chosen before.
    return one_of(
        "Video", dict(zip(ids, videos["name"].map(one_line), strict=True)), key=f"choose-{wanted}",
        index=ids.index(wanted) if wanted in ids else None if wanted else 0, on_change=changed,
        placeholder="Choose a video", label_visibility="collapsed",
    )  # fmt: skip


def header(video: dict) -> None:
    """Name, and what the video is."""
    st.title(plain(video["name"]), anchor=False)
    zone = context.zone()
    belongs = [("Subject", "subject"), ("Cohort", "cohort"), ("Session", "session")]
    st.caption(
        " · ".join(
            [
                *(f"{word} {plain(video[name])}" for word, name in belongs if video[name]),
                f"added {listing.moment(video['added_at'], zone)}",
                *([f"recorded {listing.moment(video['recorded_at'], zone)}"] if video["recorded_at"] else []),
                *([f"{video['width']} × {video['height']}"] if video["width"] else []),
                *([plain(video["codec"])] if video["codec"] else []),
                size(video["size_bytes"]),
            ]
        )
    )


def facts(video: dict, row: pd.Series) -> None:
    """What the analysis found, and how it was made."""
    run = video["current"]
    pairs = st.columns(2, wrap=False), st.columns(2, wrap=False)
    pairs[0][0].metric("Length", clock(video["duration_s"]))
    pairs[0][1].metric("Face in view", percent(row["coverage"]), help="Share of the frames looked at.")
    pairs[1][0].metric("People", "–" if missing(row["tracks"]) else int(row["tracks"]))
    pairs[1][1].metric("Mean valence", signed(row["mean_valence"]), help="From −1 (negative) to +1 (positive).")
    st.caption(
        " · ".join(
            [
                f"Model {plain(run['model_id'])}" if run["model_id"] else "Model unknown",
                f"detector {activity.DETECTORS.get(run['detector'], plain(run['detector']))}",
                *([f"on {plain(run['device'])}"] if run["device"] else []),
                f"{run['sample_fps']:g} frames a second, {run['frames_sampled']:,} looked at",
                f"smoothing: {smoothing(run['smoothing'])}",
                f"took {duration(run['seconds'])}",
            ]
        )
    )
    if run["note"]:
        st.warning(plain(run["note"]), icon=":material/content_cut:")
    if run["corrupt_packets"]:
        st.caption(f":material/warning: {run['corrupt_packets']} damaged parts of the file were skipped.")


@st.fragment(run_every=1.0)
def news(seen: Path | None, newest: dict | None) -> None:
    """What is going on with this video; draws itself every second, and the whole page when there are new results."""
    activity.refresh_when_new(seen)
    if newest is None or newest["state"] == "done":
        return
    state = context.processor()
    if newest["state"] == "failed":
        st.error(f"The analysis failed: {plain(newest['error'] or 'no reason was given')}", icon=":material/error:")
    elif newest["state"] == "cancelled":
        st.info("The analysis was cancelled.", icon=":material/cancel:")
    elif not context.running(state):
        activity.processor_line(state)
    else:
        job = next((job for job in state.jobs if job["run_id"] == newest["run_id"]), None)
        if job:
            activity.job(job, key="video")
            context.say_what_was_asked()
        else:
            st.info("This video waits in the queue for its analysis.", icon=":material/hourglass_empty:")
    if newest["state"] in ("failed", "cancelled"):
        label = "Retry" if newest["state"] == "failed" else "Analyse again"
        st.button(
            label,
            icon=":material/replay:",
            on_click=activity.reprocess,
            args=(newest["video_id"], "this video"),
        )


def no_face(video: dict) -> None:
    """A finding: nobody was seen."""
    run = video["current"]
    st.info(
        f"No face was found in any of the {run['frames_sampled']:,} frames looked at: coverage 0 %. "
        "This is a finding, not an error.",
        icon=":material/face_retouching_off:",
    )
    st.markdown(
        "If there is somebody in the picture, try in this order:\n"
        "- the YuNet detector, where Haar was used: `python -m processor models pull`, then analyse again\n"
        "- a smaller smallest face, for people far away: setting `min_face_px`\n"
        "- more frames a second, for somebody seen only for a moment: setting `sample_fps`"
    )
    st.button(
        "Analyse again", icon=":material/replay:", on_click=activity.reprocess, args=(video["video_id"], video["name"])
    )
    player(video)


def body(con: results.Connection, video: dict, row: pd.Series) -> None:
    """Player and facts on the left; controls and the chosen section on the right."""
    run_id = video["current"]["run_id"]
    tracks = results.tracks(con, run_id)
    faces = context.faces(run_id)
    markers = annotation_results.markers(con, video["video_id"])
    excluded = annotation_results.excluded(con, video["video_id"])
    left, right = st.columns([2, 3], gap="large")
    with right:
        look = controls(video, tracks, people_results.baselines(con, run_id))
        left_out(excluded)
        video_alerts.line(con, video)
        name = st.segmented_control(
            "Section", list(SECTIONS), default="Timeline", required=True, key="section", bind="query-params",
            label_visibility="collapsed", wrap=True,
        )  # fmt: skip
        answers.say(con)
    with left, st.container(key="beside"):
        everyone = labelled(faces, Look(None, look.method, look.window_s, look.threshold))
        player(video, everyone, tracks, markers, excluded, look.track_id)
        facts(video, row)
    with right:
        SECTIONS[name](con, video, tracks, faces, look)


def left_out(excluded: pd.DataFrame) -> None:
    """How much of the video counts in no figure of the sections."""
    if not excluded.empty:
        held_s = float((excluded["to_s"] - excluded["from_s"]).sum())
        ranges = "one range" if len(excluded) == 1 else f"{len(excluded)} ranges"
        st.caption(
            f":material/content_cut: {duration(held_s)} of this video are excluded ({ranges}) and count in nothing "
            "below. The figures beside the player and in the library are those of the whole video."
        )


page()
