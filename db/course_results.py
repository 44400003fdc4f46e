"""The published snapshot, read-only: what people show around moments of many videos, added up in bins of time.

As in db/results.py: an open connection in, a pandas DataFrame out, values as parameters only; times in seconds from the
start of the video. What lies in an excluded range counts in nothing here.

One query for all runs that are asked for: it reads the columns of one measure, where these runs lie.
"""

from __future__ import annotations

import math

import pandas as pd

from db.emotions import CATEGORY, EMOTIONS
from db.results import Connection

_CLOSE = 1e-6  # seconds; sums of decimal fractions are not exact, and no two frames are that close


def marked(con: Connection, video_ids: list[str]) -> pd.DataFrame:
    """The markers of these videos, in order of video and time. Columns: video_id, t_s, kind."""
    query = """
        SELECT video_id, t_s, kind FROM marker WHERE list_contains($video_ids::VARCHAR[], video_id)
        ORDER BY video_id, t_s, kind
    """
    return con.execute(query, {"video_ids": list(video_ids)}).df()


def around(
    con: Connection,
    windows: pd.DataFrame,
    people: pd.DataFrame,
    measure: str,
    values: str,
    before_s: float,
    after_s: float,
    bin_s: float,
) -> pd.DataFrame:
    """What the people of each window show in each bin around its moment, added up over their faces.

    windows: window (its number, int), run_id, at_s (the moment). people: run_id, track_id of everybody who counts.
    measure: `valence`, an emotion, `negative` or `positive`; values: of an emotion or category, `share` (whether the
    smoothed label is it) or `probability`. before_s, after_s, bin_s: as of `dashboard.event_locked.event_locked`: a
    face counts where at_s - before_s <= t_s < at_s + after_s, and bins are counted from the moment, -1 ends there and 0
    begins there; times a fraction of a microsecond apart are the same.

    Columns: window, bin, total (sum of the values), faces (how many). Only bins with a face have a row; in order.
    Raises ValueError for a measure that there is not.
    """
    query = f"""
        WITH windows AS (
            SELECT unnest($window::INTEGER[]) AS window_, unnest($run::INTEGER[]) AS run_id,
                unnest($at_s::DOUBLE[]) AS at_s
        ),
        -- A face looks only for the moments near it: those that share its stretch of $reach_s seconds.
        stretches AS (
            SELECT window_, run_id, at_s, unnest(generate_series(
                floor((at_s - $before_s - $close) / $reach_s)::INTEGER,
                floor((at_s + $after_s) / $reach_s)::INTEGER)) AS stretch
            FROM windows
        ),
        people AS (SELECT unnest($people_run::INTEGER[]) AS run_id, unnest($people_track::INTEGER[]) AS track_id),
        ranges AS (
            SELECT r.run_id, x.from_s, x.to_s FROM excluded_range x JOIN run r USING (video_id)
            WHERE list_contains($run::INTEGER[], r.run_id)
        ),
        seen AS (
            SELECT s.window_, s.at_s, o.run_id, o.track_id, o.t_s, {_value(measure, values)} AS value
            FROM observation o
            JOIN stretches s ON s.run_id = o.run_id AND s.stretch = floor(o.t_s / $reach_s)::INTEGER
            WHERE o.t_s >= s.at_s - $before_s - $close AND o.t_s < s.at_s + $after_s - $close
        )
        SELECT window_ AS "window", greatest(least(
                floor((t_s - at_s) / $bin_s + $close)::INTEGER, $right - 1), -$left) AS bin,
            sum(value)::DOUBLE AS total, count(value)::INTEGER AS faces
        FROM seen s
        SEMI JOIN people p ON p.run_id = s.run_id AND p.track_id = s.track_id
        ANTI JOIN ranges x ON x.run_id = s.run_id AND s.t_s >= x.from_s AND s.t_s < x.to_s
        GROUP BY ALL HAVING faces > 0 ORDER BY ALL
    """
    return con.execute(
        query,
        {
            "window": windows["window"].tolist(), "run": windows["run_id"].tolist(), "at_s": windows["at_s"].tolist(),
            "people_run": people["run_id"].tolist(), "people_track": people["track_id"].tolist(),
            "before_s": before_s, "after_s": after_s, "bin_s": bin_s, "reach_s": before_s + after_s, "close": _CLOSE,
            "left": math.ceil(before_s / bin_s - _CLOSE), "right": math.ceil(after_s / bin_s - _CLOSE),
        },
    ).df()  # fmt: skip


def _value(measure: str, values: str) -> str:
    """The value of a face as SQL, from names of our own only."""
    if measure == "valence":
        return "o.valence"
    emotions = [name for name in EMOTIONS if measure in (name, CATEGORY[name])]
    if not emotions or values not in ("share", "probability"):
        raise ValueError(f"There is no measure {measure!r} as {values!r}.")
    if values == "probability":
        return " + ".join(f"o.{name}" for name in emotions)
    return f"(o.smoothed IN ({', '.join(repr(name) for name in emotions)}))::INTEGER"
