"""What the engine refuses by itself: all that is not one query of the snapshot. In this process: that is fast."""

import os
import shutil

import duckdb
import pandas as pd
import pytest

from db import sandbox_process
from db.store import Store
from tests.db import rows


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory, blank):
    folder = tmp_path_factory.mktemp("sandbox")
    shutil.copy(blank, folder / "store.duckdb")
    (folder / "secret.csv").write_text("word\nswordfish\n")
    with Store(folder / "store.duckdb", folder / "results") as store:
        rows.analysed(store, "v1", "happy")
        return store.publish()


@pytest.fixture
def ask(snapshot):
    def ask(sql, **limits):
        asked = {"snapshot": str(snapshot), "sql": sql, "rows": 1000, "result_bytes": 1_000_000, "seconds": 5.0}
        return sandbox_process.answer(asked | {"memory_bytes": 200_000_000} | limits)

    return ask


@pytest.mark.parametrize(
    "sql, found",
    [
        ("SELECT video_id FROM video", ["v1"]),
        ("-- of all\nFROM (VALUES (1), (2)) t(n); ", [1, 2]),
        ("WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 3) FROM r ORDER BY n", [1, 2, 3]),
        ("SELECT column_name FROM (DESCRIBE emotion)", ["emotion", "category", "valence"]),
        ("PIVOT (SELECT 'a' AS k, 1 AS v) ON k USING sum(v)", [1]),
        ("SELECT 'ä\nö' AS text", ["ä\nö"]),
        ("SELECT 1 WHERE false", []),
    ],
)
def test_questions_are_answered(ask, sql, found):
    header, table = ask(sql)
    assert header["truncated"] is None and header["seconds"] >= 0
    assert table.column(0).to_pylist() == found


@pytest.mark.parametrize("sql", ["SHOW TABLES", "DESCRIBE video", "SUMMARIZE emotion", "EXPLAIN ANALYZE SELECT 1"])
def test_questions_about_the_results(ask, sql):
    assert ask(sql)[1].num_rows > 0


@pytest.mark.parametrize("sql", ["", "  \n", "-- nothing", ";"])
def test_no_question(ask, sql):
    with pytest.raises(sandbox_process.Refused, match="There is no query in that"):
        ask(sql)


@pytest.mark.parametrize("sql", ["SELECT 1; SELECT 2", "SELECT 1; DROP TABLE video", "SET threads = 1; SELECT 1"])
def test_several_statements(ask, sql):
    with pytest.raises(sandbox_process.Refused, match="These are 2 statements; one query at a time"):
        ask(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO emotion VALUES ('happy', 'positive', 1)", "UPDATE video SET name = 'x'", "DELETE FROM video",
        "TRUNCATE video", "DROP TABLE video", "ALTER TABLE video ADD COLUMN x INT", "COMMENT ON TABLE video IS 'x'",
        "CREATE TABLE x AS SELECT 1", "CREATE TEMP TABLE x AS SELECT 1", "CREATE TEMP MACRO f() AS 1",
        "CREATE TEMP VIEW x AS SELECT 1", "CREATE SECRET (TYPE s3)", "CREATE TYPE x AS ENUM ('a')",
        "MERGE INTO video USING video AS u ON video.video_id = u.video_id WHEN MATCHED THEN DELETE",
        "SET threads = 8", "SET VARIABLE x = 1", "RESET threads", "RESET memory_limit", "USE memory",
        "SET enable_external_access = true", "SET lock_configuration = false", "SET memory_limit = '8GB'",
        "PRAGMA memory_limit = '8GB'", "PRAGMA database_list", "PRAGMA enable_profiling", "PRAGMA threads = 8",
        "ATTACH 'other.duckdb'", "ATTACH ':memory:' AS other", "DETACH results", "DETACH memory",
        "COPY video TO 'x.csv'", "COPY (SELECT 1) TO '/tmp/x.parquet'", "COPY video FROM 'x.csv'",
        "COPY FROM DATABASE memory TO temp", "EXPORT DATABASE 'x'", "IMPORT DATABASE 'x'",
        "INSTALL httpfs", "LOAD httpfs", "LOAD '/tmp/x.duckdb_extension'", "FORCE INSTALL httpfs", "UPDATE EXTENSIONS",
        "CHECKPOINT", "FORCE CHECKPOINT", "VACUUM", "ANALYZE", "BEGIN", "COMMIT", "ROLLBACK",
        "PREPARE p AS SELECT 1", "EXECUTE p", "DEALLOCATE p", "CALL pragma_version()", "CALL enable_logging()",
        "EXPLAIN ANALYZE INSERT INTO emotion VALUES ('happy', 'positive', 1)",
        "EXPLAIN ANALYZE CREATE TABLE x AS SELECT 1", "EXPLAIN ANALYZE COPY video TO 'x.csv'",
        "EXPLAIN ANALYZE ATTACH 'other.duckdb'", "EXPLAIN COPY video TO 'x.csv'",
        "WITH x AS (INSERT INTO emotion VALUES ('happy', 'positive', 1) RETURNING *) SELECT * FROM x",
    ],
)  # fmt: skip
def test_what_does_not_only_read_is_refused(ask, snapshot, sql):
    before = snapshot.read_bytes()
    with pytest.raises((sandbox_process.Refused, duckdb.Error)):
        ask(sql)
    assert snapshot.read_bytes() == before


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM '{secret}'", "SELECT * FROM read_csv('{secret}')", "SELECT * FROM read_csv_auto('{secret}')",
        "SELECT * FROM read_text('{secret}')", "SELECT * FROM read_blob('{secret}')",
        "SELECT * FROM glob('{folder}/*')",
        "SELECT * FROM sniff_csv('{secret}')", "SELECT * FROM read_parquet('{secret}')", "SELECT * FROM '{secret}*'",
        "SELECT * FROM parquet_metadata('{secret}')", "SELECT * FROM read_json('{secret}')",
        "SELECT * FROM read_ndjson_objects('{secret}')", "SELECT * FROM read_duckdb('{folder}/store.duckdb')",
        "SELECT * FROM read_csv('/dev/stdin')", "SELECT * FROM read_text('/proc/self/environ')",
        "SELECT * FROM read_csv('https://example.org/x.csv')", "SELECT * FROM 's3://bucket/x.parquet'",
        "SELECT * FROM sqlite_scan('{secret}', 'x')", "SELECT getenv('HOME')", "SELECT * FROM secret_rows",
        "SELECT * FROM pandas_scan(12345)", "SELECT * FROM arrow_scan(1, 2, 3)", "SELECT * FROM python_map_function(1)",
        "SELECT * FROM query('SELECT * FROM read_text(''{secret}'')')", "SELECT * FROM query_table('{secret}')",
        "SELECT * FROM video, LATERAL (SELECT * FROM read_text('{secret}'))",
        "SELECT (SELECT content FROM read_text('{secret}'))",
    ],
)  # fmt: skip
def test_nothing_but_the_snapshot_can_be_read(ask, snapshot, sql):
    secret_rows = pd.DataFrame({"word": ["swordfish"]})  # noqa: F841  (what a query might find in this process)
    folder = snapshot.parent.parent
    with pytest.raises(duckdb.Error) as refused:
        ask(sql.format(secret=folder / "secret.csv", folder=folder))
    assert "swordfish" not in str(refused.value) and os.environ["HOME"] not in str(refused.value)


def test_there_are_no_secrets_and_settings_stay(ask):
    assert ask("FROM duckdb_secrets()")[1].num_rows == 0
    assert ask("FROM which_secret('s3://x', 's3')")[1].num_rows == 0
    names = "'enable_external_access', 'lock_configuration', 'temp_directory', 'python_enable_replacements'"
    settings = ask(f"SELECT name, value FROM duckdb_settings() WHERE name IN ({names})")[1].to_pylist()
    assert {row["name"]: row["value"] for row in settings} == {
        "enable_external_access": "false", "lock_configuration": "true", "temp_directory": "",
        "python_enable_replacements": "false",
    }  # fmt: skip


def test_rows_and_bytes_are_limited(ask):
    header, table = ask("FROM range(1001)")
    assert (header["truncated"], table.num_rows) == ("rows", 1000)
    header, table = ask("FROM range(1000)")
    assert (header["truncated"], table.num_rows) == (None, 1000)
    header, table = ask("SELECT repeat('x', 10_000) AS x FROM range(1000)")  # 10 MB, of which 1 MB is let through
    assert header["truncated"] == "bytes" and 90 <= table.num_rows <= 100
    header, table = ask("SELECT repeat('x', 2_000_000) AS x")  # the first row alone is too large
    assert (header["truncated"], table.num_rows, table.column_names) == ("bytes", 0, ["x"])


def test_time_is_limited(ask):
    with pytest.raises(duckdb.InterruptException):
        ask("SELECT count(*) FROM range(10_000_000) a, range(10_000_000) b", seconds=0.2)


@pytest.mark.parametrize("sql, location", [
    ("SELECT * FORM video", [14, 5]), ("SELECT name,\n  näme FROM video", [15, 5]), ("SELECT * FROM gone", [14, 4]),
    ("SELECT name::INT FROM video", [11, 5]), ("SELECT error('{boo: x}')", None),
])  # fmt: skip
def test_errors_say_where(ask, sql, location):
    """In bytes; ä has two."""
    with pytest.raises((duckdb.Error, OSError)) as failed:
        ask(sql)
    told = sandbox_process.told(failed.value)
    assert told["location"] == location
    assert told["error"].partition(":")[0].endswith("Error") and '"exception' not in told["error"]
