"""One viewer's live stream: camera in, the newest frame with what is seen in it out, history and figures beside.

Nothing here knows of Streamlit: a page gives `sink` and `source` (or `player`) to streamlit-webrtc, then asks `now()`.
Frames come on the connection's event loop, sights on the engine's thread, questions on the page's.
"""

from __future__ import annotations

import logging
import statistics
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import av

from dashboard.live_history import History
from dashboard.live_tracks import Sink, Source
from processor.config import Settings
from processor.live_engine import Engine
from processor.live_faces import Options, Sight
from processor.live_journal import Journal, JournalRefused
from processor.live_overlay import Overlay, drawn

logger = logging.getLogger(__name__)

FIGURES_S = 2.0  # frames a second and age of labels are those of so many seconds
LEAST_S = 0.5  # for which frames have been shown until it can be said how many a second
JUMP_S = 10.0  # a camera's clock that is this far from ours has been set anew
TIME_BASE = Fraction(1, 90_000)  # of frames that are shown, as of those that come


@dataclass(frozen=True)
class Now:
    """How a stream stands. Times in seconds; what cannot be told yet is None."""

    live: bool  # frames came, and the connection stands
    ended: str | None  # why it is over, as a sentence
    frames: int  # that came from the camera
    fps: float | None  # frames a second that were shown, in the last 2 s
    label_age_ms: float | None  # what is shown was seen in a frame that came so long before; median of the last 2 s
    since_frame_s: float | None  # since the newest frame came
    coverage: float | None  # share of the frames looked at that have a face
    people: int  # seen so far
    sight: Sight | None  # the newest
    trouble: str | None  # what does not work, as a sentence
    t_s: float  # of the newest frame, since the first
    looks: bool = True  # whether the frames are looked at
    kept: str | None = None  # the request that hands in the session that was kept when the stream ended


@dataclass
class Player:
    """What streamlit-webrtc takes for a player of media: it stops the source with the connection."""

    video: Source
    audio: None = None


class Stream:
    """One viewer: from the first frame of the camera to the end of the connection. Another connection is another one.

    The engine is joined at once, so that the model is loaded until the camera is on; a stream that nobody keeps any
    more leaves it. `viewer` says what looks at the frames. After its end a stream still answers.

    look: False for pictures that are only shown and kept, to leave the machine its time.
    """

    def __init__(self, engine: Engine, options: Options, overlay: Overlay, look: bool = True):
        self._lock = threading.Lock()  # of the history, the figures, the listeners and the journal
        self._history, self._sight = History(), None
        self._listeners: list[Callable[[Sight], None]] = []
        self._overlay, self._journal, self._looks = overlay, None, look
        self._newest: tuple[av.VideoFrame, float, float] | None = None  # frame, t_s, arrived_s
        self._frames, self._times = 0, _Times()
        self._shown: deque[tuple[float, float | None]] = deque(maxlen=512)  # when, age of its label in s
        self._ended: str | None = None
        self._kept: str | None = None
        self._not_kept: str | None = None
        self.sink = Sink(self._arrived, self._over)
        self.source = Source(self._picture, self._over)
        # The engine must not be what keeps a stream: nobody would end one whose tab was closed before it began.
        myself = weakref.ref(self)
        self.viewer = engine.join(options, lambda sight: (stream := myself()) and stream._seen(sight))
        weakref.finalize(self, self.viewer.leave)

    def player(self) -> Player:
        """For `webrtc_streamer(player_factory=stream.player, sink_video_track=stream.sink)`.

        With `source_video_track` the library's relay waits for a frame for ever after the connection's end, and keeps
        the last one.
        """
        return Player(self.source)

    def change(self, options: Options | None = None, overlay: Overlay | None = None) -> None:
        """Look, or draw, in another way from now on; None leaves it as it is."""
        if options is not None:
            self.viewer.change(options)
        if overlay is not None:
            self._overlay = overlay

    def take(self, frame: av.VideoFrame) -> None:
        """A frame of the camera, of any size, on any thread. Those of the connection come by themselves; this is for
        single pictures that come in another way, to a stream without a connection."""
        arrived_s = time.monotonic()
        t_s = self._times.of(frame, arrived_s)
        with self._lock:
            if self._ended is not None:
                return
            self._newest = frame, t_s, arrived_s
            self._frames += 1
            journal = self._journal
        if self._looks:
            self.viewer.offer(frame, t_s, arrived_s)
        if journal is not None:
            journal.add_frame(frame, t_s)

    def keep(self, journal: Journal | None) -> None:
        """Give the journal all that comes from now on; None: nothing more. Ending it then is up to whoever began it;
        a stream that ends, or has ended, ends its journal."""
        with self._lock:
            over = self._ended is not None
            self._journal = None if over else journal
        if over and journal is not None:
            self._end(journal)

    def shown(self) -> list[tuple[float, float | None]]:
        """When the newest pictures were shown, on the monotonic clock, and how old in seconds what is drawn on them was
        by then; None before anything was seen. At most 512 of them, oldest first."""
        with self._lock:
            return list(self._shown)

    def close(self) -> None:
        """End the stream; as often as one likes."""
        self._over()

    def now(self) -> Now:
        """How it stands at this moment."""
        now_s = time.monotonic()
        with self._lock:
            shown_for_s = min(now_s - self._shown[0][0], FIGURES_S) if self._shown else 0.0
            ages_s = [age_s for at_s, age_s in self._shown if now_s - at_s <= FIGURES_S]
            label_ages_s = [age_s for age_s in ages_s if age_s is not None]
            newest = self._newest
            return Now(
                live=newest is not None and self._ended is None,
                ended=self._ended,
                frames=self._frames,
                fps=len(ages_s) / shown_for_s if shown_for_s >= LEAST_S else None,
                label_age_ms=1000 * statistics.median(label_ages_s) if label_ages_s else None,
                since_frame_s=now_s - newest[2] if newest else None,
                coverage=self._history.coverage,
                people=self._history.people,
                sight=self._sight,
                trouble=self._not_kept or self.viewer.trouble,
                t_s=newest[1] if newest else 0.0,
                looks=self._looks,
                kept=self._kept,
            )

    def recent(self, seconds: float = 60.0) -> list[Sight]:
        """The sights of the last `seconds`, oldest first; those more than 90 s old once a second."""
        with self._lock:
            return self._history.recent(seconds)

    def shares(self) -> dict[str, float]:
        """Share of each of EMOTIONS and of "undecided" in the time that people were seen; empty while nobody was."""
        with self._lock:
            return self._history.shares()

    def listen(self, callback: Callable[[Sight], None]) -> Callable[[], None]:
        """Call it with every sight from now on, on the engine's thread: it has to return at once.

        Returns what ends that, which may be called more than once.
        """
        with self._lock:
            self._listeners.append(callback)

        def unsubscribe() -> None:
            with self._lock:
                if callback in self._listeners:
                    self._listeners.remove(callback)

        return unsubscribe

    def _arrived(self, frame: av.VideoFrame) -> None:
        """A frame of the connection, on the event loop."""
        self.take(frame)
        self.source.offer()

    def _seen(self, sight: Sight) -> None:
        """What was seen in a frame, on the engine's thread."""
        with self._lock:
            self._history.add(sight)
            self._sight = sight
            listeners, journal = list(self._listeners), self._journal
        if journal is not None:
            journal.add_sight(sight)
        for listener in listeners:
            try:
                listener(sight)
            except Exception:
                logger.exception("A listener of the live stream failed; the stream goes on.")

    def _picture(self) -> av.VideoFrame:
        """The newest frame with the newest sight drawn on it."""
        with self._lock:
            (frame, t_s, _), sight, overlay = self._newest, self._sight, self._overlay
        picture = drawn(frame, sight, overlay)
        picture.pts, picture.time_base = round(t_s / TIME_BASE), TIME_BASE
        shown_s = time.monotonic()
        with self._lock:
            self._shown.append((shown_s, shown_s - sight.arrived_s if sight else None))
        return picture

    def _over(self) -> None:
        """The end, on any thread; more than once does no harm."""
        with self._lock:
            if self._ended is not None:
                return
            began = self._newest is not None
            self._ended = "The camera's stream has ended." if began else "The camera's stream ended before it began."
            journal, self._journal = self._journal, None
            self._listeners.clear()
        self.viewer.leave()
        self.sink.stop()
        self.source.stop()
        if journal is not None:
            self._end(journal)

    def _end(self, journal: Journal) -> None:
        """Beside: it writes to the disk, for which an event loop has no time."""
        threading.Thread(target=self._hand_in, args=(journal,), name="live hand-in").start()

    def _hand_in(self, journal: Journal) -> None:
        try:
            self._kept = journal.end()
        except JournalRefused:
            logger.info("The session that was kept had been discarded.")
        except OSError as error:
            self._not_kept = (
                f"The session is on the disk, but could not be handed in: {error}. The processor finds it by itself."
            )


class _Times:
    """Seconds since the first frame, by the camera's own clock, which always go up."""

    def __init__(self):
        self._first: tuple[float, float] | None = None  # the camera's clock and ours at the time 0
        self._last_s = 0.0

    def of(self, frame: av.VideoFrame, arrived_s: float) -> float:
        """When the frame was taken; when it arrived where it does not say, or its clock has jumped."""
        camera_s = float(frame.pts * frame.time_base) if frame.pts is not None else None
        if self._first is None:
            self._first = (camera_s if camera_s is not None else arrived_s), arrived_s
            return 0.0
        t_s, by_arrival_s = (camera_s or 0.0) - self._first[0], arrived_s - self._first[1]
        if camera_s is None or abs(t_s - by_arrival_s) > JUMP_S:
            t_s = by_arrival_s
            if camera_s is not None:
                self._first = camera_s - by_arrival_s, self._first[1]
        self._last_s = max(t_s, self._last_s + 0.001)
        return self._last_s


def ice_servers(settings: Settings) -> list[dict]:
    """The servers that help a connection through other people's networks, as WebRTC takes them.

    Empty by default: connections then stay on this machine and its network. Never leave it out, for unset means a
    public server. With TURN servers it has the password that browsers must be told.
    """
    servers = []
    for url in settings.ice_servers:
        server = {"urls": [url]}
        if url.startswith("turn"):
            server |= {"username": settings.turn_user, "credential": settings.turn_password.get_secret_value()}
        servers.append(server)
    return servers
