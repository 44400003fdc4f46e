"""What the library page lists: rows from queries and request files made ready to show. No Streamlit and no SQL."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pandas as pd

from dashboard.sparkline import sparkline
from dashboard.words import missing, one_line
from processor import spool
from processor.metadata import tags_as_text

NO_CONSENT = "no consent"
STATES = ("queued", NO_CONSENT, "running", "done", "no face", "failed", "cancelled")

# What can be asked for each video, by the state of its newest run. The words are the menu's.
RETRY, AGAIN, CANCEL, DELETE = "Try again", "Analyse again", "Cancel", "Delete…"

_REQUESTS = {
    "upload": "Upload of {}",
    "analyze": "Analysis of {}",
    "edit": "Change of details of {}",
    "edit_many": "Change of details of several videos",
    "reprocess": "New analysis of {}",
    "cancel": "Cancelling {}",
    "delete": "Deletion of {}",
    "default_model": "Making {} the default",
    "reprocess_all": "New analysis of all videos with {}",
    "evaluation": "Figures of {}",
    "people_name": "Naming a person of {}",
    "people_merge": "Merging people of {}",
    "people_split": "Splitting a person of {}",
    "people_undo": "Undoing a change of people of {}",
    "baseline": "A baseline in {}",
    "markers_add": "Markers in {}",
    "marker_change": "Change of a marker in {}",
    "markers_delete": "Deletion of markers in {}",
    "exclude": "Exclusion of a range of {}",
    "include": "Inclusion of a range of {}",
    "review": "Review of a moment of {}",
    "confirm_purpose": "Confirmation of the purpose",
    "setting_change": "Change of the setting {}",
    "consent": "Consent",
    "erase": "Erasing a subject",
    "make": "Film of {}",
    "unmake": "Removal of a film of {}",
    "live_session": "Keeping a live session",
    "rule_save": "Rule {}",
    "rule_delete": "Deletion of a rule",
    "sensitivity": "A sensitivity",
    "alerts_acknowledge": "Acknowledgement of alerts",
    "alert_test": "A test message",
    "query_save": "Saving of the query {}",
    "query_forget": "Forgetting of a saved query",
    "filter_save": "Saving of the filter {}",
    "filter_forget": "Forgetting of a saved filter",
}


def with_state(videos: pd.DataFrame, without_consent: Collection[str] = ()) -> pd.DataFrame:
    """The videos (as from results.videos) with column `shown`: the state as people read it, one of STATES.

    A finished run that saw nobody is `no face`: a finding, not an error. without_consent: ids of videos that must not
    be analysed; those of them that are queued wait for something else than their turn.
    """
    shown = videos["state"].fillna("queued").astype(object)
    shown = shown.mask((shown == "queued") & videos["video_id"].isin(set(without_consent)), NO_CONSENT)
    no_face = (videos["state"] == "done") & (videos["coverage"] == 0)
    return videos.assign(shown=shown.mask(no_face, "no face"))


def choices(videos: pd.DataFrame, column: str) -> list[str]:
    """The values of a column that there are, in order, to choose from."""
    return sorted({value for value in videos[column] if not missing(value)})


def chosen(
    videos: pd.DataFrame,
    text: str = "",
    cohorts: Sequence[str] = (),
    subjects: Sequence[str] = (),
    sessions: Sequence[str] = (),
    states: Sequence[str] = (),
    tags: Mapping[str, Sequence[str]] | None = None,
    from_day: date | str | None = None,
    to_day: date | str | None = None,
) -> pd.DataFrame:
    """The videos (with_state) that fit every filter; an empty filter lets everything through.

    text: words that must all occur, in any case, in name, subject, cohort or session. tags: name to the values that
    will do. from_day, to_day: first and last day (or as ISO text), in UTC, on which it was recorded; of a video of
    which that is not known, the day it was added counts. Rows without column `shown` have no state to choose by.

    Raises ValueError for a text that is no day.
    """
    keep = pd.Series(True, index=videos.index)
    for column, values in (("cohort", cohorts), ("subject", subjects), ("session", sessions), ("shown", states)):
        if values and column in videos:
            keep &= videos[column].isin(values)
    for name, values in (tags or {}).items():
        if values:
            keep &= videos["tags"].map(lambda tags, name=name: (tags or {}).get(name)).isin(values)
    if from_day or to_day:
        days = videos["recorded_at"].fillna(videos["added_at"]).dt.normalize()
        if from_day:
            keep &= days >= pd.Timestamp(_day(from_day))
        if to_day:
            keep &= days <= pd.Timestamp(_day(to_day))
    words = text.casefold().split()
    if words:
        columns = [videos[name].fillna("").astype(str) for name in ("name", "subject", "cohort", "session")]
        everything = columns[0].str.cat(columns[1:], sep="\n").map(str.casefold)
        for word in words:
            keep &= everything.str.contains(word, regex=False)
    return videos[keep]


def tag_choices(videos: pd.DataFrame) -> list[str]:
    """The tags that there are, in order, each as `site=Vienna`."""
    return sorted({f"{name}={value}" for tags in videos["tags"] if tags for name, value in tags.items()})


def by_filter(videos: pd.DataFrame, filter: Mapping) -> pd.DataFrame:
    """The videos that a saved filter chooses, as `chosen` does; what is absent or None in it lets everything through.

    Raises ValueError for a day that is none, TypeError for a field that no filter has.
    """
    return chosen(videos, **{name: value for name, value in filter.items() if value is not None})


def _day(value: date | str) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value


def actions(state: str) -> list[str]:
    """What can be asked for a video in this state (one of STATES)."""
    first = {"queued": [CANCEL], NO_CONSENT: [CANCEL], "running": [CANCEL], "failed": [RETRY]}.get(state, [AGAIN])
    return [*first, DELETE]


def table(videos: pd.DataFrame, pictures: Mapping[str, str] | None = None) -> pd.DataFrame:
    """The rows of the library's table, in the order of `videos` (with_state), ready to show.

    pictures: addresses of thumbnails by video_id; None: there is no column for them. Columns: picture (address or
    None), video, state, coverage (percent), valence, course (picture or None), subject, cohort, session, tags (text),
    added (UTC), actions (list).
    """
    videos = videos.reset_index(drop=True)
    rows = {} if pictures is None else {"picture": [pictures.get(video_id) for video_id in videos["video_id"]]}
    rows |= {
        "video": videos["name"].map(one_line),
        "state": videos["shown"],
        "coverage": videos["coverage"] * 100,
        "valence": videos["mean_valence"],
        "course": [
            sparkline(curve, 0 if missing(frames) else int(frames))
            for curve, frames in zip(videos["valence_curve"], videos["frames_sampled"], strict=True)
        ],
    }
    for column in ("subject", "cohort", "session"):
        rows[column] = [None if missing(value) else one_line(value) for value in videos[column]]
    rows["tags"] = [one_line(tags_as_text(tags)) or None for tags in videos["tags"]]
    rows["added"] = pd.to_datetime(videos["added_at"], utc=True)
    rows["actions"] = [actions(state) for state in videos["shown"]]
    return pd.DataFrame(rows)


def waiting(folder: Path, names: dict[str, str], runs: dict[int, str]) -> list[str]:
    """The requests in the spool that the processor has not applied yet, each as a phrase, in order.

    names: video_id to name; runs: run_id to the name of its video.
    """
    phrases = []
    for path in spool.pending(folder):
        try:
            request = spool.load(path)
        except spool.RequestRefused:
            if path.exists():
                phrases.append(f"A request that can't be read ({path.name})")
            continue  # applied in the meantime
        # A request about a video may have a name of its own: a person's.
        name = names.get(request.get("video_id")) or runs.get(request.get("run_id"))
        name = name or request.get("name") or request.get("path") or _model(request) or "a video"
        phrases.append(asked(request.get("kind"), name))
    return phrases


def asked(kind: object, name: object) -> str:
    """What was asked for, as a phrase: `Upload of clip.mp4`. kind: a request's; name: what it is about."""
    return _REQUESTS.get(kind, "Request about {}").format(one_line(name))


def _model(request: dict) -> str | None:
    """The model that a request is about, if it is about one and not about a video."""
    card = request.get("card")
    name = card.get("name") if isinstance(card, dict) else request.get("model")
    return name if isinstance(name, str) and "video_id" not in request else None


def moment(value: datetime | pd.Timestamp, zone: str = "UTC") -> str:
    """A moment, given in UTC, as it is called in a time zone, to the minute: `03 Jul 2026, 14:05 CEST`.

    zone: a name such as Europe/Vienna. One that nobody knows is taken for UTC, and every moment says which it is in.
    """
    try:
        there = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        there = UTC
    return f"{pd.Timestamp(value).tz_localize('UTC').tz_convert(there):%d %b %Y, %H:%M %Z}"
