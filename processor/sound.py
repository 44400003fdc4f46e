"""The sound of a video, taken over into another file: as it is, or encoded anew as AAC."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av

from processor import decode

# What an MP4 may hold and players know; anything else becomes AAC.
COPIED = ("aac", "mp3", "ac3", "eac3", "alac")
AAC_RATES = (48_000, 44_100, 32_000, 24_000, 22_050, 16_000)
PRIMING_S = 0.1  # a decoder needs what comes a little before the sound that is heard first
AHEAD_S = 0.5  # sound goes this far ahead of the pictures, as in files made by others


class Sound:
    """The sound of `path` on its way into `output`, moved so that its clock is that of the pictures.

    start_s: what the container's clock says at the first picture. from_s, to_s: the part that is wanted, in seconds
    from the first picture. copied: take the packets as they are where the container allows (only for a whole video).
    A file without sound, or with one that can't be decoded, gives none. Use as a context, before anything is encoded.
    """

    def __init__(
        self, path: Path, output: av.container.OutputContainer, start_s: float, from_s: float = 0.0,
        to_s: float = float("inf"), copied: bool = False,
    ):  # fmt: skip
        self._zero_s, self._length_s = start_s + from_s, to_s - from_s
        self._output, self._opened = output, decode.opened(path)
        self._container = self._opened.__enter__()
        self._done_s = 0.0
        self._packets: Iterator[av.Packet] = iter(())
        source = self._container.streams.best("audio")
        if source is None or source.codec_context is None:
            return
        codec = source.codec_context.codec.canonical_name
        # AAC without a header of its own, as in MPEG-TS, is another form of it.
        if copied and codec in COPIED and (source.codec_context.extradata or codec != "aac"):
            self._packets = self._copied(source, output.add_stream_from_template(source))
        else:
            if from_s > decode.SEARCH_FROM_S:
                self._search(source)
            self._packets = self._encoded(source)

    def __enter__(self) -> Sound:
        return self

    def __exit__(self, *error) -> None:
        self._opened.__exit__(*error)

    def up_to(self, t_s: float) -> None:
        """Write what is heard until a little after t_s, in seconds from the beginning of the part."""
        while self._done_s < t_s + AHEAD_S:
            packet = next(self._packets, None)
            if packet is None:
                self._done_s = float("inf")
                return
            if packet.pts is not None:
                self._done_s = float(packet.pts * packet.time_base)
            self._output.mux(packet)

    def _copied(self, source: av.AudioStream, target: av.AudioStream) -> Iterator[av.Packet]:
        for packet in self._demuxed(source):
            if packet.pts is None or packet.dts is None or packet.is_corrupt:
                continue
            zero = round(Fraction(self._zero_s) / packet.time_base)
            if (packet.pts - zero) * packet.time_base >= -PRIMING_S:
                packet.pts, packet.dts, packet.stream = packet.pts - zero, packet.dts - zero, target
                yield packet

    def _encoded(self, source: av.AudioStream) -> Iterator[av.Packet]:
        rate = source.rate if source.rate in AAC_RATES else AAC_RATES[0]
        layout = "mono" if source.codec_context.channels == 1 else "stereo"
        target = self._output.add_stream("aac", rate=rate, layout=layout, bit_rate=64_000 * (1 + (layout == "stereo")))
        return self._encode(source, target, rate, layout)

    def _encode(self, source, target, rate: int, layout: str) -> Iterator[av.Packet]:
        graph, made_for, done = None, None, 0  # done: samples so far
        for frame in self._frames(source):
            kind = frame.format.name, frame.layout.name, frame.sample_rate, frame.time_base
            if kind != made_for:  # the first one, or the sound changes its format on the way
                for part in _flushed(graph):
                    done = part.pts + part.samples
                    yield from target.encode(part)
                graph, made_for = _in_step(*kind, rate, layout, self._length_s, done), kind
            graph.push(frame)
            for part in _pulled(graph):
                done = part.pts + part.samples
                yield from target.encode(part)
        for part in _flushed(graph):
            yield from target.encode(part)
        if target.codec_context.is_open:
            yield from target.encode(None)

    def _frames(self, source: av.AudioStream) -> Iterator[av.AudioFrame]:
        """Decoded sound of the part, its times counted from the part's beginning."""
        for packet in self._demuxed(source):
            try:
                frames = packet.decode()
            except av.FFmpegError:
                continue  # damaged: silence takes its place
            for frame in frames:
                if frame.pts is None:
                    continue
                frame.pts -= round(Fraction(self._zero_s) / frame.time_base)
                if frame.time > self._length_s:
                    return
                if frame.time + frame.samples / frame.sample_rate > 0:
                    yield frame

    def _demuxed(self, source: av.AudioStream) -> Iterator[av.Packet]:
        try:
            yield from (packet for packet in self._container.demux(source) if packet.size)
        except av.FFmpegError:
            return  # the file breaks off here

    def _search(self, source: av.AudioStream) -> None:
        try:
            self._container.seek(int((self._zero_s - 1.0) / source.time_base), stream=source)
        except av.FFmpegError:
            return


def _in_step(form: str, source_layout: str, source_rate: int, time_base, rate: int, layout: str, length_s, done: int):
    """A filter that keeps sound in step with its time stamps, filling gaps with silence, from sample `done` on."""
    graph = av.filter.Graph()
    trim = [graph.add("atrim", f"end={length_s}")] if length_s < float("inf") else []
    graph.link_nodes(
        graph.add_abuffer(sample_rate=source_rate, format=form, layout=source_layout, time_base=time_base),
        graph.add("aresample", f"{rate}:async=1:first_pts={done}"),
        graph.add("aformat", f"sample_fmts=fltp:channel_layouts={layout}:sample_rates={rate}"),
        *trim,
        graph.add("abuffersink"),
    ).configure()
    return graph


def _pulled(graph) -> Iterator[av.AudioFrame]:
    while True:
        try:
            yield graph.pull()
        except (av.BlockingIOError, av.EOFError):
            return


def _flushed(graph) -> Iterator[av.AudioFrame]:
    if graph is not None:
        graph.push(None)
        yield from _pulled(graph)
