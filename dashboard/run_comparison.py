"""Two runs of one video side by side: what is the same in both, and its course. Nothing here draws or reads."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from dashboard import agreement, timeline
from dashboard.look import Look, labelled
from db.emotions import CATEGORY_VALUE


@dataclass(frozen=True)
class Compared:
    """times, pairs, alone_a, alone_b: as from dashboard.agreement, of two runs a and b."""

    times: pd.DataFrame
    pairs: pd.DataFrame
    alone_a: pd.DataFrame
    alone_b: pd.DataFrame

    def of(self, track_a: int) -> Compared:
        """The same, with the pairs of one person only, by the track in run a."""
        return replace(self, pairs=self.pairs[self.pairs["track_a"] == track_a].reset_index(drop=True))


def compared(frames: list[pd.DataFrame], faces: list[pd.DataFrame], looks: list[Look]) -> Compared:
    """Compare two runs. frames, faces: as from db.results, of run a and run b; looks: how to look at each.

    Counted are moments that both runs looked at, in the part of the looks, and not excluded.
    """
    counted = [
        rows[(rows["t_s"] >= look.from_s) & (rows["t_s"] < look.to_s) & ~rows["excluded"]]
        for rows, look in zip(frames, looks, strict=True)
    ]
    a, b = (labelled(rows, look) for rows, look in zip(faces, looks, strict=True))
    times = agreement.matched_times(*counted)
    pairs = agreement.pairs(a, b, times)
    return Compared(times, pairs, agreement.alone(a, pairs, times, "a"), agreement.alone(b, pairs, times, "b"))


def courses(pairs: pd.DataFrame, what: str, look: Look) -> pd.DataFrame:
    """The course of valence or category in both runs: mean over the faces of a moment, thinned to what a screen shows.

    what: `valence`, or `category` (as -1, 0, +1: the mean rounded, halves towards 0; undecided faces are left out).
    Columns: t_s, a, b, segment (a new number where moments without a common face lie between).
    """
    values = {letter: pairs[f"{what}_{letter}"] for letter in "ab"}
    if what == "category":
        values = {letter: names.map(CATEGORY_VALUE).astype(float) for letter, names in values.items()}
    rows = pairs[["place", "t_s"]].assign(**values).dropna()
    bin_s = timeline.bin_s(rows["place"].nunique(), look.from_s, look.to_s)
    point = rows["place"] if bin_s is None else ((rows["t_s"] - look.from_s) // bin_s).rename("point")
    grouped = rows.groupby(point.to_numpy())
    out = grouped.agg(t_s=("t_s", "first"), a=("a", "mean"), b=("b", "mean")).reset_index(drop=True)
    gap = grouped["place"].first().to_numpy()[1:] - grouped["place"].last().to_numpy()[:-1] > 1
    out["segment"] = np.concatenate([[0], np.cumsum(gap)])[: len(out)]
    if what == "category":
        out[["a", "b"]] = np.sign(out[["a", "b"]]).where(out[["a", "b"]].abs() > 0.5, 0.0)
    return out


def kappa_text(kappa: float) -> str:
    """A kappa with its sign; undefined is a dash."""
    return "–" if np.isnan(kappa) else f"{kappa:.2f}".replace("-", "−")


def sentence(value: agreement.Agreement, what: str) -> str:
    """How far the runs agree on `what`, in the words of Landis and Koch."""
    if np.isnan(value.kappa):
        return f"For {what} kappa is not defined: both runs say one thing only, or decide on no face."
    sure = (
        "the part is too short for an interval"
        if np.isnan(value.low)
        else f"95 % interval {kappa_text(value.low)} to {kappa_text(value.high)}"
    )
    words = agreement.in_words(value.kappa).capitalize()
    return f"{words} agreement on {what} (kappa {kappa_text(value.kappa)}; {sure})."
