"""Files by range: who gets which, and in what form; asked for through Starlette, from a store really written."""

import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dashboard import media
from db.store import Store
from processor.config import Home
from tests.dashboard.conftest import add

VIDEO = "a" * 16
CONTENT = bytes(range(256)) * 1000


THUMBNAIL = f"{VIDEO}-1-blurred.jpg"
MADE = {"copy": ("proxy", "x.mp4"), "drawn": ("annotated", "y.mp4"), "clips": ("clips", "z.zip")}


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Home:
    """A home whose published snapshot knows a video and three made files; tests only touch the files."""
    home = Home(tmp_path_factory.mktemp("media") / "home").create()
    with Store(home.store, home.results) as store:
        add(store, VIDEO, 'my "first" é/clip.mov', path=str(home.library / "abc.mov"))
        for made_id, (kind, name) in MADE.items():
            store.queue_made(made_id, VIDEO, kind, {}, requested_at=datetime(2026, 1, 2))
            store.start_made(made_id)
            store.finish_made(made_id, name, 4)
        store.put_thumbnail(VIDEO, THUMBNAIL, 1.0, 5)
        store.publish()
    return home


@pytest.fixture
def file(home) -> Iterator[Path]:
    """The video's file, and the made ones, as they should be."""
    path = home.library / "abc.mov"
    path.write_bytes(CONTENT)
    for _, name in MADE.values():
        (home.made / name).write_bytes(b"made")
    yield path
    if path.is_dir():
        path.rmdir()
    else:
        path.unlink(missing_ok=True)


@pytest.fixture
def client(home, monkeypatch) -> TestClient:
    monkeypatch.setenv("MOODREEL_HOME", str(home.path))
    return TestClient(Starlette(routes=media.ROUTES))


def url() -> str:
    return media.video_url({"video_id": VIDEO})


def test_whole_file(client, file):
    answer = client.get(url())
    assert (answer.status_code, answer.content) == (200, CONTENT)
    assert answer.headers["content-type"] == "video/mp4"  # browsers play a .mov under this name
    assert answer.headers["accept-ranges"] == "bytes"
    assert "content-disposition" not in answer.headers


def test_headers_keep_it_on_this_page(client, file):
    for answer in (client.get(url()), client.get(url() + "x")):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("bytes=0-0", 0, 0), ("bytes=1000-1999", 1000, 1999), ("bytes=255990-", 255_990, 255_999)]
    + [("bytes=-5", 255_995, 255_999), ("bytes=255999-999999", 255_999, 255_999)],
)
def test_ranges(client, file, asked, first, last):
    answer = client.get(url(), headers={"Range": asked})
    assert (answer.status_code, answer.content) == (206, CONTENT[first : last + 1])
    assert answer.headers["content-range"] == f"bytes {first}-{last}/256000"
    assert answer.headers["content-type"] == "video/mp4"


@pytest.mark.parametrize(("asked", "status"), [("bytes=256000-", 416), ("bytes=x-y", 400), ("lines=0-1", 400)])
def test_bad_ranges(client, file, asked, status):
    answer = client.get(url(), headers={"Range": asked})
    assert answer.status_code == status
    if status == 416:
        assert answer.headers["content-range"] == "bytes */256000"


def test_head_and_post(client, file):
    answer = client.head(url())
    assert (answer.status_code, answer.content, answer.headers["content-length"]) == (200, b"", "256000")
    assert client.post(url()).status_code == 405


class TestToken:
    def changed(self, **parts) -> str:
        """The address with a part of the token, or the purpose, or the id, changed."""
        split = urlsplit(url())
        expires, _, code = parse_qs(split.query)["token"][0].partition(".")
        said = {"purpose": "video", "id": VIDEO, "expires": expires, "code": code} | parts
        return f"/files/{said['purpose']}/{said['id']}?token={said['expires']}.{said['code']}"

    def test_as_given(self, client, file):
        assert client.get(self.changed()).status_code == 200

    @pytest.mark.parametrize(
        "parts",
        [{"code": "0" * 64}, {"code": ""}, {"code": "é"}, {"expires": "99999999999"}, {"expires": ""}]
        + [{"expires": "x"}, {"expires": "-1"}, {"expires": "9" * 400}, {"purpose": "copy"}, {"id": "b" * 16}],
        ids=str,
    )
    def test_changed(self, client, file, parts):
        answer = client.get(self.changed(**parts))
        assert answer.status_code == 403
        assert "Load the page again" in answer.text

    def test_none(self, client, file):
        assert client.get(f"/files/video/{VIDEO}").status_code == 403

    def test_expires(self, client, file, monkeypatch):
        given, now = url(), time.time()
        monkeypatch.setattr(time, "time", lambda: now + media.VALID_S - 1)
        assert client.get(given).status_code == 200
        monkeypatch.setattr(time, "time", lambda: now + media.VALID_S + 3601)
        assert client.get(given).status_code == 403

    def test_another_process_does_not_know_it(self, client, file, monkeypatch):
        given = url()
        monkeypatch.setattr(media, "_SECRET", b"another")
        assert client.get(given).status_code == 403

    def test_stays_the_same_within_the_hour(self, monkeypatch):
        monkeypatch.setattr(time, "time", lambda: 7200.0)
        first = url()
        monkeypatch.setattr(time, "time", lambda: 7200.0 + 3599)
        assert url() == first
        monkeypatch.setattr(time, "time", lambda: 7200.0 + 3600)
        assert url() != first


class TestWhatIsThere:
    def test_unknown_video(self, client, file):
        answer = client.get(media.video_url({"video_id": "f" * 16}))
        assert (answer.status_code, answer.text) == (404, "There is no such video.")

    def test_nothing_published(self, client, tmp_path, monkeypatch):
        monkeypatch.setenv("MOODREEL_HOME", str(tmp_path))
        assert client.get(url()).status_code == 404

    def test_deleted_file(self, client, file):
        file.unlink()
        answer = client.get(url())
        assert answer.status_code == 404
        assert "moved, renamed or deleted" in answer.text

    def test_symlink_in_place_of_the_file(self, client, file, tmp_path):
        (tmp_path / "secret").write_bytes(b"secret")
        file.unlink()
        file.symlink_to(tmp_path / "secret")
        answer = client.get(url())
        assert answer.status_code == 404 and b"secret" not in answer.content

    def test_folder_in_place_of_the_file(self, client, file):
        file.unlink()
        file.mkdir()
        assert client.get(url()).status_code == 404

    @pytest.mark.parametrize("path", ["../../etc/passwd", "%2e%2e%2fabc.mov", "abc.mov"])
    def test_paths_are_not_ids(self, client, file, path):
        token = urlsplit(media.video_url({"video_id": path})).query
        assert client.get(f"/files/video/{path}?{token}").status_code in (403, 404)


def made(made_id: str) -> dict:
    return {"made_id": made_id, "video_id": VIDEO}


class TestMade:
    def test_copy_is_played(self, client, file):
        answer = client.get(media.video_url({"video_id": VIDEO}, made("copy")))
        assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, b"made", "video/mp4")
        assert "content-disposition" not in answer.headers

    def test_others_are_saved_under_the_name_of_the_video(self, client, file):
        answer = client.get(media.made_url(made("drawn")))
        assert answer.status_code == 200
        said = "attachment; filename*=utf-8''my_first_%C3%A9_clip_annotated.mp4"
        assert answer.headers["content-disposition"] == said
        assert client.get(media.made_url(made("clips"))).headers["content-type"] == "application/zip"

    def test_purposes_are_not_exchanged(self, client, file):
        played = media.video_url({"video_id": VIDEO}, made("copy"))
        assert client.get(played.replace("/copy/", "/made/")).status_code == 403

    def test_unknown_and_gone(self, client, file, home):
        assert client.get(media.made_url(made("other"))).status_code == 404
        (home.made / "y.mp4").unlink()
        assert client.get(media.made_url(made("drawn"))).status_code == 404


class TestThumbnail:
    def test_is_shown(self, client, home):
        (home.thumbnails / THUMBNAIL).write_bytes(b"small")
        answer = client.get(media.thumbnail_url(VIDEO, THUMBNAIL))
        assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, b"small", "image/jpeg")

    def test_only_the_one_there_is(self, client, home):
        """One that was made before, of faces that are blurred since, is not given out any more."""
        (home.thumbnails / f"{VIDEO}-1-plain.jpg").write_bytes(b"other")
        assert client.get(media.thumbnail_url(VIDEO, f"{VIDEO}-1-plain.jpg")).status_code == 404
        assert client.get(media.thumbnail_url("b" * 16, THUMBNAIL)).status_code == 404
        (home.thumbnails / THUMBNAIL).unlink(missing_ok=True)
        assert client.get(media.thumbnail_url(VIDEO, THUMBNAIL)).status_code == 404

    def test_needs_its_own_address(self, client, home):
        (home.thumbnails / THUMBNAIL).write_bytes(b"small")
        token = url().partition("?")[2]
        assert client.get(f"/files/thumbnail/{VIDEO}/{THUMBNAIL}?{token}").status_code == 403
        assert client.get(f"/files/thumbnail/{VIDEO}?{token}").status_code == 403
        token = media.thumbnail_url(VIDEO, THUMBNAIL).partition("?")[2]
        assert client.get(f"/files/made/{VIDEO}/{THUMBNAIL}?{token}").status_code == 403
