"""Names and baselines go over to the next run of a video, by where the faces were."""

import pyarrow as pa
import pytest

from processor.carry_over import carry_over, recognised
from processor.people import store_people
from tests.db.crowd import seen


def faces(*rows):
    """Rows of (t_s, track, x): boxes 40 wide and high."""
    t_s, track, x = zip(*rows, strict=True) if rows else ((), (), ())
    side = pa.array([40.0] * len(rows), pa.float32())
    columns = {"t_s": pa.array(t_s, pa.float64()), "track_id": pa.array(track, pa.int32())}
    return pa.table({**columns, "x": pa.array(x, pa.float32()), "y": side, "w": side, "h": side})


ANNA = [(0.0, 7, 100.0), (0.5, 7, 100.0), (1.0, 7, 100.0)]


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ([], [], {}),
        (ANNA, [], {}),
        ([], ANNA, {}),
        (ANNA, [(t, 1, x) for t, _, x in ANNA], {1: 7}),
        (ANNA, [(t, 1, x + 13) for t, _, x in ANNA], {1: 7}),  # (40 - 13) / (40 + 13) = 0.509
        (ANNA, [(t, 1, x + 14) for t, _, x in ANNA], {}),  # 26 / 54 = 0.481
        (ANNA, [(0.25, 1, 100.0), (1.25, 1, 100.0)], {1: 7}),  # half a step away
        (ANNA, [(1.26, 1, 100.0)], {}),  # more than half a step
        (ANNA, [(0.0, 1, 100.0), (0.5, 1, 500.0)], {}),  # half of its faces are not more than half
        (ANNA, [(0.0, 1, 100.0), (0.5, 1, 100.0), (1.0, 1, 500.0)], {1: 7}),
        (ANNA, [(0.0, 1, 100.0), (0.5, 2, 100.0), (1.0, 2, 100.0)], {1: 7, 2: 7}),  # in pieces now
        # Who shares the most of their time with the new person.
        ([*ANNA, (1.5, 8, 100.0), (2.0, 8, 100.0), (2.5, 8, 100.0), (3.0, 8, 100.0)],
         [(t / 2, 1, 100.0) for t in range(7)], {1: 8}),
        # Two beside each other, in another order.
        ([(0.0, 1, 0.0), (0.0, 2, 300.0)], [(0.0, 1, 300.0), (0.0, 2, 0.0)], {1: 2, 2: 1}),
    ],
)  # fmt: skip
def test_who_is_who_again(before, after, same):
    assert recognised(faces(*before), faces(*after), step_s=0.5) == same


def named(track_id, text):
    return {"kind": "name", "track_id": track_id, "into_id": None, "at_s": None, "name": text}


def carried(store, before_id, run_id):
    return carry_over(store, store.run(before_id), store.run(run_id))


def test_where_nobody_had_a_name_nothing_happens(store):
    before, run_id = seen(store, {1: "hh"}), seen(store, {1: "hh"})
    assert carried(store, before, run_id) == 0
    assert store.people_edits(run_id) == [] and store.run(run_id)["people_revision"] == 0


def test_names_become_edits_of_the_new_run_and_can_be_undone_there(store):
    before = seen(store, {1: "hhhh", 2: "ssss"})
    store_people(store, store.run(before), [named(2, "Anna <b>")])
    store.put_baseline(before, 2, 0.5, 1.5)
    store.put_baseline(before, 1, 1.5, 2.0)
    run_id = seen(store, {1: "hh..", 2: "ssss", 3: "ssss"})
    assert carried(store, before, run_id) == 2
    assert [track["label"] for track in store.tracks(run_id)] == [None, "Anna <b>", None]
    assert [(edit["kind"], edit["track_id"]) for edit in store.people_edits(run_id)] == [("name", 2)]
    assert store.run(run_id)["people_revision"] == 1
    # Person 1 is recognised too, but is no longer seen in their baseline.
    assert store.baselines(run_id) == [{"track_id": 2, "from_s": 0.5, "to_s": 1.5}]
    store_people(store, store.run(run_id), [])
    assert {track["label"] for track in store.tracks(run_id)} == {None}


def test_merged_people_lend_their_name_to_each_of_their_parts(store):
    before = seen(store, {1: "hh..", 2: "..hh"})
    merge = {"kind": "merge", "track_id": 2, "into_id": 1, "at_s": None, "name": None}
    store_people(store, store.run(before), [named(1, "Anna"), merge])
    run_id = seen(store, {1: "hh..", 2: "..hh"})
    assert carried(store, before, run_id) == 2
    assert {track["label"] for track in store.tracks(run_id)} == {"Anna"}
