"""The charts of the live page: sights in, an altair chart out. No Streamlit inside.

The chart of the last minute counts its time from now, so that it stays the same chart from second to second, and the
browser only gets other numbers for it.
"""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from dashboard.chart_parts import category_colour, emotion_colour, title
from dashboard.live_history import GAP_S
from dashboard.timeline import distribution
from dashboard.words import UNDECIDED, percent
from db.emotions import CATEGORY, EMOTIONS
from processor.live_faces import Sight

MINUTE_S = 60.0
POINT_S = 0.5  # of the last minute, one point of a line
MOST_ROWS = 6  # people in the chart of categories
PART_S = (10, 30, 60, 120, 300, 600, 1800)  # of the session, one bar
MOST_PARTS = 40

# What tables call the columns of `minute` and `spans`.
COLUMNS = {
    "ago_s": "Seconds from now",
    "person": "Person",
    "category": "Category",
    "start_s": "From (s)",
    "end_s": "To (s)",
}

LABELS = (*EMOTIONS, UNDECIDED)  # an emotion of -1 is the last one


def minute(sights: Sequence[Sight], now_s: float, track_id: int | None = None) -> pd.DataFrame:
    """The probabilities of the last minute, one row each POINT_S, oldest first.

    now_s: the time of the stream that is at the right edge. track_id: one person, or None for the mean of all faces.
    Columns: ago_s (-60 to 0, the middle of what the row stands for), the seven emotions (smoothed; NaN where nobody was
    seen, and as before where nothing was looked at for up to GAP_S). Always the same number of rows.
    """
    points = int(MINUTE_S / POINT_S)
    total, count, looked = np.zeros((points, len(EMOTIONS))), np.zeros(points), np.zeros(points, bool)
    for sight in sights:
        place = int((sight.t_s - now_s + MINUTE_S) // POINT_S)
        place -= place == points  # now itself is still in the last one
        if 0 <= place < points:
            looked[place] = True
            for face in sight.faces:
                if track_id is None or face.track_id == track_id:
                    total[place] += face.smoothed
                    count[place] += 1
    with np.errstate(invalid="ignore"):
        mean = total / count[:, None]
    place = np.arange(points)
    last = np.maximum.accumulate(np.where(looked, place, -1))  # where something was looked at before, or there
    held = (last >= 0) & (place - last <= GAP_S / POINT_S)
    values = np.where(held[:, None], mean[last], np.nan)
    return pd.DataFrame({"ago_s": (place + 0.5) * POINT_S - MINUTE_S, **dict(zip(EMOTIONS, values.T, strict=True))})


def spans(sights: Sequence[Sight], now_s: float) -> pd.DataFrame:
    """Which category each person's face had in the last minute; of many people, those seen most.

    Columns: person (`Person 2`), track_id, category (or `undecided`), start_s, end_s (-60 to 0); in order of person and
    time.
    """
    courses: dict[int, list[list]] = {}
    seen: dict[int, float] = {}
    for sight in sights:
        at_s = sight.t_s - now_s
        if at_s < -MINUTE_S:
            continue
        for face in sight.faces:
            label = LABELS[face.emotion]
            category = CATEGORY.get(label, label)
            course = courses.setdefault(face.track_id, [])
            if course and at_s - course[-1][2] <= GAP_S:
                seen[face.track_id] = seen.get(face.track_id, 0.0) + at_s - course[-1][2]
                course[-1][2] = at_s
                if course[-1][0] == category:
                    continue
            course.append([category, at_s, at_s])
    shown = sorted(sorted(courses, key=lambda track: -seen.get(track, 0.0))[:MOST_ROWS])
    rows = [
        {"person": f"Person {track}", "track_id": track, "category": category, "start_s": start, "end_s": min(end, 0.0)}
        for track in shown
        for category, start, end in courses[track]
        if end > start
    ]
    found = pd.DataFrame(rows, columns=["person", "track_id", "category", "start_s", "end_s"])
    return found.astype({"start_s": float, "end_s": float}).round(2)


def session(sights: Sequence[Sight]) -> tuple[pd.DataFrame, float, float]:
    """How long each emotion was seen in each part of the session: as from `timeline.distribution`, the length of a
    part in seconds, and where the session ends, in seconds. Empty before anybody was seen."""
    rows = [
        (sight.t_s, min(after.t_s, sight.t_s + GAP_S), LABELS[face.emotion])
        for sight, after in zip(sights, sights[1:], strict=False)
        for face in sight.faces
    ]
    until_s = sights[-1].t_s if sights else 0.0
    part_s = float(next((part for part in PART_S if until_s / part <= MOST_PARTS), PART_S[-1]))
    return distribution(pd.DataFrame(rows, columns=["t_s", "end_s", "label"]), part_s), part_s, until_s


def lines(course: pd.DataFrame) -> pd.DataFrame:
    """The rows of `minute` as the chart takes them: ago_s, emotion, probability (None where nobody was seen)."""
    return course.round(3).melt("ago_s", list(EMOTIONS), "emotion", "probability")


def slices(shares: dict[str, float]) -> pd.DataFrame:
    """The shares of `Stream.shares` as the bar takes them: emotion, share, rank, label (`happy 62 %`)."""
    rows = [
        {"emotion": name, "share": share, "rank": rank, "label": f"{name} {percent(share)}"}
        for rank, (name, share) in enumerate(shares.items())
        if share > 0
    ]
    return pd.DataFrame(rows, columns=["emotion", "share", "rank", "label"])


def probabilities(rows: pd.DataFrame) -> alt.Chart:
    """Seven lines over the last minute, broken where nobody was seen. rows: as from `lines`."""
    y = alt.Y("probability:Q", title="Probability (0 to 1)", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(tickCount=5))
    return (
        alt.Chart(rows)
        .mark_line(strokeWidth=2, strokeJoin="round", aria=False)
        .encode(x=_seconds("ago_s"), y=y, color=emotion_colour())
        .properties(height=340, title=title("Probability of each emotion, last 60 s"))
    )


def categories(rows: pd.DataFrame) -> alt.Chart:
    """One lane a person over the last minute, in the colour of the category. rows: as from `spans`."""
    colour = category_colour(undecided=True).legend(title=None, orient="top", symbolType="circle", labelFontSize=12)
    return (
        alt.Chart(rows)
        .mark_bar(height=18, aria=False)
        .encode(
            x=_seconds("start_s"),
            x2=alt.X2("end_s"),
            y=alt.Y("person:N", sort=alt.EncodingSortField("track_id"), title=None),
            color=colour,
            tooltip=[alt.Tooltip("person:N"), alt.Tooltip("category:N")],
        )
        .properties(height=340, title=title("Category of each person, last 60 s"))
    )


def share_bar(rows: pd.DataFrame) -> alt.Chart:
    """One bar of all the time that people were seen, parted by emotion. rows: as from `slices`."""
    return (
        alt.Chart(rows)
        .mark_bar(height=26, aria=False)
        .encode(
            x=alt.X("share:Q", stack="zero", scale=alt.Scale(domain=[0, 1]), axis=None),
            color=emotion_colour(legend=False, undecided=True),
            order=alt.Order("rank:Q"),
            tooltip=[alt.Tooltip("label:N", title="share")],
        )
        .properties(height=34)
    )


def shares_in_words(shares: dict[str, float]) -> str:
    """`happy 62 %, neutral 30 %, sad 8 %`, the largest first; of nobody seen: `Nobody has been seen yet.`"""
    order = sorted((name for name, share in shares.items() if share > 0), key=lambda name: -shares[name])
    return ", ".join(f"{name} {percent(shares[name])}" for name in order) or "Nobody has been seen yet."


def _seconds(field: str) -> alt.X:
    """The last minute from left to right, counted back from now."""
    axis = alt.Axis(
        title="Seconds before now", values=list(range(-60, 1, 10)), labelExpr="abs(datum.value)", grid=False
    )
    return alt.X(f"{field}:Q", scale=alt.Scale(domain=[-MINUTE_S, 0], nice=False), axis=axis)
