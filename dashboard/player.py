"""The player of the video page, and what to say where a browser can't play the file."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard.words import plain, size

# Containers and codecs that current browsers play. Some play HEVC, too; the others would show a black picture.
CONTAINERS = {".mp4": "video/mp4", ".m4v": "video/mp4", ".mov": "video/mp4", ".webm": "video/webm", ".ogv": "video/ogg"}
CODECS = ("h264", "vp8", "vp9", "av1", "theora")

# Streamlit reads a file whole before it serves it: a larger one only when asked for.
READ_UNASKED_BYTES = 300e6


def obstacle(path: Path, codec: str | None) -> str | None:
    """Why the file can't be played in a browser, as a sentence for people; None if it can."""
    if not path.is_file():
        return "The video file is not where it was, so it can't be played. Results are not affected."
    if path.suffix.lower() not in CONTAINERS or (codec and codec.lower() not in CODECS):
        kind = " in ".join(part for part in (codec, path.suffix.lower().removeprefix(".")) if part)
        return (
            f"Browsers don't play this kind of video ({kind}). Results are not affected; "
            "to watch it here, convert it to MP4 (H.264)."
        )
    return None


def player(video: dict) -> None:
    """The player, or a sentence why there is none. video: as from results.video."""
    path = Path(video["path"])
    problem = obstacle(path, video["codec"])
    if problem:
        st.info(plain(problem), icon=":material/videocam_off:")
        return
    try:
        size_bytes = path.stat().st_size
        if size_bytes > READ_UNASKED_BYTES and not st.toggle(f"Load the player ({size(size_bytes)})"):
            return
        st.video(path.read_bytes(), format=CONTAINERS[path.suffix.lower()], alt="The video")
    except OSError as error:
        st.info(plain(f"The video file can't be read: {error.strerror}."), icon=":material/videocam_off:")
