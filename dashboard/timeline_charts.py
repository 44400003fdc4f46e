"""Every chart of the timeline for a look, each with its numbers as a table and what it shows as a sentence.

No Streamlit inside: the page, the files to take away and the report are made from the same ones.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import altair as alt
import pandas as pd

from dashboard import charts, findings, look, share_charts, timeline
from dashboard.chart_parts import with_clock
from dashboard.look import Look, labelled
from dashboard.words import person, smoothing
from db.emotions import EMOTIONS

SHORT_S = 180  # below this length, the distribution is shown in parts of ten seconds instead of minutes


@dataclass(frozen=True)
class Drawing:
    """A chart, the table behind it with readable column names, and what it shows as a sentence."""

    chart: alt.TopLevelMixin
    rows: pd.DataFrame
    alt: str


def drawings(
    run: dict,
    tracks: pd.DataFrame,
    faces: pd.DataFrame,
    frames: pd.DataFrame,
    baselines: pd.DataFrame,
    shown: Look,
    stacked: bool = False,
) -> dict[str, Drawing]:
    """The charts by name, in the order of the page; those that would be empty are left out.

    run: its row; tracks, faces, frames: as from db.results; baselines: as from db.people_results; shown: with an end
    that is finite. Names: coverage, presence, probabilities, valence, category, distribution, seconds, shares.
    """
    part = (shown.from_s, shown.to_s)
    looked_at = frames[(frames["t_s"] >= part[0]) & (frames["t_s"] < part[1])]
    bin_s = timeline.bin_s(len(looked_at), *part)
    rows = labelled(faces, shown)
    out: dict[str, Drawing] = {}

    strip = timeline.coverage(frames, *part)
    if not strip.empty:
        dark = f"Too dark: grey level under {timeline.DARK_BELOW:g} of 255."
        blurred = f"Blurred: Laplacian variance under {timeline.BLURRED_BELOW:g}."
        out["coverage"] = Drawing(
            charts.coverage(strip, *part, [dark, blurred]), _spans(strip), findings.coverage(strip, *part)
        )
    in_part = (faces["t_s"] >= part[0]) & (faces["t_s"] < part[1]) & ~faces["excluded"]
    spans = timeline.presence(faces[in_part], bin_s or 0.0)
    if not spans.empty:
        names = dict(zip(tracks["track_id"], tracks["label"], strict=True))
        table = _spans(spans.assign(who=[person(track, names.get(track)) for track in spans["track_id"]]))
        alone = findings.presence(spans, spans["track_id"].nunique())
        out["presence"] = Drawing(charts.presence(spans, names, *part), table.drop(columns="track_id"), alone)
    if rows.empty:
        return out

    values = look.relative(rows, faces, baselines) if shown.relative else rows
    window_s = shown.window_s if shown.method in ("mean", "stored") else 0.0
    course = timeline.course(values, part[0], bin_s, window_s)
    if not course.empty:
        table = with_clock(course, time="t_s")[["time", "t_s", *EMOTIONS, "valence", "low", "high", "faces"]].round(4)
        out["probabilities"] = Drawing(
            charts.probabilities(course, *part, how(run, shown), stacked, shown.relative),
            table.drop(columns=["valence", "low", "high"]),
            findings.probabilities(course, shown.relative),
        )
        band = (
            f"Band: ± 1 standard deviation of single frames within {max(window_s or timeline.BAND_S, bin_s or 0):.3g} s"
        )
        out["valence"] = Drawing(
            charts.valence(course, *part, band, shown.relative),
            table.drop(columns=list(EMOTIONS)),
            findings.valence(course, shown.relative),
        )
    steps = timeline.course(rows, part[0], bin_s, window_s)
    raw = None
    if shown.method != "raw":
        raw = timeline.course(labelled(faces, replace(shown, method="raw", threshold=0.0)), part[0], bin_s)
    out["category"] = Drawing(
        charts.category(steps, *part, raw, _category_subtitle(shown, run)),
        _spans(charts.spans(steps)[["category", "start_s", "end_s"]]),
        findings.category(steps),
    )
    part_s = 10.0 if part[1] - part[0] < SHORT_S else 60.0
    parts, seconds = timeline.distribution(rows, part_s), timeline.seconds(rows)
    table = with_clock(parts, time="start_s").pivot(index=["time", "start_s"], columns="emotion", values="seconds")
    out["distribution"] = Drawing(
        share_charts.distribution(parts, *part, part_s),
        table.fillna(0.0).round(2).reset_index().sort_values("start_s"),
        findings.distribution(parts, part_s),
    )
    categories = timeline.category_seconds(seconds)
    out["seconds"] = Drawing(
        share_charts.category_seconds(categories), _percents(categories), findings.seconds(categories)
    )
    out["shares"] = Drawing(share_charts.shares(seconds), _percents(seconds), findings.shares(seconds))
    return out


def how(run: dict, shown: Look) -> str:
    """How the labels and probabilities of a look came about, as a line: `Mean of all faces; mean over 1.5 s`."""
    kinds = {
        "stored": f"as stored: {smoothing(run['smoothing'])}",
        "raw": "raw, frame by frame",
        "mean": f"mean over {shown.window_s:g} s",
        "mode": "most frequent of the last 5",
    }
    parts = ["mean of all faces"] if shown.track_id is None else []
    parts.append(kinds[shown.method])
    if shown.threshold:
        parts.append(f"undecided below {shown.threshold:.2f}")
    line = "; ".join(parts)
    return line[0].upper() + line[1:]


def _category_subtitle(shown: Look, run: dict) -> str:
    line = how(run, shown).replace("Mean of all faces", "Mean of all faces, rounded")
    return line if shown.method == "raw" else f"{line}; raw drawn faintly"


def _spans(rows: pd.DataFrame) -> pd.DataFrame:
    """Stretches with their ends as m:ss, too."""
    return with_clock(rows, start="start_s", end="end_s").round({"start_s": 2, "end_s": 2})


def _percents(rows: pd.DataFrame) -> pd.DataFrame:
    """Shares as percent."""
    return rows.assign(percent=(rows["share"] * 100).round(1), seconds=rows["seconds"].round(2)).drop(columns="share")
