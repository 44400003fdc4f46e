"""Section Over time of the Compare page: how a measure changes from session to session, one small chart a subject."""

from __future__ import annotations

import html

import pandas as pd
import streamlit as st

from dashboard import context, course_charts, palette
from dashboard.course_words import PER, by_chance, trend_sentence, without_trend
from dashboard.downloads import guard
from dashboard.drawing import readable
from dashboard.measures import MEASURES, title
from dashboard.study import Study
from dashboard.trends import CERTAIN_FROM, FEWEST, Trend, rolling_mean, sessions, trend
from dashboard.words import one_line, plain
from db.results import Connection

AT_ONCE = 24  # subjects that are shown at a time
PANEL_WIDTH = 300
OFF = "Off"
WINDOWS = {OFF: None, "7 days": 7, "14 days": 14, "30 days": 30, "60 days": 60, "90 days": 90, "180 days": 180}
GLYPHS = {"circle": "●", "square": "■", "triangle-up": "▲", "diamond": "◆", "cross": "✚", "triangle-down": "▼"}

HOW = (
    "The slope is the median of the slopes between all pairs of sessions on different days (Theil and Sen), so one odd "
    "session does not decide it; the interval is Sen's. Time is counted in days of your time zone. The rolling mean at "
    "a session is over all sessions at most half the window before or after it. A session is dated by when its first "
    "video was recorded, or, where that is not known, by when it was added to the library."
)


def section(con: Connection, study: Study) -> None:
    """The trend of one measure over the sessions of each subject of the study."""
    measure, window, per = _controls()
    rows = sessions(study, context.zone())
    nameless = int(rows["subject"].isna().sum())
    rows = rows[rows["subject"].notna()].reset_index(drop=True)
    if rows.empty:
        st.info(
            "Sessions belong together by their subject, and none of the sessions compared has one: give the videos "
            "subjects in the library."
        )
        return
    shown = rows[rows["subject"].isin(_chosen(rows, measure))]
    if shown.empty:
        st.info("No subject is chosen.")
        return
    found = {subject: trend(of["day"], of[measure], PER[per]) for subject, of in shown.groupby("subject", sort=True)}
    shown = shown.assign(rolling=_rolling(shown, measure, WINDOWS[window]))
    _legend(study, shown, window)
    _panels(shown, found, measure, study)
    _words(shown, found, measure, per)
    _notes(shown, nameless)
    _data(shown, found, measure, per)


def _controls() -> tuple[str, str, str]:
    """Measure, window of the rolling mean, and what the slope is counted in."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        measure = st.selectbox(
            "Measure", MEASURES, index=MEASURES.index("valence"), format_func=title, key="trend", bind="query-params",
            width=220,
        )  # fmt: skip
        window = st.selectbox(
            "Rolling mean over", list(WINDOWS), index=3, key="trend_window", bind="query-params", width=160
        )
        per = st.segmented_control(
            "Slope per", list(PER), default="30 days", required=True, key="trend_per", bind="query-params", help=HOW
        )
    return measure, window, per


def _chosen(rows: pd.DataFrame, measure: str) -> list[str]:
    """The subjects to show: all where they are few; else those chosen, at first the ones with the most sessions."""
    counts = rows[rows[measure].notna()].groupby("subject")["day"].nunique()
    subjects = sorted(rows["subject"].unique())
    if len(subjects) <= AT_ONCE:
        first = subjects
    else:
        first = sorted(sorted(subjects, key=lambda subject: -counts.get(subject, 0))[:AT_ONCE])
    many = f"At most {AT_ONCE} at a time; at first those with the most days." if len(subjects) > AT_ONCE else None
    return st.multiselect(
        f"Subjects ({len(subjects)})", subjects, default=first, format_func=one_line, max_selections=AT_ONCE,
        key="trend_subjects", bind="query-params", help=many,
    )  # fmt: skip


def _rolling(rows: pd.DataFrame, measure: str, window_days: float | None) -> pd.Series:
    """The rolling mean of each subject by itself; NaN where there is to be none."""
    out = pd.Series(float("nan"), index=rows.index)
    if window_days is not None:
        for _, of in rows.groupby("subject"):
            out[of.index] = rolling_mean(of["day"], of[measure], window_days)
    return out


def _legend(study: Study, rows: pd.DataFrame, window: str) -> None:
    """What points and lines mean, above all panels."""
    there = {name for names in rows["group"] for name in names.split(", ")} | set(rows["group"])
    marks = [
        f'<span style="white-space:nowrap"><span aria-hidden="true" style="color:{palette.group_colour(place)}">'
        f"{GLYPHS[palette.group_shape(place)]}</span> {html.escape(one_line(name))}</span>"
        for place, name in enumerate(study.groups)
        if name in there
    ]
    lines = [f'<span style="white-space:nowrap"><b style="color:{palette.ACCENT}">━━</b> slope</span>']
    if window != OFF:
        lines.append(
            f'<span style="white-space:nowrap"><span style="color:{palette.GREY}">──</span> '
            f"rolling mean over {window}</span>"
        )
    st.html(f'<p style="display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;margin:0">{"".join([*marks, *lines])}</p>')


def _panels(rows: pd.DataFrame, found: dict[str, Trend | None], measure: str, study: Study) -> None:
    """A chart for each subject, side by side as far as the window is wide; all with the same axes."""
    ends = rows["at"].min().normalize(), rows["at"].max().normalize() + pd.Timedelta(days=1)
    room = (ends[1] - ends[0]) * 0.04
    ends = ends[0] - room, ends[1] + room
    domain = course_charts.value_domain(rows[measure], measure)
    spec = None
    with st.container(horizontal=True, gap="medium"):
        for number, (subject, of) in enumerate(rows.groupby("subject", sort=True)):
            slope = found[subject]
            panel = course_charts.panel_data(of, slope, measure)
            if spec is None:
                first = course_charts.trend_panel(panel, measure, study.choice.values, study.groups, ends, domain)
                spec = readable(first).to_dict()
            told = trend_sentence(subject, measure, slope, _per(slope)) if slope else f"{subject}: no slope."
            with st.container(width=PANEL_WIDTH):
                st.vega_lite_chart(
                    course_charts.for_another(spec, panel), width="stretch", key=f"trend-panel-{number}",
                    alt=one_line(told),
                )  # fmt: skip


def _per(found: Trend) -> str:
    return next(name for name, days in PER.items() if days == found.per_days)


def _words(rows: pd.DataFrame, found: dict[str, Trend | None], measure: str, per: str) -> None:
    """A sentence for every subject, those with a clear trend first; and who has none."""
    slopes = {subject: one for subject, one in found.items() if one is not None}
    st.subheader("In words", anchor=False, help=HOW)
    order = sorted(slopes, key=lambda subject: (slopes[subject].direction == 0, subject))
    st.markdown("\n".join(f"- {plain(trend_sentence(who, measure, slopes[who], per))}" for who in order))
    days = rows[rows[measure].notna()].groupby("subject")["day"].agg(["size", "nunique"])
    days = days.reindex([subject for subject, one in found.items() if one is None], fill_value=0)
    for who, at_once in ((days[days["size"] < FEWEST], False), (days[days["size"] >= FEWEST], True)):
        if len(who):
            st.caption(f":material/info: {plain(without_trend(who['size'], at_once))}")
    sure = [one for one in slopes.values() if one.sessions >= CERTAIN_FROM]
    if len(sure) > 1:
        st.caption(f":material/info: {plain(by_chance(len(sure), sum(one.direction != 0 for one in sure)))}")


def _notes(rows: pd.DataFrame, nameless: int) -> None:
    """Which dates these are, and what is not shown."""
    added = int((rows["dated"] == "added").sum())
    notes = [
        f"{added} of {len(rows)} sessions are dated by when they were added, because nobody knows when they were "
        "recorded."
        if added
        else "Dates are those of recording.",
        f"{nameless} sessions are not shown, because they have no subject." if nameless else "",
    ]
    st.caption(" ".join(note for note in notes if note))


def _data(rows: pd.DataFrame, found: dict[str, Trend | None], measure: str, per: str) -> None:
    """The numbers behind the charts, to read and to take away."""
    points = sessions_table(rows, measure)
    slopes = slopes_table(found, measure, per)
    with st.container(horizontal=True):
        for name, label, table in (("sessions", "Sessions as CSV", points), ("slopes", "Slopes as CSV", slopes)):
            st.download_button(
                label, lambda table=table: guard(table).to_csv(index=False, lineterminator="\n").encode(),
                f"{measure}_{name}.csv", "text/csv", icon=":material/download:", key=f"trend-csv-{name}",
                on_click="ignore",
            )  # fmt: skip
    data = st.expander("Data", icon=":material/table:", type="compact", key="trend-data", on_change="rerun")
    if data.open:
        with data:
            st.dataframe(slopes, width="stretch", hide_index=True)
            st.dataframe(points, width="stretch", hide_index=True)


def sessions_table(rows: pd.DataFrame, measure: str) -> pd.DataFrame:
    """The sessions as a table: subject, session, groups, date (ISO 8601, in the viewer's zone), dated_by, measure,
    value (0 to 1; valence -1 to 1), rolling_mean."""
    return pd.DataFrame(
        {
            "subject": rows["subject"], "session": rows["unit"], "groups": rows["group"],
            "date": rows["at"].dt.strftime("%Y-%m-%dT%H:%M:%S"), "dated_by": rows["dated"], "measure": measure,
            "value": rows[measure].astype(float), "rolling_mean": rows["rolling"].astype(float),
        }
    )  # fmt: skip


def slopes_table(found: dict[str, Trend | None], measure: str, per: str) -> pd.DataFrame:
    """The slopes as a table: subject, measure, sessions, days, per, slope, low, high, interval (the probability that it
    has at most), in_words."""
    return pd.DataFrame(
        [
            {
                "subject": subject, "measure": measure, "sessions": one.sessions, "days": one.span_days, "per": per,
                "slope": one.slope, "low": one.low, "high": one.high, "interval": one.coverage,
                "in_words": trend_sentence(subject, measure, one, per),
            }
            for subject, one in found.items()
            if one is not None
        ],
        columns=[
            "subject", "measure", "sessions", "days", "per", "slope", "low", "high", "interval", "in_words",
        ],
    )  # fmt: skip
