"""The two ends of a viewer's connection: frames of the camera come in at `Sink`, frames to show go out at `Source`.

Both run on the event loop of the connection, which is the server's own: they never compute and never wait for a thread.
Whoever reads from a source keeps what it was given in a queue without an end. So a source gives away nothing new while
`HELD` frames that it gave before are still on their way: a slow encoder then gets fewer frames, not older ones.
"""

from __future__ import annotations

import asyncio
import logging
import weakref
from collections.abc import Callable

import av
from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError

logger = logging.getLogger(__name__)

HELD = 2  # frames on their way: one that is encoded, and one that whoever reads keeps until it gets the next


class Sink:
    """Takes the frames of one camera, each exactly once, until the connection or `stop` ends it; not to be used again.

    It is what streamlit-webrtc calls a sink: `addTrack`, `hasTrack`, `start`, `stop`.
    """

    def __init__(self, on_frame: Callable[[av.VideoFrame], None], on_end: Callable[[], None]):
        """on_frame: called on the event loop, returns at once. on_end: called at least once, on any thread."""
        self._on_frame, self._on_end = on_frame, on_end
        self._track: MediaStreamTrack | None = None
        self._task: asyncio.Task | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def addTrack(self, track: MediaStreamTrack) -> None:
        """The camera's track. Raises RuntimeError if there is one already."""
        if self._track is not None:
            raise RuntimeError("This stream has its camera already: another one needs a stream of its own.")
        self._track = track

    def hasTrack(self) -> bool:
        """Whether there is a camera to read from."""
        return self._track is not None

    def start(self) -> None:
        """Begin to read. To be called on the event loop."""
        self._loop = asyncio.get_running_loop()
        self._task = self._loop.create_task(self._read(self._track))
        self._task.add_done_callback(self._ended)

    def stop(self) -> None:
        """End the reading; from any thread, as often as one likes."""
        if self._task is None or self._loop.is_closed():
            self._on_end()
        else:
            _call_soon(self._loop, self._task.cancel)

    async def _read(self, track: MediaStreamTrack) -> None:
        try:
            while True:
                self._on_frame(await track.recv())
        except MediaStreamError:
            pass  # the camera's end of the connection is closed
        except Exception:
            logger.exception("A frame of the camera could not be taken in; the stream ends.")

    def _ended(self, task: asyncio.Task) -> None:
        self._track.stop()
        self._on_end()


class Source(MediaStreamTrack):
    """The track that a viewer is shown: always the newest frame that `draw` makes, never the same twice."""

    kind = "video"

    def __init__(self, draw: Callable[[], av.VideoFrame], on_end: Callable[[], None]):
        """draw: makes a new picture of the newest frame, on a thread of its own. on_end: called once, on any thread."""
        super().__init__()
        self._draw, self._on_end = draw, on_end
        self._fresh = False  # whether there is a frame that was not shown
        self._held = 0  # frames given away that somebody still has
        self._changed = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def offer(self) -> None:
        """There is a new frame to draw. To be called on the event loop."""
        self._fresh = True
        self._changed.set()

    async def recv(self) -> av.VideoFrame:
        """The next frame to show. Raises MediaStreamError once the stream has ended."""
        self._loop = asyncio.get_running_loop()
        while self.readyState == "live" and (not self._fresh or self._held >= HELD):
            self._changed.clear()
            await self._changed.wait()
        if self.readyState != "live":
            raise MediaStreamError
        self._fresh = False
        try:
            frame = await self._loop.run_in_executor(None, self._draw)
        except Exception:
            logger.exception("A frame could not be drawn; the stream ends.")
            self.stop()
            raise MediaStreamError from None
        # A frame takes no weak reference, but carries whatever one gives it until its last user, libvpx included, lets
        # go of it.
        frame.opaque = ticket = _Ticket()
        self._held += 1
        weakref.finalize(ticket, _call_soon, self._loop, self._let_go).atexit = False
        return frame

    def stop(self) -> None:
        """End the track; from any thread, as often as one likes."""
        if self.readyState == "live":
            super().stop()
            if self._loop is not None:
                _call_soon(self._loop, self._changed.set)
            self._on_end()

    def _let_go(self) -> None:
        self._held -= 1
        self._changed.set()


class _Ticket:
    """Something that a weak reference can follow."""


def _call_soon(loop: asyncio.AbstractEventLoop, callback: Callable[[], None]) -> None:
    """Call it on the loop, from any thread; not where the loop is over, as at the server's end."""
    try:
        loop.call_soon_threadsafe(callback)
    except RuntimeError:
        logger.debug("The event loop is closed.")
