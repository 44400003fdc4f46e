"""A stimulus that plays in step with the mean courses of groups: a video, and below it the curves with a playhead."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import streamlit as st

from dashboard import media, palette
from dashboard.measures import factor
from dashboard.player.copies import copy_of, offer, report, reported
from dashboard.player.playable import obstacle
from dashboard.words import missing, one_line, plain

HERE = Path(__file__).parent

_component = st.components.v2.component(
    "moodreel_stimulus",
    css=(HERE / "stimulus.css").read_text(encoding="utf-8"),
    js="\n".join((HERE / name).read_text(encoding="utf-8") for name in ("parts.js", "stimulus.js")),
)


def stimulus(
    video: dict, curve: pd.DataFrame, groups: Sequence[str], at_s: float, measure: str, relative: bool, about: str
) -> None:
    """The video with the curves below, or a sentence why it can't be played.

    video: as from `results.video`. curve: as from `aligned.group_courses`; groups: all names, in their order. at_s:
    the second of the video that was shown at the moment. measure: one of MEASURES; relative: whether values are minus
    what was before. about: what the moment is.
    """
    copy = copy_of(video)
    done = copy is not None and copy["state"] == "done"
    problem = None if done else obstacle(Path(video["path"]), video["codec"]) or reported(video)
    if problem:
        st.info(plain(problem), icon=":material/videocam_off:")
        offer(video, copy)
        return
    key = f"stimulus-{video['video_id']}"
    _component(
        key=key,
        data={"url": media.video_url(video, copy if done else None), "id": video["video_id"],
              "name": one_line(video["name"]), "width": video["width"], "height": video["height"],
              **to_hand_over(curve, groups, at_s, measure, relative, about)},
        on_trouble_change=lambda: report(video, st.session_state[key].trouble),
    )  # fmt: skip


def to_hand_over(
    curve: pd.DataFrame, groups: Sequence[str], at_s: float, measure: str, relative: bool, about: str
) -> dict:
    """What the script is given besides the video; values are None where a curve ends. Arguments as of `stimulus`."""
    times = factor(measure)
    drawn = curve[["low", "high"]].to_numpy() * times
    lowest, highest = (float(pd.Series(drawn.ravel()).agg(kind)) for kind in ("min", "max"))
    if missing(lowest):
        lowest, highest = 0.0, 1.0
    places = {name: place for place, name in enumerate(groups)}
    return {
        "at": float(at_s),
        "about": one_line(about),
        "from": float(curve["from_s"].min()),
        "to": float(curve["to_s"].max()),
        "low": lowest,
        "high": highest if highest > lowest else lowest + 1.0,
        "signed": relative or measure == "valence",
        "digits": 2 if measure == "valence" else 1,
        "unit": "" if measure == "valence" else " points" if relative else " %",
        "groups": [
            {
                "name": one_line(name),
                "colour": palette.group_colour(places[name]),
                "dash": palette.group_dash(places[name]),
                "bins": [[round(float(row.from_s), 4), round(float(row.to_s), 4)] for row in rows.itertuples()],
                **{of: [None if missing(value) else round(float(value) * times, 4) for value in rows[of]]
                   for of in ("mean", "low", "high")},
            }
            for name, rows in curve.groupby("group", sort=False)
        ],
    }  # fmt: skip
