"""The scanner alone: real files in a temporary folder, and a clock that the test turns."""

from __future__ import annotations

import errno
import hashlib
import os
import time

import pytest

from processor import watch
from processor.watch import Watcher, fingerprint, is_video_name


def paths(found_list):
    return [os.path.basename(found.path) for found in found_list]


def put(folder, name, content=b"content", age_s=3600.0):
    """A file whose time lies `age_s` seconds back."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (time.time() - age_s,) * 2)
    return path


@pytest.mark.parametrize(
    ("name", "looked_at"),
    [
        ("clip.mp4", True),
        ("CLIP.MOV", True),
        ('o\'clip "x" 😀\n.webm', True),  # what a name may hold is no concern here
        (".clip.mp4", False),  # hidden
        ("clip.mp4.part", False),  # still being downloaded
        ("clip.mp4.crdownload", False),
        ("clip.mp4.tmp", False),
        ("clip.mp4~", False),  # an editor's backup
        ("~$clip.mp4", False),
        (".~tmp~clip.mp4", False),
        ("clip.txt", False),  # not a video
        ("clip.mp4.json", False),  # a sidecar
        ("mp4", False),  # no suffix at all
        ("main.ts", False),  # source code
    ],
)
def test_names(name, looked_at):
    assert is_video_name(name) is looked_at


def test_empty_folder(tmp_path):
    scan = Watcher(2).scan([tmp_path], 1000.0)
    assert (scan.finished, scan.unreadable, scan.vanished, scan.arriving, scan.blocked) == ([], [], [], [], [])


def test_finished_after_holding_still(tmp_path):
    put(tmp_path, "a/b/clip.mp4")
    watcher = Watcher(2)
    assert paths(watcher.scan([tmp_path], 1000.0).arriving) == ["clip.mp4"]
    assert paths(watcher.scan([tmp_path], 1001.9).finished) == []
    (found,) = watcher.scan([tmp_path], 1002.0).finished
    watcher.remember(found.path, found.size_bytes, found.mtime_ns)
    assert watcher.scan([tmp_path], 1003.0).finished == []


def test_grows_for_a_minute(tmp_path):
    path = put(tmp_path, "clip.mp4", b"")
    watcher = Watcher(2)
    for second in range(60):
        with path.open("ab") as file:
            file.write(b"x")
        assert watcher.scan([tmp_path], 1000.0 + second).finished == []
    assert watcher.scan([tmp_path], 1060.9).finished == []  # last change seen at 1059
    assert [found.size_bytes for found in watcher.scan([tmp_path], 1061.0).finished] == [60]


def test_the_wait_counts_from_the_last_write(tmp_path):
    """A file written between two scans is finished `settle_s` after its own time, not after the scan that saw it."""
    watcher = Watcher(2)
    watcher.scan([tmp_path], 1000.0)
    path = put(tmp_path, "clip.mp4")
    os.utime(path, (1000.1, 1000.1))
    watcher.scan([tmp_path], 1001.0)
    assert paths(watcher.scan([tmp_path], 1002.05).finished) == []
    assert paths(watcher.scan([tmp_path], 1002.15).finished) == ["clip.mp4"]


@pytest.mark.parametrize("mtime_s", [10.0, 2000.0])  # moved here with an old time; a clock that runs ahead
def test_a_time_that_proves_nothing(tmp_path, mtime_s):
    watcher = Watcher(2)
    watcher.scan([tmp_path], 1000.0)
    os.utime(put(tmp_path, "clip.mp4"), (mtime_s, mtime_s))
    assert paths(watcher.scan([tmp_path], 1001.0).arriving) == ["clip.mp4"]
    assert paths(watcher.scan([tmp_path], 1003.0).finished) == ["clip.mp4"]


def test_changed_file_starts_over(tmp_path):
    path = put(tmp_path, "clip.mp4")
    status = path.stat()
    watcher = Watcher(2, {str(path): (status.st_size, status.st_mtime_ns)})
    assert watcher.scan([tmp_path], 1000.0).arriving == []
    put(tmp_path, "clip.mp4", b"other content")
    assert paths(watcher.scan([tmp_path], 1001.0).arriving) == ["clip.mp4"]
    assert paths(watcher.scan([tmp_path], 1003.0).finished) == ["clip.mp4"]


def test_renamed_is_gone_here_and_new_there(tmp_path):
    path = put(tmp_path, "clip.mp4")
    status = path.stat()
    watcher = Watcher(0, {str(path): (status.st_size, status.st_mtime_ns)})
    path.rename(tmp_path / "other.mp4")
    scan = watcher.scan([tmp_path], 1000.0)
    assert (scan.vanished, paths(scan.finished)) == ([str(path)], ["other.mp4"])


def test_files_elsewhere_do_not_vanish(tmp_path):
    """Known files outside the watched folders (uploads, files given by hand) are not this scanner's business."""
    watcher = Watcher(0, {"/elsewhere/clip.mp4": (1, 1), str(tmp_path) + "-2/clip.mp4": (1, 1)})
    assert watcher.scan([tmp_path], 1000.0).vanished == []


def test_folder_that_is_not_there_takes_nothing_with_it(tmp_path):
    """A drive that is unplugged is not a thousand deletions."""
    folder = tmp_path / "drive"
    watcher = Watcher(0, {str(folder / "clip.mp4"): (1, 1)})
    scan = watcher.scan([folder], 1000.0)
    assert scan.vanished == []
    assert scan.blocked == [f"The folder {folder} can't be looked into: No such file or directory."]


def test_unreadable_is_told_once_and_retried(tmp_path, monkeypatch):
    path = put(tmp_path, "clip.mp4")
    locked = True

    def open_plain(name):
        if locked:
            raise PermissionError(errno.EACCES, "Permission denied", str(name))
        return open(name, "rb")

    monkeypatch.setattr(watch, "open_plain", open_plain)
    watcher = Watcher(0)
    ((found, why),) = watcher.scan([tmp_path], 1000.0).unreadable
    assert why == f"{path} can't be opened: permission denied. Let the user that runs Moodreel read it."
    watcher.remember(found.path, found.size_bytes, found.mtime_ns, readable=False)
    scan = watcher.scan([tmp_path], 1001.0)
    assert (scan.unreadable, scan.finished) == ([], [])
    locked = False
    assert paths(watcher.scan([tmp_path], 1002.0).finished) == ["clip.mp4"]


def test_name_that_is_not_text(tmp_path):
    name = os.fsencode(tmp_path) + b"/caf\xe9.mp4"
    with open(name, "wb"):
        pass
    ((_, why),) = Watcher(0).scan([tmp_path], 1000.0).unreadable
    assert "caf\\xe9.mp4 has a name that is not UTF-8 text" in why


def test_links_are_not_followed(tmp_path):
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    put(outside, "secret.mp4")
    put(inside, "clip.mp4")
    (inside / "link.mp4").symlink_to(outside / "secret.mp4")
    (inside / "folder").symlink_to(outside)
    (inside / "loop").symlink_to(inside)
    os.mkfifo(inside / "pipe.mp4")
    assert paths(Watcher(0).scan([inside], 1000.0).finished) == ["clip.mp4"]


def test_folders_within_folders_count_once_and_our_own_are_skipped(tmp_path):
    put(tmp_path, "inbox/a/clip.mp4")
    put(tmp_path, "library/0123.mp4")
    put(tmp_path, ".cache/clip.mp4")
    watcher = Watcher(0, skip=[tmp_path / "library"])
    assert len(watcher.scan([tmp_path, tmp_path / "inbox"], 1000.0).finished) == 1


def test_sidecar_that_comes_later(tmp_path):
    path = put(tmp_path, "clip.mp4")
    status = path.stat()
    watcher = Watcher(2, {str(path): (status.st_size, status.st_mtime_ns)})
    assert watcher.scan([tmp_path], 1000.0).sidecars == []
    put(tmp_path, "clip.mp4.json", b"{}")
    assert watcher.scan([tmp_path], 1001.0).sidecars == [str(path)]
    assert watcher.scan([tmp_path], 1002.0).sidecars == []


def test_sidecar_edited_while_nobody_looked_waits_for_the_next_edit(tmp_path):
    """The first scan takes stock: what a person entered since must not be overwritten at every start."""
    path = put(tmp_path, "clip.mp4")
    put(tmp_path, "clip.mp4.json", b"{}")
    status = path.stat()
    watcher = Watcher(2, {str(path): (status.st_size, status.st_mtime_ns)})
    assert watcher.scan([tmp_path], 1000.0).sidecars == []


def test_fingerprint(tmp_path):
    path = put(tmp_path, "clip.mp4", b"x" * 3_000_000)
    status = path.stat()
    expected = hashlib.sha256(b"x" * 3_000_000).hexdigest()
    assert fingerprint(str(path)) == (expected, 3_000_000, status.st_mtime_ns)


def test_fingerprint_of_a_file_that_changes(tmp_path):
    path = put(tmp_path, "clip.mp4", b"x" * 3_000_000)

    def append():
        with path.open("ab") as file:
            file.write(b"more")
        return False

    with pytest.raises(watch.StillChanging, match="changed while it was being read"):
        fingerprint(str(path), append)


def test_fingerprint_goes_through_no_link(tmp_path):
    put(tmp_path, "secret.mp4")
    (tmp_path / "link.mp4").symlink_to(tmp_path / "secret.mp4")
    os.mkfifo(tmp_path / "pipe.mp4")
    with pytest.raises(OSError, match="Too many levels of symbolic links"):
        fingerprint(str(tmp_path / "link.mp4"))
    with pytest.raises(watch.StillChanging):
        fingerprint(str(tmp_path / "pipe.mp4"))


def test_five_thousand_known_files_are_not_opened(tmp_path, monkeypatch):
    known = {}
    for number in range(5000):
        path = tmp_path / f"{number % 50:02}" / f"{number}.mp4"
        path.parent.mkdir(exist_ok=True)
        path.touch()
        status = path.stat()
        known[str(path)] = (status.st_size, status.st_mtime_ns)
    monkeypatch.setattr(watch, "open_plain", lambda path: pytest.fail(f"{path} was opened"))
    watcher = Watcher(2, known)
    scan = watcher.scan([tmp_path], 1000.0)
    assert (scan.finished, scan.arriving, scan.vanished) == ([], [], [])
