"""Every chart and table of a comparison, with the numbers behind it and what it shows as a sentence. No Streamlit.

The page, the files to take away and the report are made from the same ones.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from dashboard import compare_charts, compare_strips
from dashboard.compare_charts import difference, p_value
from dashboard.compare_words import units_of, videos_of
from dashboard.listing import moment
from dashboard.measures import MEASURES, amount, factor
from dashboard.measures import title as name_of
from dashboard.study import Study
from dashboard.timeline_charts import Drawing
from dashboard.words import duration, missing, one_line, signed
from db.emotions import EMOTIONS


def groups(study: Study) -> pd.DataFrame:
    """One row for each group, ready to show: group, units, subjects, videos, seen (a duration)."""
    rows = []
    for name in study.groups:
        units = study.of(name)
        rows.append(
            {
                "group": one_line(name),
                f"{study.choice.unit}s": len(units),
                "subjects": units["subject"].nunique(),
                "videos": len({video_id for ids in units["video_ids"] for video_id in ids}),
                "seen": duration(float(units["seconds"].sum())),
            }
        )
    return pd.DataFrame(rows).loc[:, lambda table: ~table.columns.duplicated()]


def glance(study: Study, figures: pd.DataFrame, dark: bool = False) -> Drawing:
    """The heat map. figures: as from group_statistics.describe."""
    rows = figures.dropna(subset="mean")
    parts = []
    for name in study.groups:
        emotions = rows[(rows["group"] == name) & rows["measure"].isin(EMOTIONS)]
        if len(emotions):
            top = emotions.loc[emotions["mean"].idxmax()]
            parts.append(f"{one_line(name)}: most {top['measure']} ({amount(top['measure'], top['mean'])})")
    said = f"Means of {len(MEASURES)} measures in {len(study.groups)} groups. {'; '.join(parts)}."
    return Drawing(compare_charts.heat_map(figures, study.n, dark), table_of(figures), said)


def shape(study: Study, figures: pd.DataFrame) -> Drawing:
    """The radar of the seven emotions. figures: as from group_statistics.describe."""
    rows = figures[figures["measure"].isin(EMOTIONS)].dropna(subset="mean")
    spread = rows.groupby("measure")["mean"].agg(lambda means: means.max() - means.min())
    widest = spread.idxmax()
    of = rows[rows["measure"] == widest]
    low, high = of.loc[of["mean"].idxmin()], of.loc[of["mean"].idxmax()]
    said = "Means of the seven emotions, a polygon for each group."
    if len(of) > 1:
        said += (
            f" The groups differ most in {widest}: {one_line(high['group'])} {amount(widest, high['mean'])}, "
            f"{one_line(low['group'])} {amount(widest, low['mean'])}."
        )
    return Drawing(compare_charts.radar(figures, study.n), table_of(rows), said)


@dataclass(frozen=True)
class Distribution:
    """The units of every group in one measure, not drawn yet; else as a Drawing."""

    strip: compare_strips.Strip
    rows: pd.DataFrame
    alt: str


def distributions(study: Study, figures: pd.DataFrame, zone: str) -> list[Distribution]:
    """The units of every group, in each of MEASURES. figures: as from group_statistics.describe; zone: for moments."""
    units = study.units.assign(when=[_day(value, zone) for value in study.units["recorded_at"]])
    return [_distribution(study, units, figures, measure) for measure in MEASURES]


def _distribution(study: Study, units: pd.DataFrame, figures: pd.DataFrame, measure: str) -> Distribution:
    told = figures[figures["measure"] == measure].dropna(subset="mean")
    means = "; ".join(
        f"{one_line(row.group)} {amount(measure, row.mean)} ({units_of(study.choice.unit, int(row.n))})"
        for row in told.itertuples()
    )
    rows = pd.DataFrame(
        {
            "group": units["group"], "unit": units["unit"], "recorded": units["when"], "videos": units["videos"],
            _column(measure): (units[measure].astype(float) * factor(measure)).round(3),
        }
    )  # fmt: skip
    said = f"{name_of(measure)}, means: {means}."
    return Distribution(compare_strips.strip(units, figures, measure, study.n, study.choice.values), rows, said)


def differences(study: Study, pair: pd.DataFrame) -> Drawing:
    """The forest of one pair. pair: its rows of group_statistics.compare."""
    first = pair.iloc[0]
    sure = pair[pair["p_holm"] < 0.05]
    found = ", ".join(f"{name_of(row.measure).lower()} {difference(row)}" for row in sure.itertuples())
    said = f"{one_line(first['group_a'])} less {one_line(first['group_b'])}. " + (
        f"Below 0.05 after Holm’s correction: {found}."
        if found
        else "No measure is below 0.05 after Holm’s correction."
    )
    return Drawing(compare_charts.forest(pair, study.choice.unit), tests(pair), said)


def tests(results: pd.DataFrame) -> pd.DataFrame:
    """The tests ready to show, as texts. results: rows as from group_statistics.compare."""
    rows = []
    for row in results.itertuples():
        of = " and ".join(str(count) for count in row.n.values())
        rows.append(
            {
                "measure": name_of(row.measure),
                "groups": "all" if row.kind == "all" else one_line(f"{row.group_a} less {row.group_b}"),
                "n": of,
                "difference (95 % interval)": "–" if missing(row.difference) else difference(row),
                "Cliff’s delta": "–" if missing(row.cliffs_delta) else f"{signed(row.cliffs_delta)} ({row.size})",
                "Hedges’ g": signed(row.hedges_g),
                "test": row.test,
                "statistic": "–" if missing(row.statistic) else f"{row.statistic:,.2f}",
                "p": p_value(row.p),
                "p after Holm": p_value(row.p_holm),
            }
        )
    return pd.DataFrame(rows)


def table_of(figures: pd.DataFrame) -> pd.DataFrame:
    """Figures of groups as a table to show: rows as from group_statistics.describe, values as texts."""
    columns = {"mean": "mean", "sd": "standard deviation", "median": "median", "q1": "first quartile"}
    columns |= {"q3": "third quartile", "ci_low": "95 % from", "ci_high": "95 % to"}
    texts = {
        # A spread has no sign, even that of valence.
        words: [
            amount(*pair).lstrip("+") if name == "sd" else amount(*pair)
            for pair in zip(figures["measure"], figures[name], strict=True)
        ]
        for name, words in columns.items()
    }
    return pd.DataFrame(
        {"group": figures["group"], "measure": figures["measure"].map(name_of), "n": figures["n"], **texts}
    )


def all_of(study: Study, figures: pd.DataFrame, results: pd.DataFrame, zone: str) -> dict[str, Drawing]:
    """Every chart by name, for files and the report: the overview, each pair's differences, each measure's units."""
    out = {"glance": glance(study, figures), "radar": shape(study, figures)}
    pairs = results[results["kind"] == "pair"] if len(results) else results
    for number, (_, pair) in enumerate(pairs.groupby(["group_a", "group_b"], sort=False), 1) if len(pairs) else ():
        if pair["difference"].notna().any():
            out["differences" if number == 1 else f"differences {number}"] = differences(study, pair)
    for one in distributions(study, figures, zone):
        out[one.strip.measure] = Drawing(compare_strips.drawn(one.strip, study.n), one.rows, one.alt)
    return out


def said_of(study: Study) -> str:
    """What a comparison is of, as a line: `2 groups, 58 sessions of 60 videos`."""
    videos = {video_id for ids in study.units["video_ids"] for video_id in ids}
    count = len(study.groups)
    words = "1 group" if count == 1 else f"{count} groups"
    return f"{words}, {units_of(study.choice.unit, len(study.units))} from {videos_of(len(videos))}"


def _column(measure: str) -> str:
    return "valence (−1 to 1)" if measure == "valence" else f"{name_of(measure).lower()} (%)"


def _day(value: object, zone: str) -> str:
    return "–" if missing(value) else moment(value, zone)
