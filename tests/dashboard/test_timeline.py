"""What the charts of the timeline show, worked out by hand on two people (see tests/dashboard/rows.py)."""

import numpy as np
import pandas as pd
import pytest

from dashboard import timeline
from dashboard.look import UNDECIDED, Look, labelled
from db.emotions import EMOTIONS
from tests.dashboard.rows import faces, two_people


@pytest.fixture
def rows():
    """The faces of both people as a look shows them: `rows(track_id=1, method="raw")`."""
    return lambda **look: labelled(two_people(), Look(**look))


class TestCourse:
    def test_nobody(self, rows):
        for bin_s in (None, 1.0):
            course = timeline.course(rows(track_id=9), bin_s=bin_s)
            assert course.empty
            assert {"t_s", "end_s", "segment", "value", "valence", "low", "high", "faces", *EMOTIONS} == set(course)

    def test_one_person(self, rows):
        course = timeline.course(rows(track_id=1, method="raw"))
        assert list(course["t_s"]) == [0.0, 0.5, 1.0, 2.0, 2.5]
        assert list(course["end_s"]) == [0.5, 1.0, 1.5, 2.5, 3.0]
        assert list(course["segment"]) == [0, 0, 0, 1, 1]  # not seen at 1.5
        assert list(course["value"]) == [1, 1, -1, 1, 0]
        assert list(course["happy"]) == [1, 1, 0, 1, 0]
        assert list(course["valence"]) == [1, 1, -1, 1, 0]
        assert list(timeline.course(rows(track_id=1))["value"]) == [1] * 5

    def test_everyone(self, rows):
        course = timeline.course(rows(method="raw"))
        assert list(course["segment"]) == [0] * 7  # somebody is always there
        assert list(course["faces"]) == [1, 2, 2, 1, 1, 1, 1]
        assert list(course["happy"]) == [1, 0.5, 0, 0, 1, 0, 0]
        assert list(course["value"]) == [1, 0, -1, -1, 1, 0, -1]  # at 0.5 one is happy, one is sad: 0
        assert list(timeline.course(rows())["value"]) == [1, 0, 0, -1, 1, 1, -1]

    def test_centred_mean(self, rows):
        course = timeline.course(rows(track_id=1, method="mean", window_s=1.0))
        # Mean of the person's own frames at most 0.5 s away: 0.0 and 0.5; 0.0 to 1.0; 0.5 and 1.0; 2.0 and 2.5; ...
        assert list(course["happy"]) == pytest.approx([1, 2 / 3, 1 / 2, 1 / 2, 1 / 2])
        assert list(course["valence"]) == pytest.approx([1, 1 / 3, 0, 1 / 2, 1 / 2])

    def test_thinned(self, rows):
        assert timeline.bin_s(7, 0.0, 3.5, points=7) is None
        assert timeline.bin_s(7, 0.0, 3.5, points=2) == 1.75
        course = timeline.course(rows(track_id=1, method="raw"), bin_s=1.75)
        assert list(course["t_s"]) == [0.0, 2.0]
        assert list(course["happy"]) == pytest.approx([2 / 3, 1 / 2])
        assert list(course["value"]) == [0, 0]  # means 1/3 and 1/2; halves towards 0
        assert list(course["segment"]) == [0, 1]

    def test_excluded_is_a_gap(self):
        out = two_people().assign(excluded=lambda rows: rows["t_s"] == 0.5)
        course = timeline.course(labelled(out, Look()))
        assert list(course["t_s"]) == [0.0, 1.0, 1.5, 2.0, 2.5, 3.0]
        assert list(course["segment"]) == [0, 1, 1, 1, 1, 1]

    def test_undecided_has_no_value_of_its_own(self):
        torn = faces((0.0, 1, {"happy": 0.5, "sad": 0.4, "neutral": 0.1}, "happy"), (0.0, 2, {"sad": 1.0}, "sad"),
                     (0.5, 1, {"happy": 0.5, "sad": 0.5}, "happy"))  # fmt: skip
        course = timeline.course(labelled(torn, Look(method="raw", threshold=0.6)))
        assert course["value"].tolist()[0] == -1  # only person 2 is decided
        assert np.isnan(course["value"][1])
        assert list(course["valence"]) == pytest.approx([(0.1 - 1) / 2, 0.0])

    def test_band_is_one_standard_deviation(self, rows):
        course = timeline.course(rows(track_id=1, method="raw"), window_s=1.0)
        # Raw valences within 0.5 s: (1, 1), (1, 1, -1), (1, -1), (1, 0), (1, 0).
        deviations = [np.std(near, ddof=1) for near in ([1, 1], [1, 1, -1], [1, -1], [1, 0], [1, 0])]
        assert list(course["high"] - course["valence"]) == pytest.approx(deviations)
        assert list(course["valence"] - course["low"]) == pytest.approx(deviations)

    def test_no_band_about_a_lone_face(self, rows):
        course = timeline.course(rows(track_id=1, method="raw", to_s=0.5), window_s=1.0)
        assert course[["low", "high"]].isna().all(axis=None)


class TestSeconds:
    def test_one_person(self, rows):
        raw = timeline.seconds(rows(track_id=1, method="raw")).set_index("emotion")
        assert list(raw.index) == [*EMOTIONS, UNDECIDED]
        expected = {**dict.fromkeys(raw.index, 0.0), "happy": 1.5, "sad": 0.5, "neutral": 0.5}
        assert raw["seconds"].to_dict() == expected
        assert raw["share"].to_dict() == {name: value / 2.5 for name, value in expected.items()}
        assert raw.loc[["sad", UNDECIDED], "category"].tolist() == ["negative", UNDECIDED]
        assert timeline.seconds(rows(track_id=1)).set_index("emotion")["seconds"]["happy"] == 2.5

    def test_everyone(self, rows):
        everyone = timeline.seconds(rows(method="raw")).set_index("emotion")["seconds"]
        assert (everyone["sad"], everyone["angry"]) == (2.0, 0.5)  # the last frame holds for 1 / 2 s

    def test_categories(self, rows):
        sums = timeline.category_seconds(timeline.seconds(rows(method="raw")))
        assert sums["category"].tolist() == ["negative", "neutral", "positive", UNDECIDED]
        assert sums["seconds"].tolist() == [2.5, 0.5, 1.5, 0.0]
        assert sums["share"].tolist() == pytest.approx([2.5 / 4.5, 0.5 / 4.5, 1.5 / 4.5, 0.0])

    def test_nobody(self, rows):
        nothing = timeline.seconds(rows(track_id=9))
        assert nothing["seconds"].sum() == 0
        assert nothing["share"].isna().all()  # no data must not look like a share of nothing
        assert timeline.category_seconds(nothing)["share"].isna().all()


class TestDistribution:
    def test_parts(self, rows):
        parts = timeline.distribution(rows(track_id=1, method="raw"), part_s=1.0)
        assert parts.values.tolist() == [
            [0.0, "happy", 1.0], [1.0, "sad", 0.5], [2.0, "happy", 0.5], [2.0, "neutral", 0.5],
        ]  # fmt: skip
        assert timeline.distribution(rows(track_id=1)).values.tolist() == [[0.0, "happy", 2.5]]

    def test_nobody(self, rows):
        parts = timeline.distribution(rows(track_id=9))
        assert parts.empty
        assert list(parts.columns) == ["start_s", "emotion", "seconds"]


class TestPresence:
    def test_spans(self):
        spans = timeline.presence(two_people())
        assert spans.values.tolist() == [[1, 0.0, 1.5], [1, 2.0, 3.0], [2, 0.5, 2.0], [2, 3.0, 3.5]]

    def test_short_absences_are_bridged(self):
        bridged = timeline.presence(two_people(), bridge_s=1.0)  # 0.5 s away, and 1 s
        assert bridged.values.tolist() == [[1, 0.0, 3.0], [2, 0.5, 2.0], [2, 3.0, 3.5]]

    def test_nobody(self):
        assert timeline.presence(two_people().head(0)).empty


class TestCoverage:
    FRAMES = pd.DataFrame(
        {
            "nth": range(6), "t_s": [0.0, 0.5, 1.0, 1.5, 2.0, 2.5], "end_s": [0.5, 1.0, 1.5, 2.0, 2.5, 3.0],
            "faces": [1, 1, 2, 0, 0, 1], "brightness": [100.0, 39.9, 40.0, 10.0, 10.0, 100.0],
            "sharpness": [100.0, 100.0, 10.0, 3.0, 100.0, 9.9],
            "excluded": [False, False, False, False, True, False],
        }
    )  # fmt: skip

    def test_stretches(self):
        assert timeline.coverage(self.FRAMES).values.tolist() == [
            ["One face", 0.0, 1.0], ["One face", 2.5, 3.0], ["Several faces", 1.0, 1.5], ["No face", 1.5, 2.0],
            ["Too dark", 0.5, 1.0], ["Too dark", 1.5, 2.0], ["Blurred", 2.5, 3.0], ["Excluded", 2.0, 2.5],
        ]  # fmt: skip

    def test_part(self):
        assert timeline.coverage(self.FRAMES, 2.0, 2.5).values.tolist() == [["Excluded", 2.0, 2.5]]
        assert timeline.coverage(self.FRAMES, 90.0, 95.0).empty
