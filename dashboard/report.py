"""The report on a video as a PDF: what it is, how it was looked at, what was found, and what the figures mean."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import pandas as pd

from dashboard.downloads import png
from dashboard.listing import moment
from dashboard.look import UNDECIDED, Look, labelled
from dashboard.people_figures import people_figures
from dashboard.report_document import LACKING, Document
from dashboard.timeline_charts import Drawing, how
from dashboard.words import clock, duration, missing, percent, person, signed, size
from db.emotions import CATEGORIES, CATEGORY, EMOTIONS

MOST_ROWS = 200  # of a list; a report of a thousand markers is read by nobody
_LAW = "Regulation (EU) 2024/1689, Article 5 and Annex III"

INTENDED_USE = (
    "Moodreel shows what faces express, not what people feel. Not for decisions on hiring, at work or in education: "
    f"inferring emotions there is prohibited or high-risk in law (in the European Union: {_LAW})."
)

MEANING = (
    "Moodreel looks at single frames of the video, finds the faces in them, and gives each face seven probabilities, "
    f"one for each expression ({', '.join(EMOTIONS)}), that sum to 1. The label is the most probable of them.",
    "The category is negative for angry, disgust, fear and sad; positive for happy and surprise; and neutral. Valence "
    "is the sum of the probabilities of the positive expressions less that of the negative ones: from −1 to +1.",
    "A face counts from its frame until the next one looked at. Seconds and shares are of the time in which a face was "
    "seen; the seconds of several people add up. Where nobody was seen there is a gap, which is no value.",
    f"“{UNDECIDED.capitalize()}” is a face whose most probable expression is less probable than the threshold.",
    "A network can be wrong about a single face, and more often about some people, in poor light or from the side. How "
    "often it is right on faces that people have labelled is on the Models page.",
)

DETECTORS = {"yunet": "YuNet", "haar": "Haar cascade"}


def pdf(
    video: dict,
    run: dict,
    tracks: pd.DataFrame,
    faces: pd.DataFrame,
    look: Look,
    excluded: pd.DataFrame,
    markers: pd.DataFrame,
    charts: Mapping[str, Drawing],
    moments: pd.DataFrame | None = None,
    zone: str = "UTC",
    made_at: datetime | None = None,
) -> bytes:
    """The report, on A4.

    video, tracks, faces: as from `db.results`; run: the run that the faces are of; excluded, markers: as from
    `db.annotation_results`. charts: as from `timeline_charts.drawings`, by name; others can be among them.
    moments: as from `moments.key_moments`, or None to leave them out. zone: the name of the time zone that moments are
    written in. made_at: when it is made, in UTC without a zone; now unless given.
    """
    made_at = made_at or datetime.now(UTC).replace(tzinfo=None)
    rows = labelled(faces, look)
    with Document(f"Report on {video['name']}", f"Moodreel report on {video['name']}") as document:
        document.set_creation_date(made_at.replace(tzinfo=UTC))
        document.set_subject("Expressions of faces in a video")
        document.heading(f"Report on {video['name']}", 0)
        document.paragraph(f"Made with Moodreel on {moment(made_at, zone)}.", small=True)
        document.paragraph(INTENDED_USE, bold=True)
        _video(document, video, zone)
        _analysis(document, run, tracks, look, zone)
        _people(document, run, rows, tracks, look)
        _coverage(document, run, rows, excluded)
        if charts:
            document.heading("Charts", room_mm=90)
            for name, drawing in charts.items():
                document.picture(png(drawing.chart, width=640, scale=3), drawing.alt, section=_capital(name))
        if moments is not None:
            _moments(document, moments, tracks)
        _markers(document, markers)
        _excluded(document, excluded)
        document.heading("What the figures mean")
        for text in MEANING:
            document.paragraph(text)
        document.heading("What this is not for", 2)
        document.paragraph(INTENDED_USE)
        if document.lacking:
            codes = ", ".join(f"U+{ord(character):04X}" for character in sorted(document.lacking)[:20])
            more = " and others" if len(document.lacking) > 20 else ""
            document.paragraph(
                f"Characters that this report’s font lacks are shown as {LACKING}: {codes}{more}.", small=True
            )
        return document.whole()


def _video(document: Document, video: dict, zone: str) -> None:
    names = (("Subject", "subject"), ("Cohort", "cohort"), ("Session", "session"))
    consent = "not known" if missing(video["consent"]) else "given" if video["consent"] else "not given"
    document.heading("The video")
    document.table(
        [
            ("File", video["name"]),
            *((word, video[name]) for word, name in names if video[name]),
            *(("Tag " + key, value) for key, value in (video["tags"] or {}).items()),
            ("Consent", consent),
            ("Length", clock(video["duration_s"])),
            ("Picture", f"{video['width']} × {video['height']}" if video["width"] else "–"),
            ("Coded as", f"{video['codec'] or '–'}, {size(video['size_bytes'])}"),
            *([("Recorded", moment(video["recorded_at"], zone))] if video["recorded_at"] else []),
            ("Added", moment(video["added_at"], zone)),
            ("SHA-256", video["sha256"]),
        ],
        [1, 3.4],
    )


def _analysis(document: Document, run: dict, tracks: pd.DataFrame, look: Look, zone: str) -> None:
    names = {row.track_id: person(row.track_id, row.label) for row in tracks.itertuples()}
    document.heading("How it was looked at")
    document.table(
        [
            ("Model", run["model_id"] or "not known"),
            ("Face detector", DETECTORS.get(run["detector"], run["detector"] or "not known")),
            ("Sampling", f"{run['sample_fps']:g} frames a second; {run['frames_sampled'] or 0:,} frames"),
            (
                "Analysed",
                f"{moment(run['finished_at'], zone)}, in {duration(run['seconds'])}" if run["finished_at"] else "–",
            ),
            *([("Computed on", run["device"])] if run["device"] else []),
            *([("Note", run["note"])] if run["note"] else []),
            ("Labels shown", how(run, look)),
            ("Person", "everyone together" if look.track_id is None else names.get(look.track_id, look.track_id)),
            ("Part", f"{clock(look.from_s)} to {_end(look.to_s)}"),
            *([("Values", "relative to each person’s baseline, in charts")] if look.relative else []),
        ],
        [1, 3.4],
    )


def _people(document: Document, run: dict, rows: pd.DataFrame, tracks: pd.DataFrame, look: Look) -> None:
    document.heading("Who was seen, and how")
    if rows.empty:
        seen = run["frames_with_face"] or 0
        document.paragraph(
            "No face counts in this part of the video, with what is excluded left out."
            if seen
            else "No face was found in any of the frames looked at. This is a finding, not an error."
        )
        return
    figures = people_figures(rows, tracks)
    if len(figures) > 1:
        sums = figures.drop(columns=["track_id", "name", "mean_valence", "first_s", "last_s"]).sum()
        everyone = {"who": "Everyone", "first_s": figures["first_s"].min(), "last_s": figures["last_s"].max()}
        everyone |= {**sums, "mean_valence": rows["valence"].mean()}
    else:
        everyone = None
    figures["who"] = [person(row.track_id, row.name) for row in figures.itertuples()]
    people = [*figures.to_dict("records"), *([everyone] if everyone else [])]
    document.table(
        [
            (
                one["who"], f"{clock(one['first_s'])} to {clock(one['last_s'])}", f"{one['seconds']:.1f}",
                f"{int(one['faces']):,}", signed(one["mean_valence"]), *_categories(one),
            )
            for one in people
        ],
        [2.4, 2.1, 1.4, 1.2, 1.4, 1.6, 1.5, 1.6],
        ["Person", "From, to", "Seconds", "Faces", "Mean valence", *(f"{_capital(name)}, s" for name in CATEGORIES)],
        right=6,
    )  # fmt: skip
    document.heading("Shares of the time with a face", 2)
    labels = [*EMOTIONS, *([UNDECIDED] if look.threshold else [])]
    document.table(
        [(one["who"], *(_share(one[label], one["seconds"]) for label in labels)) for one in people],
        [1.9, *[1.5] * len(labels)],
        ["Person", *map(_capital, labels)],
        right=len(labels),
    )


def _categories(one: dict) -> list[str]:
    """The seconds in each category."""
    return [f"{sum(one[name] for name in EMOTIONS if CATEGORY[name] == category):.1f}" for category in CATEGORIES]


def _share(seconds: float, of: float) -> str:
    return f"{seconds / of:.1%}".replace("%", " %") if of else "–"


def _coverage(document: Document, run: dict, rows: pd.DataFrame, excluded: pd.DataFrame) -> None:
    sampled, seen = run["frames_sampled"] or 0, run["frames_with_face"] or 0
    document.heading("Coverage")
    share = percent(seen / sampled) if sampled else "–"
    text = f"A face was found in {seen:,} of the {sampled:,} frames looked at ({share})."
    if len(excluded):
        out_s = float((excluded["to_s"] - excluded["from_s"]).sum())
        held = f"{out_s:.1f} s" if out_s < 60 else duration(out_s)
        text += f" {held} in {len(excluded)} {'ranges are' if len(excluded) > 1 else 'range is'} excluded."
    document.paragraph(f"{text} The figures above are from {len(rows):,} faces.")


def _moments(document: Document, moments: pd.DataFrame, tracks: pd.DataFrame) -> None:
    names = dict(zip(tracks["track_id"], tracks["label"], strict=True))
    document.heading("Key moments")
    if moments.empty:
        document.paragraph("Nothing stands out in this part of the video.")
        return
    lines = [(clock(row.t_s), person(row.track_id, names.get(row.track_id)), row.text) for row in moments.itertuples()]
    _list(document, lines, [1, 2, 6], ["At", "Person", "What"])


def _markers(document: Document, markers: pd.DataFrame) -> None:
    document.heading("Markers")
    if markers.empty:
        document.paragraph("No markers were set.")
        return
    lines = [
        (clock(row.t_s) + ("" if missing(row.end_s) else f" to {clock(row.end_s)}"), row.kind, row.note or "")
        for row in markers.itertuples()
    ]
    _list(document, lines, [1.5, 2, 5], ["At", "Type", "Note"])


def _excluded(document: Document, excluded: pd.DataFrame) -> None:
    document.heading("What was excluded")
    if excluded.empty:
        document.paragraph("Nothing was excluded.")
        return
    document.paragraph("No figure and no chart counts what was seen in these parts of the video.")
    lines = [
        (f"{clock(row.from_s)} to {_end(row.to_s)}", row.reason or "no reason was given")
        for row in excluded.itertuples()
    ]
    _list(document, lines, [1.5, 6], ["Part", "Why"])


def _list(document: Document, lines: list[tuple], widths: list[float], header: list[str]) -> None:
    """A table that says so where it is cut."""
    document.table(lines[:MOST_ROWS], widths, header)
    if len(lines) > MOST_ROWS:
        document.paragraph(f"… and {len(lines) - MOST_ROWS:,} more, which are in the JSON download.")


def _end(to_s: float) -> str:
    return "the end" if to_s == float("inf") else clock(to_s)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
