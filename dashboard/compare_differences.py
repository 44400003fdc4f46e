"""Section Differences of the Compare page: every measure with its units, difference and test, and what it means."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import compare_drawings, compare_figures, compare_strips, context
from dashboard.compare_drawings import Distribution
from dashboard.compare_words import warnings
from dashboard.drawing import draw
from dashboard.group_sentences import FAMILY, INTERVAL
from dashboard.study import Study
from dashboard.words import one_line, plain
from db.results import Connection


def section(con: Connection, study: Study) -> None:
    """Forest, units of every measure, table of tests. Arguments as of every section of the Compare page."""
    filled = [name for name, n in study.n.items() if n]
    if len(filled) < 2:
        st.info("A difference needs two groups with units: add another group above.", icon=":material/group_add:")
        return
    figures, results = compare_figures.described(study), compare_figures.compared(study)
    pair = _pair(results)
    for sentence in warnings(pd.concat([results[results["kind"] == "all"], pair])):
        st.warning(plain(sentence), icon=":material/warning:")
    if pair["difference"].notna().any():
        forest = compare_drawings.differences(study, pair)
        draw("forest", forest.chart, forest.rows, forest.alt)
    st.caption(plain(f"{INTERVAL} {FAMILY}"))

    st.subheader("Measure by measure", anchor=False)
    st.caption(
        f"Every point is one {study.choice.unit}: click it to open its video. The box holds the middle half of the "
        "units with their median, its whiskers reach up to 1.5 times as far; the upright stroke is the mean, the bar "
        "through it the interval."
    )
    found = compare_drawings.distributions(study, figures, context.zone())
    charts = compare_strips.specifications([one.strip for one in found], study.n)
    for number, (one, chart) in enumerate(zip(found, charts, strict=True)):
        if number % 2 == 0:
            places = st.columns(2, gap="large")
        with places[number % 2]:
            _measure(one, chart, results)

    st.subheader("Tests", anchor=False)
    table = compare_drawings.tests(results)
    st.dataframe(table, hide_index=True, height="content", key="compare-tests", alt="Table of the tests")
    st.subheader("Units", anchor=False)
    _units(study)


def _pair(results: pd.DataFrame) -> pd.DataFrame:
    """The rows of the pair that is looked at; chosen here where there are several."""
    pairs = results[results["kind"] == "pair"]
    names = {
        f"{number}": pair
        for number, pair in enumerate(dict.fromkeys(zip(pairs["group_a"], pairs["group_b"], strict=True)), 1)
    }
    chosen = next(iter(names))
    if len(names) > 1:
        chosen = st.selectbox(
            "Pair of groups", list(names), key="pair", bind="query-params", width=420,
            format_func=lambda number: one_line(" less ".join(names[number])) if number in names else number,
        )  # fmt: skip
    first, second = names[chosen]
    return pairs[(pairs["group_a"] == first) & (pairs["group_b"] == second)]


def _measure(of: Distribution, chart: dict, results: pd.DataFrame) -> None:
    """One measure: its units, and what the tests say of it."""
    measure = of.strip.measure
    chosen = draw(f"units-{measure}", chart, of.rows, of.alt, on_select="rerun")
    picked = chosen.selection.get("point") or []
    if picked:
        st.switch_page("pages/video.py", query_params={"video": picked[0]["video"]})
    told = results[results["measure"] == measure]
    # Of three groups or more, one sentence for all of them; the pairs are in the table.
    for sentence in told.loc[told["kind"] == told["kind"].iloc[0], "sentence"]:
        st.markdown(plain(sentence))


def _units(study: Study) -> None:
    """Every unit with the way to its video."""
    units = study.units
    rows = pd.DataFrame(
        {
            "group": units["group"].map(one_line),
            study.choice.unit: units["unit"].map(one_line),
            "recorded": pd.to_datetime(units["recorded_at"], utc=True),
            "videos": units["videos"],
            "seen": units["seconds"],
            "valence": units["valence"],
            "video": [f"/video?video={ids[0]}" for ids in units["video_ids"]],
        }
    )
    config = st.column_config
    st.dataframe(
        rows, hide_index=True, height="auto" if len(rows) < 12 else 420, key="compare-units", placeholder="–",
        alt="Table of the units with links to their videos",
        column_config={
            "recorded": config.DatetimeColumn("Recorded", format="D MMM YYYY, HH:mm", timezone=st.context.timezone),
            "videos": config.NumberColumn("Videos"),
            "seen": config.NumberColumn("Seen", format="%.0f s"),
            "valence": config.NumberColumn("Valence", format="%+.2f"),
            "video": config.LinkColumn("Video", display_text="Open", help="The first video of the unit."),
        },
    )  # fmt: skip
