"""Which thumbnails are to be made and dropped, and which moment of a video they show."""

from datetime import datetime

import pyarrow as pa
import pytest

from db.store import Store
from tests.db import rows


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "store.duckdb") as store:
        yield store


def analysed(store, video_id, tables, **columns):
    store.add_video(rows.video(video_id, **columns))
    run = store.queue_run(video_id, sample_fps=2.0, smoothing="mode:5")
    store.start_run(run)
    how = {"model_id": "m", "detector": "yunet", "device": "CPU", "seconds": 1.0, "corrupt_packets": 0}
    store.finish_run(run, **tables, **how)
    return run


def seen(*frames):
    """Tables of one person: each frame (brightness, sharpness, width of the face), one every half second."""
    tables = rows.tables(("happy",) * len(frames))
    light, sharp, wide = (pa.array(column, pa.float32()) for column in zip(*frames, strict=True))
    frame, face = tables["frames"], tables["observations"]
    frame = frame.set_column(frame.schema.get_field_index("brightness"), "brightness", light)
    frame = frame.set_column(frame.schema.get_field_index("sharpness"), "sharpness", sharp)
    for side in ("w", "h"):
        face = face.set_column(face.schema.get_field_index(side), side, wide)
    return tables | {"frames": frame, "observations": face}


@pytest.mark.parametrize(
    ("frames", "expected"),
    [
        ([(100, 10, 50)], 0.0),
        ([(100, 10, 50), (100, 10, 80)], 0.5),  # the larger face
        ([(100, 90, 50), (100, 10, 80), (100, 80, 60), (100, 20, 90)], 1.0),  # of the sharper half
        ([(10, 90, 90), (250, 90, 90), (100, 10, 20)], 1.0),  # neither dark nor glaring
        ([(5, 10, 50), (5, 10, 60)], 0.5),  # where all is dark
    ],
)
def test_a_good_moment(store, frames, expected):
    assert store.good_moment(analysed(store, "v1", seen(*frames))) == expected


def test_a_moment_that_is_excluded_is_none(store):
    run = analysed(store, "v1", seen((100, 10, 90), (100, 10, 80), (100, 10, 20)))
    assert store.good_moment(run) == 0.0
    store.exclude("v1", "r", 0.0, 0.5)
    assert store.good_moment(run) == 0.5
    store.exclude("v1", "all", 0.0, 40.0)
    assert store.good_moment(run) is None


def test_without_a_face_it_is_the_middle(store):
    run = analysed(store, "v1", rows.tables(empty_frames=5))
    assert store.good_moment(run) == 1.0  # of 0 to 2 s
    store.exclude("v1", "r", 0.0, 1.2)
    assert store.good_moment(run) == 1.5 + 0.0  # of what counts, 1.5 and 2 s, the earlier of the two in the middle


def test_what_is_to_be_made_and_dropped(store):
    assert store.thumbnails_to_make("plain") == {"make": [], "drop": []}
    store.add_video(rows.video("waits"))
    run = analysed(store, "v1", seen((100, 10, 50), (100, 10, 20)))
    (row,) = store.thumbnails_to_make("plain")["make"]
    assert row == {
        "video_id": "v1", "run_id": run, "path": "/inbox/v1.mp4", "name": "v1.mp4", "file": f"v1-{run}-plain.jpg",
    }  # fmt: skip
    assert store.put_thumbnail("v1", row["file"], 0.0, 900)
    assert store.thumbnails_to_make("plain") == {"make": [], "drop": []}

    other = store.thumbnails_to_make("blurred")
    assert [row["file"] for row in other["make"]] == [f"v1-{run}-blurred.jpg"]
    assert other["drop"] == [{"video_id": "v1", "file": row["file"]}]

    store.exclude("v1", "r", 0.0, 0.2)  # what it shows does not count any more
    assert [len(rows) for rows in store.thumbnails_to_make("plain").values()] == [1, 1]
    store.include("r")
    again = store.queue_run("v1", sample_fps=2.0, smoothing="mode:5")
    assert store.thumbnails_to_make("plain") == {"make": [], "drop": []}  # until it has found something
    store.start_run(again)
    how = {"model_id": "m", "detector": "yunet", "device": "CPU", "seconds": 1.0, "corrupt_packets": 0}
    store.finish_run(again, **seen((100, 10, 50)), **how)
    assert [row["file"] for row in store.thumbnails_to_make("plain")["make"]] == [f"v1-{again}-plain.jpg"]


def test_videos_added_long_ago_get_none(store):
    analysed(store, "old", rows.tables(("sad",)), added_at=datetime(2026, 1, 1))
    analysed(store, "new", rows.tables(("sad",)), added_at=datetime(2026, 3, 1))
    for video_id in ("old", "new"):
        store.put_thumbnail(video_id, f"{video_id}-{1 + (video_id == 'new')}-plain.jpg", 0.0, 1)
    assert store.thumbnails_to_make("plain") == {"make": [], "drop": []}
    todo = store.thumbnails_to_make("plain", datetime(2026, 2, 1))
    assert todo == {"make": [], "drop": [{"video_id": "old", "file": "old-1-plain.jpg"}]}


def test_it_goes_with_the_video(store):
    assert not store.put_thumbnail("v1", "v1-1-plain.jpg", 0.0, 1)
    analysed(store, "v1", rows.tables(("sad",)))
    store.put_thumbnail("v1", "v1-1-plain.jpg", 0.0, 1)
    store.put_thumbnail("v1", "v1-1-blurred.jpg", 0.0, 2)
    assert [(row["file"], row["name"]) for row in store.thumbnails()] == [("v1-1-blurred.jpg", "v1.mp4")]
    assert store.drop_thumbnail("v1") == "v1-1-blurred.jpg"
    assert store.drop_thumbnail("v1") is None
    store.put_thumbnail("v1", "v1-1-plain.jpg", 0.0, 1)
    store.delete_video("v1")
    assert store._read("SELECT * FROM thumbnail") == []
