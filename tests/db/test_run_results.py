"""The runs of a video, read from a published snapshot."""

import pandas as pd
import pytest

from db import results, run_results
from tests.db.rows import analysed, finish, queue, video


@pytest.fixture
def read(store):
    """Publishes, and calls a query of run_results on the snapshot."""

    def read_(query, *arguments):
        with results.connect(store.publish()) as con:
            return query(con, *arguments)

    return read_


def test_no_run(store, read):
    store.add_video(video("v1"))
    rows = read(run_results.runs_of, "v1")
    assert rows.empty and "mean_valence" in rows.columns
    assert read(run_results.runs_of, "unknown").empty
    assert read(run_results.waiting, "unknown") == 0


def test_the_current_one_first(store, read):
    first = analysed(store, "v1", "happy", "sad", "happy")
    analysed(store, "v2", "sad")  # another video's is left out
    second = queue(store, sample_fps=5.0, smoothing="mean:1.5s")
    store.start_run(second)
    finish(store, second, emotions=("neutral",), empty_frames=1)
    third = queue(store)
    rows = read(run_results.runs_of, "v1")
    assert rows["run_id"].tolist() == [second, first]
    assert rows["current"].tolist() == [True, False]
    assert rows["sample_fps"].tolist() == [5.0, 2.0]
    assert rows["smoothing"].tolist() == ["mean:1.5s", "mode:5"]
    assert rows["mean_valence"].tolist() == [0.0, pytest.approx(1 / 3)]
    assert rows[["frames_sampled", "frames_with_face", "people", "observations"]].values.tolist() == [
        [2, 1, 1, 1], [3, 3, 1, 3]
    ]  # fmt: skip
    assert rows["model"].tolist() == ["m-1", "m-1"]  # the id of a model that nobody has told of
    assert read(run_results.waiting, "v1") == 1
    store.start_run(third)
    assert read(run_results.waiting, "v1") == 1
    store.cancel_run(third)
    assert read(run_results.waiting, "v1") == 0
    assert len(read(run_results.runs_of, "v1")) == 2


def test_the_models_name(store, read):
    analysed(store, "v1", "happy")
    store.add_model("m-1", "moodnet", "3", "ab" * 32, {"name": "moodnet"})
    assert read(run_results.runs_of, "v1")["model"].tolist() == ["moodnet 3"]


def test_nobody_seen(store, read):
    analysed(store, "v1")
    row = read(run_results.runs_of, "v1").iloc[0]
    assert (row["people"], row["observations"]) == (0, 0) and pd.isna(row["mean_valence"])
