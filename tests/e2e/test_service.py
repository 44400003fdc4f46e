"""The real service with real videos: what it finds is right, and neither Ctrl-C nor `kill -9` loses anything."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from processor import status
from tests import clips

pytestmark = pytest.mark.e2e

# Opens the results as anybody would, in a process of its own, and forgets to close them.
ANALYST = """
import duckdb, sys
held = duckdb.connect(sys.argv[1], read_only=True)
print("open", flush=True)
sys.stdin.readline()
print(held.execute("SELECT count(*) FROM run").fetchone())
"""
FINISHED = "SELECT run_id, video_id FROM run WHERE state = 'done'"


def shown_s(video: Path) -> list[float]:
    """When each picture is shown, in seconds from the first, according to ffprobe."""
    command = ["ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", "frame=pts_time", "-of", "json"]
    answer = subprocess.run([*command, video], capture_output=True, check=True, text=True).stdout
    times = sorted(float(frame["pts_time"]) for frame in json.loads(answer)["frames"])
    return [time_s - times[0] for time_s in times]


def nearest_to_grid(times_s: list[float], sample_fps: float) -> list[float]:
    """The picture nearest to each grid time from the first to the last picture, each once."""
    grid = [number / sample_fps for number in range(int(times_s[-1] * sample_fps) + 1)]
    return sorted({min(times_s, key=lambda time_s: abs(time_s - at)) for at in grid})


@pytest.mark.skipif(shutil.which("ffprobe") is None, reason="needs ffprobe: apt-get install ffmpeg")
def test_dropped_video_is_found_right_and_readers_disturb_nothing(processor, home, shared):
    source = shared / "data" / "videos" / "WolfgangLanger_Pexels.mp4"
    pulled = processor.run("models", "pull", "--from", str(next((shared / "models").glob("*.onnx"))))
    assert pulled.returncode == 0, pulled.stderr
    processor.serve()
    processor.until(home.snapshot.exists)
    held = subprocess.Popen(
        [sys.executable, "-c", ANALYST, home.snapshot], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert held.stdout.readline() == "open\n"

    folder = home.inbox / "pilot" / "wolfgang"
    folder.mkdir(parents=True)
    shutil.copyfile(source, folder / source.name)
    processor.until(lambda: status.read(home.path).arriving or processor.query("SELECT 1 FROM video"))
    processor.until(lambda: processor.query("SELECT 1 FROM run"))
    processor.until(lambda: processor.query(FINISHED))

    ((cohort, subject, detector),) = processor.query("SELECT cohort, subject, detector FROM video_summary")
    assert (cohort, subject, detector) == ("pilot", "wolfgang", "yunet")
    expected = nearest_to_grid(shown_s(source), 2.0)
    frames = processor.query("SELECT t_s, faces FROM frame ORDER BY t_s")
    assert [t_s for t_s, _ in frames] == pytest.approx(expected, abs=0.001)
    assert {faces for _, faces in frames} == {1}
    seen = processor.query("SELECT t_s FROM timeline ORDER BY t_s")
    assert [t_s for (t_s,) in seen] == pytest.approx(expected, abs=0.001)
    answer, _ = held.communicate("\n", timeout=30)
    assert answer == "(0,)\n"  # still what it was when it was opened

    handed_over = processor.run("analyze", str(source), "--json")
    assert handed_over.returncode == 0, handed_over.stderr
    (video,) = json.loads(handed_over.stdout)["videos"]
    assert (video["state"], video["frames_sampled"], video["run_id"]) == ("done", len(expected), 1)  # not done twice

    second = processor.run("serve")
    assert second.returncode == 1 and "is in use by process" in second.stderr
    now = json.loads(processor.run("status", "--json").stdout)
    assert (now["alive"], now["done"], now["detector"]) == (True, 1, "yunet")
    assert processor.stop() == 0
    assert status.read(home.path).state == "stopped"
    assert processor.run("status").returncode == 1


def test_ctrl_c_in_mid_analysis_stops_at_once_and_goes_on_later(processor, home):
    clips.plain(home.inbox / "clip.mp4", seconds=30)
    processor.serve(settle_s=0.2, sample_fps=25)
    processor.until(lambda: status.read(home.path).jobs)
    assert processor.stop() == 0
    assert "Traceback" not in processor.log.read_text()
    processor.serve(settle_s=0.2, sample_fps=25)
    processor.until(lambda: processor.query(FINISHED))
    assert processor.query("SELECT attempt FROM run") == [(1,)]


@pytest.mark.slow
def test_kill_9_at_ten_moments_loses_nothing_and_doubles_nothing(processor, home):
    """Killed ten times while small videos are analysed: what was seen as finished stays, and all get finished."""
    chance = random.Random(7)
    for number in range(8):
        clips.plain(home.inbox / f"{number}.mp4", seconds=2 + number, size_wh=(160, 120))
    seen: dict[int, str] = {}
    for turn in range(10):
        processor.serve(settle_s=0.2, max_attempts=20)
        if turn % 2 and len(seen) < 8:  # on a slow machine too, some kills come after something was finished
            processor.until(lambda known=seen: len(processor.query(FINISHED)) > len(known), within_s=120)
            time.sleep(chance.uniform(0, 0.5))
        else:
            time.sleep(chance.uniform(0.2, 7.0))
        processor.service.kill()
        processor.service.wait()
        now = dict(processor.query(FINISHED))
        assert seen.items() <= now.items()
        seen = now
    assert seen, "the kills came too early to prove anything"
    processor.serve(settle_s=0.2, max_attempts=20)
    processor.until(lambda: len(processor.query(FINISHED)) == 8, within_s=120)
    assert processor.stop() == 0
    finished = dict(processor.query(FINISHED))
    assert seen.items() <= finished.items()
    assert len(set(finished.values())) == 8
    assert processor.query("SELECT DISTINCT state::VARCHAR FROM run") == [("done",)]
    assert processor.query("SELECT count(*), count(DISTINCT (run_id, frame)) FROM frame GROUP BY ALL") == [
        (sum(2 * (2 + number) for number in range(8)),) * 2
    ]
    assert processor.query("SELECT count(*) FROM run WHERE current") == [(8,)]
