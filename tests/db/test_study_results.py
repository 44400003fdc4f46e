"""The people of every video, as studies read them."""

from datetime import datetime

import pandas as pd
import pytest

from db import results, study_results
from db.emotions import EMOTIONS
from tests.db.crowd import seen
from tests.db.rows import analysed, finish, queue, video


def units(store):
    store.publish()
    with results.connect(store.path.with_name("results.duckdb")) as con:
        return study_results.units(con)


def test_an_empty_store_has_the_columns(store):
    rows = units(store)
    assert rows.empty
    assert {"video_id", "tags", "track_id", "person_s", "coverage", *EMOTIONS, "p_happy", "valence"} <= set(
        rows.columns
    )


def test_one_row_for_each_person_of_the_current_run(store):
    store.add_video(
        video("v1", subject="Anna", cohort="a", session="2", tags={"site": "x"}, recorded_at=datetime(2026, 3, 1, 12))
    )
    seen(store, {1: "h"})
    run_id = seen(store, {1: "hhs.n", 2: "..ss."})
    store.put_people(run_id, [], {2: "Anna"})
    store.exclude("v1", "r", 1.0, 2.0)
    rows = units(store)
    assert list(rows["track_id"]) == [1, 2] and list(rows["run_id"]) == [run_id, run_id]
    assert list(rows["label"]) == [None, "Anna"]
    first, second = rows.to_dict("records")
    assert (first["subject"], first["cohort"], first["session"], first["tags"]) == ("Anna", "a", "2", {"site": "x"})
    assert first["recorded_at"] == pd.Timestamp(2026, 3, 1, 12)
    assert (first["state"], first["error"], first["frames_sampled"], first["seen"]) == ("done", None, 5, 1.0)
    assert (first["seconds"], first["excluded_s"], first["coverage"], first["face_px"]) == (1.5, 1.0, 1.0, 40.0)
    assert (first["observations"], first["person_s"]) == (3, 1.5)
    assert (first["happy"], first["p_neutral"], first["valence"]) == pytest.approx((2 / 3, 1 / 3, 2 / 3))
    assert (second["observations"], second["person_s"]) == (0, 0.0) and pd.isna(second["happy"])


def test_videos_that_cannot_be_counted_have_a_row_that_says_why(store):
    store.add_video(video("new"))
    store.add_video(video("waiting"))
    queue(store, "waiting")
    store.add_video(video("broken"))
    store.fail_run(queue(store, "broken"), "It is empty.")
    store.add_video(video("nobody"))
    finish(store, queue(store, "nobody"), empty_frames=4)
    analysed(store, "again", "happy")
    store.fail_run(queue(store, "again"), "It is gone.")
    rows = units(store).set_index("video_id")
    assert list(rows["state"]) == [None, "queued", "failed", "done", "failed"]
    assert rows.loc["broken", "error"] == "It is empty."
    assert list(rows["run_id"].isna()) == [True, True, True, False, False]
    assert list(rows["track_id"].isna()) == [True, True, True, True, False]
    assert rows.loc["nobody", "coverage"] == rows.loc["nobody", "seen"] == 0.0
    assert rows.loc["again", "happy"] == 1.0  # what was found before still counts
