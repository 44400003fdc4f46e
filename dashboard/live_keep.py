"""Keeping a live session: the form with the consent, what runs, markers, and where it went."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import streamlit as st

from dashboard import activity, context, network
from dashboard.live import Stream
from dashboard.live_controls import Controls
from dashboard.video_markers import SUGGESTED
from dashboard.words import clock, missing, one_line, plain
from db import privacy_results, request_results, results
from db.annotations import MAX_NOTE
from db.session import utc_now
from processor.emotions import BundleUnusable
from processor.live_journal import About, Journal, JournalRefused
from processor.metadata import MAX_NAME

if TYPE_CHECKING:
    from dashboard.live_view import Room

KEPT = "live-kept"  # the sessions that this window kept, the newest last
PROBLEM = "live-keep-problem"
CONSENT = "Everybody who is filmed has agreed to being analysed, and to what is kept here."
SHOWN = 5  # of them, the newest
BELONGS = {"subject": "Subject", "cohort": "Cohort", "session": "Session"}


@dataclass
class Kept:
    """A session that is kept, or was.

    began_s: when, in seconds of the stream. marked: (seconds of the session, type) of each marker. gone: whether
    somebody threw it away.
    """

    journal: Journal
    stream: Stream
    began_s: float
    marked: list[tuple[float, str]] = field(default_factory=list)
    gone: bool = False

    @property
    def running(self) -> bool:
        """Whether more is added to it."""
        return not self.gone and self.journal.request_id is None and self.stream.now().ended is None

    @property
    def clip(self) -> bool:
        """Whether only the video is kept, to be analysed afterwards."""
        return self.journal.about.analyse_later


def running() -> Kept | None:
    """What this window keeps now."""
    kept: list[Kept] = st.session_state.get(KEPT, [])
    return kept[-1] if kept and kept[-1].running else None


def section(room: Room, chosen: Controls, record: bool) -> None:
    """The form, or what runs; below it, what was kept before. record: a clip that is analysed afterwards."""
    if kept := running():
        _runs(kept)
    else:
        _form(room, chosen, record)
    _before()


# --- before ---


def _form(room: Room, chosen: Controls, record: bool) -> None:
    """Who it is of, what is kept, and the consent, without which nothing is."""
    known = _known()
    with st.form("live-keep", border=True):
        st.markdown(
            "**Record a clip.** It becomes a video of the library, and its analysis starts by itself."
            if record
            else "**Keep this session.** It becomes a video with its results, like any other."
        )
        st.checkbox(CONSENT, key="live-consent")
        for column, (field, title) in zip(st.columns(3), BELONGS.items(), strict=True):
            column.selectbox(
                title, known[field], None, key=f"live-{field}", accept_new_options=True, placeholder="optional",
                format_func=one_line,
            )  # fmt: skip
        left, right = st.columns([2, 1], vertical_alignment="bottom")
        left.text_input(
            "Name", key="live-name", max_chars=MAX_NAME, placeholder="optional: otherwise Live and the time"
        )
        if not record:
            right.toggle(
                "Keep the video, too", True, key="live-keep-video",
                help="Otherwise only what was seen is kept: emotions, boxes and times, no picture.",
            )  # fmt: skip
        st.form_submit_button(
            "Record" if record else "Keep from now on", type="primary", icon=":material/fiber_manual_record:",
            on_click=_begin, args=(room, chosen, record),
        )  # fmt: skip
    if problem := st.session_state.pop(PROBLEM, None):
        st.error(plain(problem), icon=":material/error:")


def _known() -> dict[str, list[str]]:
    """The subjects, cohorts and sessions that videos of this library have, in order."""
    con = context.connection()
    videos = results.videos(con) if con else None
    return {
        field: sorted({value for value in videos[field] if not missing(value)}) if videos is not None else []
        for field in BELONGS
    }


def _begin(room: Room, chosen: Controls, record: bool) -> None:
    """Keep what comes from now on, or remember why not."""
    said = st.session_state
    try:
        journal = Journal.begin(context.home(), _about(room.stream, chosen, record))
    except (JournalRefused, BundleUnusable) as error:
        said[PROBLEM] = str(error)
        return
    room.stream.keep(journal)
    said.setdefault(KEPT, []).append(Kept(journal, room.stream, room.stream.now().t_s))
    for key in ("live-consent", "live-name"):  # consent is of one session
        said.pop(key, None)


def _about(stream: Stream, chosen: Controls, record: bool) -> About:
    """What the form says. Raises JournalRefused where it lacks something, BundleUnusable."""
    said = st.session_state
    if not said["live-consent"]:
        raise JournalRefused("Nothing is kept without consent: ask those who are filmed, then tick that they agreed.")
    if not stream.now().live:
        raise JournalRefused("The camera is not on yet: press Start first, then keep the session.")
    if not record and not stream.viewer.ready:
        raise JournalRefused(stream.viewer.trouble or "The emotion model is still being loaded: try again in a moment.")
    belongs = {field: (said[f"live-{field}"] or "").strip() or None for field in BELONGS}
    con = context.connection()
    if con and (why := privacy_results.why_not_kept(con, belongs["subject"], utc_now().date())):
        raise JournalRefused(why)
    settings, viewer = context.settings(), stream.viewer
    bundle = chosen.options.bundle
    return About(
        **belongs,
        consent=True,
        keep_video=record or said["live-keep-video"],
        name=said["live-name"].strip() or None,
        bundle=bundle.name,
        model_id=network.identity(bundle),
        model_card=network.card(bundle),
        detector=viewer.detector or chosen.options.detector,
        device=viewer.device or "CPU",
        smoothing=settings.smoothing,
        smoothing_window_s=settings.smoothing_window_s,
        analyse_later=record,
    )


# --- while it runs ---


@st.fragment(run_every=1.0)
def _runs(kept: Kept) -> None:
    """How far it is, markers, and the buttons that end it."""
    if not kept.running:
        st.rerun()
    journal = kept.journal
    with st.container(border=True):
        word = "Recording" if kept.clip else "Keeping"
        st.markdown(f":red[●] **{word}** · safe up to {clock(journal.safe_s)}")
        if journal.trouble:
            st.error(plain(journal.trouble), icon=":material/error:")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.selectbox(
                "Type", SUGGESTED, key="live-marker-kind", accept_new_options=True, width=150, format_func=one_line
            )
            st.text_input("Note", key="live-marker-note", max_chars=MAX_NOTE, placeholder="optional", width=220)
            st.button(
                "Mark", icon=":material/flag:", shortcut="m", key="live-mark", on_click=_mark, args=(kept,),
                help="Marks this moment, with the type and note given here. Key m.",
            )  # fmt: skip
        if kept.marked:
            words = (f"{clock(at_s)} {plain(kind)}" for at_s, kind in kept.marked[-5:])
            st.caption(f":material/flag: {' · '.join(words)}")
        with st.container(horizontal=True):
            st.button(
                "Stop and analyse" if kept.clip else "Stop keeping", type="primary", icon=":material/stop_circle:",
                key="live-stop", on_click=_end, args=(kept,),
            )  # fmt: skip
            st.button("Throw away", icon=":material/delete:", key="live-discard", on_click=_discard, args=(kept,))
    context.say_what_was_asked()


def _mark(kept: Kept) -> None:
    """Mark the moment at which the button was pressed."""
    said = st.session_state
    t_s, kind = kept.stream.now().t_s, said["live-marker-kind"] or SUGGESTED[0]
    try:
        kept.journal.add_marker(t_s, kind, said["live-marker-note"].strip() or None)
    except JournalRefused as error:
        context.ask(plain(error))
        return
    kept.marked.append((t_s - kept.began_s, kind))
    said["live-marker-note"] = ""


def _end(kept: Kept) -> None:
    """Close the session and hand it to the processor."""
    kept.stream.keep(None)
    try:
        kept.journal.end()
    except (JournalRefused, OSError) as error:
        context.ask(f"The session could not be handed to the processor: {plain(error)}")


def _discard(kept: Kept) -> None:
    """Keep nothing of it after all."""
    kept.stream.keep(None)
    kept.journal.discard()
    kept.gone = True
    context.ask("Nothing of the session is kept.")


# --- afterwards ---


@st.fragment(run_every=2.0)
def _before() -> None:
    """What this window kept, and what became of it."""
    ended = [kept for kept in st.session_state.get(KEPT, []) if not kept.gone and not kept.running]
    if not ended:
        return
    con = context.connection()
    answers = [request_results.kept_as(con, kept.journal.live_id) if con else None for kept in ended[-SHOWN:]]
    for kept, became in reversed(list(zip(ended[-SHOWN:], answers, strict=True))):
        _one(kept, became)
    state = context.processor()
    if None in answers and not context.running(state):
        activity.processor_line(state)


def _one(kept: Kept, became: dict | None) -> None:
    """A session that has ended: on its way, refused, or in the library. became: as from request_results.kept_as."""
    what = "The clip" if kept.clip else "The session"
    if kept.journal.trouble:
        st.warning(plain(kept.journal.trouble), icon=":material/warning:")
    if became is None:
        st.info(f"{what} is handed to the processor.", icon=":material/hourglass_empty:")
    elif became["reason"]:
        st.error(plain(became["reason"]), icon=":material/block:")
    else:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.success(
                f"{what} is {'in the library, and analysed next' if kept.clip else 'kept'}.", icon=":material/check:"
            )
            st.page_link(
                "pages/video.py", label="Open the video", icon=":material/timeline:",
                query_params={"video": became["video_id"]},
            )  # fmt: skip
