"""What the Live page draws anew every second: the last minute, and the shares of the session."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from dashboard import live_charts
from dashboard.choosing import one_of
from dashboard.drawing import data, readable
from dashboard.live import Now, Stream
from dashboard.words import name_of, one_line, plain

EVERYONE = 0  # no track has this number


def minute(stream: Stream, now: Now, names: Mapping[int, str]) -> None:
    """The chart of the last 60 s, of one person or of all."""
    sights = stream.recent(live_charts.MINUTE_S)
    tracks = sorted({face.track_id for sight in sights for face in sight.faces})
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = st.segmented_control(
            "Chart", ["Probabilities", "Category"], default="Probabilities", required=True, key="live-chart",
            bind="query-params", label_visibility="collapsed",
        )  # fmt: skip
        who = EVERYONE
        if kind == "Probabilities":
            called = {EVERYONE: "Everyone (mean)", **{track: one_line(name_of(track, names)) for track in tracks}}
            who = one_of("Person", called, key="live-person", label_visibility="collapsed", width=190)
    if kind == "Probabilities":
        rows = live_charts.minute(sights, now.t_s, who or None)
        alt = "Lines of the probability of each emotion over the last 60 seconds"
        _draw("probabilities", live_charts.lines(rows), alt)
    else:
        rows = live_charts.spans(sights, now.t_s)
        alt = "For each person a lane in the colour of the category over the last 60 seconds"
        _draw("categories", rows, alt)
        rows = rows.drop(columns="track_id")
    data("live-minute", rows.rename(columns=live_charts.COLUMNS).round(3), alt)


def shares(stream: Stream) -> None:
    """How long each emotion was seen in the whole session."""
    seen = stream.shares()
    words = live_charts.shares_in_words(seen)
    st.markdown("**Share of each emotion in this session**")
    if seen:
        _draw("share_bar", live_charts.slices(seen), f"Share of the time: {words}")
    st.caption(plain(words))


def _draw(name: str, rows: pd.DataFrame, alt: str) -> None:
    """A chart of live_charts with other rows each second: altair takes longer to describe it than it takes to draw."""
    dark = st.context.theme.type == "dark"
    st.vega_lite_chart(rows, _described(name, dark), width="stretch", key=f"live-{name}", alt=alt)


@st.cache_data(max_entries=8, show_spinner=False)
def _described(name: str, dark: bool) -> dict:
    """The chart as Vega-Lite takes it, without rows; dark: for the theme whose colours `readable` then chooses."""
    described = readable(getattr(live_charts, name)(pd.DataFrame())).to_dict(validate=False)
    described.pop("datasets", None)
    described.pop("data", None)
    return described
