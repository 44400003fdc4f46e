"""The video of a live session: written so that it can be read up to the last picture however the writing ends."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np

from processor import decode
from processor.canvas import BT709, Canvas, colour_space, even
from processor.film import CLOCK

KEYFRAME_S = 2.0
OPTIONS = {"preset": "ultrafast", "tune": "zerolatency", "crf": "23", "threads": "1"}
# Every picture is a fragment of its own and goes to the disk at once; the index at the end is made when it is kept.
_MUXER = {"movflags": "frag_every_frame+empty_moov+default_base_moof", "flush_packets": "1"}


class VideoWriter:
    """Writes pictures at their times as MP4 (H.264). All get the size of the first; others are fitted into it.

    last_s: the time up to which pictures are in the file. Raises OSError or av.FFmpegError where it can't be written.
    """

    def __init__(self, path: Path, size_wh: tuple[int, int]):
        self.size_wh = even(size_wh[0]), even(size_wh[1])
        self.last_s = 0.0
        self._output = av.open(str(path), "w", format="mp4", options=_MUXER)
        self._stream = self._output.add_stream("libx264", rate=30, options=OPTIONS)
        self._stream.width, self._stream.height, self._stream.pix_fmt = *self.size_wh, "yuv420p"
        context = self._stream.codec_context
        context.options = OPTIONS
        context.time_base = self._stream.time_base = CLOCK
        self._file = os.open(path, os.O_RDONLY | os.O_CREAT, 0o644)  # FFmpeg makes it with the first picture
        self._last_pts, self._keyframe_s = -1, None

    def add(self, picture: av.VideoFrame, t_s: float) -> None:
        """Add a picture at `t_s` seconds; times that do not ascend are a tick apart."""
        frame = fitted(picture, self.size_wh).to_frame()
        pts = max(round(t_s / CLOCK), self._last_pts + 1)
        frame.pts, frame.time_base = pts, CLOCK
        if self._keyframe_s is None or t_s >= self._keyframe_s + KEYFRAME_S:
            self._keyframe_s = t_s
            frame.pict_type = av.video.frame.PictureType.I
        self._output.mux(self._stream.encode(frame))
        # FFmpeg holds the newest back until it knows how long it is.
        self.last_s = float(max(0, self._last_pts) * CLOCK)
        self._last_pts = pts

    def sync(self) -> None:
        """Bring what was written to the disk itself."""
        os.fsync(self._file)

    def close(self) -> None:
        """Finish the file; one that could not be written is left as it is."""
        try:
            self._output.mux(self._stream.encode(None))
            self._output.close()
            os.fsync(self._file)
        except (OSError, av.FFmpegError):
            pass
        finally:
            os.close(self._file)


def fit(size_wh: tuple[int, int], into_wh: tuple[int, int]) -> tuple[float, float, float]:
    """How a picture of one size lies, whole and centred, in one of another: its scale, and where left and top are."""
    scale = min(into_wh[0] / size_wh[0], into_wh[1] / size_wh[1])
    return scale, (into_wh[0] - size_wh[0] * scale) / 2, (into_wh[1] - size_wh[1] * scale) / 2


def fitted(picture: av.VideoFrame, size_wh: tuple[int, int]) -> Canvas:
    """A picture at that size, even numbers; of another shape, with black beside it."""
    scale, left, top = fit((picture.width, picture.height), size_wh)
    inner = even(picture.width * scale + 0.5), even(picture.height * scale + 0.5)
    if size_wh[0] - inner[0] < 4 and size_wh[1] - inner[1] < 4:
        return Canvas.of(picture, size_wh, 0)
    small, (width, height) = Canvas.of(picture, inner, 0), size_wh
    planes = [np.full((height // n, width // n), level, np.uint8) for n, level in ((1, 16), (2, 128), (2, 128))]
    canvas = Canvas(*planes, high_definition=colour_space(picture) == BT709)
    canvas.paste(left, top, (small.y, small.u, small.v))
    return canvas


def make_whole(path: Path, target: Path, max_pixels: int) -> tuple[decode.VideoInfo, np.ndarray]:
    """Copy the pictures of a video that was being written into an MP4 whose index comes first; none is encoded anew.

    A video that breaks off ends where it does. Returns what is known of it and the times of its pictures, float (N,),
    seconds from the first one. Raises VideoUnreadable if there is not one picture in it, OSError.
    """
    times = []
    with decode.opened(path, cut_off=True) as source:
        if not source.streams.video:
            raise decode.VideoUnreadable(f"{path.name} has no picture.")
        stream = source.streams.video[0]
        with av.open(str(target), "w", format="mp4", options={"movflags": "faststart"}) as output:
            copied = output.add_stream_from_template(stream)
            for packet in _whole_packets(source, stream):
                times.append(float(packet.pts * packet.time_base))
                packet.stream = copied
                output.mux(packet)
    return decode.probe(target, max_pixels), np.sort(np.array(times)) - min(times, default=0.0)


def _whole_packets(source: av.container.InputContainer, stream: av.VideoStream) -> Iterator[av.Packet]:
    packets, last_dts = source.demux(stream), None
    while True:
        try:
            packet = next(packets)
        except (StopIteration, av.FFmpegError):
            return
        if packet.is_corrupt or packet.pts is None or packet.dts is None or not packet.size:
            continue
        if last_dts is None and not packet.is_keyframe:
            continue
        if last_dts is None or packet.dts > last_dts:
            last_dts = packet.dts
            yield packet
