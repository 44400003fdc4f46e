"""Video: one video's facts, its player, its timeline, and downloads."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import time, timedelta
from pathlib import Path

import altair as alt
import pandas as pd
import streamlit as st

from dashboard import activity, charts, context, listing, saving
from dashboard.player import player
from dashboard.words import clock, duration, missing, one_line, percent, person, plain, signed, size, smoothing
from dashboard.words import smoothing_window_s as window_of
from db import results

EVERYONE = 0  # no track has this number
SHORT_S = 180  # below this length, the distribution is shown in parts of ten seconds instead of minutes


ALT = {
    "presence": "Bars that show when each person is in the picture",
    "probabilities": "Lines of the probabilities of the seven emotions over time",
    "category": "Step line of the category, negative, neutral or positive, over time",
    "seconds": "Bars of the seconds per category",
    "shares": "Bars of each emotion's share of the time",
    "distribution": "Stacked bars of the emotions in each part of the video",
}


@dataclass(frozen=True)
class Shown:
    """What the controls are set to. track_id None: everyone."""

    track_id: int | None
    smoothed: bool
    from_s: float
    to_s: float


def page() -> None:
    """The whole page, from top to bottom."""
    context.within_app()
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
    with left:
        header(video)
    news(seen, video["newest"])
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
    names = dict(zip(ids, videos["name"], strict=True))

    def changed() -> None:
        st.query_params["video"] = st.session_state[key]

    # The key carries the address, so that following a link wins over what was chosen before.
    key = f"choose-{wanted}"
    return st.selectbox(
        "Video",
        ids,
        index=ids.index(wanted) if wanted in ids else None if wanted else 0,
        format_func=lambda video_id: one_line(names.get(video_id, video_id)),
        key=key,
        on_change=changed,
        placeholder="Choose a video",
        label_visibility="collapsed",
    )


def header(video: dict) -> None:
    """Name, and what the video is."""
    st.title(plain(video["name"]), anchor=False)
    belongs = [("Subject", "subject"), ("Cohort", "cohort"), ("Session", "session")]
    st.caption(
        " · ".join(
            [
                *(f"{word} {plain(video[name])}" for word, name in belongs if video[name]),
                f"added {listing.moment(video['added_at'])}",
                *([f"recorded {listing.moment(video['recorded_at'])}"] if video["recorded_at"] else []),
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
    """Player and facts on the left, the timeline on the right."""
    # The player stays in sight while one reads down the charts; on a narrow screen the columns lie below each other.
    st.html(
        "<style>@media (min-width: 900px) { [data-testid=stColumn]:has(.st-key-beside) "
        "{ position: sticky; top: 4.5rem; align-self: flex-start; } }</style>"
    )
    left, right = st.columns([2, 3], gap="large")
    with left, st.container(key="beside"):
        player(video)
        facts(video, row)
    with right:
        timeline(video, results.tracks(con, video["current"]["run_id"]))


# A fragment, so that a change of the controls does not read the video file again.
@st.fragment
def timeline(video: dict, tracks: pd.DataFrame) -> None:
    """Controls, all charts, downloads."""
    con = context.connection()
    run = video["current"]
    if con is None:
        return
    shown = controls(video, tracks)
    window = (shown.from_s, shown.to_s)
    bin_s = results.bin_s(con, run["run_id"], *window)
    window_s = window_of(run["smoothing"]) if shown.smoothed else 0.0
    series = results.series(con, run["run_id"], shown.track_id, *window, bin_s, window_s)
    present = results.presence(con, run["run_id"], *window, bin_s)
    drawn = {}
    if not present.empty:
        drawn["presence"] = charts.presence(present, *window)
    if not series.empty:
        seconds = results.seconds(con, run["run_id"], shown.track_id, *window)
        part_s = 10.0 if shown.to_s - shown.from_s < SHORT_S else 60.0
        parts = results.distribution(con, run["run_id"], shown.track_id, *window, part_s, shown.smoothed)
        drawn["probabilities"] = charts.probabilities(series, *window, probabilities_subtitle(run, shown, window_s))
        drawn["category"] = charts.category(series, *window, shown.smoothed, category_subtitle(run, shown))
        drawn["seconds"] = charts.category_seconds(seconds, shown.smoothed)
        drawn["shares"] = charts.shares(seconds, shown.smoothed)
        drawn["distribution"] = charts.distribution(parts, *window, part_s)
    for name in ("presence", "probabilities", "category", "distribution"):
        draw(name, drawn)
    if not series.empty:
        beside = st.columns(2)
        for column, name in zip(beside, ("seconds", "shares"), strict=True):
            with column:
                draw(name, drawn)
    if series.empty:
        st.info("This person is not in the picture in this part of the video.")
    if bin_s:
        st.caption(f"Lines are thinned to what a screen shows: one point is the mean of {bin_s:.1f} s.")
    saving.save(con, video, shown.track_id, drawn, about=shown)


def draw(name: str, drawn: dict[str, alt.TopLevelMixin]) -> None:
    """One chart, if there is something to show."""
    if name in drawn:
        st.altair_chart(drawn[name], width="stretch", key=f"chart-{name}", alt=ALT[name])


def controls(video: dict, tracks: pd.DataFrame) -> Shown:
    """Who, raw or smoothed, and which part of the video."""
    run = video["current"]
    end_s = max(video["duration_s"] or 0.0, float(tracks["last_s"].max()) + 1 / run["sample_fps"])
    names = {row.track_id: person(row.track_id, row.label) for row in tracks.itertuples()}
    names |= {EVERYONE: "Everyone together"} if len(names) > 1 else {}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        track_id = st.selectbox(
            "Person", list(names), format_func=lambda who: names.get(who, who), key=f"who-{run['run_id']}"
        )
        kind = st.segmented_control("Labels", ["Smoothed", "Raw"], default="Smoothed", required=True, key="kind")
    from_s, to_s = 0.0, math.ceil(end_s)
    if 20 <= to_s < 24 * 3600:  # the slider counts in times of day
        until = time_of(to_s)
        part = st.slider(
            "Part of the video", time_of(0), until, (time_of(0), until), timedelta(seconds=1),
            format="H:mm:ss" if to_s >= 3600 else "m:ss", key=f"part-{run['run_id']}",
        )  # fmt: skip
        from_s, to_s = (float(moment.hour * 3600 + moment.minute * 60 + moment.second) for moment in part)
    return Shown(track_id or None, kind == "Smoothed", from_s, max(to_s, from_s + 1))


def time_of(seconds: int) -> time:
    """Seconds as the time of day that a slider takes."""
    return time(seconds // 3600, seconds // 60 % 60, seconds % 60)


def probabilities_subtitle(run: dict, shown: Shown, window_s: float) -> str:
    """What exactly the lines are."""
    who = "Mean of all faces" if shown.track_id is None else "As the network gave it"
    if window_s:
        return f"{'Mean of all faces, centred' if shown.track_id is None else 'Centred'} mean over {window_s:g} s"
    return f"{who} (labels are smoothed: {smoothing(run['smoothing'])})" if shown.smoothed else who


def category_subtitle(run: dict, shown: Shown) -> str:
    """What exactly the steps are."""
    kind = f"Smoothed ({smoothing(run['smoothing'])}); raw drawn faintly" if shown.smoothed else "Raw"
    return f"{kind}; mean of all faces, rounded" if shown.track_id is None else kind


page()
