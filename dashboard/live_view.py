"""The live picture of the live page, and what moves beside it: state, figures, chart, shares, alerts, history."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import streamlit as st

from dashboard import context, live_alerts, live_charts, live_drawn, live_keep, share_charts
from dashboard.drawing import draw
from dashboard.live import Now, Stream, ice_servers
from dashboard.live_alerts import Watch
from dashboard.live_controls import Controls, controls
from dashboard.live_snapshots import snapshots_view
from dashboard.live_states import State, state
from dashboard.webcam import camera_state, voice
from dashboard.words import name_of, one_line, percent, plain
from db.emotions import EMOTIONS
from processor.live_engine import Engine
from processor.live_overlay import Overlay

CAMERA = "live-camera"  # of streamlit-webrtc's component
PREPARED = "live-prepared"  # whether the model was loaded once, so that the camera can be started
SNAPSHOTS = "live-snapshots"  # whether single pictures are taken instead
HISTORY_EVERY_S = 5.0
NAMED = 6  # people that can be given a name at once


@dataclass
class Room:
    """What one browser window has of the live page.

    stream: the one that the next connection takes, or has taken. unwatch: ends the watch's listening to it. rules:
    where the alerts' rules come from. before: the stream before, shown until the next has a picture. offered_s: since
    when the browser offers a connection, on the monotonic clock; None while it does not. names: of people, by their
    track.
    """

    stream: Stream
    watch: Watch
    unwatch: Callable[[], None]
    rules: str
    overlay: Overlay
    before: Stream | None = None
    offered_s: float | None = None
    names: dict[int, str] = field(default_factory=dict)

    @property
    def shown(self) -> Stream:
        """The stream that the page tells of."""
        return self.before if self.before is not None and not self.stream.now().frames else self.stream


# Keyed on the home, for which its settings are.
@st.cache_resource(show_spinner=False)
def _engine(home: str) -> Engine:
    """One for all windows: model and detector are loaded once."""
    return Engine(context.settings())


def leave() -> None:
    """End the stream of this window, if it has one: its session is handed in where it is kept."""
    room = st.session_state.pop("live-room", None)
    if room is not None:
        room.stream.close()


def section(record: bool) -> None:
    """Everything below the choice of the mode. record: a clip is recorded, and analysed afterwards."""
    connection = st.session_state.get(CAMERA)
    connected = connection is not None and (connection.state.playing or connection.state.signalling)
    chosen = controls(connected, live_keep.running() is not None, record)
    if chosen is None:
        st.error("There is no emotion model: `python -m processor models list` tells which there are.")
        return
    room = _room(chosen)
    left, right = (st.container(), None) if record else st.columns([3, 2], gap="large")
    with left:
        _tell(room)
        if st.session_state.get(SNAPSHOTS):
            st.button(
                "Video again", icon=":material/videocam:", key="live-video", on_click=_take_snapshots, args=(False,)
            )
            snapshots_view(room.stream, room.overlay)
        elif _prepared(room):
            _camera(room, chosen)
        live_keep.section(room, chosen, record)
    if right is not None:
        with right:
            _beside(room, chosen.speak)
        _history(room)


def _prepared(room: Room) -> bool:
    """Whether the camera can be started: once a model has been loaded, or could not be. Loading one can keep the whole
    process busy for so long that a connection is given up."""
    if room.stream.viewer.ready or room.stream.viewer.trouble is not None:
        st.session_state[PREPARED] = True
    return st.session_state.get(PREPARED, False)


def _camera(room: Room, chosen: Controls) -> None:
    """The picture, with the buttons that start and stop it."""
    from streamlit_webrtc import webrtc_streamer  # brings aiortc along

    connection = webrtc_streamer(
        CAMERA,
        rtc_configuration={"iceServers": ice_servers(context.settings())},
        media_stream_constraints=chosen.constraints,
        player_factory=room.stream.player,
        sink_video_track=room.stream.sink,
        video_html_attrs={
            "autoPlay": True, "controls": False, "muted": True, "playsInline": True, "style": {"width": "100%"},
        },
        translations={"start": "Start", "stop": "Stop", "select_device": "Choose camera"},
    )  # fmt: skip
    signalling = connection.state.signalling and not connection.state.playing
    room.offered_s = (room.offered_s or time.monotonic()) if signalling else None


def _take_snapshots(wanted: bool) -> None:
    """Single pictures instead of a video, or a video again; either begins anew."""
    leave()
    st.session_state[SNAPSHOTS] = wanted


def _room(chosen: Controls) -> Room:
    """The room of this window, set as the controls are; with another stream where the one before is over."""
    rules, sensitivities, about = live_alerts.rules_in_force()
    room: Room | None = st.session_state.get("live-room")
    if room is None or room.stream.now().ended is not None:
        stream = Stream(_engine(str(context.home().path)), chosen.options, chosen.overlay, chosen.look)
        watch = live_alerts.watch_for(None, rules, sensitivities)
        unwatch = stream.listen(watch.seen)
        before = room.shown if room is not None else None
        room = Room(
            stream,
            watch,
            unwatch,
            about,
            chosen.overlay,
            before if before is not None and before.now().frames else None,
        )
        st.session_state["live-room"] = room
        return room
    room.overlay = replace(chosen.overlay, names=tuple(room.names.items()))
    room.stream.change(chosen.options, room.overlay)
    watch = live_alerts.watch_for(room.watch, rules, sensitivities)
    if watch is not room.watch:
        room.unwatch()  # or the rules from before would go on being tried
        room.watch, room.unwatch, room.rules = watch, room.stream.listen(watch.seen), about
    return room


# Each part that moves is a fragment, so that the component with the picture is never drawn again because of it.
@st.fragment(run_every=1.0)
def _tell(room: Room) -> None:
    """How it stands; and draws the whole page again when a stream has ended, for the next one to be ready."""
    now, drawn = room.stream.now(), st.session_state.get(PREPARED, False)
    if now.ended is not None or _prepared(room) != drawn:
        st.rerun()
    connected = now.live or room.offered_s is not None
    camera = camera_state("live-cameras", try_it=st.session_state.get("live-try", False) and not connected)
    waiting_s = time.monotonic() - room.offered_s if room.offered_s is not None else None
    before = room.before.now() if room.before is not None and not now.frames else now
    _say(state(camera, before if before.ended else now, waiting_s, drawn))


def _say(how: State) -> None:
    """The state in its colour, with what can be done about it."""
    box = {"success": st.success, "info": st.info, "warning": st.warning, "error": st.error}[how.kind]
    box(plain(how.text), icon=f":material/{how.icon}:")
    if how.snapshots:
        st.button(
            "Take snapshots instead", key="live-instead", type="primary", icon=":material/photo_camera:",
            on_click=_take_snapshots, args=(True,),
        )  # fmt: skip
    if how.name == "off":
        st.button(
            "The camera does not start?", key="live-why", type="tertiary", icon=":material/help:",
            on_click=lambda: st.session_state.update({"live-try": True}),
            help="Tries the camera for a moment, and tells what is in the way.",
        )  # fmt: skip


@st.fragment(run_every=1.0)
def _beside(room: Room, speak: bool) -> None:
    """What is seen now, and in the last minute."""
    stream = room.shown
    now = stream.now()
    voice(said(now, room.names), speak, "live-voice")
    live_alerts.show(room.watch, room.names)
    figures(now)
    live_drawn.minute(stream, now, room.names)
    live_drawn.shares(stream)
    _names(room, stream)
    st.caption(f":material/notifications: Alerts: {plain(room.rules)}")


def figures(now: Now) -> None:
    """The figures of the stream."""
    first, second = st.columns(2, wrap=False), st.columns(3, wrap=False)
    in_view = len(now.sight.faces) if now.live and now.sight else 0
    first[0].metric("People seen", now.people, help="In this session. Who leaves for long and returns is counted anew.")
    first[1].metric("In the picture", in_view)
    second[0].metric("Frames a second", "–" if now.fps is None else f"{now.fps:.0f}", help="Shown, last 2 seconds.")
    second[1].metric(
        "Label age", "–" if now.label_age_ms is None else f"{now.label_age_ms:.0f} ms",
        help="From the camera's frame until what was seen in it is shown, here at the server. Median of 2 seconds.",
    )  # fmt: skip
    second[2].metric("Coverage", percent(now.coverage), help="Share of the frames looked at that have a face.")


def said(now: Now, names: dict[int, str]) -> str | None:
    """What is in the picture as a line: `Person 1 happy, Person 2 undecided`; None where it is not live."""
    if not now.live or now.sight is None:
        return None
    faces = sorted(now.sight.faces, key=lambda face: face.track_id)
    words = [
        f"{name_of(face.track_id, names)} {EMOTIONS[face.emotion] if face.emotion >= 0 else 'undecided'}"
        for face in faces
    ]
    return ", ".join(words) or "Nobody in the picture"


def _names(room: Room, stream: Stream) -> None:
    """Names for those in the picture."""
    now = stream.now()
    tracks = sorted({face.track_id for face in now.sight.faces} | set(room.names)) if now.sight else []
    if not tracks:
        return
    with st.popover("Names", icon=":material/badge:"):
        st.caption("Shown in the picture and here, until you leave.")
        for track_id in tracks[:NAMED]:
            key = f"live-name-{track_id}"
            st.text_input(
                f"Person {track_id}", key=key, max_chars=40, on_change=_name, args=(room, track_id, key)
            )  # fmt: skip


def _name(room: Room, track_id: int, key: str) -> None:
    """Somebody has a name now, or none any more."""
    name = " ".join(one_line(st.session_state[key]).split())
    if name:
        room.names[track_id] = name
    else:
        room.names.pop(track_id, None)
    room.overlay = replace(room.overlay, names=tuple(room.names.items()))
    room.stream.change(overlay=room.overlay)


@st.fragment(run_every=HISTORY_EVERY_S)
def _history(room: Room) -> None:
    """The whole session, in parts."""
    rows, part_s, until_s = live_charts.session(room.shown.recent(float("inf")))
    if rows.empty:
        return
    chart = share_charts.distribution(rows, 0.0, max(until_s, part_s), part_s, "Time since the start (m:ss)")
    draw("live-history", chart, rows.round(2), f"How long each emotion was seen in every {part_s:g} seconds")
