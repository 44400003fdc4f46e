"""Files to take away: CSV of the labels and of every observation, PNG of a chart."""

from __future__ import annotations

import json
import re

import altair as alt
import pandas as pd
import vl_convert

from db.emotions import CATEGORY, CATEGORY_VALUE

# A spreadsheet takes a cell that starts with one of these for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def guard(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with every text that a spreadsheet would run as a formula made harmless by an apostrophe before it.

    Columns of numbers stay as they are: -1 is a number, not a formula.
    """

    def harmless(value: object) -> object:
        return f"'{value}" if isinstance(value, str) and value.lstrip(" ").startswith(_FORMULA) else value

    texts = [name for name in rows.columns if not pd.api.types.is_numeric_dtype(rows[name])]
    return rows.assign(**{name: rows[name].map(harmless) for name in texts})


def labels_csv(labels: pd.DataFrame, smoothed: bool) -> bytes:
    """System A's three columns, `Time (s),Emotion,Category`: one line per face, in order of time; category -1, 0 or 1.

    labels: as from results.labels.
    """
    emotion = labels["smoothed" if smoothed else "raw"]
    rows = pd.DataFrame(
        {
            "Time (s)": labels["t_s"].map("{:.3f}".format),
            "Emotion": emotion,
            "Category": emotion.map(lambda name: CATEGORY_VALUE[CATEGORY[name]]),
        }
    )
    return rows.to_csv(index=False, lineterminator="\n").encode()


def observations_csv(observations: pd.DataFrame, video: dict) -> bytes:
    """Every observation with every column, and before them which video it belongs to.

    observations: as from results.observations; video: as from results.video.
    """
    rows = observations.copy()
    for place, name in enumerate(("video_id", "name", "subject", "cohort", "session")):
        rows.insert(place, name, video[name])
    return guard(rows).to_csv(index=False, lineterminator="\n").encode()


def png(chart: alt.TopLevelMixin, width: int = 900) -> bytes:
    """The chart as a PNG on white, `width` points wide at twice the resolution. Made here: no network, no browser."""
    spec = json.loads(chart.properties(width=width, background="white", padding=12).to_json())
    spec["autosize"] = {"type": "fit", "contains": "padding"}  # as in the dashboard: heights are of the whole chart
    return vl_convert.vegalite_to_png(spec, scale=2)


def file_name(name: str, what: str) -> str:
    """A file name for a download, safe on every system: `my clip.mp4`, `smoothed.csv` give `my_clip_smoothed.csv`."""
    stem = re.sub(r"[^\w-]+", "_", re.sub(r"\.\w{1,5}$", "", name)).strip("_")
    return f"{stem[:80] or 'video'}_{what}"
