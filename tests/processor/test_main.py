"""The command line: what it prints where, its exit status, and its help. Work is done by a stand-in for the network."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time

import pytest
from typer.testing import CliRunner

from processor import analyses, models_files, service, status, up
from processor.__main__ import app
from processor.active import Active
from processor.config import Settings
from processor.progress import note
from processor.status import Status
from processor.worker import Job
from tests.processor import engine_work


@pytest.fixture
def run(home, monkeypatch):
    """Runs a command in this process; the workers do what the files say (see engine_work)."""
    monkeypatch.setenv("MOODREEL_HOME", str(home.path))
    make = analyses.LocalEngine
    monkeypatch.setattr(analyses, "LocalEngine", lambda settings, load: make(settings, engine_work.load))
    monkeypatch.setattr("processor.reuse.model_id_of", lambda settings: "stand-in-1-00000000")
    return lambda *arguments: CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.mark.parametrize("command", [[], ["up"], ["serve"], ["analyze"], ["status"], ["models"], ["models", "pull"]])
def test_help(run, command):
    result = run(*command, "--help")
    assert result.exit_code == 0 and "Usage" in result.stdout


def test_help_names_units_and_defaults(run):
    text = " ".join(run("analyze", "--help").stdout.replace("│", " ").split())
    assert "per second of video. Default: 2." in text and "auto, yunet or haar. Default: auto." in text


@pytest.mark.slow
def test_analyze_json(run, tmp_path):
    (tmp_path / "in" / "deeper").mkdir(parents=True)
    (tmp_path / "in" / "a.mp4").write_text("seconds 5")
    (tmp_path / "in" / "deeper" / "b.mp4").write_text("unreadable")
    (tmp_path / "in" / "notes.txt").write_text("not looked at")
    result = run("analyze", tmp_path / "in", tmp_path / "gone.mp4", "--json")
    assert result.exit_code == 1
    answer = json.loads(result.stdout)  # nothing else is on standard output
    assert set(answer) == {"videos", "seconds", "model", "detector"}
    assert (answer["model"], answer["detector"]) == ("stand-in-1-00000000", "haar")
    good, bad, gone = answer["videos"]
    assert set(good) == {
        "path", "video_id", "run_id", "state", "error", "duration_s", "frames_sampled", "frames_with_face", "tracks",
        "seconds", "shares", "mean_valence",
    }  # fmt: skip
    assert (good["state"], good["error"], good["frames_sampled"], good["tracks"]) == ("done", None, 5, 1)
    assert good["shares"] == {
        "angry": 0, "disgust": 0, "fear": 0, "happy": 1, "sad": 0, "surprise": 0, "neutral": 0,
    }  # fmt: skip
    assert good["mean_valence"] == pytest.approx(0.8)
    assert (bad["state"], bad["error"]) == ("failed", "b.mp4 is not a video.")
    assert (gone["state"], gone["error"]) == ("failed", f"{tmp_path / 'gone.mp4'} does not exist.")


@pytest.mark.slow
def test_analyze_does_the_same_thing_once(run, tmp_path):
    clip = tmp_path / "clip.mp4"
    clip.write_text("seconds 2")

    def run_id(*flags):
        result = run("analyze", clip, "--detector", "haar", "--json", *flags)
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)["videos"][0]["run_id"]

    assert [run_id(), run_id(), run_id("--sample-fps", "5"), run_id("--again")] == [1, 1, 2, 3]


@pytest.mark.slow
def test_analyze_for_people(run, tmp_path):
    (tmp_path / "two\nlines.mp4").write_text("seconds 2")
    result = run("analyze", tmp_path)
    assert result.exit_code == 0
    assert "two\\nlines.mp4: 2 frames, 2 with a face; happy 100%; mean valence +0.80 (run 1)\n" in result.stdout


def test_analyze_of_nothing(run, tmp_path):
    (tmp_path / "empty").mkdir()
    result = run("analyze", tmp_path / "empty", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["videos"][0]["error"] == f"There is no video in {tmp_path / 'empty'}."


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (["--sample-fps", "0"], "`sample_fps`: Input should be greater than 0"),
        (["--detector", "magic"], "`detector`: Input should be 'auto', 'yunet' or 'haar'"),
        (["--jobs", "0"], "`jobs`: Input should be greater than or equal to 1"),
    ],
)
def test_flags_that_do_not_fit(run, tmp_path, flags, sentence):
    result = run("analyze", tmp_path, *flags)
    assert result.exit_code == 1 and result.stdout == "" and sentence in result.stderr


def test_status(run, home):
    result = run("status")
    assert result.exit_code == 1
    assert result.stdout == f"Not running on {home.path}. Start it with `python -m processor up`.\n"
    assert json.loads(run("status", "--json").stdout) == {"alive": False}
    now = service._now()
    job = Active(Job(1, "/x", "clip.mp4", Settings()), "0" * 16, 1, 60.0, 15.0, 30)
    status.write(home.path, Status(os.getpid(), "0", now, now, "running", 3, 2, 1, [job.as_status()]))
    result = run("status")
    assert result.exit_code == 0 and "3 queued, 2 done, 1 failed" in result.stdout
    assert "clip.mp4: 15 of 60 s" in result.stdout
    assert json.loads(run("status", "--json").stdout)["alive"] is True


@pytest.mark.parametrize(
    ("share", "eta_s", "line"),
    [
        (None, None, "  The playable copy of two\\nlines.mp4: begins\n"),
        (0.254, 74.6, "  The playable copy of two\\nlines.mp4: 25%, 75 s left\n"),
    ],
)
def test_status_lists_what_is_being_made(run, home, share, eta_s, line):
    now = service._now()
    made = {"made_id": "a", "video_id": "0" * 16, "kind": "proxy", "name": "two\nlines.mp4"}
    made |= {"share": share, "eta_s": eta_s}
    status.write(home.path, Status(os.getpid(), "0", now, now, "running", making=[made]))
    assert line in run("status").stdout


@pytest.mark.parametrize(
    ("change", "alive"),
    [
        ({}, True),
        ({"state": "stopped"}, False),
        ({"heartbeat": "2026-01-01T00:00:00+00:00"}, False),
        ({"pid": 2**22}, False),
    ],
)
def test_status_is_alive(home, change, alive):
    now = service._now()
    fields = {"pid": os.getpid(), "version": "0", "started_at": now, "heartbeat": now, "state": "running"}
    status.write(home.path, Status(**(fields | change)))
    assert status.read(home.path).alive is alive


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": 1}', "null"])
def test_status_that_is_none(home, content):
    home.status.write_text(content)
    assert status.read(home.path) is None


def test_progress_note():
    job = {"attempt": 1, "frames_per_s": 40.4, "eta_s": 75.2}
    assert note(job) == "40 frames/s, 1:15 left"
    assert note(job | {"frames_per_s": None, "eta_s": None}) == ""
    assert note(job | {"attempt": 0}) == "loading the model"


def test_models_pull_takes_only_what_it_knows(run, home, tmp_path, monkeypatch):
    (tmp_path / "some.onnx").write_bytes(b"abc")
    result = run("models", "pull", "--from", tmp_path / "some.onnx")
    assert result.exit_code == 1 and "is not a known YuNet file" in result.stderr
    assert list(home.models.iterdir()) == []
    sha256_of_abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    monkeypatch.setattr(models_files, "YUNET_SHA256", {"face_detection_yunet_test.onnx": sha256_of_abc})
    result = run("models", "pull", "--from", tmp_path / "some.onnx")
    assert result.exit_code == 0
    assert (home.models / "face_detection_yunet_test.onnx").read_bytes() == b"abc"


def test_models_pull_without_a_network(home):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/yunet.onnx"
        with pytest.raises(models_files.ModelFileUnusable, match="Moodreel works without it, with the Haar detector"):
            models_files.pull(home.models, url=url)


def test_models_list(run):
    result = run("models", "list")
    assert result.exit_code == 0 and "haar" in result.stdout and "models pull" in result.stdout


# --- up: two processes that live and end together ---

SLEEPER = "import signal, sys, time; signal.signal(signal.SIGTERM, lambda *_: sys.exit(0)); time.sleep(60)"


def start_up(home, processor, dashboard):
    """`up` with two stand-ins, in a process of its own."""
    script = (
        "import sys; from pathlib import Path; from processor import up\n"
        f"commands = {{'the processor': [sys.executable, '-c', {processor!r}],"
        f" 'the dashboard': [sys.executable, '-c', {dashboard!r}]}}\n"
        f"sys.exit(up.run(Path({str(home.path)!r}), commands, 1, lambda text: print(text, flush=True)))\n"
    )
    env = os.environ | {"PYTHONPATH": str(up.DASHBOARD.parent.parent)}
    return subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, env=env)


def test_up_stops_both_when_asked(home, tmp_path):
    said = tmp_path / "home.txt"
    tells = f"import os; open({str(said)!r}, 'w').write(os.environ['MOODREEL_HOME'])\n{SLEEPER}"
    process = start_up(home, tells, SLEEPER)
    while not (said.exists() and said.read_text()):
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=15)
    assert (process.returncode, output) == (0, "Stopping.\n")
    assert said.read_text() == str(home.path)


def test_up_stops_the_other_when_one_ends_and_says_which(home):
    process = start_up(home, SLEEPER, "import sys; sys.exit(3)")
    output, _ = process.communicate(timeout=15)
    assert process.returncode == 1
    assert output == "Stopping, because the dashboard ended by itself (exit status 3). It said why above.\n"


def test_up_on_a_port_that_is_taken(run):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = run("up", "--port", port)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"Port {port} of 127.0.0.1 is taken by another program.")
