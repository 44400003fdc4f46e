"""One moment of a video as a small JPEG."""

from __future__ import annotations

from pathlib import Path

import av
import cv2

from processor import decode
from processor.canvas import Canvas, even
from processor.film import Edit

WIDTH_PX, MAX_HEIGHT_PX = 160, 640
QUALITY = 80  # of the JPEG, 0 to 100


def make_thumbnail(path: Path, target: Path, t_s: float, max_pixels: int, edit: Edit | None = None) -> None:
    """Write the picture at t_s seconds, upright and 160 px wide; of a video that ends before, the last one.

    edit: draws on it. Raises VideoUnreadable as `decode.pictures` does, OSError where `target` can't be written.
    """
    report, found = decode.DecodeReport(), None
    pictures = decode.pictures(path, max_pixels, report, t_s)
    for found in pictures:
        if found[2] >= t_s - 1e-3:
            break
    pictures.close()
    if found is None:
        raise decode.VideoUnreadable(f"{path.name} has a video track without a single picture. Export it again.")
    info, _, at_s, picture = found
    canvas = Canvas.of(picture, _stored_size(picture, info, report), info.rotation_deg)
    if edit is not None:
        edit(canvas, at_s)
    colours = "ITU709" if canvas.high_definition else "ITU601"
    bgr = canvas.to_frame().reformat(format="bgr24", src_colorspace=colours).to_ndarray()
    target.write_bytes(cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1].tobytes())


def _stored_size(picture: av.VideoFrame, info: decode.VideoInfo, report: decode.DecodeReport) -> tuple[int, int]:
    """Width and height of the thumbnail before it is turned upright, both even."""
    aspect = float(report.pixel_aspect or 1) * picture.width / picture.height
    turned = info.rotation_deg in (90, 270)
    upright = 1 / aspect if turned else aspect
    size_wh = WIDTH_PX, even(min(MAX_HEIGHT_PX, WIDTH_PX / upright))
    return size_wh[::-1] if turned else size_wh
