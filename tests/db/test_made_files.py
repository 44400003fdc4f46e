"""Files made from videos on request, as the store knows them."""

import pytest

from tests.db.rows import analysed, finish, queue, video


def made(store, made_id="m1", video_id="v1", kind="annotated", options=None, **columns):
    return store.queue_made(made_id, video_id, kind, options or {"blur": True}, **columns)


def test_none_at_first(store):
    assert (store.made_files(), store.made_file("m1"), store.next_made(), store.requeue_made()) == ([], None, None, [])
    assert not any((store.start_made("m1"), store.finish_made("m1", "m1.mp4", 1), store.fail_made("m1", "No.")))
    assert not store.remove_made("m1", "Room.") and not store.delete_made("m1")


def test_only_of_a_known_video(store):
    with pytest.raises(KeyError, match="There is no video 'v1'"):
        made(store)


def test_from_asked_for_to_done(store):
    store.add_video(video(path="/inbox/clip.mp4", name="clip.mp4"))
    assert made(store, run_id=None, requested_at="2026-03-01T12:00:00+01:00") == "m1"
    waiting = store.next_made()
    assert (waiting["made_id"], waiting["path"], waiting["name"], waiting["duration_s"]) == (
        "m1", "/inbox/clip.mp4", "clip.mp4", 40.0,
    )  # fmt: skip
    assert (waiting["options"], waiting["requested_at"].hour) == ({"blur": True}, 11)
    assert store.start_made("m1") and not store.start_made("m1") and store.next_made() is None
    assert store.finish_made("m1", "m1.mp4", 7)
    row = store.made_file("m1")
    assert (row["state"], row["file"], row["size_bytes"], row["error"]) == ("done", "m1.mp4", 7, None)
    assert row["finished_at"] is not None
    assert not store.finish_made("m1", "other.mp4", 8) and not store.fail_made("m1", "Late.")
    assert store.made_file("m1") == row


def test_the_one_asked_for_first_comes_first(store):
    store.add_video(video())
    made(store, "b", kind="proxy", requested_at="2026-03-01T12:00:00")
    made(store, "a", kind="clips", requested_at="2026-03-01T12:00:01")
    assert store.next_made()["made_id"] == "b"


@pytest.mark.parametrize("state", ["queued", "running", "done"])
def test_the_same_is_made_once(store, state):
    store.add_video(video())
    made(store)
    if state != "queued":
        store.start_made("m1")
    if state == "done":
        store.finish_made("m1", "m1.mp4", 1)
    assert made(store, "m2") == "m1" and len(store.made_files()) == 1


@pytest.mark.parametrize("other", [{"options": {"blur": False}}, {"kind": "clips"}, {"run_id": 4}, {"video_id": "v2"}])
def test_another_one_is_another_one(store, other):
    store.add_video(video())
    store.add_video(video("v2"))
    made(store)
    assert made(store, "m2", **other) == "m2" and len(store.made_files()) == 2


def test_one_that_failed_or_was_removed_is_made_anew(store):
    store.add_video(video())
    made(store)
    store.fail_made("m1", "clip.mp4 is gone.")
    assert made(store, "m2") == "m2"
    store.finish_made("m2", "m2.mp4", 1)
    assert store.remove_made("m2", "Room was needed.") and not store.remove_made("m2", "Again.")
    [row] = store.made_files("v1")
    assert (row["state"], row["file"], row["error"]) == ("cancelled", None, "Room was needed.")
    assert made(store, "m3") == "m3" and [row["made_id"] for row in store.made_files()] == ["m3"]


def test_interrupted_ones_wait_again(store):
    store.add_video(video())
    made(store)
    store.start_made("m1")
    assert store.requeue_made() == ["m1"] and store.made_file("m1")["state"] == "queued"


def test_they_go_with_the_video(store):
    analysed(store, "v1", "happy")
    store.add_video(video("v2"))
    made(store)
    made(store, "m2", "v2")
    store.delete_video("v1")
    assert [row["made_id"] for row in store.made_files()] == ["m2"]


def test_faces_to_draw(store):
    """Each holds until the next frame that was looked at; the last one for a step more."""
    store.add_video(video())
    run_id = queue(store)
    finish(store, run_id, emotions=("happy", "sad", "happy"), t_s=(0.0, 0.5, 1.2, 1.7), empty_frames=1)
    faces = store.faces_of_run(run_id)
    assert faces["t_s"].to_pylist() == [0.0, 0.5, 1.2] and faces["until_s"].to_pylist() == [0.5, 1.2, 1.7]
    assert faces["smoothed"].to_pylist() == ["happy", "sad", "happy"] and faces["label"].to_pylist() == [None] * 3
    assert faces["happy"].to_pylist() == [1.0, 0.0, 1.0] and faces["x"].to_pylist() == [10.0] * 3
    run_id = queue(store)
    finish(store, run_id, emotions=("happy",))
    assert store.faces_of_run(run_id)["until_s"].to_pylist() == [0.5]
    run_id = queue(store)
    finish(store, run_id, empty_frames=2)
    assert store.faces_of_run(run_id).num_rows == 0


def test_excluded_ranges_in_order(store):
    store.add_video(video())
    assert store.excluded_of("v1") == []
    store.exclude("v1", "r1", 5.0, 6.5)
    store.exclude("v1", "r2", 1.0, 2.0)
    assert store.excluded_of("v1") == [[1.0, 2.0], [5.0, 6.5]]
