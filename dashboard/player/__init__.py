"""The player of the video page, tied to the timeline: Streamlit components whose own scripts lie beside this file.

`player` shows the video with the faces found in it and the course of the emotions below; what is done in the browser
(a marker set or moved, a range excluded) comes back and becomes a request to the processor. `seek` moves it from
Python, `stills` lists moments with pictures that the browser takes from the video itself.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import streamlit as st

from dashboard import context, media
from dashboard.palette import CATEGORY_COLOURS, EMOTION_COLOURS, UNDECIDED_COLOUR
from dashboard.player import asked, copies, handed
from dashboard.player.playable import obstacle
from dashboard.player.seeking import follow, forget, seek, wanted
from dashboard.player.stills import stills
from dashboard.words import UNDECIDED, one_line, plain
from db.emotions import CATEGORIES, EMOTIONS

__all__ = ["follow", "forget", "obstacle", "player", "seek", "stills"]

HERE = Path(__file__).parent


def _scripts(*names: str) -> str:
    """One script of several files: a component has no address of its own from which it could import the others."""
    return "\n".join((HERE / name).read_text(encoding="utf-8") for name in names)


_component = st.components.v2.component(
    "moodreel_player",
    css=_scripts("player.css"),
    js=_scripts("parts.js", "faces.js", "timeline.js", "markers.js", "player.js"),
)


def player(
    video: dict,
    faces: pd.DataFrame | None = None,
    tracks: pd.DataFrame | None = None,
    markers: pd.DataFrame | None = None,
    excluded: pd.DataFrame | None = None,
    who: int | None = None,
) -> None:
    """The player, or a sentence why there is none and how there can be one.

    video: as from `results.video`. faces: as from `results.faces` or `look.labelled`, of everyone; tracks: as from
    `results.tracks`; markers and excluded: as from `annotation_results`; each may be None for none. who: the track
    whose lines are drawn, None for the mean of all.
    """
    _player(video, faces, tracks, markers, excluded, who)


# A fragment, so that a marker or a playable copy that is on its way draws only this again, and not every chart.
@st.fragment
def _player(video, faces, tracks, markers, excluded, who) -> None:
    copy = copies.copy_of(video)
    done = copy is not None and copy["state"] == "done"
    problem = None if done else obstacle(Path(video["path"]), video["codec"]) or copies.reported(video)
    if problem:
        st.info(plain(problem), icon=":material/videocam_off:")
        copies.offer(video, copy)
        return
    key = f"player-{video['video_id']}"
    _component(
        key=key,
        data=to_hand_over(video, faces, tracks, markers, excluded, who)
        | {"url": media.video_url(video, copy if done else None)},
        on_asked_change=lambda: asked.take(video, st.session_state[key].asked),
        on_trouble_change=lambda: copies.report(video, st.session_state[key].trouble),
    )
    context.say_what_was_asked()


def to_hand_over(video: dict, faces, tracks, markers, excluded, who: int | None) -> dict:
    """What the script is given (see handed.py), without the address of the video. Arguments as of `player`."""
    run = video["current"]
    shown = faces is not None and not faces.empty
    return {
        "id": video["video_id"],
        "name": one_line(video["name"]),
        "fps": video["fps"] or 25.0,
        "duration": video["duration_s"],
        "width": video["width"],
        "height": video["height"],
        "step": 1 / run["sample_fps"] if run else 0.5,
        "who": None if who is None else int(who),
        "people": handed.people(faces, tracks) if shown else [],
        "lines": handed.lines(faces, who) if shown else None,
        "markers": handed.marked(markers) if markers is not None else [],
        "excluded": handed.left_out(excluded) if excluded is not None else [],
        "annotate": markers is not None,
        "emotions": [
            *({"name": name.capitalize(), "colour": EMOTION_COLOURS[name]} for name in EMOTIONS),
            {"name": UNDECIDED.capitalize(), "colour": UNDECIDED_COLOUR},
        ],
        "categories": [
            *({"name": name.capitalize(), "colour": CATEGORY_COLOURS[name]} for name in CATEGORIES),
            {"name": UNDECIDED.capitalize(), "colour": UNDECIDED_COLOUR},
        ],
        "seek": wanted(),
        "heard": asked.heard(),
    }
