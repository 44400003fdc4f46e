"""The files that are measured: the shared videos and re-encodings of one, or the sample video where they are absent."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from processor.sample import make_sample

REPOSITORY = Path(__file__).parent.parent
HEIGHTS = (360, 720, 1080)


def shared_folder() -> Path | None:
    """The folder of real videos beside the repository, or where MOODREEL_SHARED says; None if there is none."""
    folder = Path(os.environ.get("MOODREEL_SHARED", REPOSITORY.parent / "shared"))
    return folder if (folder / "data" / "videos").is_dir() else None


def originals(scratch: Path) -> list[Path]:
    """The shared videos, the one that is re-encoded first; without them the sample video, made in `scratch`."""
    folder = shared_folder()
    if folder is None:
        return [make_sample(scratch / "sample.mp4")]
    videos = sorted((folder / "data" / "videos").iterdir())
    return sorted(videos, key=lambda path: path.name != "WolfgangLanger_Pexels.mp4")


def reencodings(video: Path, scratch: Path) -> list[Path]:
    """`video` in each of `HEIGHTS`, as H.264 by ffmpeg with its defaults, in `scratch`."""
    return [_ffmpeg("-i", video, "-vf", f"scale=-2:{height}", "-c:v", "libx264", "-an",
                    to=scratch / f"{video.stem}-{height}p.mp4") for height in HEIGHTS]  # fmt: skip


def looped(video: Path, times: int, scratch: Path) -> Path:
    """`video` played `times` times in one file, without decoding it."""
    return _ffmpeg(
        "-stream_loop", times - 1, "-i", video, "-c", "copy", "-an", to=scratch / f"{video.stem}-x{times}.mp4"
    )


def _ffmpeg(*arguments: object, to: Path) -> Path:
    if shutil.which("ffmpeg") is None:
        raise SystemExit("The benchmark makes its files with ffmpeg, and there is none: install ffmpeg.")
    command = ["ffmpeg", "-nostdin", "-loglevel", "error", "-y", *map(str, arguments), str(to)]
    subprocess.run(command, check=True)
    return to
