"""Thumbnails, sizes and duplicates, as the library page reads them."""

from datetime import datetime

import pytest

from db import library_results, results
from db.store import Store
from processor.config import Home
from tests.db import rows


@pytest.fixture
def published(tmp_path):
    """A store to fill, and what a reader finds in it then."""
    home = Home(tmp_path).create()
    with Store(home.store, home.results) as store:

        def read(query):
            store.publish()
            with results.connect(home.snapshot) as con:
                return query(con)

        yield store, read


def test_an_empty_store(published):
    _, read = published
    assert read(library_results.thumbnails) == {}
    assert read(lambda con: library_results.outside(con, "/home")) == (0, 0)
    assert read(library_results.copies).empty and read(library_results.likely_same).empty


def test_thumbnails_and_files_outside(published):
    store, read = published
    store.add_video(rows.video("v1"))
    store.put_thumbnail("v1", "v1-1-plain.jpg", 0.5, 700)
    assert read(library_results.thumbnails) == {"v1": "v1-1-plain.jpg"}
    for path, video_id, error in (
        ("/study/a.mp4", "v1", None), ("/home/library/b.mp4", "v1", None), ("/home2/b.mp4", "v1", None),
        ("/study/broken.mp4", None, "It is no video."), ("/study/deleted.mp4", None, None),
    ):  # fmt: skip
        store.put_file(path, video_id, 100, 1, error)
    assert read(lambda con: library_results.outside(con, "/home")) == (2, 200)


def test_the_same_content_in_several_places(published):
    store, read = published
    store.add_video(rows.video("v1", path="/b/one.mp4", size_bytes=100))
    store.add_video(rows.video("v2", path="/library/two.mp4", size_bytes=5000))
    store.add_video(rows.video("v3"))
    store.add_video(rows.video("v4", path="/gone.mp4", missing_since=datetime(2026, 1, 1)))
    for path in ("/b/one.mp4", "/a/one.mp4", "/c/one.mp4"):
        store.put_file(path, "v1", 100, 1, None)
    store.put_file("/inbox/two.mp4", "v2", 5000, 1, None)
    store.put_file("/inbox/v3.mp4", "v3", 9, 1, None)
    store.put_file("/inbox/v4.mp4", "v4", 9, 1, None)
    store.put_file("/inbox/broken.mp4", None, 9, 1, "It is no video.")
    found = read(library_results.copies)
    assert found[["video_id", "spare_bytes"]].to_records(index=False).tolist() == [("v2", 5000), ("v1", 200)]
    assert found["paths"].to_list() == [
        ["/library/two.mp4", "/inbox/two.mp4"], ["/b/one.mp4", "/a/one.mp4", "/c/one.mp4"],
    ]  # fmt: skip


def test_likely_the_same_recording(published):
    store, read = published
    for video_id, name, duration_s in (
        ("a", "Session.mp4", 60.0), ("b", "session.MOV", 60.1), ("c", "session (1).mp4", 60.2),  # a chain
        ("d", "session.mp4", 61.0), ("e", "other.mp4", 60.0), ("f", "intro - Copy.mp4", 10.0),
        ("g", "INTRO.mkv", 10.05), ("h", "session.mp4", None), ("i", "scopy.mp4", 3.0), ("j", "s.mp4", 3.0),
    ):  # fmt: skip
        store.add_video(rows.video(video_id, name=name, duration_s=duration_s))
    found = read(library_results.likely_same)
    assert found[["recording", "video_id"]].to_records(index=False).tolist() == [
        (1, "f"), (1, "g"), (2, "a"), (2, "b"), (2, "c"),
    ]  # fmt: skip
