"""What pages read of the files made from a video."""

import pytest

from db import made_results, results
from db.store import Store
from tests.db.rows import video


@pytest.fixture
def con(tmp_path):
    with Store(tmp_path / "store.duckdb", tmp_path / "results") as store:
        store.add_video(video(name="a.mp4"))
        store.add_video(video("v2"))
        store.queue_made("p", "v1", "proxy", {}, requested_at="2026-03-01T12:00:00")
        store.queue_made("c", "v1", "clips", {"before_s": 1.5}, run_id=3, requested_at="2026-03-01T12:00:05")
        store.finish_made("c", "c.zip", 1234)
        store.publish()
    with results.connect(tmp_path / "results.duckdb") as con:
        yield con


def test_the_latest_first_with_everything_known(con):
    clips, proxy = made_results.made_files(con, "v1")
    assert (clips["made_id"], clips["state"], clips["options"], clips["run_id"]) == ("c", "done", {"before_s": 1.5}, 3)
    assert (clips["file"], clips["size_bytes"], clips["video_name"]) == ("c.zip", 1234, "a.mp4")
    assert (proxy["kind"], proxy["state"], proxy["file"], proxy["options"]) == ("proxy", "queued", None, {})


def test_the_proxy(con):
    assert made_results.proxy(con, "v1")["made_id"] == "p"
    assert made_results.proxy(con, "v2") is None


def test_nothing_was_made(con):
    assert made_results.made_files(con, "v2") == made_results.made_files(con, "nothing") == []
