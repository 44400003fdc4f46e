"""`erase` on the command line: shows first, does when told to, and says what it did."""

import json
import os
import subprocess
import sys

import pytest

from db.erase import subject_hash
from db.store import Store
from processor import erase
from processor.config import Settings
from processor.lock import HomeBusy, HomeLock
from tests.db.test_privacy import add

SUBJECT = "Xaverius"


@pytest.fixture
def settings(home) -> Settings:
    """Of a home that nobody serves, with one video of the subject in its inbox."""
    path = home.inbox / SUBJECT / "clip.mp4"
    path.parent.mkdir()
    path.write_bytes(b"video")
    with Store(home.store, home.results) as store:
        add(store, "a" * 16, subject=SUBJECT)
        store.update_video("a" * 16, path=str(path))
        store.put_file(str(path), "a" * 16, 5, path.stat().st_mtime_ns, None)
        add(store, "b" * 16, subject="ben", session=f"with {SUBJECT}")
        store.publish()
    return Settings(home=home.path)


def test_shown_is_not_done(settings, home):
    lines = erase.shown(settings, SUBJECT.upper())
    assert "rows of video: 1" in lines and "text of others, video.session: with Xaverius" in lines
    assert any(line.startswith("file in inbox: ") for line in lines) and "--yes" in lines[-1]
    assert (home.inbox / SUBJECT / "clip.mp4").exists()
    assert erase.shown(settings, "nobody") == [f"Nothing in {home.path} names nobody."]


def test_erased_without_a_service(settings, home):
    receipt = erase.erase_subject(settings, SUBJECT, mentions=True, everywhere=False)
    assert receipt["videos"] == 1 and receipt["files"] == {"inbox": 1} and receipt["search"]["in_rows"] == {}
    assert not (home.inbox / SUBJECT).exists()
    with Store(home.store) as store:
        assert [video["session"] for video in store.videos()] == ["with [erased]"]
        assert store.erasure(receipt["receipt_id"])["subject"] == subject_hash(receipt["salt"], SUBJECT)
    with pytest.raises(erase.NotErased, match="names Xaverius"):
        erase.erase_subject(settings, SUBJECT, mentions=True, everywhere=False)


def test_another_process_has_the_home(settings, home):
    lock = HomeLock(home.path)
    try:
        with pytest.raises(HomeBusy):
            erase.erase_subject(settings, SUBJECT, mentions=True, everywhere=False)
    finally:
        lock.release()


@pytest.mark.slow
def test_as_a_command(settings, home):
    def run(*arguments: str) -> subprocess.CompletedProcess:
        command = [sys.executable, "-m", "db", "erase", "--subject", SUBJECT, "--home", str(home.path), *arguments]
        return subprocess.run(command, capture_output=True, text=True, env=dict(os.environ))

    dry = run()
    assert dry.returncode == 0 and "rows of video: 1" in dry.stdout and (home.inbox / SUBJECT).exists()
    done = run("--yes")
    assert done.returncode == 0 and json.loads(done.stdout)["videos"] == 1 and not (home.inbox / SUBJECT).exists()
    again = run("--yes")
    assert again.returncode == 1 and "names Xaverius" in again.stderr
