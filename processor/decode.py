"""Video in, sampled frames out.

Videos are hostile: they are opened as plain local files in known containers only, so that a playlist or a reference
to another file or URL is never followed, and before a picture is decoded its size is checked.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

# Demuxers that read one self-contained file. Playlists (hls, dash, concat, image sequences) are left out on purpose.
CONTAINERS = "mov,mp4,m4a,3gp,3g2,mj2,avi,matroska,webm,mpeg,mpegts,mpegvideo,gif,asf,flv,ogg"
_OPEN_OPTIONS = {"format_whitelist": CONTAINERS, "protocol_whitelist": "file", "enable_drefs": "0"}

# Playlists that FFmpeg would follow elsewhere, by how they begin.
_PLAYLISTS = (b"#EXTM3U", b"ffconcat", b"[playlist]", b"<?xml", b"<MPD")


# Times that differ by less are equal: what floating point adds to a time stamp.
_TIE_S = 1e-6

# Nearer to the start, decoding from there is as quick as searching.
SEARCH_FROM_S = 2.0


class VideoUnreadable(Exception):
    """A video cannot be analysed. The message is a sentence: which file, what is wrong with it, what to do."""


@dataclass(frozen=True)
class VideoInfo:
    """What a container says about its first video stream. Width and height are in display orientation."""

    duration_s: float | None
    fps: float | None
    width: int
    height: int
    codec: str
    rotation_deg: int
    recorded_at: datetime | None
    frames: int | None


@dataclass(frozen=True)
class Frame:
    """One sampled frame: its number in display order, seconds from the start, and picture (H, W, 3) uint8 BGR."""

    index: int
    t_s: float
    bgr: np.ndarray


@dataclass
class DecodeReport:
    """What decoding met on the way; filled in while `frames` or `pictures` runs.

    last_s: time of the last picture so far. start_s: what the container's clock says at the first one. pixel_aspect:
    width of a stored pixel by its height, None where nothing is said.
    """

    corrupt_packets: int = 0
    last_s: float = 0.0
    start_s: float = 0.0
    pixel_aspect: Fraction | None = None
    info: VideoInfo | None = None


def probe(path: Path, max_pixels: int) -> VideoInfo:
    """What the container says, without decoding more than the first picture.

    Raises VideoUnreadable if the file is missing, empty, no video, a playlist, audio only, without frames, or larger
    than `max_pixels` a picture.
    """
    for frame in pictures(path, max_pixels, DecodeReport()):
        return frame[0]
    raise VideoUnreadable(f"{path.name} has a video track without a single picture. Export it again.")


def frames(path: Path, sample_fps: float, max_pixels: int, report: DecodeReport | None = None) -> Iterator[Frame]:
    """Yield, for each time on the grid k / sample_fps, the frame nearest to it, once, with its true time.

    The grid reaches from the first picture, which is time 0, to the last one; of two frames equally near, the earlier
    is taken. Phone videos come out upright. Only the sampled frames become arrays, so memory does not grow with the
    length. Damaged packets are skipped and counted in `report`.

    Raises VideoUnreadable as `probe` does, and when the file changes while it is read.
    """
    report = report or DecodeReport()
    before = _stat(path)
    step = 1 / sample_fps
    tick = 0  # the grid time looked for is tick * step
    previous = None
    for info, index, t_s, picture in pictures(path, max_pixels, report):
        if t_s >= tick * step:
            if previous is not None and tick * step - previous[1] <= t_s - tick * step + _TIE_S:
                yield _frame(previous, info)
                tick = _next_tick(tick, previous[1], step)
            if t_s >= tick * step:
                yield _frame((index, t_s, picture), info)
                tick = _next_tick(tick, t_s, step)
                previous = None
                continue
        previous = index, t_s, picture
    if report.info is None:
        raise VideoUnreadable(f"{path.name} has a video track without a single picture. Export it again.")
    after = _stat(path)
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise VideoUnreadable(f"{path.name} changed while it was being read. It is looked at again once it is whole.")


def ahead(frames: Iterator[Frame], most: int = 4) -> Iterator[Frame]:
    """Yield `frames`, decoded in a thread of its own, up to `most` ahead of whoever looks at them.

    Decoding keeps little more than one core busy; this gives the others to what is done with the frames. What decoding
    raises is raised here, after the frames before it.
    """
    with ThreadPoolExecutor(1, "decode") as decoder:
        coming = deque(decoder.submit(next, frames, None) for _ in range(most))
        while (frame := coming.popleft().result()) is not None:
            coming.append(decoder.submit(next, frames, None))
            yield frame


def _next_tick(tick: int, t_s: float, step: float) -> int:
    """The first grid time after `tick` to which the frame at `t_s` is not the nearest."""
    return max(tick + 1, int(np.floor(t_s / step + 0.5 - _TIE_S)) + 1)


def _frame(candidate: tuple[int, float, av.VideoFrame], info: VideoInfo) -> Frame:
    index, t_s, picture = candidate
    bgr = picture.to_ndarray(format="bgr24")
    if info.rotation_deg:
        # FFmpeg's rotation is counter-clockwise, as is rot90's.
        bgr = np.ascontiguousarray(np.rot90(bgr, info.rotation_deg // 90))
    return Frame(index, t_s, bgr)


@contextmanager
def opened(path: Path, cut_off: bool = False) -> Iterator[av.container.InputContainer]:
    """The container, opened as one local file; closed at the end. Raises VideoUnreadable if it is no video file.

    cut_off: whether its writer may have died: then no index is looked for, and an MP4 in fragments can be read as far
    as it is whole.
    """
    _refuse_what_is_no_video_file(path)
    options = _OPEN_OPTIONS | ({"fflags": "+ignidx"} if cut_off else {})
    try:
        # A `file:` URL, because a name with a colon would be taken for a protocol.
        container = av.open(f"file:{path}", options=options, metadata_errors="replace")
    except av.FFmpegError as error:
        raise VideoUnreadable(
            f"{path.name} can't be opened as a video ({error.strerror or error}). It may be cut off, damaged or not a "
            f"video at all: try to play it, and copy or export it again."
        ) from error
    with container:
        yield container


def pictures(
    path: Path, max_pixels: int, report: DecodeReport, from_s: float = 0.0
) -> Iterator[tuple[VideoInfo, int, float, av.VideoFrame]]:
    """Every decodable picture, as stored (not turned), with the video's info, its number and its time in seconds.

    Numbers and times count from the first picture. With from_s, it begins later where the container can be searched:
    with a picture at or before that time; numbers then count from that one. Raises VideoUnreadable as `probe` does.
    """
    if from_s > SEARCH_FROM_S:
        found = _decoded(path, max_pixels, report, from_s)
        first = next(found, None)
        if first is not None and first[2] <= from_s:
            yield first
            yield from found
            return
    yield from _decoded(path, max_pixels, report)


def _decoded(
    path: Path, max_pixels: int, report: DecodeReport, search_s: float | None = None
) -> Iterator[tuple[VideoInfo, int, float, av.VideoFrame]]:
    """As `pictures`; with search_s from wherever a search for that time leads, or nothing if there can be none."""
    with opened(path) as container:
        cover = av.stream.Disposition.attached_pic  # the picture of a song is a video stream to FFmpeg
        stream = next((s for s in container.streams.video if not s.disposition & cover), None)
        if stream is None:
            has_sound = " It holds sound only." if container.streams.audio else ""
            raise VideoUnreadable(f"{path.name} has no picture.{has_sound} Drop the video recording instead.")
        _refuse_too_large(path, stream.codec_context.width, stream.codec_context.height, max_pixels)
        stream.thread_type = "AUTO"
        report.pixel_aspect = stream.sample_aspect_ratio or None
        if search_s is not None:
            first = next(_pictures(path, container, stream, report), None)
            if first is None or first.time is None:
                return
            try:
                container.seek(int((first.time + search_s) / stream.time_base), stream=stream)
            except av.FFmpegError:
                return
            report.info, report.start_s = _info(container, stream, first), first.time
        for index, picture in enumerate(_pictures(path, container, stream, report)):
            _refuse_too_large(path, picture.width, picture.height, max_pixels)
            time_s = picture.time
            if report.info is None:
                report.info, report.start_s = _info(container, stream, picture), time_s or 0.0
            if time_s is None:
                time_s = report.start_s + index / (report.info.fps or 25.0)
            report.last_s = time_s - report.start_s
            yield report.info, index, report.last_s, picture


def _pictures(path: Path, container, stream, report: DecodeReport) -> Iterator[av.VideoFrame]:
    """Decode packet by packet; damaged ones are counted and left out."""
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
        except StopIteration:
            return
        except av.FFmpegError as error:
            # The container itself breaks off here; what was read so far stands.
            report.corrupt_packets += 1
            if not path.exists():
                raise VideoUnreadable(f"{path.name} vanished while it was being read.") from error
            return
        try:
            yield from packet.decode()
        except av.FFmpegError:
            report.corrupt_packets += 1


def _info(container, stream, picture: av.VideoFrame) -> VideoInfo:
    duration_s = None
    if stream.duration is not None:
        duration_s = float(stream.duration * stream.time_base)
    elif container.duration is not None:
        duration_s = container.duration / av.time_base
    rotation = int(round(picture.rotation / 90)) * 90 % 360
    width, height = picture.width, picture.height
    if rotation in (90, 270):
        width, height = height, width
    rate = stream.average_rate or stream.guessed_rate
    return VideoInfo(
        duration_s=duration_s,
        fps=float(rate) if rate else None,
        width=width,
        height=height,
        codec=stream.codec_context.name,
        rotation_deg=rotation,
        recorded_at=_recorded_at({**container.metadata, **stream.metadata}),
        frames=stream.frames or None,
    )


def _recorded_at(metadata: dict[str, str]) -> datetime | None:
    """The container's creation time as naive UTC; cameras without a clock write 1904 or 1970, which is none."""
    text = metadata.get("creation_time")
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return moment if moment.year > 1970 else None


def _stat(path: Path) -> os.stat_result:
    try:
        return path.stat()
    except OSError as error:
        raise VideoUnreadable(_missing(path, error)) from error


def _missing(path: Path, error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return f"{path.name} is gone. It was moved or deleted before it could be read."
    if isinstance(error, PermissionError):
        return f"{path.name} can't be read: permission denied. Give Moodreel's user the right to read it."
    return f"{path.name} can't be read: {error.strerror}."


def _refuse_what_is_no_video_file(path: Path) -> None:
    try:
        with open(path, "rb") as file:
            head = file.read(16)
    except OSError as error:
        raise VideoUnreadable(_missing(path, error)) from error
    if not head:
        raise VideoUnreadable(f"{path.name} is empty (0 bytes). Copy it again.")
    if head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(_PLAYLISTS):
        raise VideoUnreadable(
            f"{path.name} is a playlist that points at other files, not a video. Drop the videos themselves."
        )


def _refuse_too_large(path: Path, width: int, height: int, max_pixels: int) -> None:
    if width * height > max_pixels:
        raise VideoUnreadable(
            f"{path.name} has pictures of {width}x{height} pixels; the limit is {max_pixels:,} pixels "
            f"(setting `max_pixels`). Scale it down first."
        )


def ended_early(path: Path, report: DecodeReport) -> str | None:
    """A sentence if pictures stop well before the duration that the container promises, else None."""
    duration_s = report.info.duration_s if report.info else None
    if duration_s is None or report.last_s > 0.9 * duration_s - 2.0:
        return None
    return (
        f"{path.name} breaks off: {report.last_s:.1f} of {duration_s:.1f} seconds could be read. "
        f"If it was cut off while it was copied, copy it again."
    )
