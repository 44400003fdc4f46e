"""What is said of each person, on two made-up people and by hand."""

import math

import pandas as pd
import pytest

from dashboard.look import Look, labelled
from dashboard.people_rows import best_faces, neutral_stretch, overview, said, together
from tests.dashboard.rows import faces, two_people

TRACKS = pd.DataFrame(
    {"track_id": [1, 2], "label": [None, "Anna"], "first_s": [0.0, 0.5], "last_s": [2.5, 3.0], "observations": [5, 4]}
)


def frames(*times, sharpness=100.0, excluded=()):
    """Sampled frames as from db.results.frames."""
    return pd.DataFrame(
        {
            "frame": [nth * 10 for nth in range(len(times))], "t_s": times, "end_s": [t + 0.5 for t in times],
            "sharpness": sharpness, "excluded": [t in excluded for t in times],
        }
    )  # fmt: skip


SEVEN = frames(0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0)


def test_overview_of_two_people():
    people = overview(labelled(two_people(), Look()), TRACKS, SEVEN).set_index("track_id")
    # Person 1: 5 faces of half a second in 7 frames, always happy when smoothed; raw 3 x +1, 1 x -1, 1 x 0.
    one = people.loc[1]
    assert one["label"] is None and (one["first_s"], one["last_s"], one["seconds"]) == (0.0, 2.5, 2.5)
    assert one["share"] == pytest.approx(5 / 7) and one["mean_valence"] == pytest.approx(2 / 5)
    assert (one["main"], people.loc[2, "main"]) == ("happy", "sad")
    assert (people.loc[2, "label"], people.loc[2, "seconds"]) == ("Anna", 2.0)
    assert people.loc[2, "mean_valence"] == -1.0


def test_somebody_who_is_only_seen_where_it_is_excluded_is_there_all_the_same():
    rows = faces((0.0, 1, {"happy": 1.0}, "happy"), (0.5, 2, {"sad": 1.0}, "sad"), excluded=(0.4, 1.0))
    people = overview(labelled(rows, Look()), TRACKS, frames(0.0, 0.5, excluded=(0.5,))).set_index("track_id")
    assert people.loc[1, "share"] == 1.0  # of the one frame that counts
    gone = people.loc[2]
    assert (gone["seconds"], gone["share"], gone["main"]) == (0.0, 0.0, None) and math.isnan(gone["mean_valence"])


def test_nobody():
    nobody = faces().astype({"excluded": bool})
    assert overview(labelled(nobody, Look()), TRACKS.iloc[:0], frames()).empty
    assert best_faces(nobody, frames()).empty


def test_the_best_face_is_sure_large_and_sharp():
    seen = [(t, 1, {"happy": 1.0}, "happy") for t in (0.0, 0.5, 1.0, 1.5)]
    rows = faces(*seen)
    assert best_faces(rows, SEVEN).loc[1, "t_s"] == 0.0  # all alike: the first
    rows["w"], rows["h"] = [30.0, 60.0, 60.0, 60.0], [30.0, 60.0, 60.0, 60.0]
    rows["face_score"] = [0.9, 0.7, 0.8, 0.8]
    assert best_faces(rows, SEVEN).loc[1, "t_s"] == 1.0  # 27 < 42 < 48
    # 60 x 0.8 x 10 / 20 = 24 is less than 30 x 0.9 x 100 / 110 = 24.5 and than 60 x 0.7 x 40 / 50 = 33.6.
    sharp = frames(0.0, 0.5, 1.0, 1.5, sharpness=[100.0, 40.0, 10.0, 10.0])
    assert best_faces(rows, sharp).loc[1, "t_s"] == 0.5
    rows["excluded"] = [False, True, True, True]
    assert best_faces(rows, sharp).loc[1, "t_s"] == 0.0
    assert best_faces(rows.assign(excluded=True), sharp).empty


def test_without_scores_the_largest_is_best():
    rows = faces((0.0, 1, {"sad": 1.0}, "sad"), (0.5, 1, {"sad": 1.0}, "sad")).assign(face_score=float("nan"))
    rows["w"] = [30.0, 31.0]
    assert best_faces(rows, SEVEN).loc[1, "t_s"] == 0.5


def test_the_longest_stretch_of_neutral():
    neutral, sad = {"neutral": 1.0}, {"sad": 1.0}
    rows = faces(
        (0.0, 1, neutral, "neutral"), (0.5, 1, sad, "sad"), (1.0, 1, neutral, "neutral"), (1.5, 1, neutral, "neutral"),
        (2.5, 1, neutral, "neutral"), (3.0, 2, sad, "sad"),
    )  # fmt: skip
    assert neutral_stretch(labelled(rows, Look()), 1) == (1.0, 2.0)  # not until 3: they are away at 2.0
    assert neutral_stretch(labelled(rows, Look()), 2) is None
    assert neutral_stretch(labelled(rows, Look()), 9) is None


def test_when_two_are_seen_together():
    rows = two_people()
    rows["frame"] = (rows["t_s"] * 20).astype(int)
    assert together(rows, 1, 2) == together(rows, 2, 1) == 0.5
    assert together(rows[rows["t_s"] != 0.5].query("t_s != 1.0"), 1, 2) is None


def test_edits_in_words_with_the_names_of_that_time():
    columns = ["kind", "track_id", "into_id", "at_s", "name"]
    edits = pd.DataFrame(
        [
            ("merge", 3, 1, None, None),
            ("name", 1, None, None, "Anna\n<b>"),
            ("merge", 2, 1, None, None),
            ("split", 1, 4, 72.5, None),
            ("name", 1, None, None, None),
            ("name", 4, None, None, "Ben"),
        ],
        columns=columns,
    )
    assert said(edits) == [
        "merge Person 3 into Person 1", "name Person 1 Anna <b>", "merge Person 2 into Anna <b> (1)",
        "split Anna <b> (1) at 1:12", "take the name of Anna <b> (1) away", "name Person 4 Ben",
    ]  # fmt: skip
    assert said(edits.iloc[:0]) == []
