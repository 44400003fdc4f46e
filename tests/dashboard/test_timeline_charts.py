"""Every chart of the timeline for a look, put together from two people worked out by hand."""

import pandas as pd
import pytest

from dashboard.look import Look
from dashboard.timeline_charts import drawings, how
from tests.dashboard.rows import two_people

RUN = {"smoothing": "mean:1.5s"}
TRACKS = pd.DataFrame({"track_id": [1, 2], "label": ["anna", None]})
FRAMES = pd.DataFrame(
    {
        "nth": range(7), "t_s": [n / 2 for n in range(7)], "end_s": [n / 2 + 0.5 for n in range(7)],
        "faces": [1, 2, 2, 1, 1, 1, 1], "brightness": 100.0, "sharpness": 100.0, "excluded": False,
    }
)  # fmt: skip
NO_BASELINE = pd.DataFrame({"track_id": [], "from_s": [], "to_s": []})
EVERY = ["coverage", "presence", "probabilities", "valence", "category", "distribution", "seconds", "shares"]


def drawn(look: Look, baselines: pd.DataFrame = NO_BASELINE, faces: pd.DataFrame | None = None, **more):
    """The drawings of the two people."""
    return drawings(RUN, TRACKS, two_people() if faces is None else faces, FRAMES, baselines, look, **more)


class TestDrawings:
    @pytest.mark.parametrize("method", ["stored", "raw", "mean", "mode"])
    def test_every_chart_has_its_numbers_and_its_sentence(self, method):
        out = drawn(Look(method=method, window_s=1.0, to_s=4.0, threshold=0.5))
        assert list(out) == EVERY
        for drawing in out.values():
            assert drawing.chart.to_dict()["title"]["text"]
            assert len(drawing.rows)
            assert drawing.alt.endswith(".")

    def test_numbers_are_those_of_the_chart(self):
        out = drawn(Look(track_id=1, method="raw", to_s=4.0))
        assert out["seconds"].rows.set_index("category")["seconds"].to_dict() == {
            "negative": 0.5, "neutral": 0.5, "positive": 1.5, "undecided": 0.0,
        }  # fmt: skip
        assert out["shares"].rows.set_index("emotion")["percent"]["happy"] == 60.0
        assert list(out["probabilities"].rows["time"]) == ["0:00", "0:00", "0:01", "0:02", "0:02"]
        assert list(out["presence"].rows["who"].unique()) == ["anna (1)", "Person 2"]
        assert out["distribution"].rows.iloc[0][["happy", "sad", "neutral"]].tolist() == [1.5, 0.5, 0.5]

    def test_nobody_in_this_part(self):
        assert list(drawn(Look(track_id=2, to_s=0.5))) == ["coverage", "presence"]
        assert drawn(Look(from_s=50.0, to_s=60.0)) == {}

    def test_no_face_at_all(self):
        assert list(drawn(Look(to_s=4.0), faces=two_people().head(0))) == ["coverage"]

    def test_all_excluded(self):
        assert list(drawn(Look(to_s=4.0), faces=two_people().assign(excluded=True))) == ["coverage"]

    def test_relative(self):
        baselines = pd.DataFrame({"track_id": [1], "from_s": [0.0], "to_s": [1.0]})
        out = drawn(Look(track_id=1, method="raw", to_s=4.0, relative=True), baselines)
        # Happy and of valence 1 in the baseline, so happiness there is 0 and sadness 1.
        assert list(out["probabilities"].rows["happy"]) == [0, 0, -1, 0, -1]
        assert list(out["valence"].rows["valence"]) == [0, 0, -2, 0, -1]
        for name in ("probabilities", "valence"):
            assert "relative to baseline" in out[name].chart.to_dict()["title"]["text"]
        assert out["seconds"].rows.set_index("category")["seconds"]["positive"] == 1.5  # labels stay as they are

    def test_relative_to_nobody(self):
        out = drawn(Look(to_s=4.0, relative=True))
        assert "probabilities" not in out
        assert "seconds" in out

    def test_many_frames_are_thinned_to_a_screen(self):
        times = [n / 2 for n in range(3000)]
        frames = pd.DataFrame({"nth": range(3000), "t_s": times, "end_s": [t + 0.5 for t in times], "faces": 1,
                               "brightness": 100.0, "sharpness": 100.0, "excluded": False})  # fmt: skip
        faces = pd.concat([two_people().head(1)] * 3000, ignore_index=True)
        faces = faces.assign(nth=frames["nth"], t_s=frames["t_s"], end_s=frames["end_s"])
        out = drawings(RUN, TRACKS, faces, frames, NO_BASELINE, Look(to_s=1500.0))
        assert len(out["probabilities"].rows) == 600
        assert (out["probabilities"].rows["faces"] == 5).all()


@pytest.mark.parametrize(
    ("look", "expected"),
    [
        (Look(track_id=1), "As stored: mean over 1.5 s"),
        (Look(), "Mean of all faces; as stored: mean over 1.5 s"),
        (Look(track_id=1, method="raw", threshold=0.5), "Raw, frame by frame; undecided below 0.50"),
        (Look(track_id=1, method="mean", window_s=10.0), "Mean over 10 s"),
        (Look(track_id=1, method="mode"), "Most frequent of the last 5"),
    ],
)
def test_how(look, expected):
    assert how(RUN, look) == expected
