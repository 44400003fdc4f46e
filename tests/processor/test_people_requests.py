"""Requests about people: applied exactly once, or refused with a sentence."""

import pytest

from processor import spool
from tests.db.crowd import seen, stored, who
from tests.db.rows import queue, video
from tests.processor.bench import Bench

MEANWHILE = "Somebody else changed the people of this video meanwhile: look again, then repeat."


class PeopleBench(Bench):
    def ask(self, kind, **payload):
        """Why a request is refused, or None."""
        return self.apply(kind, **payload)[1]

    def edit(self, run_id, kind, **payload):
        """As ask, of somebody who sees the people as they are now."""
        run = self.store.run(run_id)
        return self.ask(kind, run_id=run_id, revision=run["people_revision"] if run else 0, **payload)


@pytest.fixture
def bench(home, store):
    return PeopleBench(home, store)


@pytest.mark.slow
def test_name_merge_split_and_undo(bench):
    run_id = seen(bench.store, {1: "sss......", 2: "...hhh...", 3: "......sss"})
    before = stored(bench.store, run_id)
    assert bench.edit(run_id, "people_name", track_id=2, name="  Anna ") is None
    assert bench.edit(run_id, "people_merge", track_id=2, into_id=1) is None
    assert who(bench.store, run_id) == {1: "sssssh...", 3: "......sss"}
    assert bench.store.tracks(run_id)[0]["label"] == "Anna"
    assert bench.edit(run_id, "people_split", track_id=1, at_s=1.5) is None
    assert who(bench.store, run_id) == {1: "sss......", 3: "......sss", 4: "...hhh..."}
    assert bench.store.run(run_id)["people_revision"] == 3
    assert [(e["kind"], e["track_id"], e["into_id"]) for e in bench.store.people_edits(run_id)] == [
        ("name", 2, None), ("merge", 2, 1), ("split", 1, 4),
    ]  # fmt: skip
    for left in (2, 1, 0):
        assert bench.edit(run_id, "people_undo") is None
        assert len(bench.store.people_edits(run_id)) == left
    assert stored(bench.store, run_id) == before
    assert bench.edit(run_id, "people_undo").startswith("There is nothing to undo")
    assert bench.store.run(run_id)["people_revision"] == 6


def test_what_another_did_meanwhile_is_not_overwritten(bench):
    run_id = seen(bench.store, {1: "hh..", 2: "..ss"})
    seen_by_both = {"run_id": run_id, "revision": 0}
    assert bench.ask("people_name", **seen_by_both, track_id=1, name="Anna") is None
    for kind, more in (
        ("people_name", {"track_id": 1, "name": "Berta"}), ("people_merge", {"track_id": 2, "into_id": 1}),
        ("people_split", {"track_id": 1, "at_s": 0.5}), ("people_undo", {}),
    ):  # fmt: skip
        assert bench.ask(kind, **seen_by_both, **more) == MEANWHILE
    assert [track["label"] for track in bench.store.tracks(run_id)] == ["Anna", None]


def test_own_changes_that_were_on_their_way_are_no_surprise(bench):
    run_id = seen(bench.store, {1: "hh..", 2: "..ss"})
    ids = []
    for track, name in ((1, "Anna"), (2, "Ben"), (1, "Anne")):
        edit = {"run_id": run_id, "revision": 0, "after": list(ids), "track_id": track, "name": name}
        ids.append(spool.submit(bench.home.spool, "people_name", **edit))
    assert bench.requests.apply_all() == 3
    assert [track["label"] for track in bench.store.tracks(run_id)] == ["Anne", "Ben"]
    again = {"run_id": run_id, "track_id": 1, "name": "Zoe"}
    assert bench.ask("people_name", **again, revision=0, after=ids[:2]) == MEANWHILE  # one more than those
    assert bench.ask("people_name", **again, revision=0, after=[*ids[:2], ids[1]]) == MEANWHILE  # each counts once
    left_out = "The change before this one was refused, so this one was left out: look again."
    assert bench.ask("people_name", **again, revision=0, after=[*ids, "9-unknown"]) == left_out
    assert bench.store.run(run_id)["people_revision"] == 3


@pytest.mark.parametrize("name", ["<b>x</b>", "=HYPERLINK(1)", "😀 Zoë", "a" * 200])
def test_any_text_is_a_name(bench, name):
    run_id = seen(bench.store, {1: "h"})
    assert bench.edit(run_id, "people_name", track_id=1, name=name) is None
    assert bench.store.tracks(run_id)[0]["label"] == name
    assert bench.edit(run_id, "people_name", track_id=1, name=None) is None
    assert bench.store.tracks(run_id)[0]["label"] is None


@pytest.mark.parametrize(
    ("kind", "payload", "why"),
    [
        ("people_name", {"track_id": 1, "name": "  \0 "}, "`name`: a name needs at least one letter."),
        ("people_name", {"track_id": 1, "name": "x" * 10_000}, "at most 200 characters long; this one has 10000"),
        ("people_name", {"track_id": 1, "name": 7}, "`name`: Input should be a valid string. Received: '7'."),
        ("people_name", {"track_id": 1}, "`name`: Field required"),
        ("people_name", {"track_id": 9, "name": "x"}, "There is no person 9 in run"),
        ("people_name", {"track_id": 2**40, "name": "x"}, "`track_id`: Input should be less than"),
        ("people_name", {"track_id": True, "name": "x"}, "`track_id`: Input should be a valid integer"),
        ("people_merge", {"track_id": 1, "into_id": 1}, "Person 1 can't be merged into itself: choose two people."),
        ("people_merge", {"track_id": 1, "into_id": 9}, "There is no person 9 in run"),
        # Person 3 is there from 0.5 s on, and person 1 until 62 s: frame 124.
        ("people_merge", {"track_id": 3, "into_id": 1},
         "Person 3 and Person 1 are in the picture together at 1:02, so they can't be one person."),
        ("people_split", {"track_id": 1, "at_s": 0.0}, "Person 1 can't be split at 0:00: choose a time after 0:00"),
        ("people_split", {"track_id": 1, "at_s": 62.5}, "up to 1:02, when they are last seen"),
        ("people_split", {"track_id": 1, "at_s": -1.0}, "`at_s`: Input should be greater than or equal to 0"),
        ("people_split", {"track_id": 1, "at_s": float("nan")}, "`at_s`: Input should be"),
        ("people_split", {"track_id": 1, "at_s": "1:02"}, "`at_s`: Input should be a valid number"),
        ("people_undo", {}, "There is nothing to undo: the people of this video are as they were found."),
        ("people_undo", {"hard": True}, "`hard`: Extra inputs are not permitted"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_a_sentence_and_changes_nothing(bench, kind, payload, why):
    run_id = seen(bench.store, {1: "h" * 125, 2: ".." + "." * 128 + "ss", 3: "." * 124 + "hhh"})
    before = stored(bench.store, run_id)
    refused = bench.edit(run_id, kind, **payload)
    assert why in refused and refused.endswith(".")
    assert stored(bench.store, run_id) == before
    assert bench.store.run(run_id)["people_revision"] == 0


def test_a_run_that_is_unknown_or_not_done(bench):
    bench.store.add_video(video())
    run_id = queue(bench.store)
    for kind, more in (
        ("people_name", {"track_id": 1, "name": "x"}), ("people_merge", {"track_id": 1, "into_id": 2}),
        ("people_split", {"track_id": 1, "at_s": 1.0}), ("people_undo", {}),
    ):  # fmt: skip
        assert bench.edit(run_id, kind, **more) == f"Run {run_id} is queued: its people can be changed once it is done."
        assert bench.edit(99, kind, **more) == "There is no run 99: its video may have been deleted."
    assert bench.ask("baseline", run_id=99, track_id=1, from_s=0.0, to_s=1.0).startswith("There is no run 99")


def test_a_baseline_is_chosen_changed_and_cleared(bench):
    run_id = seen(bench.store, {1: "nn..", 2: "..nn"})
    assert bench.ask("baseline", run_id=run_id, track_id=1, from_s=0, to_s=1) is None
    assert bench.ask("baseline", run_id=run_id, track_id=1, from_s=0.0, to_s=0.5) is None
    assert bench.store.baselines(run_id) == [{"track_id": 1, "from_s": 0.0, "to_s": 0.5}]
    assert bench.store.run(run_id)["people_revision"] == 0
    assert bench.ask("baseline", run_id=run_id, track_id=1, from_s=None, to_s=None) is None
    assert bench.store.baselines(run_id) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("payload", "why"),
    [
        ({"track_id": 1, "from_s": 1.0, "to_s": 1.0}, "must end (`to_s` 1) after it begins (`from_s` 1)"),
        ({"track_id": 1, "from_s": 0.0, "to_s": None}, "needs both `from_s` and `to_s`"),
        ({"track_id": 1, "from_s": 0.0}, "`to_s`: Field required"),
        ({"track_id": 1, "from_s": 0.0, "to_s": float("inf")}, "`to_s`: Input should be a finite number"),
        ({"track_id": 1, "from_s": 0.0, "to_s": 41.5}, "lies beyond the end of v1.mp4"),  # the video is 40 s long
        ({"track_id": 1, "from_s": 1.0, "to_s": 2.0}, "Person 1 is not seen from 0:01 to 0:02"),
        ({"track_id": 3, "from_s": 0.0, "to_s": 1.0}, "There is no person 3"),
    ],
)
def test_a_baseline_in_which_nobody_is_seen_is_refused(bench, payload, why):
    run_id = seen(bench.store, {1: "nn..", 2: "..nn"})
    assert why in bench.ask("baseline", run_id=run_id, **payload)
    assert bench.store.baselines(run_id) == []


def test_a_split_takes_the_baseline_of_whom_it_no_longer_shows(bench):
    run_id = seen(bench.store, {1: "nnnn"})
    bench.ask("baseline", run_id=run_id, track_id=1, from_s=1.0, to_s=2.0)
    assert bench.edit(run_id, "people_split", track_id=1, at_s=1.5) is None
    assert len(bench.store.baselines(run_id)) == 1  # one of its two faces is still theirs
    bench.edit(run_id, "people_undo")
    assert bench.edit(run_id, "people_split", track_id=1, at_s=1.0) is None
    assert bench.store.baselines(run_id) == []


def test_a_request_that_is_there_twice_is_applied_once(bench, home):
    run_id = seen(bench.store, {1: "h"})
    request_id = spool.submit(home.spool, "people_name", run_id=run_id, revision=0, track_id=1, name="Anna")
    content = (home.spool / f"{request_id}.json").read_bytes()
    bench.requests.apply_all()
    (home.spool / f"{request_id}.json").write_bytes(content)  # as if the process had died before it cleared up
    bench.requests.apply_all()
    assert len(bench.store.people_edits(run_id)) == 1 and spool.pending(home.spool) == []
