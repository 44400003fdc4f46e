"""Moments of a video as clips, all in one ZIP."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from processor.decode import VideoUnreadable
from processor.film import Edit, OnProgress, Quality, film

QUALITY = Quality(crf=20, keyframe_s=1.0)
MAX_NAME = 60  # letters of a moment's name in a file's


def make_clips(
    path: Path, target: Path, max_pixels: int, moments: list[dict], before_s: float, after_s: float,
    edit: Edit | None = None, on_progress: OnProgress | None = None,
) -> None:  # fmt: skip
    """For each moment, {t_s, name}, the pictures from t_s - before_s on and before t_s + after_s, with their sound.

    The clips are numbered in order of time and named `01_peak_happy_0-01-05.mp4`. Beside `target` lies, meanwhile, the
    clip that is being made. Raises VideoUnreadable, also if there is no picture at any of the moments; OSError.
    """
    moments = sorted(moments, key=lambda moment: moment["t_s"])
    clip = target.with_name(target.name + ".clip")
    there = 0
    try:
        with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:  # video does not get smaller
            for number, moment in enumerate(moments):

                def share(done: float | None, number: int = number) -> None:
                    if on_progress is not None:
                        on_progress((number + (done or 0.0)) / len(moments))

                from_s, to_s = max(0.0, moment["t_s"] - before_s), moment["t_s"] + after_s
                pictures = film(path, clip, max_pixels, QUALITY, edit=edit, from_s=from_s, to_s=to_s, on_progress=share)
                if pictures:
                    archive.write(clip, clip_name(number + 1, len(moments), moment))
                    there += 1
    finally:
        clip.unlink(missing_ok=True)
    if not there:
        raise VideoUnreadable(f"{path.name} has no picture at any of these moments.")


def clip_name(number: int, of: int, moment: dict) -> str:
    """A name that every file system takes: `01_peak_happy_0-01-05.mp4`."""
    name = re.sub(r"[^\w-]+", "_", moment["name"])[:MAX_NAME].strip("_") or "moment"
    hours, rest = divmod(int(moment["t_s"]), 3600)
    return f"{number:0{max(2, len(str(of)))}d}_{name}_{hours}-{rest // 60:02d}-{rest % 60:02d}.mp4"
