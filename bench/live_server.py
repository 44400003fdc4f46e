"""The dashboard's end of the live benchmark, in a process of its own: one stream, without pages, and what it costs.

It speaks in lines of JSON: says that it is ready, takes an offer, gives an answer, then a line of figures for every
line it gets, and ends with its input.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.contrib.media import MediaRelay

from dashboard.live import Stream
from processor.config import Home, load
from processor.emotions import find_bundle
from processor.live_engine import Engine
from processor.live_faces import Options
from processor.live_overlay import Overlay

POLL_S = 2.0


class Costs:
    """What was shown and used since the last time that somebody asked."""

    def __init__(self, stream: Stream):
        self._stream, self._since_s = stream, time.monotonic()
        self._cpu_s, self._looked_at = time.process_time(), stream.viewer.looked_at
        self._shown: list[tuple[float, float | None]] = []

    def poll(self) -> None:
        """Take over what was shown; to be called before the stream forgets it."""
        after_s = self._shown[-1][0] if self._shown else self._since_s
        self._shown += [one for one in self._stream.shown() if one[0] > after_s]

    def told(self) -> dict:
        """The figures, ages in ms, memory in MiB."""
        self.poll()
        seconds, viewer = time.monotonic() - self._since_s, self._stream.viewer
        sights = self._stream.recent(seconds)
        return {
            "seconds": seconds,
            "shown": len(self._shown),
            "ages_ms": [round(1000 * age_s, 1) for _, age_s in self._shown if age_s is not None],
            "looked_at": viewer.looked_at - self._looked_at,
            "faces": sum(len(sight.faces) for sight in sights) / max(len(sights), 1),
            "cpu_s": time.process_time() - self._cpu_s,
            "memory_mb": int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20,
            "model": viewer.model_id,
            "detector": viewer.detector,
            "trouble": self._stream.now().trouble,
        }


async def serve(home: str) -> None:
    """One connection, from the first line of the input to its end."""
    settings = load(home=Path(home))
    engine = Engine(settings)
    stream = Stream(engine, Options(find_bundle(settings.model, Home(settings.home).models)), Overlay())
    while not stream.viewer.ready and not stream.viewer.trouble:
        await asyncio.sleep(0.1)
    _say({"ready": True})
    connection, relay = RTCPeerConnection(RTCConfiguration(iceServers=[])), MediaRelay()

    @connection.on("track")
    def on_track(track) -> None:
        """As streamlit-webrtc joins the two ends."""
        stream.sink.addTrack(relay.subscribe(track))
        connection.addTrack(relay.subscribe(stream.source))

    offer, offered_s = json.loads(await _line()), time.monotonic()
    await connection.setRemoteDescription(RTCSessionDescription(**offer))
    stream.sink.start()
    await connection.setLocalDescription(await connection.createAnswer())
    _say({"sdp": connection.localDescription.sdp, "type": connection.localDescription.type})
    while not (ages := [at_s for at_s, age_s in stream.shown() if age_s is not None]):
        await asyncio.sleep(0.01)
    costs = Costs(stream)
    asking = asyncio.ensure_future(_line())
    while True:
        await asyncio.wait([asking], timeout=POLL_S)
        costs.poll()
        if asking.done():
            if not asking.result():
                break
            _say(costs.told() | {"first_s": ages[0] - offered_s})
            costs, asking = Costs(stream), asyncio.ensure_future(_line())
    await connection.close()
    stream.close()
    engine.close()


async def _line() -> str:
    return await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)


def _say(what: dict) -> None:
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    asyncio.run(serve(*sys.argv[1:]))
