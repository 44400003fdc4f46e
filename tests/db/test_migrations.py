import duckdb
import pytest

from db.migrations import migrate, migrations, version
from db.store import Store, StoreDamaged, StoreTooNew


@pytest.fixture
def memory():
    with duckdb.connect() as connection:
        yield connection


@pytest.fixture
def folder(tmp_path):
    """A folder of migrations whose first one is the real one."""
    (tmp_path / "0001_initial.sql").write_text(migrations()[0].sql)
    return tmp_path


def test_an_empty_store_has_version_0(memory):
    assert version(memory) == 0


def test_a_new_store_gets_every_migration_with_its_record(memory):
    assert migrate(memory) == len(migrations()) == version(memory)
    recorded = memory.execute("SELECT version, name FROM schema_version ORDER BY version").fetchall()
    assert recorded == [(migration.version, migration.name) for migration in migrations()]


def test_a_store_that_is_up_to_date_is_left_alone(memory):
    migrate(memory)
    assert migrate(memory) == 0


def test_only_the_missing_migrations_are_applied(memory, folder):
    migrate(memory, folder)
    (folder / "0002_colour.sql").write_text("ALTER TABLE video ADD COLUMN colour VARCHAR;")
    assert migrate(memory, folder) == 1
    assert version(memory) == 2
    memory.execute("SELECT colour FROM video")


def test_a_migration_that_fails_leaves_nothing_behind(memory, folder):
    (folder / "0002_half.sql").write_text("CREATE TABLE half (x INTEGER); INSERT INTO nowhere VALUES (1);")
    with pytest.raises(duckdb.CatalogException, match="nowhere"):
        migrate(memory, folder)
    assert version(memory) == 1
    assert memory.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'half'").fetchone() == (0,)


def test_a_store_from_a_newer_moodreel_is_refused_with_a_sentence(home):
    with Store(home.store) as store:
        store._write("INSERT INTO schema_version VALUES (7, 'future', '2030-01-01')")
    with pytest.raises(
        StoreTooNew, match=r"schema version 7, and this Moodreel knows versions up to 5.*Update Moodreel"
    ):
        Store(home.store)
    # It was let go, so the newer Moodreel can have it.
    duckdb.connect(home.store).close()


def test_someone_elses_database_is_refused_and_not_touched(home):
    with duckdb.connect(home.store) as other:
        other.execute("CREATE TABLE invoice (amount INTEGER)")
    with pytest.raises(StoreDamaged, match="invoice"):
        Store(home.store)
    with duckdb.connect(home.store) as other:
        assert other.execute("SELECT table_name FROM duckdb_tables()").fetchall() == [("invoice",)]


@pytest.mark.parametrize("name", ["0003_gap.sql", "0001_twice.sql", "2_short.sql"])
def test_a_migration_out_of_order_is_an_error(folder, name):
    (folder / name).write_text("SELECT 1;")
    with pytest.raises(ValueError, match=r"Expected migration 000[12]_<name>.sql"):
        migrations(folder)


def test_every_table_and_view_and_all_their_columns_have_a_comment(memory):
    migrate(memory)
    bare = memory.execute("""
        SELECT table_name FROM duckdb_tables() WHERE comment IS NULL
        UNION ALL SELECT view_name FROM duckdb_views() WHERE comment IS NULL AND NOT internal
        UNION ALL SELECT table_name || '.' || column_name FROM duckdb_columns() WHERE comment IS NULL AND NOT internal
    """).fetchall()
    assert bare == []


def test_the_tables_and_views_of_the_design_are_there(memory):
    migrate(memory)
    names = {name for (name,) in memory.execute("SELECT table_name FROM information_schema.tables").fetchall()}
    assert names >= {
        *("video", "file", "run", "run_summary", "frame", "track", "observation", "emotion", "model", "evaluation"),
        *("evaluation_class", "confusion", "training_epoch", "prediction_sample", "alert_rule", "alert", "request_log"),
        *(
            "erasure_log",
            "schema_version",
            "evaluation_curve",
            "evaluation_group",
            "timeline",
            "video_summary",
            "session_summary",
            "cohort_summary",
        ),
        *("minute_share", "people_edit", "marker", "excluded_range", "baseline", "reviewed_moment", "made_file"),
    }
