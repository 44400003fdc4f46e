"""Section Stimulus of the Compare page: the mean course of each group around a moment of every session."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from dashboard import aligned, context, course_charts, file_buttons
from dashboard.choosing import one_of
from dashboard.compare_words import units_of
from dashboard.course_words import course_sentence
from dashboard.downloads import guard
from dashboard.drawing import draw
from dashboard.event_locked import MAX_BINS, bin_edges
from dashboard.measures import MEASURES, title
from dashboard.player.stimulus import stimulus
from dashboard.study import Study
from dashboard.words import one_line, plain, precise
from db import course_results, results
from db.results import Connection

MARKER, OFFSET = "Marker", "Time in the video"
FIRST, EVERY = "The first in each video", "Every one"
NO_VIDEO = ""
# More moments than these take a second and more in a store of ten million faces.
MOST_WINDOWS = 2000

HOW = (
    "A face counts in the bin in which it lies. For each session or subject the mean over its faces, then over its "
    "moments; the line is the mean over these, so everybody counts once. The band is the 95 % bootstrap interval of "
    "that mean: units are drawn again 2,000 times, each with its whole course; it holds for each bin by itself, not "
    "for the course as a whole. A line ends where fewer than two have data. Excluded ranges never count."
)


@dataclass(frozen=True)
class Asked:
    """What the controls are set to; moments: video_id, at_s; about: what the moment is, in words."""

    measure: str
    moments: pd.DataFrame
    about: str
    before_s: float
    after_s: float
    bin_s: float
    relative: bool


def section(con: Connection, study: Study) -> None:
    """The controls, the curves, how many count, and the stimulus beside them."""
    asked = _controls(con, study)
    if asked is None:
        return
    edges = bin_edges(asked.before_s, asked.after_s, asked.bin_s)
    windows, places = aligned.windows(study.units, asked.moments)
    if len(windows) > MOST_WINDOWS:
        st.warning(
            f"{len(windows):,} moments are more than can be looked at together ({MOST_WINDOWS:,}): take the first in "
            "each video, or fewer groups.",
            icon=":material/filter_list:",
        )
        return
    found = _found(
        str(context.snapshot()), con, windows, study.people[["run_id", "track_id"]], asked.measure,
        study.choice.values, asked.before_s, asked.after_s, asked.bin_s,
    )  # fmt: skip
    courses = aligned.unit_courses(places, found, len(study.units), edges, asked.relative)
    curve = aligned.group_courses(courses, list(study.units["group"]), edges)
    if not curve["n"].any():
        st.info(f"Nobody who counts is seen around {plain(asked.about)}.")
        return
    left, right = _places(con, curve, asked, study)
    with right:
        _curves(curve, asked, study)
    _counted(study, windows, places, courses)
    _files(study, curve, courses, edges, asked)


# --- What is asked ---------------------------------------------------------------------------------------------------


def _controls(con: Connection, study: Study) -> Asked | None:
    """The controls; None, and a sentence, where there is no moment to look at."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        measure = st.selectbox(
            "Measure", MEASURES, index=MEASURES.index("valence"), format_func=title, key="course", bind="query-params",
            width=220,
        )  # fmt: skip
        at = st.segmented_control(
            "Aligned at", [MARKER, OFFSET], default=MARKER, required=True, key="course_at", bind="query-params"
        )
        found = _at_marker(con, study) if at == MARKER else _at_offset(study)
    if found is None:
        st.info(
            "None of these videos has a marker. Set some on the Video page, under Markers, or align the sessions at a "
            "time in the video."
        )
        return None
    moments, about = found
    with st.container(horizontal=True, vertical_alignment="bottom"):
        before_s = st.number_input(
            "Seconds before", 0.0, 600.0, 5.0, 1.0, format="%g", key="course_before", bind="query-params", width=150
        )
        after_s = st.number_input(
            "Seconds after", 0.5, 3600.0, 15.0, 1.0, format="%g", key="course_after", bind="query-params", width=150
        )
        bin_s = st.number_input(
            "Bin (seconds)", 0.1, 60.0, 0.5, 0.1, format="%g", key="course_bin", bind="query-params", width=150
        )
        relative = st.toggle(
            "Relative to before", key="course_relative", bind="query-params", disabled=not before_s,
            help="From every moment, the mean over the seconds before it is taken away. Moments before which nobody is "
            "seen do not count.",
        )  # fmt: skip
    if (before_s + after_s) / bin_s > MAX_BINS - 2:
        st.info(f"That is more than {MAX_BINS - 2} bins: make them wider, or the window shorter.")
        return None
    return Asked(measure, moments, about, before_s, after_s, bin_s, bool(relative and before_s))


def _at_marker(con: Connection, study: Study) -> tuple[pd.DataFrame, str] | None:
    """Moments where markers of a kind are; None without any marker."""
    ids = list(dict.fromkeys(one for ids in study.units["video_ids"] for one in ids))
    marked = course_results.marked(con, ids)
    if marked.empty:
        return None
    videos = marked.groupby("kind")["video_id"].nunique().sort_values(ascending=False, kind="stable")
    kind = st.selectbox(
        "Kind of marker", list(videos.index), format_func=one_line, key="course_kind", bind="query-params", width=220,
        help="In how many of the videos each kind occurs: "
        + plain(", ".join(f"{name} {count}" for name, count in videos.items())) + ".",
    )  # fmt: skip
    which = st.segmented_control(
        "Which of them", [FIRST, EVERY], default=FIRST, required=True, key="course_which", bind="query-params"
    )
    moments = marked[marked["kind"] == kind]
    moments = moments.groupby("video_id", as_index=False).first() if which == FIRST else moments
    return moments.rename(columns={"t_s": "at_s"})[["video_id", "at_s"]], f"“{kind}”"


def _at_offset(study: Study) -> tuple[pd.DataFrame, str]:
    """The same time in every video."""
    at_s = st.number_input(
        "Second in each video", 0.0, 86400.0, 0.0, 1.0, format="%g", key="course_offset", bind="query-params",
        width=180, help="Where the stimulus begins, in seconds from the start of each video.",
    )  # fmt: skip
    ids = list(dict.fromkeys(one for ids in study.units["video_ids"] for one in ids))
    return pd.DataFrame({"video_id": ids, "at_s": at_s}), f"{precise(at_s, 1)} in the video"


# A page draws itself again at every click. Keyed on the snapshot, whose faces never change.
@st.cache_data(max_entries=8, show_spinner=False)
def _found(snapshot: str, _con: Connection, windows, people, measure, values, before_s, after_s, bin_s):
    return course_results.around(_con, windows, people, measure, values, before_s, after_s, bin_s)


# --- What is shown ---------------------------------------------------------------------------------------------------


def _places(con: Connection, curve: pd.DataFrame, asked: Asked, study: Study):
    """Where things go: with a stimulus, it is on the left, and the curves are beside it."""
    videos = results.videos(con)
    names = dict(zip(videos["video_id"], videos["name"], strict=True))
    wanted = st.query_params.get("course_video", NO_VIDEO)
    wanted = wanted if wanted in names else NO_VIDEO

    def changed(video_id: str) -> None:
        st.query_params["course_video"] = video_id
        if not video_id:
            del st.query_params["course_video"]

    with st.container(horizontal=True, vertical_alignment="bottom"):
        # The key carries the address, so that following a link wins over what was chosen before.
        offered = {NO_VIDEO: "None", **{one: one_line(name) for one, name in names.items()}}
        video_id = one_of(
            "Stimulus video", offered, key=f"course-video-{wanted}", index=list(offered).index(wanted),
            on_change=changed, width=320,
            help="Any video of the library: it plays in step with the curves.",
        )  # fmt: skip
        if video_id:
            at_s = st.number_input(
                "Its second at the moment", 0.0, 86400.0, 0.0, 1.0, format="%g", key="course_video_at",
                bind="query-params", width=200,
                help="Which second of the stimulus was shown at the moment at which the sessions are aligned.",
            )  # fmt: skip
    if not video_id:
        return None, st.container()
    left, right = st.columns([2, 3], gap="large")
    with left:
        video = results.video(con, video_id)
        stimulus(video, curve, study.groups, at_s, asked.measure, asked.relative, asked.about)
    return left, right


def _curves(curve: pd.DataFrame, asked: Asked, study: Study) -> None:
    """The chart of the curves, and that of how many count."""
    names, values = study.groups, study.choice.values
    told = course_sentence(curve, asked.measure, asked.about, asked.relative)
    chart = course_charts.group_courses(curve, asked.measure, values, names, asked.about, asked.relative)
    draw("course", chart, curve_table(curve, asked.measure), told)
    st.markdown(plain(told), help=HOW)
    sizes = course_charts.group_sizes(curve, names, asked.about)
    least, most = (curve.groupby("group", sort=False)["n"].agg(kind) for kind in ("min", "max"))
    said = "; ".join(f"{one_line(name)} {least[name]} to {most[name]}" for name in least.index)
    draw("course-n", sizes, curve[["group", "from_s", "to_s", "n"]], f"Units that count in each bin: {said}.")


def _counted(study: Study, windows: pd.DataFrame, places: pd.DataFrame, courses: np.ndarray) -> None:
    """How many units have a curve, who has none, and where a curve says little."""
    seen = ~np.isnan(courses).all(axis=1)
    unit = study.choice.unit
    st.caption(
        f"{plain(units_of(unit, int(seen.sum())))} of {len(study.units)} have data around {len(windows):,} moments. "
        "Lines end where fewer than two of a group have data."
    )
    without = list(dict.fromkeys(study.units["unit"][~seen]))
    if without:
        some = ", ".join(one_line(name) for name in without[:8]) + (
            f" and {len(without) - 8} more" if len(without) > 8 else ""
        )
        st.caption(f":material/info: Without a moment or a face around it: {plain(some)}.")
    n = pd.Series(seen).groupby(study.units["group"].to_numpy(), sort=False).sum()
    few = [f"{one_line(name)} {count}" for name, count in n.items() if count < aligned.ENOUGH]
    if few:
        st.warning(
            f"Fewer than {aligned.ENOUGH} {unit}s: {plain(', '.join(few))}. A band of so few is too narrow, and chance "
            "alone makes curves like these.",
            icon=":material/warning:",
        )


def _files(study: Study, curve: pd.DataFrame, courses: np.ndarray, edges: np.ndarray, asked: Asked) -> None:
    """The curves as CSV: of groups, and of every unit."""

    def csv(rows: pd.DataFrame) -> bytes:
        return guard(rows).to_csv(index=False, lineterminator="\n").encode()

    of_groups = curve_table(curve, asked.measure).assign(moment=asked.about, relative=asked.relative)
    of_units = unit_table(study.units, courses, edges, asked.measure).assign(
        moment=asked.about, relative=asked.relative
    )
    file_buttons.buttons(
        f"{asked.measure} around {asked.about}",
        [
            ("Curves as CSV", "curves.csv", csv(of_groups), file_buttons.CSV),
            (f"Every {study.choice.unit} as CSV", "units.csv", csv(of_units), file_buttons.CSV),
        ],
    )


def curve_table(curve: pd.DataFrame, measure: str) -> pd.DataFrame:
    """The curves as a table: measure, group, from_s, to_s, mean, low, high (0 to 1; valence -1 to 1), n."""
    rows = curve[["group", "from_s", "to_s", "mean", "low", "high", "n"]].round(6)
    return rows.assign(measure=measure)[["measure", *rows.columns]]


def unit_table(units: pd.DataFrame, courses: np.ndarray, edges: np.ndarray, measure: str) -> pd.DataFrame:
    """The course of every unit, where it has data: measure, group, unit, subject, session, from_s, to_s, value."""
    place, at = np.nonzero(~np.isnan(courses))
    rows = units[["group", "unit", "subject", "session"]].iloc[place].reset_index(drop=True)
    return rows.assign(
        measure=measure, from_s=edges[at].round(6), to_s=edges[at + 1].round(6), value=courses[place, at].round(6)
    )[["measure", *rows.columns, "from_s", "to_s", "value"]]
