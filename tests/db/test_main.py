import csv
import io
import json
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from db.__main__ import app
from db.store import Store
from processor.config import Home
from tests.db.rows import analysed, finish, queue, video

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def run(home):
    """Run a command on the home; returns its result, with what was printed on stdout and stderr."""

    def run(*arguments):
        return CliRunner().invoke(app, [*arguments, "--home", str(home.path)], terminal_width=120)

    return run


@pytest.fixture(scope="module")
def home_as_published(tmp_path_factory):
    home = Home(tmp_path_factory.mktemp("published"))
    with Store(home.store, home.results) as store:
        analysed(store, "v1", "happy", "sad", "sad")
        store.add_video(video("v2", name='odd, "name"', tags={"room": "2"}))
        store.publish()
    return home


@pytest.fixture
def published(home, home_as_published):
    """A home with two videos, one of them analysed, published and let go."""
    shutil.copytree(home_as_published.path, home.path, symlinks=True, dirs_exist_ok=True)


# --- sql


@pytest.mark.parametrize("arguments", [("sql", "SELECT 1"), ("export", "out"), ("check",)])
def test_without_results_it_says_what_to_do(run, arguments):
    result = run(*arguments)
    assert result.exit_code == 1
    assert "There are no results in" in result.stderr and "python -m processor up" in result.stderr


def test_a_table_is_printed(run, published):
    result = run("sql", "SELECT name, mean_valence, subject FROM video_summary ORDER BY name")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert [cell.strip() for cell in lines[1].strip("┃").split("┃")] == ["name", "mean_valence", "subject"]
    assert [cell.strip() for cell in lines[4].strip("│").split("│")] == ["v1.mp4", "-0.333333", "NULL"]


def test_no_rows_is_an_empty_table_csv_and_list(run, published):
    query = "SELECT name FROM video WHERE false"
    assert "name" in run("sql", query).stdout
    assert run("sql", query, "--csv").stdout == "name\n"
    assert json.loads(run("sql", query, "--json").stdout) == []


def test_a_table_says_when_it_was_cut(run, published):
    result = run("sql", "SELECT range AS number FROM range(300)", "--limit", "2")
    assert "Only the first 2 rows are shown" in result.stderr
    assert len(result.stdout.splitlines()) == 6
    exact = run("sql", "SELECT range AS number FROM range(100)")
    assert len(exact.stdout.splitlines()) == 104 and exact.stderr == ""


def test_what_looks_like_markup_is_printed_as_it_is(run, published):
    assert "[red]x[/red]" in run("sql", "SELECT '[red]x[/red]' AS text").stdout


def test_csv_is_whole_and_quoted(run, published):
    result = run("sql", "SELECT name, tags, [1.5, NULL] AS list FROM video ORDER BY video_id", "--csv")
    rows = list(csv.reader(io.StringIO(result.stdout)))
    assert rows == [
        ["name", "tags", "list"],
        ["v1.mp4", "", "[1.5, null]"],
        ['odd, "name"', '{"room": "2"}', "[1.5, null]"],
    ]
    assert len(run("sql", "FROM range(25000)", "--csv").stdout.splitlines()) == 25001


def test_json_keeps_lists_maps_and_nulls(run, published):
    query = (
        "SELECT tags, 'nan'::DOUBLE AS x, TIMESTAMP '2026-03-01 12:00' AS t, [[1]] AS list FROM video ORDER BY video_id"
    )
    assert json.loads(run("sql", query, "--json").stdout) == [
        {"tags": None, "x": None, "t": "2026-03-01T12:00:00", "list": [[1]]},
        {"tags": {"room": "2"}, "x": None, "t": "2026-03-01T12:00:00", "list": [[1]]},
    ]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("", "no query"),
        ("/* nothing */", "no query"),
        ("SELEC", "syntax error"),
        ("SELECT * FROM nowhere", "nowhere"),
        ("DELETE FROM video", "read-only"),
        ("SELECT * FROM read_csv('/etc/passwd')", "disabled by configuration"),
        ("COPY video TO 'out.csv'", "disabled by configuration"),
        ("SET enable_external_access = true", "locked|Cannot"),
    ],
)
def test_what_cannot_be_done_is_said_by_duckdb(run, published, query, message):
    result = run("sql", query)
    assert result.exit_code == 1
    assert any(word in result.stderr for word in message.split("|")), result.stderr
    assert "Traceback" not in result.stderr


def test_csv_and_json_exclude_each_other(run, published):
    assert run("sql", "SELECT 1", "--csv", "--json").exit_code == 1


def test_it_answers_while_the_processor_has_the_store_open(home):
    with Store(home.store, home.results) as store:
        analysed(store, "v1", "happy")
        store.publish()
        result = subprocess.run(
            [sys.executable, "-m", "db", "sql", "SELECT count(*) AS n FROM timeline", "--csv", "--home", home.path],
            capture_output=True,
            text=True,
            cwd=REPOSITORY,
        )
    assert (result.stdout, result.returncode) == ("n\n1\n", 0), result.stderr


def test_the_home_comes_from_the_environment(home, published, monkeypatch):
    monkeypatch.setenv("MOODREEL_HOME", str(home.path))
    assert CliRunner().invoke(app, ["sql", "SELECT 1 AS x", "--csv"]).stdout == "x\n1\n"


# --- export


def test_export_writes_every_table_and_view(run, published, tmp_path):
    folder = tmp_path / "deep" / "out"
    assert run("export", str(folder)).exit_code == 0
    written = {path.stem: pq.read_table(path) for path in folder.iterdir()}
    assert len(written) == 43
    assert {path.suffix for path in folder.iterdir()} == {".parquet"}
    assert written["alert"].num_rows == 0 and "raised_at" in written["alert"].column_names
    assert written["video"].num_rows == 2
    timeline = written["timeline"].to_pylist()
    assert [row["emotion"] for row in timeline] == ["happy", "sad", "sad"]
    assert [row["t_s"] for row in timeline] == [0.0, 0.5, 1.0]
    assert written["run_summary"]["valence_curve"].to_pylist()[0][:2] == [0.0, -1.0]


def test_export_to_where_nothing_can_be_written_says_so(run, published, tmp_path):
    (tmp_path / "file").write_text("")
    result = run("export", str(tmp_path / "file"))
    assert result.exit_code == 1 and "can't be written to" in result.stderr


# --- check


def test_an_empty_store_is_in_order(run, home):
    Store(home.store).close()
    result = run("check")
    assert result.exit_code == 0, result.stdout
    assert "store.duckdb" in result.stdout


def test_a_sound_store_is_in_order(run, home, published):
    with Store(home.store, home.results) as store:
        for emotions in ((), ("fear", "neutral")):
            finish(store, queue(store, "v1"), emotions=emotions, empty_frames=2)
        store.add_video(video("v3", duration_s=None))
        finish(store, queue(store, "v3"), emotions=("happy",) * 5)
        store.cancel_run(queue(store, "v2"))
    result = run("check")
    assert result.exit_code == 0, result.stdout
    assert all(line.endswith(": ok") for line in result.stdout.splitlines()[1:])


def test_the_snapshot_is_checked_while_another_process_has_the_store(run, home, published):
    hold = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", hold, home.store], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        other.stdout.readline()
        result = run("check")
        other.communicate("\n", timeout=20)
    assert result.exit_code == 0, result.stderr
    assert "results.duckdb" in result.stdout.splitlines()[0]


def test_what_does_not_agree_is_said_and_the_exit_is_1(run, home, published):
    with duckdb.connect(home.store) as connection:
        connection.execute("DELETE FROM track; UPDATE run SET current = false")
    result = run("check")
    assert result.exit_code == 1
    assert "in a frame and a track of its run, once: 3 observations that don't" in result.stdout
    assert "the newest: 1 videos where that is not so: v1" in result.stdout
    assert "4 of the checks found something wrong" in result.stderr


def test_a_damaged_store_is_said_in_a_sentence(run, home):
    home.store.write_bytes(b"rubbish" * 999)
    result = run("check")
    assert result.exit_code == 1 and "not a store" in result.stderr
