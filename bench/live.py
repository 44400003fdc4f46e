"""`python -m bench.live`: frames a second, age of labels, processor time and memory of a live stream over WebRTC."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Annotated

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import av
import numpy as np
import typer
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError

from bench import machine, sections, videos
from bench.__main__ import bench_home
from bench.live_film import FPS, film, number_of

SIZES, FACES = ((640, 480), (1280, 720)), (1, 3)

# DESIGN section 6, at 640x480.
LEAST_FPS, MOST_AGE_MS = 15.0, 150.0
WARM_UP_S = 5.0


class Camera(MediaStreamTrack):
    """Plays a film of VP8 pictures over and over, encoded before, so that the camera costs next to nothing."""

    kind = "video"

    def __init__(self, pictures: list[bytes]):
        super().__init__()
        self._pictures, self._sent, self._began_s = pictures, 0, None
        self.sent_s: dict[int, float] = {}  # when the picture of a number was sent last

    async def recv(self) -> av.Packet:
        if self.readyState != "live":
            raise MediaStreamError
        self._began_s = self._began_s or time.monotonic()
        await asyncio.sleep(max(0.0, self._began_s + self._sent / FPS - time.monotonic()))
        number = self._sent % len(self._pictures)
        packet = av.Packet(self._pictures[number])
        packet.pts, packet.time_base = self._sent * 90_000 // FPS, Fraction(1, 90_000)
        self.sent_s[number] = time.monotonic()
        self._sent += 1
        return packet


class Viewer:
    """The browser's end: sends a film, and notes how long each picture was under way, in ms."""

    def __init__(self, pictures: list[bytes]):
        self.camera, self.delays_ms = Camera(pictures), []
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.connection.addTrack(self.camera)
        self.connection.on("track", lambda track: asyncio.ensure_future(self._watch(track)))

    async def _watch(self, track: MediaStreamTrack) -> None:
        try:
            while True:
                frame = await track.recv()
                if sent_s := self.camera.sent_s.get(number_of(frame)):
                    self.delays_ms.append(1000 * (time.monotonic() - sent_s))
        except MediaStreamError:
            pass


class Server:
    """The dashboard's end, in a process of its own (bench/live_server.py)."""

    def __init__(self, process: asyncio.subprocess.Process):
        self._process = process

    @classmethod
    @asynccontextmanager
    async def started(cls, home: Path) -> AsyncIterator[Server]:
        """Ready for an offer, with everything loaded."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bench.live_server", str(home)),
            cwd=videos.REPOSITORY, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=2**24,
        )  # fmt: skip
        try:
            server = cls(process)
            await server.answer()
            yield server
        finally:
            process.stdin.close()
            await process.wait()

    async def ask(self, what: dict | str) -> dict:
        """Its answer to a line."""
        self._process.stdin.write(json.dumps(what).encode() + b"\n")
        return await self.answer()

    async def answer(self) -> dict:
        """Its next line. Raises SystemExit where it has ended."""
        line = await self._process.stdout.readline()
        if not line:
            raise SystemExit("The server of the live benchmark ended too early; what it said is above.")
        return json.loads(line)


async def measured(home: Path, pictures: list[bytes], minutes: float) -> dict:
    """Stream for that long; the server's figures and, of what came back, the delays. Memory after every minute.

    Where the connection breaks off, the figures are those until then, and `trouble` says so.
    """
    async with Server.started(home) as server:
        viewer = Viewer(pictures)
        await viewer.connection.setLocalDescription(await viewer.connection.createOffer())
        offer = viewer.connection.localDescription
        answer = await server.ask({"sdp": offer.sdp, "type": offer.type})
        await viewer.connection.setRemoteDescription(RTCSessionDescription(**answer))
        await asyncio.sleep(WARM_UP_S)
        first_s = (await server.ask("start"))["first_s"]
        viewer.delays_ms.clear()
        told = []
        while (left_s := 60 * minutes - sum(one["seconds"] for one in told)) > 1:
            await asyncio.sleep(min(60.0, left_s))
            told.append(await server.ask("figures"))
            if broken := viewer.connection.connectionState != "connected":
                break
        delays_ms = list(viewer.delays_ms)
        await viewer.connection.close()
    seconds = sum(one["seconds"] for one in told)
    return {
        "first_s": first_s,
        "faces": float(np.mean([one["faces"] for one in told])),
        "fps": sum(one["shown"] for one in told) / seconds,
        "looks": sum(one["looked_at"] for one in told) / seconds,
        "age_ms": _spread([age for one in told for age in one["ages_ms"]]),
        "delay_ms": _spread(delays_ms),
        "cpu": sum(one["cpu_s"] for one in told) / seconds,
        "memory_mb": [one["memory_mb"] for one in told],
        "model": told[-1]["model"],
        "detector": told[-1]["detector"],
        "trouble": f"The connection broke off within {len(told)} minutes." if broken else told[-1]["trouble"],
    }


def _spread(values: list[float]) -> tuple[float, float]:
    """Median and 95th percentile; not a number where there is nothing."""
    return tuple(np.percentile(values, (50, 95))) if values else (float("nan"),) * 2


def table(rows: list[dict], minutes: float) -> str:
    """The results as a Markdown table; at 640x480, what misses its target is bold."""
    lines = [["picture", "faces", "found", "frames shown, 1/s", "looked at, 1/s", "label age, ms", "p95",
              "there and back, ms", "p95", "first box, s", "CPU, cores", f"memory at {min(minutes, 1):g} min, MiB",
              f"at {minutes:g} min"]]  # fmt: skip
    lines.append(["---"] * len(lines[0]))
    for row in rows:
        small = row["size_wh"] == SIZES[0]
        fps, (age, late) = row["fps"], row["age_ms"]
        memory = row["memory_mb"]
        lines.append([
            f"{row['size_wh'][0]}x{row['size_wh'][1]}", str(row["people"]), f"{row['faces']:.2f}",
            _bold(f"{fps:.1f}", small and fps < LEAST_FPS), f"{row['looks']:.1f}",
            _bold(f"{age:.0f}", small and age > MOST_AGE_MS), f"{late:.0f}",
            f"{row['delay_ms'][0]:.0f}", f"{row['delay_ms'][1]:.0f}", f"{row['first_s']:.1f}", f"{row['cpu']:.2f}",
            f"{memory[0]:.0f}", f"{memory[-1]:.0f}" if len(memory) > 1 else "–",
        ])  # fmt: skip
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def _bold(text: str, missed: bool) -> str:
    return f"**{text}**" if missed else text


def main(
    minutes: Annotated[float, typer.Option(min=0.1, help="How long each stream runs.")] = 1.0,
    only: Annotated[
        list[str], typer.Option(help="Only these, such as 640x480x1 (the last is faces); repeatable.")
    ] = [],  # noqa: B006
    write: Annotated[bool, typer.Option("--write", help="Also put it into bench/RESULTS.md.")] = False,
) -> None:
    """Stream a video with faces to the server and back, for each size of the picture and number of faces."""
    about, rows = machine.describe(), []
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        home, _ = bench_home(scratch)
        video = videos.originals(scratch)[0]
        for size_wh in SIZES:
            for people in FACES:
                name = f"{size_wh[0]}x{size_wh[1]}x{people}"
                if only and name not in only:
                    continue
                print(f"{name} ...", file=sys.stderr)
                row = asyncio.run(measured(home.path, film(video, size_wh, people), minutes))
                if row["trouble"]:
                    print(row["trouble"], file=sys.stderr)
                rows.append({"size_wh": size_wh, "people": people, **row})
    if not rows:
        raise SystemExit("There is nothing of that name to measure; there are 640x480x1, 640x480x3 and 1280x720x1, x3.")
    text = f"""## Live

`{shlex.join(["python", "-m", "bench.live", *sys.argv[1:]])}`, {date.today()}. {about}

- A film of {FPS} frames a second from `{video.name}`, once or three times side by side, goes over WebRTC (VP8) to a
  server in a process of its own and comes back with what is seen drawn on it; {minutes:g} minutes each. Model
  `{rows[0]["model"]}`, detector `{rows[0]["detector"]}`, both loaded before. The viewer is on the same machine: it
  decodes what comes back; the film is encoded before. There is no page.
- Found: faces in a picture that was looked at, on average. Label age: from the arrival of a frame at the server until
  a picture with what was seen in it is handed to the encoder. There and back: from a frame's leaving the camera until
  it is decoded at the viewer's, without what a browser keeps back. First box: from the offer until a picture with a
  result is shown.
- CPU: the server's, in cores. Target at 640x480: at least {LEAST_FPS:g} frames a second, labels at most
  {MOST_AGE_MS:g} ms old; what misses it is bold.

{table(rows, minutes)}
"""
    print(text)
    if write:
        sections.write(text, "`python -m bench.live`")


if __name__ == "__main__":
    typer.run(main)
