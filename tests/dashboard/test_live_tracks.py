"""Frames in and out of a connection: nothing grows, nothing is shown twice, and every end is told."""

import asyncio
import threading
from fractions import Fraction

import av
import pytest
from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError

from dashboard.live_tracks import Sink, Source


class Film(MediaStreamTrack):
    """Some frames, and then the end, or a wait for one that never comes."""

    kind = "video"

    def __init__(self, frames: int, ends: bool = True):
        super().__init__()
        self.left, self.ends = frames, ends

    async def recv(self):
        self.left -= 1
        if self.left < 0:
            if self.ends:
                raise MediaStreamError
            await asyncio.Event().wait()
        return picture(self.left)


def picture(pts=0):
    frame = av.VideoFrame(64, 48, "yuv420p")
    frame.pts, frame.time_base = pts, Fraction(1, 90_000)
    return frame


async def soon(condition):
    """Let the loop run until it is true."""
    for _ in range(1000):
        if condition():
            return True
        await asyncio.sleep(0.001)
    return False


class Drawing:
    """A source that numbers its pictures, and what it does at its end."""

    def __init__(self):
        self.drawn, self.ends = 0, 0
        self.source = Source(self.draw, self.end)

    def draw(self):
        self.drawn += 1
        return picture(self.drawn)

    def end(self):
        self.ends += 1


def test_sink_takes_every_frame_and_tells_the_end():
    taken, ends = [], []

    async def run():
        film = Film(3)
        sink = Sink(lambda frame: taken.append(frame.pts), lambda: ends.append(1))
        assert not sink.hasTrack()
        sink.addTrack(film)
        assert sink.hasTrack()
        with pytest.raises(RuntimeError, match="needs a stream of its own"):
            sink.addTrack(Film(1))
        sink.start()
        assert await soon(lambda: ends)
        assert film.readyState == "ended"

    asyncio.run(run())
    assert (taken, ends) == ([2, 1, 0], [1])


@pytest.mark.parametrize("after", [0, 5])
def test_sink_stops_from_another_thread(after):
    """At once, before it took anything, and in the middle."""
    taken, ends = [], []

    async def run():
        sink = Sink(lambda frame: taken.append(frame.pts), lambda: ends.append(1))
        sink.addTrack(Film(5, ends=False))
        sink.start()
        if after:
            assert await soon(lambda: len(taken) == after)
        await asyncio.to_thread(sink.stop)
        assert await soon(lambda: ends)

    asyncio.run(run())
    assert len(taken) >= after


def test_sink_that_never_began_ends_too():
    ends = []
    Sink(lambda frame: None, lambda: ends.append(1)).stop()
    assert ends == [1]


def test_sink_ends_where_a_frame_cannot_be_taken(caplog):
    ends = []

    def fail(frame):
        raise ValueError("not this one")

    async def run():
        sink = Sink(fail, lambda: ends.append(1))
        sink.addTrack(Film(5, ends=False))
        sink.start()
        assert await soon(lambda: ends)

    asyncio.run(run())
    assert "not this one" in caplog.text


def test_source_waits_for_something_new():
    async def run():
        drawing = Drawing()
        drawing.source.offer()
        drawing.source.offer()  # two arrived before one was asked for: only the newest is drawn
        assert (await drawing.source.recv()).pts == 1
        waiting = asyncio.ensure_future(drawing.source.recv())
        assert not (await asyncio.wait([waiting], timeout=0.05))[0]
        drawing.source.offer()
        assert (await waiting).pts == 2

    asyncio.run(run())


def test_source_gives_nothing_away_while_two_are_on_their_way():
    async def run():
        drawing, held = Drawing(), []
        for _ in range(2):
            drawing.source.offer()
            held.append(await drawing.source.recv())
        waiting = asyncio.ensure_future(drawing.source.recv())
        for _ in range(5):
            drawing.source.offer()
        assert not (await asyncio.wait([waiting], timeout=0.05))[0]
        assert drawing.drawn == 2
        held.pop(0)
        assert (await waiting).pts == 3

    asyncio.run(run())


def test_encoder_lets_go_of_what_it_was_given():
    """libvpx as aiortc uses it: 20 frames through a source come out of it only if each is let go of."""
    from aiortc.codecs.vpx import Vp8Encoder

    async def run():
        drawing, encoder = Drawing(), Vp8Encoder()
        for number in range(1, 21):
            drawing.source.offer()
            frame = await asyncio.wait_for(drawing.source.recv(), 10)
            payloads, _ = await asyncio.get_running_loop().run_in_executor(None, encoder.encode, frame)
            assert payloads and drawing.drawn == number

    asyncio.run(run())


def test_source_ends_for_whoever_waits():
    async def run():
        drawing = Drawing()
        waiting = asyncio.ensure_future(drawing.source.recv())
        await asyncio.sleep(0)
        thread = threading.Thread(target=drawing.source.stop)
        thread.start()
        with pytest.raises(MediaStreamError):
            await waiting
        thread.join()
        drawing.source.stop()
        with pytest.raises(MediaStreamError):
            await drawing.source.recv()
        assert drawing.ends == 1

    asyncio.run(run())


def test_source_ends_where_a_frame_cannot_be_drawn(caplog):
    def fail():
        raise ValueError("not this one")

    async def run():
        ends = []
        source = Source(fail, lambda: ends.append(1))
        source.offer()
        with pytest.raises(MediaStreamError):
            await source.recv()
        assert ends == [1]

    asyncio.run(run())
    assert "not this one" in caplog.text
