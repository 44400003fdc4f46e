"""Library: what the processor is doing, adding videos, and the table of all videos."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pandas as pd
import streamlit as st

from dashboard import activity, context, listing
from dashboard.palette import ACCENT
from dashboard.words import one_line, plain
from db import results
from processor import spool
from processor.watch import VIDEO_SUFFIXES

SHOWN_AT_ONCE = 8  # of a list that can be long


def page() -> None:
    """The whole page, from top to bottom."""
    context.within_app()
    if video_id := st.session_state.pop("open_video", None):
        st.switch_page("pages/video.py", query_params={"video": video_id})
    seen = context.snapshot()
    con = context.connection()
    videos = listing.with_state(results.videos(con)) if con else pd.DataFrame({"video_id": [], "name": []})
    st.title("Library", anchor=False)
    now(seen, videos)
    if videos.empty:
        empty()
    add(expanded=videos.empty)
    if con:
        attention(videos, results.unreadable_files(con), results.refused_requests(con))
    if not videos.empty:
        overview(videos)
    confirm_delete()


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


def overview(videos: pd.DataFrame) -> None:
    """Filters and the table of videos."""
    with st.container(horizontal=True, vertical_alignment="bottom", wrap=False):
        text = st.text_input("Search", placeholder="Name, subject, cohort or session", icon=":material/search:")
        with st.popover("Filter", icon=":material/filter_list:"):
            wanted = {
                f"{column}s": st.multiselect(column.capitalize(), listing.choices(videos, column), format_func=one_line)
                for column in ("cohort", "subject", "session")
            }
            states = [state for state in listing.STATES if (videos["shown"] == state).any()]
            wanted["states"] = st.multiselect("State", states)
    shown = listing.chosen(videos, text, **wanted)
    for column, values in wanted.items():
        if values:
            st.caption(f":material/filter_list: Only {column}: {plain(', '.join(values))}")
    st.session_state["rows"] = list(shown["video_id"])
    if shown.empty:
        st.info("No video fits these filters.")
        return
    config = st.column_config
    st.dataframe(
        listing.table(shown),
        key="videos",
        hide_index=True,
        row_height=40,
        height="auto" if len(shown) < 12 else 520,
        on_select=open_selected,
        selection_mode=["single-row", "single-cell"],
        placeholder="–",
        alt="Table of videos",
        column_config={
            "video": config.TextColumn("Video", width="medium", help="Click to open."),
            "state": config.TextColumn("State", width="small"),
            "coverage": config.ProgressColumn(
                "Coverage", min_value=0, max_value=100, format="%.0f %%", color=ACCENT, width="small",
                help="Share of the frames looked at in which there is a face.",
            ),
            "valence": config.NumberColumn("Valence", format="%+.2f", width="small", help="Mean, -1 (negative) to 1."),
            "course": config.ImageColumn("Course", help="Valence, start to end; gaps where nobody is seen."),
            "subject": config.TextColumn("Subject"),
            "cohort": config.TextColumn("Cohort"),
            "session": config.TextColumn("Session"),
            "added": config.DatetimeColumn("Added", format="D MMM YYYY, HH:mm", timezone=st.context.timezone),
            "actions": config.ButtonColumn("Actions", type="tertiary", on_click=act, key="action"),
        },
    )  # fmt: skip
    st.caption(f"{len(shown)} of {len(videos)} videos. Click a row to see its timeline.")


def open_selected() -> None:
    """The person chose a row: open its video when the page is drawn next (a callback can't switch pages)."""
    selection = st.session_state["videos"].selection
    rows = [*selection.rows, *(row for row, _ in selection.cells)]
    if rows and rows[0] < len(st.session_state.get("rows", ())):
        st.session_state["open_video"] = st.session_state["rows"][rows[0]]


def act() -> None:
    """The person chose an action in a row's menu."""
    click = st.session_state["action"]
    rows = st.session_state.get("rows", ())
    con = context.connection()
    if click is None or con is None or click["row"] >= len(rows):
        return
    video = results.video(con, rows[click["row"]])
    if video is None:
        return
    if click["label"] == listing.DELETE:
        st.session_state["deleting"] = video["video_id"]
    elif click["label"] == listing.CANCEL:
        activity.cancel(video["newest"]["run_id"], video["name"])
    else:
        activity.reprocess(video["video_id"], video["name"])


def confirm_delete() -> None:
    """The question before a deletion, for as long as it is not answered."""
    con = context.connection()
    video_id = st.session_state.get("deleting")
    video = results.video(con, video_id) if con and video_id else None
    if video is not None:
        delete_dialog(video)


@st.dialog("Delete this video?", on_dismiss=lambda: st.session_state.pop("deleting", None))
def delete_dialog(video: dict) -> None:
    """Asks first, and says what goes and what stays."""
    st.text(one_line(video["name"]))
    st.markdown("All its results are deleted. This can't be undone.")
    delete_file = True
    if video["source"] == "watch":
        delete_file = st.checkbox("Delete the video file, too", help=f"It lies at {plain(video['path'])}")
        if not delete_file:
            st.caption("The file stays where it is.")
    else:
        st.markdown("The copy of the video in Moodreel's library is deleted, too.")
    with st.container(horizontal=True):
        if st.button("Delete", type="primary", icon=":material/delete:"):
            activity.delete(video["video_id"], video["name"], delete_file)
            del st.session_state["deleting"]
            st.rerun()
        if st.button("Keep it"):
            del st.session_state["deleting"]
            st.rerun()


page()
