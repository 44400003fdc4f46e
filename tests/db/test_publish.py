import errno
import os
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from db import publish
from db.store import PublishFailed, Store
from processor.config import Home
from tests.db.rows import analysed, video

REPOSITORY = Path(__file__).parents[2]

# Opens the results as anyone might, says how many videos they hold, and holds them open until stdin is closed.
READER = """
import duckdb, sys
with duckdb.connect(sys.argv[1], read_only=True) as connection:
    count = lambda: print(connection.execute("SELECT count(*) FROM video").fetchone()[0], flush=True)
    count()
    for _ in sys.stdin:
        count()
"""


class Reader:
    """Another process that has the results open."""

    def __init__(self, path):
        self.process = subprocess.Popen(
            [sys.executable, "-c", READER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.videos = int(self.process.stdout.readline())

    def again(self) -> int:
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.communicate(timeout=20)


def rows(path, table="video"):
    # Under its own name, as db.results.connect does: by the name of the link this process would see old rows.
    with duckdb.connect(path.resolve(), read_only=True) as connection:
        return connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_an_empty_store_can_be_published(store, home):
    assert store.publish() == home.results / "1.duckdb"
    assert rows(home.snapshot) == 0


def test_a_snapshot_is_whole(store, home):
    analysed(store, "v1", "happy", "sad", "sad")
    store.publish()
    assert [rows(home.snapshot, name) for name in ("video", "run", "observation", "timeline", "emotion")] == [
        1,
        1,
        3,
        3,
        7,
    ]
    assert not list(home.results.glob("*.wal"))


def test_results_duckdb_points_at_the_newest_with_a_relative_target(store, home):
    store.publish()
    store.publish()
    # Relative, so that a home can be moved or mounted elsewhere.
    assert os.readlink(home.snapshot) == "results/2.duckdb"


def test_a_home_that_was_moved_still_shows_its_results(tmp_path):
    with Store(tmp_path / "a" / "store.duckdb", tmp_path / "a" / "results") as store:
        store.add_video(video())
        store.publish()
    (tmp_path / "a").rename(tmp_path / "b")
    assert rows(tmp_path / "b" / "results.duckdb") == 1


def test_only_the_last_few_snapshots_are_kept(home):
    with Store(home.store, home.results, keep_snapshots=2) as store:
        for _ in range(4):
            store.publish()
    assert names(home.results) == ["3.duckdb", "4.duckdb"]


def test_a_number_is_never_used_again(store, home):
    for _ in range(2):
        store.publish()
    for path in home.results.iterdir():
        path.unlink()
    assert store.publish().name == "3.duckdb"


def test_ten_comes_after_nine(home):
    with Store(home.store, home.results, keep_snapshots=1) as store:
        published = [store.publish().name for _ in range(11)]
    assert published[8:] == ["9.duckdb", "10.duckdb", "11.duckdb"]
    assert names(home.results) == ["11.duckdb"]


def test_changed_is_true_until_what_was_committed_is_published(store):
    assert store.changed  # at the start, because the last process may have died before it published
    store.publish()
    assert not store.changed
    store.videos()
    assert not store.changed
    store.add_video(video())
    assert store.changed
    store.publish()
    assert not store.changed


def test_what_was_rolled_back_is_no_change(store):
    store.publish()
    with pytest.raises(ZeroDivisionError), store.transaction():
        store.add_video(video())
        raise ZeroDivisionError
    assert not store.changed


def test_a_reader_in_another_process_disturbs_nothing_and_the_next_one_sees_the_new_rows(store, home):
    store.add_video(video("v1"))
    store.publish()
    with Reader(home.snapshot) as first:
        assert first.videos == 1
        for i in range(2, 7):
            store.add_video(video(f"v{i}"))
            store.publish()
        # Its snapshot was removed long since (3 are kept), but not taken from it.
        assert "1.duckdb" not in names(home.results)
        assert first.again() == 1
        with Reader(home.snapshot) as second:
            assert second.videos == 6


def test_publishing_keeps_the_stores_lock(store, home):
    # Closing any descriptor of a file drops a process's locks on it: a copy made carelessly would let a second one in.
    store.publish()
    opened = subprocess.run(
        [sys.executable, "-c", "import duckdb, sys; duckdb.connect(sys.argv[1])", str(home.store)],
        capture_output=True,
        text=True,
    )
    assert "Could not set lock" in opened.stderr


def fail_with(code):
    def copy(source, target):
        target.write_bytes(b"half a snapsh")
        raise OSError(code, os.strerror(code))

    return copy


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EACCES])
def test_a_copy_that_fails_leaves_the_old_snapshot_in_force_and_no_rubbish(store, home, monkeypatch, code):
    store.publish()
    store.add_video(video())
    with monkeypatch.context() as patched:
        patched.setattr(publish, "copy", fail_with(code))
        with pytest.raises(PublishFailed, match=os.strerror(code)) as caught:
            store.publish()
    assert isinstance(caught.value.__cause__, OSError)
    assert names(home.results) == ["1.duckdb"]
    assert rows(home.snapshot) == 0
    assert store.changed
    # And once there is room again:
    store.publish()
    assert rows(home.snapshot) == 1


def test_a_pointer_that_cannot_be_moved_leaves_the_old_snapshot_in_force(store, home, monkeypatch):
    store.publish()

    def refuse(self, target):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr("pathlib.Path.replace", refuse)
        with pytest.raises(PublishFailed):
            store.publish()
    assert names(home.results) == ["1.duckdb"]
    assert "results.part" not in names(home.path)
    assert rows(home.snapshot) == 0


def test_a_disk_that_is_really_full_leaves_the_old_snapshot_in_force(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    if os.getuid() or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", disk]).returncode:
        pytest.skip("needs the right to mount a small disk")
    try:
        with Store(tmp_path / "store.duckdb", disk / "results") as store:
            store.add_video(video())
            store.publish()
            (disk / "ballast").write_bytes(b"x" * ((5 << 20) - (disk / "results" / "1.duckdb").stat().st_size))
            store._write("CREATE TABLE big AS SELECT range AS i, random() AS x FROM range(200000)")
            with pytest.raises(PublishFailed, match="No space left"):
                store.publish()
            assert names(disk / "results") == ["1.duckdb"]
            assert rows(disk / "results.duckdb") == 1
    finally:
        subprocess.run(["umount", "--lazy", disk], check=True)


def test_what_a_killed_publishing_left_is_removed_by_the_next(store, home):
    (home.results / "7.part").write_bytes(b"half")
    (home.path / "results.part").symlink_to("results/7.duckdb")
    store.publish()
    assert names(home.results) == ["1.duckdb"]
    assert "results.part" not in names(home.path)


def test_a_snapshot_is_not_to_be_written_to(store):
    assert store.publish().stat().st_mode & 0o222 == 0


def test_publishing_inside_a_transaction_or_without_a_folder_is_an_error(store, tmp_path):
    with store.transaction(), pytest.raises(ValueError, match="inside a transaction"):
        store.publish()
    with Store(tmp_path / "other.duckdb") as other, pytest.raises(PublishFailed, match="without a folder"):
        other.publish()


def test_at_least_one_snapshot_is_kept(home):
    with pytest.raises(ValueError, match="keep=0"):
        Store(home.store, home.results, keep_snapshots=0)


@pytest.mark.slow
def test_kill_9_while_publishing_leaves_a_whole_snapshot(tmp_path):
    home = Home(tmp_path)
    script = """
import sys
from pathlib import Path
from db.store import Store
from tests.db.rows import video
with Store(Path(sys.argv[1]), Path(sys.argv[2])) as store:
    for i in range(10_000):
        store.add_video(video(f"v{i}"))
        store.publish()
        print(i, flush=True)
"""
    with subprocess.Popen(
        [sys.executable, "-c", script, str(home.store), str(home.results)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
    ) as process:
        for line in process.stdout:
            if int(line) == 5:
                time.sleep(0.013)  # into the middle of the next one
                process.kill()
                break
    assert rows(home.snapshot) >= 6
    with Store(home.store, home.results) as store:
        assert len(store.videos()) >= rows(home.snapshot)
        store.publish()
        assert rows(home.snapshot) == len(store.videos())
        assert len(names(home.results)) <= 3
