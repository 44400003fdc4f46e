"""Library: what the processor is doing, adding videos, and all videos: looked at, edited, compared, counted."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pandas as pd
import streamlit as st

from dashboard import (
    activity,
    alert_list,
    answers,
    context,
    library_duplicates,
    library_edit,
    library_filter,
    library_import,
    library_selection,
    library_storage,
    library_table,
    listing,
)
from dashboard.words import plain
from db import results
from processor import spool
from processor.watch import VIDEO_SUFFIXES

SHOWN_AT_ONCE = 8  # of a list that can be long

# Each in a module of its own, called as section(con, videos, shown); only the chosen one is computed.
SECTIONS = {
    "Videos": library_table.section,
    "Edit": library_edit.section,
    "Import": library_import.section,
    "Storage": library_storage.section,
    "Duplicates": library_duplicates.section,
}
FILTERED = ("Videos", "Edit", "Import", "Storage")  # those that show the filters, since they keep to them


def page() -> None:
    """The whole page, from top to bottom."""
    context.within_app()
    if video_id := st.session_state.pop("open_video", None):
        st.switch_page("pages/video.py", query_params={"video": video_id})
    seen = context.snapshot()
    con = context.connection()
    barred = context.without_consent(con)
    videos = listing.with_state(results.videos(con), barred) if con else pd.DataFrame({"video_id": [], "name": []})
    st.title("Library", anchor=False)
    now(seen, videos)
    if con:
        alert_list.left_line(con)
    if videos.empty:
        empty()
    add(expanded=videos.empty)
    if con:
        attention(videos, results.unreadable_files(con), results.refused_requests(con))
    waiting = int((videos["shown"] == listing.NO_CONSENT).sum()) if len(videos) else 0
    if waiting:
        what = "1 video waits" if waiting == 1 else f"{waiting:,} videos wait"
        st.info(f"{what} for consent: see why, and record it, on the Privacy page.", icon=":material/shield_person:")
    if con and not videos.empty:
        overview(con, videos)
    library_selection.confirm_delete(videos)


@st.fragment(run_every=1.0)
def now(seen: Path | None, videos: pd.DataFrame) -> None:
    """What the processor does now; draws itself every second, and the whole page when there are new results."""
    activity.refresh_when_new(seen)
    state = context.processor()
    with st.container(border=True):
        activity.processor_line(state)
        if context.running(state):
            for running in state.jobs:
                activity.job(running, key="library")
            activity.thumbnails(state)
            for name in state.arriving[:SHOWN_AT_ONCE]:
                st.caption(
                    f":material/downloading: {plain(name)} is being written; it is analysed once it is complete."
                )
        names = dict(zip(videos["video_id"], videos["name"], strict=True))
        runs = dict(zip(videos["newest_run_id"], videos["name"], strict=True)) if len(videos) else {}
        phrases = listing.waiting(context.home().spool, names, runs)
        for phrase in phrases[:SHOWN_AT_ONCE]:
            st.caption(f":material/hourglass_empty: {plain(phrase)}: waiting for the processor.")
        if len(phrases) > SHOWN_AT_ONCE:
            st.caption(f"And {len(phrases) - SHOWN_AT_ONCE} more requests wait.")
    context.say_what_was_asked()


def empty() -> None:
    """The page of somebody who has just started."""
    with st.container(border=True):
        st.subheader("Nothing here yet", anchor=False)
        st.markdown("Drop videos into this folder. They are found and analysed by themselves:")
        st.code(str(context.home().inbox), language=None, wrap_lines=True)
        st.markdown(
            "Folders inside it name the cohort and the subject: `inbox/<cohort>/<subject>/clip.mp4`. "
            "Or try it with a video of our own, a minute long:"
        )
        if st.button("Add the sample video", type="primary", icon=":material/movie:"):
            with st.spinner("Making the sample video: a moving photograph, about ten seconds."):
                add_sample()
            st.rerun()


def add_sample() -> None:
    """Make the sample video and hand it in as an upload."""
    from processor.sample import make_sample  # brings OpenCV and SciPy along: only when it is asked for

    try:
        with tempfile.TemporaryDirectory() as folder, open(make_sample(Path(folder) / "sample.mp4"), "rb") as data:
            spool.submit_upload(context.home().spool, "sample.mp4", data)
    except OSError as error:
        st.error(plain(f"The sample video could not be added: {error}."))
        st.stop()
    context.ask("The sample video is handed to the processor.")


def add(expanded: bool) -> None:
    """Upload of several files with what they have in common."""
    with st.expander("Add videos", expanded=expanded, icon=":material/upload:"), st.form("add", True, border=False):
        files = st.file_uploader(
            "Videos",
            type=[suffix.removeprefix(".") for suffix in VIDEO_SUFFIXES],
            accept_multiple_files=True,
            max_upload_size=context.settings().max_upload_mb,
        )
        columns = st.columns(3)
        subject = columns[0].text_input("Subject", help="Who is in it; a pseudonym is best.")
        cohort = columns[1].text_input("Cohort", help="Group that the subject belongs to.")
        session = columns[2].text_input("Session", help="Name or number of the session.")
        if st.form_submit_button("Add to the library", type="primary"):
            upload(files, subject, cohort, session)


def upload(files: list, subject: str, cohort: str, session: str) -> None:
    """Hand the files to the processor through the spool."""
    if not files:
        st.warning("Choose at least one video first.")
        return
    details = {"subject": subject.strip() or None, "cohort": cohort.strip() or None, "session": session.strip() or None}
    for file in files:
        try:
            spool.submit_upload(context.home().spool, file.name, file, **details)
        except OSError as error:
            st.error(plain(f"{file.name} could not be stored: {error}. Look at the disk of the home folder."))
            return
        context.ask(f"{plain(file.name)} is handed to the processor.")


def attention(videos: pd.DataFrame, unreadable: pd.DataFrame, refused: pd.DataFrame) -> None:
    """What went wrong and why, with a way to try again: failed analyses, unreadable files, refused requests."""
    failed = videos[videos["shown"] == "failed"]
    count = len(failed) + len(unreadable) + len(refused)
    if not count:
        return
    title = "One thing needs attention" if count == 1 else f"{count} things need attention"
    with st.expander(title, expanded=len(failed) > 0, icon=":material/report:"):
        for row in failed.head(SHOWN_AT_ONCE).itertuples():
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(
                    f"**{plain(row.name)}** failed: {plain(row.error or 'no reason was given')}", width="stretch"
                )
                asked = (row.video_id, row.name)
                st.button("Retry", f"retry-{row.video_id}", None, activity.reprocess, asked, icon=":material/replay:")
        if len(failed) > SHOWN_AT_ONCE:
            st.caption(f"And {len(failed) - SHOWN_AT_ONCE} more: filter the table by the state failed.")
        for row in unreadable.itertuples():
            st.markdown(f"**{plain(Path(row.path).name)}** could not be read: {plain(row.error)}")
        for row in refused.itertuples():
            name = row.name if isinstance(row.name, str) else "something unknown"
            st.markdown(f"**{plain(listing.asked(row.kind, name))}** was refused: {plain(row.reason)}")


def overview(con: results.Connection, videos: pd.DataFrame) -> None:
    """The chosen section. Each is called with all videos, and those of them that fit the filters."""
    name = st.segmented_control(
        "Section", list(SECTIONS), default="Videos", required=True, key="show", bind="query-params",
        label_visibility="collapsed", wrap=True,
    )  # fmt: skip
    answers.say(con)
    wanted = library_filter.controls(con, videos) if name in FILTERED else library_filter.current()
    SECTIONS[name](con, videos, listing.by_filter(videos, wanted))


page()
