"""What a look makes of the faces of a run, worked out by hand, and against the processor's own smoothing."""

import numpy as np
import pandas as pd
import pytest

from dashboard.look import UNDECIDED, Look, labelled, relative
from db.emotions import EMOTIONS
from processor.smooth import smooth
from tests.dashboard.rows import faces

HAPPY, SAD, TORN = {"happy": 1.0}, {"sad": 1.0}, {"happy": 0.5, "sad": 0.4, "neutral": 0.1}


@pytest.fixture
def two_people() -> pd.DataFrame:
    """Person 1 at 0, 0.5, 1 s: happy, sad (stored happy), torn; person 2 at 0.5 s: sad."""
    return faces((0.0, 1, HAPPY, "happy"), (0.5, 1, SAD, "happy"), (0.5, 2, SAD, "sad"), (1.0, 1, TORN, "happy"))


class TestLabelled:
    def test_nobody(self):
        rows = labelled(faces((0.0, 1, HAPPY, "happy")), Look(track_id=9))
        assert rows.empty
        assert {"label", "label_category", "value", *EMOTIONS} <= set(rows.columns)
        for method in ("stored", "raw", "mean", "mode"):
            assert labelled(faces((0.0, 1, HAPPY, "happy")).head(0), Look(method=method, window_s=1.0)).empty

    def test_as_stored(self, two_people):
        rows = labelled(two_people, Look())
        assert list(rows["label"]) == ["happy", "happy", "sad", "happy"]
        assert list(rows["value"]) == [1, 1, -1, 1]
        assert list(rows["sad"]) == [0, 1, 1, 0.4]  # of an analysis that smoothed labels: as the network gave them

    def test_stored_with_the_window_of_the_analysis(self, two_people):
        rows = labelled(two_people, Look(track_id=1, window_s=1.0))
        assert list(rows["label"]) == ["happy"] * 3
        assert list(rows["happy"]) == pytest.approx([1 / 2, 1.5 / 3, 0.5 / 2])

    def test_raw(self, two_people):
        rows = labelled(two_people, Look(track_id=1, method="raw", window_s=9.0))
        assert list(rows["label"]) == ["happy", "sad", "happy"]
        assert list(rows["valence"]) == pytest.approx([1, -1, 0.1])
        assert list(rows["label_category"]) == ["positive", "negative", "positive"]

    def test_mean(self, two_people):
        rows = labelled(two_people, Look(method="mean", window_s=1.0))
        assert list(rows["track_id"]) == [1, 1, 2, 1]
        # Person 1 at 0.5 s: happy (1 + 0 + 0.5) / 3, sad (0 + 1 + 0.4) / 3; at 1 s: 0.25 and 0.7. Person 2 is alone.
        assert list(rows["happy"]) == pytest.approx([0.5, 0.5, 0.0, 0.25])
        assert list(rows["sad"]) == pytest.approx([0.5, 1.4 / 3, 1.0, 0.7])
        assert list(rows["label"]) == ["happy", "happy", "sad", "sad"]
        assert list(rows["valence"]) == pytest.approx([0.0, 0.1 / 3, -1.0, -0.45])

    def test_smoothing_sees_the_whole_track(self, two_people):
        part = labelled(two_people, Look(track_id=1, method="mean", window_s=1.0, from_s=1.0))
        assert list(part["sad"]) == pytest.approx([0.7])  # the mean with 0.5 s, which is not shown

    def test_mode_keeps_the_latest_of_equals(self, two_people):
        assert list(labelled(two_people, Look(track_id=1, method="mode"))["label"]) == ["happy", "sad", "happy"]

    @pytest.mark.parametrize(("method", "window_s"), [("mean", 0.5), ("mean", 1.5), ("mean", 10.0), ("mode", 0.0)])
    def test_equals_the_processor(self, method, window_s):
        chance = np.random.default_rng(4)
        scores = chance.dirichlet(np.ones(7), 120)
        rows = faces(
            *((n // 3 / 2, n % 3 + 1, dict(zip(EMOTIONS, scores[n], strict=True)), "happy") for n in range(120))
        )
        t_s, track = rows["t_s"].to_numpy(), rows["track_id"].to_numpy()
        expected = np.array(EMOTIONS)[smooth(t_s, track, scores, method, window_s)]
        assert list(labelled(rows, Look(method=method, window_s=window_s))["label"]) == list(expected)

    def test_undecided(self, two_people):
        rows = labelled(two_people, Look(track_id=1, method="raw", threshold=0.6))
        assert list(rows["label"]) == ["happy", "sad", UNDECIDED]
        assert list(rows["label_category"]) == ["positive", "negative", UNDECIDED]
        assert rows["value"].isna().tolist() == [False, False, True]
        exactly = labelled(two_people, Look(track_id=1, method="raw", threshold=0.5))
        assert UNDECIDED not in set(exactly["label"])  # under it, not at it

    def test_a_part_ends_before_its_end(self, two_people):
        assert list(labelled(two_people, Look(from_s=0.5, to_s=1.0))["t_s"]) == [0.5, 0.5]

    def test_excluded_faces_are_left_out_but_smoothed_over(self):
        rows = faces(
            (0.0, 1, HAPPY, "happy"), (0.5, 1, SAD, "sad"), (1.0, 1, HAPPY, "happy"), excluded=(0.5, 1.0)
        )  # fmt: skip
        kept = labelled(rows, Look(method="mean", window_s=1.0))
        assert list(kept["t_s"]) == [0.0, 1.0]
        assert list(kept["sad"]) == [0.5, 0.5]

    def test_leaves_what_it_was_given(self, two_people):
        before = two_people.copy()
        labelled(two_people, Look(method="mean", window_s=3.0, threshold=0.9))
        pd.testing.assert_frame_equal(two_people, before)


class TestRelative:
    BASELINES = pd.DataFrame({"track_id": [1], "from_s": [0.0], "to_s": [1.0]})

    def test_minus_the_mean_of_the_stretch(self, two_people):
        rows = relative(labelled(two_people, Look(method="raw")), two_people, self.BASELINES)
        # Person 1 before 1 s: happy once, sad once: means 1/2 and 1/2, valence 0. Person 2 has no baseline.
        assert list(rows["track_id"]) == [1, 1, 1]
        assert list(rows["happy"]) == pytest.approx([0.5, -0.5, 0.0])
        assert list(rows["sad"]) == pytest.approx([-0.5, 0.5, -0.1])
        assert list(rows["valence"]) == pytest.approx([1.0, -1.0, 0.1])
        assert list(rows["label"]) == ["happy", "sad", "happy"]

    def test_nobody_seen_in_the_stretch(self, two_people):
        elsewhere = pd.DataFrame({"track_id": [1], "from_s": [50.0], "to_s": [60.0]})
        assert relative(labelled(two_people, Look()), two_people, elsewhere).empty


@pytest.mark.parametrize(
    "settings",
    [{"method": "median"}, {"threshold": 1.1}, {"threshold": -0.1}, {"window_s": -1.0}, {"from_s": 5.0, "to_s": 5.0}],
)
def test_a_look_that_cannot_be(settings):
    with pytest.raises(ValueError, match="Received"):
        Look(**settings)
