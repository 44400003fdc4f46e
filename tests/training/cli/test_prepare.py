"""`training prepare`: what it writes, what it says, and that trouble is a sentence and exit code 1."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from training import datasets
from training.__main__ import app

REPOSITORY = Path(__file__).parents[3]
LEVELS = [str(i % 256) for i in range(2304)]


def prepare(*arguments):
    return CliRunner().invoke(app, ["prepare", *map(str, arguments)], catch_exceptions=False)


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "fer2013.csv"
    path.write_text(
        f"emotion,pixels,Usage\n3,{' '.join(LEVELS)},Training\n4,{' '.join(LEVELS[:1152] * 2)},PrivateTest\n"
    )
    return path


def test_it_goes_to_the_home_under_the_sets_name(table, tmp_path):
    done = prepare(table, "--home", tmp_path / "home", "--report", tmp_path / "report.json")
    assert done.exit_code == 0
    assert done.stdout.strip() == str(tmp_path / "home/datasets/fer2013.npz")
    faces = datasets.load(tmp_path / "home/datasets/fer2013.npz")
    assert faces.usage.tolist() == ["Training", "PrivateTest"]
    assert json.loads((tmp_path / "report.json").read_text())["faces"] == 2
    assert "PrivateTest" in done.stderr


def test_two_runs_write_the_same_bytes(table, tmp_path):
    for name in ("a", "b"):
        prepare(table, "--out", tmp_path / f"{name}.npz", "--illumination", "blend", "--subset", 1, "--seed", 2)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    faces = datasets.load(tmp_path / "a.npz")
    assert (len(faces), faces.illumination) == (1, "blend")


def test_everything_at_once(tmp_path, picture):
    for i, emotion in enumerate(("happy", "sad", "happy", "sad")):
        picture(tmp_path / "set" / ("train" if i < 2 else "test") / emotion / f"{i}.png", 60)
    (tmp_path / "set/train/sad/9.png").write_bytes((tmp_path / "set/test/happy/2.png").read_bytes())
    out, folders = tmp_path / "out.npz", tmp_path / "standard"
    done = prepare(tmp_path / "set", "--out", out, "--folders", folders, "--drop-duplicates", "--align", "haar")
    assert done.exit_code == 0, done.output
    assert "Aligning with haar" in done.stderr
    assert sorted(path.relative_to(folders).as_posix() for path in folders.rglob("*.png")) == [
        "test/happy/2.png", "test/sad/3.png", "train/happy/0.png", "train/sad/1.png",
    ]  # fmt: skip
    assert len(datasets.load(out)) == 4


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere.csv"], "nowhere.csv does not exist"),
        (["{table}", "--out", "{table}"], "is a .npz file"),
        (["{table}", "--report", "{table}"], "it can't be written, too"),
        (["{table}", "--out", "{table}/set.npz"], "can't be written"),
        (["{table}", "--format", "mosaic"], "is a file; the format mosaic is not"),
        (["{table}", "--ferplus", "{table}"], "lacks the column.s. neutral"),
        (["{table}", "--align", "yunet"], "processor models pull"),
        (["{table}", "--mapping", "{table}"], "is a file; the format mapped is not"),
    ],
)
def test_trouble_is_a_sentence_and_exit_code_1(table, tmp_path, monkeypatch, capfd, arguments, words):
    from training.__main__ import main

    before = table.read_bytes()
    told = [argument.format(table=table) for argument in arguments]
    monkeypatch.setattr(sys, "argv", ["training", "prepare", *told, "--home", str(tmp_path / "home")])
    monkeypatch.setenv("COLUMNS", "400")
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 1
    assert re.search(words, " ".join(capfd.readouterr().err.split()))
    assert table.read_bytes() == before
    assert not list(tmp_path.rglob("*.npz")) and not list(tmp_path.rglob("*.part"))


@pytest.mark.slow
def test_a_full_disk(table, tmp_path):
    """A limit on file size stands for a disk that is full: the old set stays, nothing half-written is left."""
    out = tmp_path / "set.npz"
    out.write_bytes(b"what was there")
    code = (
        "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (200, 200));"
        f"import sys; sys.argv = ['training', 'prepare', {str(table)!r}, '--out', {str(out)!r}];"
        "from training.__main__ import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True)
    assert done.returncode == 1
    assert "can't be written: File too large" in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert out.read_bytes() == b"what was there"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fer2013.csv", "set.npz"]
