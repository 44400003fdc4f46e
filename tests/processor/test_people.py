"""From edits to tracks, and smoothing anew along them; figures worked out by hand."""

import numpy as np
import pytest

from db.emotions import EMOTIONS
from processor.people import next_number, replay, store_people
from tests.db.crowd import seen, stored, who

TRACKED = np.array([1, 2, 1, 2, 3])
TIMES = np.array([0.0, 0.5, 1.0, 1.5, 2.0])


def edit(kind, track_id, **fields):
    return {"kind": kind, "track_id": track_id, "into_id": None, "at_s": None, "name": None, **fields}


def merge(track_id, into_id):
    return edit("merge", track_id, into_id=into_id)


def split(track_id, at_s, into_id):
    return edit("split", track_id, at_s=at_s, into_id=into_id)


def name(track_id, text):
    return edit("name", track_id, name=text)


@pytest.mark.parametrize(
    ("edits", "tracks", "names"),
    [
        ([], [1, 2, 1, 2, 3], {}),
        ([name(1, "Anna")], [1, 2, 1, 2, 3], {1: "Anna"}),
        ([name(1, "Anna"), name(1, "Berta")], [1, 2, 1, 2, 3], {1: "Berta"}),  # the last name counts
        ([name(1, "Anna"), name(1, None)], [1, 2, 1, 2, 3], {}),  # taken away
        ([merge(3, 1)], [1, 2, 1, 2, 1], {}),
        ([name(3, "Anna"), merge(3, 1)], [1, 2, 1, 2, 1], {1: "Anna"}),  # the nameless take over the name
        ([name(3, "Anna"), name(1, "Berta"), merge(3, 1)], [1, 2, 1, 2, 1], {1: "Berta"}),  # the target's stays
        ([merge(3, 2), merge(2, 1)], [1, 1, 1, 1, 1], {}),  # one after the other
        ([split(2, 1.5, 4)], [1, 2, 1, 4, 3], {}),  # from that second on
        ([name(2, "Anna"), split(2, 1.4, 4)], [1, 2, 1, 4, 3], {2: "Anna"}),  # the new one is a stranger
        ([split(2, 1.0, 4), merge(4, 1), split(1, 1.0, 5)], [1, 2, 5, 5, 3], {}),
    ],
)
def test_edits_are_applied_in_order(edits, tracks, names):
    found, named = replay(TRACKED, TIMES, edits)
    assert (found.tolist(), named) == (tracks, names)
    assert TRACKED.tolist() == [1, 2, 1, 2, 3]  # what the tracker said stays


def test_nobody_was_found():
    track, names = replay(np.array([], int), np.array([]), [])
    assert (track.tolist(), names) == ([], {})
    assert next_number(track, []) == 1


def test_a_new_track_gets_a_number_that_nobody_has_had():
    assert next_number(TRACKED, []) == 4
    assert next_number(TRACKED, [split(1, 1.0, 4), merge(4, 2), name(2, "Anna")]) == 5


def test_merged_people_are_smoothed_as_one_and_undo_restores_everything(store):
    # Mode of the last 5: alone, each shows what it shows. Together, sad wins where it is the more frequent.
    run_id = seen(store, {1: "sss...", 2: "...hhh"})
    before = stored(store, run_id)
    run = store.run(run_id)
    store_people(store, run, [merge(2, 1)])
    # Last 5: sssh -> s, ssshh -> s, sshhh -> h.
    assert who(store, run_id) == {1: "sssssh"}
    assert who(store, run_id, "category") == {1: "nnnnnp"}
    assert who(store, run_id, "emotion") == {1: "ssshhh"}
    store_people(store, run, [])
    assert stored(store, run_id) == before


def test_a_mean_over_seconds_is_taken_along_the_new_tracks(store):
    # Mean over 1 s, that is of each face and its neighbours: h between two s becomes s; where h and s are equals, happy
    # wins, which comes before sad in the order of the emotions.
    run_id = seen(store, {1: "shs..", 2: "...ss"}, smoothing="mean:1s", smoothed={1: "hsh..", 2: "...ss"})
    before = stored(store, run_id)
    run = store.run(run_id)
    store_people(store, run, [split(1, 0.5, 3)])
    assert who(store, run_id) == {1: "s....", 2: "...ss", 3: ".hh.."}
    store_people(store, run, [split(1, 0.5, 3), merge(3, 2)])
    assert who(store, run_id) == {1: "s....", 2: ".hsss"}
    store_people(store, run, [])
    assert stored(store, run_id) == before


def test_a_name_alone_writes_no_face(store):
    # Stored labels that no smoothing would give: they would change if they were computed anew.
    run_id = seen(store, {1: "hhhh"}, smoothed={1: "ssss"})
    store_people(store, store.run(run_id), [name(1, "Anna")])
    assert who(store, run_id) == {1: "ssss"}
    assert store.tracks(run_id)[0]["label"] == "Anna"


@pytest.mark.slow
def test_a_real_analysis_is_restored_to_the_last_bit(store, sample_video, tiny_bundle, tmp_path):
    from processor.config import Settings
    from processor.pipeline import Analyser
    from tests.db.rows import queue, video

    settings = Settings(home=tmp_path / "analyser", model=str(tiny_bundle), detector="haar", sample_fps=4)
    analysis = Analyser(settings).analyse(sample_video)
    store.add_video(video(duration_s=analysis.info.duration_s))
    run_id = queue(store, sample_fps=4.0, smoothing=settings.smoothing_name)
    store.start_run(run_id)
    store.finish_run(
        run_id, frames=analysis.frames, tracks=analysis.tracks, observations=analysis.observations,
        model_id=analysis.model_id, detector=analysis.detector, device=analysis.device, seconds=1.0, corrupt_packets=0,
    )  # fmt: skip
    before, run = stored(store, run_id), store.run(run_id)
    [first, *_] = store.tracks(run_id)
    middle = (first["first_s"] + first["last_s"]) / 2
    number = next_number(store.found_faces(run_id)["tracked_as"].to_numpy(), [])
    store_people(store, run, [split(first["track_id"], middle, number)])
    assert stored(store, run_id) != before
    # Smoothing what was put together again, without going back to what the tracker said, is the same too.
    store_people(store, run, [split(first["track_id"], middle, number), merge(number, first["track_id"])])
    assert stored(store, run_id) == before
    store_people(store, run, [])
    assert stored(store, run_id) == before
    smoothed = [face["smoothed"] for face in before["observation"]]
    assert smoothed == analysis.observations["smoothed"].to_pylist() and set(smoothed) <= set(EMOTIONS)
