"""Section Runs of the video page, opened without a browser."""

import numpy as np
import pandas as pd
import pytest

from dashboard import agreement
from dashboard.look import Look
from dashboard.run_comparison import compared, courses, kappa_text, sentence
from dashboard.timeline import SCREEN_POINTS
from db.store import Store
from processor import spool
from tests.dashboard.conftest import finish
from tests.dashboard.runs import faces
from tests.dashboard.test_agreement import frames

DONE = "a" * 16


def texts(app) -> str:
    kinds = ("markdown", "caption", "info", "warning", "error", "subheader")
    return "\n".join(str(element.value) for kind in kinds for element in getattr(app, kind))


@pytest.fixture
def second_run(seeded):
    """A second analysis of the video, with five frames a second."""
    with Store(seeded.store, seeded.results) as store:
        run_id = store.queue_run(DONE, sample_fps=5.0, smoothing="mode:5")
        store.start_run(run_id)
        finish(store, run_id, fps=5.0)
        store.publish()
    return run_id


class TestComparison:
    def test_excluded_and_outside_are_not_compared(self):
        shown = faces(["happy"] * 6)
        looked_at = frames(6).assign(excluded=[False, False, True, False, False, False])
        left_out = shown.assign(excluded=looked_at["excluded"])
        found = compared([looked_at, looked_at], [left_out, left_out], [Look(to_s=2.5)] * 2)
        assert found.times["t_s"].tolist() == [0.0, 0.5, 1.5, 2.0]
        assert found.pairs["t_s"].tolist() == [0.0, 0.5, 1.5, 2.0]
        assert found.alone_a.empty and found.alone_b.empty

    def test_one_person(self):
        two = pd.concat([faces(["happy"] * 2), faces(["sad"] * 2, track_id=2, x=400.0)]).sort_values(
            ["nth", "track_id"]
        )
        looked_at = frames(2).assign(excluded=False)
        found = compared([looked_at] * 2, [two] * 2, [Look()] * 2)
        assert len(found.pairs) == 4 and set(found.of(2).pairs["label_a"]) == {"sad"} and len(found.of(2).pairs) == 2

    def test_courses(self):
        """Two faces at 0 s: means of valence (1 - 1) / 2 and (1 + 0) / 2; then a gap, then one face."""
        pairs = pd.DataFrame(
            {"place": [0, 0, 2], "t_s": [0.0, 0.0, 1.0], "valence_a": [1.0, -1.0, 0.5], "valence_b": [1.0, 0.0, -0.5],
             "category_a": ["positive", "negative", "positive"], "category_b": ["positive", "neutral", "undecided"]}
        )  # fmt: skip
        rows = courses(pairs, "valence", Look(to_s=2.0))
        assert rows.to_dict("list") == {"t_s": [0.0, 1.0], "a": [0.0, 0.5], "b": [0.5, -0.5], "segment": [0, 1]}
        rows = courses(pairs, "category", Look(to_s=2.0))
        assert rows.to_dict("list") == {"t_s": [0.0], "a": [0.0], "b": [0.0], "segment": [0]}
        assert courses(pairs.iloc[:0], "category", Look(to_s=2.0)).empty

    def test_long_courses_are_thinned(self):
        n = 5000
        pairs = pd.DataFrame({"place": np.arange(n), "t_s": np.arange(n) / 2, "valence_a": 0.5, "valence_b": -0.5})
        rows = courses(pairs, "valence", Look(to_s=n / 2))
        assert len(rows) == SCREEN_POINTS and set(rows["segment"]) == {0}

    def test_in_words(self):
        nan = float("nan")
        assert kappa_text(-0.123) == "−0.12" and kappa_text(nan) == "–"
        said = sentence(agreement.Agreement(50, 0, 0.7, 0.4, 0.31, 0.52), "the emotion")
        assert said == "Fair agreement on the emotion (kappa 0.40; 95 % interval 0.31 to 0.52)."
        assert "too short" in sentence(agreement.Agreement(50, 0, 0.7, 0.4, nan, nan), "the emotion")
        assert "not defined" in sentence(agreement.Agreement(50, 0, 1.0, nan, nan, nan), "the emotion")


@pytest.mark.slow
def test_one_run_only(seeded, open_page):
    app = open_page("video", video=DONE, section="Runs")
    assert "one finished analysis" in texts(app)
    assert not app.get("vega_lite_chart")
    app.number_input(key="again-fps").set_value(5.0)
    app.selectbox(key="again-detector").select("haar")
    next(button for button in app.button if button.label == "Analyse again").click().run()
    assert not app.exception
    (asked,) = [spool.load(path) for path in spool.pending(seeded.spool)]
    wanted = {"kind": "reprocess", "video_id": DONE, "detector": "haar", "sample_fps": 5.0}
    assert wanted.items() <= asked.items() and "model" not in asked
    spool.parse("x", {**asked, "request_id": "x"})  # and the processor takes it


@pytest.mark.slow
def test_two_runs(second_run, open_page):
    app = open_page("video", video=DONE, section="Runs")
    said = texts(app)
    assert len(app.get("vega_lite_chart")) == 3
    table = next(frame.value for frame in app.dataframe if "" in frame.value.columns).set_index("")
    assert table.loc["Frames a second"].tolist() == ["5", "2"]
    assert table.loc["Smoothing"].tolist() == ["most frequent of 5", "mean over 1.5 s"]
    assert [metric.label for metric in app.metric][-4:] == [
        "Same emotion", "Kappa, emotion", "Same category", "Kappa, category"
    ]  # fmt: skip
    # The same course sampled at other times: nearly everything is named alike.
    assert "agreement on the emotion" in said and "almost perfect" in said.lower()
    assert "Where they disagree most" in said


@pytest.mark.slow
def test_the_same_run_twice(second_run, open_page):
    app = open_page("video", video=DONE, section="Runs")
    app.selectbox(key="compare-1").select(second_run).run()
    assert not app.exception
    assert "Choose two different runs" in texts(app)


@pytest.mark.slow
def test_a_run_without_a_face(seeded, open_page):
    with Store(seeded.store, seeded.results) as store:
        run_id = store.queue_run(DONE, sample_fps=1.0, smoothing="mode:5")
        store.start_run(run_id)
        finish(store, run_id, people=0)
        second = store.queue_run(DONE, sample_fps=2.0, smoothing="mode:5")
        store.start_run(second)
        finish(store, second)
        store.publish()
    app = open_page("video", video=DONE, section="Runs")
    app.selectbox(key="compare-1").select(run_id).run()
    assert not app.exception
    assert "found no face" in texts(app)
