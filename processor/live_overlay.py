"""What is drawn on a live picture: whom it shows, and what each face shows."""

from __future__ import annotations

import time
from dataclasses import dataclass

import av

from db.emotions import EMOTIONS
from processor.boxes import enlarged
from processor.canvas import Canvas, even
from processor.live_faces import LiveFace, Sight
from processor.marking import Labels, caption, colour, letters_px, mark_box, with_share

# What was seen longer ago is not drawn: by then a face is somewhere else.
MOST_S = 1.0
BIG_LINES = 8  # so many lines of big letters would fill the picture

_labels = Labels()


@dataclass(frozen=True)
class Overlay:
    """What to draw.

    labels: who it is and what they show, beside the boxes. blur: make faces unrecognisable. big: labels in letters to
    be read across a room, with the emotion alone. mirror: the picture, not the letters. names: (track, name) of those
    that have one.
    """

    boxes: bool = True
    labels: bool = True
    blur: bool = False
    big: bool = False
    mirror: bool = True
    names: tuple[tuple[int, str], ...] = ()


def drawn(frame: av.VideoFrame, sight: Sight | None, overlay: Overlay, now_s: float | None = None) -> av.VideoFrame:
    """A new picture, yuv420p with even sides and the same time, with what was seen last drawn on it.

    frame stays as it is. now_s: now on the monotonic clock, by default; nothing that arrived more than a second before
    is drawn. To blur where nothing is known, the whole picture is blurred.
    """
    canvas = Canvas.of(frame, (even(frame.width), even(frame.height)), 0)
    if overlay.mirror:
        canvas = canvas.mirrored()
    now_s = time.monotonic() if now_s is None else now_s
    if sight is not None and now_s - sight.arrived_s <= MOST_S:
        _draw(canvas, sight, overlay)
    elif overlay.blur:
        canvas.blur((0, 0, *canvas.size_wh))
    picture = canvas.to_frame()
    picture.pts = frame.pts
    if frame.time_base is not None:
        picture.time_base = frame.time_base
    return picture


def _draw(canvas: Canvas, sight: Sight, overlay: Overlay) -> None:
    if overlay.blur:
        for xywh in (*(face.box for face in sight.faces), *sight.missed):
            canvas.blur(_placed(canvas, enlarged(xywh), sight, overlay))
    names = dict(overlay.names)
    for face in reversed(sight.faces):  # the largest comes last and lies on top
        x, y, w, h = face.box
        box = _placed(canvas, (x, y, x + w, y + h), sight, overlay)
        text, emotion = _text(face, names, overlay)
        if overlay.boxes:
            mark_box(canvas, box, colour(emotion))
        if overlay.labels:
            height_px = letters_px(canvas, BIG_LINES) if overlay.big else letters_px(canvas)
            _labels.write_beside(canvas, box, text, colour(emotion), height_px)


def _text(face: LiveFace, names: dict[int, str], overlay: Overlay) -> tuple[str, str]:
    """What the label says, and the emotion in it; an undecided face shows how probable its strongest emotion is."""
    decided = face.emotion >= 0
    emotion = EMOTIONS[face.emotion] if decided else "undecided"
    share = float(face.smoothed[face.emotion] if decided else face.smoothed.max())
    if overlay.big:
        return with_share(emotion, share), emotion
    return caption(names.get(face.track_id), face.track_id, emotion, share), emotion


def _placed(canvas: Canvas, box: tuple, sight: Sight, overlay: Overlay) -> tuple[float, float, float, float]:
    """A box (left, top, right, bottom) of the frame that was looked at, as pixels of the canvas."""
    width, height = canvas.size_wh
    across, down = width / sight.size_wh[0], height / sight.size_wh[1]
    left, top, right, bottom = box[0] * across, box[1] * down, box[2] * across, box[3] * down
    return (width - right, top, width - left, bottom) if overlay.mirror else (left, top, right, bottom)
