"""From which emotion to which a face changes."""

from __future__ import annotations

import pandas as pd

from dashboard.look import UNDECIDED
from dashboard.stretches import constant
from db.emotions import EMOTIONS


def transitions(labelled: pd.DataFrame) -> pd.DataFrame:
    """How often each emotion was followed by each other one, along each person; a row for every pair, in their order.

    labelled: as from `look.labelled`. Counted is a change of the label from one sampled frame to the very next, of the
    same person. Not counted are an emotion that stays (so there are no pairs of one with itself), and what lies between
    two stretches that a gap, an excluded range or the edge of the part parts: nobody saw that change. `undecided` is
    one more label, with pairs of its own, where it occurs; an emotion on its other side is no direct successor.

    Columns: from, to, count, share (of all changes away from `from`, 0 to 1; NaN where there are none).
    """
    runs = constant(labelled, "label")
    same = (runs["segment"] == runs["segment"].shift()).to_numpy(bool)
    before, after = runs["value"].shift()[same], runs["value"][same]
    counts = pd.crosstab(before, after) if same.any() else pd.DataFrame()
    order = [*EMOTIONS, *([UNDECIDED] if (runs["value"] == UNDECIDED).any() else [])]
    counts = counts.reindex(index=order, columns=order, fill_value=0)
    pairs = [(one, other, int(counts.at[one, other])) for one in order for other in order if one != other]
    rows = pd.DataFrame(pairs, columns=["from", "to", "count"])
    total = rows.groupby("from")["count"].transform("sum")
    return rows.assign(share=(rows["count"] / total).where(total > 0))
