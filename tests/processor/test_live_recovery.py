"""A session whose writer is killed at any moment is handed in, but for the last seconds."""

import os
import signal
import subprocess
import sys
import time

import pytest

from processor import spool
from processor.config import Settings
from processor.live_journal import Journal
from processor.live_recovery import recover
from processor.live_session import read_session
from tests.conftest import REPOSITORY
from tests.processor.live_sessions import about, record


def writer(home, *arguments: str, before: str = "") -> subprocess.Popen:
    """A process that writes a session until it is killed, and says how far it is."""
    code = f"{before}\nfrom tests.processor.live_sessions import main\nmain({str(home.path)!r}, *{arguments!r})"
    return subprocess.Popen([sys.executable, "-c", code], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("keep", "seconds"), [("video", 1.2), ("video", 2.05), ("video", 4.0), ("nothing", 1.7), ("nothing", 3.3)]
)
def test_a_writer_that_is_killed_loses_at_most_five_seconds(home, store, keep, seconds):
    process = writer(home, keep)
    live_id = process.stdout.readline().strip()
    said = [process.stdout.readline()]
    while float(said[-1].split()[0]) < seconds:
        said.append(process.stdout.readline())
    assert recover(home, store) == []  # it is being written
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    said += process.stdout.read().splitlines()
    last_s, safe_s = map(float, [line for line in said if len(line.split()) == 2][-1].split())
    process.stdout.close()
    assert recover(home, store) == [live_id]
    assert recover(home, store) == []  # it waits
    request = spool.parse(live_id, spool.load(home.spool / f"{live_id}.json"))
    assert request.fields == {"live_id": live_id, "cut_off": True}
    session = read_session(home.live / live_id, Settings(home=home.path))
    assert session.info.has_video == (keep == "video")
    for kept_s in (session.info.duration_s, session.frames["t_s"][-1].as_py()):
        assert max(last_s - 5.0, safe_s - 0.5) <= kept_s <= last_s + 1.0


@pytest.mark.slow
def test_a_disk_that_is_full_is_said_and_what_is_safe_is_kept(home, store):
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))"  # bytes of any file
    process = writer(home, "video", before=limit)
    live_id = process.stdout.readline().strip()
    line = process.stdout.readline()
    while "can't be written any further" not in line:
        assert line
        line = process.stdout.readline()
    process.kill()
    process.wait()
    process.stdout.close()
    safe_s = float(line.split()[1])
    assert recover(home, store) == [live_id]
    session = read_session(home.live / live_id, Settings(home=home.path))
    assert session.info.has_video and session.info.duration_s >= safe_s - 0.5 > 0


def test_what_hardly_began_is_cleared_away_and_what_goes_on_is_not(home, store):
    (home.live / ".half").mkdir()
    (home.live / ".begins").mkdir()
    (home.live / "a file").write_text("of somebody else")
    os.utime(home.live / ".half", (time.time() - 3600, time.time() - 3600))
    journal = Journal.begin(home, about())
    record(journal, 0.2)
    assert recover(home, store) == []
    assert sorted(path.name for path in home.live.iterdir()) == [".begins", journal.live_id, "a file"]
    journal.end()
    assert recover(home, store) == [] and len(spool.pending(home.spool)) == 1
