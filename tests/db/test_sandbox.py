"""Queries in a process of their own: what is found, what is said when it goes wrong, and that nothing else suffers."""

from pathlib import Path

import pytest

from db import results, sandbox
from db.sandbox import Limits, QueryFailed, Running, ask, place
from tests.db import rows


@pytest.fixture
def snapshot(store):
    rows.analysed(store, "v1", "happy")
    return store.publish()


def failure(snapshot, sql, **limits) -> QueryFailed:
    with pytest.raises(QueryFailed) as failed:
        ask(snapshot, sql, Limits(**limits))
    return failed.value


def test_an_answer_and_a_mistake(snapshot, home):
    answer = ask(home.snapshot, "SELECT 1 AS a, 'x' AS a, name AS \"a_1\" FROM video")  # the pointer will do, too
    assert answer.rows.to_pylist() == [{"a": 1, "a_1": "x", "a_1_1": "v1.mp4"}]
    assert answer.truncated is None and 0 <= answer.seconds < 10
    failed = failure(snapshot, "SELECT name,\n\tnäme AS 'x'\nFROM video")
    assert str(failed).startswith('Binder Error: Referenced column "näme" not found')
    assert (failed.place.line, failed.place.column) == (2, 2)
    assert failed.place.excerpt == "Line 2:  näme AS 'x'\n         ^^^^"
    assert failure(snapshot, "SELECT 1; SELECT 2").place is None


def test_a_text_that_is_too_long_is_not_even_looked_at(snapshot):
    failed = failure(snapshot, "SELECT 1 -- " + "x" * 10_000_000)
    assert str(failed) == "The query is 10,000,012 characters long; at most 100,000 are read."


def test_a_query_is_stopped(snapshot):
    running = Running(snapshot, "SELECT count(*) FROM range(10_000_000) a, range(10_000_000) b")
    while running.started_at is None:
        assert not running.wait(0.01)
    assert running.elapsed_s() >= 0
    running.stop()
    with pytest.raises(QueryFailed, match="The query was stopped."):
        running.answer()
    running.stop()  # once more does nothing
    assert ask(snapshot, "SELECT 2").rows.column(0).to_pylist() == [2]


@pytest.mark.slow
def test_no_more_than_some_at_once(snapshot):
    """The next one waits its turn, and can be stopped while it does."""
    endless = "SELECT count(*) FROM range(10_000_000) a, range(10_000_000) b"
    running = [Running(snapshot, endless) for _ in range(sandbox.AT_ONCE)]
    while any(one.started_at is None for one in running):
        assert not running[0].wait(0.01)
    waiting, other = Running(snapshot, "SELECT 1"), Running(snapshot, "SELECT 2")
    assert not waiting.wait(0.3) and waiting.started_at is None and waiting.elapsed_s() == 0
    waiting.stop()
    with pytest.raises(QueryFailed, match="stopped"):
        waiting.answer()
    for one in running:
        one.stop()
    assert other.answer().rows.num_rows == 1


def test_places():
    sql = "SELECT ä,\n  b\r\nFROM t"
    assert place(sql, None) is None and place(sql, [99, 1]) is None and place(sql, [-1, 1]) is None
    assert place(sql, [13, 1]).excerpt == "Line 2:   b \n          ^"
    assert (place("", [0, 1]).line, place("", [0, 1]).column) == (1, 1)
    long = place("SELECT " + "a, " * 100 + "nosuch" + ", b" * 100, [307, 6])
    assert long.column == 308
    text, marks = long.excerpt.split("\n")
    assert text[marks.index("^") : marks.index("^") + 6] == "nosuch" and marks.count("^") == 6
    assert text.startswith("Line 1: …") and text.endswith("…") and len(text) < 130


def test_nothing_of_the_environment_is_handed_on(snapshot, monkeypatch):
    monkeypatch.setenv("MOODREEL_SMTP_PASSWORD", "swordfish")
    process = sandbox._started()
    environment = Path(f"/proc/{process.pid}/environ").read_bytes()
    process.communicate()  # who kept it has gone: it ends
    assert b"swordfish" not in environment and process.returncode == 0


MORE_MEMORY, TOO_LONG, BROKE = "needs more than 1 GB of memory", "stopped after 10 seconds", "broke the process"
DEEP = "Max expression depth limit"
HEAVY = {
    "rows without end": ("FROM range(1_000_000_000_000)", "rows"),
    "recursion without end": ("WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) FROM r", "rows"),
    "recursion for nothing": (
        "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT count(*) FROM r", TOO_LONG),
    "recursion that grows": (
        "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n FROM r, range(10)) SELECT count(*) FROM r", MORE_MEMORY),
    "cross join counted": ("SELECT count(*) FROM range(10_000_000) a, range(10_000_000) b", TOO_LONG),
    "cross join sorted": (
        "SELECT a.range FROM range(100_000) a, range(100_000) b ORDER BY a.range * b.range", (MORE_MEMORY, TOO_LONG)),
    "a text of a gigabyte": ("SELECT repeat('x', 1_000_000_000)", (MORE_MEMORY, TOO_LONG)),
    "a text of a tenth": ("SELECT repeat('x', 100_000_000)", ("bytes", TOO_LONG)),
    "many of these": ("SELECT repeat('x', 100_000_000) FROM range(50)", ("bytes", MORE_MEMORY, TOO_LONG)),
    "texts added up": ("SELECT string_agg(repeat('x', 100_000), '') FROM range(100_000)", MORE_MEMORY),
    "wide rows": ("SELECT repeat('x', 10_000) AS x FROM range(100_000)", "bytes"),
    "a list of a billion": ("SELECT range(1_000_000_000)", MORE_MEMORY),
    "a list added up": ("SELECT list_aggregate(range(300_000_000), 'sum')", MORE_MEMORY),
    "a list gathered": ("SELECT list(range) FROM range(1_000_000_000)", (MORE_MEMORY, TOO_LONG)),
    "brackets": ("SELECT " + "(" * 40_000 + "1" + ")" * 40_000, DEEP),
    "lists in lists": ("SELECT " + "[" * 40_000 + "1" + "]" * 40_000, DEEP),
    "a long sum": ("SELECT 1" + "+1" * 45_000, DEEP),
    "not not not": ("SELECT " + "NOT " * 20_000 + "true", DEEP),
    "queries in queries": ("SELECT * FROM " + "(SELECT * FROM " * 5000 + "video" + ")" * 5000, DEEP),
    "many columns": ("SELECT " + ", ".join(f"{number}" for number in range(15_000)), (None, TOO_LONG, MORE_MEMORY)),
    "many joins": (
        "SELECT count(*) FROM video " + " ".join(f"CROSS JOIN frame f{n}" for n in range(500)),
        (None, TOO_LONG, MORE_MEMORY)),
    "backtracking": ("SELECT regexp_matches(repeat('a', 1_000_000), '(a*)*b') FROM range(10_000)", (None, TOO_LONG)),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", HEAVY)
def test_what_is_too_much_is_stopped(name, snapshot):
    """And meanwhile somebody else reads, and the next query works."""
    sql, expected = HEAVY[name]
    expected = expected if isinstance(expected, tuple) else (expected,)
    running = Running(snapshot, sql)
    while not running.wait(0.5):
        with results.connect(snapshot) as con:
            assert con.execute("SELECT count(*) FROM video").fetchone() == (1,)
    try:
        answer = running.answer()
        assert answer.rows.nbytes <= sandbox.LIMITS.result_bytes
        assert answer.truncated in expected
    except QueryFailed as failed:
        assert any(said in str(failed) for said in expected if said), failed
    assert ask(snapshot, "SELECT 2").rows.column(0).to_pylist() == [2]
