"""A viewer without a browser: streamlit-webrtc's worker at one end of a connection, aiortc's peer at the other."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction

import av
import numpy as np
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection
from aiortc.contrib.media import MediaRelay
from aiortc.mediastreams import MediaStreamError

from dashboard.live import Stream

CONNECTED_S = 120  # a busy machine takes its time; what fails at all fails by this


class Camera(MediaStreamTrack):
    """Gives pictures (H, W, 3), uint8 RGB, one every `every_s` seconds, over and over."""

    kind = "video"

    def __init__(self, pictures: list[np.ndarray], every_s: float = 0.1):
        super().__init__()
        self._pictures, self._every_s, self.sent = pictures, every_s, 0

    async def recv(self) -> av.VideoFrame:
        if self.readyState != "live":
            raise MediaStreamError
        await asyncio.sleep(self._every_s)
        frame = av.VideoFrame.from_ndarray(self._pictures[self.sent % len(self._pictures)], format="rgb24")
        frame.pts, frame.time_base = round(self.sent * self._every_s * 90_000), Fraction(1, 90_000)
        self.sent += 1
        return frame


class Viewer:
    """The browser's end of one connection. shown: the frames that came back, the newest 100 of them."""

    def __init__(self, camera: Camera):
        self.camera = camera
        self.shown: list[av.VideoFrame] = []
        self.pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.pc.addTrack(camera)
        self.pc.on("track", lambda track: asyncio.ensure_future(self._watch(track)))

    async def _watch(self, track: MediaStreamTrack) -> None:
        try:
            while True:
                self.shown = [*self.shown[-99:], await track.recv()]
        except MediaStreamError:
            pass


class Connection:
    """A stream that is connected. `worker` is the page's end, `viewer` the browser's."""

    def __init__(self, server: Server, stream: Stream, camera: Camera):
        from streamlit_webrtc.webrtc import WebRtcMode, WebRtcWorker

        self._server = server
        # All that is None is what `webrtc_streamer` passes where it is given nothing.
        nothing = (
            "source_video_track source_audio_track sink_audio_track in_recorder_factory out_recorder_factory "
            "video_frame_callback audio_frame_callback queued_video_frames_callback queued_audio_frames_callback "
            "on_video_ended on_audio_ended video_processor_factory audio_processor_factory"
        )
        self.worker = WebRtcWorker(
            **dict.fromkeys(nothing.split()),
            mode=WebRtcMode.SENDRECV,
            rtc_configuration=RTCConfiguration(iceServers=[]),
            sink_video_track=stream.sink,
            player_factory=stream.player,
            async_processing=True,
            video_receiver_size=4,
            audio_receiver_size=4,
            sendback_video=True,
            sendback_audio=True,
            loop=server.loop,
            relay=server.relay,
        )
        self.viewer = server.browser(self._connect(camera))

    async def _connect(self, camera: Camera) -> Viewer:
        viewer = Viewer(camera)
        await viewer.pc.setLocalDescription(await viewer.pc.createOffer())
        offer = viewer.pc.localDescription
        answer = await asyncio.to_thread(self.worker.process_offer, offer.sdp, offer.type, CONNECTED_S)
        await viewer.pc.setRemoteDescription(answer)
        return viewer

    def stop(self) -> None:
        """The page's end stops, as by its button or when the page is left."""
        self.worker.stop(timeout=CONNECTED_S)
        self.leave()

    def leave(self) -> None:
        """The browser's end stops, as when its tab is closed."""
        self._server.browser(self.viewer.pc.close())


class Server:
    """The event loop and the relay of a dashboard, and the event loop of its viewers' browsers."""

    def __init__(self):
        self.loop, self._browsers = asyncio.new_event_loop(), asyncio.new_event_loop()
        asyncio.set_event_loop(self.loop)  # streamlit-webrtc asks for this thread's; without one, one is made
        self.relay = MediaRelay()
        self._threads = [threading.Thread(target=loop.run_forever) for loop in (self.loop, self._browsers)]
        for thread in self._threads:
            thread.start()

    def browser(self, work):
        """Run a coroutine in the browsers' loop; its result."""
        return asyncio.run_coroutine_threadsafe(work, self._browsers).result(CONNECTED_S)

    def tasks(self) -> list[asyncio.Task]:
        """What waits in the dashboard's loop."""

        async def others() -> list[asyncio.Task]:
            return [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]

        return asyncio.run_coroutine_threadsafe(others(), self.loop).result(CONNECTED_S)

    def close(self) -> None:
        """Both loops end; connections have to be closed before."""
        for loop, thread in zip((self.loop, self._browsers), self._threads, strict=True):
            asyncio.run_coroutine_threadsafe(loop.shutdown_default_executor(), loop).result(CONNECTED_S)
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()
        asyncio.set_event_loop(None)


@contextmanager
def server() -> Iterator[Server]:
    """A dashboard without pages."""
    started = Server()
    try:
        yield started
    finally:
        started.close()


def wait_until(condition: Callable[[], object], seconds: float = CONNECTED_S) -> None:
    """Wait until it is true. Raises AssertionError where it never gets so."""
    pause = threading.Event()
    for _ in range(int(seconds / 0.05)):
        if condition():
            return
        pause.wait(0.05)
    raise AssertionError("what was waited for did not come")
