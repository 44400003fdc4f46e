"""A video with what was found drawn on it: a box around every face, who it is, and what it shows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from db.emotions import EMOTIONS
from processor.boxes import Boxes
from processor.canvas import Canvas
from processor.film import Edit, OnProgress, Quality, film
from processor.marking import UNDECIDED_RGB, Labels, caption, colour, letters_px, mark_box
from processor.smooth import labels

QUALITY = Quality(crf=20)
EXCLUDED_LIGHT = 0.35  # of what does not count, this share of the light stays


def annotate(
    path: Path, target: Path, max_pixels: int, faces: pa.Table, step_s: float, options: dict, size_wh: tuple[int, int],
    on_progress: OnProgress | None = None,
) -> None:  # fmt: skip
    """Write the whole video at its own size with boxes on it, its sound as it is where an MP4 may hold it, else as AAC.

    faces: as from `Store.faces_of_run`; step_s: seconds between frames looked at; size_wh: of the video as displayed,
    in whose pixels the boxes are. options: labels (who and what, beside the boxes), blur, method, window_s, threshold
    (see `smooth.labels`), excluded ([from_s, to_s] each: dimmed, without boxes). Raises VideoUnreadable, OSError.
    """
    edits = [blurring(faces, step_s, size_wh)] if options["blur"] else []
    edits.append(_boxing(faces, step_s, size_wh, options))

    def edit(canvas: Canvas, t_s: float) -> None:
        for each in edits:
            each(canvas, t_s)

    film(path, target, max_pixels, QUALITY, edit=edit, copy_sound=True, on_progress=on_progress)


def blurring(faces: pa.Table, step_s: float, size_wh: tuple[int, int]) -> Edit:
    """Makes the faces that were found unrecognisable; a face that was never found stays as it is."""
    boxes = _boxes(faces, step_s)

    def edit(canvas: Canvas, t_s: float) -> None:
        scale = _scale(canvas, size_wh)
        for left, top, right, bottom in boxes.to_blur(t_s):
            canvas.blur((left * scale[0], top * scale[1], right * scale[0], bottom * scale[1]))

    return edit


def _boxing(faces: pa.Table, step_s: float, size_wh: tuple[int, int], options: dict) -> Edit:
    boxes, (texts, colours), written = _boxes(faces, step_s), _shown(faces, options), Labels()

    def edit(canvas: Canvas, t_s: float) -> None:
        letters = letters_px(canvas)
        if any(from_s <= t_s < to_s for from_s, to_s in options.get("excluded", [])):
            canvas.dim(EXCLUDED_LIGHT)
            written.write(canvas, letters, letters, "Excluded", UNDECIDED_RGB, letters)
            return
        across, down = _scale(canvas, size_wh)
        for row, (x, y, w, h) in boxes.at(t_s):
            box = x * across, y * down, (x + w) * across, (y + h) * down
            mark_box(canvas, box, colours[row])
            if options["labels"]:
                written.write_beside(canvas, box, texts[row], colours[row], letters)

    return edit


def _boxes(faces: pa.Table, step_s: float) -> Boxes:
    xywh = np.stack([faces[side].to_numpy() for side in ("x", "y", "w", "h")], axis=1)
    return Boxes(*(faces[name].to_numpy() for name in ("track_id", "t_s", "until_s")), xywh, step_s)


def _scale(canvas: Canvas, size_wh: tuple[int, int]) -> tuple[float, float]:
    return canvas.size_wh[0] / size_wh[0], canvas.size_wh[1] / size_wh[1]


def _shown(faces: pa.Table, options: dict) -> tuple[list[str], list[tuple[int, int, int]]]:
    """For every face its text, such as `Zoë  happy 87 %`, and its colour."""
    probabilities = np.stack([faces[name].to_numpy() for name in EMOTIONS], axis=1).astype(float)
    stored = np.array([EMOTIONS.index(name) for name in faces["smoothed"].to_pylist()], dtype=np.int64)
    t_s, track = faces["t_s"].to_numpy(), faces["track_id"].to_numpy()
    chosen, probable = labels(
        t_s, track, probabilities, stored, options["method"], options["window_s"], options["threshold"]
    )
    what = [EMOTIONS[number] if number >= 0 else "undecided" for number in chosen]
    rows = zip(faces["label"].to_pylist(), track, what, probable, strict=True)
    return [caption(*row) for row in rows], [colour(emotion) for emotion in what]
