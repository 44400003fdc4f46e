"""Moments of a video as a list with pictures, taken in the browser from the video itself: nothing is kept for them."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard import media
from dashboard.player.copies import copy_of, reported
from dashboard.player.playable import obstacle
from dashboard.words import one_line

HERE = Path(__file__).parent

_component = st.components.v2.component(
    "moodreel_stills",
    css=(HERE / "stills.css").read_text(encoding="utf-8"),
    js="\n".join((HERE / name).read_text(encoding="utf-8") for name in ("parts.js", "stills.js")),
)


def stills(video: dict, pictures: list[dict], key: str, ticks: bool = False) -> dict | None:
    """A list of moments, each with its picture; a click on one sends the player there, without drawing the page again.

    pictures: dicts of id (str), t_s (of the exact frame), box ((x, y, w, h) in pixels in display orientation, or None
    for the whole picture), title, text, colour (CSS, or None), ticked. Texts are shown as they are, on one line.
    ticks: a box to tick beside each. Without a file that a browser plays, the list has no pictures.

    Returns {"id": ..., "ticked": bool} once after a tick is set or taken away, else None.
    """
    copy = copy_of(video)
    done = copy is not None and copy["state"] == "done"
    playable = done or not (obstacle(Path(video["path"]), video["codec"]) or reported(video))
    result = _component(
        key=key,
        data={
            "url": media.video_url(video, copy if done else None) if playable else None,
            "id": video["video_id"],
            "fps": video["fps"] or 25.0,
            "width": video["width"],
            "height": video["height"],
            "ticks": ticks,
            "pictures": [
                {
                    "id": str(picture["id"]),
                    "t": float(picture["t_s"]),
                    "box": None if picture.get("box") is None else [float(side) for side in picture["box"]],
                    "title": one_line(picture["title"]),
                    "text": one_line(picture.get("text") or ""),
                    "colour": picture.get("colour"),
                    "ticked": bool(picture.get("ticked")),
                }
                for picture in pictures
            ],
        },
        on_tick_change=lambda: None,
    )
    tick = result.tick
    known = isinstance(tick, dict) and tick.get("id") in {str(picture["id"]) for picture in pictures}
    return {"id": tick["id"], "ticked": bool(tick.get("ticked"))} if known else None
