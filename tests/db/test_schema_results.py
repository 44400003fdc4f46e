"""What the snapshot says about its own tables."""

import pytest

from db import results, schema_results
from tests.db import rows


@pytest.fixture
def con(store, home):
    rows.analysed(store, "v1", "happy")
    store.publish()
    with results.connect(home.snapshot) as con:
        yield con


def test_every_table_and_column_is_explained(con):
    tables = schema_results.tables(con)
    assert {"video", "observation", "saved_query", "timeline", "cohort_summary"} <= set(tables["name"])
    assert tables["kind"].tolist() == sorted(tables["kind"], reverse=True)  # views first
    assert tables["comment"].notna().all()
    for name in tables["name"]:
        columns = schema_results.columns(con, name)
        assert len(columns) and columns["comment"].notna().all(), name
        assert con.execute(schema_results.everything(name, list(columns["name"]))).fetchone is not None


def test_columns_in_their_order(con):
    columns = schema_results.columns(con, "emotion")
    assert columns["name"].tolist() == ["emotion", "category", "valence"]
    assert columns["type"].tolist()[2] == "FLOAT"
    assert schema_results.columns(con, "gone").empty


def test_a_query_for_a_whole_table():
    assert schema_results.everything("t", ["a", "b c"]) == 'SELECT a, "b c"\nFROM t\nLIMIT 1000'
