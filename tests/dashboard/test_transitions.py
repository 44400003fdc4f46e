"""Transitions of small runs, counted by hand."""

import pandas as pd
import pytest

from dashboard.look import Look, labelled
from dashboard.stretches import constant, in_order
from dashboard.transitions import transitions
from db.emotions import EMOTIONS
from tests.dashboard.runs import faces, seen


def counted(rows: pd.DataFrame) -> dict:
    """The pairs that occur: (from, to) to (count, share)."""
    rows = transitions(rows)
    rows = rows[rows["count"] > 0]
    return {(row["from"], row["to"]): (row["count"], pytest.approx(row["share"])) for _, row in rows.iterrows()}


def test_nothing():
    rows = transitions(seen(faces([])))
    assert len(rows) == 7 * 6 and rows["count"].sum() == 0 and rows["share"].isna().all()


def test_by_hand():
    """happy to sad twice, happy to fear once; the way back from sad once."""
    rows = seen(faces(["happy", "happy", "sad", "sad", "happy", "sad", "happy", "fear"]))
    found = transitions(rows)
    assert list(found.columns) == ["from", "to", "count", "share"]
    assert list(found["from"].unique()) == list(EMOTIONS) and not (found["from"] == found["to"]).any()
    assert counted(rows) == {
        ("happy", "sad"): (2, 2 / 3),
        ("happy", "fear"): (1, 1 / 3),
        ("sad", "happy"): (2, 1.0),
    }
    assert found[found["from"] == "fear"]["share"].isna().all()


def test_gaps_exclusions_and_people():
    one = faces(["happy", None, "sad", "fear", "angry"])
    one.loc[one["t_s"] == 1.5, "excluded"] = True  # the fear
    other = faces(["neutral", "neutral", "surprise"], track_id=2)
    assert counted(seen(one, other)) == {("neutral", "surprise"): (1, 1.0)}


def test_undecided_is_a_label_of_its_own():
    rows = labelled(faces(["happy", ("happy", 0.6), "sad"]), Look(method="raw", threshold=0.7))
    assert counted(rows) == {("happy", "undecided"): (1, 1.0), ("undecided", "sad"): (1, 1.0)}
    assert len(transitions(rows)) == 8 * 7


class TestStretches:
    def test_segments(self):
        one, other = faces(["happy", None, "happy", "happy"]), faces([None, "sad", "sad"], track_id=2)
        rows = in_order(seen(one, other))
        assert list(zip(rows["track_id"], rows["nth"], rows["segment"], strict=True)) == [
            (1, 0, 0), (1, 2, 1), (1, 3, 1), (2, 1, 2), (2, 2, 2)
        ]  # fmt: skip
        assert in_order(seen(faces([]))).empty

    def test_constant(self):
        rows = constant(seen(faces(["happy", "happy", "sad", None, "sad"])), "label")
        assert rows.to_dict("list") == {
            "track_id": [1, 1, 1], "segment": [0, 0, 1], "value": ["happy", "sad", "sad"], "t_s": [0.0, 1.0, 2.0],
            "end_s": [1.0, 1.5, 2.5], "faces": [2, 1, 1],
        }  # fmt: skip
        assert constant(seen(faces([])), "label").empty
