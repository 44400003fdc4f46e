"""Each person's figures, added up by hand from the small run that two_people draws."""

import pandas as pd
import pytest

from dashboard.look import Look, labelled
from dashboard.people_figures import LABELS, people_figures
from tests.dashboard.rows import faces, two_people

TRACKS = pd.DataFrame({"track_id": [1, 2], "label": ["anna", None]})


def test_two_people():
    figures = people_figures(labelled(two_people(), Look()), TRACKS).set_index("track_id")
    # Person 1 is there in five frames of half a second, all of them smoothed to happy; 2 in four.
    assert list(figures["name"]) == ["anna", None]
    assert list(figures["faces"]) == [5, 4]
    assert list(figures["seconds"]) == [2.5, 2.0]
    assert (figures.loc[1, "happy"], figures.loc[2, "sad"], figures.loc[2, "angry"]) == (2.5, 1.5, 0.5)
    assert (figures.loc[1, "first_s"], figures.loc[1, "last_s"]) == (0.0, 3.0)
    # Of the raw probabilities: three times +1, once -1 and once 0; and four times -1.
    assert list(figures["mean_valence"]) == [pytest.approx(2 / 5), -1.0]
    assert figures[list(LABELS)].sum(axis=1).tolist() == figures["seconds"].tolist()


def test_what_is_excluded_does_not_count():
    rows = two_people().assign(excluded=lambda all: all["t_s"] < 1.0)
    figures = people_figures(labelled(rows, Look()), TRACKS)
    assert list(figures["faces"]) == [3, 3]


def test_who_is_not_there_has_no_row():
    figures = people_figures(labelled(two_people(), Look(track_id=2)), TRACKS)
    assert list(figures["track_id"]) == [2]


def test_nobody():
    figures = people_figures(labelled(two_people().assign(excluded=True), Look()), TRACKS)
    assert figures.empty and {"track_id", "seconds", *LABELS} <= set(figures.columns)


def test_one_undecided_observation():
    rows = labelled(faces((0.0, 1, {"happy": 0.4, "sad": 0.3, "neutral": 0.3}, "happy")), Look(threshold=0.5))
    figures = people_figures(rows, TRACKS)
    assert (figures["undecided"].item(), figures["happy"].item(), figures["mean_valence"].item()) == (
        0.5, 0.0, pytest.approx(0.1),
    )  # fmt: skip
