"""Makers of test videos: ordinary, odd, damaged and hostile ones. Each writes `path` and tells what is true of it.

Every readable picture carries its own number (`number_of` reads it back) and is brighter at the bottom left than at
the bottom right, so a test can tell whether it was given the right frame, the right way up. None shows a face.

Import with `from tests import clips`.
"""

from __future__ import annotations

import contextlib
import struct
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

BITS = 8  # a picture's number is written in this many vertical bars, the highest bit on the left


@dataclass(frozen=True)
class Clip:
    """What is true of a clip.

    times_s: when each picture is shown, in seconds from the first one, in display order. size_wh: width and height in
    pixels as displayed. rotation_deg: clockwise turn that the player has to make, 0 to 270. damaged: numbers of the
    pictures whose data was overwritten.
    """

    path: Path
    times_s: tuple[float, ...]
    size_wh: tuple[int, int]
    codec: str
    rotation_deg: int = 0
    damaged: tuple[int, ...] = ()

    @property
    def frames(self) -> int:
        return len(self.times_s)


# --- pictures -------------------------------------------------------------------------------------------------------


def picture(number: int, size_wh: tuple[int, int]) -> np.ndarray:
    """Picture `number` (0..255): bars with its bits above, a ramp from light (left) to dark (right) below.

    Returns uint8 (H, W, 3), grey.
    """
    width, height = size_wh
    columns = np.arange(width) * BITS // width
    grey = np.empty((height, width), np.uint8)
    grey[: height // 2] = np.where((number >> (BITS - 1 - columns)) & 1, 235, 20)
    grey[height // 2 :] = np.linspace(200, 60, width).astype(np.uint8)
    return np.repeat(grey[:, :, None], 3, axis=2)


def number_of(image: np.ndarray) -> int:
    """The number that `picture` wrote into `image`, (H, W, 3) in any channel order."""
    height, width = image.shape[:2]
    row = image[: max(1, height // 2 - height // 8)].mean(axis=(0, 2))
    middles = [int((bit + 0.5) * width / BITS) for bit in range(BITS)]
    return sum(int(row[x] > 128) << (BITS - 1 - bit) for bit, x in enumerate(middles))


# --- ordinary and odd clips -----------------------------------------------------------------------------------------


def write(
    path: Path, times_s: Sequence[float], size_wh: tuple[int, int] = (320, 240), *,
    codec: str = "libx264", container: str | None = None, time_base: Fraction = Fraction(1, 90_000),
    pixel_format: str | None = None, muxer: dict | None = None, encoder: dict | None = None,
    turn: Callable[[np.ndarray], np.ndarray] | None = None,
) -> Clip:  # fmt: skip
    """Write picture 0, 1, ... at `times_s`; the format is `container`, or the one that the name's ending asks for.

    turn: applied to each picture before it is stored, for clips that are stored turned.
    """
    turn = turn or (lambda image: image)
    height, width = turn(picture(0, size_wh)).shape[:2]
    # Odd sizes have no 4:2:0 picture: half a chroma pixel does not exist.
    pixel_format = pixel_format or ("yuv420p" if width % 2 == 0 and height % 2 == 0 else "yuv444p")
    step_s = times_s[1] - times_s[0] if len(times_s) > 1 else 0.04
    with av.open(str(path), "w", format=container, options=muxer or {}) as output:
        stream = output.add_stream(codec, rate=Fraction(1 / step_s).limit_denominator(1000), options=encoder or {})
        stream.width, stream.height, stream.pix_fmt = width, height, pixel_format
        stream.codec_context.time_base = stream.time_base = time_base
        for number, t_s in enumerate(times_s):
            frame = av.VideoFrame.from_ndarray(turn(picture(number % 256, size_wh)), format="rgb24")
            frame = frame.reformat(format=pixel_format)
            frame.time_base, frame.pts = time_base, round(t_s / time_base)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    with av.open(str(path), format=container) as made:
        name = made.streams.video[0].codec_context.name
    return Clip(path, tuple(float(t) for t in times_s), size_wh, name)


def even(seconds: float, fps: float) -> tuple[float, ...]:
    """Times of an even clip, in seconds from 0."""
    return tuple(number / fps for number in range(round(seconds * fps)))


def plain(path: Path, seconds: float = 2, fps: float = 25, size_wh: tuple[int, int] = (320, 240)) -> Clip:
    """H.264 in MP4, with B-frames, so that frames are stored in another order than they are shown in."""
    return write(path, even(seconds, fps), size_wh)


no_faces = plain


def one_frame(path: Path) -> Clip:
    return write(path, (0.0,))


def tiny(path: Path) -> Clip:
    """16 pixels square."""
    return plain(path, 1, size_wh=(16, 16))


def odd_size(path: Path) -> Clip:
    """641x359: neither side divides by two."""
    return plain(path, 1, size_wh=(641, 359))


def frame_8k(path: Path) -> Clip:
    """7680x4320, three frames."""
    return write(path, even(0.12, 25), (7680, 4320), encoder={"preset": "ultrafast", "tune": "zerolatency"})


def beyond_8k(path: Path) -> Clip:
    """8320x4400, one frame: more than the largest picture that the default settings accept."""
    return write(path, (0.0,), (8320, 4400), encoder={"preset": "ultrafast", "tune": "zerolatency"})


def variable_rate(path: Path) -> Clip:
    """Steps of 20, 40 and 300 ms, and a pause of two seconds."""
    steps_ms = [40] * 5 + [20] * 10 + [300] * 4 + [2000] + [40] * 10 + [33, 34, 33, 51]
    return write(path, tuple(np.concatenate([[0], np.cumsum(steps_ms)]) / 1000))


def late_start(path: Path) -> Clip:
    """MKV whose first frame has the time stamp 2.5 s; `times_s` still counts from the first frame."""
    clip = write(path, tuple(2.5 + t for t in even(1, 25)), container="matroska")
    return Clip(clip.path, even(1, 25), clip.size_wh, clip.codec)


# Player's transformation matrices for a clockwise turn, as (a, b, c, d) of the track header in 16.16 fixed point.
_MATRIX = {90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}


def rotated(path: Path, rotation_deg: int = 90) -> Clip:
    """A phone's upright video, 240x320 as displayed, stored lying down with a display matrix in its track header."""
    clip = write(path, even(1, 25), (240, 320), turn=lambda image: np.rot90(image, rotation_deg // 90))
    data = bytearray(path.read_bytes())
    matrix_at = data.index(b"tkhd") + 4 + 40  # version 0: 40 bytes of times, track number, layer and volume come first
    a, b, c, d = (value << 16 for value in _MATRIX[rotation_deg])
    data[matrix_at : matrix_at + 36] = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)
    path.write_bytes(data)
    return Clip(path, clip.times_s, (240, 320), clip.codec, rotation_deg=rotation_deg)


# One of each kind that is accepted: ending, container, encoder, frames a second, width and height, time base.
_MILLISECOND = Fraction(1, 1000)
CONTAINERS = {
    "mp4": ("mp4", "libx264", 25, (320, 240), Fraction(1, 90_000)),
    "hevc.mp4": ("mp4", "libx265", 25, (320, 240), Fraction(1, 90_000)),
    "m4v": ("mp4", "mpeg4", 25, (320, 240), Fraction(1, 25)),
    "mov": ("mov", "libx264", 24000 / 1001, (320, 240), Fraction(1, 24_000)),
    "avi": ("avi", "mpeg4", 25, (320, 240), Fraction(1, 25)),
    "mkv": ("matroska", "libx264", 25, (320, 240), _MILLISECOND),
    "webm": ("webm", "libvpx", 25, (320, 240), _MILLISECOND),
    "vp9.webm": ("webm", "libvpx-vp9", 25, (320, 240), _MILLISECOND),
    "mpg": ("mpeg", "mpeg2video", 25, (320, 240), Fraction(1, 25)),
    "3gp": ("3gp", "h263", 25, (352, 288), Fraction(1, 25)),
    "gif": ("gif", "gif", 10, (320, 240), Fraction(1, 100)),
}
_QUICK = {"libx265": {"x265-params": "log-level=none"}, "libvpx": {"deadline": "realtime"},
          "libvpx-vp9": {"deadline": "realtime", "cpu-used": "8"}}  # fmt: skip


def of_kind(path: Path, kind: str, seconds: float = 2) -> Clip:
    """A clip of a kind in `CONTAINERS`."""
    container, codec, fps, size_wh, time_base = CONTAINERS[kind]
    return write(
        path, even(seconds, fps), size_wh, codec=codec, container=container, time_base=time_base,
        pixel_format="rgb8" if codec == "gif" else None, encoder=_QUICK.get(codec),
    )  # fmt: skip


# --- damaged clips and files that are no video ----------------------------------------------------------------------


def empty_file(path: Path) -> None:
    path.write_bytes(b"")


def text(path: Path) -> None:
    """Text under a video's name."""
    path.write_text("Dear all, please find the recording attached.\n" * 40, encoding="utf-8")


def noise(path: Path) -> None:
    """64 KiB of random bytes under a video's name."""
    path.write_bytes(np.random.default_rng(1).bytes(1 << 16))


def cut_at_half(path: Path) -> None:
    """The first half of an MP4 whose index came last: nothing in it can be decoded."""
    plain(path, 4)
    _cut(path, path.stat().st_size // 2)


def cut_at_1_kb(path: Path) -> None:
    """The first 1,024 bytes of an MP4."""
    plain(path, 4)
    _cut(path, 1024)


def cut_with_index(path: Path) -> Clip:
    """Half of an MP4 whose index came first: it opens and promises 100 frames, but has the data of fewer.

    `times_s` are the promised ones.
    """
    clip = write(path, even(4, 25), muxer={"movflags": "faststart"})
    _cut(path, path.stat().st_size // 2)
    return clip


def _cut(path: Path, size_bytes: int) -> None:
    path.write_bytes(path.read_bytes()[:size_bytes])


def corrupt(path: Path, damaged: Sequence[int] = (10, 11, 30)) -> Clip:
    """MP4 of 50 frames, each stored by itself; the data of the `damaged` ones is overwritten."""
    clip = write(path, even(2, 25), encoder={"g": "1", "bf": "0"})
    with av.open(str(path)) as video:
        places = [(packet.pos, packet.size) for packet in video.demux(video=0) if packet.size]
    data = bytearray(path.read_bytes())
    for number in damaged:
        position, size = places[number]
        data[position : position + size] = b"\xff" * size
    path.write_bytes(data)
    return Clip(path, clip.times_s, clip.size_wh, clip.codec, damaged=tuple(damaged))


def audio_only(path: Path, seconds: float = 2) -> None:
    """AAC in MP4, without a video stream."""
    with av.open(str(path), "w", format="mp4") as output:
        stream = output.add_stream("aac", rate=48_000, layout="mono")
        tone = np.sin(np.arange(int(48_000 * seconds)) * 2 * np.pi * 440 / 48_000).astype(np.float32)
        frame = av.AudioFrame.from_ndarray(tone[None] * 0.2, format="fltp", layout="mono")
        frame.sample_rate, frame.pts = 48_000, 0
        resampler = av.AudioResampler(format="fltp", layout="mono", rate=48_000, frame_size=1024)
        for part in resampler.resample(frame):
            output.mux(stream.encode(part))
        output.mux(stream.encode(None))


def zero_frames(path: Path) -> None:
    """A video stream is announced, 320x240, and holds no frame. AVI inside, since other containers drop the stream."""
    with av.open(str(path), "w", format="avi") as output:
        stream = output.add_stream("mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        output.start_encoding()


# --- files that point at others -------------------------------------------------------------------------------------


def hls_playlist(path: Path, target: Path | str) -> None:
    """An HLS playlist under a video's name that asks for `target`, a file or a URL."""
    lines = ("#EXTM3U", "#EXT-X-VERSION:3", "#EXT-X-TARGETDURATION:10", "#EXTINF:10.0,", str(target), "#EXT-X-ENDLIST")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def concat_script(path: Path, target: Path | str) -> None:
    """An ffconcat script under a video's name that asks for `target`."""
    path.write_text(f"ffconcat version 1.0\nfile '{target}'\nduration 2\n", encoding="utf-8")


def dash_manifest(path: Path, target: Path | str) -> None:
    """An MPEG-DASH manifest under a video's name that asks for `target`."""
    path.write_text(
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT2S"'
        f' profiles="urn:mpeg:dash:profile:isoff-on-demand:2011"><Period><AdaptationSet mimeType="video/mp4">'
        f'<Representation id="1" bandwidth="1" width="320" height="240"><BaseURL>{target}</BaseURL></Representation>'
        "</AdaptationSet></Period></MPD>\n",
        encoding="utf-8",
    )


def sdp(path: Path, target: str = "127.0.0.1") -> None:
    """A session description under a video's name: reading it would wait for a stream from the network."""
    path.write_text(f"v=0\no=- 0 0 IN IP4 {target}\ns=x\nc=IN IP4 {target}\nt=0 0\nm=video 5004 RTP/AVP 96\n"
                    "a=rtpmap:96 H264/90000\n", encoding="utf-8")  # fmt: skip


POINTERS = {"hls": hls_playlist, "concat": concat_script, "dash": dash_manifest}

# --- names ----------------------------------------------------------------------------------------------------------

# File names that are allowed on Linux and break programs that build commands, patterns or URLs from them.
AWKWARD_NAMES = (
    'it\'s "quoted".mp4',
    "two\nlines.mp4",
    "smile 😀 é 中.mp4",
    "..clip.mp4",
    "-rf.mp4",
    "50%03d.mp4",
    "file:clip.mp4",
    "concat:a.mp4|b.mp4",
    "'; DROP TABLE video; --.mp4",
    "<script>alert(1)<script>.mp4",
    "[a]*?.mp4",
    "x" * 251 + ".mp4",
)

# Names that only an upload can bring, because a folder could not hold them.
HOSTILE_UPLOAD_NAMES = (*AWKWARD_NAMES, "../../escaped.mp4", "/etc/escaped.mp4", "a/b.mp4", "..\\escaped.mp4", "..", "",
                        "nul\0byte.mp4", "y" * 5000 + ".mp4")  # fmt: skip

# --- files that are still being written -----------------------------------------------------------------------------


@contextlib.contextmanager
def growing(path: Path, content: bytes, seconds: float, steps: int = 20) -> Iterator[threading.Thread]:
    """Write `content` to `path` bit by bit over `seconds`, in a thread, which is given; leaving waits for its end."""

    def append():
        with path.open("wb") as file:
            for step in range(steps):
                file.write(content[len(content) * step // steps : len(content) * (step + 1) // steps])
                file.flush()
                if step < steps - 1:
                    time.sleep(seconds / steps)

    writer = threading.Thread(target=append, name="writer", daemon=True)
    writer.start()
    try:
        yield writer
    finally:
        writer.join()
