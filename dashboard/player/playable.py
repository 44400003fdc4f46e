"""What a browser can play, and what to say where it can't."""

from __future__ import annotations

from pathlib import Path

from dashboard.media import PLAYABLE

# Some browsers play HEVC, too; the others would show a black picture.
CODECS = ("h264", "vp8", "vp9", "av1", "theora")

NOT_KEPT = "Of this live session only what was seen was kept, not the video, so there is nothing to play."
GONE = "The video file is not where it was, so it can't be played. Results are not affected."


def obstacle(path: Path, codec: str | None) -> str | None:
    """Why the file can't be played in a browser, as a sentence for people; None if it can."""
    if path == Path():  # that of a video without a file
        return NOT_KEPT
    if not path.is_file():
        return GONE
    if path.suffix.lower() not in PLAYABLE or (codec and codec.lower() not in CODECS):
        kind = " in ".join(part for part in (codec, path.suffix.lower().removeprefix(".")) if part)
        return f"Browsers don't play this kind of video ({kind}). Results are not affected."
    return None
