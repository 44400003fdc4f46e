"""How far two analyses of one video agree: whose faces are the same, how often they say the same, and where not.

Nothing here draws or reads. `a` and `b` are the two runs. Faces are those of `look.labelled`, frames those of
`db.results.frames`; shares and distances are 0 to 1, what is undefined is NaN.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from dashboard.look import UNDECIDED
from db.emotions import CATEGORIES, EMOTIONS
from processor.smooth import centred_mean

LEAST_OVERLAP = 0.3  # of the boxes of two detectors around one face; YuNet's are tall, Haar's square
BLOCK_S = 10.0
_LEAST_BLOCKS = 5
_RESAMPLES = 1000

# Landis and Koch 1977, Biometrics 33(1), 159-174: kappa up to this is called so.
_IN_WORDS = ((0.0, "poor"), (0.2, "slight"), (0.4, "fair"), (0.6, "moderate"), (0.8, "substantial"))

ORDER = {"label": EMOTIONS, "category": CATEGORIES}


@dataclass(frozen=True)
class Agreement:
    """faces: pairs that both runs decided on. undecided: the other pairs. share: of faces named alike.

    kappa: Cohen's; low, high: its 95 percent interval.
    """

    faces: int
    undecided: int
    share: float
    kappa: float
    low: float
    high: float


def matched_times(frames_a: pd.DataFrame, frames_b: pd.DataFrame) -> pd.DataFrame:
    """The sampled frames that show the same moment in both runs, in order of time, none of them twice.

    To each frame of the run with the fewer frames a second belongs the nearest of the other run, if that is within half
    of the larger of the two steps. Columns: place (from 0), nth_a, nth_b, t_s (of a), end_s (until when the moment
    holds: as long as the frame of the run with fewer).
    """
    columns = ["nth_a", "nth_b", "t_s", "end_s"]
    if frames_a.empty or frames_b.empty:
        return pd.DataFrame({"place": [], "nth_a": [], "nth_b": []}, dtype=int).assign(t_s=0.0, end_s=0.0)
    steps = [float((frames["end_s"] - frames["t_s"]).median()) for frames in (frames_a, frames_b)]
    few, many, names = (frames_a, frames_b, "ab") if steps[0] >= steps[1] else (frames_b, frames_a, "ba")
    few = pd.DataFrame({"t_few": few["t_s"], "holds_s": few["end_s"] - few["t_s"], "few": few["nth"]})
    many = pd.DataFrame({"t_many": many["t_s"], "many": many["nth"]})
    rows = pd.merge_asof(
        few.sort_values("t_few"), many.sort_values("t_many"), left_on="t_few", right_on="t_many", direction="nearest",
        tolerance=max(steps) / 2 + 1e-9,
    ).dropna(subset="many")  # fmt: skip
    apart = (rows["t_few"] - rows["t_many"]).abs()
    rows = rows.loc[apart.sort_values(kind="stable").index].drop_duplicates("many").sort_index()
    rows = rows.rename(columns={"few": f"nth_{names[0]}", "many": f"nth_{names[1]}"})
    rows["t_s"] = rows["t_few"] if names == "ab" else rows["t_many"]
    rows["end_s"] = rows["t_s"] + rows["holds_s"]
    rows = rows[columns].astype({"nth_a": int, "nth_b": int}).reset_index(drop=True)
    return rows.rename_axis("place").reset_index()


def pairs(a: pd.DataFrame, b: pd.DataFrame, times: pd.DataFrame) -> pd.DataFrame:
    """Faces that are the same in both runs, in order of time: their boxes overlap by LEAST_OVERLAP at least.

    Where boxes of several faces overlap, the faces are paired so that the overlaps (intersection over union) are
    largest in sum. a, b: as from look.labelled, everyone; times: as from `matched_times`.

    Columns: place, t_s, end_s (as in times); track_, label_, category_, valence_ each with a and b; overlap; distance
    (total variation of the seven probabilities: half the sum of their absolute differences, 0 to 1).
    """
    kept = ["nth", "track_id", "label", "label_category", "valence", "x", "y", "w", "h", *EMOTIONS]
    rows = times
    for letter, faces in (("a", a), ("b", b)):
        faces = faces[kept].rename(columns={"track_id": "track", "label_category": "category"})
        rows = rows.merge(faces.add_suffix(f"_{letter}"), on=f"nth_{letter}")
    rows = rows.assign(overlap=_overlap(rows))
    rows = _best(rows[rows["overlap"] >= LEAST_OVERLAP]).sort_values(["place", "track_a"], ignore_index=True)
    shares = [rows[[f"{name}_{letter}" for name in EMOTIONS]].to_numpy(np.float64) for letter in "ab"]
    rows["distance"] = np.abs(shares[0] - shares[1]).sum(axis=1) / 2
    said = [f"{name}_{letter}" for name in ("track", "label", "category", "valence") for letter in "ab"]
    return rows[["place", "t_s", "end_s", *said, "overlap", "distance"]]


def _overlap(rows: pd.DataFrame) -> np.ndarray:
    """Intersection over union of the boxes of a and b in each row."""
    both, area = 1.0, {}
    for start, side in (("x", "w"), ("y", "h")):
        begins = [rows[f"{start}_{letter}"].to_numpy(np.float64) for letter in "ab"]
        sides = [rows[f"{side}_{letter}"].to_numpy(np.float64) for letter in "ab"]
        ends = [begin + length for begin, length in zip(begins, sides, strict=True)]
        both = both * np.clip(np.minimum(*ends) - np.maximum(*begins), 0, None)
        area[side] = sides
    union = area["w"][0] * area["h"][0] + area["w"][1] * area["h"][1] - both
    return np.divide(both, union, out=np.zeros(len(rows)), where=union > 0)


def _best(rows: pd.DataFrame) -> pd.DataFrame:
    """Of pairs that share a face, those whose overlaps are largest in sum; most pairs share none."""
    shared = rows.duplicated(["place", "track_a"], keep=False) | rows.duplicated(["place", "track_b"], keep=False)
    disputed = rows["place"].isin(rows.loc[shared, "place"]).to_numpy()
    some = rows[disputed].sort_values("place", kind="stable")
    overlap = some["overlap"].to_numpy()
    corners = np.append(np.flatnonzero(some["place"].diff().to_numpy() != 0), len(some))
    chosen = []
    for first, last in zip(corners, corners[1:], strict=False):
        ones, one = np.unique(some["track_a"].to_numpy()[first:last], return_inverse=True)
        others, other = np.unique(some["track_b"].to_numpy()[first:last], return_inverse=True)
        row_of = np.full((len(ones), len(others)), -1)
        row_of[one, other] = np.arange(first, last)
        found = row_of[linear_sum_assignment(np.where(row_of < 0, 0.0, overlap[row_of]), maximize=True)]
        chosen += found[found >= 0].tolist()
    return pd.concat([rows[~disputed], some.iloc[chosen]])


def alone(faces: pd.DataFrame, pairs: pd.DataFrame, times: pd.DataFrame, letter: str) -> pd.DataFrame:
    """What only one run saw, at moments that both looked at: stretches of its faces without a partner.

    faces: of the run `letter`, a or b. Columns: track_id, t_s, end_s, faces; the longest first.
    """
    there = times.merge(faces[["nth", "track_id"]], left_on=f"nth_{letter}", right_on="nth")
    keys = pd.MultiIndex.from_frame(pairs[["place", f"track_{letter}"]])
    there = there[~pd.MultiIndex.from_frame(there[["place", "track_id"]]).isin(keys)]
    there = there.sort_values(["track_id", "place"])
    begins = (there["track_id"] != there["track_id"].shift()) | (there["place"] - there["place"].shift() != 1)
    rows = there.groupby(begins.cumsum()).agg(
        track_id=("track_id", "first"), t_s=("t_s", "first"), end_s=("end_s", "last"), faces=("place", "size")
    )
    longest = (rows["t_s"] - rows["end_s"]).sort_values(kind="stable").index
    return rows.loc[longest].reset_index(drop=True)


def agreement(pairs: pd.DataFrame, what: str = "label") -> Agreement:
    """How far the runs agree on `what`, label or category. Pairs that one of them left undecided are not counted.

    The interval of kappa is that of a bootstrap over stretches of BLOCK_S seconds (1,000 times as many of them as there
    are, drawn with replacement; the 2.5th and 97.5th percentile): faces of neighbouring frames are much alike, and
    drawing single ones would make it too narrow. NaN for a video of fewer than five such stretches.
    """
    decided = _decided(pairs, what)
    codes = [pd.Categorical(decided[f"{what}_{letter}"], categories=list(ORDER[what])).codes for letter in "ab"]
    blocks, block = np.unique(np.floor(decided["t_s"].to_numpy(float) / BLOCK_S), return_inverse=True)
    size = len(ORDER[what])
    counts = np.zeros((len(blocks), size, size))
    np.add.at(counts, (block, *codes), 1)
    total = counts.sum(axis=0)
    low = high = float("nan")
    if len(blocks) >= _LEAST_BLOCKS:
        draws = np.random.default_rng(0).multinomial(len(blocks), np.full(len(blocks), 1 / len(blocks)), _RESAMPLES)
        kappas = kappa(np.tensordot(draws, counts, axes=1))
        kappas = kappas[np.isfinite(kappas)]
        low, high = np.percentile(kappas, [2.5, 97.5]) if len(kappas) else (low, high)
    share = float(np.trace(total) / total.sum()) if len(decided) else float("nan")
    return Agreement(
        len(decided), len(pairs) - len(decided), share, float(kappa(total[None])[0]), float(low), float(high)
    )


def kappa(counts: np.ndarray) -> np.ndarray:
    """Cohen's kappa (1960, Educational and Psychological Measurement 20(1), 37-46) of tables of counts.

    counts: (N, K, K), rows are what a says, columns what b says. Returns float (N,), -1 to 1: the share of agreement
    beyond that expected by chance, of the most that there could be. NaN where both say the same one thing only, or
    nothing at all.
    """
    counts = np.asarray(counts, dtype=np.float64)
    n = counts.sum(axis=(1, 2))
    with np.errstate(invalid="ignore", divide="ignore"):
        observed = np.trace(counts, axis1=1, axis2=2) / n
        chance = (counts.sum(axis=2) * counts.sum(axis=1)).sum(axis=1) / n**2
        return np.where(chance < 1, (observed - chance) / (1 - chance), np.nan)


def in_words(value: float) -> str:
    """What Landis and Koch (1977) call a kappa; a convention, no law of nature."""
    if np.isnan(value):
        return "undefined"
    if value < 0:
        return "poor"
    return next((word for most, word in _IN_WORDS if value <= most + 1e-12 and most > 0), "almost perfect")


def confusion(pairs: pd.DataFrame, what: str = "label") -> pd.DataFrame:
    """What b says of the faces of which a says this or that; a row for each pair, in their order.

    Columns: a, b, faces, share (of the faces of which a says so; NaN where there are none).
    """
    decided, order = _decided(pairs, what), list(ORDER[what])
    counts = decided.groupby([f"{what}_a", f"{what}_b"]).size().to_dict()
    cells = [(one, other, counts.get((one, other), 0)) for one in order for other in order]
    rows = pd.DataFrame(cells, columns=["a", "b", "faces"])
    total = rows.groupby("a")["faces"].transform("sum")
    return rows.assign(share=(rows["faces"] / total).where(total > 0))


def over_time(pairs: pd.DataFrame, what: str = "label", window_s: float = BLOCK_S, points: int = 1000) -> pd.DataFrame:
    """The share of faces named alike within `window_s` / 2 before and after, at up to about `points` moments.

    Columns: t_s, share, segment (a new number where no pair lies for longer than window_s: a line is broken there).
    """
    decided = _decided(pairs, what)
    same = (decided[f"{what}_a"] == decided[f"{what}_b"]).to_numpy(float)
    t_s = decided["t_s"].to_numpy(float)
    rows = pd.DataFrame({"t_s": t_s, "share": centred_mean(t_s, same[:, None], window_s)[:, 0]})
    rows = rows.drop_duplicates("t_s").assign(segment=lambda rows: (rows["t_s"].diff() > window_s).cumsum())
    return rows.iloc[:: -(-len(rows) // points) or 1].reset_index(drop=True)


def worst(pairs: pd.DataFrame, at_most: int = 10) -> pd.DataFrame:
    """Where the runs disagree longest and most: stretches in which they name a face differently all the time.

    Columns: t_s, end_s, track_a, track_b, worst_s (when the probabilities differ most), distance (at that moment),
    label_a, label_b (then), weight (distance times seconds, summed over the stretch); the largest weight first.
    """
    decided = _decided(pairs, "label").sort_values(["track_a", "track_b", "place"], kind="stable")
    begins = decided["place"].diff() != 1
    for name in ("track_a", "track_b"):
        begins |= decided[name] != decided[name].shift()
    differ = decided["label_a"] != decided["label_b"]
    stretch = (begins | (differ != differ.shift())).cumsum()[differ]
    rows = decided[differ].assign(weight=lambda rows: rows["distance"] * (rows["end_s"] - rows["t_s"]))
    by = rows.groupby(stretch)
    peak = rows.loc[by["distance"].idxmax(), ["t_s", "track_a", "track_b", "distance", "label_a", "label_b"]]
    out = peak.rename(columns={"t_s": "worst_s"}).reset_index(drop=True)
    out = out.assign(**{name: by[name].agg(how).to_numpy() for name, how in
                        (("t_s", "first"), ("end_s", "last"), ("weight", "sum"))})  # fmt: skip
    columns = ["t_s", "end_s", "track_a", "track_b", "worst_s", "distance", "label_a", "label_b", "weight"]
    return out.sort_values(["weight", "t_s"], ascending=[False, True], ignore_index=True)[columns].head(at_most)


def _decided(pairs: pd.DataFrame, what: str) -> pd.DataFrame:
    return pairs[(pairs[f"{what}_a"] != UNDECIDED) & (pairs[f"{what}_b"] != UNDECIDED)]
