"""A video, or a part of it, written anew as MP4 (H.264) with its sound, every picture at its own time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av

from processor import decode
from processor.canvas import Canvas, colour_space, even
from processor.sound import Sound

CLOCK = Fraction(1, 90_000)
_LIMITED = 1  # AVColorRange

# (picture, seconds from the video's start): draws on the picture.
Edit = Callable[[Canvas, float], None]
# Takes the share that is done, 0 to 1; None where the video does not say how long it is.
OnProgress = Callable[[float | None], None]


@dataclass(frozen=True)
class Quality:
    """How a film is encoded. crf: x264's, lower is better and larger. max_width: None keeps the size; even sizes.

    keyframe_s: seconds from one picture that can be jumped to until the next, at most.
    """

    crf: int
    max_width: int | None = None
    keyframe_s: float = 2.0
    preset: str = "veryfast"


def film(
    path: Path, target: Path, max_pixels: int, quality: Quality, *, edit: Edit | None = None, from_s: float = 0.0,
    to_s: float = float("inf"), copy_sound: bool = False, on_progress: OnProgress | None = None,
) -> int:  # fmt: skip
    """Write the pictures of `path` from from_s on and before to_s into `target`; returns how many there were.

    Times count from the first picture of the part; variable frame rate stays so, and picture n of a whole video is
    picture n of the film. Phone videos are turned upright. `target` may have any name; it is not there, or only in
    part, if this raises: VideoUnreadable as `decode.pictures` does, OSError where it can't be written.
    """
    report, written = decode.DecodeReport(), 0
    pictures = decode.pictures(path, max_pixels, report, from_s)
    first = next((entry for entry in pictures if entry[2] >= from_s), None)
    if first is None and report.info is None:
        raise decode.VideoUnreadable(f"{path.name} has a video track without a single picture. Export it again.")
    if first is None or first[2] >= to_s:
        return 0
    with av.open(str(target), "w", format="mp4", options={"movflags": "faststart"}) as output:
        encoder = _Encoder(output, report, first[3], quality)
        with Sound(path, output, report.start_s, from_s, to_s, copy_sound) as sound:
            while first is not None and first[2] < to_s:
                info, _, t_s, picture = first
                canvas = Canvas.of(picture, encoder.stored_wh, info.rotation_deg)
                if edit is not None:
                    edit(canvas, t_s)
                sound.up_to(t_s - from_s)
                encoder.add(canvas, t_s - from_s)
                written += 1
                if on_progress is not None:
                    on_progress(_share(t_s - from_s, min(to_s, info.duration_s or to_s) - from_s))
                first = next(pictures, None)
            pictures.close()
            sound.up_to(float("inf"))
            encoder.finish()
    return written


def _share(done_s: float, of_s: float) -> float | None:
    return min(1.0, done_s / of_s) if 0 < of_s < float("inf") else None


class _Encoder:
    """The picture side of the output. stored_wh: the size at which pictures are taken, before they are turned."""

    def __init__(
        self, output: av.container.OutputContainer, report: decode.DecodeReport, first: av.VideoFrame, quality: Quality
    ):
        info = report.info
        self._output, self._keyframe_s = output, quality.keyframe_s
        scale = min(1.0, (quality.max_width or info.width) / info.width)
        size_wh = even(info.width * scale), even(info.height * scale)
        turned = info.rotation_deg in (90, 270)
        self.stored_wh = size_wh[::-1] if turned else size_wh
        rate = Fraction(info.fps or 25).limit_denominator(1001)
        self._stream = output.add_stream("libx264", rate=rate, options={"crf": str(quality.crf)})
        self._stream.width, self._stream.height, self._stream.pix_fmt = *size_wh, "yuv420p"
        context = self._stream.codec_context
        context.options = {"crf": str(quality.crf), "preset": quality.preset}
        context.time_base = self._stream.time_base = CLOCK
        if report.pixel_aspect is not None:
            context.sample_aspect_ratio = 1 / report.pixel_aspect if turned else report.pixel_aspect
        context.color_range, context.colorspace = _LIMITED, colour_space(first)
        context.color_trc, context.color_primaries = first.color_trc, first.color_primaries
        self._last_pts, self._keyframe_at_s = -1, None

    def add(self, canvas: Canvas, t_s: float) -> None:
        frame = canvas.to_frame()
        # Two pictures at the same time, as in damaged files, both stay: the second a tick later.
        self._last_pts = max(round(t_s / CLOCK), self._last_pts + 1)
        frame.pts, frame.time_base = self._last_pts, CLOCK
        if self._keyframe_at_s is None or t_s >= self._keyframe_at_s + self._keyframe_s:
            self._keyframe_at_s = t_s
            frame.pict_type = av.video.frame.PictureType.I
        self._output.mux(self._stream.encode(frame))

    def finish(self) -> None:
        self._output.mux(self._stream.encode(None))
