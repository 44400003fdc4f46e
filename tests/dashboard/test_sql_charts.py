"""Quick charts: which one suits a result, what is drawn, and what is said to be left out."""

import pyarrow as pa
import pytest

from dashboard import palette, sql_charts
from dashboard.sql_charts import BAR, LINE, SCATTER, Choice, draw, suited
from db.emotions import EMOTIONS


def table(**columns) -> pa.Table:
    return pa.table(columns)


DAYS = pa.array([0, 86_400_000_000, 172_800_000_000] * 2, pa.timestamp("us"))


@pytest.mark.parametrize("rows, choice", [
    (table(name=["a", "b"], mean_valence=[0.1, 0.2]), Choice(BAR, "name", "mean_valence")),
    (table(emotion=list(EMOTIONS), share=[0.1] * 7), Choice(BAR, "emotion", "share", "emotion")),
    (table(cohort=["a", "b"], emotion=["sad", "sad"], n=[1, 2]), Choice(BAR, "cohort", "n", "emotion")),
    (table(minute=[0, 1, 2, 3], person=["a", "b"] * 2, mean_valence=[0.1] * 4, n=[1] * 4),
     Choice(LINE, "minute", "mean_valence", "person")),
    (table(subject=["a", "a", "a", "b", "b", "b"], at=DAYS, mean_valence=[0.1] * 6),
     Choice(LINE, "at", "mean_valence", "subject")),
    (table(t_s=list(range(100)), valence=[0.1] * 100, emotion=["sad"] * 100),
     Choice(SCATTER, "t_s", "valence", "emotion")),
    (table(a=[3, 1, 2], b=[1.0, 2.0, 3.0]), Choice(SCATTER, "a", "b")),
    (table(run_id=[1, 2], name=["a", "b"], faces=[1, 2]), Choice(BAR, "name", "faces")),
    (table(a=["x", "y"], b=["x", "y"]), None),
    (table(run_id=[1, 2]), None),
    (table(name=pa.array([], pa.string()), n=pa.array([], pa.int32())), None),
])  # fmt: skip
def test_what_suits(rows, choice):
    assert suited(rows) == choice


def test_emotions_have_their_colours_and_more_than_their_colours():
    rows = table(t=[1, 2, 3], v=[1.0, 2.0, 3.0], emotion=["sad", "happy", "sad"])
    for kind, sign in ((LINE, "strokeDash"), (SCATTER, "shape"), (BAR, "yOffset")):
        spec = draw(rows, Choice(kind, "t", "v", "emotion")).chart.to_dict()
        scale = spec["encoding"]["color"]["scale"]
        assert scale["domain"] == ["happy", "sad"]
        assert scale["range"] == [palette.EMOTION_COLOURS["happy"], palette.EMOTION_COLOURS["sad"]]
        assert sign in spec["encoding"] and len(spec["encoding"]["tooltip"]) == 3


def test_names_are_titles_whatever_is_in_them():
    rows = pa.table([["a", "b"], [1, 2], ["u", "v"]], names=["x.y:Q", "count(*)\n", "[c]"])
    drawn = draw(rows, Choice(BAR, "x.y:Q", "count(*)\n", "[c]"))
    spec = drawn.chart.to_dict()
    assert spec["title"]["text"] == "count(*)  by x.y:Q and [c]"
    assert spec["encoding"]["x"]["title"] == "count(*) " and spec["encoding"]["x"]["field"] == "y"
    assert drawn.sentence == "Bars of count(*)  by x.y:Q and [c], 2 of them. count(*)  goes from 1 to 2."
    assert list(drawn.rows.columns) == ["x.y:Q", "count(*) ", "[c]"]


def test_several_rows_at_one_place_are_their_mean():
    drawn = draw(table(name=["a", "a", "b"], n=[1, 3, 5]), Choice(BAR, "name", "n"))
    assert drawn.rows.values.tolist() == [["a", 2.0], ["b", 5.0]]
    assert drawn.notes == ("Several rows at the same place: their mean is shown.",)
    assert len(draw(table(name=["a", "a"], n=[1, 3]), Choice(SCATTER, "name", "n")).rows) == 2


def test_what_is_left_out_is_said():
    drawn = draw(table(name=["a", None, "c"], n=[1, 2, None]), Choice(BAR, "name", "n"))
    assert drawn.rows.values.tolist() == [["a", 1.0]]
    assert drawn.notes == ("Left out, because a value is missing: 2 of 3 rows.",)
    many = table(n=list(range(20_000)), v=[1.0] * 20_000, c=[str(n) for n in range(20_000)])
    drawn = draw(many, Choice(SCATTER, "n", "v", "c"))
    assert len(drawn.rows) == 5000 and "colour" not in drawn.rows
    assert drawn.notes == (
        "No colours: more than 12 different ones would be needed.", "Every 4. of 20,000 points is shown."
    )  # fmt: skip
    drawn = draw(many, Choice(BAR, "c", "n"))
    assert len(drawn.rows) == sql_charts.MOST_BARS and drawn.notes == ("The first 40 of 20,000 bars are shown.",)
    assert draw(table(n=[1, 2], v=[float("inf"), float("nan")]), Choice(LINE, "n", "v")).rows.empty
