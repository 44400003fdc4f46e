"""Files to take away: the labels and every observation as CSV, Parquet and JSON; a chart as PNG and SVG."""

from __future__ import annotations

import io
import json
import math
import re
from dataclasses import asdict, replace
from datetime import UTC, date, datetime

import altair as alt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import vl_convert

from dashboard.look import Look, labelled
from dashboard.people_figures import LABELS, people_figures
from db.emotions import CATEGORY, CATEGORY_VALUE

# What the files tell of a video and a run: what they are, and not where a file lies on somebody's disk.
_VIDEO = (
    "video_id", "sha256", "name", "size_bytes", "duration_s", "fps", "width", "height", "codec", "recorded_at",
    "added_at", "source", "subject", "cohort", "session", "tags", "consent",
)  # fmt: skip
_RUN = (
    "run_id", "model_id", "detector", "device", "sample_fps", "smoothing", "started_at", "finished_at",
    "frames_sampled", "frames_with_face", "corrupt_packets", "note",
)  # fmt: skip

FORMAT = "moodreel/video/1"

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


def everything(observations: pd.DataFrame, faces: pd.DataFrame, look: Look) -> pd.DataFrame:
    """Every observation of a run, with what the video page knows of it beyond the store; none is left out.

    observations, faces: as from results.observations and results.faces, of the same run. Columns: those of
    observations; `excluded` (whether it lies in an excluded range, so that no figure counts it); and, where the labels
    of the look are not those that the analysis stored, `shown` (an emotion or undecided) and `shown_category`.
    """
    out_frames = set(faces.loc[faces["excluded"], "frame"])
    rows = observations.assign(excluded=observations["frame"].isin(out_frames))
    # Labels of everyone, everywhere: a part that is chosen for the charts does not cut the file.
    whole = replace(look, track_id=None, from_s=0.0, to_s=math.inf)
    shown = labelled(observations.assign(excluded=False), whole)
    if (shown["label"].to_numpy() != rows["smoothed"].astype(object).to_numpy()).any():
        rows = rows.assign(shown=shown["label"].to_numpy(), shown_category=shown["label_category"].to_numpy())
    return rows


def about(
    video: dict,
    run: dict,
    tracks: pd.DataFrame,
    faces: pd.DataFrame,
    look: Look,
    markers: pd.DataFrame,
    excluded: pd.DataFrame,
) -> dict:
    """What the observations are of, as plain values for JSON: everything but the observations.

    Keys: format (FORMAT), video, run (columns of those tables), settings (the look: track_id, method, window_s,
    threshold, from_s, to_s, relative; null is everyone, or the end), people (track_id, name, first_s, last_s, faces,
    seconds, mean_valence, seconds_of each label, under the settings and without what is excluded), markers (t_s, end_s,
    kind, note, source), excluded (from_s, to_s, reason). Times are seconds from the start of the video, moments UTC.
    """
    people = _records(people_figures(labelled(faces, look), tracks))
    return {
        "format": FORMAT,
        "video": {name: _value(video[name]) for name in _VIDEO},
        "run": {name: _value(run[name]) for name in _RUN},
        "settings": {name: _value(value) for name, value in asdict(look).items()},
        "people": [
            {key: value for key, value in one.items() if key not in LABELS}
            | {"seconds_of": {label: one[label] for label in LABELS}}
            for one in people
        ],
        "markers": _records(markers[["t_s", "end_s", "kind", "note", "source"]]),
        "excluded": _records(excluded[["from_s", "to_s", "reason"]]),
    }


def json_document(rows: pd.DataFrame, about: dict) -> bytes:
    """All of it as one JSON object: `about`, and under `observations` one object for each row. UTF-8, no NaN."""
    whole = about | {"observations": json.loads(rows.to_json(orient="records", double_precision=6))}
    return json.dumps(whole, ensure_ascii=False, allow_nan=False, indent=1).encode()


def parquet(rows: pd.DataFrame, about: dict) -> bytes:
    """The rows as a Parquet file; its schema's metadata has `about` as JSON under the key `moodreel`."""
    table = pa.Table.from_pandas(rows, preserve_index=False)
    told = json.dumps(about, ensure_ascii=False, allow_nan=False).encode()
    table = table.replace_schema_metadata({**(table.schema.metadata or {}), b"moodreel": told})
    file = io.BytesIO()
    pq.write_table(table, file, compression="zstd")
    return file.getvalue()


def png(chart: alt.TopLevelMixin, width: int = 900, scale: float = 2) -> bytes:
    """The chart as a PNG on white, `width` points wide at `scale` pixels a point. Made here: no network, no browser."""
    return vl_convert.vegalite_to_png(_on_white(chart, width), scale=scale)


def svg(chart: alt.TopLevelMixin, width: int = 900) -> bytes:
    """The chart as an SVG, `width` points wide, on white of its own, so that it is readable on a dark page as well."""
    return vl_convert.vegalite_to_svg(_on_white(chart, width)).encode()


def _on_white(chart: alt.TopLevelMixin, width: int) -> dict:
    spec = json.loads(chart.properties(width=width, background="white", padding=12).to_json())
    return spec | {"autosize": {"type": "fit", "contains": "padding"}}  # as in the dashboard: heights are the whole's


def _records(rows: pd.DataFrame) -> list[dict]:
    return [{name: _value(value) for name, value in row.items()} for row in rows.to_dict("records")]


def _value(value: object) -> object:
    """A value as JSON knows it: no NaN, no infinity, moments in ISO 8601 with their zone."""
    if isinstance(value, dict):
        return {str(key): _value(inner) for key, inner in value.items()}
    if pd.isna(value) or (isinstance(value, float) and math.isinf(value)):
        return None
    if isinstance(value, datetime):
        return value.replace(tzinfo=value.tzinfo or UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else value.item() if hasattr(value, "item") else value


def file_name(name: str, what: str) -> str:
    """A file name for a download, safe on every system: `my clip.mp4`, `smoothed.csv` give `my_clip_smoothed.csv`."""
    stem = re.sub(r"[^\w-]+", "_", re.sub(r"\.\w{1,5}$", "", name)).strip("_")
    return f"{stem[:80] or 'video'}_{what}"
