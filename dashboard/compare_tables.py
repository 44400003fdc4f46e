"""The tables of a comparison as CSV files: units, tests, figures, what was left out. No Streamlit inside."""

from __future__ import annotations

import pandas as pd

from dashboard.downloads import guard
from dashboard.study import Study


def units_csv(study: Study) -> bytes:
    """One line for each unit: the columns of Study.units, ids joined by blanks, moments in UTC."""
    rows = study.units
    rows = rows[[name for name in rows.columns if name not in ("run_ids", "video_ids", "tracks")]].assign(
        **{name: [" ".join(map(str, ids)) for ids in rows[name]] for name in ("run_ids", "video_ids")}
    )
    return _csv(rows.rename(columns={"recorded_at": "recorded_at_utc"}))


def results_csv(results: pd.DataFrame) -> bytes:
    """One line for each test: the columns of group_statistics.compare, `n` as text."""
    counts = pd.Series(
        [", ".join(f"{name}: {count}" for name, count in n.items()) for n in results["n"]], results.index
    )
    return _csv(results.assign(n=counts.astype(object)))


def figures_csv(figures: pd.DataFrame) -> bytes:
    """One line for each group and measure: the columns of group_statistics.describe."""
    return _csv(figures)


def left_out_csv(study: Study) -> bytes:
    """One line for each video left out: video_id, name, group, why."""
    return _csv(study.left_out)


def _csv(rows: pd.DataFrame) -> bytes:
    return guard(rows).to_csv(index=False, lineterminator="\n").encode()
